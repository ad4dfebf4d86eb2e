import { z } from "zod";
import { tradeModes } from "../../protocols/ceb/tables/manifest.ts";
import { zSha256 } from "../../protocols/sorting.ts";
import { zEpochMs } from "../../protocols/units.ts";

/** A condition on goods, keyed by HS prefix. The longest prefix that fits speaks alone. */
const zHsRule = z.strictObject({
  prefix: z.string().regex(/^[0-9]{2,10}$/, "2 to 10 digits"),
  /** Supervision codes (监管证件代码), one character each; case matters. */
  licences: z
    .string()
    .regex(/^[0-9A-Za-z]*$/)
    .max(20),
  /** Directions in which duty is due. */
  taxable: z.array(z.enum(["export", "import"])).max(2),
  /** Where the row comes from, so that a decision can be traced. */
  source: z.string().min(1).max(100),
});
export type HsRule = z.infer<typeof zHsRule>;

/**
 * What customs may set, as one version with a date from which it counts. A manifest is judged by
 * the version in force when it was activated, and names it ever after.
 */
const zParameters = z.strictObject({
  version: z.string().min(1).max(64),
  validFrom: zEpochMs,
  /** Share of manifests that are opened at random (查验率, ZJG-24). */
  inspectionRate: z.number().min(0).max(1),
  /** Share of manifests that must pass the X-ray (过机比例, ZJG-08). */
  machinePassRatio: z.number().min(0).max(1),
  /** Key of the random draws for this period: 32 bytes or more, hexadecimal. Keep it secret. */
  drawSecretHex: z.string().regex(/^(?:[0-9a-f]{2}){32,128}$/, "32 to 128 bytes of lower-case hex"),
  rules: z.array(zHsRule).max(100_000),
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
  releasedMs: zAge.default(retentionDefaults.releasedMs),
  endedMs: zAge.default(retentionDefaults.endedMs),
  handedOverMs: zAge.default(retentionDefaults.handedOverMs),
  unnamedMs: zAge.default(retentionDefaults.unnamedMs),
  archiveMs: zAge.default(retentionDefaults.archiveMs),
});

const zAllSettings = z.strictObject({
  /** Whose release counts: the site's own comparison, or customs' status 800 as well. */
  authority: z.enum(["site", "customs"]),
  /** The documents that a manifest of each trade mode needs beside itself. */
  documentMatrix: z.record(z.enum(tradeModes), z.array(z.enum(documentKinds)).max(3)),
  /** How long an activated manifest waits for a missing document before it is returned. */
  documentWaitMs: z
    .number()
    .int()
    .min(1_000)
    .max(31 * 86_400_000),
  /** How long a stored manifest, or an event that found none, is kept. */
  storedWaitMs: z
    .number()
    .int()
    .min(1_000)
    .max(366 * 86_400_000),
  /** Weights of waybill, manifest and acceptance may differ by the larger of the two. */
  weightTolerancePct: z.number().min(0).max(100),
  weightToleranceG: z.number().int().min(0).max(100_000),
  /** Most of each kind that is held: manifests, orders, receipts, waybills. Beyond: refused. */
  documentsMax: z.number().int().min(1).max(20_000_000),
  /** Most acceptances and customs receipts that wait for their manifest. Beyond: refused. */
  parkedMax: z.number().int().min(1).max(5_000_000),
  controlsMax: z.number().int().min(1).max(1_000_000),
});

export const zClearanceConfig = zAllSettings.extend({
  retention: zRetentionConfig.prefault({}),
  /** At least one; the newest that is in force counts. */
  parameters: z.array(zParameters).min(1).max(1_000),
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
