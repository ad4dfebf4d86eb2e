import { collect } from "./collect.ts";

/**
 * Loaded before a program whose memory is measured from outside: at SIGUSR2 it collects what nobody
 * holds any more, and says so in a line of JSON. The program itself is as it is.
 */
process.on("SIGUSR2", () => {
  void collect().then(() => console.log(JSON.stringify({ kind: "collected" })));
});
