import type { Clock } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * Who looks at which image (HMI X11): one officer at one station, for a lease that asking again
 * renews. A lock whose lease has run out is none.
 */
export interface ImageLocks {
  holder(taskId: string): Viewer | null;
  isFree(taskId: string, viewer: Viewer): boolean;
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
  readonly expiresAt: MonotonicMs;
}

export function createImageLocks(clock: Pick<Clock, "monotonic">, leaseMs: number): ImageLocks {
  const locks = new Map<string, Lock>();
  const isRunning = (lock: Lock): boolean => clock.monotonic() < lock.expiresAt;

  const holder = (taskId: string): Viewer | null => {
    const lock = locks.get(taskId);
    return lock !== undefined && isRunning(lock) ? lock.viewer : null;
  };
  const freeWhere = (isOver: (lock: Lock) => boolean): readonly string[] => {
    const over = [...locks].filter(([, lock]) => isOver(lock)).map(([taskId]) => taskId);
    for (const taskId of over) locks.delete(taskId);
    return over;
  };

  return {
    holder,
    isFree: (taskId, { officer, station }) => {
      const held = holder(taskId);
      return held === null || (held.officer === officer && held.station === station);
    },
    take: (taskId, { officer, station }) => {
      const expiresAt = monotonicMs(clock.monotonic() + leaseMs);
      locks.set(taskId, { viewer: { officer, station }, expiresAt });
    },
    free: (taskId) => {
      locks.delete(taskId);
    },
    freeStation: (station) => freeWhere((lock) => lock.viewer.station === station),
    expire: () => freeWhere((lock) => !isRunning(lock)),
  };
}
