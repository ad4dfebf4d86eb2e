import { stat } from "node:fs/promises";
import type { LogState } from "../../../protocols/storage.ts";
import type { MonotonicMs } from "../../../protocols/units.ts";
import type { WalCheckpoints } from "./wal-checkpoints.ts";

/** How long the write-ahead log beside `file` is, and since when it is held. Never rejects. */
export async function readLogState(
  file: string,
  checkpoints: WalCheckpoints | null,
  at: MonotonicMs,
): Promise<LogState> {
  const heldMs = checkpoints?.look(at) ?? 0;
  // It is not there before the first commit, nor while the file is being opened anew.
  const found = await stat(`${file}-wal`).catch(() => null);
  return { bytes: found?.size ?? 0, heldMs };
}
