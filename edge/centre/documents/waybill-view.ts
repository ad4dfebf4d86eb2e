import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { RowOf } from "../../clearance/rows.ts";
import type { DocumentState } from "../../clearance/state.ts";

/** What the documents say of one waybill, as claims need it. */
export interface WaybillView {
  /** Null before the first manifest of it has come. */
  readonly manifest: { readonly record: ClearanceRecord | null; readonly pieces: number } | null;
  /** Passes by which its pieces have left through green. */
  readonly passIds: readonly string[];
}

export const viewOf = ({ cases, releases }: DocumentState, waybill: string): WaybillView => ({
  manifest: manifestIn(cases.get(waybill) ?? null),
  passIds: releases.get(waybill) ?? [],
});

export const manifestIn = (row: RowOf<"cases"> | null): WaybillView["manifest"] =>
  row === null ? null : { record: row.record, pieces: row.manifest.pieces };

/** As it was before this pass has left. */
export const viewBefore = (view: WaybillView, passId: string): WaybillView => ({
  ...view,
  passIds: view.passIds.filter((each) => each !== passId),
});

/** All its pieces have left, `more` of them by other tellings; without papers it counts as one piece. */
export const isReleasedIn = ({ manifest, passIds }: WaybillView, more = 0): boolean =>
  passIds.length + more >= (manifest?.pieces ?? 1);

export const recordIn = (view: WaybillView | null): ClearanceRecord | null =>
  view?.manifest?.record ?? null;
