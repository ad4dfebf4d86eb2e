import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { RowCursor } from "../../journal/kept-rows.ts";
import type { Damage, DocumentStore } from "../../store/port.ts";
import { centreItself, type ActLog } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";

/**
 * Whether the centre's documents are whole. A row that is not as it was written may have hidden a hold,
 * and a hold that comes now may fail on it: so from the first finding on nothing is released on any
 * line, also after a restart, until all rows have been looked at and none is damaged, as they are once
 * a backup was put back. All rows are looked at again and again, a few at a time.
 */
export interface DamageHold {
  /**
   * Why nothing may be released; null while everything may. What an earlier run has found counts as
   * one finding until this one has found it again.
   */
  damage(): Damage | null;
  /** A row was found that is not as it was written; the store tells of it already. */
  found(why: string): void;
  /** What an earlier run has written, in order, before `start`. */
  restore(act: DamageAct): void;
  /** Acts can be written, and lines be told, from now on. */
  start(): void;
  /** Looks at no more rows; what is found by others is written still. */
  stop(): void;
}

export type DamageAct = CentreActOf<"damageFound"> | CentreActOf<"damageOver">;

export interface DamageHoldOptions {
  readonly clock: Clock;
  readonly acts: Pick<ActLog, "write" | "whenKept">;
  readonly store: Pick<DocumentStore, "checkRows" | "damage">;
  readonly onChanged: (isHeld: boolean) => void;
}

/** Rows that are looked at in one go, and how long the disk is left to others then. */
const rowsAtOnce = 500;
const pauseMs = 100;
/** While nothing may be released there is nothing that is more urgent. */
const heldPauseMs = 5;
/** So long a disk that fails is left alone. */
const againMs = 10_000;
/** From the end of one look at all rows to the next. */
const lookEveryMs = 3_600_000;
const whyCharsMax = 500;

export function createDamageHold(options: DamageHoldOptions): DamageHold {
  const { clock, acts, store } = options;
  /** What an earlier run has found, until all rows have been looked at and none is damaged. */
  let earlierWhy: string | null = null;
  let isWritten = false;
  let isStarted = false;
  let isStopped = false;
  let timer: Timer | null = null;

  const damage = (): Damage | null =>
    store.damage() ?? (earlierWhy === null ? null : { why: earlierWhy, findingsTotal: 1 });

  /** What the disk does not take is owed, and written when it can be. */
  const write = (why: string): void => {
    if (isWritten || !isStarted) return;
    isWritten = true;
    acts.write({ kind: "damageFound", why: why.slice(0, whyCharsMax) }, centreItself);
  };

  const release = (): void => {
    acts.write({ kind: "damageOver" }, centreItself);
    // What is found from now on is written behind it.
    isWritten = false;
    acts.whenKept(() => {
      if (store.damage() !== null) return;
      earlierWhy = null;
      options.onChanged(false);
    });
  };

  const later = (ms: number, from: RowCursor | null): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + ms), () => look(from));
  };

  const look = (from: RowCursor | null): void =>
    store.checkRows(from, rowsAtOnce, (checked) => {
      if (isStopped) return;
      if (checked.kind === "failed") return later(againMs, from);
      const isHeld = damage() !== null;
      if (checked.value !== null) return later(isHeld ? heldPauseMs : pauseMs, checked.value);
      if (isHeld && store.damage() === null) release();
      later(lookEveryMs, null);
    });

  return {
    damage,
    found: (why) => {
      const isFirst = earlierWhy === null && store.damage()?.findingsTotal === 1;
      if (isStarted && isFirst) options.onChanged(true);
      write(why);
    },
    restore: (act) => {
      earlierWhy = act.kind === "damageFound" ? act.why : null;
      isWritten = earlierWhy !== null;
    },
    start: () => {
      isStarted = true;
      const found = store.damage();
      if (found !== null) write(found.why);
      if (damage() !== null) options.onChanged(true);
      look(null);
    },
    stop: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}
