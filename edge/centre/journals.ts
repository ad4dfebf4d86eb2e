import type { Actor } from "../../protocols/actor.ts";
import { chainOf, nameOfChain } from "../../protocols/chain-name.ts";
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
import { settled, type ActLog } from "./acts/act-log.ts";
import {
  askGeneration,
  beginGeneration,
  chainNow,
  hearGeneration,
  isClosed,
  newGenerations,
  nextGeneration,
  type AskedGeneration,
  type Generations,
} from "./lines/generations.ts";
import {
  createJournalIntake,
  type JournalIntake,
  type JournalIntakeOptions,
} from "./lines/journal-intake.ts";

/**
 * The agents' journals at the centre: which chain each of them writes, whether it is taken, and what
 * a person does about one that is not. Whoever is not heard whole gets no claim and no lease.
 */
export interface AgentJournals {
  readonly intake: JournalIntake;
  readonly standings: JournalStandings;
  readonly generations: Generations;
  hello(agentId: string, hello: Extract<UpMessage, { kind: "hello" }>): void;
  alive(agentId: string, lastSeq: number): void;
  take(agentId: string, records: readonly JournalRecord[]): void;
  /** A person's word; resolves when it is durable. */
  askGeneration(agentId: string, by: Actor, reason: string): Promise<AskOutcome>;
  /** A person's file of a closed chain; resolves when its records are held and told. */
  bringIn(chain: string, file: BroughtFile, by: Actor): Promise<BringInOutcome>;
  /** With the centre's own acts, in order. */
  restoreAsked(
    agentId: string,
    asked: Pick<AskedGeneration, "generation" | "by" | "askedAt">,
  ): void;
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

export type AskOutcome =
  | { readonly kind: "asked"; readonly asked: AskedGeneration }
  | {
      readonly kind: "refused";
      readonly why: "unknownAgent" | "underWay" | "noKey" | "notJournalled";
    };

export interface BroughtFile {
  readonly records: readonly JournalRecord[];
  readonly isComplete: boolean;
}

export type BringInOutcome =
  | { readonly kind: "held"; readonly held: ChainEnd; readonly added: number }
  | { readonly kind: "refused"; readonly why: "notClosed" | "notJournalled" }
  | { readonly kind: "unfit"; readonly detail: string };

/** Signs what a person said; null where it could not be written down. */
export type GenerationSigner = (
  content: Omit<GenerationBegun, "signature">,
) => Promise<GenerationBegun | null>;

export interface AgentJournalsOptions {
  readonly clock: Clock;
  readonly acts: ActLog;
  readonly agentIds: readonly string[];
  readonly copies: JournalIntakeOptions["copies"];
  readonly isLineOf: JournalIntakeOptions["isLineOf"];
  readonly onFact: JournalIntakeOptions["onFact"];
  readonly leaseMs: number;
  /** Null where the centre has no key to sign with: then no generation can begin. */
  readonly sign: GenerationSigner | null;
  readonly send: (agentId: string, message: DownMessage) => void;
  readonly onStanding: (agentId: string, standing: Standing, before: Standing) => void;
  /** These chains are closed: how their passes ended nobody will hear. */
  readonly onBegun: (agentId: string, begun: GenerationBegun) => void;
  /** All of the chain that there is has been told. */
  readonly onComplete: (chain: string, by: Actor) => void;
}

export function createAgentJournals(options: AgentJournalsOptions): AgentJournals {
  const { clock, acts, copies, send } = options;
  const generations = newGenerations(options.agentIds);
  /** Agents whose new generation is being signed. */
  const signing = new Set<string>();

  const standings = createJournalStandings({
    clock,
    agentIds: options.agentIds,
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
  });

  const askedOf = (agentId: string): AskedGeneration | null =>
    generations.agents.get(agentId)?.asked ?? null;

  const isSealed = (agentId: string): boolean => {
    const asked = askedOf(agentId);
    return asked !== null && clock.monotonic() >= asked.beginsAt;
  };

  const closing = (generation: number): string => `generation ${generation} is asked for`;

  /** Whoever says hello is told, also where it is no news here. */
  const refuseHello = (agentId: string, code: JournalRefusal, why: string): void => {
    const before = standings.of(agentId);
    standings.refused(agentId, code, why);
    if (before.kind === "refused" && before.code === code) tellRefused(agentId, code, why);
  };

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

  const begin = (agentId: string, begun: GenerationBegun): void => {
    acts.write({ kind: "generationBegun", agentId, begun }, begun.by);
    acts.whenKept(() => send(agentId, { kind: "generationBegun", begun }));
    intake.close(chainNow(generations, agentId));
    beginGeneration(generations, agentId, begun);
    standings.forget(agentId);
    options.onBegun(agentId, begun);
  };

  const signAndBegin = async (agentId: string, asked: AskedGeneration): Promise<void> => {
    if (options.sign === null || signing.has(agentId)) return;
    signing.add(agentId);
    const { by, askedAt, generation } = asked;
    const { chain, seq, hash } = copies.held(chainNow(generations, agentId));
    const begun = await options.sign({
      chain: chainOf(agentId, generation),
      after: { chain, seq, hash },
      by,
      askedAt,
      begunAt: clock.wall(),
    });
    signing.delete(agentId);
    // What could not be signed is tried again with the next tick.
    if (begun !== null) begin(agentId, begun);
  };

  return {
    intake,
    standings,
    generations,
    hello: (agentId, hello) => {
      const { chain, lastSeq, lastHash } = hello;
      const current = chainNow(generations, agentId);
      if (chain !== current) return helloOfAnother(agentId, chain);
      if (!intake.hello(agentId, chain)) return;
      const asked = askedOf(agentId);
      if (asked !== null) {
        return refuseHello(agentId, "journalClosed", closing(asked.generation));
      }
      const before = standings.of(agentId);
      standings.hello(agentId, { lastSeq, lastHash, held: copies.held(chain) });
      const now = standings.of(agentId);
      if (now.kind === "refused" && before.kind === "refused" && now.code === before.code) {
        tellRefused(agentId, now.code, now.why);
      }
    },
    alive: (agentId, lastSeq) => standings.written(agentId, lastSeq),
    take: (agentId, records) => {
      const last = records.at(-1);
      if (last !== undefined) standings.written(agentId, last.seq);
      if (!isSealed(agentId)) intake.take(agentId, records);
    },
    askGeneration: async (agentId, by, reason) => {
      if (!generations.agents.has(agentId)) return { kind: "refused", why: "unknownAgent" };
      if (options.sign === null) return { kind: "refused", why: "noKey" };
      const generation = nextGeneration(generations, agentId);
      if (generation === null) return { kind: "refused", why: "underWay" };
      const [at, askedAt, { leaseMs }] = [clock.monotonic(), clock.wall(), options];
      // Doubt before it is durable: from here on nothing more is granted or leased.
      askGeneration(generations, agentId, { generation, by, askedAt, at, leaseMs });
      standings.refused(agentId, "journalClosed", closing(generation));
      const act = { kind: "generationAsked", agentId, generation, reason } as const;
      const isDurable = await new Promise<boolean>((resolve) => acts.write(act, by, resolve));
      if (!isDurable) return { kind: "refused", why: "notJournalled" };
      const asked = askedOf(agentId);
      return asked === null ? { kind: "refused", why: "underWay" } : { kind: "asked", asked };
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
    restoreAsked: (agentId, asked) => {
      // It cannot be told how much of the last lease had run when we went down: all of it is waited.
      const [at, { leaseMs }] = [clock.monotonic(), options];
      askGeneration(generations, agentId, { ...asked, at, leaseMs });
    },
    restoreBegun: (agentId, begun) => beginGeneration(generations, agentId, begun),
    tick: () => {
      standings.tick();
      for (const agentId of options.agentIds) {
        const asked = askedOf(agentId);
        if (asked === null || !isSealed(agentId)) continue;
        if (intake.isIdle(chainNow(generations, agentId))) void signAndBegin(agentId, asked);
      }
    },
    view: () =>
      options.agentIds.map((agentId) => {
        const standing = standings.of(agentId);
        const chain = chainNow(generations, agentId);
        const { code, why } = standing.kind === "refused" ? standing : { code: null, why: null };
        const { seq, hash } = copies.held(chain);
        const beginsAt = askedOf(agentId)?.beginsAt ?? null;
        return {
          agentId,
          chain,
          generation: nameOfChain(chain).generation,
          standing: standing.kind,
          code,
          why,
          held: { chain, seq, hash },
          beginsInMs:
            beginsAt === null ? null : Math.max(0, Math.ceil(beginsAt - clock.monotonic())),
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
