import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import type { ChuteState } from "../../protocols/sorting.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { logNormal } from "./chance.ts";
import type { ChuteLayout } from "./layout.ts";

/** Parcels that can still be squeezed in after the chute reports itself full. */
const overfillMax = 3;
/** Spread of the times people take to empty a chute. */
const emptyingSigma = 0.4;

/** A chute's contents, and the people who empty it. */
export interface Chute {
  state(): ChuteState;
  fillPct(): number;
  /** False when nothing more fits: a body then stands in the mouth. */
  hasRoom(): boolean;
  received(): void;
  /** A fault: it takes no more until `unblock`, and nobody comes to empty it. */
  block(): void;
  unblock(): void;
  /** Called once, when there is room again. */
  whenRoom(then: () => void): void;
}

export interface ChuteOptions {
  readonly layout: ChuteLayout;
  readonly clock: Clock;
  readonly entropy: Entropy;
  onChanged(): void;
}

export function createChute(options: ChuteOptions): Chute {
  const { layout, clock, entropy } = options;
  let held = 0;
  let isBlocked = false;
  let coming: Timer | null = null;
  let waitingForRoom: (() => void)[] = [];

  const hasRoom = (): boolean => !isBlocked && held < layout.capacity + overfillMax;

  const empty = (): void => {
    coming = null;
    if (isBlocked) return callPeople();
    held = 0;
    options.onChanged();
    const waiting = waitingForRoom;
    waitingForRoom = [];
    for (const then of waiting) then();
  };

  const callPeople = (): void => {
    if (coming !== null || held * 100 < layout.callAtPct * layout.capacity) return;
    const afterMs = logNormal(entropy, layout.emptiedAfterS, emptyingSigma) * 1_000;
    coming = clock.schedule(monotonicMs(clock.monotonic() + afterMs), empty);
  };

  return {
    state: () => (isBlocked ? "blocked" : held >= layout.capacity ? "full" : "ready"),
    fillPct: () => Math.min(100, Math.round((held * 1_000) / layout.capacity) / 10),
    hasRoom,
    received() {
      held += 1;
      options.onChanged();
      callPeople();
    },
    block() {
      isBlocked = true;
      options.onChanged();
    },
    unblock() {
      isBlocked = false;
      options.onChanged();
      if (!hasRoom()) return;
      const waiting = waitingForRoom;
      waitingForRoom = [];
      for (const then of waiting) then();
    },
    whenRoom(then) {
      waitingForRoom.push(then);
    },
  };
}
