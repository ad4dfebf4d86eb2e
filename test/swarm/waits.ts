import type { DocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { DocumentPlan } from "../../simulators/scenarios/parcel-stream.ts";
import { forgetOldest } from "./forget-oldest.ts";

/**
 * No manifest is ended by a wait before so much time has passed, whatever any calendar says: told
 * from the records and from when the papers really came.
 */
export interface Waits {
  readonly documentsTaken: (plan: DocumentPlan) => void;
}

export interface WaitsOptions {
  readonly desk: Pick<DocumentDesk, "onRecordsChanged">;
  readonly now: () => number;
  /** The shorter of the two waits. */
  readonly waitMs: number;
  readonly onEndedEarly: (what: string) => void;
}

const papersKeptMax = 5_000;

export function watchWaits({ desk, now, waitMs, onEndedEarly }: WaitsOptions): Waits {
  const takenAt = new Map<string, number>();
  desk.onRecordsChanged((records) => {
    for (const { waybill, reasons } of records) {
      const isEndedByWait = reasons.some(
        ({ code, params }) =>
          (code === "comparisonFailed" && params?.["missing"] !== undefined) ||
          (code === "notActivated" && params?.["why"] === "expired"),
      );
      const waitedMs = now() - (takenAt.get(waybill) ?? Number.NEGATIVE_INFINITY);
      if (!isEndedByWait || waitedMs >= waitMs) continue;
      onEndedEarly(`the manifest of ${waybill} was ended after ${Math.round(waitedMs)} ms`);
    }
    return () => {};
  });
  return {
    documentsTaken: ({ declaration }) => {
      takenAt.set(declaration.waybill, now());
      forgetOldest(takenAt, papersKeptMax);
    },
  };
}
