/** What scales speak of their own accord or when asked, by the name that manuals give it. */
export const scaleDialectNames = {
  toledo: "Toledo continuous",
  "toledo-8213": "Toledo 8213",
  "mt-sics": "MT-SICS",
} as const;
export type ScaleDialectKind = keyof typeof scaleDialectNames;

/**
 * Whole frames of each, by their shape alone. A Toledo frame with and without tare digits has 9 or 15
 * characters between its ends, one of an 8213 at most 8.
 */
const shapes = {
  toledo: /␂[\x20-\x7f]{3}[ \d]{6}(?:[ \d]{6})?\r/,
  "toledo-8213": /␂(?: *\d{1,7}(?:\.\d{0,5})?|\?[\x40-\x7f])\r/,
  "mt-sics": /(?:^|[\r\n])(?:S [SD] +-?[\d.]+ +\S+ *|S [I+-]|E[STL]|I4 A "[^"]*")\r\n/,
} as const satisfies Record<ScaleDialectKind, RegExp>;

const stx = 0x02;
/** Bit 7 is parity. The start of a frame gets a character that can be seen. */
const charOf = (raw: number): string =>
  (raw & 0x7f) === stx ? "␂" : String.fromCharCode(raw & 0x7f);

/** Long enough for some frames of each. */
const tailCharsMax = 128;

/** Which dialect bytes are of that another one cannot read. */
export interface ScaleDialectSpotter {
  /** Everything that comes, in order. */
  push(chunk: Uint8Array): void;
  /** What came last was good: what was before it tells nothing any more. */
  forget(): void;
  /** The other dialect that the last bytes hold a whole frame of, or null. */
  other(): ScaleDialectKind | null;
}

/** `own` is what the scale is configured to speak; null: something that none of these is. */
export function createScaleDialectSpotter(own: ScaleDialectKind | null): ScaleDialectSpotter {
  let tail = "";
  return {
    push(chunk) {
      const text = Array.from(chunk.subarray(-tailCharsMax), charOf).join("");
      tail = (tail + text).slice(-tailCharsMax);
    },
    forget() {
      tail = "";
    },
    other() {
      for (const kind of ["mt-sics", "toledo", "toledo-8213"] as const) {
        if (kind !== own && shapes[kind].test(tail)) return kind;
      }
      return null;
    },
  };
}
