import { z } from "zod";
import type { Exit } from "./sorting.ts";

/**
 * The one table of reasons why a parcel may not leave by green (laws 2 and 3).
 * A reason's class fixes its exit; what its act says is the only thing that discharges it.
 * The words for people are in `protocols/words`, keyed by the same code.
 */
export type ReasonClass = "doubt" | "physical" | "documentary";

export type DischargingAct =
  /** Only a new pass over a line resolves it: the parcel is opened or re-inducted. */
  | "newPass"
  /** An officer's same-screen verdict on the bound image. */
  | "sameScreenVerdict"
  /** An entered open-box inspection result. */
  | "inspectionResult"
  /** An officer's second activation after checking the documents. */
  | "secondActivation"
  /** The full declaration's release. */
  | "declarationRelease"
  /** A newer customs receipt. */
  | "customsReceipt"
  /** A newer customs receipt or an entered open-box inspection result. */
  | "receiptOrInspection";

interface ReasonRow {
  readonly class: ReasonClass;
  readonly act: DischargingAct;
}

export const reasonTable = {
  // Doubt about which parcel this is.
  noRead: { class: "doubt", act: "newPass" },
  multiRead: { class: "doubt", act: "newPass" },
  unknownWaybill: { class: "doubt", act: "newPass" },
  claimMissing: { class: "doubt", act: "newPass" },
  claimedElsewhere: { class: "doubt", act: "newPass" },
  alreadyReleased: { class: "doubt", act: "newPass" },
  outcomeUnknown: { class: "doubt", act: "newPass" },
  readUnbound: { class: "doubt", act: "newPass" },
  identityUnproved: { class: "doubt", act: "newPass" },
  readsShifted: { class: "doubt", act: "newPass" },
  // Doubt about where it is.
  tooClose: { class: "doubt", act: "newPass" },
  trackingLost: { class: "doubt", act: "newPass" },
  trackingExtra: { class: "doubt", act: "newPass" },
  lengthMismatch: { class: "doubt", act: "newPass" },
  trackMismatch: { class: "doubt", act: "newPass" },
  neighbourLost: { class: "doubt", act: "newPass" },
  handled: { class: "doubt", act: "newPass" },
  restart: { class: "doubt", act: "newPass" },
  beltFault: { class: "doubt", act: "newPass" },
  eventsLost: { class: "doubt", act: "newPass" },
  // Doubt about its documents.
  clearanceStale: { class: "doubt", act: "newPass" },
  notActivated: { class: "doubt", act: "newPass" },
  comparisonPending: { class: "doubt", act: "newPass" },
  alreadyClosed: { class: "doubt", act: "newPass" },
  unknownStatus: { class: "doubt", act: "customsReceipt" },
  receiptUnread: { class: "doubt", act: "receiptOrInspection" },
  // Doubt about its image or weight.
  imageMissing: { class: "doubt", act: "newPass" },
  imageUnbound: { class: "doubt", act: "newPass" },
  verdictMissing: { class: "doubt", act: "sameScreenVerdict" },
  verdictUnknown: { class: "doubt", act: "sameScreenVerdict" },
  weightMissing: { class: "doubt", act: "newPass" },
  weightUnsure: { class: "doubt", act: "newPass" },
  evidenceStale: { class: "doubt", act: "newPass" },
  timeBreak: { class: "doubt", act: "newPass" },
  // Doubt about the line itself.
  deviceDown: { class: "doubt", act: "newPass" },
  chuteNotReady: { class: "doubt", act: "newPass" },
  divertRefused: { class: "doubt", act: "newPass" },
  commitMissed: { class: "doubt", act: "newPass" },
  coreFault: { class: "doubt", act: "newPass" },
  // Physical: it must be opened.
  manualControl: { class: "physical", act: "inspectionResult" },
  randomControl: { class: "physical", act: "inspectionResult" },
  comparisonFailed: { class: "physical", act: "inspectionResult" },
  prohibitedGoods: { class: "physical", act: "inspectionResult" },
  suspectImage: { class: "physical", act: "sameScreenVerdict" },
  officerOpen: { class: "physical", act: "inspectionResult" },
  weightImplausible: { class: "physical", act: "inspectionResult" },
  inspectionOrdered: { class: "physical", act: "inspectionResult" },
  // Documentary: papers are missing, nothing need be opened.
  licenceRequired: { class: "documentary", act: "secondActivation" },
  quarantineLedgerRequired: { class: "documentary", act: "secondActivation" },
  onsiteReview: { class: "documentary", act: "secondActivation" },
  taxRelated: { class: "documentary", act: "declarationRelease" },
  customsHold: { class: "documentary", act: "customsReceipt" },
  customsReleaseMissing: { class: "documentary", act: "customsReceipt" },
} as const satisfies Record<string, ReasonRow>;

export type ReasonCode = keyof typeof reasonTable;
export const reasonCodes = Object.keys(reasonTable) as readonly ReasonCode[];

const exitOfClass = {
  doubt: "inspection",
  physical: "inspection",
  documentary: "red",
} as const satisfies Record<ReasonClass, Exit>;

/** The exit that one reason alone leads to. */
export const exitOfReason = (code: ReasonCode): Exit => exitOfClass[reasonTable[code].class];

/** Facts behind a reason, for the words: at most 8 short values (a device id, a weight, a rule). */
export type ReasonParams = Readonly<Record<string, string | number>>;

export interface Reason {
  readonly code: ReasonCode;
  /** Left out where there are none: a journal has no word for a value that is not there. */
  readonly params?: ReasonParams;
}

export const zReasonCode = z.enum(reasonCodes as [ReasonCode, ...ReasonCode[]]);
export const zReason = z.strictObject({
  code: zReasonCode,
  params: z
    .record(z.string().max(32), z.union([z.string().max(200), z.number()]))
    .refine((params) => Object.keys(params).length <= 8, "at most 8 params")
    .exactOptional(),
});

/**
 * Why a parcel is opened that who handles or declares it cannot foresee, as long as he is not told
 * (law 18).
 */
export const isSecret = ({ code }: Reason): boolean =>
  code === "manualControl" || code === "randomControl";

/** Those that everybody may know. */
export const openly = (reasons: readonly Reason[]): Reason[] =>
  reasons.filter((each) => !isSecret(each));
