import { read } from "node:fs";
import { promisify } from "node:util";
import { SerialPort } from "serialport";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { sent, wireFull, type ByteLink } from "../../../protocols/transport.ts";
import type { SerialReach } from "../reach.ts";
import { createReopeningLink } from "./reopening-link.ts";

/** Unsent bytes from which `write` drops: half a second at 9,600 baud would be 480 already. */
const unsentBytesMax = 4 * 1024;

export interface SerialLinkOptions {
  readonly reach: SerialReach;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/**
 * A serial line, held exclusively. Pulling the plug closes it; the path is opened anew for ever, so
 * that a device plugged in again is found under its old name.
 */
export function openSerialLink({ reach, clock, entropy, log }: SerialLinkOptions): ByteLink {
  const serialLog = log.child("serial", { address: reach.path });
  const closed = (error: Error | null): void => {
    if (error) serialLog.debug("not left in order", { error });
  };
  return createReopeningLink({
    clock,
    entropy,
    log: serialLog,
    attempt(handlers) {
      const { path, baudRate, dataBits, parity, stopBits } = reach;
      const settings = { path, baudRate, dataBits, parity, stopBits };
      const port = new SerialPort({ ...settings, lock: true, autoOpen: false });
      let isOver = false;
      const end = (code: "cannotOpen" | "connectionLost", error?: Error | null): void => {
        if (isOver) return;
        isOver = true;
        handlers.onClose(deviceReason(code, { address: path, detail: error?.message }));
      };
      port.on("open", () => tellHangUp(port));
      port.on("data", (chunk: Buffer) => handlers.onBytes(chunk));
      port.on("error", (error: Error) => {
        if (port.isOpen) port.close(closed);
        end("connectionLost", error);
      });
      port.on("close", (error: Error | null) => end("connectionLost", error));
      port.open((error) => {
        if (error) end("cannotOpen", error);
        else if (isOver) port.close(closed);
        else {
          // Bytes that the line held before it was opened are thrown away: nobody could say how old
          // they are. So a line that keeps them is not used.
          port.flush((unflushed) => {
            if (isOver) return;
            if (!unflushed) return handlers.onOpen();
            end("cannotOpen", unflushed);
            if (port.isOpen) port.close(closed);
          });
        }
      });
      return {
        write(bytes) {
          if (port.writableLength + bytes.length > unsentBytesMax) return wireFull;
          port.write(bytes);
          return sent;
        },
        close: () =>
          new Promise((resolve) => {
            isOver = true;
            if (port.isOpen) {
              port.close((error) => {
                closed(error);
                resolve();
              });
            } else resolve();
          }),
      };
    },
  });
}

const readNow = promisify(read);

/**
 * A line that has hung up has nothing to read and never will have, and says so at every read. The
 * library reads it again and again for ever, and nobody hears that the plug was pulled while bytes
 * came. So the reading is done here, until the line has hung up or is closed; the library closes a
 * line whose read fails. Called when the line is open and before the library reads it.
 */
function tellHangUp({ port: line }: SerialPort): void {
  if (line === undefined || !("poller" in line)) return;
  const readable = (): Promise<void> =>
    new Promise((resolve, reject) => {
      line.poller.once("readable", (error) => (error === null ? resolve() : reject(error)));
    });
  line.read = async (buffer, offset, length) => {
    while (line.fd !== null) {
      const bytesRead = await readNow(line.fd, buffer, offset, length, null).then(
        (result) => result.bytesRead,
        (error: unknown) => {
          if (isNothingYet(error)) return null;
          throw error;
        },
      );
      if (bytesRead === 0) throw new Error("the line has hung up");
      if (bytesRead !== null) return { buffer, bytesRead };
      if (line.isOpen) await readable();
    }
    throw Object.assign(new Error("closed"), { canceled: true });
  };
}

const isNothingYet = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EAGAIN" || error.code === "EINTR");
