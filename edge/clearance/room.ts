import type { ClearanceSettings } from "./config.ts";
import type { DocumentState } from "./state.ts";

/** Keys of each manifest that may be held: its own, and numbers of customs that receipts bring. */
const keysPerManifest = 8;
/** Answers of customs for each manifest: one to each of the documents beside it. */
const answersPerManifest = 3;

type Bound = Pick<ClearanceSettings, "documentsMax">;

export const keysMaxOf = ({ documentsMax }: Bound): number => keysPerManifest * documentsMax;
export const answersMaxOf = ({ documentsMax }: Bound): number => answersPerManifest * documentsMax;

/** Whether some list takes nothing more. */
export function isDocumentStateFull(
  state: DocumentState,
  settings: Pick<ClearanceSettings, "documentsMax" | "parkedMax" | "controlsMax">,
): boolean {
  const { documentsMax, parkedMax, controlsMax } = settings;
  return (
    [state.cases, state.orders, state.moneyReceipts, state.waybills, state.releases].some(
      ({ size }) => size >= documentsMax,
    ) ||
    [state.parkedAcceptances, state.parkedReceipts].some(({ size }) => size >= parkedMax) ||
    state.controls.size >= controlsMax ||
    state.waybillByKey.size >= keysMaxOf(settings) ||
    state.documentWords.size >= answersMaxOf(settings)
  );
}
