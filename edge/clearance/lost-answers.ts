import { newerDoubt } from "./customs-status.ts";
import type { UnreadDigest } from "./digests.ts";

/** Stands for all numbers once there are too many of them to be marked one by one. */
export const everyNumber = "";

type LostAnswers = ReadonlyMap<string, UnreadDigest>;

/**
 * Notes that an answer to an order, a receipt of money or a waybill was not kept for want of room,
 * until a readable one can be kept that names its document. However long that takes: a document has
 * no end that comes by itself.
 */
export function noteLostAnswer(
  lostAnswers: Map<string, UnreadDigest>,
  { numberKey, doubt }: { readonly numberKey: string; readonly doubt: UnreadDigest },
  numbersMax: number,
): void {
  const isFull = !lostAnswers.has(numberKey) && lostAnswers.size >= numbersMax;
  const key = isFull ? everyNumber : numberKey;
  const held = lostAnswers.get(key);
  // Without what people write in it.
  const bare = { ...doubt, info: null };
  lostAnswers.set(key, held === undefined ? bare : newerDoubt(held, bare));
}

/** The doubts that lost answers leave on a document with this number. */
export const lostAnswersFor = (
  lostAnswers: LostAnswers,
  numberKey: string,
): readonly UnreadDigest[] =>
  lostAnswers.size === 0
    ? []
    : [numberKey, everyNumber].flatMap((key) => lostAnswers.get(key) ?? []);
