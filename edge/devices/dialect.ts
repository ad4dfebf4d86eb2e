import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { notConnected, sent, type NotSentWhy } from "../../protocols/transport.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import { sampleOfMessage } from "./clock-offset.ts";
import type { HealthTracker } from "./health.ts";
import type { Wire } from "./wire.ts";

/**
 * A dialect: how a kind of device speaks on a kind of wire. It has no clock, no timer and no wire of
 * its own; it is told what came and when, and says what that means. What drivers need of every
 * dialect alike (order, sessions, health) is theirs, not a dialect's.
 */
export interface Dialect<In, Out, Heard, Said> {
  /** The wire is open, for the first time or again. */
  begin?(at: MonotonicMs, out: DialectOutlet<Heard, Out>): void;
  /** One message of the wire. What it cannot read it tells as `Discarded`, never drops. */
  read(message: In, at: MonotonicMs, out: DialectOutlet<Heard, Out>): void;
  /** Why nothing can be said now, on a wire that is open; null: it can. Asked before `write`. */
  refuses?(): NotSentWhy | null;
  /** Null: it waits for its turn, and goes out as an answer then. */
  write(said: Said, at: MonotonicMs): Out | null;
  /** The wire did not take what `write` has just made: whoever said it knows, and it is void. */
  unsent?(): void;
  /** The moment from which it wants `wake`, or null. Asked after each of the other calls. */
  wakeAt?(): MonotonicMs | null;
  wake?(at: MonotonicMs, out: DialectOutlet<Heard, Out>): void;
  /** The wire is lost, and with it whatever was under way. */
  lose?(out: DialectOutlet<Heard, Out>): void;
}

export interface DialectOutlet<Heard, Out> {
  /** What the device has said. */
  tell(heard: Heard): void;
  /**
   * The device has said when it made what has just come, in milliseconds since 1970. Left out by
   * whoever does not compare clocks.
   */
  madeAt?(deviceAtMs: number): void;
  /** Sends something of the dialect's own, such as a question, an acknowledgement or a repeat. */
  answer(message: Out): void;
}

/** The wire that a dialect makes of another. Nothing is told any more once it has been closed. */
export function speak<In, Out, Heard, Said>(
  dialect: Dialect<In, Out, Heard, Said>,
  wire: Wire<In, Out>,
  clock: Clock,
): Wire<Heard, Said> {
  let timer: { readonly handle: Timer; readonly dueAt: MonotonicMs } | null = null;
  let out: DialectOutlet<Heard, Out> = { tell: () => {}, madeAt: () => {}, answer: () => {} };
  let isClosed = false;

  /** One timer at most; it looks again when it fires, so that messages need not put it off. */
  const watch = (): void => {
    const dueAt = isClosed ? null : (dialect.wakeAt?.() ?? null);
    if (dueAt === null || (timer !== null && timer.dueAt <= dueAt)) return;
    timer?.handle.cancel();
    timer = { handle: clock.schedule(dueAt, wake), dueAt };
  };

  const wake = (): void => {
    timer = null;
    const dueAt = isClosed ? null : (dialect.wakeAt?.() ?? null);
    const now = clock.monotonic();
    if (dueAt !== null && dueAt <= now) dialect.wake?.(now, out);
    watch();
  };

  return {
    open(handlers) {
      out = {
        tell: (heard) => {
          if (!isClosed) handlers.onMessage(heard);
        },
        madeAt: (deviceAtMs) => {
          if (isClosed) return;
          handlers.onClock?.(sampleOfMessage({ wallAt: clock.wall(), deviceAtMs }));
        },
        answer: (message) => {
          if (!isClosed) wire.send(message);
        },
      };
      wire.open({
        onState(isConnected, reason) {
          if (isClosed) return;
          if (!isConnected) dialect.lose?.(out);
          handlers.onState(isConnected, reason);
          if (isConnected && !isClosed) dialect.begin?.(clock.monotonic(), out);
          watch();
        },
        onMessage(message) {
          if (isClosed) return;
          dialect.read(message, clock.monotonic(), out);
          watch();
        },
        onAdvice(advice) {
          if (!isClosed) handlers.onAdvice(advice);
        },
        onClock(sample) {
          if (!isClosed) handlers.onClock?.(sample);
        },
        onDropped(reason) {
          if (!isClosed) handlers.onDropped(reason);
        },
        onSendFailed(detail) {
          if (!isClosed) handlers.onSendFailed(detail);
        },
      });
    },
    send(said) {
      if (isClosed) return notConnected;
      const why = dialect.refuses?.() ?? null;
      if (why !== null) return { kind: "refused", why };
      const message = dialect.write(said, clock.monotonic());
      const sending = message === null ? sent : wire.send(message);
      if (sending.kind !== "sent") dialect.unsent?.();
      watch();
      return sending;
    },
    revive: () => wire.revive(),
    close() {
      isClosed = true;
      timer?.handle.cancel();
      return wire.close();
    },
  };
}

/** What could not be read: counted, and shown to people if the device then falls silent. */
export interface Discarded {
  readonly kind: "discarded";
  readonly reason: DeviceReason;
  /** Counters of the dialect's own, beside `discardedTotal`. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A message that is not what its dialect says it must be. */
export const unreadable = (detail: string): Discarded => ({
  kind: "discarded",
  reason: deviceReason("badMessage", { detail }),
  counts: {},
});

/** What the wire itself would not hand on: counted as a whole and by its reason. */
export function noteDropped(health: HealthTracker, reason: DeviceReason): void {
  health.note("discardedTotal");
  health.note(`${reason.code}Total`);
  health.remark(reason);
}

export function noteDiscarded(health: HealthTracker, { reason, counts }: Discarded): void {
  health.note("discardedTotal");
  for (const [counter, by] of Object.entries(counts)) health.note(counter, by);
  health.remark(reason);
}
