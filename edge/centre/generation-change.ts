import type { Actor } from "../../protocols/actor.ts";
import { chainOf } from "../../protocols/chain-name.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { DownMessage } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import type { JournalCopies } from "../journal/copies.ts";
import type { JournalStandings } from "../link/journal-standings.ts";
import type { ActLog } from "./acts/act-log.ts";
import {
  askGeneration,
  beginGeneration,
  chainNow,
  nextGeneration,
  type AskedGeneration,
  type Generations,
} from "./lines/generations.ts";
import type { JournalIntake } from "./lines/journal-intake.ts";

/**
 * How an agent's journal becomes another one: a person asks for it, the last lease of the old one
 * runs out, the centre signs where that ended, and the new one begins.
 */
export interface GenerationChange {
  /** What has been asked for and has not begun. */
  askedOf(agentId: string): AskedGeneration | null;
  /** The last lease is over, so the old chain ends where it is held. */
  isSealed(agentId: string): boolean;
  /** A person's word; resolves when it is durable. */
  ask(agentId: string, by: Actor, reason: string): Promise<AskOutcome>;
  restoreAsked(
    agentId: string,
    asked: Pick<AskedGeneration, "generation" | "by" | "askedAt">,
  ): void;
  /** Several times a second: what is sealed begins when nothing of it is under way. */
  tick(): void;
}

export type AskOutcome =
  | { readonly kind: "asked"; readonly asked: AskedGeneration }
  | {
      readonly kind: "refused";
      readonly why: "unknownAgent" | "underWay" | "noKey" | "notJournalled";
    };

/** Signs what a person said; null where it could not be written down. */
export type GenerationSigner = (
  content: Omit<GenerationBegun, "signature">,
) => Promise<GenerationBegun | null>;

export interface GenerationChangeOptions {
  readonly clock: Clock;
  readonly acts: Pick<ActLog, "write" | "whenKept">;
  readonly agentIds: readonly string[];
  readonly generations: Generations;
  readonly standings: Pick<JournalStandings, "refused" | "forget">;
  readonly intake: Pick<JournalIntake, "close" | "isIdle">;
  readonly copies: Pick<JournalCopies, "held">;
  readonly leaseMs: number;
  /** Null where the centre has no key to sign with: then no generation can begin. */
  readonly sign: GenerationSigner | null;
  readonly send: (agentId: string, message: DownMessage) => void;
  /** These chains are closed: how their passes ended nobody will hear. */
  readonly onBegun: (agentId: string, begun: GenerationBegun) => void;
}

/** Why a journal is refused whose next generation is asked for. */
export const closingWhy = (generation: number): string => `generation ${generation} is asked for`;

export function createGenerationChange(options: GenerationChangeOptions): GenerationChange {
  const { clock, acts, generations, standings, intake, copies, leaseMs } = options;
  /** Agents whose new generation is being signed. */
  const signing = new Set<string>();

  const askedOf = (agentId: string): AskedGeneration | null =>
    generations.agents.get(agentId)?.asked ?? null;

  const isSealed = (agentId: string): boolean => {
    const asked = askedOf(agentId);
    return asked !== null && clock.monotonic() >= asked.beginsAt;
  };

  const begin = (agentId: string, begun: GenerationBegun): void => {
    acts.write({ kind: "generationBegun", agentId, begun }, begun.by);
    acts.whenKept(() => options.send(agentId, { kind: "generationBegun", begun }));
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
    askedOf,
    isSealed,
    ask: async (agentId, by, reason) => {
      if (!generations.agents.has(agentId)) return { kind: "refused", why: "unknownAgent" };
      if (options.sign === null) return { kind: "refused", why: "noKey" };
      const generation = nextGeneration(generations, agentId);
      if (generation === null) return { kind: "refused", why: "underWay" };
      const [at, askedAt] = [clock.monotonic(), clock.wall()];
      // Doubt before it is durable: from here on nothing more is granted or leased.
      askGeneration(generations, agentId, { generation, by, askedAt, at, leaseMs });
      standings.refused(agentId, "journalClosed", closingWhy(generation));
      const act = { kind: "generationAsked", agentId, generation, reason } as const;
      const isDurable = await new Promise<boolean>((resolve) => acts.write(act, by, resolve));
      if (!isDurable) return { kind: "refused", why: "notJournalled" };
      const asked = askedOf(agentId);
      return asked === null ? { kind: "refused", why: "underWay" } : { kind: "asked", asked };
    },
    restoreAsked: (agentId, asked) =>
      // It cannot be told how much of the last lease had run when we went down: all of it is waited.
      askGeneration(generations, agentId, { ...asked, at: clock.monotonic(), leaseMs }),
    tick: () => {
      for (const agentId of options.agentIds) {
        const asked = askedOf(agentId);
        if (asked === null || !isSealed(agentId)) continue;
        if (intake.isIdle(chainNow(generations, agentId))) void signAndBegin(agentId, asked);
      }
    },
  };
}
