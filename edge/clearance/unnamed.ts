import { epochMs } from "../../protocols/units.ts";
import { retentionDefaults } from "./config.ts";
import { carriageKey, keyText, moneyKeyOf, type ManifestNumbers } from "./digests.ts";
import { refused, type Outcome } from "./outcome.ts";
import type { DocumentState } from "./state.ts";
import { tell, type Workspace } from "./workspace.ts";

/**
 * Orders, receipts of money and waybills that no manifest names end by age, so that they take the
 * room of others no longer. What they said is gone then, and other documents under their numbers
 * would be compared with less than had been told. So nothing is taken under these numbers any more,
 * neither a document nor a manifest: they are as good as released.
 */

/** Begins the wait, unless it has begun. `orderNo`: null of a waybill. */
export function noteUnnamed(
  { state, rules, passedAt }: Workspace,
  key: string,
  orderNo: string | null,
): void {
  if (state.unnamedUntil.has(key)) return;
  // Where a journal of before says nothing, they are watched all the same, and none ends.
  const { unnamedMs = retentionDefaults.unnamedMs } = rules.config.retention ?? retentionDefaults;
  state.unnamedUntil.set(key, { dueAt: epochMs(passedAt + unnamedMs), orderNo });
}

type Numbers = Pick<ManifestNumbers, "waybill" | "carrierCode" | "orderKey" | "orderNo">;
const carriageOf = ({ carrierCode, waybill }: Numbers): string => carriageKey(carrierCode, waybill);

/** A manifest has these numbers now. */
export function named({ unnamedUntil }: DocumentState, numbers: Numbers): void {
  unnamedUntil.delete(numbers.orderKey);
  unnamedUntil.delete(carriageOf(numbers));
}

/** The manifest that had these numbers has others now, or the same. */
export function namedNoMore(work: Workspace, former: Numbers, next: Numbers): void {
  const { orders, moneyReceipts, waybills, waybillByKey } = work.state;
  const { orderKey, orderNo } = former;
  const isHere = orders.has(orderKey) || moneyReceipts.has(orderKey);
  if (isHere && !waybillByKey.has(orderKey)) noteUnnamed(work, orderKey, orderNo);
  const carriage = carriageOf(former);
  if (carriage !== carriageOf(next) && waybills.has(carriage)) noteUnnamed(work, carriage, null);
}

const endedRefused = (field: string): Outcome =>
  refused("frozen", field, "is a number whose documents have ended, since no manifest named them");

/** Whether documents under this number have ended; null where not. */
export const whyNumberEnded = (
  { endedNumbers }: DocumentState,
  key: string,
  field: string,
): Outcome | null => (endedNumbers.has(key) ? endedRefused(field) : null);

export const whyNumbersEnded = (state: DocumentState, numbers: Numbers): Outcome | null =>
  whyNumberEnded(state, numbers.orderKey, "orderNo") ??
  whyNumberEnded(state, carriageOf(numbers), "logisticsNo");

/** Ends what stands under one number. */
export function endUnnamed(work: Workspace, key: string): void {
  const { state, at } = work;
  const unnamed = state.unnamedUntil.get(key);
  if (unnamed === undefined) return;
  state.unnamedUntil.delete(key);
  const money = state.moneyReceipts.get(key);
  const isHere = state.orders.has(key) || money !== undefined || state.waybills.has(key);
  // Deleted by whoever sent it.
  if (!isHere) return;
  state.orders.delete(key);
  state.moneyReceipts.delete(key);
  state.waybills.delete(key);
  if (money !== undefined) {
    const paidKey = moneyKeyOf(money.merchant.code, unnamed.orderNo ?? "", "");
    const paid = state.ordersPaid.get(paidKey);
    paid?.delete(key);
    if (paid?.size === 0) state.ordersPaid.delete(paidKey);
  }
  state.endedNumbers.set(key, at);
  const number = keyText(key);
  work.unnamedEnded.push(number);
  tell(work, "documentsEnded", null, { number });
}
