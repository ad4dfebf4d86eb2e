import type { KeyObject } from "node:crypto";
import { actorText } from "../journal/entries.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import { verifyGeneration } from "../journal/anchors/generation-word.ts";
import { generationBegun } from "../journal/chain.ts";
import type { SegmentedReader } from "./segmented-reader.ts";

/** What a later generation of a chain stands on: a person's signed word, and the end before it. */
export interface GenerationCheck {
  readonly generation: number;
  /** Who began it, and behind which record. */
  readonly text: string;
  /** What is wrong with it; null for nothing. */
  readonly trouble: string | null;
}

/** Null for a first generation, and where the chain itself was found to be broken. */
export async function checkGeneration(
  reader: SegmentedReader,
  chain: string,
  { firstBody, key }: { readonly firstBody: string; readonly key: KeyObject | null },
): Promise<GenerationCheck | null> {
  const { agentId, generation } = nameOfChain(chain);
  if (generation === 1) return null;
  const begun = generationBegun(firstBody);
  if (begun === null) {
    return { generation, text: "", trouble: "its first record does not say who began it" };
  }
  const { after, by } = begun;
  const text =
    `generation ${generation}, begun by ${actorText(by)}` +
    ` behind record ${after.seq} of ${after.chain}`;
  const trouble = (why: string): GenerationCheck => ({ generation, text, trouble: why });
  if (begun.chain !== chain) return trouble(`it was begun as ${begun.chain}`);
  if (nameOfChain(after.chain).agentId !== agentId)
    return trouble("it follows another agent's chain");
  if (key !== null && !verifyGeneration(begun, key)) return trouble("not signed with this key");
  if (reader.role !== "copies" || after.seq === 0) return { generation, text, trouble: null };
  const left = reader.beginsBehind(after.chain);
  if (left !== null && after.seq < left.seq) {
    return { generation, text: `${text}, which has left and was not compared`, trouble: null };
  }
  if (left?.seq === after.seq) {
    return left.hash === after.hash
      ? { generation, text, trouble: null }
      : trouble(`another record ${after.seq} of ${after.chain}`);
  }
  const [before] = await reader.readAfter(after.chain, after.seq - 1, 1);
  if (before?.seq !== after.seq) return trouble(`record ${after.seq} of ${after.chain} is missing`);
  if (before.hash !== after.hash) return trouble(`another record ${after.seq} of ${after.chain}`);
  return { generation, text, trouble: null };
}
