import type { ScannerHeard } from "./heard.ts";
import type { ScannerRead } from "./scanner.ts";

/**
 * Reads that bear a number which grows by one at each and is 0 after the reader's restart: a message
 * that is delivered twice is one parcel, one whose number goes back is not of now, and a jump tells
 * that some were lost.
 */
export interface ReadOrder {
  /** What to tell for this one, in order. */
  take(seq: number, read: ScannerRead): readonly ScannerHeard[];
}

export function createReadOrder(): ReadOrder {
  let lastSeq: number | null = null;
  let lastSaid = "";
  return {
    take(seq, read) {
      // What differs under one number is no repeat of it.
      const said = JSON.stringify([read.codes, read.proof]);
      if (seq === lastSeq && seq !== 0 && said === lastSaid) return [{ kind: "repeat" }];
      lastSaid = said;
      // The answer to a test of this very moment is not old: the scanner has begun anew, unheard.
      const isTest = read.proof.test !== undefined;
      if (lastSeq !== null && seq !== 0 && seq < lastSeq && !isTest) {
        return [{ kind: "old", seq, lastSeq }];
      }
      const isInOrder = lastSeq === null || seq === 0 || seq === lastSeq + 1;
      lastSeq = seq;
      return isInOrder ? [read] : [{ kind: "gap" }, read];
    },
  };
}
