import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { forgetNumber } from "./acceptance-numbers.ts";
import { unpark } from "./customs-receipts.ts";
import { endOf, type DocumentState } from "./state.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

/**
 * Everything in one of these maps waits equally long, and time that passed never goes back, so
 * whatever came first is due first and stands first.
 */
function dueFirst<K>(entries: Iterable<readonly [K, EpochMs]>, at: EpochMs): readonly K[] {
  const due: K[] = [];
  for (const [key, dueAt] of entries) {
    if (dueAt > at) break;
    due.push(key);
  }
  return due;
}

/**
 * Ends every wait that has lasted long enough: missing documents return a manifest (ZJG-19). While
 * nobody knows what day it is nothing ends; it does once the calendar is proved.
 */
export function expire(work: Workspace): void {
  const { state, passedAt: at } = work;
  if (!work.isCalendarProved) return;
  for (const waybill of dueFirst(state.waitingUntil, at)) {
    state.waitingUntil.delete(waybill);
    const each = state.cases.get(waybill);
    if (each?.activation?.comparison.outcome !== "waiting" || endOf(each) !== null) continue;
    const missing = each.activation.comparison.missing.join(",");
    settle(work, { ...each, end: { kind: "returned", missing } });
  }
  for (const waybill of dueFirst(state.storedUntil, at)) {
    state.storedUntil.delete(waybill);
    const each = state.cases.get(waybill);
    if (each === undefined || each.activation !== null || endOf(each) !== null) continue;
    settle(work, { ...each, end: { kind: "void", why: "expired" } });
  }
  for (const [key, { acceptance, dueAt }] of state.parkedAcceptances) {
    if (dueAt > at) break;
    state.parkedAcceptances.delete(key);
    forgetNumber(state, acceptance);
    tell(work, "acceptanceExpired", acceptance.waybill);
  }
  for (const [key, { dueAt }] of state.lostReceipts) {
    if (dueAt > at) break;
    state.lostReceipts.delete(key);
  }
  for (const parked of state.parkedReceipts) {
    if (parked.dueAt > at) break;
    unpark(work, parked);
    const { status } = parked.content.receipt;
    tell(work, "receiptExpired", null, { status: status ?? "unread" });
  }
}

/** When the next wait ends; null when nothing waits. */
export function nextDueAt(state: DocumentState): EpochMs | null {
  const firsts = [
    state.waitingUntil.values().next().value,
    state.storedUntil.values().next().value,
    state.parkedAcceptances.values().next().value?.dueAt,
    state.parkedReceipts.values().next().value?.dueAt,
    state.lostReceipts.values().next().value?.dueAt,
  ].filter((each) => each !== undefined);
  return firsts.length === 0 ? null : epochMs(Math.min(...firsts));
}
