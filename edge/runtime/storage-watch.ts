import type { Log } from "../../protocols/log.ts";
import type { SideStoreWatch } from "../../protocols/side-stores.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import {
  isHeldTooLong,
  levelOf,
  type DiskLevel,
  type DiskRoom,
  type LogState,
  type StorageReport,
} from "../../protocols/storage.ts";
import { monotonicMs } from "../../protocols/units.ts";

/**
 * Looks once a second how much room a program's disk has, and whether somebody holds the logs of its
 * journals. Who tells people of it is somebody else.
 */
export interface StorageWatch {
  /** As it was a moment ago. */
  now(): Omit<StorageReport, "imagesNotKept">;
  stop(): void;
}

export interface StorageWatchOptions {
  readonly clock: Clock;
  /** Told of each change of the level, and of a log that somebody holds. */
  readonly log: Log;
  readonly linesTotal: number;
  /** Null when the system says nothing; never rejects. */
  readonly readRoom: () => Promise<DiskRoom | null>;
  readonly logs: readonly { readonly file: string; readonly read: () => Promise<LogState> }[];
  /** What the program keeps beside them. Default: nothing. */
  readonly sideStores?: Pick<SideStoreWatch, "failing">;
  /** Called with each look that found the disk low or full. */
  readonly onShort: () => void;
}

export const storageEveryMs = 1_000;

export function startStorageWatch(options: StorageWatchOptions): StorageWatch {
  const { clock, logs } = options;
  let level: DiskLevel = "ample";
  let seen: Pick<StorageReport, "disk" | "logs"> = { disk: null, logs: [] };
  let timer: Timer | null = null;
  let isStopped = false;
  const held = new Set<string>();

  const tellLevel = ({ freeBytes, totalBytes }: DiskRoom): void => {
    options.log[level === "ample" ? "info" : "warn"](
      level === "ample" ? "the disk has room again" : `the disk is ${level}`,
      {
        freeBytes,
        totalBytes,
      },
    );
  };

  const tellHeld = ({ file, ...state }: StorageReport["logs"][number]): void => {
    const isHeld = isHeldTooLong(state);
    if (isHeld === held.has(file)) return;
    if (!isHeld) {
      held.delete(file);
      options.log.info("nobody holds the log of a journal any more", { file, ...state });
      return;
    }
    held.add(file);
    options.log.warn("another program reads a journal and does not end", { file, ...state });
  };

  const judge = (room: DiskRoom | null): StorageReport["disk"] => {
    if (room === null) return null;
    const before = level;
    level = levelOf(room, options.linesTotal, before);
    if (level !== before) tellLevel(room);
    if (level !== "ample") options.onShort();
    return { level, freeBytes: Math.max(0, Math.floor(room.freeBytes)) };
  };

  const look = async (): Promise<void> => {
    const [room, ...states] = await Promise.all([
      options.readRoom(),
      ...logs.map(async ({ file, read }) => ({ file, ...(await read()) })),
    ]);
    if (isStopped) return;
    seen = { disk: judge(room), logs: states };
    states.forEach(tellHeld);
    // After the answer, not beside it: a disk that hangs is asked once, not once a second.
    timer = clock.schedule(monotonicMs(clock.monotonic() + storageEveryMs), () => void look());
  };
  void look();

  return {
    now: () => {
      const failing = options.sideStores?.failing() ?? [];
      // Nothing where there is nothing to say: a centre of before knows no such word.
      return failing.length === 0 ? seen : { ...seen, failing: [...failing] };
    },
    stop: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}
