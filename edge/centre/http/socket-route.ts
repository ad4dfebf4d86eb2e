import type { WebSocket } from "ws";
import type { Role } from "../../../protocols/actor.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { HubSocket, SocketHub } from "../page/socket-hub.ts";

export const socketPath = "/ws";
/** A connection that does not answer the closing handshake is cut after this. */
const closeWaitMs = 1_000;

interface SocketParts {
  readonly hub: SocketHub;
  readonly clock: Clock;
  readonly log: Log;
}

/** Connects the hub to a real socket. The hub refuses every write (PF-23). */
export function attachSocket(
  socket: WebSocket,
  role: Role,
  { hub, clock, log }: SocketParts,
): void {
  // Without a listener an error on one socket would end the process; `close` follows it.
  const failed = (error: Error): void => log.debug("a page's socket failed", { role, error });
  socket.on("error", failed);
  const connection = hub.attach({ role, ...hubSocketOf(socket, clock, failed) });
  socket.on("message", (data, isBinary) => {
    if (isBinary) connection.onBinary();
    else connection.onText(textOf(data));
  });
  socket.on("close", () => connection.onClosed());
}

function hubSocketOf(
  socket: WebSocket,
  clock: Clock,
  failed: (error: Error) => void,
): Omit<HubSocket, "role"> {
  return {
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text, (error) => error && failed(error));
    },
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, why) => {
      socket.close(code, why.slice(0, 100));
      const cut = clock.schedule(monotonicMs(clock.monotonic() + closeWaitMs), () =>
        socket.terminate(),
      );
      socket.on("close", () => cut.cancel());
    },
  };
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString("utf8");
}
