import type { DocumentEvent } from "../clearance/events.ts";
import type { DocumentTable, DueTable, OrderedTable, RowOf, RowTable } from "../clearance/rows.ts";
import type { DocumentState } from "../clearance/state.ts";
import type { RowChange } from "../clearance/working-set.ts";
import type { RowCursor, RowJournal } from "../journal/kept-rows.ts";
import type { JournalEntry } from "../journal/entries.ts";
import type { JournalFailureCode } from "../journal/journal.ts";
import type { EpochMs } from "../../protocols/units.ts";

/** What a store needs of the journal in whose file its rows are. */
export type StoreJournal = Pick<
  RowJournal,
  "append" | "appendRows" | "readRows" | "readFirstRows" | "countRows" | "checkRows" | "appliedSeq"
>;

/**
 * What the centre's document desk knows, kept as rows beside its journal: one record and all that it
 * has changed are durable together or not at all. Memory holds only what was used last.
 * `document-store.ts` does it over any `RowJournal`, on disk or in memory for virtual time.
 *
 * Contract, tested over both journals by one suite:
 * - `transact` loads the rows that the events name (`touchedKeys`), runs the work on them as if they
 *   were everything, and writes changed rows, entries and outgoing texts in one commit. Several are
 *   under way at once; none sees what another has half done, and the journal has their entries in
 *   the order in which they ran. Replaying them in that order gives the same rows.
 * - The work runs once at most, in one go; that may be before `transact` returns.
 * - `then` is called exactly once, never from inside `transact`: `kept` when everything is durable,
 *   and everything it has seen with it. `failed`: nothing of it was written, or nobody knows whether
 *   it was, as for `Journal`; later ones that ran on top of it fail with it, and the store reads anew
 *   what the disk has. `bug`: the work has thrown, or touched a row that it had not named; nothing
 *   was written.
 * - `read` gives a row as it is durable, with everything that ran before the call; at once where it is
 *   at hand.
 * - A row that is not as it was written fails whoever needs it with `fileDamaged` and its name, and
 *   nobody else; `damage` tells of it from then on.
 * - `countOf` counts what ran; 0 while nobody has asked for anything yet, and after a failure what was
 *   counted last.
 */
export interface DocumentStore {
  transact<T>(work: StoreWork<T>, then: (outcome: StoreOutcome<T>) => void): void;
  read<T extends DocumentTable>(
    table: T,
    key: string,
    then: (read: StoreRead<RowOf<T> | null>) => void,
  ): void;
  countOf(table: RowTable): number;
  /** The oldest rows of a table that has an order, as they are durable. */
  readOldest<T extends OrderedTable>(
    table: T,
    rowsMax: number,
    then: (read: StoreRead<readonly RowOf<T>[]>) => void,
  ): void;
  /** When the next row of these is due, by what is durable; null when there is none. */
  readNextDueAt(tables: readonly DueTable[], then: (read: StoreRead<EpochMs | null>) => void): void;
  /** The oldest texts that were put out and not taken back yet. */
  readOutgoing(textsMax: number, then: (read: StoreRead<readonly OutgoingText[]>) => void): void;
  /** The last record of the journal whose effects are in the rows; 0 for none. */
  appliedSeq(): number;
  /**
   * Whether its count of documents was ever written, as it is from the first work on. Ask once
   * something was read: false while nobody has asked for anything yet.
   */
  isCounted(): boolean;
  /**
   * Looks at some rows behind `from` (null: the first) whether they are as they were written; what is
   * not is noted as damage. The answer is where to go on, null at the end.
   */
  checkRows(
    from: RowCursor | null,
    rowsMax: number,
    then: (checked: StoreRead<RowCursor | null>) => void,
  ): void;
  /** What it has found damaged since it was opened; null for nothing. */
  damage(): Damage | null;
  counters(): Readonly<Record<"rowsHeld" | "underWay" | "rowsRead" | "restartsTotal", number>>;
}

export interface StoreWork<T> {
  /** What `run` applies to the state: one event, or the elements of one message. */
  readonly events: readonly DocumentEvent[];
  /** Waybills whose case, releases and controls `run` reads, whatever it applies. */
  readonly waybills?: readonly string[];
  readonly run: (state: DocumentState) => StoreRun<T>;
  /**
   * Called right after `run` with the rows that it has changed, in the order of the journal and before
   * anything is durable. Not where the run was refused.
   */
  readonly ran?: (changes: readonly RowChange[]) => void;
  /**
   * The effects of a record that the journal has already: its number. Such work has no entries. Null
   * for everything else.
   */
  readonly appliedSeq?: number;
}

export interface StoreRun<T> {
  readonly answer: T;
  readonly entries: readonly JournalEntry[];
  /** What is to be told outside once this is durable, also after a restart. */
  readonly outgoing?: readonly string[];
  /** Places of outgoing texts that were told. */
  readonly told?: readonly number[];
}

export interface OutgoingText {
  readonly place: number;
  readonly text: string;
}

export type StoreOutcome<T> =
  | {
      readonly kind: "kept";
      readonly answer: T;
      readonly firstSeq: number;
      readonly lastSeq: number;
    }
  | ({ readonly kind: "failed" } & StoreFailure)
  | { readonly kind: "bug"; readonly thrown: unknown };

export type StoreRead<V> =
  | { readonly kind: "value"; readonly value: V }
  | ({ readonly kind: "failed" } & StoreFailure);

/**
 * What a store has found damaged since it was opened. Whoever needs such a row is refused, and parcels
 * that need it are not released. Nothing mends it while the store is open, so a person has to hear of it.
 */
export interface Damage {
  /** What was found first, for people. */
  readonly why: string;
  /** Different findings, up to a thousand: by then the whole file is known to be lost. */
  readonly findingsTotal: number;
}

export interface StoreFailure {
  readonly code: StoreFailureCode;
  /** For people. */
  readonly why: string;
}

export type StoreFailureCode =
  | JournalFailureCode
  /** The rows were written by a program that keeps them in another form. */
  | "otherVersion"
  /** A transaction before it has failed, so that it cannot go on with what it has loaded. */
  | "behindFailure"
  /** More is under way than the store takes. */
  | "busy";
