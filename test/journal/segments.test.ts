/**
 * Goal: the oldest records of a file leave for segments, whole and in order; nothing is lost, whatever
 * fails on the way; and whoever reads the chain afterwards reads all of it.
 * Method: real files, an agent's journal and the centre's copies under one suite; each step of the work
 * is made to fail, or to be the last before a kill.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyChain } from "../../edge/audit/verify.ts";
import type { RollingStore } from "../../edge/journal/segments/rolling-store.ts";
import {
  createSegmentFolder,
  type SegmentFolder,
} from "../../edge/journal/segments/segment-folder.ts";
import { SegmentError } from "../../edge/journal/segments/segment-file.ts";
import { writeDurably } from "../../edge/journal/durable-file.ts";
import { chainOn } from "../../edge/journal/chain.ts";
import { openJournalReader } from "../../edge/journal/sqlite/journal-reader.ts";
import { journalFileWith, opened, openRaw, tamper, temporaryFolder } from "./support.ts";
import {
  chain,
  dayMs,
  filesIn,
  lostOf,
  makers,
  rollerOf,
  segmentsIn,
  seqsInFile,
  type RollerParts,
  type Subject,
} from "./segments-kit.ts";

const pathOf = ({ folder }: Subject, name: string): string => join(segmentsIn(folder), chain, name);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.each(makers)("segments of $name", ({ make }) => {
  const withOld = async (count: number): Promise<Subject> => {
    const subject = await make(temporaryFolder());
    await subject.add(count);
    subject.clock.stepWall(2 * dayMs);
    return subject;
  };

  it("take the oldest records in whole segments, and as many as a segment has stay", async () => {
    const subject = await withOld(35);
    const all = await subject.read();
    await rollerOf(subject).look();
    expect(filesIn(subject.folder).map((name) => name.slice(0, 33))).toEqual([
      "0000000000000001-0000000000000010",
      "0000000000000011-0000000000000020",
    ]);
    expect(await seqsInFile(subject.file)).toEqual(range(21, 35));
    expect(await subject.read()).toEqual(all);
    expect(verifyChain(chain, all)).toMatchObject({ lastSeq: 35, finding: null });
  });

  it("are not made by a bug of ours, which is reported and keeps the records where they are", async () => {
    const subject = await withOld(35);
    const reported: unknown[] = [];
    const store: RollingStore = {
      ...subject.store(),
      note: () => {
        throw new TypeError("no such thing");
      },
    };
    const roller = rollerOf(subject, {
      store,
      bugs: { report: (thrown) => reported.push(thrown) },
    });
    await roller.look();
    expect(reported).toEqual([new TypeError("no such thing")]);
    expect(roller.trouble()).toBe("a bug of ours: TypeError: no such thing");
    expect(await seqsInFile(subject.file)).toEqual(range(1, 35));
  });

  it("hold one record a line, so that any zstd and any JSON reads them", async () => {
    const subject = await withOld(25);
    const all = await subject.read();
    await rollerOf(subject).look();
    const [name = ""] = filesIn(subject.folder);
    const text = zstdDecompressSync(readFileSync(pathOf(subject, name))).toString("utf8");
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(all.slice(0, 10));
  });

  it("are read in pages as the file is, over their borders and behind any number", async () => {
    const subject = await withOld(45);
    const all = await subject.read();
    await rollerOf(subject).look();
    for (const after of [0, 4, 9, 10, 19, 29, 30, 31, 44]) {
      const page = await subject.readAfter(after, 7);
      expect(page).toEqual(all.slice(after, after + page.length));
      expect(page.length).toBeGreaterThan(0);
    }
  });

  it("wait until records are old enough, by the calendar of whoever wrote them", async () => {
    const subject = await make(temporaryFolder());
    await subject.add(25);
    const roller = rollerOf(subject);
    await roller.look();
    expect(filesIn(subject.folder)).toEqual([]);
    subject.clock.stepWall(dayMs - 1);
    await roller.look();
    expect(filesIn(subject.folder)).toEqual([]);
    subject.clock.stepWall(1);
    await roller.look();
    expect(filesIn(subject.folder)).toHaveLength(1);
  });

  it("take nothing that somebody still needs", async () => {
    const subject = await withOld(45);
    await rollerOf(subject, { mayLeaveUpTo: () => 19 }).look();
    expect(await seqsInFile(subject.file)).toEqual(range(11, 45));
  });

  it("go on where they were after a restart, and the chain goes on as well", async () => {
    const subject = await withOld(35);
    await rollerOf(subject).look();
    await subject.reopen();
    await subject.add(20);
    subject.clock.stepWall(2 * dayMs);
    await rollerOf(subject).look();
    const all = await subject.read();
    expect(verifyChain(chain, all)).toMatchObject({ lastSeq: 55, finding: null });
    expect(await seqsInFile(subject.file)).toEqual(range(41, 55));
  });

  it("leave room in the file that new records use again", async () => {
    const subject = await make(temporaryFolder());
    const pages = async (): Promise<number> => {
      const raw = await openRaw(subject.file);
      const [row] = await raw.all("PRAGMA page_count");
      await raw.close();
      return Number(row?.["page_count"]);
    };
    const sizes: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await subject.add(400);
      subject.clock.stepWall(2 * dayMs);
      await rollerOf(subject, { bounds: { segmentRecords: 100 } }).look();
      sizes.push(await pages());
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(sizes[1]! + 8);
    expect(await seqsInFile(subject.file)).toHaveLength(100);
  });

  it("refuse to note what does not follow, what is not stored, and the last record", async () => {
    const subject = await withOld(20);
    const [first, last] = [(await subject.read())[0]!, (await subject.read())[19]!];
    const about = { chain, bytes: 1, sha256: "0", begunBody: null, notedAt: 0, droppedAt: null };
    const note = (firstSeq: number, lastSeq: number, lastHash: string) =>
      subject.store().note({ ...about, firstSeq, lastSeq, prevHash: first.prevHash, lastHash });
    expect(await note(2, 10, (await subject.read())[9]!.hash)).not.toBeNull();
    expect(await note(1, 10, last.hash)).toMatchObject({
      why: expect.stringContaining("append-only") as string,
    });
    expect(await note(1, 20, last.hash)).not.toBeNull();
    expect(await seqsInFile(subject.file)).toHaveLength(20);
  });

  it.each([
    ["a record that is not noted", "DELETE FROM record WHERE seq = 25"],
    ["a note", "DELETE FROM segment"],
    ["a note's end", "UPDATE segment SET last_seq = 30 WHERE last_seq = 20"],
    ["a note's hash", "UPDATE segment SET dropped_at = 1, last_hash = 'x' WHERE last_seq = 20"],
    ["a note back", "REPLACE INTO segment SELECT * FROM segment LIMIT 1"],
  ])("are guarded: nobody takes away %s", async (_, sql) => {
    const subject = await withOld(35);
    await rollerOf(subject).look();
    const raw = await openRaw(subject.file);
    await expect(raw.exec(sql)).rejects.toThrow("append-only");
    await raw.close();
  });

  it("keep a file from being opened whose records behind them are missing", async () => {
    const subject = await withOld(35);
    await rollerOf(subject).look();
    await tamper(subject.file, "DELETE FROM record");
    await expect(subject.reopen()).rejects.toThrow("behind 20 are missing");
  });

  it("keep a guard that was taken away from going unnoticed", async () => {
    const subject = await withOld(35);
    await rollerOf(subject).look();
    const raw = await openRaw(subject.file);
    await raw.exec("DROP TRIGGER record_only_noted; DROP TRIGGER segment_kept");
    await raw.close();
    const result = await openJournalReader(subject.file);
    if (result.kind === "refused") throw new Error(result.why);
    expect(await result.reader.missingGuards()).toEqual(["record_only_noted", "segment_kept"]);
    await result.reader.close();
  });

  it("are dropped when they are too old, or too many, from the beginning on and by name", async () => {
    const subject = await withOld(55);
    await rollerOf(subject).look();
    const [first, second, third, fourth] = subject.store().segmentsOf(chain);
    const bytesMax = third!.bytes + fourth!.bytes;
    await rollerOf(subject, { bounds: { segmentBytesMax: bytesMax } }).look();
    expect(filesIn(subject.folder)).toHaveLength(2);
    expect(subject.store().segmentsOf(chain)).toMatchObject([
      { ...first, droppedAt: subject.clock.wall() },
      { ...second, droppedAt: subject.clock.wall() },
      { droppedAt: null },
      { droppedAt: null },
    ]);
    await subject.reopen();
    expect((await subject.readAfter(0, 3)).map(({ seq }) => seq)).toEqual([21, 22, 23]);
    subject.clock.stepWall(1_001 * dayMs);
    await rollerOf(subject, { isCalendarProved: () => false }).look();
    expect(filesIn(subject.folder)).toHaveLength(2);
    await rollerOf(subject).look();
    expect(filesIn(subject.folder)).toEqual([]);
  });

  it("that are missing, or were changed, are told by name, and nothing else is read for them", async () => {
    const subject = await withOld(35);
    await rollerOf(subject).look();
    const [first = "", second = ""] = filesIn(subject.folder);
    const bytes = readFileSync(pathOf(subject, second));
    writeFileSync(pathOf(subject, second), bytes.subarray(0, bytes.length - 9));
    await subject.reopen();
    await expect(subject.readAfter(12, 5)).rejects.toThrow(second);
    writeFileSync(pathOf(subject, second), readFileSync(pathOf(subject, first)));
    await expect(subject.readAfter(12, 5)).rejects.toThrow("not the file that was noted");
    rmSync(pathOf(subject, second));
    await expect(subject.readAfter(12, 5)).rejects.toThrow("no such file");
    expect(await subject.readAfter(4, 2)).toHaveLength(2);
  });

  it("stay unwritten while the disk gives back something else, and the records stay", async () => {
    const subject = await withOld(35);
    const torn = (path: string, bytes: Uint8Array): Promise<void> =>
      writeDurably(path, bytes.subarray(0, bytes.length - 5));
    const roller = rollerOf(subject, {
      folder: createSegmentFolder(segmentsIn(subject.folder), torn),
    });
    await roller.look();
    expect(roller.trouble()).toContain("torn");
    expect(await lostOf(subject, 35)).toEqual([]);
    expect(await seqsInFile(subject.file)).toHaveLength(35);
  });

  it.each(["in the same run", "after a restart"])(
    "are each looked at again before what they have is removed late, %s",
    async (when) => {
      const subject = await withOld(45);
      const honest = subject.store();
      const failure = { kind: "failed", code: "diskFull", why: "planted" } as const;
      let isFull = true;
      const full: RollingStore = {
        ...honest,
        removeNoted: (...of) => (isFull ? Promise.resolve(failure) : honest.removeNoted(...of)),
      };
      const rollers = [rollerOf(subject, { store: full }), rollerOf(subject, { store: full })];
      for (const roller of rollers) await roller.look();
      const [, roller] = rollers;
      rmSync(pathOf(subject, filesIn(subject.folder)[0]!));
      isFull = false;
      if (when === "after a restart") await subject.reopen();
      const last = when === "after a restart" ? rollerOf(subject) : roller!;
      await last.look();
      expect(await lostOf(subject, 45)).toEqual([]);
      expect(last.trouble()).toContain("there is no such file");
    },
  );

  it("leave although a calendar was years ahead where a segment ends, once it was not any more", async () => {
    const subject = await make(temporaryFolder());
    await subject.add(8);
    subject.clock.stepWall(20_000 * dayMs);
    await subject.add(15);
    subject.clock.stepWall(-20_000 * dayMs);
    await subject.add(40);
    const roller = rollerOf(subject);
    await roller.look();
    expect(filesIn(subject.folder)).toEqual([]);
    subject.clock.stepWall(2 * dayMs);
    await roller.look();
    expect(await seqsInFile(subject.file)).toEqual(range(51, 63));
  });

  it("of long records are read one by one, and none is longer than a segment may be", async () => {
    const subject = await make(temporaryFolder());
    await subject.addLong(12, 2_000_000);
    await subject.add(40);
    subject.clock.stepWall(2 * dayMs);
    const all = await subject.read();
    const pages: number[] = [];
    const honest = subject.store();
    const store: RollingStore = {
      ...honest,
      readStored: async (...of) => {
        const page = await honest.readStored(...of);
        pages.push(page.reduce((chars, { body }) => chars + body.length, 0));
        return page;
      },
    };
    await rollerOf(subject, { store, bounds: { segmentRecords: 20 } }).look();
    expect(Math.max(...pages)).toBeLessThan(2_100_000);
    expect(honest.segmentsOf(chain).map(({ lastSeq }) => lastSeq)).toEqual([9, 29]);
    expect(await subject.read()).toEqual(all);
  });

  it("planted fault: a segment that is not read back is caught as lost records", async () => {
    const subject = await withOld(35);
    const honest = createSegmentFolder(segmentsIn(subject.folder));
    const unread: SegmentFolder = {
      ...honest,
      write: async (from, pages) => {
        const written = await honest.write(from, pages);
        const path = pathOf(subject, filesIn(subject.folder).at(-1)!);
        writeFileSync(path, readFileSync(path).subarray(5));
        return written;
      },
    };
    await rollerOf(subject, { folder: unread }).look();
    expect(await lostOf(subject, 35)).not.toEqual([]);
  });

  it("a folder that takes nothing keeps records, and says so until it takes them again", async () => {
    const subject = await withOld(35);
    // A file where the folder should be: nobody may write there, whoever he is.
    writeFileSync(segmentsIn(subject.folder), "");
    const told: (string | null)[] = [];
    const health = { failed: (why: string) => told.push(why), works: () => told.push(null) };
    const roller = rollerOf(subject, { health });
    await roller.look();
    expect(roller.trouble()).toContain("segments");
    expect(roller.counters().segmentFailuresTotal).toBe(1);
    await subject.add(5);
    expect(await seqsInFile(subject.file)).toHaveLength(40);
    rmSync(segmentsIn(subject.folder));
    await roller.look();
    expect(roller.trouble()).toBeNull();
    expect(told).toEqual([expect.stringContaining("segments"), null]);
    expect(await seqsInFile(subject.file)).toEqual(range(31, 40));
  });

  it("over any failure and any kill each record is in the file, in a segment, or in both", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step: fc.nat(40), how: fc.constantFrom(...hows) }), { maxLength: 4 }),
        async (faults) => {
          const subject = await withOld(35);
          const all = await subject.read();
          for (const fault of faults) {
            const parts = failing(subject, fault);
            await rollerOf(subject, parts).look();
            await subject.reopen();
            expect(await lostOf(subject, 35)).toEqual([]);
            expect(await subject.read()).toEqual(all);
          }
          const roller = rollerOf(subject);
          await roller.look();
          expect(roller.trouble()).toBeNull();
          expect(await seqsInFile(subject.file)).toEqual(range(21, 35));
          expect(filesIn(subject.folder)).toHaveLength(2);
          expect(await subject.read()).toEqual(all);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

const hows = ["fails", "diesBefore", "diesAfter"] as const;
interface Fault {
  readonly step: number;
  readonly how: (typeof hows)[number];
}

/** The program was killed: nothing is done any more. */
class Killed extends Error {}

/** Store and folder of which one step fails, or is the last, or the first that is not done. */
function failing(
  subject: Subject,
  { step, how }: Fault,
): Required<Pick<RollerParts, "store" | "folder" | "bugs">> {
  let steps = 0;
  let isDead = false;
  const around = async <T>(work: () => Promise<T>, fail: () => T): Promise<T> => {
    const isIt = steps === step;
    steps += 1;
    if (isIt && how === "fails") return fail();
    if (isIt && how === "diesAfter") await work();
    isDead ||= isIt;
    if (isDead) throw new Killed();
    return work();
  };
  const failure = { code: "diskFull", why: "planted" } as const;
  const throwing = (): never => {
    throw new SegmentError("planted");
  };
  const [store, folder] = [subject.store(), createSegmentFolder(segmentsIn(subject.folder))];
  return {
    // A kill is no bug; whatever else is thrown is one.
    bugs: {
      report: (thrown) => {
        if (!(thrown instanceof Killed)) throw thrown;
      },
    },
    store: {
      ...store,
      readStored: (...of) => around(() => store.readStored(...of), throwing),
      readSizes: (...of) => around(() => store.readSizes(...of), throwing),
      note: (segment) =>
        around<Awaited<ReturnType<RollingStore["note"]>>>(
          () => store.note(segment),
          () => failure,
        ),
      removeNoted: (...of) =>
        around<Awaited<ReturnType<RollingStore["removeNoted"]>>>(
          () => store.removeNoted(...of),
          () => ({ kind: "failed", ...failure }),
        ),
    },
    folder: {
      ...folder,
      write: (...of) => around(() => folder.write(...of), throwing),
      list: (...of) => around(() => folder.list(...of), throwing),
    },
  };
}

it("a file of before segments is read, and opened for writing it lets records leave", async () => {
  const file = await journalFileWith(30);
  const before = await openJournalReader(file);
  if (before.kind === "refused") throw new Error(before.why);
  expect(await before.reader.missingGuards()).toEqual([]);
  await before.reader.close();
  const folder = join(file, "..", "segments");
  const journal = await opened({ file, segments: createSegmentFolder(folder) });
  expect(journal.rolling()?.segmentsOf("L1")).toEqual([]);
  expect(journal.lastSeq()).toBe(30);
});

it("copies compare a record that comes again with its segment, and refuse one that is gone by name", async () => {
  const subject = await makers[1].make(temporaryFolder());
  await subject.add(35);
  const all = await subject.read();
  subject.clock.stepWall(2 * dayMs);
  await rollerOf(subject).look();
  await subject.reopen();
  const take = (records: typeof all) => subject.take(records);
  const other = chainOn({ chain, seq: 2, hash: all[1]!.hash }, "{}");
  expect(await take(all.slice(2, 5))).toMatchObject({ kind: "taken", repeated: 3, added: 0 });
  expect(await take([other])).toMatchObject({ kind: "refused", code: "fork", seq: 3 });
  await rollerOf(subject, { bounds: { segmentBytesMax: 0 } }).look();
  expect(
    subject
      .store()
      .segmentsOf(chain)
      .every(({ droppedAt }) => droppedAt !== null),
  ).toBe(true);
  expect(await take(all.slice(2, 5))).toMatchObject({ kind: "refused", code: "gone", seq: 3 });
  expect(await take([other])).toMatchObject({ kind: "refused", code: "gone", seq: 3 });
});
