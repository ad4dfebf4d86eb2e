import { z } from "zod";
import { zActor } from "../../protocols/actor.ts";
import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type {
  CebDocumentReturn,
  CebManifest,
  CebManifestReturn,
  CebOrder,
  CebMoneyReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { zWaybill } from "../../protocols/clearance.ts";
import { zId, zWritten } from "../../protocols/sorting.ts";
import { zEpochMs, type EpochMs } from "../../protocols/units.ts";

/**
 * Manual control (人工布控, ZJG-25) of one waybill, known or not. It can only raise severity. As in
 * every act, `by` says who, in which role and where (laws 14 and 18).
 */
export const zManualControl = z.strictObject({
  controlId: zId,
  waybill: zWaybill,
  reason: zWritten(200),
  by: zActor,
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
    by: zActor,
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
    by: zActor,
    result: z.enum(["NO_ERROR", "ERROR"]),
    note: z.union([z.literal(""), zWritten(200)]),
  }),
  /** The monitoring post sends a green parcel to on-site review (ZJG-23). */
  z.strictObject({
    act: z.literal("monitorTransfer"),
    actId: zId,
    waybill: zWaybill,
    by: zActor,
    note: z.union([z.literal(""), zWritten(200)]),
  }),
]);
export type OfficerAct = z.infer<typeof zOfficerAct>;

/** When something came to the centre. Only time that passed may end a wait, and no clock is one. */
export interface EventTimes {
  /** What its calendar said, for records and people. */
  readonly at: EpochMs;
  /**
   * What waits are measured by: it began as the calendar, goes on with time that passes, and follows
   * no jump of the calendar. Absent: the calendar.
   */
  readonly passedAt?: EpochMs;
  /**
   * There only while the calendar is not proved: the last moment at which it was. Dates are judged
   * as of then, so that nothing begins or ends by a calendar that may be wrong.
   */
  readonly datesAt?: EpochMs;
  /**
   * How far proofs of the calendar have moved `passedAt` by now, all together: the absences that
   * showed only then. Without them it runs evenly. Absent: not at all.
   */
  readonly movedMs?: number;
}

/** Everything that can happen to a manifest. */
export type DocumentEvent = EventTimes &
  (
    | { readonly kind: "order"; readonly order: CebOrder }
    | { readonly kind: "moneyReceipt"; readonly receipt: CebMoneyReceipt }
    | { readonly kind: "waybill"; readonly waybill: CebWaybill }
    | { readonly kind: "manifest"; readonly manifest: CebManifest }
    | { readonly kind: "manifestReturn"; readonly receipt: CebManifestReturn }
    /** What customs answers to an order, a receipt of money or a waybill. */
    | { readonly kind: "documentReturn"; readonly receipt: CebDocumentReturn }
    /** A receipt of customs that could not be read whole. */
    | { readonly kind: "unreadReceipt"; readonly receipt: UnreadReceipt }
    | { readonly kind: "acceptance"; readonly acceptance: Acceptance }
    | { readonly kind: "control"; readonly control: ManualControl }
    | { readonly kind: "release"; readonly release: Release }
    | { readonly kind: "officerAct"; readonly act: OfficerAct }
    /**
     * Nothing but that time has passed: waits may be over with it. `atMost`: so many of each kind
     * end, and more wait for the next; absent: all. `leavesMax`: so many of each kind of ended cases
     * may leave for the archive; absent: none. `unnamedMax`: so many numbers of documents that no
     * manifest names may end; absent: none.
     */
    | {
        readonly kind: "timePassed";
        readonly atMost?: number;
        readonly leavesMax?: number;
        readonly unnamedMax?: number;
      }
  );
