import { createServer, type AddressInfo } from "node:net";
import { Aedes } from "aedes";
import { answer, createCommandLine, textOption, wholeOption } from "../protocols/command-line.ts";

const help = `The lab's MQTT broker.

  node simulators/broker-main.ts [--port N] [--host ADDRESS]

  --port   TCP port; 0, the default, takes any free one
  --host   address to listen on; default 127.0.0.1

Prints one JSON line when it listens: {"kind":"ready","port":N}. Keeps nothing on disk.
Exit codes: 0 stopped by a signal, 1 cannot listen, 2 bad arguments.`;

const commandLine = createCommandLine({
  name: "broker",
  usage: help,
  options: { port: wholeOption(0, 65_535), host: textOption("an address") },
});

/**
 * A broker holds messages for slow clients in memory. More than this at once would be a flood, so
 * the rest waits at the sender.
 */
const concurrentMessagesMax = 100;

async function main(): Promise<void> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") {
    process.exitCode = answer(read, console);
    return;
  }
  const { port = 0, host = "127.0.0.1" } = read.values;
  const aedes = await Aedes.createBroker({ concurrency: concurrentMessagesMax });
  // Without `noDelay` a round trip with quality of service 1 waits for a delayed acknowledgement,
  // which takes 88 ms.
  const server = createServer({ noDelay: true }, (socket) => aedes.handle(socket));
  server.on("error", (error) => {
    console.error(`broker: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, host, () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ kind: "ready", port }));
  });
  const stop = (): void => {
    server.close();
    aedes.close(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

await main();
