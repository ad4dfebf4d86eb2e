import {
  errorClasses,
  statusTable,
  type ErrorClass,
  type StatusRow,
} from "../../protocols/ceb/status-table.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { Coming, ReturnDigest, UnreadDigest } from "./digests.ts";

const rowByStatus: ReadonlyMap<string, StatusRow> = new Map(Object.entries(statusTable));

/** Above every hold, and below what ends a manifest. */
const rankUnknown = 60;

/** A status outside the table is never a release: it is doubt, and it is told. */
const statusRow = (status: string): Pick<StatusRow, "effect" | "rank"> =>
  rowByStatus.get(status) ?? { effect: "unknownStatus", rank: rankUnknown };

/** A status below zero: the e-port or customs could not process one transmission. */
export const isTransmissionError = (status: string): boolean => /^-\d+$/.test(status);

export const isStatusKnown = (status: string): boolean =>
  rowByStatus.has(status) || isTransmissionError(status);

/** Customs has closed the manifest: its goods have left. */
export const isClosing = (status: string): boolean => statusRow(status).effect === "closed";

/** What the e-port says before customs has seen anything. */
export const isOfEport = (status: string): boolean => rowByStatus.get(status)?.by === "eport";

/**
 * Whether a document that customs answers so is accepted by them; null while that is open. A status
 * that nobody knows accepts nothing, and neither does an error of the transmission.
 */
export function isAcceptedBy(status: string): boolean | null {
  const row = rowByStatus.get(status);
  return row === undefined ? false : row.isAccepted;
}

/** Which document a processing error (a status below zero) is about. */
export const errorClassOf = (status: string): ErrorClass =>
  errorClasses.find(([prefix]) => status.startsWith(prefix))?.[1] ?? "other";

/** What customs has said once. */
export interface CustomsWord {
  readonly status: string;
  /** 17 digits, so that two times compare as texts. */
  readonly time: string;
  /** Customs' own words in one line; null for none. */
  readonly info: string | null;
  /** By when it was said at the latest: its time, or its coming if that was earlier. */
  readonly saidBy: string;
  /** As `Timing` has it. */
  readonly passedTime: string | null;
}

/** All that counts of what customs has said of one manifest. */
export interface CustomsSaid {
  /**
   * Customs' receipt that is newest by time, then rank; the e-port's before customs has spoken, and
   * null before the first. Errors are not among them: they speak of one transmission and not of the
   * manifest.
   */
  readonly latest: CustomsWord | null;
  /** The newest receipt below zero. */
  readonly error: CustomsWord | null;
  /** Customs itself has spoken, not only the e-port: the manifest has reached them. */
  readonly hasReached: boolean;
  readonly wasReturned: boolean;
  readonly wasClosed: boolean;
  /** Receipts that could not be read whole, until a readable one comes. */
  readonly unread: readonly UnreadDigest[];
}

export const noCustomsWord: CustomsSaid = {
  latest: null,
  error: null,
  hasReached: false,
  wasReturned: false,
  wasClosed: false,
  unread: [],
};

/** Unread receipts kept of one document. One of them is as much doubt as many. */
const unreadMax = 8;

/** Above zero when `a` counts over `b`. Same time and status: the same word. */
export function compareWords(a: CustomsWord, b: CustomsWord): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const byRank = statusRow(a.status).rank - statusRow(b.status).rank;
  if (byRank !== 0 || a.status === b.status) return byRank;
  return a.status < b.status ? -1 : 1;
}

export type ReceiptEffect = "applied" | "repeated" | "older";

/**
 * The same for words on a manifest: what the e-port says on the way counts under all that customs
 * says, whenever it is said. It is told anew each time that somebody sends the manifest once more.
 */
function compareSaid(a: CustomsWord, b: CustomsWord): number {
  const byWho = Number(isOfEport(b.status)) - Number(isOfEport(a.status));
  return byWho === 0 ? compareWords(a, b) : byWho;
}

const earlier = (a: string, b: string): string => (a < b ? a : b);

export const wordOf = (receipt: ReturnDigest): CustomsWord => {
  const { status, time, info, cameAt, passedTime } = receipt;
  return { status, time, info, saidBy: earlier(time, cameAt), passedTime };
};

/**
 * Customs' clock may be ahead of ours by up to two hours. A word that came before its time is not
 * newer than what was said after its coming.
 */
export const isSurelyNewer = (word: CustomsWord, held: CustomsWord): boolean =>
  word.time > held.time && word.saidBy >= held.saidBy;

export const effectOver = (
  word: CustomsWord,
  held: CustomsWord | null,
  compare = compareWords,
): ReceiptEffect => {
  const order = held === null ? 1 : compare(word, held);
  return order > 0 ? "applied" : order === 0 ? "repeated" : "older";
};

/** The newer of a word and the one that is held. */
export const newerOf = (word: CustomsWord, held: CustomsWord | null): CustomsWord =>
  held === null || compareWords(word, held) > 0 ? word : held;

/**
 * What came while the calendar was not proved is as old as the time that has passed since. Until it is
 * proved nobody knows what was said after that.
 */
function isSaidAfterComing({ time, saidBy, passedTime }: CustomsWord, coming: Coming): boolean {
  if (coming.unprovedAt !== null) return passedTime !== null && coming.unprovedAt < passedTime;
  return coming.cameAt < time && coming.cameAt <= saidBy;
}

/**
 * A readable word settles a doubt that is older than it, or that says the same. Within one second
 * nobody knows which came first, because some senders write no more of a time. A doubt without a
 * time is as old as its coming. The e-port knows nothing of what customs says.
 */
function isSettledByWord(doubt: UnreadDigest, word: CustomsWord): boolean {
  const { status, time, saidBy } = word;
  if (doubt.time === time && doubt.status === status) return true;
  if (!doubt.isTimed || doubt.time === null) {
    return !isOfEport(status) && isSaidAfterComing(word, doubt);
  }
  const isLater = doubt.time.slice(0, 14) < time.slice(0, 14);
  return !isOfEport(status) && isLater && earlier(doubt.time, doubt.cameAt) <= saidBy;
}

/**
 * The same receipt in a readable form, of one without a time that can be right. Its guid alone tells
 * nothing, because senders give a whole batch the same: the status has to be the same as well, so
 * that one without a status has no readable form. One that is no news counts only where it repeats
 * what is held, or holds nothing.
 */
export function isReadForm(
  doubt: UnreadDigest,
  receipt: ReturnDigest,
  effect: ReceiptEffect,
): boolean {
  if (doubt.isTimed || doubt.guid !== receipt.guid) return false;
  return doubt.status === receipt.status && (effect !== "older" || !holdsParcel(receipt));
}

/**
 * What stays unread once a readable receipt has come: it settles the one it repeats, those that are
 * older than itself, and one without a time if it brings news.
 */
export function unreadAfter(
  unread: readonly UnreadDigest[],
  receipt: ReturnDigest,
  effect: ReceiptEffect,
): readonly UnreadDigest[] {
  if (unread.length === 0) return unread;
  const word = wordOf(receipt);
  return unread.filter((each) => {
    if (isReadForm(each, receipt, effect)) return false;
    const isNews = each.isTimed || effect === "applied";
    return !isNews || !isSettledByWord(each, word);
  });
}

export const isSettledBy = (doubt: UnreadDigest, words: readonly (CustomsWord | null)[]): boolean =>
  words.some((word) => word !== null && isSettledByWord(doubt, word));

/**
 * When a readable receipt has to be from to settle it; one without a time that can be right asks for
 * the newest.
 */
const askedOf = ({ time, cameAt, isTimed }: UnreadDigest): string =>
  time === null || !isTimed ? `~${cameAt}` : time;

/** Of two doubts the one that asks for the newer readable receipt. */
export const newerDoubt = (a: UnreadDigest, b: UnreadDigest): UnreadDigest =>
  askedOf(a) > askedOf(b) ? a : b;

/**
 * A receipt that cannot be read whole and has a status below zero: that is enough to know that it
 * speaks of one transmission. Null for any other.
 */
export function errorIn(unread: UnreadDigest): ReturnDigest | null {
  const { guid, status, time, info, field, cameAt, unprovedAt } = unread;
  if (status === null || !isTransmissionError(status)) return null;
  if (field?.endsWith("returnStatus") === true) return null;
  const timing = { cameAt, unprovedAt, passedTime: null };
  return { guid: guid ?? "", status, time: time ?? cameAt, info, ...timing };
}

/**
 * Of too many that hold a doubt those that ask for the newest readable receipt, and of each kind
 * one at least.
 */
export function strongestOf<T>(
  all: readonly T[],
  {
    max,
    doubtIn,
    kindOf,
  }: {
    readonly max: number;
    readonly doubtIn: (each: T) => UnreadDigest;
    readonly kindOf: (each: T) => string;
  },
): readonly T[] {
  if (all.length <= max) return all;
  const asked = (each: T): string => askedOf(doubtIn(each));
  const weakestFirst = all.toSorted((a, b) => (asked(a) < asked(b) ? -1 : 1));
  const strongest = new Set(new Map(weakestFirst.map((each) => [kindOf(each), each])).values());
  const gone = weakestFirst.filter((each) => !strongest.has(each)).slice(0, all.length - max);
  return all.filter((each) => !gone.includes(each));
}

/** Neither kind is settled by all that settles the other. */
export const kindOfDoubt = ({ isTimed }: UnreadDigest): string => String(isTimed);

/** What an unread receipt says, whenever it came. */
const textOfUnread = (receipt: UnreadDigest): string =>
  JSON.stringify({ ...receipt, cameAt: null, unprovedAt: null });

/** Of two that say the same and no more than this nobody knows whether they are one. */
export const mayBeAnother = ({
  status,
  time,
}: Pick<ReturnDigest | UnreadDigest, "status" | "time">) => status === null && time === null;

/**
 * One more that cannot be read; the same one again is the same. With neither status nor time it may
 * be another, and counts from its last coming. Of too many those stay that ask for the newest
 * readable one.
 */
export function withUnread(
  unread: readonly UnreadDigest[],
  receipt: UnreadDigest,
): { readonly unread: readonly UnreadDigest[]; readonly isNew: boolean } {
  const text = textOfUnread(receipt);
  const others = unread.filter((each) => textOfUnread(each) !== text);
  const isNew = others.length === unread.length || mayBeAnother(receipt);
  if (!isNew) return { unread, isNew };
  const by = { max: unreadMax, doubtIn: (each: UnreadDigest) => each, kindOf: kindOfDoubt };
  return { unread: strongestOf([...others, receipt], by), isNew };
}

/**
 * Joins a receipt into what customs has said so far. Whatever order the receipts come in, and
 * however often each comes, the result is the same; an older receipt never undoes a newer one, and
 * an error undoes nothing.
 */
export function joinReceipt(
  said: CustomsSaid,
  receipt: ReturnDigest,
): { readonly said: CustomsSaid; readonly effect: ReceiptEffect } {
  const word = wordOf(receipt);
  if (isTransmissionError(word.status)) {
    const effect = effectOver(word, said.error);
    return { said: { ...said, error: newerOf(word, said.error) }, effect };
  }
  const meaning = statusRow(word.status).effect;
  const effect = effectOver(word, said.latest, compareSaid);
  const joined: CustomsSaid = {
    ...said,
    latest: effect === "applied" ? word : said.latest,
    hasReached: said.hasReached || !isOfEport(word.status),
    wasReturned: said.wasReturned || meaning === "returned",
    wasClosed: said.wasClosed || isClosing(word.status),
    unread: unreadAfter(said.unread, receipt, effect),
  };
  return { said: joined, effect };
}

const isEnd = (status: string): boolean =>
  isClosing(status) || statusRow(status).effect === "returned";

/**
 * Opening the parcel ends the doubt. A return or a closure is of the papers, and opening tells nothing
 * of those, unless it only may be this manifest's.
 */
export const isEndedByOpening = ({ status, field }: UnreadDigest): boolean =>
  status === null || !isEnd(status) || field === "copNo" || field === "agentCode";

/** A return or a closure was said, whenever that was. */
export function withEnds(said: CustomsSaid, { status, field }: UnreadDigest): CustomsSaid {
  if (status === null || field !== "returnTime") return said;
  const wasReturned = said.wasReturned || statusRow(status).effect === "returned";
  return { ...said, wasReturned, wasClosed: said.wasClosed || isClosing(status) };
}

/**
 * The word that counts: the newest, but an error only as long as customs has not had the manifest,
 * because then nothing but that transmission could have brought it there.
 */
export function wordInForce({ latest, error, hasReached }: CustomsSaid): CustomsWord | null {
  if (error === null || hasReached) return latest;
  return newerOf(error, latest);
}

/** The reason that one word opens, beside the ends; null for none. */
export function reasonOfWord({ status, time, info }: CustomsWord): Reason | null {
  const params = { status, time, ...(info === null ? {} : { info }) };
  const { effect } = statusRow(status);
  switch (effect) {
    case "onsiteReview":
    case "inspectionOrdered":
    case "customsHold":
      return { code: effect, params };
    case "unknownStatus":
      return isTransmissionError(status)
        ? { code: "unknownStatus", params: { ...params, about: errorClassOf(status) } }
        : { code: "unknownStatus", params };
    case "waiting":
    case "released":
    case "returned":
    case "closed":
      return null;
  }
}

/** Whether a receipt says anything for which a manifest's parcel may not go. */
export function holdsParcel(receipt: ReturnDigest): boolean {
  const { said } = joinReceipt(noCustomsWord, receipt);
  return hasCustomsReason(said) || said.wasReturned || said.wasClosed;
}

export const reasonOfUnread = (doubt: UnreadDigest): Reason => ({
  code: "receiptUnread",
  params: unreadParams(doubt),
});

/** Customs has given some reason of its own why the parcel may not go. */
export function hasCustomsReason(said: CustomsSaid): boolean {
  const word = wordInForce(said);
  return (word !== null && reasonOfWord(word) !== null) || said.unread.length > 0;
}

const unreadParams = ({ status, info, field }: UnreadDigest): Record<string, string> => ({
  // Of its path the last part, which is the name that people know.
  ...(field === null ? {} : { field: field.slice(field.lastIndexOf(".") + 1) }),
  ...(status === null ? {} : { status }),
  ...(info === null ? {} : { info }),
});

export const isReleasedByCustoms = ({ latest }: CustomsSaid): boolean =>
  latest !== null && statusRow(latest.status).effect === "released";

/** As `ClearanceRecord.customsStatus`: null also for a status that is no number. */
export function customsStatusNumber(said: CustomsSaid): number | null {
  const word = wordInForce(said);
  return word !== null && /^-?\d{1,9}$/.test(word.status) ? Number(word.status) : null;
}
