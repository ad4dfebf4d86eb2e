import { emptyTail, type ChainTail } from "../../edge/journal/chain.ts";
import type { JournalCopies } from "../../edge/journal/journal-copies.ts";
import type { JournalRecord } from "../../protocols/link.ts";

/**
 * The centre's copies without a disk. Numbers must follow on each other, as on disk; hashes are not
 * looked at, because journals in virtual time do without them.
 */
export function createMemoryCopies(): Pick<
  JournalCopies,
  "take" | "held" | "chains" | "readAfter"
> {
  const chains = new Map<string, JournalRecord[]>();
  const held = (chain: string): ChainTail => {
    const last = chains.get(chain)?.at(-1);
    return last === undefined ? emptyTail(chain) : { chain, seq: last.seq, hash: last.hash };
  };
  return {
    held,
    chains: () => [...chains.keys()],
    take: async (records) => {
      let added = 0;
      let repeated = 0;
      for (const record of records) {
        const rows = chains.get(record.chain) ?? [];
        chains.set(record.chain, rows);
        const heldSeq = rows.at(-1)?.seq ?? 0;
        if (record.seq <= heldSeq) {
          repeated += 1;
        } else if (record.seq === heldSeq + 1) {
          rows.push(record);
          added += 1;
        } else {
          const { seq } = record;
          return { kind: "refused", code: "gap", seq, why: "a gap", heldSeq, added, repeated };
        }
      }
      const heldSeq = records[0] === undefined ? 0 : held(records[0].chain).seq;
      return { kind: "taken", heldSeq, added, repeated };
    },
    readAfter: async (chain, afterSeq, recordsMax) =>
      (chains.get(chain) ?? []).slice(afterSeq, afterSeq + recordsMax),
  };
}
