import type { JournalRecord, JournalRefusal } from "../../../protocols/link.ts";
import type { TakeOutcome } from "../../journal/copies.ts";

/**
 * How one agent's journal is taken in, pure: its records are copied first, then told once each and
 * in order, then acknowledged. `stepChain` takes what has happened and says what follows from it
 * and what the disk has to do next; there is never more than one such work under way.
 */
export interface ChainIntake {
  readonly chain: string;
  /** Null until its agent says hello. */
  agentId: string | null;
  /** The last record that was told, by this run or an earlier one. */
  appliedSeq: number;
  /** Records up to here were told by an earlier run. */
  toldSeq: number;
  doing: Doing;
  /** Messages behind the one being worked through. */
  readonly waiting: (readonly JournalRecord[])[];
  /** Of all chains together. */
  readonly totals: ChainTotals;
}

type Doing =
  | { readonly kind: "nothing" }
  | { readonly kind: "copying"; readonly records: readonly JournalRecord[] }
  /** The copies hold more than has been told; `afterwards` follows when that is done. */
  | {
      readonly kind: "catchingUp";
      readonly untilSeq: number;
      readonly afterwards: readonly ChainEffect[];
    };

export interface ChainTotals {
  recordsTotal: number;
  repeatedTotal: number;
  refusedTotal: number;
  failedTotal: number;
  overflowTotal: number;
}

/** `new`: not told before, also not by an earlier run. `known`: told by an earlier run. */
export type FactAge = "new" | "known";

export type ChainEvent =
  /** `heldSeq` is where the copy ends. */
  | { readonly kind: "hello"; readonly agentId: string; readonly heldSeq: number }
  /** Whoever writes this chain now is not known: it is closed. */
  | { readonly kind: "closed" }
  | { readonly kind: "records"; readonly records: readonly JournalRecord[] }
  /** The answers to `copy` and `read`. */
  | { readonly kind: "copied"; readonly outcome: TakeOutcome }
  | { readonly kind: "read"; readonly records: readonly JournalRecord[] }
  | { readonly kind: "readFailed" }
  /** After a restart: everything behind `afterSeq` is told again, as far as it is held. */
  | { readonly kind: "retell"; readonly afterSeq: number; readonly heldSeq: number };

export type ChainEffect =
  | { readonly kind: "tell"; readonly record: JournalRecord; readonly age: FactAge }
  /** `isProof`: what came reaches as far as what is held, so the two are one history. */
  | {
      readonly kind: "acknowledge";
      readonly agentId: string;
      readonly seq: number;
      readonly isProof: boolean;
    }
  | { readonly kind: "want"; readonly agentId: string; readonly afterSeq: number }
  /** Two histories of one agent, or two agents with one history. */
  | {
      readonly kind: "refuse";
      readonly agentId: string;
      readonly code: JournalRefusal;
      readonly why: string;
    };

export type DiskWork =
  | { readonly kind: "copy"; readonly records: readonly JournalRecord[] }
  | { readonly kind: "read"; readonly afterSeq: number; readonly recordsMax: number };

export interface ChainStep {
  /** In order. */
  readonly effects: readonly ChainEffect[];
  /** Begins when the effects are done; null while nothing is to do, or something is under way. */
  readonly work: DiskWork | null;
}

/** Messages of one agent that wait for the disk; the agent sends again what is dropped here. */
export const messagesPendingMax = 100;
const pageRecordsMax = 1_000;

export const newChainIntake = (chain: string, totals: ChainTotals): ChainIntake => ({
  chain,
  agentId: null,
  appliedSeq: 0,
  toldSeq: 0,
  doing: { kind: "nothing" },
  waiting: [],
  totals,
});

const nothing: ChainStep = { effects: [], work: null };

/** Changes `state` in place. */
export function stepChain(state: ChainIntake, event: ChainEvent): ChainStep {
  switch (event.kind) {
    case "hello":
      return { effects: greet(state, event), work: null };
    case "closed":
      state.agentId = null;
      return nothing;
    case "records":
      return takeRecords(state, event.records);
    case "copied":
      return takeCopied(state, event.outcome);
    case "read": {
      const effects = event.records.map((record) => tell(state, record));
      // Nothing there, though it should be: what is missing is read with the next message.
      return event.records.length === 0 ? finish(state, effects) : goOn(state, effects);
    }
    case "readFailed":
      state.totals.failedTotal += 1;
      return finish(state, []);
    case "retell":
      state.appliedSeq = event.afterSeq;
      return catchUp(state, { untilSeq: event.heldSeq, told: [], afterwards: [] });
  }
}

function greet(
  state: ChainIntake,
  { agentId, heldSeq }: Extract<ChainEvent, { kind: "hello" }>,
): readonly ChainEffect[] {
  if (state.agentId !== null && state.agentId !== agentId) {
    state.totals.refusedTotal += 1;
    const why = `${state.agentId} writes it as well`;
    return [{ kind: "refuse", agentId, code: "journalForeign", why }];
  }
  state.agentId = agentId;
  return [{ kind: "acknowledge", agentId, seq: heldSeq, isProof: false }];
}

function takeRecords(state: ChainIntake, records: readonly JournalRecord[]): ChainStep {
  const { chain, doing, waiting, totals } = state;
  if (records.some((record) => record.chain !== chain)) {
    totals.refusedTotal += 1;
    return nothing;
  }
  const pending = waiting.length + (doing.kind === "nothing" ? 0 : 1);
  if (pending >= messagesPendingMax) {
    totals.overflowTotal += 1;
    return nothing;
  }
  waiting.push(records);
  return doing.kind === "nothing" ? finish(state, []) : nothing;
}

function takeCopied(state: ChainIntake, outcome: TakeOutcome): ChainStep {
  const { doing, totals } = state;
  const records = doing.kind === "copying" ? doing.records : [];
  totals.recordsTotal += outcome.added;
  totals.repeatedTotal += outcome.repeated;
  if (outcome.kind === "failed") {
    // Without an acknowledgement the agent sends them again.
    totals.failedTotal += 1;
    return finish(state, []);
  }
  const told: ChainEffect[] = [];
  for (const record of records) {
    const isNext = record.seq === state.appliedSeq + 1;
    if (isNext && record.seq <= outcome.heldSeq) told.push(tell(state, record));
  }
  const isProof = (records.at(-1)?.seq ?? 0) >= outcome.heldSeq;
  const afterwards = answer(state, outcome, isProof);
  return catchUp(state, { untilSeq: outcome.heldSeq, told, afterwards });
}

function answer(
  { agentId, totals }: ChainIntake,
  outcome: Exclude<TakeOutcome, { kind: "failed" }>,
  isProof: boolean,
): readonly ChainEffect[] {
  const { heldSeq } = outcome;
  if (outcome.kind === "refused") totals.refusedTotal += 1;
  if (agentId === null) return [];
  if (outcome.kind === "taken") return [{ kind: "acknowledge", agentId, seq: heldSeq, isProof }];
  if (outcome.code === "gap") return [{ kind: "want", agentId, afterSeq: heldSeq }];
  const why = `record ${outcome.seq}: ${outcome.why}`;
  return [{ kind: "refuse", agentId, code: "journalFork", why }];
}

function tell(state: ChainIntake, record: JournalRecord): ChainEffect {
  const { seq } = record;
  state.appliedSeq = seq;
  return { kind: "tell", record, age: seq > state.toldSeq ? "new" : "known" };
}

function catchUp(
  state: ChainIntake,
  { untilSeq, told, afterwards }: CatchingUp & { readonly told: readonly ChainEffect[] },
): ChainStep {
  state.doing = { kind: "catchingUp", untilSeq, afterwards };
  return goOn(state, told);
}

type CatchingUp = Pick<Extract<Doing, { kind: "catchingUp" }>, "untilSeq" | "afterwards">;

function goOn(state: ChainIntake, effects: readonly ChainEffect[]): ChainStep {
  const { doing, appliedSeq } = state;
  if (doing.kind !== "catchingUp" || appliedSeq >= doing.untilSeq) return finish(state, effects);
  return { effects, work: { kind: "read", afterSeq: appliedSeq, recordsMax: pageRecordsMax } };
}

/** Ends what is being done and begins with the next message. */
function finish(state: ChainIntake, before: readonly ChainEffect[]): ChainStep {
  const { doing } = state;
  const effects = doing.kind === "catchingUp" ? [...before, ...doing.afterwards] : before;
  const records = state.waiting.shift();
  state.doing = records === undefined ? { kind: "nothing" } : { kind: "copying", records };
  return { effects, work: records === undefined ? null : { kind: "copy", records } };
}
