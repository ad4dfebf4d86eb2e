import { scannerPresets } from "../../protocols/scanner/presets.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";

/**
 * How the lab's reader and scale are set up: SICK's frame, in front of the codes what tells whose
 * read it is. An integrator sets a real reader to whatever its maker's manual offers; the prefixes
 * and commands here are the lab's own invention. The agents' configuration says the same.
 */
export const labProofKeys = {
  proofHead: { end: "|", separator: ",", token: "T", ticks: "E", counter: "C", test: "X" },
  tokenCommand: "token {}",
  testCommand: "test {}",
} as const;

export const labScannerFormat: ScannerFormat = { ...scannerPresets.sick, ...labProofKeys };

/** One frame a parcel: token and grams. */
export const labScaleKeys = {
  proofHead: { end: "|", separator: ",", token: "T" },
  tokenCommand: "token {}",
  codeFields: [],
} as const;

export const labScaleFormat: ScannerFormat = {
  ...scannerPresets.sick,
  ...labScaleKeys,
  codeFields: [],
};

/** What the reader's encoder shows beyond the world's. */
export const readerTicksAhead = 5_000;
