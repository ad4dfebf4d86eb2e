import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { EpochMs } from "../../protocols/units.ts";
import { noCalendarProofs, type CalendarProofs } from "./calendar-proofs.ts";
import type { Comparison } from "./compare.ts";
import type { CustomsSaid } from "./customs-status.ts";
import type {
  ManifestDigest,
  ManifestNames,
  OrderDigest,
  MoneyReceiptDigest,
  ReturnDigest,
  UnreadDigest,
  WaybillDigest,
} from "./digests.ts";
import type { DocumentWord } from "./document-refusals.ts";
import type { ManualControl, OfficerAct } from "./events.ts";
import type { Legacy } from "./open-reason.ts";

/** States of a manifest, always worked out from its facts. */
export type ManifestState =
  | "STORED"
  | "VOID"
  | "ACTIVATED"
  | "RETURNED"
  | "ACCEPTED"
  | "CONVERTED_TO_DECLARATION"
  | "CONTROLLED"
  | "ONSITE_REVIEW"
  | "TRANSFERRED"
  | "GREEN_RELEASE_STAGE"
  | "AWAITING_MACHINE_PASS"
  | "RELEASE_ELIGIBLE"
  | "RELEASED"
  | "CLOSED";

/**
 * What ended a manifest without release; a new one may follow. Only what a wait alone has ended is
 * brought back, by what it waited for.
 */
export type ManifestEnd =
  | { readonly kind: "void"; readonly why: "deleted" | "expired" }
  /** Documents that it needs never came. */
  | { readonly kind: "returned"; readonly missing: string }
  /** Opening it found an error, and it was handed over. */
  | { readonly kind: "transferred"; readonly actId: string };

/**
 * How a manifest has ended, by an event or by what its documents and customs' receipts say; null
 * while it may still be released.
 */
export function endOf(each: ManifestCase): ManifestEnd["kind"] | null {
  if (each.end !== null) return each.end.kind;
  const differs = each.activation?.comparison.outcome === "differs";
  return differs || each.customs.wasReturned ? "returned" : null;
}

/** An acceptance that waits for its manifest or has activated one. */
export interface NumberedAcceptance {
  readonly acceptance: Acceptance;
  /** It has put its number among the known ones: one that came again under it has not. */
  readonly isNumbered: boolean;
}

/** What activation fixed: from here on the manifest is enforcement data (ZJG-18). */
interface Activation extends NumberedAcceptance {
  readonly at: EpochMs;
  /** The parameter version that judged it, once and for all. */
  readonly rulesVersion: string;
  /** From goods and random draw under that version. */
  readonly reasons: readonly Reason[];
  readonly machineInspectionRequired: boolean;
  readonly comparison: Comparison;
}

/** One manifest and all that is known of it. Replaced as a whole, never written into. */
export interface ManifestCase {
  /** Constant from activation on, and so is its hash. */
  readonly manifest: ManifestDigest;
  /** How many manifests this waybill has had before. */
  readonly generation: number;
  /**
   * When it was declared, in 14 digits: its own time, or that of its arrival if it claims to be
   * younger. What customs said before speaks of an earlier manifest.
   */
  readonly since: string;
  /** What earlier manifests have left on the parcel. */
  readonly legacy: Legacy;
  readonly activation: Activation | null;
  readonly end: ManifestEnd | null;
  readonly customs: CustomsSaid;
  /** Officers' acts that were accepted, oldest first. */
  readonly acts: readonly OfficerAct[];
  /** Keys of reasons that an act has discharged: see `OpenReason`. */
  readonly discharged: ReadonlySet<string>;
  /** The record and state as last told; null before the first. */
  readonly record: ClearanceRecord | null;
  readonly state: ManifestState | null;
  /** When it ended as it has, for people; also a case of before may lack it. */
  readonly endedAt?: EpochMs;
  /** There once the case is in the archive: this is what stays of it. See `LeftCase`. */
  readonly left?: { readonly at: EpochMs };
}

/** Cases that have ended, by how, and until when they stay. */
export const leaveTables = ["releasedUntil", "endedUntil", "handedOverUntil"] as const;
export type LeaveTable = (typeof leaveTables)[number];

/** What a receipt says of a manifest, or that it could not be read whole. */
export type ReceiptContent =
  | { readonly kind: "read"; readonly receipt: ReturnDigest }
  | { readonly kind: "unread"; readonly receipt: UnreadDigest };

export interface ParkedReceipt {
  readonly names: ManifestNames;
  readonly content: ReceiptContent;
  readonly dueAt: EpochMs;
}

/** Receipts under one number for which there was no room, as one doubt. */
interface LostReceipts {
  readonly doubt: UnreadDigest;
  readonly dueAt: EpochMs;
}

/** Documents under one number that no manifest names. */
export interface UnnamedDocuments {
  readonly dueAt: EpochMs;
  /** Of an order and its receipt of money; null of a waybill. */
  readonly orderNo: string | null;
}

interface ParkedAcceptance extends NumberedAcceptance {
  readonly dueAt: EpochMs;
}

/**
 * Everything the document desk knows. Its maps are written in place by `applyDocumentEvent` and by
 * nobody else: with 10^5 manifests and more, copying them per event is out of the question.
 */
export interface DocumentState {
  /** When the calendar was proved: with it the state tells when what came before it came. */
  readonly calendar: CalendarProofs;
  /** The newest manifest of each waybill. This is the lookup that every event needs. */
  readonly cases: Map<string, ManifestCase>;
  /** Waybill by agent and copNo, order, and customs' invtNo. */
  readonly waybillByKey: Map<string, string>;
  /** Waybills by agents' copNo and by order number alone, whoever gave the number. */
  readonly waybillsByNumber: Map<string, readonly string[]>;
  readonly orders: Map<string, OrderDigest>;
  /** One for each order. */
  readonly moneyReceipts: Map<string, MoneyReceiptDigest>;
  /** Orders with a receipt of money, by the seller's number, which is all that CEB404 names. */
  readonly ordersPaid: Map<string, Set<string>>;
  readonly waybills: Map<string, WaybillDigest>;
  /**
   * What customs has answered to orders, receipts of money and waybills, here or not yet; under a
   * number alone the doubts of answers that name no company, or none that has it.
   */
  readonly documentWords: Map<string, DocumentWord>;
  readonly parkedAcceptances: Map<string, ParkedAcceptance>;
  /** By the carrier's number: those that wait, and those that have activated a manifest. */
  readonly acceptances: Map<string, Acceptance>;
  /**
   * Receipts that found no manifest, in the order they came, each by a hash of what it says; and the
   * hashes under each key and under each number alone.
   */
  readonly parkedReceipts: Map<string, ParkedReceipt>;
  readonly parkedReceiptsByKey: Map<string, Set<string>>;
  /** By the numbers of receipts that were not kept; see `everyNumber`. */
  readonly lostReceipts: Map<string, LostReceipts>;
  /** The same of answers to other documents, each under its number alone. */
  readonly lostAnswers: Map<string, UnreadDigest>;
  readonly controls: Map<string, ManualControl>;
  readonly controlsByWaybill: Map<string, readonly ManualControl[]>;
  /** Passes by which each waybill's pieces have left through green. */
  readonly releases: Map<string, readonly string[]>;
  /** When a stored manifest, or one that waits for documents, has waited long enough. */
  readonly storedUntil: Map<string, EpochMs>;
  readonly waitingUntil: Map<string, EpochMs>;
  /** When a case that has ended has been held long enough. */
  readonly releasedUntil: Map<string, EpochMs>;
  readonly endedUntil: Map<string, EpochMs>;
  readonly handedOverUntil: Map<string, EpochMs>;
  /** When cases have left whose parcels were released, and when others. */
  readonly leftReleased: Map<string, EpochMs>;
  readonly leftEnded: Map<string, EpochMs>;
  /** By order or by carrier and waybill: documents that no manifest names, and until when they stay. */
  readonly unnamedUntil: Map<string, UnnamedDocuments>;
  /** Numbers whose documents have ended so, and when: nothing is declared under them any more. */
  readonly endedNumbers: Map<string, EpochMs>;
}

export const createDocumentState = (): DocumentState => ({
  calendar: noCalendarProofs(),
  cases: new Map(),
  waybillByKey: new Map(),
  waybillsByNumber: new Map(),
  orders: new Map(),
  moneyReceipts: new Map(),
  ordersPaid: new Map(),
  waybills: new Map(),
  documentWords: new Map(),
  parkedAcceptances: new Map(),
  acceptances: new Map(),
  parkedReceipts: new Map(),
  parkedReceiptsByKey: new Map(),
  lostReceipts: new Map(),
  lostAnswers: new Map(),
  controls: new Map(),
  controlsByWaybill: new Map(),
  releases: new Map(),
  storedUntil: new Map(),
  waitingUntil: new Map(),
  releasedUntil: new Map(),
  endedUntil: new Map(),
  handedOverUntil: new Map(),
  leftReleased: new Map(),
  leftEnded: new Map(),
  unnamedUntil: new Map(),
  endedNumbers: new Map(),
});

/** The manifests of these waybills, each once. */
export const casesOf = (
  { cases }: DocumentState,
  waybills: readonly string[],
): readonly ManifestCase[] => [...new Set(waybills)].flatMap((waybill) => cases.get(waybill) ?? []);
