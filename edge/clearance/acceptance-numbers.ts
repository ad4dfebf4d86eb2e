import type { Acceptance } from "../../protocols/ceb/answers.ts";
import { refused, type Outcome } from "./outcome.ts";
import type { DocumentState, NumberedAcceptance } from "./state.ts";

/**
 * What each acceptance's number stands for. Numbers are kept only of acceptances that wait for
 * their manifest or have activated one, so there are never more of them than of those two together.
 */
type Numbers = Pick<DocumentState, "acceptances">;

const compared = ["waybill", "carrierCode", "pieces", "weightG", "acceptedAt"] as const;

/** The first field in which two acceptances tell of different events; null for none. */
export const differingField = (held: Acceptance, acceptance: Acceptance): string | null =>
  compared.find((name) => held[name] !== acceptance[name]) ?? null;

/**
 * An acceptance with a known number must be the same event again; if its content differs, one of
 * the two is wrong.
 */
export function whyNumberReused({ acceptances }: Numbers, acceptance: Acceptance): Outcome | null {
  const held = acceptances.get(acceptance.acceptanceId);
  const field = held === undefined ? null : differingField(held, acceptance);
  if (field === null) return null;
  return refused("acceptanceIdReused", field, "is another one than came with this acceptanceId");
}

/** Keeps the acceptance's number, unless it is kept already. */
export function keepNumber(
  { acceptances }: Numbers,
  acceptance: Acceptance,
  isNumbered = false,
): NumberedAcceptance {
  const { acceptanceId } = acceptance;
  if (acceptances.has(acceptanceId)) return { acceptance, isNumbered };
  acceptances.set(acceptanceId, acceptance);
  return { acceptance, isNumbered: true };
}

/** Called when the acceptance has expired or another one has taken its place. */
export function forgetNumber(
  { acceptances }: Numbers,
  { acceptance, isNumbered }: NumberedAcceptance,
): void {
  if (isNumbered) acceptances.delete(acceptance.acceptanceId);
}
