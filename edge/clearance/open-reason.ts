import type { Reason } from "../../protocols/reasons.ts";
import type { CustomsWord } from "./customs-status.ts";
import type { UnreadDigest } from "./digests.ts";

/** A reason and the keys under which an act may discharge it. */
export interface OpenReason {
  readonly reason: Reason;
  readonly keys: readonly string[];
}

export const open = (reason: Reason, ...keys: readonly string[]): OpenReason => ({ reason, keys });

/** A receipt that could not be read whole, of an earlier manifest with this key. */
export interface FormerDoubt {
  readonly copKey: string;
  readonly doubt: UnreadDigest;
}

/**
 * What earlier manifests have left on their parcel. A draw and a finding belong to the parcel, so a
 * new declaration of it begins with them.
 */
export interface Legacy {
  /** What goods, draws, comparison and officers found, and no act has discharged. */
  readonly findings: readonly OpenReason[];
  /** What customs said of earlier manifests and has not taken back: the newest word of each kind. */
  readonly words: readonly CustomsWord[];
  /** What could not be read of customs' words on them: no word on a later one tells what it was. */
  readonly unread: readonly FormerDoubt[];
  readonly machineInspectionRequired: boolean;
  /** Customs has closed one of them: what has left the country does not leave it again. */
  readonly wasClosed: boolean;
  /** Under which `copNo` they were declared, newest last: receipts with it speak of them. */
  readonly copKeys: readonly string[];
  /** The time of customs' newest word on them, in 17 digits; empty for none. */
  readonly saidUntil: string;
}

export const noLegacy: Legacy = {
  findings: [],
  words: [],
  unread: [],
  machineInspectionRequired: false,
  wasClosed: false,
  copKeys: [],
  saidUntil: "",
};
