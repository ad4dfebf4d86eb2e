import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { forgetNumber } from "./acceptance-numbers.ts";
import type { DocumentEvent } from "./events.ts";
import { unpark } from "./parked-receipts.ts";
import { leaveTableOf, letLeave } from "./retention.ts";
import { endOf, leaveTables, type DocumentState } from "./state.ts";
import { endUnnamed } from "./unnamed.ts";
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

/** What is due is looked at before anything ends, so that one end brings about no other one. */
export function passTime(
  work: Workspace,
  {
    atMost = Number.POSITIVE_INFINITY,
    leavesMax = 0,
    unnamedMax = 0,
  }: Omit<TimePassed, "kind" | "at">,
): void {
  if (!work.isCalendarProved) return;
  const leaving = mayLeave(work, leavesMax);
  const unnamed = dueFirst(work.state.unnamedUntil, {
    at: work.passedAt,
    dueAtOf,
    atMost: work.rules.config.retention?.unnamedMs === undefined ? 0 : unnamedMax,
  });
  expire(work, atMost);
  for (const waybill of leaving) leave(work, waybill);
  for (const [key] of unnamed) endUnnamed(work, key);
}
type TimePassed = Extract<DocumentEvent, { kind: "timePassed" }>;

/** Waybills of cases that ended long enough ago, so many of each kind. */
const mayLeave = ({ state, passedAt: at, rules }: Workspace, atMost: number): readonly string[] =>
  rules.config.retention === undefined
    ? []
    : leaveTables.flatMap((table) =>
        dueFirst(state[table], { at, dueAtOf: itself, atMost }).map(([waybill]) => waybill),
      );

function leave(work: Workspace, waybill: string): void {
  const { state, at, passedAt, left } = work;
  const each = state.cases.get(waybill);
  const table = leaveTableOf(each);
  // It has just ended in another way, and waits for that.
  if (each === undefined || table === null) return;
  if ((state[table].get(waybill) ?? Number.POSITIVE_INFINITY) > passedAt) return;
  left.push(letLeave(state, each, at));
  tell(work, "caseLeft", waybill, { state: each.state ?? "", guid: each.manifest.guid });
}

/**
 * Ends waits that have lasted long enough: missing documents return a manifest (ZJG-19). While
 * nobody knows what day it is nothing ends; it does once the calendar is proved. No more than
 * `atMost` of each kind end at once. The others end when time is looked at again: a wait that ends
 * changes nothing of when others do, so that all of it comes to the same.
 */
function expire(work: Workspace, atMost: number): void {
  const { state, passedAt: at } = work;
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

/** When the next case may leave; null when none has ended. */
export function nextLeaveAt(state: DocumentState): EpochMs | null {
  const firsts = leaveTables.flatMap((table) => state[table].values().next().value ?? []);
  return firsts.length === 0 ? null : epochMs(Math.min(...firsts));
}

/** When the next wait ends; null when nothing waits. */
export function nextDueAt(state: DocumentState): EpochMs | null {
  const firsts = [
    state.waitingUntil.values().next().value,
    state.storedUntil.values().next().value,
    state.parkedAcceptances.values().next().value?.dueAt,
    state.parkedReceipts.values().next().value?.dueAt,
    state.lostReceipts.values().next().value?.dueAt,
    state.unnamedUntil.values().next().value?.dueAt,
  ].filter((each) => each !== undefined);
  return firsts.length === 0 ? null : epochMs(Math.min(...firsts));
}
