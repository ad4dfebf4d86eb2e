import type { JournalRecord } from "../../../protocols/link.ts";
import type { ChainTail } from "../chain.ts";
import type { JournalFailure } from "../journal.ts";
import type { RollingStore } from "../segments/rolling-store.ts";
import { floorOf, type Segment } from "../segments/segment.ts";
import type { SegmentFolder } from "../segments/segment-folder.ts";
import { failureOfSqlite } from "./row-file.ts";
import {
  deleteRecords,
  insertSegment,
  segmentOfRow,
  segmentValues,
  selectSegmentsOf,
  updateDropped,
} from "./segment-notes.ts";
import type { SqliteRow, SqliteValue } from "./sqlite-file.ts";
import { recordOfRow, selectRecord } from "./store-file.ts";

/** What a journal or the copies lend to what takes their oldest records away. */
export interface RollingHost {
  chains(): readonly string[];
  tailOf(chain: string): ChainTail;
  /** On the connection that writes, as a transaction of its own between two others. */
  write(sql: string, values: readonly SqliteValue[]): Promise<JournalFailure | null>;
  /** On the one beside it. Rejects when the disk fails. */
  read(sql: string, values: readonly SqliteValue[]): Promise<readonly SqliteRow[]>;
}

export interface RollingFile extends RollingStore {
  /** Records that have left; null where those behind `afterSeq` are in the file, or nowhere. */
  readLeft(
    chain: string,
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly JournalRecord[]> | null;
}

/** A body's length stands before it: the body itself is not read. */
const selectSizes = `SELECT octet_length(body) AS bytes FROM record WHERE chain = ?1 AND seq > ?2
  ORDER BY seq LIMIT ?3`;
const selectStored = `${selectRecord} WHERE chain = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3`;

export function createRollingFile(
  host: RollingHost,
  folder: SegmentFolder,
  found: readonly Segment[],
): RollingFile {
  const byChain = new Map<string, readonly Segment[]>(Map.groupBy(found, ({ chain }) => chain));
  const segmentsOf = (chain: string): readonly Segment[] => byChain.get(chain) ?? [];

  const readStored: RollingStore["readStored"] = async (chain, afterSeq, recordsMax) =>
    (await host.read(selectStored, [chain, afterSeq, recordsMax])).map(recordOfRow);

  /** What failed may have reached the disk all the same: what is noted there counts. */
  const writeNote = async (
    { chain }: Segment,
    [sql, values]: readonly [sql: string, values: readonly SqliteValue[]],
    noted: () => readonly Segment[],
  ): Promise<JournalFailure | null> => {
    const failure = await host.write(sql, values);
    if (failure === null) {
      byChain.set(chain, noted());
      return null;
    }
    try {
      byChain.set(chain, (await host.read(selectSegmentsOf, [chain])).map(segmentOfRow));
      return failure;
    } catch {
      // The first failure is the one to tell; what the disk has shows at the next opening.
      return failure;
    }
  };

  return {
    chains: () => host.chains(),
    tailOf: (chain) => host.tailOf(chain),
    segmentsOf,
    readStored,
    readSizes: async (chain, afterSeq, recordsMax) =>
      (await host.read(selectSizes, [chain, afterSeq, recordsMax])).map(({ bytes }) =>
        Number(bytes),
      ),
    readLeft: (chain, afterSeq, recordsMax) => {
      const segments = segmentsOf(chain);
      if (afterSeq >= (segments.at(-1)?.lastSeq ?? 0)) return null;
      const segment = segments[firstBehind(segments, afterSeq)];
      return segment === undefined ? null : folder.read(segment, afterSeq, recordsMax);
    },
    note: (segment) =>
      writeNote(segment, [insertSegment, segmentValues(segment)], () => [
        ...segmentsOf(segment.chain),
        segment,
      ]),
    noteDropped: (segment, droppedAt) => {
      const { chain, lastSeq } = segment;
      return writeNote(segment, [updateDropped, [droppedAt, chain, lastSeq]], () =>
        segmentsOf(chain).map((each) => (each.lastSeq === lastSeq ? { ...each, droppedAt } : each)),
      );
    },
    removeNoted: async (chain, recordsMax) => {
      const floorSeq = floorOf(segmentsOf(chain))?.seq ?? 0;
      try {
        const [first] = await readStored(chain, 0, 1);
        if (first === undefined || first.seq > floorSeq) return { kind: "removed", isMore: false };
        const upTo = Math.min(floorSeq, first.seq + recordsMax - 1);
        const failure = await host.write(deleteRecords, [chain, upTo]);
        return failure === null
          ? { kind: "removed", isMore: upTo < floorSeq }
          : { kind: "failed", ...failure };
      } catch (error) {
        return { kind: "failed", ...failureOfSqlite(error) };
      }
    },
  };
}

/** The first kept segment with a record behind this one; they may be many. */
function firstBehind(segments: readonly Segment[], afterSeq: number): number {
  let [from, to] = [0, segments.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const segment = segments[middle];
    const isBefore =
      segment !== undefined && (segment.lastSeq <= afterSeq || segment.droppedAt !== null);
    if (isBefore) from = middle + 1;
    else to = middle;
  }
  return from;
}
