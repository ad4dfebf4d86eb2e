import type { ClearanceSettings } from "./config.ts";
import type { RowTable } from "./rows.ts";

/** Keys of each manifest that may be held: its own, and numbers of customs that receipts bring. */
const keysPerManifest = 8;
/** Answers of customs for each manifest: one to each of the documents beside it. */
const answersPerManifest = 3;

/** How many rows a table has. */
type SizeOf = (table: RowTable) => number;
export const sizesOf =
  (state: Readonly<Record<RowTable, { readonly size: number }>>): SizeOf =>
  (table) =>
    state[table].size;

type Bound = Pick<ClearanceSettings, "documentsMax">;

/** What stays of cases that have left takes no room of others. */
const casesLeft = (sizeOf: SizeOf): number => sizeOf("leftReleased") + sizeOf("leftEnded");
export const casesHeld = (sizeOf: SizeOf): number => sizeOf("cases") - casesLeft(sizeOf);
export const releasesHeld = (sizeOf: SizeOf): number => sizeOf("releases") - sizeOf("leftReleased");
export const keysMaxOf = (sizeOf: SizeOf, { documentsMax }: Bound): number =>
  keysPerManifest * (documentsMax + casesLeft(sizeOf));
export const answersMaxOf = (sizeOf: SizeOf, { documentsMax }: Bound): number =>
  answersPerManifest * (documentsMax + casesLeft(sizeOf) + sizeOf("endedNumbers"));

/** Whether some list takes nothing more. */
export function isDocumentStateFull(
  sizeOf: SizeOf,
  settings: Pick<ClearanceSettings, "documentsMax" | "parkedMax" | "controlsMax">,
): boolean {
  const { documentsMax, parkedMax, controlsMax } = settings;
  const isOver = (max: number, ...tables: readonly RowTable[]): boolean =>
    tables.some((table) => sizeOf(table) >= max);
  return (
    [casesHeld(sizeOf), releasesHeld(sizeOf)].some((held) => held >= documentsMax) ||
    isOver(documentsMax, "orders", "moneyReceipts", "waybills") ||
    isOver(parkedMax, "parkedAcceptances", "parkedReceipts") ||
    isOver(controlsMax, "controls") ||
    isOver(keysMaxOf(sizeOf, settings), "waybillByKey") ||
    isOver(answersMaxOf(sizeOf, settings), "documentWords")
  );
}
