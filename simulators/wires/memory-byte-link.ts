import type { Clock } from "../../protocols/time.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import {
  notConnected,
  sent,
  wireFull,
  type ByteLink,
  type ByteLinkHandlers,
} from "../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/** Bytes one direction may hold under way; what does not fit is refused, as by a full socket. */
const bytesUnderWayMax = 1024 * 1024;

export interface MemoryWireOptions {
  readonly clock: Clock;
  /** Time a write takes to the other end, 0 or more. Default 0. Order is kept. */
  readonly latencyMs?: () => number;
  /** How many bytes arrive together, at least 1: streams know no messages. Default: as written. */
  readonly chunkBytes?: () => number;
}

/** Two ends of one wire in memory. Bytes for an end that is not open are lost, as on a serial line. */
export interface MemoryWire {
  readonly a: ByteLink;
  readonly b: ByteLink;
  /** Both ends lose the wire and what is under way. */
  cut(reason: string): void;
  restore(): void;
}

interface End {
  handlers: ByteLinkHandlers | null;
  isClosed: boolean;
  /** Whether its handlers were told that the wire is there. */
  isTold: boolean;
  bytesUnderWay: number;
  lastDueAt: MonotonicMs;
}

const newEnd = (): End => ({
  handlers: null,
  isClosed: false,
  isTold: false,
  bytesUnderWay: 0,
  lastDueAt: monotonicMs(0),
});

export function createMemoryWire(options: MemoryWireOptions): MemoryWire {
  const { clock, latencyMs = () => 0, chunkBytes = () => Number.MAX_SAFE_INTEGER } = options;
  const ends = [newEnd(), newEnd()] as const;
  let isWhole = true;
  /** Grows at each cut: what was under way before is not delivered. */
  let connection = 0;

  const isOpen = (end: End): boolean => isWhole && end.handlers !== null && !end.isClosed;

  const tellOpen = (end: End): void => {
    if (!isOpen(end) || end.isTold) return;
    end.isTold = true;
    end.handlers?.onOpen();
  };

  const arrive = (to: End, bytes: Uint8Array): void => {
    for (let from = 0; from < bytes.length;) {
      if (!isOpen(to)) return;
      const size = Math.max(1, chunkBytes());
      to.handlers?.onBytes(bytes.subarray(from, from + size));
      from += size;
    }
  };

  const linkOf = (own: End, other: End): ByteLink => ({
    open(handlers) {
      own.handlers = handlers;
      clock.schedule(clock.monotonic(), () => tellOpen(own));
    },
    write(bytes) {
      if (!isOpen(own)) return notConnected;
      if (other.bytesUnderWay + bytes.length > bytesUnderWayMax) return wireFull;
      const copy = bytes.slice();
      const dueAt = monotonicMs(Math.max(clock.monotonic() + latencyMs(), other.lastDueAt));
      const written = connection;
      other.lastDueAt = dueAt;
      other.bytesUnderWay += copy.length;
      clock.schedule(dueAt, () => {
        if (written !== connection) return;
        other.bytesUnderWay -= copy.length;
        arrive(other, copy);
      });
      return sent;
    },
    async close() {
      own.isClosed = true;
    },
  });

  return {
    a: linkOf(ends[0], ends[1]),
    b: linkOf(ends[1], ends[0]),
    cut(reason) {
      if (!isWhole) return;
      const told = ends.filter((end) => end.isTold);
      isWhole = false;
      connection += 1;
      for (const end of ends) {
        end.bytesUnderWay = 0;
        end.isTold = false;
      }
      for (const end of told)
        if (!end.isClosed)
          end.handlers?.onClose(deviceReason("connectionLost", { detail: reason }));
    },
    restore() {
      if (isWhole) return;
      isWhole = true;
      for (const end of ends) tellOpen(end);
    },
  };
}
