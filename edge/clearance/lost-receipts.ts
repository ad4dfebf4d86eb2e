import { epochMs } from "../../protocols/units.ts";
import { newerDoubt } from "./customs-status.ts";
import { everyNumber } from "./lost-answers.ts";
import { withNumberKeys, type UnreadDigest } from "./digests.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Notes that a receipt was not kept for want of room. Customs has said something of a manifest with
 * one of these numbers, so that it is doubtful when it comes.
 */
export function noteLost(work: Workspace, keys: readonly string[], doubt: UnreadDigest): void {
  const { state, rules, passedAt } = work;
  const { lostReceipts } = state;
  for (const each of withNumberKeys(keys)) {
    const isFull = !lostReceipts.has(each) && lostReceipts.size >= rules.config.documentsMax;
    const key = isFull ? everyNumber : each;
    const held = lostReceipts.get(key);
    // Whatever is noted last is due last, and stands last.
    lostReceipts.delete(key);
    lostReceipts.set(key, {
      doubt: held === undefined ? doubt : newerDoubt(held.doubt, doubt),
      dueAt: epochMs(passedAt + rules.config.storedWaitMs),
    });
  }
}

/** The doubts that lost receipts leave on a manifest with these numbers. */
export const lostFor = (
  { state: { lostReceipts } }: Workspace,
  keys: readonly string[],
): readonly UnreadDigest[] =>
  [...withNumberKeys(keys), everyNumber].flatMap((key) => lostReceipts.get(key)?.doubt ?? []);
