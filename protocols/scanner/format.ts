import { z } from "zod";
import { groupSeparator } from "../barcode/scanned-code.ts";
import { zProofHead } from "./proof-head.ts";
import { zSafePattern } from "../safe-pattern.ts";

/** Bytes as hexadecimal, `02` or `0D0A`. */
const zHexBytes = z
  .string()
  .regex(/^(?:[0-9A-Fa-f]{2}){1,4}$/, "1 to 4 bytes as hexadecimal digits, such as 0D0A");

/** What stands before the code itself in each part of a frame, in order. */
const zCodeField = z.discriminatedUnion("kind", [
  /** `]cm`, where the scanner sends it; a code without it is accepted. */
  z.strictObject({ kind: z.literal("aim") }),
  /** Characters of no interest: a vendor's own code id, an address. */
  z.strictObject({ kind: z.literal("skip"), chars: z.number().int().min(1).max(32) }),
  /**
   * SICK's state of the diagnosis, one character: 0 is a good read. With any other there was none, and
   * the frame is a read without codes.
   */
  z.strictObject({
    kind: z
      .literal("diagnosis")
      .describe("SICK's diagnosis state, one character: 0 is a good read, 1 to 9 and A are none."),
  }),
  /** Decimal length of the code that follows; a frame that contradicts it is discarded. */
  z.strictObject({ kind: z.literal("length"), digits: z.number().int().min(1).max(4) }),
]);

/** A trigger has no digits to send back. */
const zTriggerText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x20-\x7e]+$/, "printable characters");

const zCommandText = z
  .string()
  .max(64)
  .regex(/^[\x20-\x7e]*\{\}[\x20-\x7e]*$/, "printable characters with {} for the digits");

/** The keys of `zScannerFormat`, each for itself. */
export const zScannerFormatKeys = z.strictObject({
  framing: z
    .enum(["marks", "cola-b"])
    .describe(
      "marks: a frame lies between startHex and endHex. cola-b: SICK's CoLa-B, with a length and a check byte, and neither of the two.",
    ),
  /** The byte that begins a frame, or null: then a frame is what comes before an end. */
  startHex: zHexBytes.length(2, "one byte").nullable(),
  /** Any of these ends a frame. A scanner that sends none cannot be told from a cut line. */
  endHex: z.array(zHexBytes).max(4),
  /** Bytes between start and end; a longer frame is dropped. */
  maxLengthBytes: z.number().int().min(1).max(4_096),
  /** A frame that pauses longer than this was cut. */
  interByteTimeoutMs: z.number().int().min(1).max(10_000),
  /** `ascii7` strips bit 7, for links with 7 data bits. */
  encoding: z.enum(["ascii7", "latin1", "utf8"]),
  /** Characters in front of and behind the codes, of no interest. */
  headerChars: z.number().int().min(0).max(64),
  trailerChars: z.number().int().min(0).max(64),
  /** What stands between the codes of one read, or null for one code a frame. */
  codeSeparator: z.string().min(1).max(8).nullable(),
  codeFields: z.array(zCodeField).max(4),
  /** Whether a grade may follow a code: a colon and one to three digits, as of a match in percent. */
  hasGrade: z.boolean(),
  /** What stands before all codes and tells whose read it is, or null where there is nothing. */
  proofHead: zProofHead.nullable(),
  /** What tells the scanner its next token, `{}` being the digits; null where it takes none. */
  tokenCommand: zCommandText.nullable(),
  /** What triggers it for a test, `{}` being the digits to send back; null where nothing does. */
  testCommand: zCommandText.nullable(),
  /** What triggers it for the parcel before it; null where it has a trigger of its own. */
  triggerCommand: zTriggerText.nullable(),
  /** Texts of this scanner's own that mean "no code was seen"; the usual ones are always known. */
  noReadPatterns: z.array(zSafePattern).max(8),
  /** Texts that answer commands and must never become a parcel's code. */
  ackPatterns: z.array(zSafePattern).max(16),
  refusalPatterns: z
    .array(zSafePattern)
    .max(8)
    .describe("Answers that say that a command was not taken: told to people, and no code."),
  hasDmccAnswers: z
    .boolean()
    .describe(
      "Whether it answers in Cognex's DMCC, ||0:1[0]. An answer with state 1 is a read, one with 100 to 105 a refusal.",
    ),
  /** The sign of life, or null where the scanner sends none. */
  heartbeat: z
    .strictObject({
      pattern: zSafePattern,
      periodMs: z.number().int().min(100).max(600_000),
    })
    .nullable(),
});

/** How one scanner writes its results on a serial line or TCP connection. */
export const zScannerFormat = zScannerFormatKeys
  .refine(({ framing, endHex }) => framing !== "marks" || endHex.length > 0, {
    path: ["endHex"],
    message: "at least one end",
  })
  .refine(
    ({ framing, startHex, endHex }) =>
      framing === "marks" || (startHex === null && endHex.length === 0),
    {
      path: ["framing"],
      message: "frames of cola-b have a length: startHex is null and endHex empty",
    },
  )
  .refine(({ framing, encoding }) => framing === "marks" || encoding !== "ascii7", {
    path: ["encoding"],
    message: "frames of cola-b take all eight bits",
  })
  .refine((format) => format.codeSeparator?.includes(groupSeparator) !== true, {
    path: ["codeSeparator"],
    message: "GS is data in GS1 codes and cannot separate codes",
  })
  .refine(
    (format) => {
      const [start] = hexToBytes(format.startHex ?? "");
      return start === undefined || !format.endHex.some((end) => hexToBytes(end).includes(start));
    },
    { path: ["endHex"], message: "an end cannot contain the start byte" },
  );
export type ScannerFormat = z.infer<typeof zScannerFormat>;

export const hexToBytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
