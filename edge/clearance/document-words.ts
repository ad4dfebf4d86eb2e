import type { CebDocumentReturn } from "../../protocols/ceb/messages.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { waybillAsWritten } from "../../protocols/clearance.ts";
import {
  effectOver,
  errorIn,
  isAcceptedBy,
  isOfEport,
  isReadForm,
  isTransmissionError,
  newerOf,
  unreadAfter,
  withUnread,
  wordOf,
  type ReceiptEffect,
} from "./customs-status.ts";
import {
  aheadDoubtOf,
  carriageKey,
  codeAsWritten,
  digestReturn,
  digestUnread,
  doubtOf,
  isBlank,
  looseNumberOf,
  moneyKeyOf,
  numberKeyOf,
  orderKeyOf,
  type ReturnDigest,
  type UnreadDigest,
} from "./digests.ts";
import { noWord, type DocumentWord } from "./document-refusals.ts";
import { noteLostAnswer } from "./lost-answers.ts";
import { aheadRefused, refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { answersMaxOf, sizesOf } from "./room.ts";
import { casesOf, type DocumentState } from "./state.ts";
import {
  arrivalOf,
  comingOf,
  isAhead,
  settle,
  tell,
  timingOf,
  wasAhead,
  type Workspace,
} from "./workspace.ts";

/** Neither an error of one transmission nor what the e-port says on the way tells customs' answer. */
const settlesDoubt = ({ status }: ReturnDigest): boolean =>
  !isTransmissionError(status) && isAcceptedBy(status) !== null;

function joinWord(
  held: DocumentWord,
  receipt: ReturnDigest,
): { readonly word: DocumentWord; readonly effect: ReceiptEffect } {
  const said = wordOf(receipt);
  const isAccepted = isAcceptedBy(said.status);
  const isUnsent = isTransmissionError(said.status) || isOfEport(said.status);
  const name = isUnsent ? "error" : isAccepted ? "acceptance" : "refusal";
  // What the e-port says on the way is no answer yet.
  if (isAccepted === null) return { word: held, effect: "applied" };
  const effect = effectOver(said, held[name]);
  const unread = settlesDoubt(receipt) ? unreadAfter(held.unread, receipt, effect) : held.unread;
  return { word: { ...held, [name]: newerOf(said, held[name]), unread }, effect };
}

/** Under which keys a document's word is kept, and of which orders or waybill it speaks. */
interface Answered {
  readonly key: string;
  readonly waybills: readonly string[];
  /** What the answer may mean when the company's code in it is none or none that is known. */
  readonly byNumber: { readonly key: string; readonly waybills: readonly string[] } | null;
  /** The field with that code; null when the answer names a company at all. */
  readonly missing: string | null;
  /** Of a receipt of money, the key under which answers stand that name no payment. */
  readonly ofNoPayment: string | null;
}

type Named = Pick<UnreadReceipt, "type" | "names">;

/**
 * What an answer answers; null when it is not to be told, or not one of these. Its document may come
 * later and under another code than customs writes, so only one that is here is surely meant.
 */
function answeredBy({ state }: Workspace, { type, names }: Named): Answered | null {
  const answered = (
    code: "ebpCode" | "ebcCode" | "logisticsCode",
    { key, waybills, isKnown }: Answer,
    candidates: readonly string[],
  ): Answered => {
    const isMissing = isBlank(names[code]);
    const numberKey = isKnown && !isMissing ? null : numberKeyOf(key);
    return {
      key,
      waybills,
      byNumber: numberKey === null ? null : { key: numberKey, waybills: candidates },
      missing: isMissing ? code : null,
      ofNoPayment: type === "CEB404" ? moneyKeyOf(names.ebcCode, names.orderNo, "") : null,
    };
  };
  if (type === "CEB506") {
    if (isBlank(names.logisticsNo)) return null;
    return answered("logisticsCode", ...waybillAnswered(state, names));
  }
  if (isBlank(names.orderNo)) return null;
  return type === "CEB304"
    ? answered("ebpCode", ...orderAnswered(state, names))
    : answered("ebcCode", ...moneyAnswered(state, names));
}

interface Answer {
  readonly key: string;
  readonly waybills: readonly string[];
  /** Something is held here under that company and number. */
  readonly isKnown: boolean;
}
type Names = UnreadReceipt["names"];
type AnswerAndCandidates = readonly [Answer, readonly string[]];

function waybillAnswered(state: DocumentState, names: Names): AnswerAndCandidates {
  const { logisticsCode, logisticsNo } = names;
  const key = carriageKey(logisticsCode, logisticsNo);
  const waybills = [waybillAsWritten(logisticsNo)];
  const carriers = waybills.flatMap((waybill) => state.cases.get(waybill)?.manifest ?? []);
  const isOfCarrier = carriers.some((each) => each.carrierCode === codeAsWritten(logisticsCode));
  const isKnown = state.waybills.has(key) || isOfCarrier;
  return [{ key, waybills, isKnown }, carriers.length === 0 ? [] : waybills];
}

/** Of manifests with an order of this number, whoever's. */
const waybillsOfOrder = ({ waybillsByNumber }: DocumentState, names: Names): readonly string[] =>
  waybillsByNumber.get(numberKeyOf(orderKeyOf(names)) ?? "") ?? [];

function orderAnswered(state: DocumentState, names: Names): AnswerAndCandidates {
  const key = orderKeyOf(names);
  const waybill = state.waybillByKey.get(key);
  const isKnown = state.orders.has(key) || waybill !== undefined;
  const waybills = waybill === undefined ? [] : [waybill];
  return [{ key, waybills, isKnown }, waybillsOfOrder(state, names)];
}

/** An answer to one payment that another one, spelt otherwise or without a number, may be. */
const mayBeSame = (held: string, named: string): boolean =>
  held !== named && named !== "" && (held === "" || looseNumberOf(held) === looseNumberOf(named));

function moneyAnswered(state: DocumentState, names: Names): AnswerAndCandidates {
  const { ebcCode, orderNo, payNo } = names;
  const candidates = waybillsOfOrder(state, names);
  const orders = [...(state.ordersPaid.get(moneyKeyOf(ebcCode, orderNo, "")) ?? [])];
  const waybills = orders.flatMap((key) => state.waybillByKey.get(key) ?? []);
  const payments = orders.map((key) => state.moneyReceipts.get(key)?.payNo ?? null);
  // Of one that has left nobody knows its number any longer.
  const isOther = (each: string | null): boolean => each !== null && !mayBeSame(each, payNo.trim());
  const isKnown = payments.length > 0 && payments.every(isOther);
  return [{ key: moneyKeyOf(ebcCode, orderNo, payNo), waybills, isKnown }, candidates];
}

const noNames: UnreadReceipt["names"] = {
  agentCode: "",
  copNo: "",
  invtNo: "",
  ebpCode: "",
  ebcCode: "",
  orderNo: "",
  payNo: "",
  logisticsCode: "",
  logisticsNo: "",
};

/** The numbers by which an answer names its document. */
export function answerNamesOf(document: CebDocumentReturn): UnreadReceipt["names"] {
  if (document.type === "CEB304") {
    const { ebpCode, ebcCode, orderNo } = document.head;
    return { ...noNames, ebpCode, ebcCode, orderNo };
  }
  if (document.type === "CEB404") {
    const { ebcCode, orderNo, payNo } = document.head;
    return { ...noNames, ebcCode, orderNo, payNo: payNo ?? "" };
  }
  const { logisticsCode, logisticsNo } = document.head;
  return { ...noNames, logisticsCode, logisticsNo };
}

/**
 * Puts a word in its place, and has every manifest that stands on the document judged anew. Where
 * there is no room for it, `doubt` is noted of its number; null for what takes no document's worth.
 */
function place(
  work: Workspace,
  { key, waybills }: Pick<Answered, "key" | "waybills">,
  { word, doubt }: { readonly word: DocumentWord; readonly doubt: UnreadDigest | null },
): Outcome | null {
  const { state, rules } = work;
  const { documentWords, lostAnswers } = state;
  const { documentsMax } = rules.config;
  const { size } = documentWords;
  const isFull = !documentWords.has(key) && size >= answersMaxOf(sizesOf(state), rules.config);
  if (!isFull) documentWords.set(key, word);
  else if (doubt !== null) {
    noteLostAnswer(lostAnswers, { numberKey: numberKeyOf(key) ?? key, doubt }, documentsMax);
  }
  for (const each of casesOf(state, waybills)) settle(work, each);
  return isFull ? refused("storeFull", null, `holds ${size} answers, the most allowed`) : null;
}

const namesNothing = (): Outcome =>
  refused("correlationConflict", "guid", "is all that it names; its document's number is empty");

/**
 * Makes every document doubtful that has the number which an answer names, until a readable answer
 * names it in full. The doubt is as old as the answer or, where that has no time, as its coming.
 */
function doubtByNumber(work: Workspace, answered: Answered, doubt: UnreadDigest): Outcome {
  const { byNumber, missing } = answered;
  if (byNumber === null) return taken;
  const held = work.state.documentWords.get(byNumber.key) ?? noWord;
  const { unread, isNew } = withUnread(held.unread, { ...doubt, field: missing });
  const full = isNew ? place(work, byNumber, { word: { ...held, unread }, doubt }) : null;
  const words = "is empty; every document with that number is doubtful";
  return full ?? refused("correlationConflict", missing, words);
}

/** Customs' answer to an order, a receipt of money or a waybill, whether that is here or not yet. */
export function takeDocumentReturn(work: Workspace, document: CebDocumentReturn): Outcome {
  const answered = answeredBy(work, { type: document.type, names: answerNamesOf(document) });
  if (answered === null) return namesNothing();
  const receipt = digestReturn(document, timingOf(work, document.head.returnTime));
  return takeAnswer(work, answered, { type: document.type, receipt });
}

/** The same answer, cut before the payment that it names, is no doubt once it can be read. */
function settleOfNoPayment(
  { state: { documentWords } }: Workspace,
  { ofNoPayment }: Answered,
  { receipt, effect }: { readonly receipt: ReturnDigest; readonly effect: ReceiptEffect },
): void {
  const held = ofNoPayment === null ? undefined : documentWords.get(ofNoPayment);
  if (ofNoPayment === null || held === undefined || !settlesDoubt(receipt)) return;
  const unread = held.unread.filter((each) => !isReadForm(each, receipt, effect));
  documentWords.set(ofNoPayment, { ...held, unread });
}

function takeAnswer(
  work: Workspace,
  answered: Answered,
  { type, receipt }: { readonly type: Named["type"]; readonly receipt: ReturnDigest },
): Outcome {
  const { status, time } = receipt;
  if (!isTransmissionError(status) && isAhead(work, time)) {
    const taken = takeDoubt(work, answered, aheadDoubtOf(receipt));
    return taken.accepted ? aheadRefused : taken;
  }
  // An acceptance of nobody knows what accepts nothing, and leaves no doubt.
  const doubt = isAcceptedBy(status) === false ? doubtOf(receipt, null) : null;
  if (doubt !== null) {
    const doubted = doubtByNumber(work, answered, doubt);
    if (answered.missing !== null) return doubted;
  } else if (answered.missing !== null) {
    return refused(
      "correlationConflict",
      answered.missing,
      "is empty: whose document it takes is not told",
    );
  }
  const held = work.state.documentWords.get(answered.key) ?? noWord;
  if (wasAhead(work, held.unread, receipt)) {
    return takenWith("repeated", "already held, nothing changed");
  }
  // What takes the document claims to have been said later than this, and later than now. The
  // e-port's word is hidden by customs' at any time.
  const isHidden = (held.acceptance?.time ?? "") > later(arrivalOf(work), time);
  if (doubt !== null && isHidden && !isOfEport(status)) {
    return takeDoubt(work, answered, aheadDoubtOf(receipt));
  }
  const { word, effect } = joinWord(held, receipt);
  settleOfNoPayment(work, answered, { receipt, effect });
  const full = word === held ? null : place(work, answered, { word, doubt });
  if (full !== null) return full;
  tell(work, "documentAnswered", answered.waybills[0] ?? null, {
    type,
    status,
    time,
  });
  if (effect === "applied") return taken;
  const words = effect === "repeated" ? "already held, nothing changed" : "a newer answer is held";
  return takenWith(effect, words);
}

/** An answer to a document that cannot be read whole: the document does not count until one can. */
export function takeUnreadAnswer(work: Workspace, receipt: UnreadReceipt): Outcome {
  const answered = answeredBy(work, receipt);
  if (answered === null) return namesNothing();
  const doubt = digestUnread(receipt, {
    coming: comingOf(work),
    isAhead: (time) => isAhead(work, time),
  });
  const error = errorIn(doubt);
  return error === null
    ? takeDoubt(work, answered, doubt)
    : takeAnswer(work, answered, { type: receipt.type, receipt: error });
}

const later = (a: string, b: string): string => (a > b ? a : b);

function takeDoubt(work: Workspace, answered: Answered, doubt: UnreadDigest): Outcome {
  const doubted = doubtByNumber(work, answered, doubt);
  if (answered.missing !== null) return doubted;
  const held = work.state.documentWords.get(answered.key) ?? noWord;
  const { unread, isNew } = withUnread(held.unread, doubt);
  if (!isNew) return takenWith("repeated", "already held, nothing changed");
  return place(work, answered, { word: { ...held, unread }, doubt }) ?? taken;
}
