import { isSameActor, type Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

/**
 * Who looks at which image (HMI X11): one officer at one station, for a lease that asking again
 * renews. A lock whose lease has run out is none.
 */
export interface ImageLocks {
  holder(taskId: string): Actor | null;
  isFree(taskId: string, viewer: Actor): boolean;
  /** For how long this viewer has held it without a gap; null when somebody else does, or nobody. */
  heldMs(taskId: string, viewer: Actor): number | null;
  /** Takes or renews; the caller has made sure that it is free for this viewer. */
  take(taskId: string, viewer: Actor): void;
  free(taskId: string): void;
  /** The tasks whose locks ended by it. */
  freeStation(station: string): readonly string[];
  /** The tasks whose leases have run out since the last call. */
  expire(): readonly string[];
}

interface Lock {
  readonly viewer: Actor;
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
  const heldBy = (taskId: string, viewer: Actor): Lock | null => {
    const lock = running(taskId);
    return lock !== null && isSameActor(lock.viewer, viewer) ? lock : null;
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
    take: (taskId, viewer) => {
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
