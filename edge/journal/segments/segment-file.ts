import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { fileReason } from "../../../protocols/file-reason.ts";
import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import { zJournalRecord, type JournalRecord } from "../../../protocols/link.ts";
import { breakBetween, type ChainTail } from "../chain.ts";

/**
 * The form of a segment: one record a line, as JSON, packed by zstd. `zstdcat FILE | jq .body` reads
 * it without a program of ours. A body is a text in it, since its hash is over its very characters.
 */
const lineOf = ({ chain, seq, prevHash, hash, body }: JournalRecord): string =>
  `${JSON.stringify({ chain, seq, prevHash, hash, body })}\n`;

/** A record's body may be four million characters, and each may be escaped. */
const lineBytesMax = 32 * 1024 * 1024;
const newline = 0x0a;

/** Why a segment cannot be written or read, for people. Nothing else is thrown by what is in here. */
export class SegmentError extends Error {
  constructor(why: string, cause?: unknown) {
    super(why, { cause });
    this.name = "SegmentError";
  }
}

/**
 * The records of a segment as the bytes of its file, checked link by link on the way. Rejects with
 * `SegmentError` where they do not continue `from`, and with whatever `pages` rejects with.
 */
export async function packSegment(
  from: ChainTail,
  pages: AsyncIterable<readonly JournalRecord[]>,
): Promise<{ readonly bytes: Buffer; readonly last: ChainTail }> {
  let last = from;
  const packed: Buffer[] = [];
  await pipeline(
    async function* () {
      for await (const records of pages) {
        for (const record of records) last = linked(last, record);
        yield records.map(lineOf).join("");
      }
    },
    createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) packed.push(chunk);
    },
  );
  return { bytes: Buffer.concat(packed), last };
}

function linked(tail: ChainTail, record: JournalRecord): ChainTail {
  const broken = breakBetween(tail, record);
  if (broken !== null) {
    throw new SegmentError(`record ${record.seq} does not continue record ${tail.seq} (${broken})`);
  }
  return { chain: record.chain, seq: record.seq, hash: record.hash };
}

export interface SegmentSum {
  readonly bytes: number;
  readonly sha256: string;
}

/** Gives the records of a segment, some at a time, without checking their chain. */
export async function readSegmentFile(
  path: string,
  onRecords: (records: readonly JournalRecord[]) => void,
): Promise<SegmentSum> {
  const sum = createHash("sha256");
  let bytes = 0;
  try {
    await pipeline(
      createReadStream(path),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          sum.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createZstdDecompress(),
      async (chunks: AsyncIterable<Buffer>) => readLines(chunks, onRecords),
    );
  } catch (error) {
    if (error instanceof SegmentError) throw new SegmentError(`${path}: ${error.message}`, error);
    throw new SegmentError(`${path}: ${whyUnread(error)}`, error);
  }
  return { bytes, sha256: sum.digest("hex") };
}

/** What zstd says of a torn file is a code; what the system says has words of its own. */
function whyUnread(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isPacking = code.startsWith("ZSTD_") || code.startsWith("ERR_") || code.startsWith("Z_");
  return isPacking ? `it is torn or was changed (${code})` : fileReason(error);
}

async function readLines(
  chunks: AsyncIterable<Buffer>,
  onRecords: (records: readonly JournalRecord[]) => void,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of chunks) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const records: JournalRecord[] = [];
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      line += 1;
      records.push(recordIn(bytes.toString("utf8", from, end), line));
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > lineBytesMax) throw new SegmentError(`line ${line + 1} is too long`);
    if (records.length > 0) onRecords(records);
  }
  if (rest.length > 0) throw new SegmentError(`line ${line + 1} was cut off`);
}

function recordIn(text: string, line: number): JournalRecord {
  const json = parseJson(text);
  if (json.kind === "invalid") throw new SegmentError(`line ${line} is no record: ${json.message}`);
  const read = checkJson(zJournalRecord, json.value);
  if (read.kind === "ok") return read.value;
  throw new SegmentError(`line ${line} is no record: ${read.why}`);
}

/** Reads it whole and checks each link of its chain behind `from`. Where it ends, and its sum. */
export async function checkSegmentFile(
  path: string,
  from: ChainTail,
): Promise<SegmentSum & { readonly last: ChainTail }> {
  let last = from;
  const sum = await readSegmentFile(path, (records) => {
    for (const record of records) last = linked(last, record);
  });
  return { ...sum, last };
}
