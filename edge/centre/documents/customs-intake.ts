import type { ElementAnswer } from "../../../protocols/ceb/answers.ts";
import type { CebElement } from "../../../protocols/ceb/messages.ts";
import { readMessage, type ElementReading } from "../../../protocols/ceb/read-message.ts";
import { refusalText, type CebRefusal } from "../../../protocols/ceb/refusals.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import type { DocumentEvent } from "../../clearance/events.ts";
import { refused, type Outcome } from "../../clearance/outcome.ts";

/** Nothing of the message was taken. */
interface MessageRefused {
  readonly kind: "refused";
  readonly refusal: CebRefusal;
}

export type IntakeAnswer =
  | { readonly kind: "results"; readonly results: readonly ElementAnswer[] }
  | MessageRefused;

/** A message that was read, before anything in it is applied. */
export type CustomsBody =
  | MessageRefused
  | { readonly kind: "read"; readonly elements: readonly ElementReading[] };

/** Reads a body of any bytes; never throws. */
export function readCustomsBody(bytes: Uint8Array): CustomsBody {
  const reading = readMessage(bytes);
  return reading.kind === "refused"
    ? { kind: "refused", refusal: reading.refusal }
    : { kind: "read", elements: reading.elements };
}

/** The event that an element is, or null for customs' answers to other documents. */
function eventOf(element: CebElement, at: EpochMs): DocumentEvent | null {
  switch (element.type) {
    case "CEB303":
      return { kind: "order", at, order: element };
    case "CEB403":
      return { kind: "moneyReceipt", at, receipt: element };
    case "CEB505":
      return { kind: "waybill", at, waybill: element };
    case "CEB603":
      return { kind: "manifest", at, manifest: element };
    case "CEB604":
      return { kind: "manifestReturn", at, receipt: element };
    case "CEB304":
    case "CEB404":
    case "CEB506":
      return null;
  }
}

const answerOfRefusal = (guid: string | null, refusal: CebRefusal): ElementAnswer => ({
  guid,
  accepted: false,
  reason: refusalText(refusal),
  code: refusal.code,
  field: refusal.field,
});

/** One line for people: the code, the field, the words. */
export function outcomeText({ code, field, message }: Outcome): string | null {
  if (code === null) return null;
  return `${code}: ${field === null ? "" : `${field} `}${message ?? ""}`;
}

const answerOfOutcome = (guid: string, outcome: Outcome): ElementAnswer => ({
  guid,
  accepted: outcome.accepted,
  reason: outcomeText(outcome),
  code: outcome.code,
  field: outcome.field,
});

/** Applies every element that could be read, in order, and answers for each one. */
export function applyElements(
  elements: readonly ElementReading[],
  at: EpochMs,
  apply: (event: DocumentEvent) => Outcome,
): readonly ElementAnswer[] {
  return elements.map((reading) => {
    if (!reading.ok) return answerOfRefusal(reading.guid, reading.refusal);
    const { guid, element } = reading;
    const event = eventOf(element, at);
    if (event !== null) return answerOfOutcome(guid, apply(event));
    const words = `${element.type} answers its sender's own document and is of no use here`;
    return answerOfOutcome(guid, refused("notTakenHere", null, words));
  });
}
