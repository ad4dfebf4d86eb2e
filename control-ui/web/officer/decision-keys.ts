import type { OfficerDecision, officerReasonCodes } from "../../../protocols/verdicts.ts";

export type OfficerReason = (typeof officerReasonCodes)[number];

/** A decision with its reason: what one press means. */
export interface Choice {
  readonly decision: OfficerDecision;
  readonly reason: OfficerReason | null;
  readonly key: string;
}

/**
 * Places and keys are fixed. On the digit row a key is free between any two decisions, so that a
 * finger beside its key decides nothing (HMI X5).
 */
export const choices: readonly Choice[] = [
  { decision: "release", reason: null, key: "1" },
  { decision: "open", reason: "contentsDiffer", key: "3" },
  { decision: "open", reason: "quantityDiffers", key: "4" },
  { decision: "open", reason: "suspectObject", key: "5" },
  { decision: "open", reason: "unclearImage", key: "6" },
  { decision: "open", reason: "other", key: "7" },
  { decision: "review", reason: "licenceSuspected", key: "9" },
  { decision: "review", reason: "documentsIncomplete", key: "0" },
  { decision: "review", reason: "other", key: "-" },
];

export const choiceOfKey = (key: string): Choice | null =>
  choices.find((choice) => choice.key === key) ?? null;

export const choicesOf = (decision: OfficerDecision): readonly Choice[] =>
  choices.filter((choice) => choice.decision === decision);
