import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

/**
 * Who looks at which image (HMI X11): one officer at one station, for a lease that asking again
 * renews. A lock whose lease has run out is none.
 */
export interface ImageLocks {
  holder(taskId: string): Viewer | null;
  isFree(taskId: string, viewer: Viewer): boolean;
  /** For how long this viewer has held it without a gap; null when somebody else does, or nobody. */
  heldMs(taskId: string, viewer: Viewer): number | null;
  /** Takes or renews; the caller has made sure that it is free for this viewer. */
  take(taskId: string, viewer: Viewer): void;
  free(taskId: string): void;
  /** The tasks whose locks ended by it. */
  freeStation(station: string): readonly string[];
  /** The tasks whose leases have run out since the last call. */
  expire(): readonly string[];
}

export interface Viewer {
  readonly officer: string;
  readonly station: string;
}

interface Lock {
  readonly viewer: Viewer;
  readonly takenAt: MonotonicMs;
  readonly expiresAt: MonotonicMs;
}

export function createImageLocks(clock: Pick<Clock, "monotonic">, leaseMs: number): ImageLocks {
  const locks = new Map<string, Lock>();
  const isRunning = (lock: Lock): boolean => clock.monotonic() < lock.expiresAt;

  const running = (taskId: string): Lock | null => {
    const lock = locks.get(taskId);
    return lock !== undefined && isRunning(lock) ? lock : null;
  };
  const heldBy = (taskId: string, viewer: Viewer): Lock | null => {
    const lock = running(taskId);
    return lock !== null && isSame(lock.viewer, viewer) ? lock : null;
  };
  const freeWhere = (isOver: (lock: Lock) => boolean): readonly string[] => {
    const over = [...locks].filter(([, lock]) => isOver(lock)).map(([taskId]) => taskId);
    for (const taskId of over) locks.delete(taskId);
    return over;
  };

  return {
    holder: (taskId) => running(taskId)?.viewer ?? null,
    isFree: (taskId, viewer) => running(taskId) === null || heldBy(taskId, viewer) !== null,
    heldMs: (taskId, viewer) => {
      const lock = heldBy(taskId, viewer);
      return lock === null ? null : clock.monotonic() - lock.takenAt;
    },
    take: (taskId, { officer, station }) => {
      const viewer = { officer, station };
      const now = clock.monotonic();
      const takenAt = heldBy(taskId, viewer)?.takenAt ?? now;
      locks.set(taskId, { viewer, takenAt, expiresAt: monotonicMs(now + leaseMs) });
    },
    free: (taskId) => {
      locks.delete(taskId);
    },
    freeStation: (station) => freeWhere((lock) => lock.viewer.station === station),
    expire: () => freeWhere((lock) => !isRunning(lock)),
  };
}

const isSame = (a: Viewer, b: Viewer): boolean =>
  a.officer === b.officer && a.station === b.station;
