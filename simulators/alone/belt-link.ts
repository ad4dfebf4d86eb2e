import { connect, createServer, type Socket } from "node:net";
import type { BeltMessage, DeviceMessage } from "./belt-messages.ts";
import { zBeltMessage, zDeviceMessage } from "./belt-messages.ts";
import { readJsonLines, writeJsonLine } from "./json-lines.ts";

const host = "127.0.0.1";

/** The belt's end: devices of other processes come and go. */
export interface BeltServer {
  /** To every device that is there now; nothing is kept for those that are not. */
  tell(message: BeltMessage): void;
  close(): Promise<void>;
}

/** Rejects where the port is taken, in a sentence that names it. */
export async function serveBelt(
  port: number,
  handlers: {
    readonly onMessage: (message: DeviceMessage) => void;
    /** A device's connection has failed; it is gone, or will come again. */
    readonly onLost: (why: string) => void;
  },
): Promise<BeltServer> {
  const devices = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    devices.add(socket);
    socket.on("error", ({ message }) => handlers.onLost(message));
    socket.on("close", () => devices.delete(socket));
    readJsonLines(socket, zDeviceMessage, handlers.onMessage);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portTaken(error, port)));
    server.listen(port, host, resolve);
  });
  return {
    tell(message) {
      for (const device of devices) writeJsonLine(device, message);
    },
    close() {
      for (const device of devices) device.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function portTaken(error: Error, port: number): Error {
  if (!("code" in error) || error.code !== "EADDRINUSE") return error;
  const why = `${port} is in use on ${host}, by another belt or another program`;
  return new Error(`--belt: ${why}; name another port, and the same to the devices`);
}

/** A device's end. */
export interface BeltClient {
  /** Lost while the belt is not there. */
  tell(message: DeviceMessage): void;
  close(): void;
}

const againAfterMs = 300;

/** Looks for the belt for ever: the processes start and end in any order. */
export function reachBelt(
  port: number,
  handlers: {
    readonly onMessage: (message: BeltMessage) => void;
    readonly onReached: () => void;
    /** It was there, or was not reached; once until it is reached again. */
    readonly onLost: (why: string) => void;
  },
): BeltClient {
  let socket: Socket | null = null;
  let isThere = false;
  let isLossTold = false;
  let isClosed = false;
  const reach = (): void => {
    const next = connect({ port, host, noDelay: true });
    socket = next;
    let why = "the belt has hung up";
    next.on("connect", () => {
      isThere = true;
      isLossTold = false;
      handlers.onReached();
    });
    next.on("error", ({ message }) => {
      why = message;
    });
    next.on("close", () => {
      isThere = false;
      if (isClosed) return;
      if (!isLossTold) handlers.onLost(why);
      isLossTold = true;
      setTimeout(reach, againAfterMs);
    });
    readJsonLines(next, zBeltMessage, handlers.onMessage);
  };
  reach();
  return {
    tell(message) {
      if (isThere && socket !== null) writeJsonLine(socket, message);
    },
    close() {
      isClosed = true;
      socket?.destroy();
    },
  };
}
