import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { deviceReason } from "../../protocols/device-reasons.ts";
import {
  notConnected,
  sent,
  wireFull,
  type ByteLink,
  type ByteLinkHandlers,
} from "../../protocols/transport.ts";

/** Unsent bytes from which a device drops what it says: nobody is reading. */
const unsentBytesMax = 64 * 1024;

/** A device that listens on TCP, as scanners and scales with an Ethernet port do. */
export interface TcpLine {
  readonly link: ByteLink;
  /** Resolves to the port once it listens; rejects when it cannot. */
  readonly listening: Promise<number>;
  /** Cuts the connection and listens no more, until `replug`. */
  unplug(): void;
  /** Listens on the same port again. */
  replug(): void;
}

/** One agent at a time; a new connection replaces the one before, which may be half dead. */
export function listenTcpLine({ host = "127.0.0.1", port = 0 } = {}): TcpLine {
  let handlers: ByteLinkHandlers | null = null;
  let agent: Socket | null = null;
  let portInUse = port;

  const drop = (reason: string): void => {
    const dropped = agent;
    agent = null;
    dropped?.destroy();
    if (dropped !== null) handlers?.onClose(deviceReason("connectionLost", { detail: reason }));
  };

  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", (error) => {
      if (agent === socket) drop(error.message);
    });
    if (handlers === null) {
      socket.destroy();
      return;
    }
    drop("another agent connected");
    agent = socket;
    socket.on("data", (bytes: Buffer) => {
      if (agent === socket) handlers?.onBytes(bytes);
    });
    socket.on("close", () => {
      if (agent === socket) drop("the agent hung up");
    });
    handlers.onOpen();
  });
  const listening = new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      portInUse = (server.address() as AddressInfo).port;
      resolve(portInUse);
    });
  });

  return {
    listening,
    link: {
      open(given) {
        handlers = given;
      },
      write(bytes) {
        if (agent === null) return notConnected;
        if (agent.writableLength + bytes.length > unsentBytesMax) return wireFull;
        agent.write(bytes);
        return sent;
      },
      close() {
        handlers = null;
        drop("closed");
        return new Promise((resolve) => server.close(() => resolve()));
      },
    },
    unplug() {
      server.close();
      drop("unplugged");
    },
    replug() {
      if (!server.listening) server.listen(portInUse, host);
    },
  };
}

/** How long a device waits before it calls again. */
const callAgainAfterMs = 20;

/** A device that calls the line over TCP, and again for ever. */
export function callTcpLine(host: string, port: number): Omit<TcpLine, "listening"> {
  let handlers: ByteLinkHandlers | null = null;
  let line: Socket | null = null;
  let isOpen = false;
  let isUnplugged = false;

  const call = (): void => {
    if (handlers === null || isUnplugged) return;
    const socket = connect({ host, port, noDelay: true });
    let why = "the line hung up";
    line = socket;
    socket.on("connect", () => {
      if (line !== socket) return;
      isOpen = true;
      handlers?.onOpen();
    });
    socket.on("data", (bytes: Buffer) => {
      if (line === socket) handlers?.onBytes(bytes);
    });
    socket.on("error", ({ message }) => {
      why = message;
    });
    socket.on("close", () => {
      if (line !== socket) return;
      hangUp(why);
      setTimeout(call, callAgainAfterMs);
    });
  };
  const hangUp = (detail: string): void => {
    const wasOpen = isOpen;
    isOpen = false;
    line?.destroy();
    line = null;
    if (wasOpen) handlers?.onClose(deviceReason("connectionLost", { detail }));
  };

  return {
    link: {
      open(given) {
        handlers = given;
        call();
      },
      write(bytes) {
        if (line === null || !isOpen) return notConnected;
        if (line.writableLength + bytes.length > unsentBytesMax) return wireFull;
        line.write(bytes);
        return sent;
      },
      async close() {
        handlers = null;
        hangUp("closed");
      },
    },
    unplug() {
      isUnplugged = true;
      hangUp("unplugged");
    },
    replug() {
      isUnplugged = false;
      if (line === null) call();
    },
  };
}
