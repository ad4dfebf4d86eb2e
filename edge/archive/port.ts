import { dayOf } from "../../protocols/civil-date.ts";

/**
 * What has left the documents, for auditors: one line of JSON a case, under the day on which it left.
 *
 * Contract, tested by one suite:
 * - `keep` resolves once all its lines are on the disk and were read back as they were given; else it
 *   says why, and whoever gave them still has them and gives them again. A line may come twice.
 * - `find` gives every line of a waybill, the newest first, each once. A line that cannot be read
 *   hides no other one, and is told.
 * - `dropBefore` removes whole days, and keeps of each of them how much it was and the hash of it.
 */
export interface Archive {
  keep(lines: readonly ArchiveLine[]): Promise<ArchiveKept>;
  find(waybill: string): Promise<ArchiveFound>;
  /** Days as `dayOf` names them; `today` is noted of each. Gives those that were dropped. */
  dropBefore(day: string, today: string): Promise<ArchiveDropped>;
}

export interface ArchiveLine {
  /** When it left. */
  readonly at: number;
  /** One line, a JSON object with its `waybill`. */
  readonly text: string;
}

export type ArchiveKept = { readonly kind: "kept" } | ArchiveFailure;

export type ArchiveFound =
  | {
      readonly kind: "found";
      readonly lines: readonly FoundLine[];
      /** Days in which lines are that cannot be read, and how many. */
      readonly unread: ReadonlyMap<string, number>;
    }
  | ArchiveFailure;

export interface FoundLine {
  readonly day: string;
  readonly text: string;
}

export type ArchiveDropped =
  | { readonly kind: "dropped"; readonly days: readonly string[] }
  | ArchiveFailure;

export interface ArchiveFailure {
  readonly kind: "failed";
  /** For people. */
  readonly why: string;
}

export const daySuffix = ".jsonl";
/** The file that has what left in that moment. */
export const fileOfDay = (at: number): string => `${dayOf(at)}${daySuffix}`;
