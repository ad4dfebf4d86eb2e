/**
 * Goal: a disk's level says in time what is to come, and leaves a level only with room to spare; each
 * thing that holds is one condition, and one sentence. Method: boundary pairs.
 */
import { describe, expect, it } from "vitest";
import {
  createConditionTeller,
  storageConditions,
} from "../../edge/centre/alarms/storage-conditions.ts";
import { startStorageWatch } from "../../edge/runtime/storage-watch.ts";
import {
  imageReserveOf,
  isHeldTooLong,
  levelOf,
  roomLimits,
  storageReasons,
  storageWarnings,
  type DiskLevel,
  type DiskRoom,
  type StorageReport,
} from "../../protocols/storage.ts";
import { createCollectingLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const disk: DiskRoom = { freeBytes: 0, totalBytes: 100e9, freeFiles: null };
const { lowBytes, fullBytes } = roomLimits(disk, 1);

describe("the level of a disk", () => {
  it.each<[number, DiskLevel, DiskLevel]>([
    [lowBytes, "ample", "ample"],
    [lowBytes - 1, "ample", "low"],
    [lowBytes * 1.25 - 1, "low", "low"],
    [lowBytes * 1.25, "low", "ample"],
    [fullBytes, "low", "low"],
    [fullBytes - 1, "low", "full"],
    [fullBytes * 1.25 - 1, "full", "full"],
    [fullBytes * 1.25, "full", "low"],
    [lowBytes * 2, "full", "ample"],
  ])("with %i bytes free, %s before, is %s", (freeBytes, before, level) => {
    expect(levelOf({ ...disk, freeBytes }, 1, before)).toBe(level);
  });

  it.each([
    [64, "ample"],
    [63, "full"],
  ] as const)("with room and %i further files is %s", (freeFiles, level) => {
    expect(levelOf({ ...disk, freeBytes: 50e9, freeFiles }, 1, "ample")).toBe(level);
  });

  it("is low a day before, for as many lines as write on it", () => {
    const room = { ...disk, freeBytes: 2 * lowBytes };
    expect(levelOf(room, 2, "ample")).toBe("ample");
    expect(levelOf(room, 3, "ample")).toBe("low");
  });

  it("of a small disk is measured by its size, and images always end before it is full", () => {
    const small = { ...disk, totalBytes: 14e6, freeBytes: 13e6 };
    expect(levelOf(small, 1, "ample")).toBe("ample");
    for (const one of [small, disk]) {
      expect(imageReserveOf(one)).toBeGreaterThan(roomLimits(one, 1).fullBytes * 1.25);
    }
  });
});

const ample = { level: "ample", freeBytes: 50e9 } as const;
const calm: StorageReport = { disk: ample, imagesNotKept: 0, logs: [] };

describe("what holds", () => {
  it.each<[string, Partial<StorageReport>, string[]]>([
    ["nothing", {}, []],
    ["nothing where the system says nothing", { disk: null }, []],
    ["low", { disk: { level: "low", freeBytes: 9e8 } }, ["diskLow"]],
    ["full", { disk: { level: "full", freeBytes: 0 } }, ["diskFull"]],
    ["an image lost", { imagesNotKept: 1 }, ["imagesNotKept"]],
    ["a log read", { logs: [{ file: "j", bytes: 1e6, heldMs: 59_999 }] }, []],
    ["for long", { logs: [{ file: "j", bytes: 1e6, heldMs: 60_000 }] }, ["journalLogHeld"]],
    ["grown", { logs: [{ file: "j", bytes: 68e6, heldMs: 1 }] }, ["journalLogHeld"]],
    ["grown and let go", { logs: [{ file: "j", bytes: 68e6, heldMs: 0 }] }, []],
  ])("%s", (_name, change, codes) => {
    const report = { ...calm, ...change };
    expect(storageConditions("a", report).map(({ code }) => code)).toEqual(codes);
    expect([...storageReasons(report), ...storageWarnings(report)]).toHaveLength(codes.length);
  });

  it("is told once when it begins and once when it is over", () => {
    const told: string[] = [];
    const tell = createConditionTeller(({ code }, holds) => told.push(`${code} ${holds}`));
    const full = { ...calm, disk: { level: "full", freeBytes: 0 } } as const;
    for (const report of [calm, full, { ...full, imagesNotKept: 3 }, full, calm]) {
      tell(storageConditions("a", report));
    }
    expect(told).toEqual([
      "diskFull true",
      "imagesNotKept true",
      "imagesNotKept false",
      "diskFull false",
    ]);
  });

  it("a log is held too long by time or by size, and not by size alone", () => {
    expect(isHeldTooLong({ bytes: 1e9, heldMs: 0 })).toBe(false);
  });
});

describe("the watch over a disk", () => {
  const start = () => {
    const clock = createVirtualClock();
    const { log, lines } = createCollectingLog();
    const room = { freeBytes: 50e9 };
    const seen = { shorts: 0, reads: 0 };
    const watch = startStorageWatch({
      clock,
      log,
      linesTotal: 1,
      readRoom: () => {
        seen.reads += 1;
        return Promise.resolve({ ...disk, ...room });
      },
      logs: [{ file: "journal", read: () => Promise.resolve({ bytes: 5, heldMs: 0 }) }],
      onShort: () => (seen.shorts += 1),
    });
    const later = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 1_000) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.runFor(1_000);
      }
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { watch, room, seen, later, lines };
  };

  it("knows nothing before its first look, sees a change within a second, and its end", async () => {
    const { watch, room, later, lines, seen } = start();
    expect(watch.now()).toEqual({ disk: null, logs: [] });
    await later(0);
    expect(watch.now()).toEqual({
      disk: { level: "ample", freeBytes: 50e9 },
      logs: [{ file: "journal", bytes: 5, heldMs: 0 }],
    });
    expect(seen.shorts).toBe(0);
    room.freeBytes = 0;
    await later(1_000);
    expect(watch.now().disk?.level).toBe("full");
    expect(seen.shorts).toBe(1);
    room.freeBytes = 50e9;
    await later(1_000);
    expect(watch.now().disk?.level).toBe("ample");
    expect(lines.map(({ message }) => message)).toEqual([
      "the disk is full",
      "the disk has room again",
    ]);
    watch.stop();
  });

  it("looks no more once it is stopped", async () => {
    const { watch, seen, later } = start();
    await later(1_000);
    watch.stop();
    const before = seen.reads;
    await later(5_000);
    expect(seen.reads).toBe(before);
  });
});
