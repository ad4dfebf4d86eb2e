import { z } from "zod";
import type { ReadBinding, ReaderLayout } from "../../line/config.ts";
import { zId, type LineMode } from "../../../protocols/sorting.ts";

/**
 * What tells whose read, weight or image it is (law 16), as it stands in a configuration file. Each
 * is required, because a device that says nothing must be known to say nothing: `none`.
 */
const counterBits = z
  .literal([16, 24, 32])
  .describe("Width of the counter in the reader's telegram, which wraps behind its last number.");

const sendMm = z
  .number()
  .min(10)
  .max(2_000)
  .default(150)
  .describe("How far before its place a parcel's front is when the device is sent its token, mm.");

/** For a reader without a trigger of its own. */
export const zReaderTrigger = z
  .strictObject({
    sendMm: z
      .number()
      .min(0)
      .max(2_000)
      .default(100)
      .describe("How far before the reading plane a front is when the reader is triggered."),
    offMm: z
      .number()
      .min(0)
      .max(2_000)
      .nullable()
      .default(null)
      .describe(
        "How far behind the reading plane a rear is when a trigger that has shown nothing is ended. Null: the reader ends it by itself.",
      ),
  })
  .nullable()
  .default(null)
  .describe(
    "Null: the reader has a trigger of its own. Else the line triggers it, by its dialect.",
  );

export type ReaderTrigger = z.infer<typeof zReaderTrigger>;

/**
 * The binding test, kept as `npm run journal -- binding-test` prints it: parcels with known labels
 * were answered late, and each label bore what the reader held at its own trigger. Without it a line
 * that is no lab takes the reader for `none`.
 */
const zTested = z.strictObject({
  device: zId.describe(
    "Whose test it was: the id of this reader. One that takes its place gets an id and a test of its own.",
  ),
  binding: z
    .enum(["echo", "ticks", "counter", "pulse"])
    .describe("As what it was tested; it speaks for no other binding."),
  by: z.string().min(1).max(64).describe("Who made the test."),
  on: z.iso.date().describe("On which day, such as 2026-11-30."),
  records: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Of which journal, from which record to which: `npm run journal -- binding-test` judges them again.",
    ),
});

const canTestWords =
  "Whether the reader answers a test trigger of ours, which alone settles an answer that is missing without a person.";

const provingKeys = {
  canTest: z.boolean().default(true).describe(canTestWords),
  tested: zTested
    .nullable()
    .default(null)
    .describe(
      "The binding test as `npm run journal -- binding-test` prints it; without it a line that is no lab takes the reader for none.",
    ),
};

const zEcho = z.strictObject({
  kind: z
    .literal("echo")
    .describe("The reader sends back the token that it held at its trigger: the best proof."),
  sendMm,
  ...provingKeys,
});
const zTicks = z.strictObject({
  kind: z
    .literal("ticks")
    .describe("The reader tells its own count of the belt's encoder at its trigger."),
  offsetCounts: z
    .number()
    .int()
    .min(-4_294_967_295)
    .max(4_294_967_295)
    .nullable()
    .default(null)
    .describe(
      "Counts to add to the reader's for the sorter's, as long as a test trigger agrees; null where the test alone tells it.",
    ),
  bits: counterBits,
  ...provingKeys,
});
const zCounter = z.strictObject({
  kind: z.literal("counter").describe("The reader numbers its triggers."),
  bits: counterBits,
  ...provingKeys,
});
const zPulse = z
  .strictObject({
    kind: z
      .literal("pulse")
      .describe(
        "The sorter's inputs latch the reader's good-read and no-read outputs, with a count.",
      ),
    goodInputId: zId.describe("The sorter's input that the good-read output is wired to."),
    noReadInputId: zId.describe("The sorter's input that the no-read output is wired to."),
    ...provingKeys,
  })
  .refine(({ goodInputId, noReadInputId }) => goodInputId !== noReadInputId, {
    path: ["noReadInputId"],
    message: "good read and no-read need an input each",
  });
const zNone = z.strictObject({
  kind: z
    .literal("none")
    .describe("Nothing tells whose read it is: without a witness no parcel is released."),
  canTest: z.boolean().default(false).describe(canTestWords),
});

const zProving = z.discriminatedUnion("kind", [zEcho, zTicks, zCounter, zPulse]);

/** A second reader before the first diverter, which proves itself. */
const zWitness = z.strictObject({
  kind: z
    .literal("witness")
    .describe("A second reader, which proves itself, must have read the same."),
  canTest: z.boolean().default(false).describe(canTestWords),
  reader: z
    .strictObject({
      deviceId: zId.describe("The second reader's id, as of devices.witness."),
      atMm: z
        .number()
        .min(0)
        .max(1_000_000)
        .describe("Where its reading plane crosses the belt, mm from the induction eye."),
      trigger: zReaderTrigger,
      binding: zProving.describe("What on its wire tells whose read a read is."),
    })
    .describe("The second reader, before the first diverter."),
});

export const zScannerBinding = z.discriminatedUnion("kind", [
  zEcho,
  zTicks,
  zCounter,
  zPulse,
  zWitness,
  zNone,
]);
export type ScannerBinding = z.infer<typeof zScannerBinding>;

export const zScaleBinding = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("track").describe("The scale sends back the token that it was sent."),
    sendMm,
  }),
  z.strictObject({
    kind: z
      .literal("extent")
      .describe(
        "The scale tells the length it has measured: a weight that came with another one is nobody's. It proves none.",
      ),
  }),
  z.strictObject({
    kind: z.literal("none").describe("Nothing says whose weight it is: it speaks for no parcel."),
  }),
]);

export const zXrayBinding = z.strictObject({
  kind: z
    .enum(["track", "header", "extent", "none"])
    .describe(
      "What proves whose picture it is: the pass that comes back with it, the count of its own header, the length of what is on it, or nothing.",
    ),
});

interface ReaderFile {
  readonly deviceId: string;
  readonly atMm: number;
  readonly trigger: ReaderTrigger;
}

/** The scanner and its witness as the core takes them. */
export function readersOfFile(
  file: ReaderFile,
  binding: ScannerBinding,
  mode: LineMode,
): { readonly scanner: ReaderLayout; readonly witness: ReaderLayout | null } {
  if (binding.kind !== "witness") {
    return { scanner: readerOf(file, binding, mode), witness: null };
  }
  const { reader, canTest } = binding;
  return {
    scanner: { ...placeOf(file), binding: none, canTest },
    witness: readerOf(reader, reader.binding, mode),
  };
}

/** Without a trigger of ours the configuration is the same as before there were any. */
const placeOf = ({ deviceId, atMm, trigger }: ReaderFile) => ({
  deviceId,
  atMm,
  ...(trigger === null ? {} : { triggerMm: trigger.sendMm }),
  ...(typeof trigger?.offMm === "number" ? { triggerOffMm: trigger.offMm } : {}),
});

function readerOf(
  file: ReaderFile,
  binding: Exclude<ScannerBinding, { kind: "witness" }>,
  mode: LineMode,
): ReaderLayout {
  const { canTest } = binding;
  const core = isTrusted(binding, mode) ? coreOf(binding) : none;
  return { ...placeOf(file), canTest, binding: core };
}

const none: ReadBinding = { kind: "none" };

export type TestedBinding = z.infer<typeof zTested>;

/** What nobody has tested is believed in a lab only. */
export const isTrusted = (
  binding: Exclude<ScannerBinding, { kind: "witness" }>,
  mode: LineMode,
): boolean => mode === "lab" || (binding.kind !== "none" && binding.tested !== null);

function coreOf(binding: Exclude<ScannerBinding, { kind: "witness" }>): ReadBinding {
  switch (binding.kind) {
    case "echo":
      return { kind: "echo", sendMm: binding.sendMm };
    case "ticks":
      return { kind: "ticks", offsetCounts: binding.offsetCounts, bits: binding.bits };
    case "counter":
      return { kind: "counter", bits: binding.bits };
    case "pulse": {
      const { goodInputId, noReadInputId } = binding;
      return { kind: "pulse", goodInputId, noReadInputId };
    }
    case "none":
      return none;
  }
}
