import type { Actor } from "../../protocols/actor.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import type { ChainEnd, GenerationBegun } from "../../protocols/generation.ts";
import type {
  DownMessage,
  JournalRecord,
  JournalRefusal,
  UpMessage,
} from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import { createJournalStandings, type JournalStandings } from "../link/journal-standings.ts";
import type { Standing } from "../link/journal-standing.ts";
import type { JournalCopies } from "../journal/copies.ts";
import type { Journal } from "../journal/journal.ts";
import { settled, type ActLog } from "./acts/act-log.ts";
import {
  closingWhy,
  createGenerationChange,
  type GenerationChange,
  type GenerationChangeOptions,
} from "./generation-change.ts";
import {
  beginGeneration,
  chainNow,
  hearGeneration,
  isClosed,
  newGenerations,
  type Generations,
} from "./lines/generations.ts";
import {
  createJournalIntake,
  type JournalIntake,
  type JournalIntakeOptions,
} from "./lines/journal-intake.ts";
import { createOlderStore, type OlderStore } from "./records/older-store.ts";
import type { LinkSending } from "../../protocols/transport.ts";

/**
 * The agents' journals at the centre: which chain each of them writes, whether it is taken, and what
 * a person does about one that is not. Whoever is not heard whole gets no claim and no lease.
 */
export interface AgentJournals {
  readonly intake: JournalIntake;
  readonly standings: JournalStandings;
  readonly generations: Generations;
  /** Whether what is held here is older than what the agents were told. */
  readonly older: OlderStore;
  hello(agentId: string, hello: Extract<UpMessage, { kind: "hello" }>): void;
  alive(agentId: string, lastSeq: number): void;
  take(agentId: string, records: readonly JournalRecord[]): void;
  /** For the person who says that a journal is another one from now on. */
  readonly change: Pick<GenerationChange, "ask">;
  /** A person's file of a closed chain; resolves when its records are held and told. */
  bringIn(chain: string, file: BroughtFile, by: Actor): Promise<BringInOutcome>;
  /** With the centre's own acts, in order. */
  readonly restoreAsked: GenerationChange["restoreAsked"];
  restoreBegun(agentId: string, begun: GenerationBegun): void;
  /** Several times a second. */
  tick(): void;
  view(): readonly AgentJournalView[];
  /** For `/healthz`: each journal that is not taken, and why. */
  reasons(): readonly string[];
}

export interface AgentJournalView {
  readonly agentId: string;
  readonly chain: string;
  readonly generation: number;
  readonly standing: Standing["kind"];
  readonly code: JournalRefusal | null;
  readonly why: string | null;
  readonly held: ChainEnd;
  readonly beginsInMs: number | null;
}

export interface BroughtFile {
  readonly records: readonly JournalRecord[];
  readonly isComplete: boolean;
}

export type BringInOutcome =
  | { readonly kind: "held"; readonly held: ChainEnd; readonly added: number }
  | { readonly kind: "refused"; readonly why: "notClosed" | "notJournalled" }
  | { readonly kind: "unfit"; readonly detail: string };

export interface AgentJournalsOptions {
  readonly clock: Clock;
  readonly acts: ActLog;
  readonly agentIds: readonly string[];
  /** The centre's own. */
  readonly journal: Pick<Journal, "readAfter" | "tail">;
  readonly copies: Pick<JournalCopies, "take" | "held" | "readAfter">;
  readonly isLineOf: JournalIntakeOptions["isLineOf"];
  readonly onFact: JournalIntakeOptions["onFact"];
  readonly leaseMs: number;
  readonly sign: GenerationChangeOptions["sign"];
  readonly send: (agentId: string, message: DownMessage) => LinkSending;
  readonly onStanding: (agentId: string, standing: Standing, before: Standing) => void;
  readonly onBegun: GenerationChangeOptions["onBegun"];
  /** Records of this chain, the centre's own or an agent's, cannot be written or read now. */
  readonly onDiskFailed: (chain: string, error: unknown) => void;
  /** All of the chain that there is has been told. */
  readonly onComplete: (chain: string, by: Actor) => void;
}

export function createAgentJournals(options: AgentJournalsOptions): AgentJournals {
  const { acts, copies, send } = options;
  const generations = newGenerations(options.agentIds);

  const standings = createJournalStandings({
    clock: options.clock,
    agentIds: options.agentIds,
    mayBeTaken: (agentId) => older.mayBeTaken(agentId),
    onChanged: (agentId, standing, before) => {
      if (standing.kind === "refused") tellRefused(agentId, standing.code, standing.why);
      options.onStanding(agentId, standing, before);
    },
  });

  const tellRefused = (agentId: string, code: JournalRefusal, why: string): void => {
    const chain = chainNow(generations, agentId);
    send(agentId, {
      kind: "journalRefused",
      chain,
      code,
      why: why.slice(0, 300),
      held: copies.held(chain),
    });
  };

  const intake = createJournalIntake({
    copies,
    isLineOf: options.isLineOf,
    onFact: options.onFact,
    onHeld: (agentId, chain, { seq, isProof }) => {
      standings.held(agentId, seq, isProof);
      const held = copies.held(chain);
      send(agentId, { kind: "journalAck", chain, seq: held.seq, hash: held.hash });
    },
    onGap: (agentId, chain, afterSeq) => {
      standings.gap(agentId);
      send(agentId, { kind: "journalWanted", chain, afterSeq });
    },
    onRefused: (agentId, _chain, { code, why }) => standings.refused(agentId, code, why),
    onDiskFailed: options.onDiskFailed,
  });

  const older = createOlderStore({
    ...options,
    holdings: {
      toldSeqOf: (chain) => intake.applied().get(chain) ?? 0,
      isWhole: (agentId) => standings.isWhole(agentId),
    },
    onChanged: () => standings.tick(),
  });

  const change = createGenerationChange({ ...options, generations, standings, intake });

  /** Whoever says hello is told that he is refused, also where it is no news here. */
  const answerHello = (agentId: string, take: () => void): void => {
    const before = standings.of(agentId);
    take();
    const now = standings.of(agentId);
    const isRefused = now.kind === "refused" && before.kind === "refused";
    if (isRefused && now.code === before.code) tellRefused(agentId, now.code, now.why);
  };

  const refuseHello = (agentId: string, code: JournalRefusal, why: string): void =>
    answerHello(agentId, () => standings.refused(agentId, code, why));

  /** It is of another generation than the one that is taken here. */
  const helloOfAnother = (agentId: string, chain: string): void => {
    const { agentId: owner, generation } = nameOfChain(chain);
    const now = generations.agents.get(agentId);
    intake.leave(agentId);
    if (owner !== agentId) return refuseHello(agentId, "journalForeign", `it is ${chain}`);
    hearGeneration(generations, agentId, generation);
    const current = now?.generation ?? 1;
    const code = generation < current ? "journalClosed" : "journalFork";
    refuseHello(agentId, code, `it is generation ${generation}, ${current} is taken here`);
    const begun = now?.begun ?? null;
    if (code === "journalFork" || begun === null || copies.held(begun.chain).seq > 0) return;
    send(agentId, { kind: "generationBegun", begun });
  };

  return {
    intake,
    standings,
    generations,
    older,
    change,
    hello: (agentId, hello) => {
      const { chain, lastSeq, lastHash } = hello;
      const current = chainNow(generations, agentId);
      older.hello(agentId, hello, chain === current);
      if (chain !== current) return helloOfAnother(agentId, chain);
      if (!intake.hello(agentId, chain)) return;
      const asked = change.askedOf(agentId);
      if (asked !== null) {
        return refuseHello(agentId, "journalClosed", closingWhy(asked.generation));
      }
      answerHello(agentId, () =>
        standings.hello(agentId, { lastSeq, lastHash, held: copies.held(chain) }),
      );
    },
    alive: (agentId, lastSeq) => {
      standings.written(agentId, lastSeq);
      older.alive(agentId, lastSeq);
    },
    take: (agentId, records) => {
      const last = records.at(-1);
      if (last !== undefined) standings.written(agentId, last.seq);
      if (!change.isSealed(agentId)) intake.take(agentId, records);
    },
    bringIn: async (chain, { records, isComplete }, by) => {
      if (!isClosed(generations, chain)) return { kind: "refused", why: "notClosed" };
      if (records.some((record) => record.chain !== chain)) {
        return { kind: "unfit", detail: `a record is not of ${chain}` };
      }
      const outcome = await intake.bringIn(chain, records);
      if (outcome.kind !== "taken") return { kind: "unfit", detail: outcome.why };
      const held = copies.held(chain);
      // What is held and not told yet may release what the chain's end would free.
      if ((intake.applied().get(chain) ?? 0) < held.seq) {
        return { kind: "refused", why: "notJournalled" };
      }
      const fromSeq = records[0]?.seq ?? held.seq + 1;
      const act = { kind: "broughtIn", chain, fromSeq, lastSeq: held.seq, isComplete } as const;
      acts.write(act, by);
      if (isComplete) options.onComplete(chain, by);
      if (!(await settled(acts))) return { kind: "refused", why: "notJournalled" };
      return { kind: "held", held, added: outcome.added };
    },
    restoreAsked: (agentId, asked) => change.restoreAsked(agentId, asked),
    restoreBegun: (agentId, begun) => beginGeneration(generations, agentId, begun),
    tick: () => {
      older.tick();
      standings.tick();
      change.tick();
    },
    view: () =>
      options.agentIds.map((agentId) => {
        const standing = standings.of(agentId);
        const chain = chainNow(generations, agentId);
        const { code, why } = standing.kind === "refused" ? standing : { code: null, why: null };
        const { seq, hash } = copies.held(chain);
        const beginsAt = change.askedOf(agentId)?.beginsAt ?? null;
        return {
          agentId,
          chain,
          generation: nameOfChain(chain).generation,
          standing: standing.kind,
          code,
          why,
          held: { chain, seq, hash },
          beginsInMs:
            beginsAt === null ? null : Math.max(0, Math.ceil(beginsAt - options.clock.monotonic())),
        };
      }),
    reasons: () =>
      options.agentIds.flatMap((agentId) => {
        const standing = standings.of(agentId);
        if (standing.kind !== "refused") return [];
        return [`journal of ${agentId}: not taken: ${standing.code}: ${standing.why}`];
      }),
  };
}
