import { z } from "zod";
import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type {
  CebManifest,
  CebManifestReturn,
  CebOrder,
  CebReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import { zWaybill } from "../../protocols/clearance.ts";
import { zId, zName, zWritten } from "../../protocols/sorting.ts";
import { zEpochMs, type EpochMs } from "../../protocols/units.ts";

/** Who did it and where (law 14); the rule version is the record's own. */
const zActor = {
  officer: zName,
  station: zName,
};

/** Manual control (人工布控, ZJG-25) of one waybill, known or not. It can only raise severity. */
export const zManualControl = z.strictObject({
  controlId: zId,
  waybill: zWaybill,
  reason: zWritten(200),
  ...zActor,
});
export type ManualControl = z.infer<typeof zManualControl>;

/** The line's journalled green decision, which is the act of release (law 13). */
export const zRelease = z.strictObject({
  waybill: zWaybill,
  lineId: zId,
  passId: zId,
  /** What the decision stood on. */
  recordVersion: z.number().int().min(1).nullable(),
  decidedAt: zEpochMs,
});
export type Release = z.infer<typeof zRelease>;

export const zOfficerAct = z.discriminatedUnion("act", [
  /** After checking the papers on site (再次激活, ZJG-21). */
  z.strictObject({
    act: z.literal("secondActivation"),
    actId: zId,
    waybill: zWaybill,
    ...zActor,
    /** The papers seen: supervision code (case matters), number, quantity drawn down. */
    licences: z
      .array(
        z.strictObject({
          code: z.string().length(1),
          number: zWritten(40),
          quantity: zWritten(24),
        }),
      )
      .max(20),
  }),
  /** Result of opening the parcel (查验结果, ZJG-34). */
  z.strictObject({
    act: z.literal("inspectionResult"),
    actId: zId,
    waybill: zWaybill,
    ...zActor,
    result: z.enum(["NO_ERROR", "ERROR"]),
    note: z.union([z.literal(""), zWritten(200)]),
  }),
  /** The monitoring post sends a green parcel to on-site review (ZJG-23). */
  z.strictObject({
    act: z.literal("monitorTransfer"),
    actId: zId,
    waybill: zWaybill,
    ...zActor,
    note: z.union([z.literal(""), zWritten(200)]),
  }),
]);
export type OfficerAct = z.infer<typeof zOfficerAct>;

/** Everything that can happen to a manifest. `at` is the centre's calendar at arrival. */
export type DocumentEvent = { readonly at: EpochMs } & (
  | { readonly kind: "order"; readonly order: CebOrder }
  | { readonly kind: "receipt"; readonly receipt: CebReceipt }
  | { readonly kind: "waybill"; readonly waybill: CebWaybill }
  | { readonly kind: "manifest"; readonly manifest: CebManifest }
  | { readonly kind: "manifestReturn"; readonly receipt: CebManifestReturn }
  | { readonly kind: "acceptance"; readonly acceptance: Acceptance }
  | { readonly kind: "control"; readonly control: ManualControl }
  | { readonly kind: "release"; readonly release: Release }
  | { readonly kind: "officerAct"; readonly act: OfficerAct }
  /** The calendar has reached a moment that something waited for. */
  | { readonly kind: "timePassed" }
);
