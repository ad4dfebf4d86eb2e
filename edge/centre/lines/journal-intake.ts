import { z } from "zod";
import { zFact, type StampedFact } from "../../../protocols/facts.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import { zBeltCount, zEpochMs } from "../../../protocols/units.ts";
import { parseEntry } from "../../journal/entries.ts";
import type { JournalCopies } from "../../journal/copies.ts";
import type { JournalPlace } from "./passes.ts";

/**
 * Takes the agents' journals in: first the copy, synced; then what its records tell, once each and
 * in order; then the acknowledgement. What cannot be read is counted and passed over, because the
 * copy keeps it and the chain must go on.
 */
export interface JournalIntake {
  hello(agentId: string, chain: string, lastSeq: number): void;
  take(agentId: string, records: readonly JournalRecord[]): void;
  /** Chains in the order they were first heard of, with the last record that was told. */
  applied(): ReadonlyMap<string, number>;
  /** After a restart: where telling goes on, and where the passes begin that may go on. */
  restore(chain: string, appliedSeq: number, openFromSeq: number): void;
  /** Tells again what the copies hold behind `afterSeq`. Rejects when the disk fails. */
  retell(chain: string, afterSeq: number): Promise<void>;
  counters(): JournalIntakeCounters;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/**
 * `new`: not told before, also not by an earlier run. `known`: told by an earlier run. `over`: known,
 * and older than every pass that was open when that run last wrote down where it was.
 */
export type FactAge = "new" | "known" | "over";

export interface JournalIntakeOptions {
  readonly copies: Pick<JournalCopies, "take" | "held" | "readAfter">;
  readonly isLineOf: (agentId: string | null, lineId: string) => boolean;
  readonly onFact: (stamped: StampedFact, place: JournalPlace, age: FactAge) => void;
  readonly sendAck: (agentId: string, chain: string, seq: number) => void;
  readonly sendWanted: (agentId: string, chain: string, afterSeq: number) => void;
  /** Two histories of one agent, or a shortened one: a person must know. */
  readonly onSuspicion: (code: JournalSuspicion, chain: string, why: string) => void;
}

type JournalSuspicion = "journalFork" | "journalShortened" | "journalForeign";

interface JournalIntakeCounters {
  readonly recordsTotal: number;
  readonly repeatedTotal: number;
  readonly factsTotal: number;
  readonly unreadableTotal: number;
  readonly refusedTotal: number;
  readonly failedTotal: number;
  readonly overflowTotal: number;
}

/** Messages of one agent that wait for the disk; the agent sends again what is dropped here. */
const takesPendingMax = 100;
const retellPageRecordsMax = 1_000;

interface Chain {
  readonly name: string;
  agentId: string | null;
  appliedSeq: number;
  /** Records up to here were told by an earlier run. */
  toldSeq: number;
  /** Records before this one tell of nothing that was open then. */
  openFromSeq: number;
  pending: number;
  work: Promise<void>;
  isSuspect: boolean;
}

type ReadPage = JournalCopies["readAfter"];

/** The event's own stamps are its facts' stamps. */
const zEventStamps = z.object({ wallAt: zEpochMs, count: zBeltCount });

export function createJournalIntake(options: JournalIntakeOptions): JournalIntake {
  const { copies } = options;
  const chains = new Map<string, Chain>();
  const chainOfAgent = new Map<string, Chain>();
  const totals = {
    recordsTotal: 0,
    repeatedTotal: 0,
    factsTotal: 0,
    unreadableTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    overflowTotal: 0,
  };

  const chainOf = (name: string): Chain => {
    const known = chains.get(name);
    if (known !== undefined) return known;
    const chain: Chain = {
      name,
      agentId: null,
      appliedSeq: 0,
      toldSeq: 0,
      openFromSeq: 0,
      pending: 0,
      work: Promise.resolve(),
      isSuspect: false,
    };
    chains.set(name, chain);
    return chain;
  };

  const tell = (chain: Chain, record: JournalRecord): void => {
    const place = { chain: chain.name, seq: record.seq };
    const age = ageOf(chain, record.seq);
    const told = readFacts(record.body);
    totals.unreadableTotal += told.unreadable;
    for (const stamped of told.facts) {
      if (!options.isLineOf(chain.agentId, stamped.lineId)) {
        totals.refusedTotal += 1;
        continue;
      }
      totals.factsTotal += 1;
      options.onFact(stamped, place, age);
    }
    chain.appliedSeq = record.seq;
  };

  /** Everything held and not told yet, from the copies. */
  const catchUp = async (chain: Chain, untilSeq: number, readPage: ReadPage): Promise<void> => {
    while (chain.appliedSeq < untilSeq) {
      const page = await readPage(chain.name, chain.appliedSeq, retellPageRecordsMax);
      if (page.length === 0) return;
      for (const record of page) tell(chain, record);
    }
  };

  /** A disk that fails now is asked again with the next message. */
  const readPageOrNothing: ReadPage = async (name, afterSeq, recordsMax) => {
    try {
      return await copies.readAfter(name, afterSeq, recordsMax);
    } catch {
      totals.failedTotal += 1;
      return [];
    }
  };

  const suspect = (chain: Chain, code: JournalSuspicion, why: string): void => {
    if (chain.isSuspect) return;
    chain.isSuspect = true;
    options.onSuspicion(code, chain.name, why);
  };

  const work = async (chain: Chain, agentId: string, records: readonly JournalRecord[]) => {
    const outcome = await copies.take(records);
    totals.recordsTotal += outcome.added;
    totals.repeatedTotal += outcome.repeated;
    if (outcome.kind === "failed") {
      // Without an acknowledgement the agent sends them again.
      totals.failedTotal += 1;
      return;
    }
    for (const record of records) {
      const isNext = record.seq === chain.appliedSeq + 1;
      if (isNext && record.seq <= outcome.heldSeq) tell(chain, record);
    }
    await catchUp(chain, outcome.heldSeq, readPageOrNothing);
    if (outcome.kind === "taken") return options.sendAck(agentId, chain.name, outcome.heldSeq);
    totals.refusedTotal += 1;
    if (outcome.code === "gap") return options.sendWanted(agentId, chain.name, outcome.heldSeq);
    suspect(chain, "journalFork", `record ${outcome.seq}: ${outcome.why}`);
  };

  return {
    hello: (agentId, name, lastSeq) => {
      const chain = chainOf(name);
      if (chain.agentId !== null && chain.agentId !== agentId) {
        totals.refusedTotal += 1;
        return options.onSuspicion("journalForeign", name, `${agentId} and ${chain.agentId}`);
      }
      chain.agentId = agentId;
      chainOfAgent.set(agentId, chain);
      const heldSeq = copies.held(name).seq;
      if (lastSeq < heldSeq) {
        suspect(chain, "journalShortened", `it ends at ${lastSeq}, ${heldSeq} are held here`);
      }
      options.sendAck(agentId, name, heldSeq);
    },
    take: (agentId, records) => {
      const chain = chainOfAgent.get(agentId);
      if (chain === undefined || records.some((record) => record.chain !== chain.name)) {
        totals.refusedTotal += 1;
        return;
      }
      if (chain.pending >= takesPendingMax) {
        totals.overflowTotal += 1;
        return;
      }
      chain.pending += 1;
      chain.work = chain.work
        .then(() => work(chain, agentId, records))
        .finally(() => {
          chain.pending -= 1;
        });
    },
    applied: () => new Map([...chains].map(([name, chain]) => [name, chain.appliedSeq])),
    restore: (name, appliedSeq, openFromSeq) => {
      const chain = chainOf(name);
      chain.toldSeq = appliedSeq;
      chain.openFromSeq = openFromSeq;
    },
    retell: async (name, afterSeq) => {
      const chain = chainOf(name);
      chain.appliedSeq = afterSeq;
      await catchUp(chain, copies.held(name).seq, copies.readAfter.bind(copies));
    },
    counters: () => ({ ...totals }),
    settled: async () => {
      for (const chain of chains.values()) await chain.work;
    },
  };
}

function ageOf({ toldSeq, openFromSeq }: Chain, seq: number): FactAge {
  if (seq > toldSeq) return "new";
  return seq < openFromSeq ? "over" : "known";
}

interface ToldFacts {
  readonly facts: readonly StampedFact[];
  readonly unreadable: number;
}

/** The facts of one record; other entries than steps have none. */
function readFacts(body: string): ToldFacts {
  const parsed = parseEntry(body);
  if (parsed.kind === "unreadable") return { facts: [], unreadable: 1 };
  const { entry } = parsed;
  if (entry.kind !== "step" || entry.facts === undefined) return { facts: [], unreadable: 0 };
  const stamps = zEventStamps.safeParse(entry.event);
  if (!stamps.success) return { facts: [], unreadable: entry.facts.length };
  const { wallAt, count } = stamps.data;
  const facts: StampedFact[] = [];
  for (const content of entry.facts) {
    const fact = zFact.safeParse(content);
    if (fact.success) facts.push({ lineId: entry.lineId, wallAt, count, fact: fact.data });
  }
  return { facts, unreadable: entry.facts.length - facts.length };
}
