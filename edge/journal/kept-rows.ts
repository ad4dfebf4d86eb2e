import type { JournalEntry } from "./entries.ts";
import type { AppendOutcome, Journal, JournalFailure } from "./journal.ts";

/**
 * Rows that are kept beside a chain in the same file, so that a record and what it has changed are
 * durable together or not at all. What the rows mean is their owner's; the journal keeps texts.
 */
export interface KeptKey {
  /** Which table of the owner's. */
  readonly kind: number;
  readonly key: string;
}

export interface KeptRow extends KeptKey {
  /** Where it stands in its table, for tables that are gone through in order; else null. */
  readonly place: number | null;
  readonly text: string;
}

/** A row as it is to be from now on; no text: it is gone. */
export interface RowWrite extends KeptKey {
  readonly place: number | null;
  readonly text: string | null;
}

export interface RowAppend {
  readonly entries: readonly JournalEntry[];
  readonly rows: readonly RowWrite[];
  /**
   * For rows that are made anew out of records that the journal has already: the last of them. Null:
   * the rows go with these entries.
   */
  readonly appliedSeq: number | null;
}

/**
 * Contract, beside that of `Journal`, and tested for both journals by one suite:
 * - `appendRows` refuses at once what it cannot take, and then nothing of it was taken. Otherwise
 *   `onOutcome` is called as `append` does, and entries and rows are in one commit.
 * - Whatever fails fails every later `appendRows` that is not durable yet, because rows are made on
 *   top of rows. Rows are as they were then, or as the failed commit made them if the disk had it
 *   after all: whoever has made them reads them again.
 * - Of several writes of one row in one commit the last one counts.
 * - Reading gives what is durable, calls back from a later turn, and fails when the disk does or a row
 *   is not as it was written.
 */
export interface RowJournal extends Journal {
  appendRows(append: RowAppend, onOutcome: (outcome: AppendOutcome) => void): JournalFailure | null;
  /** Those of these rows that there are, in any order. */
  readRows(keys: readonly KeptKey[], then: (read: RowsRead) => void): void;
  /** The first rows of a kind, by their places. */
  readFirstRows(kind: number, rowsMax: number, then: (read: RowsRead) => void): void;
  /** How many rows of each of these kinds there are, in this order; counting ends at `atMost`. */
  countRows(kinds: readonly number[], atMost: number, then: (counted: RowsCounted) => void): void;
  /**
   * Looks at the next rows behind `from` (null: from the first) whether they are as they were written
   * and whether whoever asks for them finds them. For one who looks at all of them, a few at a time;
   * what is written meanwhile stands behind.
   */
  checkRows(from: RowCursor | null, rowsMax: number, then: (checked: RowsChecked) => void): void;
  /** The last record whose effects are in the rows; 0 for none. As of the last durable commit. */
  appliedSeq(): number;
}

export type RowsRead =
  | { readonly kind: "rows"; readonly rows: readonly KeptRow[] }
  | ({ readonly kind: "failed" } & RowFailure);

export type RowFailure = JournalFailure & {
  /** The row that is not as it was written, or is not found, where that is why. */
  readonly damaged?: { readonly file: string; readonly row: KeptKey; readonly how: string };
  /** The file is open, and its disk does not give what is in it. */
  readonly isUnreadable?: true;
};

/** `how` it is wrong: what goes behind the row's name. */
export const damagedRow = (file: string, { kind, key }: KeptKey, how: string): RowFailure => ({
  code: "fileDamaged",
  why: `${file}: row ${kind}/${storedKey(key)} ${how}`,
  damaged: { file, row: { kind, key }, how },
});

/** What is said of a row that does not fit its sum. */
export const notAsWritten = "is not as it was written";

/**
 * A key as a file holds it: JSON cannot hold every text as SQLite reads it (U+0000 ends one), and its
 * escapes are plain.
 */
export const storedKey = (key: string): string => JSON.stringify(key).slice(1, -1);

export type RowsCounted =
  | { readonly kind: "counts"; readonly counts: readonly number[] }
  | ({ readonly kind: "failed" } & RowFailure);

/** Where one has come to who looks at all rows, as the file counts them. */
export type RowCursor = number;

export type RowsChecked =
  | {
      readonly kind: "checked";
      readonly damaged: readonly RowFailure[];
      /** The last row that was looked at; null: there are no more. */
      readonly last: RowCursor | null;
    }
  | ({ readonly kind: "failed" } & RowFailure);

/** Kind and key as one text; no two rows have the same. */
export const keptId = ({ kind, key }: KeptKey): string => `${kind}/${key}`;

/**
 * Why rows cannot be kept as they are: SQLite ends a text at U+0000, and half a character of two is
 * none in UTF-8. Keys may be any text.
 */
export function whyNotKept(rows: readonly RowWrite[]): JournalFailure | null {
  const bad = rows.find(({ text }) => text?.isWellFormed() === false || text?.includes("\u0000"));
  if (bad === undefined) return null;
  return {
    code: "entryRefused",
    why: `row ${keptId(bad)}: its text has characters that no file keeps`,
  };
}

/** Of several writes of one row the last. */
export const lastOfEach = (rows: readonly RowWrite[]): readonly RowWrite[] => [
  ...new Map(rows.map((row) => [keptId(row), row])).values(),
];
