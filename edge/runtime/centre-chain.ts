import { join } from "node:path";
import type { AgentFile } from "./config/agent-file.ts";
import { chainIn, type ChainIn } from "./journal-generation.ts";

export const centreJournalFile = "centre.db";

/**
 * The name of the centre's own chain: its agent's id. Where that agent has lines as well, their journal
 * bears the id; anchors vouch for all chains in one file, where a chain is known by its name alone, so the
 * centre's is another one then. A journal that is there keeps the name that it has. Refused where the
 * file cannot be looked at.
 */
export async function centreChainOf({
  agentId,
  dataDir,
  lines,
}: Pick<AgentFile, "agentId" | "dataDir" | "lines">): Promise<
  Extract<ChainIn, { kind: "refused" }> | { readonly kind: "chain"; readonly chain: string }
> {
  // A dot, which no agent's id holds.
  const own = lines.length === 0 ? agentId : `${agentId}.centre`;
  const present = await chainIn(join(dataDir, centreJournalFile));
  if (present.kind === "refused") return present;
  const isOurs = present.chain === agentId || present.chain === `${agentId}.centre`;
  return { kind: "chain", chain: isOurs ? (present.chain ?? own) : own };
}
