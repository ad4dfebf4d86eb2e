import { applyDocumentEvent } from "../../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../../edge/clearance/events.ts";
import { prepareClearance } from "../../../edge/clearance/parameters.ts";
import { rowTables, rowText, type RowTable } from "../../../edge/clearance/rows.ts";
import { createDocumentState, type DocumentState } from "../../../edge/clearance/state.ts";
import { stepEntry } from "../../../edge/journal/entries.ts";
import type { StoreWork } from "../../../edge/store/port.ts";
import { manifestReturn } from "../../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { documentsOf, eventsOf, startAt, testConfig } from "../../unit/clearance-kit.ts";

/** A site of any size. */
const rules = prepareClearance(testConfig({ documentsMax: 20_000_000 }));

/** All numbers of a parcel have this in them. */
export const waybillOf = (index: number): string => `BN${String(index).padStart(8, "0")}`;

/** Order, receipt of money, waybill, manifest, acceptance, and customs' release. */
export function eventsOfParcel(index: number): readonly DocumentEvent[] {
  const papers = documentsOf(waybillOf(index));
  const said = { status: 800, at: startAt };
  const receipt = manifestReturn(papers.manifest, said, createSeededEntropy(index, "receipt"));
  const events = eventsOf(papers).map((event) => ({ at: startAt, ...event }));
  const head = { ...receipt.head, invtNo: null };
  return [...events, { kind: "manifestReturn", at: startAt, receipt: { ...receipt, head } }];
}

/** One event, journalled with what it has changed. */
export const workOfEvent = (event: DocumentEvent): StoreWork<null> => ({
  events: [event],
  run(state: DocumentState) {
    const { changed } = applyDocumentEvent(state, event, rules);
    const outputs = { commands: [], facts: changed };
    return { answer: null, entries: [stepEntry("documents", event, outputs)] };
  },
});

export interface ParcelRow {
  readonly table: RowTable;
  readonly key: string;
  readonly text: string;
}

/** The rows of a parcel that is done; those of another one differ in its number only. */
export function rowsOfParcel(index: number): readonly ParcelRow[] {
  const state = createDocumentState();
  for (const event of eventsOfParcel(index)) applyDocumentEvent(state, event, rules);
  return rowTables.flatMap((table) =>
    [...state[table]].map(([key, value]) => ({ table, key, text: rowText(value) })),
  );
}
