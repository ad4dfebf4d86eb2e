import { connect, type Socket } from "node:net";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { sent, wireFull, type ByteLink, type Sending } from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { addressOf, networkReason } from "../network-reason.ts";
import type { TcpReach } from "../reach.ts";
import { createReopeningLink } from "./reopening-link.ts";

/** How long a device may take to answer a call. */
const connectTimeoutMs = 5_000;

/** Unsent bytes from which `write` drops: devices are sent commands, never bulk. */
const unsentBytesMax = 64 * 1024;

/** When a silent connection is first probed. This finds a device that has lost its power. */
export const keepAliveAfterMs = 5_000;

export interface TcpOptions<Reach> {
  readonly reach: Reach;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/** A device that listens on TCP, as bytes. TCP_NODELAY is set: telegrams are small and urgent. */
export function openTcpLink({ reach, clock, entropy, log }: TcpOptions<TcpReach>): ByteLink {
  return createReopeningLink({
    clock,
    entropy,
    log: log.child("tcp", { address: addressOf(reach.host, reach.port) }),
    attempt(handlers) {
      const socket = connect({
        host: reach.host,
        port: reach.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveAfterMs,
      });
      const address = addressOf(reach.host, reach.port);
      let reason = deviceReason("connectionLost", { address });
      const overdue = clock.schedule(monotonicMs(clock.monotonic() + connectTimeoutMs), () => {
        reason = deviceReason("noAnswer", { address, seconds: connectTimeoutMs / 1_000 });
        socket.destroy();
      });
      socket.on("connect", () => {
        overdue.cancel();
        handlers.onOpen();
      });
      socket.on("data", (chunk: Buffer) => handlers.onBytes(chunk));
      socket.on("error", (error) => {
        reason = networkReason(error, address);
      });
      // The device has closed its side, so nobody would read what is sent.
      socket.on("end", () => socket.destroy());
      socket.on("close", () => {
        overdue.cancel();
        handlers.onClose(reason);
      });
      return {
        write: (bytes) => writeToSocket(socket, bytes),
        close: () =>
          new Promise((resolve) => {
            overdue.cancel();
            if (socket.closed) return resolve();
            socket.on("close", () => resolve());
            socket.destroy();
          }),
      };
    },
  });
}

/** Nothing waits long: what a device does not take is refused, and never said later. */
export function writeToSocket(socket: Socket, bytes: Uint8Array): Sending {
  if (socket.writableLength + bytes.length > unsentBytesMax) return wireFull;
  socket.write(bytes);
  return sent;
}
