import { join } from "node:path";
import type { AgentFile } from "./config/agent-file.ts";
import { chainIn, type ChainIn } from "./journal-generation.ts";

export const centreJournalFile = "centre.db";

/**
 * The name of the centre's own chain: its agent's id. Where that agent has lines as well, their journal
 * bears the id, and the centre's another, so that whoever reads a name knows which of the two is meant. A
 * journal that is there keeps the name that it has. Refused where the file cannot be looked at.
 */
export async function centreChainOf({
  agentId,
  dataDir,
  lines,
}: Pick<AgentFile, "agentId" | "dataDir" | "lines">): Promise<
  Extract<ChainIn, { kind: "refused" }> | { readonly kind: "chain"; readonly chain: string }
> {
  // A dot, which no agent's id holds.
  const besideLines = `${agentId}.centre`;
  const present = await chainIn(join(dataDir, centreJournalFile));
  if (present.kind === "refused") return present;
  const known = [agentId, besideLines].find((name) => name === present.chain);
  return { kind: "chain", chain: known ?? (lines.length === 0 ? agentId : besideLines) };
}
