/**
 * Goal: the journal's tool says what it has not read, reads it where the segments are named, and names
 * a segment that is missing, torn, another one or none; no replay tells a difference that is none.
 * Method: journals made by the real journal are rolled by the real roller, some of them tampered with,
 * then the tool runs in this process; journals of an earlier build are rolled and read as well.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../protocols/log.ts";
import { noBugs } from "../kit/no-bugs.ts";
import { epochMs } from "../../protocols/units.ts";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { signAnchor } from "../../edge/journal/anchors/anchor.ts";
import { openAnchorFile } from "../../edge/journal/anchors/anchor-file.ts";
import { createAnchorKey } from "../../edge/journal/anchors/anchor-key.ts";
import { createSegmentRoller } from "../../edge/journal/segments/roller.ts";
import { createSegmentFolder } from "../../edge/journal/segments/segment-folder.ts";
import { openJournalCopies } from "../../edge/journal/sqlite/sqlite-copies.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { openRaw, tamper, temporaryFolder } from "./support.ts";
import {
  chain,
  dayMs,
  filesIn,
  makers,
  rollerOf,
  segmentsIn,
  type Subject,
} from "./segments-kit.ts";

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runJournalCli(argv, {
    machineOf: createLineMachines(),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { exit, out: out.join("\n"), err: err.join("\n") };
}

describe.each(makers)("journal verify over segments of $name (law 14)", ({ make }) => {
  let subject: Subject;
  let hashes: readonly string[];
  let segments: string[];
  beforeEach(async () => {
    subject = await make(temporaryFolder());
    await subject.add(35);
    hashes = (await subject.read()).map(({ hash }) => hash);
    subject.clock.stepWall(2 * dayMs);
    await rollerOf(subject).look();
    segments = ["--segments", segmentsIn(subject.folder)];
  });

  const anchorsAt = async (...seqs: number[]): Promise<string[]> => {
    const [file, keyFile] = [join(subject.folder, "a.jsonl"), join(subject.folder, "a.key")];
    const made = createAnchorKey(keyFile);
    const anchors = await openAnchorFile(file);
    if (made.kind === "refused" || anchors.kind === "refused") throw new Error("no anchors");
    for (const seq of seqs) {
      const hash = hashes[seq - 1] ?? "0".repeat(64);
      await anchors.anchorFile.append(signAnchor({ chain, seq, hash }, epochMs(seq), made.key));
    }
    await anchors.anchorFile.close();
    return ["--anchors", file, "--key", `${keyFile}.pub`];
  };
  const pathOf = (index: number): string =>
    join(segmentsIn(subject.folder), chain, filesIn(subject.folder)[index] ?? "");

  it("begins behind the last that has left, and says so; with the segments at record 1", async () => {
    const without = await run("verify", subject.file);
    expect(without).toMatchObject({ exit: 0 });
    expect(without.out).toBe(
      "L1: in order, records 21 to 35, 0 anchors match; records 1 to 20 have left for segments," +
        " which are read where --segments names their folder",
    );
    expect(await run("verify", subject.file, ...segments)).toMatchObject({
      exit: 0,
      out: "L1: in order, 35 records, 0 anchors match",
    });
  });

  it("compares the anchors that it can reach, also at the very end of a segment", async () => {
    const anchors = await anchorsAt(5, 20, 30, 35);
    expect((await run("verify", subject.file, ...anchors)).out).toContain("3 anchors match");
    expect((await run("verify", subject.file, ...anchors, ...segments)).out).toContain(
      "35 records, 4 anchors match",
    );
  });

  it("finds a history that ends otherwise than was anchored at the end of a segment", async () => {
    hashes = hashes.map((hash, index) => (index === 19 ? "f".repeat(64) : hash));
    const anchors = await anchorsAt(20, 35);
    const { exit, out } = await run("verify", subject.file, ...anchors);
    expect({ exit, out }).toMatchObject({ exit: 1, out: /rewritten/ });
  });

  it("says that nothing was compared where all anchors are of what has left", async () => {
    hashes = hashes.map(() => "f".repeat(64));
    const anchors = await anchorsAt(5, 12);
    const left = await run("verify", subject.file, ...anchors);
    expect(left).toMatchObject({ exit: 1 });
    expect(left.out).toMatch(/NOT ANCHORED: .* no anchor of L1 behind record 20/);
    await tamper(subject.file, "UPDATE segment SET dropped_at = 5");
    expect(await run("verify", subject.file, ...anchors, ...segments)).toMatchObject({ exit: 1 });
  });

  it.each([10, 20])("finds the noted end %i of a segment that is not its end", async (seq) => {
    await tamper(
      subject.file,
      `UPDATE segment SET last_hash = substr(last_hash, 1, 12) || '${"0".repeat(52)}' WHERE last_seq = ${seq};
       UPDATE segment SET prev_hash = coalesce(
         (SELECT last_hash FROM segment AS other WHERE other.last_seq = segment.first_seq - 1), prev_hash)`,
    );
    const { exit, out } = await run("verify", subject.file, ...segments);
    expect({ exit, out }).toMatchObject({ exit: 1, out: /TAMPERED: another record \d+ is noted/ });
  });

  it.each([
    ["missing", "there is no such file", (path: string) => rmSync(path)],
    [
      "torn",
      "torn or was changed",
      (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 200)),
    ],
    [
      "another file",
      "not the file that was noted",
      (path: string) => copyFileSync(pathOf(1), path),
    ],
    ["no segment", "torn or was changed", (path: string) => writeFileSync(path, "{}\n")],
  ])("names a segment that is %s", async (_, words, damage) => {
    const [name = ""] = filesIn(subject.folder);
    damage(pathOf(0));
    const { exit, out } = await run("verify", subject.file, ...segments);
    expect(exit).toBe(1);
    expect(out).toContain(name);
    expect(out).toContain(words);
    expect(await run("verify", subject.file)).toMatchObject({ exit: 0 });
  });

  it("finds a segment that was written anew with another record in it, whatever is noted", async () => {
    const other = await make(temporaryFolder());
    await other.add(3);
    other.clock.stepWall(5_000);
    await other.add(32);
    other.clock.stepWall(2 * dayMs);
    await rollerOf(other).look();
    const [first] = other.store().segmentsOf(chain);
    const from = join(segmentsIn(other.folder), chain, filesIn(other.folder)[0] ?? "");
    const named = filesIn(other.folder)[0] ?? "";
    copyFileSync(from, join(dirname(pathOf(0)), named));
    await tamper(
      subject.file,
      `UPDATE segment SET last_hash = '${first?.lastHash}', sha256 = '${first?.sha256}' WHERE first_seq = 1`,
    );
    const { exit, out } = await run("verify", subject.file);
    expect({ exit, out }).toMatchObject({ exit: 1, out: /chained to another record 10/ });
    expect(await run("verify", subject.file, ...segments)).toMatchObject({ exit: 1 });
  });

  it("finds records that were removed behind the last segment, and all of them", async () => {
    await tamper(subject.file, "DELETE FROM record WHERE seq = 21");
    expect(await run("verify", subject.file)).toMatchObject({
      exit: 1,
      out: /record 21 was removed/,
    });
    await tamper(subject.file, "DELETE FROM record");
    expect(await run("verify", subject.file)).toMatchObject({
      exit: 1,
      out: /there is no record behind 20/,
    });
  });

  it("takes what is noted and not yet removed for what has left", async () => {
    const raw = await openRaw(subject.file);
    await raw.close();
    expect(await run("show", subject.file, "--to", "20")).toMatchObject({ exit: 0, out: "" });
  });

  it("says from where on it reads when segments were dropped", async () => {
    await subject.reopen();
    await rollerOf(subject, {
      bounds: { segmentBytesMax: subject.store().segmentsOf(chain)[1]!.bytes },
    }).look();
    const day = new Date(subject.clock.wall()).toISOString().slice(0, 10);
    expect(await run("verify", subject.file, ...segments)).toMatchObject({
      exit: 0,
      out: `L1: in order, records 11 to 35, 0 anchors match; records 1 to 10 were dropped by ${day}`,
    });
  });

  it("show prints what has left where it is named, and says what it has not read where not", async () => {
    const without = await run("show", subject.file);
    expect(without.out.split("\n")).toHaveLength(30);
    expect(without.err).toContain("records 1 to 20 have left");
    const all = await run("show", subject.file, ...segments);
    expect(all.out.split("\n")).toHaveLength(70);
    expect(all.err).toBe("");
  });
});

const fixtures = join(import.meta.dirname, "../fixtures/journals/v4");
const bounds = { keepMs: 0, segmentRecords: 150, segmentsKeptMs: dayMs, segmentBytesMax: null };

/** A journal of an earlier build, opened by this one and rolled. */
async function rolledFixture(kind: "agent" | "centre" | "copies") {
  const folder = temporaryFolder();
  const file = join(folder, `${kind}.db`);
  const whole = join(folder, "whole.db");
  for (const path of [file, whole]) {
    writeFileSync(path, gunzipSync(readFileSync(join(fixtures, `${kind}.db.gz`))));
  }
  const clock = createVirtualClock();
  const segments = createSegmentFolder(join(folder, "segments"));
  const opened =
    kind === "copies"
      ? await openJournalCopies({ file, segments })
      : await openJournal({
          file,
          segments,
          clock,
          chain: kind === "agent" ? "agent-L1" : "centre",
        });
  if (opened.kind === "refused") throw new Error(opened.why);
  const rolled = "copies" in opened ? opened.copies : opened.journal;
  const roller = createSegmentRoller({
    store: rolled.rolling()!,
    folder: segments,
    bounds,
    mayLeaveUpTo: () => Number.POSITIVE_INFINITY,
    health: { works: () => {}, failed: () => {} },
    clock,
    log: silentLog,
    bugs: noBugs,
    pause: () => Promise.resolve(),
  });
  clock.stepWall(3_650 * dayMs);
  await roller.look();
  expect(roller.trouble()).toBeNull();
  expect(roller.counters().segmentsTotal).toBeGreaterThan(0);
  await rolled.close();
  return { file, whole, segments: ["--segments", join(folder, "segments")] };
}

describe.each(["agent", "centre", "copies"] as const)("an earlier build's %s journal", (kind) => {
  it("verifies and replays through its segments as it did whole", async () => {
    const { file, whole, segments } = await rolledFixture(kind);
    for (const command of ["verify", "replay", "show"]) {
      const before = await run(command, whole);
      const after = await run(command, file, ...segments);
      expect(after.exit).toBe(before.exit);
      expect(after.out).toBe(before.out);
    }
  });

  it("tells no difference where its beginning has left, but that it cannot be derived", async () => {
    const { file } = await rolledFixture(kind);
    const { exit, out, err } = await run("replay", file);
    expect(exit).toBe(2);
    expect(out).toContain("0 differences");
    expect(err).toMatch(/began in records 1 to \d+, which have left|records 1 to \d+, has left/);
  });
});
