import { z } from "zod";

const share = z.number().min(0).max(1);

/** What a parcel of the opening can be: `plain`, or the one unusual thing about it. */
export const openingCases = [
  "plain",
  "licence",
  "ledger",
  "taxable",
  "prohibited",
  "hiddenContraband",
  "comparisonMismatch",
  "weightMismatch",
  "labelUnreadable",
] as const;
export type OpeningCase = (typeof openingCases)[number];

/**
 * Everything about the parcels of a run that chance decides, as shares of all parcels. Together
 * with one seed it reproduces the run; the world prints it at the start.
 */
export const zScenarioOptions = z.strictObject({
  parcelsPerHour: z.number().min(1).max(8_000).default(1_200),
  /** Free belt between two parcels; the real gap varies above it. */
  gapMmMin: z.number().min(0).max(10_000).default(320),
  lengthMmMin: z.number().min(80).max(900).default(150),
  lengthMmMax: z.number().min(100).max(900).default(600),
  /** What shippers declare; the rest is plain goods. */
  licence: share.default(0.08),
  ledger: share.default(0.03),
  taxable: share.default(0.02),
  prohibited: share.default(0.005),
  /** Declared as something harmless, with something forbidden inside. */
  hiddenContraband: share.default(0.02),
  /** Order, receipt and manifest do not agree. */
  comparisonMismatch: share.default(0.02),
  /** Weighs something else than declared. */
  weightMismatch: share.default(0.01),
  /** Documents come while the parcel is on the belt, or after. */
  documentsLate: share.default(0.01),
  /** Nobody sends documents: the waybill is unknown. */
  documentsMissing: share.default(0.005),
  /** The carrier's acceptance never comes, so the manifest is not activated. */
  acceptanceMissing: share.default(0.003),
  /** Customs orders an inspection (status 500) while the parcel is on the belt. */
  inspectionOrdered: share.default(0.005),
  /** Customs sends a status that nobody knows. */
  unknownStatus: share.default(0.002),
  labelUnreadable: share.default(0.01),
  /** A second, older label is still readable. */
  doubleLabel: share.default(0.004),
  /** Bears the number of a parcel that went before. */
  duplicateWaybill: share.default(0.002),
  /** Bodies that lie on the belt when the line starts, from nobody knows where (PF-11). */
  bodiesAtStart: z.number().int().min(0).max(40).default(0),
  /** What the first parcels of each line are, in turn; behind them the shares alone decide. */
  opening: z.array(z.enum(openingCases)).max(100).default([]),
});
export type ScenarioOptions = z.infer<typeof zScenarioOptions>;

export const defaultScenario: ScenarioOptions = zScenarioOptions.parse({});

const nothingUnusual = {
  ledger: 0,
  taxable: 0,
  prohibited: 0,
  hiddenContraband: 0,
  comparisonMismatch: 0,
  weightMismatch: 0,
  documentsLate: 0,
  documentsMissing: 0,
  acceptanceMissing: 0,
  inspectionOrdered: 0,
  unknownStatus: 0,
  labelUnreadable: 0,
  doubleLabel: 0,
  duplicateWaybill: 0,
} satisfies Partial<ScenarioOptions>;

/** Nothing unusual: every parcel is plain, licensed or in order, and every label can be read. */
export const quietScenario: ScenarioOptions = { ...defaultScenario, ...nothingUnusual };

/** The shares that the parcel of this index is drawn by: those of its place in the opening first. */
export function scenarioOf(index: number, scenario: ScenarioOptions): ScenarioOptions {
  const opening = scenario.opening[index];
  if (opening === undefined) return scenario;
  const plain = { ...scenario, ...nothingUnusual, licence: 0 };
  return opening === "plain" ? plain : { ...plain, [opening]: 1 };
}
