import type { MonotonicMs } from "../../../protocols/units.ts";
import type { SqliteFile } from "./sqlite-file.ts";

/**
 * Moves what was committed from the write-ahead log into the file. SQLite would do it inside some
 * commit, and that commit would wait several syncs. Here a second connection does the bulk while
 * commits go on; only when it cannot catch up does the writer finish the rest between two commits,
 * because only a log that is wholly moved is used again from its start. Whoever reads the file in one
 * long transaction, a backup tool or an open shell, holds the log, and it grows until he ends.
 */
export interface WalCheckpoints {
  /** After each commit. */
  noteCommit(chars: number): void;
  /** The writer must call `finish` before its next commit. */
  isFinishDue(): boolean;
  finish(writer: SqliteFile): Promise<void>;
  /**
   * How long the log has been held, 0 while it is not. To be called about once a second: a log that is
   * held is tried again then, so that it is free soon after its reader is gone, whatever is written.
   */
  look(at: MonotonicMs): number;
}

/** A commit writes at least a page or two. */
const commitBytesMin = 8_192;

export interface WalCheckpointLimits {
  /** So much is written before it is moved. */
  readonly logBytesBeforeMove: number;
  /** A log longer than this that could not be moved wholly is finished by the writer. */
  readonly logPagesMax: number;
}

/** Pages are 4 KiB: the writer steps in at about 2 MiB. */
const limitsByDefault: WalCheckpointLimits = {
  logBytesBeforeMove: 1024 * 1024,
  logPagesMax: 512,
};

/**
 * What a failed WAL checkpoint counts as; SQLite answers the same where another one is under way. It
 * does no harm: the log only stays longer, and a disk that is really broken shows at the next commit,
 * which tells why.
 */
const nothingMoved = { pagesInLog: -1, pagesMoved: -1 };

export function createWalCheckpoints(
  side: SqliteFile,
  { logBytesBeforeMove, logPagesMax }: WalCheckpointLimits = limitsByDefault,
): WalCheckpoints {
  let bytesInLog = 0;
  let isMoving = false;
  let isFinishDue = false;
  let isHeld = false;
  let heldSince: MonotonicMs | null = null;

  /** Resolves with whether something is left that keeps the log from being used again. */
  const move = async (connection: SqliteFile): Promise<boolean> => {
    isMoving = true;
    bytesInLog = 0;
    const { pagesInLog, pagesMoved } = await connection
      .all("PRAGMA wal_checkpoint(PASSIVE)")
      .then(([row]) => ({
        pagesInLog: Number(row?.["log"]),
        pagesMoved: Number(row?.["checkpointed"]),
      }))
      .catch(() => nothingMoved);
    isMoving = false;
    // What failed, or was busy, tells nothing of a reader.
    if (pagesInLog >= 0) isHeld = pagesMoved !== pagesInLog;
    // SQLite counts up to where the log ended when it began, so what was committed meanwhile is not
    // in these counts.
    return pagesInLog > logPagesMax && (pagesMoved !== pagesInLog || bytesInLog > 0);
  };

  const moveBeside = async (): Promise<void> => {
    isFinishDue = await move(side);
  };

  return {
    noteCommit(chars) {
      bytesInLog += chars + commitBytesMin;
      if (bytesInLog > logBytesBeforeMove && !isMoving && !isFinishDue) void moveBeside();
    },
    isFinishDue: () => isFinishDue && !isMoving,
    async finish(writer) {
      isFinishDue = false;
      // What a foreign reader still holds back is moved at a later time.
      await move(writer);
    },
    look(at) {
      heldSince = isHeld ? (heldSince ?? at) : null;
      if (isHeld && !isMoving) void moveBeside();
      return heldSince === null ? 0 : at - heldSince;
    },
  };
}
