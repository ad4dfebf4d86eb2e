import { z } from "zod";

/**
 * A chain is one generation of an agent's journal. The first is named as its agent is; a later one
 * begins when a person has said that the agent's journal is another one now, and its name bears its
 * number behind a dot, which no agent's id holds. The centre's own chain is named as its agent is, or, where
 * that agent has lines as well, `ID.centre`.
 */
export const zChain = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[A-Za-z0-9_.-]+$/, "letters, digits, '_', '.', '-' only");

export const generationMax = 999_999;

/** The name of one generation of an agent's journal, counted from 1. */
export const chainOf = (agentId: string, generation: number): string =>
  generation === 1 ? agentId : `${agentId}.g${generation}`;

export interface ChainName {
  readonly agentId: string;
  readonly generation: number;
}

const laterGeneration = /^(.+)\.g([2-9]|[1-9]\d{1,5})$/;

export function nameOfChain(chain: string): ChainName {
  const [, agentId, generation] = laterGeneration.exec(chain) ?? [];
  if (agentId === undefined || generation === undefined) return { agentId: chain, generation: 1 };
  return { agentId, generation: Number(generation) };
}
