import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPacketSizeWatch } from "../../edge/devices/wires/mqtt-packet-size.ts";
import { startBroker, startLabBroker } from "../bench/broker.ts";

export interface SmallBrokerOptions {
  readonly brokerBytesMax: number;
  /** Whether clients may hear of the bound from the broker. */
  readonly isTold: boolean;
}

/** A broker that hangs up on a longer packet, behind a door at which its clients are counted. */
export interface SmallBroker {
  readonly url: string;
  /** What it is. */
  readonly name: string;
  connects(): number;
  stop(): Promise<void>;
}

/** The broker is stopped and its folder removed whatever happens. */
export async function withSmallBroker(
  options: SmallBrokerOptions,
  work: (broker: SmallBroker) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-broker-"));
  try {
    const broker = await startSmallBroker(folder, options);
    try {
      await work(broker);
    } finally {
      await broker.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * mosquitto bounds packets itself, and tells clients of MQTT 5 so; before the lab's own broker, which
 * tells nobody anything, the door does it.
 */
async function startSmallBroker(
  folder: string,
  { brokerBytesMax: packetBytesMax, isTold }: SmallBrokerOptions,
): Promise<SmallBroker> {
  const broker = isTold
    ? await startBroker(folder, [`max_packet_size ${packetBytesMax}`])
    : await startLabBroker();
  const isBounded = broker.name.startsWith("mosquitto");
  const sockets = new Set<Socket>();
  let connects = 0;

  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };

  const door = createServer({ noDelay: true }, (client) => {
    connects += 1;
    const inside = connect({ host: "127.0.0.1", port: broker.port, noDelay: true });
    keep(client, inside);
    keep(inside, client);
    const isWithin = createPacketSizeWatch(packetBytesMax);
    client.on("data", (chunk: Uint8Array) => {
      if (!isBounded && !isWithin(chunk)) client.destroy();
      else inside.write(chunk);
    });
    inside.pipe(client);
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));

  return {
    url: `mqtt://127.0.0.1:${(door.address() as AddressInfo).port}`,
    name: broker.name,
    connects: () => connects,
    async stop() {
      door.close();
      for (const socket of sockets) socket.destroy();
      await broker.child.stop();
    },
  };
}
