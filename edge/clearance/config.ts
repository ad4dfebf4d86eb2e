import { z } from "zod";
import { tradeModes } from "../../protocols/ceb/tables/manifest.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { zEpochMs } from "../../protocols/units.ts";

/** A condition on goods, keyed by HS prefix. The longest prefix that fits speaks alone. */
const zHsRule = z.strictObject({
  prefix: z
    .string()
    .regex(/^[0-9]{2,10}$/, "2 to 10 digits")
    .describe("Goods whose HS code begins with these digits; the longest that fits speaks alone."),
  licences: z
    .string()
    .regex(/^[0-9A-Za-z]*$/)
    .max(20)
    .describe(
      "Supervision codes (监管证件代码) of the licences that they need, one character each, in which case matters; empty for none.",
    ),
  taxable: z
    .array(z.enum(["export", "import"]))
    .max(2)
    .describe("Directions in which duty is due for them; empty for none."),
  source: z
    .string()
    .min(1)
    .max(100)
    .describe("Where this row comes from, so that a decision can be traced."),
});
export type HsRule = z.infer<typeof zHsRule>;

/**
 * What customs may set, as one version with a date from which it counts. A manifest is judged by
 * the version in force when it was activated, and names it ever after.
 */
const zParameters = z.strictObject({
  version: z
    .string()
    .min(1)
    .max(64)
    .describe("This version's name, which every manifest that it judges bears."),
  validFrom: zEpochMs.describe("From when it counts, milliseconds since 1970 UTC."),
  inspectionRate: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of manifests that are opened at random (查验率, ZJG-24); 0.05 is 5 percent."),
  machinePassRatio: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of manifests that must pass the X-ray (过机比例, ZJG-08); 1 is all of them."),
  drawSecretHex: z
    .string()
    .regex(/^(?:[0-9a-f]{2}){32,128}$/, "32 to 128 bytes of lower-case hex")
    .describe(
      "Key of this period's random draws: 32 bytes or more, hexadecimal, drawn by chance. Keep it secret.",
    ),
  rules: z
    .array(zHsRule)
    .max(100_000)
    .describe("What goods need, by the beginning of their HS codes."),
});
type Parameters = z.infer<typeof zParameters>;

/** A version as journals hold it: all of it, but of the key its SHA-256 only. */
export const zKeptParameters = zParameters
  .omit({ drawSecretHex: true })
  .extend({ drawKeyHash: zSha256 });
export type KeptParameters = z.infer<typeof zKeptParameters>;

const documentKinds = ["order", "receipt", "waybill"] as const;
export type DocumentKind = (typeof documentKinds)[number];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zAge = z
  .number()
  .int()
  .min(hourMs)
  .max(3_660 * dayMs);

/** How long a case is held that has ended, by how; and how long the archive keeps it then. */
const zRetention = z.strictObject({
  /** All its pieces have left through green. */
  releasedMs: zAge,
  /** Returned, void, or closed by customs. From then on its waybill cannot be declared anew. */
  endedMs: zAge,
  /** Handed over after an inspection. */
  handedOverMs: zAge,
  /**
   * Since an order, receipt of money or waybill came that no manifest has named. From then on its
   * number is taken for good. Journals of before say nothing of it.
   */
  unnamedMs: zAge.exactOptional(),
  /** What is older than this leaves the archive, by day. */
  archiveMs: zAge,
});
export const retentionDefaults = {
  releasedMs: 30 * dayMs,
  endedMs: 180 * dayMs,
  handedOverMs: 366 * dayMs,
  unnamedMs: 180 * dayMs,
  archiveMs: 1_096 * dayMs,
} as const satisfies z.infer<typeof zRetention>;
const zRetentionConfig = z.strictObject({
  releasedMs: zAge
    .default(retentionDefaults.releasedMs)
    .describe("Milliseconds that a case is held after all its pieces have left through green."),
  endedMs: zAge
    .default(retentionDefaults.endedMs)
    .describe(
      "Milliseconds that a case is held after it was returned, void, or closed by customs; from then on its waybill cannot be declared anew.",
    ),
  handedOverMs: zAge
    .default(retentionDefaults.handedOverMs)
    .describe("Milliseconds that a case is held after it was handed over from an inspection."),
  unnamedMs: zAge
    .default(retentionDefaults.unnamedMs)
    .describe(
      "Milliseconds that an order, receipt of money or waybill is held that no manifest names; from then on its number is taken for good.",
    ),
  archiveMs: zAge
    .default(retentionDefaults.archiveMs)
    .describe("Milliseconds after which what is in the archive leaves it, by day."),
});

const zAllSettings = z.strictObject({
  authority: z
    .enum(["site", "customs"])
    .describe("Whose release counts: the site's own comparison, or customs' receipt 800 as well."),
  documentMatrix: z
    .record(z.enum(tradeModes), z.array(z.enum(documentKinds)).max(3))
    .describe("The documents that a manifest of each trade mode needs beside itself."),
  documentWaitMs: z
    .number()
    .int()
    .min(1_000)
    .max(31 * 86_400_000)
    .describe(
      "Milliseconds that an activated manifest waits for a missing document before it is returned.",
    ),
  storedWaitMs: z
    .number()
    .int()
    .min(1_000)
    .max(366 * 86_400_000)
    .describe(
      "Milliseconds that a manifest waits to be activated, and what came without a manifest waits for one.",
    ),
  weightTolerancePct: z
    .number()
    .min(0)
    .max(100)
    .describe("By how much weights in waybill, manifest and acceptance may differ, percent."),
  weightToleranceG: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .describe("The same, grams; the larger of the two counts."),
  documentsMax: z
    .number()
    .int()
    .min(1)
    .max(20_000_000)
    .describe(
      "So many manifests are held at most, orders, receipts of money and waybills; beyond it they are refused.",
    ),
  parkedMax: z
    .number()
    .int()
    .min(1)
    .max(5_000_000)
    .describe(
      "So many acceptances wait for their manifest at most, and customs receipts; beyond it they are refused.",
    ),
  controlsMax: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .describe("So many controls of officers stand at most; beyond it they are refused."),
});

export const zClearanceConfig = zAllSettings.extend({
  retention: zRetentionConfig
    .prefault({})
    .describe("How long a case is held that has ended, and how long the archive keeps it then."),
  parameters: z
    .array(zParameters)
    .min(1)
    .max(1_000)
    .describe("What customs may set, by versions; the newest that is in force counts."),
});
export type ClearanceConfig = z.infer<typeof zClearanceConfig>;

/** What counts whatever version is in force. Journals of before say nothing of retention. */
export const zClearanceSettings = zAllSettings.extend({ retention: zRetention.exactOptional() });
export type ClearanceSettings = z.infer<typeof zClearanceSettings>;

/** Everything that judgments depend on, without a secret. */
export interface KeptClearance extends ClearanceSettings {
  readonly parameters: readonly KeptParameters[];
}

/** The key of a version, which is kept apart from everything that is journalled. */
export interface DrawKey extends Pick<Parameters, "version" | "validFrom" | "drawSecretHex"> {
  readonly drawKeyHash: string;
}
