import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { LeftCase } from "./left-case.ts";

/** Why a document, an event or an act is not taken, or what is special about one that is. */
const outcomeCodes = [
  // Taken, with something to say.
  "repeated",
  "parked",
  "older",
  "olderVersion",
  "releaseConflict",
  "archived",
  // Refused.
  "frozen",
  "exists",
  "controlIdReused",
  "acceptanceIdReused",
  "timeAhead",
  "waybillHasManifest",
  "waybillOfOtherCarrier",
  "duplicateReceipt",
  "orderHasManifest",
  "copNoReused",
  "nothingToDelete",
  "correlationConflict",
  "storeFull",
  "unknownWaybill",
  "notActivated",
  "manifestEnded",
  "nothingToDischarge",
  "licenceMissing",
  "alreadyReleased",
] as const;
export type OutcomeCode = (typeof outcomeCodes)[number];

/** What the sender is told. `field` is a name in his own document. */
export interface Outcome {
  readonly accepted: boolean;
  readonly code: OutcomeCode | null;
  readonly field: string | null;
  readonly message: string | null;
}

export const taken: Outcome = { accepted: true, code: null, field: null, message: null };

export const takenWith = (code: OutcomeCode, message: string): Outcome => ({
  accepted: true,
  code,
  field: null,
  message,
});

export const refused = (code: OutcomeCode, field: string | null, message: string): Outcome => ({
  accepted: false,
  code,
  field,
  message,
});

/** A receipt of customs whose time has not come yet. */
export const aheadRefused = refused(
  "timeAhead",
  "returnTime",
  "lies over two hours ahead of the centre's clock; what it answers is doubtful",
);

/** Something that happened, for stories and counters. Words are keyed by `code`. */
export interface DocumentFact {
  readonly code: string;
  readonly waybill: string | null;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Everything that one event brought about. */
export interface Effects {
  readonly outcome: Outcome;
  /** Records that say something new, each with its next version. */
  readonly changed: readonly ClearanceRecord[];
  readonly facts: readonly DocumentFact[];
  /** Cases that have left with it, for the archive: nobody else has them any longer. */
  readonly left: readonly LeftCase[];
  /** Numbers of documents that have ended with it, for people. */
  readonly unnamedEnded: readonly string[];
}
