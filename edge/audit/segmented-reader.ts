import type { ChainTail } from "../journal/chain.ts";
import { droppedSeqOf, floorOf, type Segment } from "../journal/segments/segment.ts";
import { SegmentError } from "../journal/segments/segment-file.ts";
import { createSegmentFolder } from "../journal/segments/segment-folder.ts";
import type { JournalReader } from "../journal/sqlite/journal-reader.ts";
import { SqliteError } from "../journal/sqlite/sqlite-file.ts";
import type { StoredRecord } from "../journal/sqlite/store-file.ts";

/**
 * A file whose oldest records may have left: without their segments it begins behind the last noted
 * one, with them at record 1, or behind those that were dropped.
 */
export interface SegmentedReader extends JournalReader {
  segmentsOf(chain: string): readonly Segment[];
  /** Null: at record 1. */
  beginsBehind(chain: string): ChainTail | null;
  /** What of this chain is not read, for people; null for nothing. */
  leftText(chain: string): string | null;
}

export async function withSegments(
  reader: JournalReader,
  segmentsFolder: string | null,
): Promise<SegmentedReader> {
  const noted = await reader.segments();
  const byChain = new Map<string, readonly Segment[]>(Map.groupBy(noted, ({ chain }) => chain));
  const segmentsOf = (chain: string): readonly Segment[] => byChain.get(chain) ?? [];
  const folder = segmentsFolder === null ? null : createSegmentFolder(segmentsFolder);

  const beginsBehind = (chain: string): ChainTail | null => {
    const segments = segmentsOf(chain);
    if (folder === null) return floorOf(segments);
    return floorOf(segments.filter(({ lastSeq }) => lastSeq <= droppedSeqOf(segments)));
  };

  const readSegment = async (
    segment: Segment,
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly StoredRecord[]> => {
    try {
      const records = (await folder?.read(segment, afterSeq, recordsMax)) ?? [];
      return records.map((record) => ({ ...record, misstored: null }));
    } catch (error) {
      if (!(error instanceof SegmentError)) throw error;
      throw new SqliteError({ code: "fileDamaged", why: error.message }, error);
    }
  };

  return {
    ...reader,
    segmentsOf,
    beginsBehind,
    // One of which nothing is in the file any more does not go unnoticed.
    chains: async () => [...new Set([...(await reader.chains()), ...byChain.keys()])],
    readAfter: async (chain, afterSeq, recordsMax) => {
      const floor = floorOf(segmentsOf(chain));
      if (floor === null || afterSeq >= floor.seq) {
        return reader.readAfter(chain, afterSeq, recordsMax);
      }
      if (afterSeq < 1) {
        // What was put in below the first record shows, whatever has left.
        const first = await reader.readAfter(chain, afterSeq, recordsMax);
        const below = first.filter(({ seq }) => seq < 1);
        if (below.length > 0) return below;
      }
      const next = segmentsOf(chain).find(
        ({ lastSeq, droppedAt }) => lastSeq > afterSeq && droppedAt === null,
      );
      return folder === null || next === undefined
        ? reader.readAfter(chain, floor.seq, recordsMax)
        : readSegment(next, afterSeq, recordsMax);
    },
    leftText: (chain) => {
      const segments = segmentsOf(chain);
      const [dropped, floor] = [droppedSeqOf(segments), floorOf(segments)];
      const parts = [
        ...(dropped === 0
          ? []
          : [`records 1 to ${dropped} were dropped by ${lastDropOf(segments)}`]),
        ...(folder !== null || floor === null || floor.seq === dropped
          ? []
          : [
              `records ${dropped + 1} to ${floor.seq} have left for segments,` +
                " which are read where --segments names their folder",
            ]),
      ];
      return parts.length === 0 ? null : parts.join("; ");
    },
  };
}

const lastDropOf = (segments: readonly Segment[]): string => {
  const at = Math.max(...segments.map(({ droppedAt }) => droppedAt ?? 0));
  return new Date(at).toISOString().slice(0, 10);
};
