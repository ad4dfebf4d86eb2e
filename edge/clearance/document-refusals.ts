import {
  errorIn,
  isSettledBy,
  isSurelyNewer,
  isTransmissionError,
  newerOf,
  type CustomsWord,
} from "./customs-status.ts";
import { moneyKeyOf, numberKeyOf, type MoneyReceiptDigest, type UnreadDigest } from "./digests.ts";
import { lostAnswersFor } from "./lost-answers.ts";

/** What customs has said of one order, receipt of money or waybill (CEB304, 404, 506). */
export interface DocumentWord {
  /** The newest words that take it and that refuse it. */
  readonly acceptance: CustomsWord | null;
  readonly refusal: CustomsWord | null;
  /** The newest word that speaks of one transmission: below zero, or the e-port's that it failed. */
  readonly error: CustomsWord | null;
  /** Answers that could not be read whole, until a readable one comes. */
  readonly unread: readonly UnreadDigest[];
}

export const noWord: DocumentWord = { acceptance: null, refusal: null, error: null, unread: [] };

/** Why a document does not count: the status that customs gave it, and their words. */
export interface DocumentRefusal {
  /** False when customs' answer could not be read whole, whatever it says. */
  readonly isRead: boolean;
  readonly status: string | null;
  readonly info: string | null;
}

/**
 * Whether customs refuses a document, by what they have said of it so far. Once refused it counts
 * again only when customs takes it: filing it anew is no answer. An error and what the e-port says
 * speak of one transmission, so they count only as long as customs has taken none.
 */
function refusalIn(word: DocumentWord): DocumentRefusal | null {
  const { acceptance, refusal, error } = word;
  const unread = word.unread.at(-1);
  if (unread !== undefined) return { isRead: false, status: unread.status, info: unread.info };
  // Of one moment the refusal counts.
  const isTaken = refusal !== null && acceptance !== null && isSurelyNewer(acceptance, refusal);
  const said = isTaken ? null : (refusal ?? (acceptance === null ? error : null));
  return said === null ? null : { isRead: true, status: said.status, info: said.info };
}

const newer = (a: CustomsWord | null, b: CustomsWord | null): CustomsWord | null =>
  a === null ? b : newerOf(a, b);

/** Two words on one document as one: a newer one under either key ends what stands under the other. */
function withWord(a: DocumentWord, b: DocumentWord): DocumentWord {
  return {
    acceptance: newer(a.acceptance, b.acceptance),
    refusal: newer(a.refusal, b.refusal),
    error: newer(a.error, b.error),
    unread: [
      ...a.unread.filter((doubt) => !isSettledBy(doubt, [b.acceptance, b.refusal])),
      ...b.unread.filter((doubt) => !isSettledBy(doubt, [a.acceptance, a.refusal])),
    ],
  };
}

/** As `DocumentState` has them. */
interface Answers {
  readonly documentWords: ReadonlyMap<string, DocumentWord>;
  readonly lostAnswers: ReadonlyMap<string, UnreadDigest>;
}

/**
 * What is said of a document under its own key or keys, and the doubts that stand under its number
 * alone: of those the ones that no answer under its own key is newer than, and errors only as long
 * as customs has not taken it.
 */
export function refusalOf(
  { documentWords: words, lostAnswers }: Answers,
  key: string,
  ...more: readonly string[]
): DocumentRefusal | null {
  const held = [...new Set([key, ...more])].flatMap((each) => words.get(each) ?? []);
  const number = numberKeyOf(key) ?? "";
  const byNumber = [...(words.get(number)?.unread ?? []), ...lostAnswersFor(lostAnswers, number)];
  const read = held.flatMap(({ acceptance, refusal, error }) => {
    const isOfTransmission = error === null || isTransmissionError(error.status);
    return [acceptance, refusal, isOfTransmission ? null : error];
  });
  const isTaken = held.some(({ acceptance }) => acceptance !== null);
  const unread = byNumber.filter(
    (doubt) => !isSettledBy(doubt, read) && !(isTaken && errorIn(doubt) !== null),
  );
  return refusalIn(held.reduce(withWord, { ...noWord, unread }));
}

/** The words on a receipt of money: those that name its payment, and those that name none. */
export const refusalOfMoney = (
  answers: Answers,
  { merchant, payNo }: MoneyReceiptDigest,
  orderNo: string,
): DocumentRefusal | null =>
  refusalOf(
    answers,
    moneyKeyOf(merchant.code, orderNo, payNo),
    moneyKeyOf(merchant.code, orderNo, ""),
  );
