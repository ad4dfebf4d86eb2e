import type { CebDocumentReturn } from "../../protocols/ceb/messages.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { waybillAsWritten } from "../../protocols/clearance.ts";
import {
  effectOver,
  isAcceptedBy,
  isTransmissionError,
  newerOf,
  unreadAfter,
  withUnread,
  wordOf,
  type ReceiptEffect,
} from "./customs-status.ts";
import {
  carriageKey,
  digestReturn,
  digestUnread,
  moneyKeyOf,
  orderKeyOf,
  type ReturnDigest,
} from "./digests.ts";
import { noWord, type DocumentWord } from "./document-refusals.ts";
import { refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

function joinWord(
  held: DocumentWord,
  receipt: ReturnDigest,
): { readonly word: DocumentWord; readonly effect: ReceiptEffect } {
  const said = wordOf(receipt);
  const isAccepted = isAcceptedBy(said.status);
  const name = isTransmissionError(said.status) ? "error" : isAccepted ? "acceptance" : "refusal";
  // What the e-port says on the way is no answer yet.
  if (isAccepted === null) return { word: held, effect: "applied" };
  const effect = effectOver(said, held[name]);
  const unread = name === "error" ? held.unread : unreadAfter(held.unread, receipt, effect);
  return { word: { ...held, [name]: newerOf(said, held[name]), unread }, effect };
}

/** Under which key a document's word is kept, and of which orders or waybill it speaks. */
interface Answered {
  readonly key: string;
  readonly waybills: readonly string[];
}

type Named = Pick<UnreadReceipt, "type" | "names">;

/** What an answer answers; null when it is not to be told, or not one of these. */
function answeredBy({ state }: Workspace, { type, names }: Named): Answered | null {
  const ofOrders = (keys: readonly string[]): readonly string[] =>
    keys.flatMap((key) => state.waybillByKey.get(key) ?? []);
  if (type === "CEB506") {
    if (names.logisticsNo === "") return null;
    const key = carriageKey(names.logisticsCode, names.logisticsNo);
    return { key, waybills: [waybillAsWritten(names.logisticsNo)] };
  }
  if (names.orderNo === "") return null;
  if (type === "CEB304") {
    const key = orderKeyOf(names);
    return { key, waybills: ofOrders([key]) };
  }
  const { ebcCode, orderNo, payNo } = names;
  const orders = state.ordersPaid.get(moneyKeyOf(ebcCode, orderNo, "")) ?? [];
  return { key: moneyKeyOf(ebcCode, orderNo, payNo), waybills: ofOrders([...orders]) };
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

function namesOf(document: CebDocumentReturn): UnreadReceipt["names"] {
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

/** Puts a word in its place, and has every manifest that stands on the document judged anew. */
function place(work: Workspace, { key, waybills }: Answered, word: DocumentWord): Outcome | null {
  const { state, rules } = work;
  const { documentWords } = state;
  if (!documentWords.has(key) && documentWords.size >= 3 * rules.config.documentsMax) {
    return refused("storeFull", null, `holds ${documentWords.size} answers, the most allowed`);
  }
  documentWords.set(key, word);
  for (const waybill of waybills) {
    const each = state.cases.get(waybill);
    if (each !== undefined) settle(work, each);
  }
  return null;
}

const namesNothing = (): Outcome =>
  refused("correlationConflict", "guid", "is all that it names; its document's number is empty");

/** Customs' answer to an order, a receipt of money or a waybill, whether that is here or not yet. */
export function takeDocumentReturn(work: Workspace, document: CebDocumentReturn): Outcome {
  const answered = answeredBy(work, { type: document.type, names: namesOf(document) });
  if (answered === null) return namesNothing();
  const receipt = digestReturn(document);
  const held = work.state.documentWords.get(answered.key) ?? noWord;
  const { word, effect } = joinWord(held, receipt);
  const full = place(work, answered, word);
  if (full !== null) return full;
  const { status, time } = receipt;
  tell(work, "documentAnswered", answered.waybills[0] ?? null, {
    type: document.type,
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
  const held = work.state.documentWords.get(answered.key) ?? noWord;
  const { unread, isNew } = withUnread(held.unread, digestUnread(receipt));
  if (!isNew) return takenWith("repeated", "already held, nothing changed");
  return place(work, answered, { ...held, unread }) ?? taken;
}
