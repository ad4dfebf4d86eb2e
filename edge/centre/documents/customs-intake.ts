import { sender, type Actor } from "../../../protocols/actor.ts";
import type { ElementAnswer } from "../../../protocols/ceb/answers.ts";
import type { CebElement } from "../../../protocols/ceb/messages.ts";
import type { MessageSender } from "../../../protocols/ceb/message-sender.ts";
import {
  readMessage,
  readMessageText,
  type ElementReading,
  type MessageReading,
} from "../../../protocols/ceb/read-message.ts";
import { refusalText, type CebRefusal } from "../../../protocols/ceb/refusals.ts";
import { mayHoldMore, salvageReceipts } from "../../../protocols/ceb/salvage.ts";
import {
  namesSomething,
  receiptTypeOf,
  type UnreadReceipt,
} from "../../../protocols/ceb/unread-receipts.ts";
import type { DocumentEvent, EventTimes } from "../../clearance/events.ts";
import type { Outcome } from "../../clearance/outcome.ts";

type MessageRead = Extract<MessageReading, { readonly kind: "read" }>;

/** Nothing of the message was taken. */
interface MessageRefused {
  readonly kind: "refused";
  readonly refusal: CebRefusal;
}

/** The same with what could be told of it. */
export interface BodyRefused extends MessageRefused {
  readonly sender: MessageSender;
  readonly unread: readonly UnreadReceipt[];
  /** Customs may have said something in it, and nothing of that could be told. */
  readonly isUnread: boolean;
}

export type IntakeAnswer =
  | { readonly kind: "results"; readonly results: readonly ElementAnswer[] }
  | MessageRefused;

/** A message that was read, before anything in it is applied. */
export type CustomsBody =
  | BodyRefused
  | {
      readonly kind: "read";
      readonly sender: MessageSender;
      readonly elements: readonly ElementReading[];
      /** A receipt of customs in it names nothing that could be told. */
      readonly isUnread: boolean;
    };

/**
 * A message of which nothing was accepted, or not all that customs may have said in it; what it says
 * all the same may be in the journal.
 */
export interface UntakenMessage {
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  /** See `CustomsBody`; left out where it is not so. */
  readonly isUnread?: boolean;
  readonly by: Actor;
}

/** Reads a body of any bytes; never throws. */
export const readCustomsBody = (bytes: Uint8Array): CustomsBody =>
  bodyOf(readMessage(bytes), () => bytes);

/** The same from the text that a journal keeps of it. */
export const readCustomsText = (text: string): CustomsBody =>
  bodyOf(readMessageText(text), () => new TextEncoder().encode(text));

function bodyOf(reading: MessageReading, bytesOf: () => Uint8Array): CustomsBody {
  const { sender } = reading;
  return reading.kind === "refused"
    ? { kind: "refused", sender, ...toldOf(bytesOf(), reading.refusal, reading.unread) }
    : { kind: "read", sender, elements: reading.elements, isUnread: isUntoldOf(reading) };
}

/** Of a message of receipts: one of them names nothing, or none is in it. */
function isUntoldOf({ type, elements }: MessageRead): boolean {
  if (receiptTypeOf(type) === null) return false;
  const refused = elements.flatMap((each) => (each.kind === "refused" ? [each.unread] : []));
  const isNone = refused.length === elements.length && refused.flat().length === 0;
  return isNone || refused.some((receipts) => receipts.some((each) => !namesSomething(each)));
}

/** What can be told of a message that is refused as a whole. */
export const toldOf = (
  bytes: Uint8Array,
  refusal: CebRefusal,
  unread: readonly UnreadReceipt[] = salvageReceipts(bytes, refusal),
): Pick<BodyRefused, "refusal" | "unread" | "isUnread"> => ({
  refusal,
  unread,
  isUnread: mayHoldMore(bytes, unread.filter(namesSomething).length),
});

/** The event that an element is. */
function eventOf(element: CebElement, times: EventTimes): DocumentEvent {
  switch (element.type) {
    case "CEB303":
      return { kind: "order", ...times, order: element };
    case "CEB403":
      return { kind: "moneyReceipt", ...times, receipt: element };
    case "CEB505":
      return { kind: "waybill", ...times, waybill: element };
    case "CEB603":
      return { kind: "manifest", ...times, manifest: element };
    case "CEB604":
      return { kind: "manifestReturn", ...times, receipt: element };
    case "CEB304":
    case "CEB404":
    case "CEB506":
      return { kind: "documentReturn", ...times, receipt: element };
  }
}

/**
 * An element as it is judged. One that is left out could be read, but a row that it needs is damaged:
 * it is refused and does nothing, so that the others need not wait for what nobody mends.
 */
export type JudgedElement =
  | ElementReading
  | { readonly kind: "leftOut"; readonly guid: string | null };

/** `leftOut`: places in the message, from 0. */
export const withoutElements = (
  elements: readonly ElementReading[],
  leftOut: readonly number[],
): readonly JudgedElement[] =>
  elements.map((each, place) =>
    leftOut.includes(place) ? { kind: "leftOut", guid: each.guid } : each,
  );

/** It is a receipt of customs, or holds some. */
export const isReceipt = (reading: ElementReading): boolean =>
  reading.kind === "read"
    ? receiptTypeOf(reading.element.type) !== null
    : reading.unread.length > 0;

/** What one element does: what it is, or that a receipt in it could not be read. */
function eventsOfElement(reading: JudgedElement, times: EventTimes): readonly DocumentEvent[] {
  if (reading.kind === "leftOut") return [];
  return reading.kind === "read"
    ? [eventOf(reading.element, times)]
    : reading.unread.map((receipt) => ({ kind: "unreadReceipt", ...times, receipt }));
}

/** All that a message does, in order. */
export const eventsOfElements = (
  elements: readonly JudgedElement[],
  times: EventTimes,
): readonly DocumentEvent[] => elements.flatMap((each) => eventsOfElement(each, times));

const answerOfRefusal = (guid: string | null, refusal: CebRefusal): ElementAnswer => ({
  guid,
  accepted: false,
  reason: refusalText(refusal),
  code: refusal.code,
  field: refusal.field,
});

/** What is refused because the centre's own rows are damaged, and what is said of it. */
const damagedCode = "documentsDamaged";
const damagedWords =
  "documents that it needs cannot be read at the centre; call its technician before it is sent again";

const answerOfLeftOut = (guid: string | null): ElementAnswer => ({
  guid,
  accepted: false,
  reason: `${damagedCode}: ${damagedWords}`,
  code: damagedCode,
  field: null,
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

/**
 * Applies every element that could be read, in order, and answers for each one. A receipt of customs
 * that could not be read whole is refused, and is applied as what it is: something said, and nobody
 * knows what.
 */
export function applyElements(
  elements: readonly JudgedElement[],
  times: EventTimes,
  apply: (event: DocumentEvent) => Outcome,
): readonly ElementAnswer[] {
  return elements.map((reading) => {
    if (reading.kind === "read") {
      return answerOfOutcome(reading.guid, apply(eventOf(reading.element, times)));
    }
    if (reading.kind === "leftOut") return answerOfLeftOut(reading.guid);
    for (const event of eventsOfElement(reading, times)) apply(event);
    return answerOfRefusal(reading.guid, reading.refusal);
  });
}

/** Whether a message changes anything, so that it has to be journalled. */
export const changesSomething = (elements: readonly ElementReading[]): boolean =>
  elements.some((element) => element.kind === "read" || element.unread.length > 0);

/**
 * Whose act a message is: the enterprise's that it names, at its place of the exchange. A message
 * that names nobody, as customs' own receipts do, is signed by whoever brought it, and so is one
 * that a person brings.
 */
export function actorOfMessage({ code, node }: MessageSender, by: Actor): Actor {
  const name = code ?? node;
  return by.kind !== "sender" || name === null ? by : sender(name, node ?? by.station);
}
