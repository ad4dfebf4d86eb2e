import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { recordHeld, type HeldClaims } from "../line/held-claims.ts";

/**
 * What has happened to an agent's claims since its last message. A record is told as it is when it
 * goes, so an answer can bring back nothing that has changed since its claim was judged.
 */
export interface Pending {
  /** Waybills whose record has changed. */
  readonly records: Set<string>;
  /** Passes that are over. */
  readonly ended: Set<string>;
  /** The newest answer to each pass and waybill. */
  readonly answers: Map<string, PendingAnswer>;
}

export interface PendingAnswer {
  readonly answer: ClaimAnswer;
  /** False: its pass is over, and holds nothing. */
  readonly isHeld: boolean;
}

/** Records, claims or passes in one message, as the wire's schema has it. */
export const perMessageMax = 500;

export const nothingPending = (): Pending => ({
  records: new Set(),
  ended: new Set(),
  answers: new Map(),
});

export const pendingTotal = ({ records, ended, answers }: Pending): number =>
  records.size + ended.size + answers.size;

export function noteAnswer({ answers }: Pending, one: PendingAnswer): void {
  const key = keyOf(one.answer);
  answers.delete(key);
  answers.set(key, one);
}

/** Nobody waits for the answers to a pass that is over. */
export function forgetAnswers({ answers }: Pending, passId: string): void {
  for (const [key, { answer }] of answers) if (answer.passId === passId) answers.delete(key);
}

/** A snapshot tells all that has changed, and no answer. */
export const answersOf = ({ answers }: Pending): Pending => ({ ...nothingPending(), answers });

/**
 * Whether changes have to be told now. Nothing waits for the end of a pass, but that the agent's set
 * is the centre's when a heartbeat compares them: the ends of many passes are one message, and one
 * record of the agent's journal.
 */
export const areChangesUrgent = ({ records, ended }: Pending): boolean =>
  records.size > 0 || ended.size >= perMessageMax;

export const isUrgent = (pending: Pending): boolean =>
  areChangesUrgent(pending) || pending.answers.size > 0;

/** As many as one message takes; null when no record has changed and no pass is over. */
export function firstChanges(
  { records, ended }: Pending,
  held: HeldClaims,
): { readonly records: ClearanceRecord[]; readonly ended: string[] } | null {
  if (records.size + ended.size === 0) return null;
  return {
    records: firstOf(records).flatMap((waybill) => recordHeld(held, waybill) ?? []),
    ended: firstOf(ended),
  };
}

/** Called when what `firstChanges` has answered is told. */
export function changesTold({ records, ended }: Pending): void {
  for (const waybill of firstOf(records)) records.delete(waybill);
  for (const passId of firstOf(ended)) ended.delete(passId);
}

export const answerTold = ({ answers }: Pending, answer: ClaimAnswer): void =>
  void answers.delete(keyOf(answer));

function firstOf(pending: ReadonlySet<string>): string[] {
  const first: string[] = [];
  for (const one of pending) if (first.push(one) === perMessageMax) break;
  return first;
}

const keyOf = ({ passId, waybill }: ClaimAnswer): string => `${passId} ${waybill}`;
