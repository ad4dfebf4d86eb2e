import { z } from "zod";
import { groupSeparator } from "../barcode/scanned-code.ts";
import { zProofHead } from "./proof-head.ts";
import { zSafePattern } from "../safe-pattern.ts";
import { readDmccCommand, zDmccCommands } from "./dmcc.ts";

/** Bytes as hexadecimal, `02` or `0D0A`. */
const zHexBytes = z
  .string()
  .regex(/^(?:[0-9A-Fa-f]{2}){1,4}$/, "1 to 4 bytes as hexadecimal digits, such as 0D0A");

/** What stands before the code itself in each part of a frame, in order. */
const zCodeField = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z
      .literal("aim")
      .describe("The AIM identifier, such as ]C1, where it is sent; a code without it is taken."),
  }),
  z.strictObject({
    kind: z
      .literal("skip")
      .describe("Characters of no interest, such as a vendor's own code id or an address."),
    chars: z.number().int().min(1).max(32).describe("How many characters."),
  }),
  /**
   * SICK's state of the diagnosis, one character: 0 is a good read. With any other there was none, and
   * the frame is a read without codes.
   */
  z.strictObject({
    kind: z
      .literal("diagnosis")
      .describe("SICK's diagnosis state, one character: 0 is a good read, 1 to 9 and A are none."),
  }),
  z.strictObject({
    kind: z
      .literal("length")
      .describe("The length of the code that follows; a frame that contradicts it is discarded."),
    digits: z.number().int().min(1).max(4).describe("How many decimal digits it has."),
  }),
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
  startHex: zHexBytes
    .length(2, "one byte")
    .nullable()
    .describe(
      "The byte that begins a frame, hexadecimal, such as 02; null where a frame is what comes before an end.",
    ),
  endHex: z
    .array(zHexBytes)
    .max(4)
    .describe(
      "Bytes of which any ends a frame, hexadecimal, such as 0D0A; frames without an end cannot be told from a cut line.",
    ),
  maxLengthBytes: z
    .number()
    .int()
    .min(1)
    .max(4_096)
    .describe("Bytes between start and end at most; a longer frame is dropped."),
  interByteTimeoutMs: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .describe("Milliseconds of a pause within a frame after which it counts as cut."),
  encoding: z
    .enum(["ascii7", "latin1", "utf8"])
    .describe("What the bytes mean; ascii7 strips bit 7, for links with 7 data bits."),
  headerChars: z
    .number()
    .int()
    .min(0)
    .max(64)
    .describe("So many characters in front of the codes are of no interest."),
  trailerChars: z
    .number()
    .int()
    .min(0)
    .max(64)
    .describe("So many characters behind the codes are of no interest."),
  codeSeparator: z
    .string()
    .min(1)
    .max(8)
    .nullable()
    .describe("What stands between the codes of one read; null for one code a frame."),
  codeFields: z
    .array(zCodeField)
    .max(4)
    .describe("What stands before the code itself in each part of a frame, in order."),
  hasGrade: z
    .boolean()
    .describe("Whether a grade may follow a code: a colon and one to three digits."),
  proofHead: zProofHead
    .nullable()
    .describe(
      "What stands before all codes and tells whose read it is, such as T0815,N7|; null where there is nothing.",
    ),
  tokenCommand: zCommandText
    .nullable()
    .describe(
      "What tells the device its next token, {} being the digits; null where it takes none.",
    ),
  testCommand: zCommandText
    .nullable()
    .describe(
      "What triggers it for a test, {} being the digits to send back; null where nothing does.",
    ),
  triggerCommand: zTriggerText
    .nullable()
    .describe("What triggers it for the parcel before it; null where it has a trigger of its own."),
  triggerOffCommand: zTriggerText
    .nullable()
    .describe(
      "What ends a trigger that has shown nothing yet; null where the reader ends it by itself, or has no such command.",
    ),
  noReadPatterns: z
    .array(zSafePattern)
    .max(8)
    .describe(
      "Texts of this reader's own that mean that no code was seen; the usual ones are always known.",
    ),
  ackPatterns: z
    .array(zSafePattern)
    .max(16)
    .describe("Texts that answer commands and must never become a parcel's code."),
  refusalPatterns: z
    .array(zSafePattern)
    .max(8)
    .describe("Answers that say that a command was not taken: told to people, and no code."),
  hasDmccAnswers: z
    .boolean()
    .describe(
      "Whether it answers in Cognex's DMCC, ||0:1[0]. An answer with state 1 is a read, one with 100 to 105 a refusal.",
    ),
  dmccCommands: zDmccCommands
    .nullable()
    .describe(
      "Null: commands are sent as they stand. Else each is numbered, as in ||0:7>TRIGGER ON, and waits for the answer to the one before; an answer to another number is no code. The reader has to be set to extended answers.",
    ),
  heartbeat: z
    .strictObject({
      pattern: zSafePattern.describe("What it looks like, as a whole."),
      periodMs: z
        .number()
        .int()
        .min(100)
        .max(600_000)
        .describe("Milliseconds between two of them, as the device is set."),
    })
    .nullable()
    .describe("The device's sign of life; null where it sends none."),
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
  )
  .superRefine(refuseUnnumbered);
export type ScannerFormat = z.infer<typeof zScannerFormat>;

/** What keeps commands of DMCC from being numbered. */
function refuseUnnumbered(
  format: z.infer<typeof zScannerFormatKeys>,
  context: z.RefinementCtx,
): void {
  const { dmccCommands, endHex } = format;
  if (dmccCommands === null) return;
  const refuse = (key: string, message: string) =>
    context.addIssue({ code: "custom", path: [key], message });
  if (!format.hasDmccAnswers) refuse("dmccCommands", "needs hasDmccAnswers");
  if (format.framing !== "marks" || endHex.length !== 1 || endHex[0]?.toUpperCase() !== "0D0A") {
    refuse("dmccCommands", "DMCC ends everything with CR LF: endHex has to be [0D0A]");
  }
  if (dmccCommands.checksum !== "none" && format.encoding === "utf8") {
    refuse("dmccCommands", "a checksum may be any byte: encoding has to be latin1 or ascii7");
  }
  for (const key of [
    "triggerCommand",
    "triggerOffCommand",
    "tokenCommand",
    "testCommand",
  ] as const) {
    const text = format[key];
    const command = text === null ? null : readDmccCommand(text);
    if (command?.kind === "invalid") refuse(key, command.why);
  }
}

export const hexToBytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
