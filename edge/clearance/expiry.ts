import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { forgetNumber } from "./acceptance-numbers.ts";
import { unpark } from "./parked-receipts.ts";
import { endOf, type DocumentState } from "./state.ts";
import { settle, tell, type Workspace } from "./workspace.ts";

/**
 * Everything in one of these maps waits equally long, and time that passed never goes back, so
 * whatever came first is due first and stands first.
 */
function dueFirst<V>(
  entries: Iterable<readonly [string, V]>,
  { at, dueAtOf, atMost }: DueBy<V>,
): readonly (readonly [string, V])[] {
  const due: (readonly [string, V])[] = [];
  if (atMost === 0) return due;
  for (const entry of entries) {
    if (dueAtOf(entry[1]) > at) break;
    due.push(entry);
    if (due.length === atMost) break;
  }
  return due;
}

interface DueBy<V> {
  readonly at: EpochMs;
  readonly dueAtOf: (value: V) => EpochMs;
  readonly atMost: number;
}

const itself = (dueAt: EpochMs): EpochMs => dueAt;
const dueAtOf = ({ dueAt }: { readonly dueAt: EpochMs }): EpochMs => dueAt;

/**
 * Ends waits that have lasted long enough: missing documents return a manifest (ZJG-19). While
 * nobody knows what day it is nothing ends; it does once the calendar is proved. No more than
 * `atMost` of each kind end at once. The others end when time is looked at again: a wait that ends
 * changes nothing of when others do, so that all of it comes to the same.
 */
export function expire(work: Workspace, atMost: number): void {
  const { state, passedAt: at } = work;
  if (!work.isCalendarProved) return;
  const bySelf = { at, dueAtOf: itself, atMost };
  const byDueAt = { at, dueAtOf, atMost };
  for (const [waybill] of dueFirst(state.waitingUntil, bySelf)) {
    state.waitingUntil.delete(waybill);
    const each = state.cases.get(waybill);
    if (each?.activation?.comparison.outcome !== "waiting" || endOf(each) !== null) continue;
    const missing = each.activation.comparison.missing.join(",");
    settle(work, { ...each, end: { kind: "returned", missing } });
  }
  for (const [waybill] of dueFirst(state.storedUntil, bySelf)) {
    state.storedUntil.delete(waybill);
    const each = state.cases.get(waybill);
    if (each === undefined || each.activation !== null || endOf(each) !== null) continue;
    settle(work, { ...each, end: { kind: "void", why: "expired" } });
  }
  for (const [key, parked] of dueFirst(state.parkedAcceptances, byDueAt)) {
    state.parkedAcceptances.delete(key);
    forgetNumber(state, parked);
    tell(work, "acceptanceExpired", parked.acceptance.waybill);
  }
  for (const [key] of dueFirst(state.lostReceipts, byDueAt)) state.lostReceipts.delete(key);
  for (const [id, parked] of dueFirst(state.parkedReceipts, byDueAt)) {
    unpark(work, id, parked);
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
