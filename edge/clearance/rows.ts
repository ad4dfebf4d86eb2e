import type { CalendarProofs } from "./calendar-proofs.ts";
import type { DocumentEvent } from "./events.ts";
import { everyNumber } from "./lost-answers.ts";
import { leaveTables, type DocumentState } from "./state.ts";

/**
 * Everything the document desk knows, as rows that can be kept one by one: the entries of each map
 * of `DocumentState`, and the calendar as a row of its own.
 */
export type DocumentTable = keyof DocumentState;
export type RowTable = Exclude<DocumentTable, "calendar">;

export type RowOf<T extends DocumentTable> = T extends "calendar"
  ? CalendarProofs
  : DocumentState[T] extends Map<string, infer V>
    ? V
    : never;

export interface RowKey {
  readonly table: DocumentTable;
  readonly key: string;
}

/** Table and key as one text; no two rows have the same. */
export const rowId = ({ table, key }: RowKey): string => `${table}/${key}`;

const tableNames = {
  calendar: true,
  cases: true,
  waybillByKey: true,
  waybillsByNumber: true,
  orders: true,
  moneyReceipts: true,
  ordersPaid: true,
  waybills: true,
  documentWords: true,
  parkedAcceptances: true,
  acceptances: true,
  parkedReceipts: true,
  parkedReceiptsByKey: true,
  lostReceipts: true,
  lostAnswers: true,
  controls: true,
  controlsByWaybill: true,
  releases: true,
  storedUntil: true,
  waitingUntil: true,
  releasedUntil: true,
  endedUntil: true,
  handedOverUntil: true,
  leftReleased: true,
  leftEnded: true,
  unnamedUntil: true,
  endedNumbers: true,
} as const satisfies Record<DocumentTable, true>;

const isTable = (name: string): name is DocumentTable => name in tableNames;
export const documentTables: readonly DocumentTable[] = Object.keys(tableNames).filter(isTable);
export const rowTables: readonly RowTable[] = documentTables.filter(
  (table): table is RowTable => table !== "calendar",
);

/**
 * Tables whose rows stand in the order in which they came, which is the order in which they are due:
 * see `expire`.
 */
export const waitTables = [
  "waitingUntil",
  "storedUntil",
  "parkedAcceptances",
  "lostReceipts",
  "parkedReceipts",
  "unnamedUntil",
] as const satisfies readonly RowTable[];
/** The same, and those of cases that have ended and wait to leave. */
export const dueTables = [...waitTables, ...leaveTables] as const satisfies readonly RowTable[];
export type DueTable = (typeof dueTables)[number];

export const isDueTable = (table: DocumentTable): table is DueTable =>
  dueTables.some((each) => each === table);

/** How many rows of it an event of time ends at most. */
export function endsMaxOf(
  table: DueTable,
  { atMost = Number.MAX_SAFE_INTEGER, leavesMax = 0, unnamedMax = 0 }: Omit<TimePassed, "kind">,
): number {
  if (table === "unnamedUntil") return unnamedMax;
  return leaveTables.some((each) => each === table) ? leavesMax : atMost;
}
type TimePassed = Extract<DocumentEvent, { kind: "timePassed" }>;

/**
 * Tables that are gone through in the order in which their rows came: those that are due in it, and
 * the controls, which people read from the oldest on.
 */
export const orderedTables = [...dueTables, "controls"] as const;
export type OrderedTable = (typeof orderedTables)[number];

export const isOrderedTable = (table: DocumentTable): table is OrderedTable =>
  orderedTables.some((each) => each === table);

/** When a row of such a table is due. */
export const dueAtOf = (value: RowOf<DueTable>): number =>
  typeof value === "number" ? value : value.dueAt;

export const calendarKey: RowKey = { table: "calendar", key: "" };

/**
 * Rows that nearly every event reads and hardly any writes. A store keeps them at hand, so that no
 * event waits for another one because of them. Nothing is found by what is in them.
 */
export const sharedRows: readonly RowKey[] = [
  calendarKey,
  { table: "lostReceipts", key: everyNumber },
  { table: "lostAnswers", key: everyNumber },
];

const sharedIds: ReadonlySet<string> = new Set(sharedRows.map(rowId));
export const isShared = (row: RowKey): boolean => sharedIds.has(rowId(row));

/** A row as one line of JSON, its fields in the order in which they were written. */
export const rowText = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (each instanceof Set ? [...each] : each));

/** A row out of the text that `rowText` has made of it. */
export function rowOfText<T extends DocumentTable>(table: T, text: string): RowOf<T> {
  const plain: unknown = JSON.parse(text);
  if (table === "cases") {
    const each = plain as { readonly discharged: readonly string[] };
    return { ...each, discharged: new Set(each.discharged) } as unknown as RowOf<T>;
  }
  const isSet = table === "ordersPaid" || table === "parkedReceiptsByKey";
  return (isSet ? new Set(plain as readonly string[]) : plain) as RowOf<T>;
}
