import type { Exit } from "../../../protocols/sorting.ts";

/** A divert that was accepted and has not fired yet. */
interface PendingDivert {
  readonly commandId: string;
  readonly passId: string;
  readonly exit: Exit;
  readonly fireAtCount: number;
  /** The first count at which the diverter may rest again. */
  readonly releaseAtCount: number;
}

type WindowEdge =
  | { readonly kind: "fired"; readonly divert: PendingDivert }
  | { readonly kind: "diverter"; readonly exit: Exit; readonly isOut: boolean };

/**
 * Which diverter is out at which counts: the union of the windows `[fireAtCount, releaseAtCount)`
 * of all accepted diverts. A window is never cut short by another; where two meet, the diverter
 * stays out (a bare queue of "out" and "rest" would let the first one's rest end the second).
 */
export interface DivertWindows {
  add(divert: PendingDivert): void;
  pending(): readonly PendingDivert[];
  /** Until when this diverter is out for what has fired; null when it rests. */
  openUntil(exit: Exit): number | null;
  /** Removes one that has not fired; false when there is none. */
  remove(commandId: string): boolean;
  /** What happens up to and including `count`, in count order. Going back changes nothing. */
  advance(count: number): Iterable<WindowEdge>;
  /** Forgets all windows, open ones too; returns the diverters that must now rest. */
  clear(): Exit[];
  /** The next count at which something happens, or null. */
  nextCount(): number | null;
}

export function createDivertWindows(): DivertWindows {
  /** Ordered by `fireAtCount`, equal ones in order of arrival. */
  const pending: PendingDivert[] = [];
  const outUntil = new Map<Exit, number>();

  const nextRelease = (): [Exit, number] | null => {
    let next: [Exit, number] | null = null;
    for (const entry of outUntil) if (next === null || entry[1] < next[1]) next = entry;
    return next;
  };

  return {
    add(divert) {
      const after = pending.findIndex(({ fireAtCount }) => fireAtCount > divert.fireAtCount);
      pending.splice(after < 0 ? pending.length : after, 0, divert);
    },
    pending: () => pending,
    openUntil: (exit) => outUntil.get(exit) ?? null,
    remove(commandId) {
      const index = pending.findIndex((divert) => divert.commandId === commandId);
      if (index >= 0) pending.splice(index, 1);
      return index >= 0;
    },
    *advance(count) {
      for (;;) {
        const fire = pending[0];
        const release = nextRelease();
        const fireAt = fire?.fireAtCount ?? Infinity;
        const releaseAt = release?.[1] ?? Infinity;
        if (Math.min(fireAt, releaseAt) > count) return;
        // At the same count firing comes before releasing, so that two windows that touch are one
        // movement.
        if (fire !== undefined && fireAt <= releaseAt) {
          pending.shift();
          const until = outUntil.get(fire.exit);
          outUntil.set(fire.exit, Math.max(until ?? -Infinity, fire.releaseAtCount));
          if (until === undefined) yield { kind: "diverter", exit: fire.exit, isOut: true };
          yield { kind: "fired", divert: fire };
        } else if (release !== null) {
          outUntil.delete(release[0]);
          yield { kind: "diverter", exit: release[0], isOut: false };
        }
      }
    },
    clear() {
      const exits = [...outUntil.keys()];
      pending.length = 0;
      outUntil.clear();
      return exits;
    },
    nextCount() {
      const next = Math.min(pending[0]?.fireAtCount ?? Infinity, nextRelease()?.[1] ?? Infinity);
      return next === Infinity ? null : next;
    },
  };
}
