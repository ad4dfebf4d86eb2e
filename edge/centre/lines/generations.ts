import type { Actor } from "../../../protocols/actor.ts";
import { chainOf, nameOfChain } from "../../../protocols/chain-name.ts";
import type { GenerationBegun } from "../../../protocols/generation.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../../protocols/units.ts";

/**
 * Which generation of its journal each agent writes, pure. A new one begins because a person says
 * so, never by itself: an empty disk and a restored backup look the same as a theft. Between the
 * person's word and the beginning the old generation's last lease runs out.
 */
export interface Generations {
  readonly agents: Map<string, AgentGenerations>;
}

interface AgentGenerations {
  generation: number;
  /** Of the present generation; null for the first, which nobody began. */
  begun: GenerationBegun | null;
  /** The highest that the agent itself has named: a centre that was restored may know of fewer. */
  heard: number;
  asked: AskedGeneration | null;
}

export interface AskedGeneration {
  readonly generation: number;
  readonly by: Actor;
  readonly askedAt: EpochMs;
  readonly beginsAt: MonotonicMs;
}

export const newGenerations = (agentIds: readonly string[]): Generations => ({
  agents: new Map(
    agentIds.map((id) => [id, { generation: 1, begun: null, heard: 1, asked: null }]),
  ),
});

export const chainNow = ({ agents }: Generations, agentId: string): string =>
  chainOf(agentId, agents.get(agentId)?.generation ?? 1);

/** An agent's chain of before its present one: nobody writes it any more. */
export function isClosed({ agents }: Generations, chain: string): boolean {
  const { agentId, generation } = nameOfChain(chain);
  const known = agents.get(agentId);
  return known !== undefined && generation < known.generation;
}

/** What the agent calls its journal. */
export function hearGeneration({ agents }: Generations, agentId: string, generation: number): void {
  const known = agents.get(agentId);
  if (known !== undefined) known.heard = Math.max(known.heard, generation);
}

/** The number that a new generation would have; null while one is under way, or nobody's agent. */
export function nextGeneration({ agents }: Generations, agentId: string): number | null {
  const known = agents.get(agentId);
  if (known === undefined || known.asked !== null) return null;
  return Math.max(known.generation, known.heard) + 1;
}

export function askGeneration(
  { agents }: Generations,
  agentId: string,
  asked: Omit<AskedGeneration, "beginsAt"> & { readonly at: MonotonicMs; readonly leaseMs: number },
): void {
  const known = agents.get(agentId);
  if (known === undefined) return;
  const { generation, by, askedAt, at, leaseMs } = asked;
  known.asked = { generation, by, askedAt, beginsAt: monotonicMs(at + leaseMs) };
}

/** The person's word has been signed and written down. */
export function beginGeneration(
  { agents }: Generations,
  agentId: string,
  begun: GenerationBegun,
): void {
  const known = agents.get(agentId);
  if (known === undefined) return;
  const { generation } = nameOfChain(begun.chain);
  known.generation = generation;
  known.heard = Math.max(known.heard, generation);
  known.begun = begun;
  known.asked = null;
}
