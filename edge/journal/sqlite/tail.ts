import type { JournalRecord } from "../../../protocols/link.ts";
import { breakBetween, emptyTail, isIntact, tailBeforeFirst, type ChainTail } from "../chain.ts";
import type { SqliteFile } from "./sqlite-file.ts";
import { recordOfRow, refused, selectRecord, type Opened } from "./store-file.ts";

/** So many records are checked at each opening; `verify` checks all. */
const tailCheckedMax = 1_000;

/**
 * Where a stored chain ends, if its last records are in order. `after` is the end of the generation
 * before, for an empty file that begins another one.
 */
export async function readTail(
  connection: SqliteFile,
  chain: string,
  after: ChainTail | null,
): Promise<Opened<{ tail: ChainTail }>> {
  const rows = await connection.all(`${selectRecord} ORDER BY seq DESC LIMIT ${tailCheckedMax}`);
  const records = rows.map(recordOfRow).reverse();
  const first = records[0];
  if (first === undefined) return { kind: "opened", tail: emptyTail(chain, after) };
  if (first.chain !== chain) {
    return refused("fileDamaged", `the file holds chain ${first.chain}, not ${chain}`);
  }
  let tail = tailBefore(first);
  if (first.seq > 1 && !isIntact(first)) return refused("fileDamaged", brokenAt(first));
  for (const record of records) {
    if (breakBetween(tail, record) !== null) return refused("fileDamaged", brokenAt(record));
    tail = { chain, seq: record.seq, hash: record.hash };
  }
  return { kind: "opened", tail };
}

const tailBefore = (first: JournalRecord): ChainTail =>
  first.seq === 1
    ? tailBeforeFirst(first)
    : { chain: first.chain, seq: first.seq - 1, hash: first.prevHash };

const brokenAt = (record: JournalRecord): string =>
  `chain ${record.chain} is broken at record ${record.seq}: run journal verify`;
