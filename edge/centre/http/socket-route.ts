import type { WebSocket } from "ws";
import type { Role } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { HubSocket, SocketHub } from "../page/socket-hub.ts";

export const socketPath = "/ws";
/** A connection that does not answer the closing handshake is cut after this. */
const closeWaitMs = 1_000;

/** Connects the hub to a real socket. The hub refuses every write (PF-23). */
export function attachSocket(
  socket: WebSocket,
  role: Role,
  { hub, clock }: { readonly hub: SocketHub; readonly clock: Clock },
): void {
  // Without a listener an error on one socket would end the process; `close` follows it.
  socket.on("error", () => {});
  const connection = hub.attach({ role, ...hubSocketOf(socket, clock) });
  socket.on("message", (data, isBinary) => {
    if (isBinary) connection.onBinary();
    else connection.onText(textOf(data));
  });
  socket.on("close", () => connection.onClosed());
}

function hubSocketOf(socket: WebSocket, clock: Clock): Omit<HubSocket, "role"> {
  return {
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text, () => {});
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
