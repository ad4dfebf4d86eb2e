import { hash } from "node:crypto";
import { epochMs } from "../../protocols/units.ts";
import { mayBeAnother } from "./customs-status.ts";
import { doubtOf, withNumberKeys, type UnreadDigest } from "./digests.ts";
import { noteLost } from "./lost-receipts.ts";
import { refused, takenWith, type Outcome } from "./outcome.ts";
import type { ParkedReceipt } from "./state.ts";
import { tell, type Workspace } from "./workspace.ts";

/** A receipt of customs that may have to wait for its manifest. */
export type Waiting = Pick<ParkedReceipt, "names" | "content">;

const noTiming = { cameAt: null, unprovedAt: null, passedTime: null };

/** By what a receipt waits: a hash of what it says, whatever guid it came under this time. */
export const parkedIdOf = ({ names, content }: Waiting): string =>
  hash(
    "sha256",
    JSON.stringify([names.keys, content.kind, { ...content.receipt, guid: null, ...noTiming }]),
    "hex",
  );

/** Receipts that wait under one number. A manifest gets a handful. */
const parkedPerNumberMax = 50;

/** The doubt in place of a receipt that is not kept, without what people write in it. */
function lostDoubtOf({ content }: Waiting): UnreadDigest {
  const doubt = content.kind === "unread" ? content.receipt : doubtOf(content.receipt, null);
  return { ...doubt, info: null };
}

export function park(work: Workspace, receipt: Waiting): Outcome {
  const { state, rules, passedAt } = work;
  const { parkedReceipts, parkedReceiptsByKey } = state;
  const { keys } = receipt.names;
  const [first] = keys;
  if (first === undefined) {
    return refused("correlationConflict", "copNo", "is empty, and so are invtNo and orderNo");
  }
  const id = parkedIdOf(receipt);
  const same = parkedReceipts.get(id);
  if (same !== undefined && !mayBeAnother(receipt.content.receipt)) {
    return takenWith("repeated", "waits for its manifest already");
  }
  if (same !== undefined) unpark(work, id, same);
  const waiting = parkedReceiptsByKey.get(first)?.size ?? 0;
  if (waiting >= parkedPerNumberMax) {
    noteLost(work, keys, lostDoubtOf(receipt));
    return refused("storeFull", null, `${waiting} receipts wait for this manifest already`);
  }
  if (parkedReceipts.size >= rules.config.parkedMax) {
    noteLost(work, keys, lostDoubtOf(receipt));
    return refused("storeFull", null, `${rules.config.parkedMax} receipts wait already`);
  }
  const { names, content } = receipt;
  const dueAt = epochMs(passedAt + rules.config.storedWaitMs);
  parkedReceipts.set(id, { names, content, dueAt });
  for (const key of withNumberKeys(keys)) {
    const atKey = parkedReceiptsByKey.get(key);
    if (atKey === undefined) parkedReceiptsByKey.set(key, new Set([id]));
    else atKey.add(id);
  }
  tell(work, "receiptUnmatched", null, { receipt: content.receipt.guid ?? "" });
  return takenWith("parked", "no manifest with its copNo or orderNo yet");
}

/** Ends a receipt's wait. */
export function unpark({ state }: Workspace, id: string, { names }: ParkedReceipt): void {
  state.parkedReceipts.delete(id);
  for (const key of withNumberKeys(names.keys)) {
    const atKey = state.parkedReceiptsByKey.get(key);
    atKey?.delete(id);
    if (atKey?.size === 0) state.parkedReceiptsByKey.delete(key);
  }
}

/** Receipts that wait for a manifest with one of these keys, by their ids. */
export function parkedFor(
  { state: { parkedReceipts, parkedReceiptsByKey } }: Workspace,
  keys: readonly string[],
): ReadonlyMap<string, ParkedReceipt> {
  const found = new Map<string, ParkedReceipt>();
  for (const id of keys.flatMap((key) => [...(parkedReceiptsByKey.get(key) ?? [])])) {
    const parked = parkedReceipts.get(id);
    if (parked !== undefined) found.set(id, parked);
  }
  return found;
}
