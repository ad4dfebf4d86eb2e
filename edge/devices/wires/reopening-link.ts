import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import {
  notConnected,
  type ByteLink,
  type ByteLinkHandlers,
  type Sending,
} from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { createReopenPace } from "../reopen-pace.ts";
import { createWireLog } from "../wire-log.ts";

/** One attempt to open a wire, and the wire itself while it is open. */
export interface WireAttempt {
  write(bytes: Uint8Array): Sending;
  /** Ends it; `onClose` need not be called any more. */
  close(): Promise<void>;
}

export interface ReopeningLinkOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Its fields say where the wire leads. */
  readonly log: Log;
  /**
   * Starts one attempt. It calls `onOpen` at most once, then `onBytes`, and `onClose` once at its
   * end, also when it never opened.
   */
  readonly attempt: (handlers: ByteLinkHandlers) => WireAttempt;
}

/** A `ByteLink` that opens its wire again for ever, with growing, jittered delays. */
export function createReopeningLink(options: ReopeningLinkOptions): ByteLink {
  const { clock, entropy, attempt } = options;
  const wireLog = createWireLog(options);
  let handlers: ByteLinkHandlers | null = null;
  let wire: WireAttempt | null = null;
  let isOpen = false;
  let isClosed = false;
  let retry: Timer | null = null;
  /** Of the attempt that runs. */
  let end: ((reason: DeviceReason) => void) | null = null;
  const pace = createReopenPace({ clock, entropy });

  const start = (): void => {
    retry = null;
    // Set when the next attempt has begun or the link was closed: whatever this one still reports
    // is ignored.
    let isOver = false;
    const isCurrent = () => !isOver && !isClosed;
    const ended = (reason: DeviceReason): void => {
      if (!isCurrent()) return;
      isOver = true;
      isOpen = false;
      wireLog.closed(reason);
      retry = clock.schedule(monotonicMs(clock.monotonic() + pace.nextDelayMs()), start);
      handlers?.onClose(reason);
    };
    end = ended;
    wire = attempt({
      onOpen() {
        if (!isCurrent()) return;
        isOpen = true;
        wireLog.opened();
        handlers?.onOpen();
      },
      onBytes(chunk) {
        if (!isCurrent() || !isOpen) return;
        // Not before the device has said something: one that takes every call and hangs up has not
        // been reached.
        pace.opened();
        handlers?.onBytes(chunk);
      },
      onClose: ended,
    });
  };

  return {
    open(given) {
      handlers = given;
      start();
    },
    write: (bytes) => (isOpen && wire !== null ? wire.write(bytes) : notConnected),
    renew(reason) {
      if (!isOpen) return;
      const renewed = wire;
      end?.(reason);
      void renewed?.close();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      isOpen = false;
      retry?.cancel();
      wireLog.stop();
      await wire?.close();
    },
  };
}
