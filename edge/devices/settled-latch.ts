import { modulo } from "../../protocols/modulo.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/** What one request has shown: a number that grows, and what was latched before it grew. */
export interface LatchShown {
  readonly times: number;
}

export type LatchNews<Shown extends LatchShown> =
  | { readonly kind: "nothing" }
  /** It has grown, and what stands beside it is not to be believed yet. */
  | { readonly kind: "unsure" }
  /** It has grown by so many: `believed` was latched the last time, `since` is what came behind it. */
  | {
      readonly kind: "grown";
      readonly by: number;
      readonly believed: Shown;
      readonly since: readonly Shown[];
    }
  /** It has grown by so many, and never stands still: nobody knows what was latched. */
  | { readonly kind: "restless"; readonly by: number }
  /** It has gone back, so that it is another controller. Nothing was taken. */
  | { readonly kind: "back" };

/**
 * A latch, read again and again. A number says that something has happened. What is latched is believed
 * as the second of four requests has read it that have all shown this number: it is no older one, since
 * it is latched before its number grows; and no newer one, since the number would have grown within the
 * controller's cycle, which is shorter than the request in between. Nothing is known of the order in
 * which a server reads its variables.
 */
export interface SettledLatch<Shown extends LatchShown> {
  /** From here on; without it, from what is taken first. */
  begin(shown: Shown): void;
  take(shown: Shown, at: MonotonicMs): LatchNews<Shown>;
}

/** What never stands still for four requests is not told, but missed. */
const waitMsMax = 500;

/** `bits`: of the number, which wraps. */
export function createSettledLatch<Shown extends LatchShown>(bits: 16 | 32): SettledLatch<Shown> {
  const turn = 2 ** bits;
  /** How often it has happened, as far as it was told. */
  let taken = 0;
  /** What the requests before this one have shown, the newest first. */
  let before: readonly [Shown, Shown, Shown] | null = null;
  let unsureSince: MonotonicMs | null = null;

  const begin = (shown: Shown): void => {
    taken = shown.times;
    before = [shown, shown, shown];
    unsureSince = null;
  };

  return {
    begin,
    take(shown, at) {
      if (before === null) begin(shown);
      const by = modulo(shown.times - taken, turn);
      if (by >= turn / 2) return { kind: "back" };
      const [last, second, third] = before ?? [shown, shown, shown];
      before = [shown, last, second];
      if (by === 0) {
        unsureSince = null;
        return { kind: "nothing" };
      }
      unsureSince ??= at;
      const isStill = [last, second, third].every(({ times }) => times === shown.times);
      const isRestless = at >= monotonicMs(unsureSince + waitMsMax);
      if (!isStill && !isRestless) return { kind: "unsure" };
      taken = shown.times;
      unsureSince = null;
      return isStill
        ? { kind: "grown", by, believed: second, since: [last, shown] }
        : { kind: "restless", by };
    },
  };
}
