import { z } from "zod";
import { zDeviceReason } from "./device-reasons.ts";
import { zId } from "./sorting.ts";
import { zEpochMs } from "./units.ts";

/**
 * The trace of a device: what went over its wire a moment ago, both ways, and what its dialect made of
 * it. It is switched on by a person for one device and some minutes, kept in memory alone, and goes to
 * nobody but those who look at it. Nothing of it is ever journalled or decided on.
 */

/** So long a trace runs where nobody says for how long, and at most. */
export const traceSecondsDefault = 300;
export const traceSecondsMax = 3_600;

/** The last frames of one device, by number and by the bytes of their texts; older ones go. */
export const traceFramesMax = 500;
export const traceBytesMax = 256 * 1_024;
/** Devices of one agent, and of one centre, that are traced at the same time. */
export const tracesMax = 4;
/** What one message of the link, and one answer to a page, carry at most. */
export const traceAnswerFramesMax = 100;
export const traceAnswerBytesMax = 64 * 1_024;

/** Of one frame; what is longer is cut. */
export const traceTextCharsMax = 1_000;
export const traceFrameBytesMax = 300;
export const traceNameCharsMax = 200;

/**
 * `in` came from the device, `out` was sent to it. `heard` is what its dialect has understood, `dropped`
 * what was not taken, with the reason, and `said` what it was given to say. `state` is the wire's, and
 * `found` says where a variable is.
 */
export const traceWays = ["in", "out", "heard", "dropped", "said", "state", "found"] as const;
export type TraceWay = (typeof traceWays)[number];

/** What is seen, whoever shows it. */
export const zSeenOnWire = z.strictObject({
  way: z.enum(traceWays),
  /** A topic, a file's name, or a variable's key; null where the wire has no names. */
  name: z.string().max(traceNameCharsMax).nullable(),
  /** Text where it is one, in one line; of a state `open` or `closed`. */
  text: z.string().max(traceTextCharsMax).nullable(),
  /** Bytes that are no text, two digits each, with blanks between. */
  hex: z
    .string()
    .max(3 * traceFrameBytesMax)
    .nullable(),
  /** How long it was as a whole where it is cut, in bytes or characters; null where all is shown. */
  wholeLength: z.number().int().min(1).nullable(),
  /** Why it was not taken, or why the wire is not there. */
  reason: zDeviceReason.nullable(),
});
export type SeenOnWire = z.infer<typeof zSeenOnWire>;

export const zTraceFrame = zSeenOnWire.extend({
  /** From 1, since the trace was switched on. What is missing between two has been let go. */
  seq: z.number().int().min(1),
  /** The agent's calendar. */
  at: zEpochMs,
});
export type TraceFrame = z.infer<typeof zTraceFrame>;

/**
 * Which trace: when it was switched on, by the centre's calendar. A later one of the same device takes
 * an earlier one's place.
 */
const zTraceNumber = z.number().int().min(1);
const zRemainingMs = z
  .number()
  .int()
  .min(0)
  .max(traceSecondsMax * 1_000);

/** Asks an agent for what came behind `afterSeq`; a trace that does not run there begins with it. */
export const zTraceWanted = z.strictObject({
  kind: z.literal("traceWanted"),
  deviceId: zId,
  trace: zTraceNumber,
  remainingMs: zRemainingMs,
  afterSeq: z.number().int().min(0),
});
export type TraceWanted = z.infer<typeof zTraceWanted>;

/** The answer. No frames: nothing new. */
export const zTraceTold = z.strictObject({
  kind: z.literal("traceTold"),
  deviceId: zId,
  trace: zTraceNumber,
  /** Of the newest that was seen, told here or not. */
  lastSeq: z.number().int().min(0),
  frames: z.array(zTraceFrame).max(traceAnswerFramesMax),
});
export type TraceTold = z.infer<typeof zTraceTold>;

const bytesOfHex = (hex: string): readonly number[] =>
  hex
    .split(" ")
    .filter((digits) => digits !== "")
    .map((digits) => Number.parseInt(digits, 16));

/** Characters of bytes in hexadecimal: control characters get their pictures, others a dot. */
export const charsOfHex = (hex: string): string =>
  bytesOfHex(hex)
    .map((byte) => {
      if (byte < 0x20) return String.fromCharCode(0x2400 + byte);
      return byte === 0x7f ? "\u2421" : printable(byte);
    })
    .join("");

/** The same where there are no such pictures: control characters get their names. */
export const namedCharsOfHex = (hex: string): string =>
  bytesOfHex(hex)
    .map((byte) => {
      const name = byte === 0x7f ? "DEL" : controlNames[byte];
      return name === undefined ? printable(byte) : `<${name}>`;
    })
    .join("");

const printable = (byte: number): string => (byte < 0x7f ? String.fromCharCode(byte) : "\u00b7");

const controlNames =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );

/** About what a frame takes where it is kept or sent. */
export const traceBytesOf = ({ name, text, hex, reason }: SeenOnWire): number =>
  frameBytesMin +
  (name?.length ?? 0) +
  (text?.length ?? 0) +
  (hex?.length ?? 0) +
  (reason?.detail?.length ?? 0);
const frameBytesMin = 120;
