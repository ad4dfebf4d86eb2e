import { createHash, type Hash } from "node:crypto";
import { emptyTail, type ChainTail } from "../../edge/journal/chain.ts";
import type { JournalCopies } from "../../edge/journal/copies.ts";
import type { JournalRecord } from "../../protocols/link.ts";

type Copies = Pick<JournalCopies, "take" | "held" | "chains" | "readAfter">;

interface Chain {
  /** The last few: older ones are never asked for again. */
  records: JournalRecord[];
  heldSeq: number;
  readonly hash: Hash;
}

const recordsKeptMax = 20_000;

/**
 * The centre's copies without a disk. Numbers must follow on each other, as on disk; hashes are not
 * looked at, because journals in virtual time do without them. One hash over all bodies stands for
 * the whole.
 */
export function createMemoryCopies(): Copies & {
  digest(chain: string): { readonly hash: string; readonly records: number };
} {
  const chains = new Map<string, Chain>();

  const chainOf = (name: string): Chain => {
    const known = chains.get(name);
    if (known !== undefined) return known;
    const chain: Chain = { records: [], heldSeq: 0, hash: createHash("sha256") };
    chains.set(name, chain);
    return chain;
  };

  const held = (name: string): ChainTail => {
    const last = chains.get(name)?.records.at(-1);
    return last === undefined ? emptyTail(name) : { chain: name, seq: last.seq, hash: last.hash };
  };

  const add = (chain: Chain, record: JournalRecord): void => {
    chain.records.push(record);
    chain.heldSeq = record.seq;
    chain.hash.update(record.body);
    if (chain.records.length >= 2 * recordsKeptMax) chain.records.splice(0, recordsKeptMax);
  };

  return {
    held,
    chains: () => [...chains.keys()],
    digest: (name) => {
      const { hash, heldSeq } = chainOf(name);
      return { hash: hash.copy().digest("hex"), records: heldSeq };
    },
    take: async (records) => {
      let added = 0;
      let repeated = 0;
      for (const record of records) {
        const chain = chainOf(record.chain);
        const { heldSeq } = chain;
        if (record.seq <= heldSeq) {
          repeated += 1;
        } else if (record.seq === heldSeq + 1) {
          add(chain, record);
          added += 1;
        } else {
          const { seq } = record;
          return { kind: "refused", code: "gap", seq, why: "a gap", heldSeq, added, repeated };
        }
      }
      const heldSeq = records[0] === undefined ? 0 : held(records[0].chain).seq;
      return { kind: "taken", heldSeq, added, repeated };
    },
    readAfter: async (name, afterSeq, recordsMax) =>
      chainOf(name)
        .records.filter(({ seq }) => seq > afterSeq)
        .slice(0, recordsMax),
  };
}
