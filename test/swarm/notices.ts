/**
 * What the centre has told the line, and when the line must know it at the latest. Each notice
 * travels a moment; while the line cannot hear the centre, a notice counts only after `unheardMs`,
 * or a moment after the line hears again.
 */
export interface Notices {
  give(key: string): void;
  isKnown(key: string, at: number): boolean;
  linkChanged(isHeard: boolean): void;
}

/** What was said within this time may be under way still. */
export const underWayMs = 100;
/** From the wire's return until the two ends have caught up. */
const catchUpMs = 5_000;

export function createNotices(options: {
  readonly now: () => number;
  readonly unheardMs: number;
}): Notices {
  const { now, unheardMs } = options;
  const knownAt = new Map<string, number>();
  let isHeard = true;

  const shift = (to: (at: number) => number): void => {
    for (const [key, at] of knownAt) if (at > now()) knownAt.set(key, to(at));
  };

  return {
    give(key) {
      if (!knownAt.has(key)) knownAt.set(key, now() + (isHeard ? underWayMs : unheardMs));
    },
    isKnown: (key, at) => (knownAt.get(key) ?? Infinity) <= at,
    linkChanged(nextHeard) {
      if (nextHeard === isHeard) return;
      isHeard = nextHeard;
      if (isHeard) shift((at) => Math.min(at, now() + catchUpMs));
      else shift(() => now() + unheardMs);
    },
  };
}
