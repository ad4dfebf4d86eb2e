import type { Socket } from "node:net";
import type { z } from "zod";
import { decodeJson } from "../../protocols/json-message.ts";
import { lineBytesMax } from "./belt-messages.ts";

/** JSON lines of a socket, one by one; a line that is none of these is dropped, a longer one too. */
export function readJsonLines<T>(
  socket: Socket,
  schema: z.ZodType<T>,
  onMessage: (message: T) => void,
): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n")) {
      const decoded = decodeJson(schema, held.subarray(0, end), lineBytesMax);
      held = held.subarray(end + 1);
      if (decoded.kind === "ok") onMessage(decoded.value);
    }
    if (held.length > lineBytesMax) held = Buffer.alloc(0);
  });
}

export const writeJsonLine = (socket: Socket, message: object): void => {
  socket.write(`${JSON.stringify(message)}\n`);
};
