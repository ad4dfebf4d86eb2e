import { write } from "node:fs";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";

/** Where written lines of the log go. */
export interface LogOutput {
  /** False: dropped, because too much waits already or because nobody can read it any more. */
  write(text: string): boolean;
  /** Resolves when all has been written, or when nothing was for `waitMsMax`. */
  flush(waitMsMax: number): Promise<void>;
}

/** Writes some of the bytes and says how many; as `fs.write` does. */
export type WriteSome = (
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, writtenBytes: number) => void,
) => void;

/**
 * Bytes that may wait for a reader who does not read. Further lines are dropped: the belt does not
 * wait for whoever reads a log (law 12).
 */
export const waitingBytesMax = 4 * 1024 * 1024;
const busyRetryMs = 50;

const standardError: WriteSome = (bytes, done) => write(2, bytes, done);

/**
 * Writes off the main thread, one piece after the other. Node's own `process.stderr` waits for the
 * reader of a pipe, and its whole process with it.
 */
export function openLogOutput(clock: Clock, writeSome: WriteSome = standardError): LogOutput {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isWriting = false;
  let isGone = false;
  let whenEmpty: (() => void)[] = [];

  const settle = (): void => {
    const waitingForIt = whenEmpty;
    whenEmpty = [];
    for (const resolve of waitingForIt) resolve();
  };

  const later = (delayMs: number, act: () => void) =>
    clock.schedule(monotonicMs(clock.monotonic() + delayMs), act);

  const advance = (): void => {
    const bytes = waiting.length > 1 ? Buffer.concat(waiting) : waiting[0];
    if (bytes === undefined) return settle();
    waiting.splice(0, waiting.length, bytes);
    isWriting = true;
    writeSome(bytes, (error, writtenBytes) => {
      isWriting = false;
      if (error?.code === "EAGAIN") {
        isWriting = true;
        later(busyRetryMs, advance);
        return;
      }
      if (error !== null) {
        // Its reader is gone for good, and what it would have read with it.
        isGone = true;
        waiting.length = 0;
        waitingBytes = 0;
        return settle();
      }
      waitingBytes -= writtenBytes;
      const rest = bytes.subarray(writtenBytes);
      if (rest.length === 0) waiting.shift();
      else waiting[0] = rest;
      advance();
    });
  };

  return {
    write(text) {
      const bytes = Buffer.from(text);
      if (isGone || waitingBytes + bytes.length > waitingBytesMax) return false;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (!isWriting) advance();
      return true;
    },
    flush: (waitMsMax) =>
      new Promise((resolve) => {
        if (waitingBytes === 0) return resolve();
        let overdue: Timer;
        const wait = (): void => {
          const before = waitingBytes;
          overdue = later(waitMsMax, () => {
            // A thread that was busy for so long has not yet looked at what was written meanwhile.
            setImmediate(() => (waitingBytes > 0 && waitingBytes < before ? wait() : resolve()));
          });
        };
        wait();
        whenEmpty.push(() => {
          overdue.cancel();
          resolve();
        });
      }),
  };
}
