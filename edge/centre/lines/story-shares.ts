/**
 * Records that are read back after a restart for the stories of passes that are over, at about 25 µs
 * each; as many passes as are held take about 400,000.
 */
export const storyRecordsMax = 500_000;

/**
 * How many records each chain may read back so that all together stay below `recordsMax`: a chain
 * that wants little gets it, and those that want much, as for one pass that stood on its belt for
 * days, share what is left.
 */
export function shareStories(
  wanted: ReadonlyMap<string, number>,
  recordsMax: number,
): ReadonlyMap<string, number> {
  const modestFirst = [...wanted].toSorted(([, a], [, b]) => a - b);
  let left = recordsMax;
  return new Map(
    modestFirst.map(([chain, records], index) => {
      const share = Math.min(records, Math.floor(left / (modestFirst.length - index)));
      left -= share;
      return [chain, share];
    }),
  );
}
