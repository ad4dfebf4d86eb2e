/** What a controller's ring tells of one event, in the numbers that its variables show. */
export interface SealedEntry {
  /** What `written` showed before this entry was written; 16 bits of it are sealed. */
  readonly number: number;
  readonly kind: number;
  readonly what: number;
  /** 0 where the ring has none. */
  readonly track: number;
  readonly count: number;
}

/**
 * The number that a controller writes beside an entry of its ring, of 32 bits: whoever reads an entry
 * whose seal is this one has read all of it, and not half of the entry that stood there before. Two
 * sums of 16 bits, each in what a controller without numbers of 64 bits can reckon. An answer that is
 * torn has the right seal by chance once in four thousand million times. The page of
 * `edge/devices/sorter` has it as structured text.
 */
export function ringSealOf({ number, kind, what, track, count }: SealedEntry): number {
  const parts = [number % 2 ** 16, kind, what, track, count].map(asUnsigned);
  return sumOf(parts, 65_521, 31_337) * 65_536 + sumOf(parts, 65_519, 48_271);
}

/** Whether a seal that was read is this entry's own; a variable with a sign may have shown it. */
export const isSealOf = (seal: number, entry: SealedEntry): boolean =>
  asUnsigned(seal) === ringSealOf(entry);

const sumOf = (parts: readonly number[], prime: number, factor: number): number =>
  parts.reduce((sum, part) => (sum * factor + (part % prime)) % prime, 1);

/** A negative number as a controller's own conversion to 32 bits without a sign has it. */
const asUnsigned = (part: number): number => (part < 0 ? part + 2 ** 32 : part);
