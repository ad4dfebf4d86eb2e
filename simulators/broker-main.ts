import { createServer, type AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { Aedes } from "aedes";

const help = `The lab's MQTT broker.

  node simulators/broker-main.ts [--port N] [--host ADDRESS]

  --port   TCP port; 0, the default, takes any free one
  --host   address to listen on; default 127.0.0.1

Prints one JSON line when it listens: {"kind":"ready","port":N}. Keeps nothing on disk.
Exit codes: 0 stopped by a signal, 1 cannot listen, 2 bad arguments.`;

/** A broker holds messages for slow clients in memory; more at once than this is a flood. */
const concurrentMessagesMax = 100;

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return;
  const aedes = await Aedes.createBroker({ concurrency: concurrentMessagesMax });
  // Without it a quality-of-service 1 round trip waits for delayed acknowledgements: 88 ms.
  const server = createServer({ noDelay: true }, (socket) => aedes.handle(socket));
  server.on("error", (error) => {
    console.error(`broker: ${error.message}`);
    process.exit(1);
  });
  server.listen(options.port, options.host, () => {
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

function readOptions(): { readonly port: number; readonly host: string } | null {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "0" },
        host: { type: "string", default: "127.0.0.1" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return null;
    }
    const port = Number(values.port);
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { port, host: values.host };
    throw new Error(`--port: ${values.port} is not a port`);
  } catch (error) {
    console.error(`broker: ${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exitCode = 2;
    return null;
  }
}

await main();
