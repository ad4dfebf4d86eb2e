/**
 * Goal: each simulated device can be played by hand, in a process of its own; what is wrong with its
 * arguments is named. Method: the real program, and a socket at the other end.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createTelegramParser } from "../../protocols/xray/telegram-frame.ts";
import { decodeXrayTelegram, encodeXrayTelegram } from "../../protocols/xray/telegrams.ts";
import { readAloneOptions } from "../../simulators/alone/options.ts";
import { killProgram, startProgram } from "../kit/own-programs.ts";
import { freePort } from "../kit/ports.ts";

describe("a device by itself", () => {
  test("a scanner reads what is typed", async () => {
    const scanner = await startProgram(
      "simulators/alone/main.ts",
      "scanner --tcp 0 --preset keyence --plain --typed".split(" "),
    );
    onTestFinished(() => killProgram(scanner));
    const at = String(scanner.ready["at"]);
    const socket = connect({ host: "127.0.0.1", port: Number(at.split(":")[1]) });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    const heard: string[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
    scanner.child.stdin?.write("RB123456785GB CP473124829CN\n\n");
    while (heard.join("").split("\r").length < 3) await once(socket, "data");
    expect(heard.join("")).toBe("]C0RB123456785GB,]C0CP473124829CN\rNoRead\r");
  });

  test("a sorter tells of its belt in telegrams", async () => {
    const sorter = await startProgram(
      "simulators/alone/main.ts",
      `sorter --tcp 0 --belt ${await freePort()}`.split(" "),
    );
    onTestFinished(() => killProgram(sorter));
    const at = String(sorter.ready["at"]);
    const socket = connect({ host: "127.0.0.1", port: Number(at.split(":")[1]) });
    onTestFinished(() => void socket.destroy());
    const heard: string[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
    await once(socket, "connect");
    while (!/^\$E,[^*]+,belt,[^*]+\*[0-9A-F]{4}\r$/m.test(heard.join("")))
      await once(socket, "data");
  });
});

describe("an X-ray machine by itself", () => {
  test("begins a session with whoever greets it over TCP", async () => {
    const xray = await startProgram("simulators/alone/main.ts", ["xray", "--tcp", "0"]);
    onTestFinished(() => killProgram(xray));
    const port = Number(String(xray.ready["at"]).split(":")[1]);
    const socket = connect({ host: "127.0.0.1", port });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    const parser = createTelegramParser();
    const greetings: number[] = [];
    socket.on("data", (chunk: Buffer) => {
      for (const word of parser.push(chunk)) {
        if (word.kind !== "telegram") continue;
        const decoded = decodeXrayTelegram(word);
        if (decoded.kind === "ok" && decoded.telegram.kind === "start") {
          greetings.push(decoded.telegram.greeting);
        }
      }
    });
    socket.write(encodeXrayTelegram({ kind: "lineLife", session: 0, greeting: 4_711 }, 0));
    while (greetings.length === 0) await once(socket, "data");
    expect(greetings[0]).toBe(4_711);
  });

  test("is an object of an OPC UA server", async () => {
    const xray = await startProgram("simulators/alone/main.ts", ["xray", "--opcua", "0"]);
    onTestFinished(() => killProgram(xray));
    expect(xray.ready["at"]).toMatch(/^opc\.tcp:\/\/127\.0\.0\.1:\d+$/);
  });
});

test.each([
  ["", "a device is wanted: sorter, scanner, scale, xray"],
  ["camera", "camera: no such device: sorter, scanner, scale, xray"],
  ["scanner", "scanner: exactly one of --serial, --tcp, --call, --mqtt is wanted"],
  [
    "scanner --tcp 1 --serial /x",
    "scanner: exactly one of --serial, --tcp, --call, --mqtt is wanted",
  ],
  ["xray --mqtt mqtt://127.0.0.1", "--mqtt and --base go together"],
  ["xray --mqtt broker --base x", "--mqtt: broker is no broker's URL"],
  ["scanner --call device", "--call: device is not HOST:PORT"],
  ["xray --tcp 1 --secure", "--secure: only with --opcua"],
  ["xray --opcua 0 --certificate expired", "--certificate: only with --secure"],
  ["xray --opcua 0 --secure --certificate odd", "--certificate: odd is not known"],
  ["xray --opcua 0 --user a:b", "--user: only with --secure or --mqtt"],
  ["xray --opcua 0 --secure --user a", "--user: NAME:PASSWORD is wanted"],
  ["scanner --tcp 1 --ca x", "--ca: only with --mqtt"],
  ["scanner --tcp 1 --preset acme", "--preset: acme is not known"],
  ["xray", "xray: exactly one of --opcua, --mqtt, --serial, --tcp, --call is wanted"],
  ["sorter", "sorter: exactly one of --opcua, --mqtt, --serial, --tcp, --call is wanted"],
  ["sorter --opcua 1 --centre here", "--centre: here is no URL"],
])("simulate %s", (words, sentence) => {
  const read = readAloneOptions(words.split(" ").filter((word) => word !== ""));
  expect(read.kind === "refused" && read.text.split("\n")[0]).toBe(`simulate: ${sentence}`);
});
