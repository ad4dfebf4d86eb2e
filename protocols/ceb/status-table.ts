/**
 * What a receipt's `returnStatus` means for the line.
 * - `waiting`: customs has not spoken; harmless where the site decides.
 * - `released`: status 800.
 * - `returned` and `closed`: 100 and 899. No receipt reopens a manifest, so these stay, whichever
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

export interface StatusRow {
  readonly effect: StatusEffect;
  /**
   * Of two receipts with the same millisecond the one with the higher rank counts, which is the
   * more restrictive one.
   */
  readonly rank: number;
  /** The e-port speaks before customs has seen anything. */
  readonly by: "eport" | "customs";
  /** Whether a document that is answered so is accepted; null while that is open. */
  readonly isAccepted: boolean | null;
}

const hold = { effect: "customsHold", rank: 50, by: "customs", isAccepted: true } as const;

/**
 * Every status that is known, each once; the dictionaries have words for exactly these.
 * @see CEB202205, `returnStatus` of CEB604; 501 to 700 as spelled out for CEB622 and CEB214.
 */
export const statusTable = {
  "1": { effect: "waiting", rank: 1, by: "eport", isAccepted: null },
  "2": { effect: "waiting", rank: 2, by: "eport", isAccepted: null },
  "3": { effect: "waiting", rank: 3, by: "eport", isAccepted: null },
  // Sending to customs failed: the manifest may never have reached them.
  "4": { effect: "unknownStatus", rank: 20, by: "eport", isAccepted: false },
  "100": { effect: "returned", rank: 70, by: "customs", isAccepted: false },
  "120": { effect: "waiting", rank: 4, by: "customs", isAccepted: true },
  "300": { effect: "onsiteReview", rank: 30, by: "customs", isAccepted: true },
  "399": { effect: "waiting", rank: 5, by: "customs", isAccepted: true },
  "500": { effect: "inspectionOrdered", rank: 40, by: "customs", isAccepted: true },
  "501": hold,
  "502": hold,
  "503": hold,
  "505": hold,
  "599": hold,
  "600": hold,
  "700": hold,
  "800": { effect: "released", rank: 6, by: "customs", isAccepted: true },
  "899": { effect: "closed", rank: 80, by: "customs", isAccepted: true },
} as const satisfies Readonly<Record<string, StatusRow>>;

export type CustomsStatus = keyof typeof statusTable;

/** Which document a processing error (a status below zero) is about, by how the status begins. */
export const errorClasses = [
  ["-301", "order"],
  ["-401", "receipt"],
  ["-504", "waybill"],
  ["-505", "waybill"],
  ["-621", "manifest"],
  ["-623", "cancel"],
  ["-625", "return"],
  ["-800", "entryDetail"],
  ["-101", "enterprise"],
] as const;

export type ErrorClass = (typeof errorClasses)[number][1] | "other";
