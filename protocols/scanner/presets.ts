import { z } from "zod";
import { zScannerFormat, zScannerFormatKeys, type ScannerFormat } from "./format.ts";

const common = {
  framing: "marks",
  maxLengthBytes: 512,
  interByteTimeoutMs: 500,
  encoding: "latin1",
  headerChars: 0,
  trailerChars: 0,
  codeSeparator: null,
  codeFields: [{ kind: "aim" }],
  hasGrade: false,
  noReadPatterns: [],
  ackPatterns: [],
  refusalPatterns: [],
  hasDmccAnswers: false,
  dmccCommands: null,
  proofHead: null,
  tokenCommand: null,
  testCommand: null,
  triggerCommand: null,
  triggerOffCommand: null,
  heartbeat: null,
} as const satisfies Partial<ScannerFormat>;

/**
 * CoLa-A's words. What answers is no code, nor are our own commands where a line sends them back.
 * The command opens the reading gate; the reader closes it by itself, or at the other command.
 */
const sickWords = {
  codeSeparator: ";",
  triggerCommand: "sMN mTCgateon",
  triggerOffCommand: "sMN mTCgateoff",
  ackPatterns: ["s[REW]A .*", "sAN .*", "sSN .*", "s[MREW]N .*"],
  refusalPatterns: ["sAN mTCgateon 0", "sAN mTCgateoff 0", "sFA.*"],
  heartbeat: { pattern: "HB", periodMs: 1_000 },
} as const satisfies Partial<ScannerFormat>;

/**
 * Starting points by vendor. Frames and answers to commands are the vendors' defaults; separators and
 * heartbeat texts are settings of each scanner and must be made to agree with it. No-reads in the
 * usual words are known of every scanner (`../barcode/no-read.ts`).
 */
export const scannerPresets = {
  /** @see SICK CLV410 manual, pp. 43-46 and 57: STX, ETX, error string, heartbeat. */
  sick: { ...common, ...sickWords, startHex: "02", endHex: ["03"] },
  /** @see SICK LMS4000 telegram listing, p. 53: the same words in frames with a length. */
  "sick-cola-b": { ...common, ...sickWords, framing: "cola-b", startHex: null, endHex: [] },
  /** @see Keyence SR-750 manual, pp. 71-72; N-410 manual, pp. 94-104. A line feed is ignored. */
  keyence: {
    ...common,
    endHex: ["0D", "0A"],
    startHex: null,
    codeSeparator: ",",
    hasGrade: true,
    triggerCommand: "LON",
    triggerOffCommand: "LOFF",
    ackPatterns: ["OK,.*", "LON", "LOFF"],
    refusalPatterns: ["ER,.*"],
  },
  /** @see Cognex DataMan Communications and Programming Guide, DMCC: answers begin with `||`. */
  cognex: {
    ...common,
    startHex: null,
    endHex: ["0D0A"],
    codeSeparator: ",",
    triggerCommand: "||>TRIGGER ON",
    hasDmccAnswers: true,
    ackPatterns: ["\\|\\|.*"],
  },
  /** @see Datalogic DS8110 manual, p. 160; Matrix 8300 manual, p. 171. */
  datalogic: {
    ...common,
    startHex: null,
    endHex: ["0D0A"],
    codeSeparator: ",",
  },
  /** Sends neither prefix nor suffix as delivered: program the suffix CR. @see 5110 manual, 5-1 */
  honeywell: { ...common, startHex: null, endHex: ["0D", "0A"] },
} as const satisfies Record<string, ScannerFormat>;

export type ScannerPresetName = keyof typeof scannerPresets;
export const scannerPresetNames = Object.keys(scannerPresets) as readonly ScannerPresetName[];

/** A preset and what differs from it, as written in a configuration. */
export const zScannerPreset = z.strictObject({
  preset: z
    .enum(scannerPresetNames)
    .describe("Whose defaults the frames begin from; the other keys say what differs."),
  ...zScannerFormatKeys.partial().shape,
});

/** The format that a preset and its changes come to; what does not fit together is refused. */
export function scannerFormatOf(
  { preset, ...changes }: z.infer<typeof zScannerPreset>,
  context: z.RefinementCtx,
): ScannerFormat {
  const merged = zScannerFormat.safeParse({ ...scannerPresets[preset], ...withValues(changes) });
  if (merged.success) return merged.data;
  for (const { path, message } of merged.error.issues) {
    context.addIssue({ code: "custom", path, message });
  }
  return z.NEVER;
}

/** Keys left out and keys set to undefined mean the same: the preset's value. */
const withValues = (changes: object): object =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
