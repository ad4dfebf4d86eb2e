import { nameOfChain } from "../../../protocols/chain-name.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import type { JournalRecord, JournalRefusal } from "../../../protocols/link.ts";
import type { JournalCopies, TakeOutcome } from "../../journal/copies.ts";
import {
  newChainIntake,
  stepChain,
  type ChainEffect,
  type ChainEvent,
  type ChainIntake,
  type DiskWork,
  type FactAge,
} from "./chain-intake.ts";
import type { JournalPlace } from "./passes.ts";
import { readFacts } from "./record-facts.ts";

/**
 * Takes the agents' journals in: first the copy, synced; then what its records tell, once each and
 * in order; then the acknowledgement. What cannot be read is counted and passed over, because the
 * copy keeps it and the chain must go on.
 */
export interface JournalIntake {
  /** False where another agent writes this chain already. */
  hello(agentId: string, chain: string): boolean;
  take(agentId: string, records: readonly JournalRecord[]): void;
  /** Nothing of this agent is taken until its next hello. */
  leave(agentId: string): void;
  /** Nobody writes this chain any more; what a person brings in may still continue it. */
  close(chain: string): void;
  /** Resolves when they are held and told. */
  bringIn(chain: string, records: readonly JournalRecord[]): Promise<TakeOutcome>;
  /** Nothing of this chain is under way to the disk. */
  isIdle(chain: string): boolean;
  /** Chains in the order they were first heard of, with the last record that was told. */
  applied(): ReadonlyMap<string, number>;
  /** After a restart: where telling goes on. */
  restore(chain: string, appliedSeq: number): void;
  /** Tells again what the copies hold behind `afterSeq`. Rejects when the disk fails. */
  retell(chain: string, afterSeq: number): Promise<void>;
  counters(): JournalIntakeCounters;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export interface JournalIntakeOptions {
  readonly copies: Pick<JournalCopies, "take" | "held" | "readAfter">;
  readonly isLineOf: (agentId: string, lineId: string) => boolean;
  readonly onFact: (stamped: StampedFact, place: JournalPlace, age: FactAge) => void;
  /** Everything up to `seq` is held; `isProof` as in `ChainEffect`. */
  readonly onHeld: (agentId: string, chain: string, held: ChainHeld) => void;
  readonly onGap: (agentId: string, chain: string, afterSeq: number) => void;
  /** Two histories of one agent, or two agents with one history. */
  readonly onRefused: (agentId: string, chain: string, refused: ChainRefused) => void;
  /** Records of this chain cannot be written or read now: the disk says why. */
  readonly onDiskFailed: (chain: string, error: unknown) => void;
}

export interface ChainHeld {
  readonly seq: number;
  readonly isProof: boolean;
}

export interface ChainRefused {
  readonly code: JournalRefusal;
  readonly why: string;
}

interface JournalIntakeCounters {
  readonly recordsTotal: number;
  readonly repeatedTotal: number;
  readonly factsTotal: number;
  readonly unreadableTotal: number;
  readonly refusedTotal: number;
  readonly failedTotal: number;
  readonly overflowTotal: number;
}

type OnDisk = (chain: string, work: DiskWork) => Promise<ChainEvent>;

export function createJournalIntake(options: JournalIntakeOptions): JournalIntake {
  const { copies } = options;
  const chains = new Map<string, ChainIntake>();
  const chainOfAgent = new Map<string, ChainIntake>();
  const underWay = new Set<Promise<void>>();
  const totals = {
    recordsTotal: 0,
    repeatedTotal: 0,
    factsTotal: 0,
    unreadableTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    overflowTotal: 0,
  };

  const chainOf = (name: string): ChainIntake => {
    const chain = chains.get(name) ?? newChainIntake(name, totals);
    chains.set(name, chain);
    return chain;
  };

  const tell = ({ chain, agentId }: ChainIntake, record: JournalRecord, age: FactAge): void => {
    const told = readFacts(record.body);
    const owner = agentId ?? nameOfChain(chain).agentId;
    totals.unreadableTotal += told.unreadable;
    for (const stamped of told.facts) {
      if (!options.isLineOf(owner, stamped.lineId)) {
        totals.refusedTotal += 1;
        continue;
      }
      totals.factsTotal += 1;
      options.onFact(stamped, { chain, seq: record.seq }, age);
    }
  };

  const carryOut = (state: ChainIntake, effect: ChainEffect): void => {
    switch (effect.kind) {
      case "tell":
        return tell(state, effect.record, effect.age);
      case "acknowledge": {
        const { agentId, seq, isProof } = effect;
        return options.onHeld(agentId, state.chain, { seq, isProof });
      }
      case "want":
        return options.onGap(effect.agentId, state.chain, effect.afterSeq);
      case "refuse":
        return options.onRefused(effect.agentId, state.chain, effect);
    }
  };

  const step = (state: ChainIntake, event: ChainEvent): DiskWork | null => {
    const { effects, work } = stepChain(state, event);
    for (const effect of effects) carryOut(state, effect);
    return work;
  };

  /** What the event begins on the disk, and all that follows from it. */
  const drive = async (state: ChainIntake, event: ChainEvent, onDisk: OnDisk): Promise<void> => {
    let work = step(state, event);
    while (work !== null) work = step(state, await onDisk(state.chain, work));
  };

  const doOnDisk: OnDisk = async (chain, work) => {
    if (work.kind === "copy") {
      const outcome = await copies.take(work.records);
      if (outcome.kind === "failed") options.onDiskFailed(chain, new Error(outcome.why));
      return { kind: "copied", outcome };
    }
    const records = await copies.readAfter(chain, work.afterSeq, work.recordsMax);
    return { kind: "read", records };
  };

  /** A disk that fails now is asked again with the next message. */
  const doOrFail: OnDisk = (chain, work) =>
    doOnDisk(chain, work).catch((error: unknown) => {
      options.onDiskFailed(chain, error);
      return { kind: "readFailed" };
    });

  return {
    hello: (agentId, name) => {
      const chain = chainOf(name);
      step(chain, { kind: "hello", agentId, heldSeq: copies.held(name).seq });
      chainOfAgent.delete(agentId);
      if (chain.agentId !== agentId) return false;
      chainOfAgent.set(agentId, chain);
      return true;
    },
    take: (agentId, records) => {
      const chain = chainOfAgent.get(agentId);
      if (chain === undefined) {
        totals.refusedTotal += 1;
        return;
      }
      const driven = drive(chain, { kind: "records", records }, doOrFail).finally(() => {
        underWay.delete(driven);
      });
      underWay.add(driven);
    },
    leave: (agentId) => {
      chainOfAgent.delete(agentId);
    },
    close: (name) => {
      const chain = chainOf(name);
      if (chain.agentId !== null) chainOfAgent.delete(chain.agentId);
      step(chain, { kind: "closed" });
    },
    bringIn: async (name, records) => {
      const outcome = await copies.take(records);
      if (outcome.kind === "taken")
        await drive(chainOf(name), { kind: "records", records }, doOrFail);
      return outcome;
    },
    isIdle: (name) => chains.get(name)?.doing.kind !== "copying",
    applied: () => new Map([...chains].map(([name, chain]) => [name, chain.appliedSeq])),
    restore: (name, appliedSeq) => {
      chainOf(name).toldSeq = appliedSeq;
    },
    retell: (name, afterSeq) => {
      const heldSeq = copies.held(name).seq;
      return drive(chainOf(name), { kind: "retell", afterSeq, heldSeq }, doOnDisk);
    },
    counters: () => ({ ...totals }),
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
