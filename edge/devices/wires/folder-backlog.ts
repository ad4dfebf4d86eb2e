import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { SeenFile } from "./settled-files.ts";

/** So many files are taken in one turn, however long it takes; more only within the bounds below. */
export const filesPerTurnMin = 4;
export const filesPerTurnMax = 64;
/** What a turn may read, and how long it may go on before whatever else the agent does. */
export const bytesPerTurnMax = 32 * 1024 * 1024;
const turnMsMax = 50;
/** What was found so long ago is looked for anew, so that what came since is seen as well. */
const foundMsMax = 1_000;
const restMsMin = 5;

/**
 * What a look at a folder has found to take. More than a few files are taken in several turns, one soon
 * after the other and without another look, so that a folder that has filled up while nobody looked is
 * empty soon; between turns the agent has as long for all else, though no longer than between two looks.
 */
export interface FolderBacklog {
  found(beganAt: MonotonicMs, files: readonly SeenFile[]): void;
  /** Something is left of it, and it was found lately. */
  isBehind(): boolean;
  /** When the look began that has found it. */
  beganAt(): MonotonicMs;
  beginTurn(): void;
  /** Null: this turn is over. */
  next(): SeenFile | null;
  /** How long to wait after this turn. */
  restMs(): number;
}

export function createFolderBacklog(clock: Clock, lookEveryMs: number): FolderBacklog {
  let files: readonly SeenFile[] = [];
  let taken = 0;
  let lookBeganAt = monotonicMs(0);
  let turn = { beganAt: monotonicMs(0), files: 0, bytes: 0 };

  const turnMs = (): number => clock.monotonic() - turn.beganAt;
  const isBehind = (): boolean =>
    taken < files.length && clock.monotonic() < lookBeganAt + foundMsMax;

  return {
    found(beganAt, found) {
      lookBeganAt = beganAt;
      files = found;
      taken = 0;
    },
    isBehind,
    beganAt: () => lookBeganAt,
    beginTurn() {
      turn = { beganAt: clock.monotonic(), files: 0, bytes: 0 };
    },
    next() {
      const file = files[taken];
      if (file === undefined) return null;
      const isOver =
        turn.files >= filesPerTurnMax ||
        turn.bytes + file.bytes > bytesPerTurnMax ||
        turnMs() >= turnMsMax;
      if (isOver && turn.files >= filesPerTurnMin) return null;
      taken += 1;
      turn = { ...turn, files: turn.files + 1, bytes: turn.bytes + file.bytes };
      return file;
    },
    restMs: () => (isBehind() ? Math.min(lookEveryMs, Math.max(restMsMin, turnMs())) : lookEveryMs),
  };
}
