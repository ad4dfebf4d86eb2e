import { createServer, type Server, type Socket } from "node:net";
import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import {
  notConnected,
  type ByteLink,
  type ByteLinkHandlers,
} from "../../../protocols/transport.ts";
import type { Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { addressOf } from "../network-reason.ts";
import type { TcpListenReach } from "../reach.ts";
import { createReopenPace } from "../reopen-pace.ts";
import { createWireLog } from "../wire-log.ts";
import { keepAliveAfterMs, writeToSocket, type TcpOptions } from "./tcp-link.ts";

/**
 * A device that calls us, as bytes. It alone is let in, by its address; its newest call counts, since
 * the one before may be half dead without either end having noticed. Whoever else calls is hung up on
 * and told of.
 */
export function openTcpListenLink(options: TcpOptions<TcpListenReach>): ByteLink {
  const { reach, clock, entropy, log } = options;
  const address = addressOf(reach.host, reach.port);
  const tcpLog = log.child("tcp", { address, from: reach.from });
  const wireLog = createWireLog({ log: tcpLog, clock });
  const pace = createReopenPace({ clock, entropy });
  let handlers: ByteLinkHandlers | null = null;
  let server: Server | null = null;
  let device: Socket | null = null;
  let retry: Timer | null = null;
  let isClosed = false;

  const tell = (reason: DeviceReason): void => {
    if (isClosed) return;
    wireLog.closed(reason);
    handlers?.onClose(reason);
  };
  const end = (reason: DeviceReason): void => {
    const lost = device;
    if (lost === null) return;
    device = null;
    lost.destroy();
    tell(reason);
  };
  const lose = (detail?: string): void =>
    end(deviceReason("connectionLost", { address: reach.from, detail }));

  const take = (socket: Socket): void => {
    let why: string | undefined;
    socket.on("error", (error) => {
      why = error.message;
    });
    const caller = callerOf(socket);
    if (isClosed || caller === null) return void socket.destroy();
    if (caller !== reach.from) {
      socket.destroy();
      tcpLog.debug("another machine called", { caller });
      if (device === null) tell(deviceReason("strangerCalled", { address: caller }));
      return;
    }
    lose("it has called anew");
    device = socket;
    socket.on("data", (chunk: Buffer) => {
      if (device === socket) handlers?.onBytes(chunk);
    });
    // The device has closed its side, so nobody would read what is sent.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      if (device === socket) lose(why);
    });
    wireLog.opened();
    handlers?.onOpen();
  };

  const listen = (): void => {
    retry = null;
    const listening = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveAfterMs },
      take,
    );
    server = listening;
    listening.on("listening", () => {
      pace.opened();
      tell(deviceReason("awaited", { address }));
    });
    listening.on("error", ({ message }) => {
      if (isClosed || server !== listening) return;
      server = null;
      listening.close();
      lose(message);
      retry = clock.schedule(monotonicMs(clock.monotonic() + pace.nextDelayMs()), listen);
      tell(deviceReason("cannotOpen", { address, detail: message }));
    });
    listening.listen({ host: reach.host, port: reach.port, exclusive: true });
  };

  return {
    open(given) {
      handlers = given;
      listen();
    },
    write: (bytes) => (device === null ? notConnected : writeToSocket(device, bytes)),
    renew: end,
    async close() {
      if (isClosed) return;
      isClosed = true;
      retry?.cancel();
      wireLog.stop();
      device?.destroy();
      device = null;
      const closing = server;
      if (closing === null) return;
      await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
  };
}

/** As written in a configuration: a machine of IPv4 is one on a socket of IPv6 as well. */
const callerOf = ({ remoteAddress }: Socket): string | null =>
  remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
