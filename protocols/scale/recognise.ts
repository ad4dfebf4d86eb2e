/** What scales speak of their own accord or when asked, by the name that manuals give it. */
export const scaleDialectNames = {
  toledo: "Toledo continuous",
  "toledo-8213": "Toledo 8213",
  "mt-sics": "MT-SICS",
  cubiscan: "CubiScan",
  "sick-mda": "SICK Master Data Analyzer",
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
  cubiscan:
    /␂(?:MA[CH][^,]{6},L[^,]{5},W[^,]{5},H[^,]{5},[EM],K[^,]{6},D[^,]{6},[EM],F\d{4},[DI]|MN[ -~]{0,4}|\?N)␃/,
  "sick-mda":
    /␂\d{4};[^␂␃]{0,60};\d{9};[A-Za-z]{1,2};[01](?:;\d{4}){3};[A-Za-z]{2};[\dA-Fa-f]{4};[\d. ]{7}␃/,
} as const satisfies Record<ScaleDialectKind, RegExp>;

const stx = 0x02;
const etx = 0x03;
/** Bit 7 is parity. Both ends of a frame get characters that can be seen. */
const charOf = (raw: number): string => {
  const byte = raw & 0x7f;
  return byte === stx ? "␂" : byte === etx ? "␃" : String.fromCharCode(byte);
};

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
      for (const kind of ["mt-sics", "toledo", "toledo-8213", "cubiscan", "sick-mda"] as const) {
        if (kind !== own && shapes[kind].test(tail)) return kind;
      }
      return null;
    },
  };
}
