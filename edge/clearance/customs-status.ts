import type { Reason } from "../../protocols/reasons.ts";
import type { ReturnDigest } from "./digests.ts";

/**
 * What a receipt's `returnStatus` means for the line.
 * - `waiting`: customs has not spoken; harmless where the site decides.
 * - `released`: status 800.
 * - `ended`: 100 returned and 899 closed. No receipt reopens a manifest, so these stay, whichever
 *   order the receipts come in.
 * - otherwise the reason that it opens until a newer receipt replaces it.
 */
type StatusEffect =
  | "waiting"
  | "released"
  | "returned"
  | "closed"
  | "onsiteReview"
  | "inspectionOrdered"
  | "customsHold"
  | "unknownStatus";

interface StatusRow {
  readonly effect: StatusEffect;
  /**
   * Of two receipts with the same millisecond the one with the higher rank counts, which is the
   * more restrictive one.
   */
  readonly rank: number;
}

const rankUnknown = 60;
const rankHold = 50;

/** @see CEB202205, `returnStatus` of CEB604; 501 to 700 as spelled out for CEB622 and CEB214. */
const statusTable: ReadonlyMap<string, StatusRow> = new Map<string, StatusRow>([
  ["1", { effect: "waiting", rank: 1 }],
  ["2", { effect: "waiting", rank: 2 }],
  ["3", { effect: "waiting", rank: 3 }],
  ["120", { effect: "waiting", rank: 4 }],
  ["399", { effect: "waiting", rank: 5 }],
  ["800", { effect: "released", rank: 6 }],
  // Sending to customs failed: the manifest may never have reached them.
  ["4", { effect: "unknownStatus", rank: 20 }],
  ["300", { effect: "onsiteReview", rank: 30 }],
  ["500", { effect: "inspectionOrdered", rank: 40 }],
  ["501", { effect: "customsHold", rank: rankHold }],
  ["502", { effect: "customsHold", rank: rankHold }],
  ["503", { effect: "customsHold", rank: rankHold }],
  ["505", { effect: "customsHold", rank: rankHold }],
  ["599", { effect: "customsHold", rank: rankHold }],
  ["600", { effect: "customsHold", rank: rankHold }],
  ["700", { effect: "customsHold", rank: rankHold }],
  ["100", { effect: "returned", rank: 70 }],
  ["899", { effect: "closed", rank: 80 }],
]);

/** A status outside the table is never a release: it is doubt, and it is told. */
const statusRow = (status: string): StatusRow =>
  statusTable.get(status) ?? { effect: "unknownStatus", rank: rankUnknown };

export const isStatusKnown = (status: string): boolean => statusTable.has(status);

const errorClasses: readonly (readonly [prefix: string, name: string])[] = [
  ["-301", "order"],
  ["-401", "receipt"],
  ["-504", "waybill"],
  ["-505", "waybill"],
  ["-621", "manifest"],
  ["-623", "cancel"],
  ["-625", "return"],
  ["-800", "entryDetail"],
  ["-101", "enterprise"],
];

/** Which document a processing error (a status below zero) is about. */
const errorClassOf = (status: string): string =>
  errorClasses.find(([prefix]) => status.startsWith(prefix))?.[1] ?? "other";

/** What customs has said of one manifest so far. */
interface CustomsWord {
  readonly status: string;
  /** 17 digits, so that two times compare as texts. */
  readonly time: string;
}

/** All that counts of what customs has said of one manifest. */
export interface CustomsSaid {
  /** The receipt that is newest by time, then rank; null before the first. */
  readonly latest: CustomsWord | null;
  readonly wasReturned: boolean;
  readonly wasClosed: boolean;
}

export const noCustomsWord: CustomsSaid = {
  latest: null,
  wasReturned: false,
  wasClosed: false,
};

/** Above zero when `a` counts over `b`. Same time and status: the same word. */
function compareWords(a: CustomsWord, b: CustomsWord): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const byRank = statusRow(a.status).rank - statusRow(b.status).rank;
  if (byRank !== 0 || a.status === b.status) return byRank;
  return a.status < b.status ? -1 : 1;
}

export type ReceiptEffect = "applied" | "repeated" | "older";

/**
 * Joins a receipt into what customs has said so far. Whatever order the receipts come in, and
 * however often each comes, the result is the same; an older receipt never undoes a newer one.
 */
export function joinReceipt(
  said: CustomsSaid,
  { status, time }: ReturnDigest,
): { readonly said: CustomsSaid; readonly effect: ReceiptEffect } {
  const word = { status, time };
  const { effect } = statusRow(word.status);
  const { latest } = said;
  const order = latest === null ? 1 : compareWords(word, latest);
  const joined: CustomsSaid = {
    latest: order > 0 ? word : latest,
    wasReturned: said.wasReturned || effect === "returned",
    wasClosed: said.wasClosed || effect === "closed",
  };
  return { said: joined, effect: order > 0 ? "applied" : order === 0 ? "repeated" : "older" };
}

/** The open reason that customs' word gives, if any, beside the ends. */
export function customsReason({ latest }: CustomsSaid): Reason | null {
  if (latest === null) return null;
  const params = { status: latest.status, time: latest.time };
  switch (statusRow(latest.status).effect) {
    case "onsiteReview":
      return { code: "onsiteReview", params };
    case "inspectionOrdered":
      return { code: "inspectionOrdered", params };
    case "customsHold":
      return { code: "customsHold", params };
    case "unknownStatus":
      return latest.status.startsWith("-")
        ? { code: "unknownStatus", params: { ...params, about: errorClassOf(latest.status) } }
        : { code: "unknownStatus", params };
    case "waiting":
    case "released":
    case "returned":
    case "closed":
      return null;
  }
}

export const isReleasedByCustoms = ({ latest }: CustomsSaid): boolean =>
  latest !== null && statusRow(latest.status).effect === "released";

/** As `ClearanceRecord.customsStatus`: null also for a status that is no number. */
export function customsStatusNumber({ latest }: CustomsSaid): number | null {
  return latest !== null && /^-?\d{1,9}$/.test(latest.status) ? Number(latest.status) : null;
}
