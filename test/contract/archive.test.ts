/**
 * Goal: what leaves the documents is in the archive before it leaves the journal's file, over
 * failures and restarts, can be found again there, and goes by whole days. Method: real files in a
 * folder of their own, with faults of a disk planted as links to devices; the keeper over stores on
 * SQLite and in memory.
 */
import { hash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDayFiles, droppedName } from "../../edge/archive/day-files.ts";
import type { Archive, ArchiveLine } from "../../edge/archive/port.ts";
import { dayOf } from "../../protocols/civil-date.ts";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { rowText } from "../../edge/clearance/rows.ts";
import { createArchiveKeeper, type ArchiveKeeper } from "../../edge/store/archive-keeper.ts";
import type { StoreWork } from "../../edge/store/port.ts";
import { silentLog } from "../../protocols/log.ts";
import { createSideStoreWatch, type SideStoreWatch } from "../../protocols/side-stores.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { storeMakers, transacted, type StoreSubject } from "../kit/document-stores.ts";
import {
  documentsOf,
  eventsOf,
  later,
  minuteMs,
  startAt,
  testConfig,
} from "../unit/clearance-kit.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-archive-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dayMs = 86_400_000;
const day = (count: number): string => dayOf(startAt + count * dayMs);
const line = (waybill: string, more: object = {}, days = 0): ArchiveLine => {
  const at = startAt + days * dayMs;
  return { at, text: JSON.stringify({ waybill, at, ...more }) };
};

async function textsOf(archive: Archive, waybill: string): Promise<readonly string[]> {
  const found = await archive.find(waybill);
  if (found.kind === "failed") throw new Error(found.why);
  return found.lines.map(({ text }) => text);
}

describe("the archive of day files", () => {
  test("gives back what it was given, the newest first, whatever day it is of", async () => {
    const archive = createDayFiles(join(folder, "new"));
    const [old, other, young] = [line("W001"), line("W002"), line("W001", { case: 2 }, 3)];
    expect(await archive.keep([old, other, young])).toEqual({ kind: "kept" });
    expect(await textsOf(archive, "W001")).toEqual([young.text, old.text]);
    expect(await textsOf(archive, "W00")).toEqual([]);
    expect(readFileSync(join(folder, "new", `${day(0)}.jsonl`), "utf8")).toBe(
      `${old.text}\n${other.text}\n`,
    );
  });

  test("gives a line once that came twice", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("W001")]);
    await archive.keep([line("W001"), line("W002")]);
    expect(await textsOf(archive, "W001")).toHaveLength(1);
  });

  test("finds no case by a name that another one only mentions", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("W001", { note: "W002", words: "a\u2028b" })]);
    expect(await textsOf(archive, "W002")).toEqual([]);
    expect(await textsOf(archive, "W001")).toHaveLength(1);
  });

  test("a line that was cut off spoils no other one, and is told", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("W001")]);
    appendFileSync(join(folder, `${day(0)}.jsonl`), '{"waybill":"W002","at":1');
    await archive.keep([line("W003")]);
    expect(await textsOf(archive, "W003")).toHaveLength(1);
    const found = await archive.find("W001");
    expect(found).toMatchObject({ kind: "found", unread: new Map([[day(0), 1]]) });
  });

  test("a disk that is full takes nothing and says so", async () => {
    symlinkSync("/dev/full", join(folder, `${day(0)}.jsonl`));
    const kept = await createDayFiles(folder).keep([line("W001")]);
    expect(kept).toEqual({ kind: "failed", why: "its disk is full" });
  });

  test("a disk that forgets what it was given is found out", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("W000")]);
    const file = await open(join(folder, `${day(0)}.jsonl`));
    const handles = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const read = vi
      .spyOn(handles, "read")
      .mockImplementation(() => Promise.resolve({ bytesRead: 0, buffer: Buffer.alloc(0) }));
    const kept = await archive.keep([line("W001")]);
    read.mockRestore();
    expect(kept).toMatchObject({ kind: "failed" });
    expect(kept.kind === "failed" && kept.why).toContain("not what the disk gives back");
  });

  test("drops whole days, and keeps of each how much it was and its hash", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("W001"), line("W002"), line("W003", {}, 1), line("W004", {}, 2)]);
    const first = readFileSync(join(folder, `${day(0)}.jsonl`), "utf8");
    const dropped = await archive.dropBefore(day(2), day(400));
    expect(dropped).toEqual({ kind: "dropped", days: [day(0), day(1)] });
    expect(await textsOf(archive, "W001")).toEqual([]);
    expect(await textsOf(archive, "W004")).toHaveLength(1);
    const notes = readFileSync(join(folder, droppedName), "utf8").trim().split("\n");
    expect(JSON.parse(notes[0] ?? "")).toEqual({
      day: day(0),
      lines: 2,
      bytes: first.length,
      sha256: hash("sha256", first, "hex"),
      on: day(400),
    });
    expect(notes).toHaveLength(2);
    expect(await archive.dropBefore(day(2), day(400))).toEqual({ kind: "dropped", days: [] });
  });

  test("a folder that is none is told", async () => {
    const archive = createDayFiles(join(folder, "none"));
    expect(await archive.find("W001")).toMatchObject({ kind: "failed" });
  });
});

const rules = prepareClearance(
  testConfig({
    retention: {
      releasedMs: 60 * minuteMs,
      endedMs: 60 * minuteMs,
      handedOverMs: 60 * minuteMs,
      unnamedMs: 600 * minuteMs,
      archiveMs: 3 * dayMs,
    },
  }),
);

/** As the desk does it: what leaves is put out in the same commit. */
const work = (event: DocumentEvent): StoreWork<number> => ({
  events: [event],
  run: (state) => {
    const { left } = applyDocumentEvent(state, event, rules);
    return { answer: left.length, entries: [], outgoing: left.map(rowText) };
  },
});

async function released(subject: StoreSubject, waybills: readonly string[]): Promise<number> {
  const run = async (event: DocumentEvent): Promise<number> => {
    const outcome = await subject.settle(transacted(subject.store, work(event)));
    if (outcome.kind !== "kept") throw new Error(JSON.stringify(outcome));
    return outcome.answer;
  };
  for (const waybill of waybills) {
    for (const event of eventsOf(documentsOf(waybill))) await run({ at: startAt, ...event });
    const pass = { lineId: "L1", passId: `P-${waybill}`, recordVersion: 1, decidedAt: startAt };
    await run({ at: startAt, kind: "release", release: { waybill, ...pass } });
  }
  return run({ at: later(120), kind: "timePassed", leavesMax: 500 });
}

const outgoingOf = async (subject: StoreSubject): Promise<number> => {
  const read = await subject.settle(
    new Promise<Parameters<Parameters<StoreSubject["store"]["readOutgoing"]>[1]>[0]>((resolve) =>
      subject.store.readOutgoing(1_000, resolve),
    ),
  );
  return read.kind === "value" ? read.value.length : -1;
};

/** Until it is so: files are real, and take as long as they take. */
async function until(subject: StoreSubject, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    if (turn > 20_000) throw new Error("it is never so");
    await new Promise((resolve) => setImmediate(resolve));
    await outgoingOf(subject);
  }
}

describe.each(storeMakers)("the keeper of the archive, $name", ({ make }) => {
  let subject: StoreSubject;
  let clock: VirtualClock;
  let sideStores: SideStoreWatch;
  const keepers: ArchiveKeeper[] = [];
  const keeperOf = (archive: Archive): ArchiveKeeper => {
    const { store } = subject;
    const options = { store, archive, archiveMs: 3 * dayMs, clock, log: silentLog, sideStores };
    const keeper = createArchiveKeeper(options);
    keepers.push(keeper);
    keeper.start();
    return keeper;
  };
  beforeEach(async () => {
    subject = await make();
    clock = createVirtualClock({ wallStartAt: later(120) });
    sideStores = createSideStoreWatch();
  });
  afterEach(async () => {
    for (const keeper of keepers.splice(0)) keeper.stop();
    await subject.close();
  });

  test("brings what left into the archive, and then takes it out of the file", async () => {
    expect(await released(subject, ["AR0001", "AR0002"])).toBe(2);
    expect(await outgoingOf(subject)).toBe(2);
    const archive = createDayFiles(folder);
    const keeper = keeperOf(archive);
    await until(subject, () => keeper.counters().archivedTotal === 2);
    expect(await outgoingOf(subject)).toBe(0);
    const [text = ""] = await textsOf(archive, "AR0001");
    expect(JSON.parse(text)).toMatchObject({
      waybill: "AR0001",
      at: later(120),
      case: { state: "RELEASED", manifest: { items: [{ hsCode: "6115299000" }] } },
      order: { goodsValue: "59.8" },
      releases: ["P-AR0001"],
    });
    expect(keeper.counters()).toMatchObject({ archivedTotal: 2, archiveFailuresTotal: 0 });
    expect(keeper.isReady()).toBe(true);
  });

  test("an archive that takes nothing loses nothing, lets nothing more leave, and is asked again", async () => {
    await released(subject, ["AR0001"]);
    const archive = createDayFiles(folder);
    let isBroken = true;
    const keeper = keeperOf({
      ...archive,
      find: (waybill) => archive.find(waybill),
      dropBefore: () => Promise.resolve({ kind: "dropped", days: [] }),
      keep: (lines) =>
        isBroken
          ? Promise.resolve({ kind: "failed", why: "its disk is full" })
          : archive.keep(lines),
    });
    await until(subject, () => !keeper.isReady());
    expect(sideStores.failing()).toEqual([{ store: "archive", why: "its disk is full" }]);
    expect(await outgoingOf(subject)).toBe(1);
    isBroken = false;
    clock.runFor(10_000);
    await until(subject, () => keeper.isReady());
    await until(subject, () => keeper.counters().archivedTotal === 1);
    expect(sideStores.failing()).toEqual([]);
    expect(await outgoingOf(subject)).toBe(0);
    expect(await textsOf(archive, "AR0001")).toHaveLength(1);
  });

  test("an archive that does not answer is told, and lets nothing more leave until it does", async () => {
    await released(subject, ["AR0001"]);
    const archive = createDayFiles(folder);
    let goOn = (): void => {};
    const hangs = new Promise<void>((resolve) => (goOn = resolve));
    let isAsked = false;
    const keeper = keeperOf({
      find: (waybill) => archive.find(waybill),
      dropBefore: () => Promise.resolve({ kind: "dropped", days: [] }),
      keep: async (lines) => {
        isAsked = true;
        await hangs;
        return archive.keep(lines);
      },
    });
    await until(subject, () => isAsked);
    clock.runFor(20_000);
    expect([keeper.isReady(), sideStores.failing()]).toEqual([true, []]);
    clock.runFor(10_000);
    expect(keeper.isReady()).toBe(false);
    expect(sideStores.failing()).toEqual([{ store: "archive", why: "it does not answer" }]);
    goOn();
    await until(subject, () => keeper.isReady());
    expect(sideStores.failing()).toEqual([]);
    expect(keeper.counters().archivedTotal).toBe(1);
  });

  test("old days that cannot be dropped are told, and tried again soon", async () => {
    const archive = createDayFiles(folder);
    let isBroken = true;
    const keeper = keeperOf({
      find: (waybill) => archive.find(waybill),
      keep: (lines) => archive.keep(lines),
      dropBefore: (before, today) =>
        isBroken
          ? Promise.resolve({ kind: "failed", why: "its disk takes no changes" })
          : archive.dropBefore(before, today),
    });
    await until(subject, () => sideStores.failing().length > 0);
    // That cases go on leaving does not end it.
    await released(subject, ["AR0001"]);
    keeper.look();
    await until(subject, () => keeper.counters().archivedTotal === 1);
    expect(sideStores.failing()).toEqual([{ store: "archive", why: "its disk takes no changes" }]);
    expect(keeper.isReady()).toBe(true);
    isBroken = false;
    clock.runFor(10_000);
    await until(subject, () => sideStores.failing().length === 0);
  });

  test("an archive that is not there yet is no failure", async () => {
    const keeper = keeperOf(createDayFiles(join(folder, "not", "yet")));
    await until(subject, () => existsSync(join(folder, "not", "yet")));
    clock.runFor(20_000);
    await outgoingOf(subject);
    expect(sideStores.failing()).toEqual([]);
    expect(keeper.counters().archiveFailuresTotal).toBe(0);
  });

  test("a crash between the archive and the file: it comes twice, and is found once", async () => {
    await released(subject, ["AR0001"]);
    const archive = createDayFiles(folder);
    const read = await subject.settle(
      new Promise<string>((resolve) =>
        subject.store.readOutgoing(1, (each) =>
          resolve(each.kind === "value" ? (each.value[0]?.text ?? "") : ""),
        ),
      ),
    );
    await archive.keep([{ at: later(120), text: read }]);
    const keeper = keeperOf(archive);
    await until(subject, () => keeper.counters().archivedTotal === 1);
    expect(await outgoingOf(subject)).toBe(0);
    expect(
      readFileSync(join(folder, `${dayOf(later(120))}.jsonl`), "utf8").match(/\n/g),
    ).toHaveLength(2);
    expect(await textsOf(archive, "AR0001")).toHaveLength(1);
  });

  test("more than one turn takes is brought in several", async () => {
    const waybills = Array.from(
      { length: 130 },
      (_, index) => `AR${String(index).padStart(5, "0")}`,
    );
    await released(subject, waybills);
    const archive = createDayFiles(folder);
    const keeper = keeperOf(archive);
    await until(subject, () => keeper.counters().archivedTotal === 130);
    expect(await textsOf(archive, "AR00129")).toHaveLength(1);
  });

  test("days that are too old leave the archive", async () => {
    const archive = createDayFiles(folder);
    await archive.keep([line("OLD1", {}, -5), line("YOUNG1", {}, -1)]);
    const keeper = keeperOf(archive);
    await until(subject, () => keeper.counters().daysDroppedTotal === 1);
    expect(await textsOf(archive, "OLD1")).toEqual([]);
    expect(await textsOf(archive, "YOUNG1")).toHaveLength(1);
  });
});
