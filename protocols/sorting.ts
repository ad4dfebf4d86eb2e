import { z } from "zod";

/** Where a parcel leaves: released (放行口), for its papers (涉证口), or to be opened (开箱查验口). */
export const exits = ["green", "red", "inspection"] as const;
export type Exit = (typeof exits)[number];
export const zExit = z.enum(exits);

/** PackML state names (OPC 30050 v1.01) that a line passes through. */
export const packmlStates = [
  "Stopped",
  "Resetting",
  "Idle",
  "Starting",
  "Execute",
  "Holding",
  "Held",
  "Unholding",
  "Suspending",
  "Suspended",
  "Unsuspending",
  "Stopping",
  "Aborting",
  "Aborted",
  "Clearing",
] as const;
export type PackmlState = (typeof packmlStates)[number];

/** Their numbers by the same document. OPC 30060 numbers them otherwise. */
export const packmlStateNumbers = {
  Clearing: 1,
  Stopped: 2,
  Starting: 3,
  Idle: 4,
  Suspended: 5,
  Execute: 6,
  Stopping: 7,
  Aborting: 8,
  Aborted: 9,
  Holding: 10,
  Held: 11,
  Unholding: 12,
  Suspending: 13,
  Unsuspending: 14,
  Resetting: 15,
} as const satisfies Readonly<Record<PackmlState, number>>;
export const zPackmlState = z.enum(packmlStates);

/** Of a machine that has an end of its orders, too (ISA-TR88.00.02). */
export const machineStates = [...packmlStates, "Completing", "Complete"] as const;
export type MachineState = (typeof machineStates)[number];
export const zMachineState = z.enum(machineStates);
export const machineStateNumbers = {
  ...packmlStateNumbers,
  Completing: 16,
  Complete: 17,
} as const satisfies Readonly<Record<MachineState, number>>;

/** `lab`: at least one evidence source is simulated, so nothing counts as a real release. */
export const lineModes = ["produce", "lab"] as const;
export type LineMode = (typeof lineModes)[number];

/** Judged by the age of the last heartbeat or message, never by "connected" alone. */
export const healthStates = ["receiving", "stale", "down"] as const;
export type HealthState = (typeof healthStates)[number];

/** The machines of a line. */
export const deviceKinds = ["scanner", "scale", "xray", "sorter", "annunciator", "camera"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** What stands along a belt, from induction to end. */
export const beltPlaceKinds = ["eye", "scanner", "scale", "xray", "diverter", "end"] as const;

export const chuteStates = ["ready", "full", "blocked", "unknown"] as const;
export type ChuteState = (typeof chuteStates)[number];

/** Ids appear in topics, file names and URLs, hence the narrow alphabet. */
const idCharsMax = 64;
const idPattern = /^[A-Za-z0-9_.-]+$/;
export const zId = z
  .string()
  .min(1)
  .max(idCharsMax)
  .regex(idPattern, "letters, digits, '_', '.', '-' only");

/** What `zId` takes. */
export const isId = (value: unknown): value is string =>
  typeof value === "string" && value.length <= idCharsMax && idPattern.test(value);

/** An id that topics are made of: names with a dot pass some brokers silently into nothing. */
export const zTopicId = zId.regex(/^[^.]*$/, "no dot, because some brokers lose topics with one");

const seen = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;
/** Some letters are there to be ignored, such as Hangul's filler. */
const letterOrDigit = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;

/**
 * One line that a person writes and signs with: what is read of it years later is what was written.
 * Characters that nobody sees could make two names look alike, or turn the text around them.
 */
export const zWritten = (charsMax: number) =>
  z
    .string()
    .regex(seen, "no line breaks, control characters or others that nobody can see")
    .trim()
    .regex(letterOrDigit, "at least one letter or digit")
    .max(charsMax);

/** What people call themselves or their place. */
export const zName = zWritten(64);

/** SHA-256, lower-case hexadecimal. */
export const zSha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits");
/** An Ed25519 signature. */
export const zSignature = z.string().regex(/^[0-9a-f]{128}$/, "128 lower-case hex digits");
