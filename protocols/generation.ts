import { z } from "zod";
import { zActor } from "./actor.ts";
import { zChain } from "./chain-name.ts";
import { zSha256, zSignature } from "./sorting.ts";
import { zEpochMs } from "./units.ts";

/** The end of a chain. Number 0 is the empty chain, and the hash what its first record is tied to. */
export const zChainEnd = z.strictObject({
  chain: zChain,
  seq: z.number().int().min(0),
  hash: zSha256,
});
export type ChainEnd = z.infer<typeof zChainEnd>;

/** One that the centre has signed. `isOwn`: of its own journal, else of one that it holds of an agent. */
export interface SignedEnd extends ChainEnd {
  readonly isOwn: boolean;
}

/**
 * A person's signed word that an agent's journal goes on as another one: the old chain is closed
 * where the centre holds it, and the new one begins with a record that names that end. Signed by the
 * centre with the key of its anchors.
 */
export const zGenerationBegun = z.strictObject({
  chain: zChain,
  after: zChainEnd,
  by: zActor,
  /** When the person asked for it, and when the old generation's last lease had run out. */
  askedAt: zEpochMs,
  begunAt: zEpochMs,
  signature: zSignature,
});
export type GenerationBegun = z.infer<typeof zGenerationBegun>;
