import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { ByteLink } from "../../../protocols/transport.ts";
import type { ModbusSlave } from "./modbus-slave.ts";

/** A controller's Modbus TCP on loopback, for several masters at once. */
export interface PlcModbusServer {
  /** Listens at the port it had before, or at any free one. */
  start(): Promise<void>;
  /** Masters are cut off; the controller goes on. */
  stop(): Promise<void>;
  /** Known once started. */
  port(): number;
}

export function createPlcModbusServer(slave: ModbusSlave, givenPort = 0): PlcModbusServer {
  const masters = new Set<Socket>();
  let server: Server | null = null;
  let port = givenPort;

  const join = (socket: Socket): void => {
    masters.add(socket);
    const take = slave.connect((bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    });
    socket.on("data", take);
    // A master that is gone is gone, whatever it was that happened to it.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => masters.delete(socket));
  };

  return {
    async start() {
      const next = createServer({ noDelay: true }, join);
      await new Promise<void>((resolve, reject) => {
        next.once("error", reject);
        next.listen(port, "127.0.0.1", resolve);
      });
      port = (next.address() as AddressInfo).port;
      server = next;
    },
    async stop() {
      const last = server;
      server = null;
      for (const socket of masters) socket.destroy();
      if (last !== null) await new Promise<void>((resolve) => last.close(() => resolve()));
    },
    port: () => port,
  };
}

/** A controller at the end of a serial line, which has one master. */
export function attachSlave(slave: ModbusSlave, link: ByteLink): void {
  const take = slave.connect((bytes) => link.write(bytes));
  link.open({ onOpen: () => {}, onBytes: take, onClose: () => {} });
}
