import type { Segment } from "../segments/segment.ts";
import type { SqliteRow, SqliteValue } from "./sqlite-file.ts";

/**
 * What a file keeps of the segments its oldest records have left for, and the guards over it: a note
 * follows the one before, ends with a record that is stored, leaves the last one in the file, and is
 * never changed but once, when its segment is dropped. Only what is noted may be removed.
 */
export const segmentTable = `CREATE TABLE segment (chain TEXT NOT NULL,
  first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, prev_hash TEXT NOT NULL,
  last_hash TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, begun_body TEXT,
  noted_at INTEGER NOT NULL, dropped_at INTEGER, PRIMARY KEY (chain, last_seq)) STRICT`;

const aborting = (name: string, when: string): string =>
  `CREATE TRIGGER ${name} BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'append-only'); END`;

const notedUpTo = (chain: string): string =>
  `(SELECT coalesce(max(last_seq), 0) FROM segment WHERE chain = ${chain})`;

/** In place of the guard that no record is ever removed. */
export const onlyNoted = aborting(
  "record_only_noted",
  `DELETE ON record WHEN OLD.seq > ${notedUpTo("OLD.chain")}`,
);

const kept = ["chain", "first_seq", "last_seq", "prev_hash", "last_hash", "bytes", "sha256"];
const sameOf = (row: string): string =>
  [...kept, "begun_body", "noted_at"].map((column) => `${row}.${column}`).join(", ");

export const segmentGuards: readonly string[] = [
  aborting(
    "segment_next_only",
    `INSERT ON segment WHEN NEW.first_seq IS NOT ${notedUpTo("NEW.chain")} + 1
      OR NEW.last_seq < NEW.first_seq OR NEW.dropped_at IS NOT NULL
      OR NEW.last_hash IS NOT
        (SELECT hash FROM record WHERE seq = NEW.last_seq AND chain = NEW.chain)
      OR NOT EXISTS (SELECT 1 FROM record WHERE seq = NEW.last_seq + 1 AND chain = NEW.chain)`,
  ),
  aborting("segment_no_delete", "DELETE ON segment"),
  aborting(
    "segment_kept",
    `UPDATE ON segment WHEN OLD.dropped_at IS NOT NULL OR NEW.dropped_at IS NULL
      OR (${sameOf("OLD")}) IS NOT (${sameOf("NEW")})`,
  ),
];

const selectAll = `SELECT chain, first_seq, last_seq, prev_hash, last_hash, bytes, sha256,
  begun_body, noted_at, dropped_at FROM segment`;
export const selectSegments = `${selectAll} ORDER BY chain, last_seq`;
export const selectSegmentsOf = `${selectAll} WHERE chain = ?1 ORDER BY last_seq`;

export const insertSegment = `INSERT INTO segment (chain, first_seq, last_seq, prev_hash, last_hash,
  bytes, sha256, begun_body, noted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const segmentValues = (segment: Segment): readonly SqliteValue[] => [
  segment.chain,
  segment.firstSeq,
  segment.lastSeq,
  segment.prevHash,
  segment.lastHash,
  segment.bytes,
  segment.sha256,
  segment.begunBody,
  segment.notedAt,
];

export const updateDropped =
  "UPDATE segment SET dropped_at = ?1 WHERE chain = ?2 AND last_seq = ?3";

/** The guard sees to it that nothing goes that is not noted. */
export const deleteRecords = "DELETE FROM record WHERE chain = ?1 AND seq <= ?2";

export function segmentOfRow(row: SqliteRow): Segment {
  const text = (column: string): string => String(row[column]);
  const [droppedAt, begunBody] = [row["dropped_at"], row["begun_body"]];
  return {
    chain: text("chain"),
    firstSeq: Number(row["first_seq"]),
    lastSeq: Number(row["last_seq"]),
    prevHash: text("prev_hash"),
    lastHash: text("last_hash"),
    bytes: Number(row["bytes"]),
    sha256: text("sha256"),
    begunBody: typeof begunBody === "string" ? begunBody : null,
    notedAt: Number(row["noted_at"]),
    droppedAt: typeof droppedAt === "number" ? droppedAt : null,
  };
}
