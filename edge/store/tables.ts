import { z } from "zod";
import {
  rowTables,
  rowText,
  type DocumentTable,
  type RowKey,
  type RowTable,
} from "../clearance/rows.ts";
import type { KeptKey, KeptRow } from "../journal/kept-rows.ts";
import { readKeptText } from "../journal/kept-text.ts";
import type { StoreFailure } from "./port.ts";

/**
 * How documents are kept as rows of a journal: which kind each table is, and one row that says in
 * which form, how many rows each table has, and how many places were given. A change of anything
 * here, or of what a table's rows hold, is another version.
 */
export const storeVersion = 2;

const kindOf = {
  calendar: 1,
  cases: 2,
  waybillByKey: 3,
  waybillsByNumber: 4,
  orders: 5,
  moneyReceipts: 6,
  ordersPaid: 7,
  waybills: 8,
  documentWords: 9,
  parkedAcceptances: 10,
  acceptances: 11,
  parkedReceipts: 12,
  parkedReceiptsByKey: 13,
  lostReceipts: 14,
  lostAnswers: 15,
  controls: 16,
  controlsByWaybill: 17,
  releases: 18,
  storedUntil: 19,
  waitingUntil: 20,
  releasedUntil: 22,
  endedUntil: 23,
  handedOverUntil: 24,
  leftReleased: 25,
  leftEnded: 26,
  unnamedUntil: 27,
  endedNumbers: 28,
} as const satisfies Record<DocumentTable, number>;

/** Texts to be told outside, by their places. */
export const outgoingKind = 21;
export const outgoingKey = (place: number): KeptKey => ({ kind: outgoingKind, key: String(place) });

export const tallyKey: KeptKey = { kind: 0, key: "" };

export const keptKeyOf = ({ table, key }: RowKey): KeptKey => ({ kind: kindOf[table], key });
export const keptKindOf = (table: DocumentTable): number => kindOf[table];

const ownNames = new Map([
  [outgoingKind, "outgoing"],
  [tallyKey.kind, "count"],
]);
const tableByKind = new Map<number, string>(
  Object.entries(kindOf).map(([table, kind]) => [kind, table]),
);

/** What people call a row: its table and its key. */
export function rowNameOf({ kind, key }: KeptKey): string {
  // Parts of a key are parted by characters that nobody can see.
  const shown = JSON.stringify(key).slice(1, -1).replaceAll("\\u0000", " ");
  return `${tableByKind.get(kind) ?? ownNames.get(kind) ?? kind} ${shown}`.trimEnd();
}

const zCounts = z.strictObject(
  Object.fromEntries(
    // A file of before has none of those that it does not name.
    rowTables.map((table) => [table, z.number().int().min(0).default(0)]),
  ) as Record<RowTable, z.ZodDefault<z.ZodNumber>>,
);

const zTally = z.strictObject({
  version: z.literal(storeVersion),
  counts: zCounts,
  /** Places are given once and for all, so that the order of coming is theirs. */
  placesGiven: z.number().int().min(0),
});
export type Tally = z.infer<typeof zTally>;

export const noTally = (): Tally => ({
  version: storeVersion,
  counts: zCounts.parse(Object.fromEntries(rowTables.map((table) => [table, 0]))),
  placesGiven: 0,
});

export const tallyText = (tally: Tally): string => rowText(tally);

export function readTally({ text }: KeptRow): Tally | StoreFailure {
  const read = readKeptText(text, storeVersion, zTally);
  if (read.kind === "read") return read.value;
  if (read.kind === "unreadable") {
    const why = `the count of documents cannot be read: ${read.why}`;
    return { code: "fileDamaged", why };
  }
  const why = `documents are kept in version ${read.version}, this program keeps ${storeVersion}`;
  return { code: "otherVersion", why };
}
