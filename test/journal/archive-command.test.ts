/**
 * Goal: an auditor finds what has left the centre's documents, and sees whether it is what the journal
 * says. Method: an archive and a journal made by the real code, read by the tool in this process.
 */
import { hash } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createDayFiles } from "../../edge/archive/day-files.ts";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { rowText } from "../../edge/clearance/rows.ts";
import { createSegmentRoller } from "../../edge/journal/segments/roller.ts";
import { createSegmentFolder } from "../../edge/journal/segments/segment-folder.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { silentLog } from "../../protocols/log.ts";
import { noBugs } from "../kit/no-bugs.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { system } from "../../protocols/actor.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import {
  Documents,
  documentsOf,
  later,
  minuteMs,
  startAt,
  testConfig,
} from "../unit/clearance-kit.ts";
import { entries, opened, temporaryFolder } from "./support.ts";

const waybill = "AU0001";
const day = "2026-11-02";
let folder = "";
let journalFile = "";

/** What the tool says. */
async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const parts = {
    machineOf: createLineMachines(),
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
  };
  const exit = await runJournalCli(argv, parts);
  return { exit, out: out.join("\n"), err: err.join("\n") };
}

async function makeBoth(): Promise<void> {
  folder = join(temporaryFolder(), "archive");
  journalFile = join(temporaryFolder(), "journal.db");
  const retention = {
    releasedMs: 60 * minuteMs,
    endedMs: 60 * minuteMs,
    handedOverMs: 60 * minuteMs,
    unnamedMs: 600 * minuteMs,
    archiveMs: 600 * minuteMs,
  };
  const documents = new Documents(testConfig({ retention })).take(documentsOf(waybill));
  const pass = { lineId: "L1", passId: "P77", recordVersion: 1, decidedAt: startAt };
  documents.apply({ kind: "release", release: { waybill, ...pass } }, startAt);
  const { left } = documents.apply({ kind: "timePassed", leavesMax: 1 }, later(90));
  const [text = ""] = left.map(rowText);
  await createDayFiles(folder).keep([{ at: later(90), text }]);
  const named = [{ waybill, sha256: hash("sha256", text, "hex") }];
  const judged = { rules: "rules-1", outcomes: ["taken"], draws: {}, records: [], left: named };
  const journal = await opened({ file: journalFile });
  await appendDurably(journal, [
    {
      kind: "act",
      actor: system("centre", "calendar"),
      wallAt: later(90),
      rulesVersion: null,
      act: { kind: "desk", input: { kind: "timePassed", at: later(90), leavesMax: 1 }, judged },
    },
  ]);
  await journal.close();
}

describe("journal archive", () => {
  test("tells what has left, in any spelling of its waybill", async () => {
    await makeBoth();
    const { exit, out } = await run("archive", folder, "--waybill", " au0001 ");
    expect(exit).toBe(0);
    expect(out).toContain(`${day}  left as RELEASED`);
    expect(out).toContain("6115299000 连裤袜 x 2");
    expect(out).toContain("released by P77; open: nothing; 0 acts, 0 controls");
    expect(out).toMatch(/sha256 [0-9a-f]{64}$/);
  });

  test("with the journal: it is what left, or it is not", async () => {
    await makeBoth();
    const argv = ["archive", folder, "--waybill", waybill, "--journal", journalFile];
    const same = await run(...argv);
    expect(same).toMatchObject({ exit: 0 });
    expect(same.out).toContain("as the journal says");
    const file = join(folder, `${day}.jsonl`);
    writeFileSync(file, readFileSync(file, "utf8").replace('"P77"', '"P78"'));
    const changed = await run(...argv);
    expect(changed).toMatchObject({ exit: 1 });
    expect(changed.out).toContain("NOT what the journal says");
  });

  test("with a journal whose beginning has left: it cannot say, but with its segments it can", async () => {
    await makeBoth();
    const segments = join(temporaryFolder(), "segments");
    const store = createSegmentFolder(segments);
    const journal = await opened({ file: journalFile, segments: store });
    await appendDurably(journal, entries(20));
    const roller = createSegmentRoller({
      store: journal.rolling()!,
      folder: store,
      bounds: { keepMs: 0, segmentRecords: 5, segmentsKeptMs: 1, segmentBytesMax: null },
      mayLeaveUpTo: () => 5,
      health: { works: () => {}, failed: () => {} },
      clock: createVirtualClock({ wallStartAt: later(10_000) }),
      log: silentLog,
      bugs: noBugs,
      pause: () => Promise.resolve(),
    });
    await roller.look();
    await journal.close();
    const argv = ["archive", folder, "--waybill", waybill, "--journal", journalFile];
    const unread = await run(...argv);
    expect(unread).toMatchObject({ exit: 2 });
    expect(unread.out).toContain("says nothing: its beginning has left");
    expect(unread.err).toContain("records 1 to 5 have left for segments");
    const read = await run(...argv, "--segments", segments);
    expect(read).toMatchObject({ exit: 0, err: "" });
    expect(read.out).toContain("as the journal says");
  });

  test("for machines: the line as it was kept", async () => {
    await makeBoth();
    const { exit, out } = await run("archive", folder, "--waybill", waybill, "--json");
    expect(exit).toBe(0);
    expect(`${out}\n`).toBe(readFileSync(join(folder, `${day}.jsonl`), "utf8"));
  });

  test("what is not there, and a line that was cut off, are told", async () => {
    await makeBoth();
    appendFileSync(join(folder, `${day}.jsonl`), '{"waybill":');
    const { exit, err } = await run("archive", folder, "--waybill", "AU0002");
    expect(exit).toBe(1);
    expect(err).toContain(`${day}: 1 lines cannot be read`);
    expect(err).toContain("AU0002 is not in");
  });

  test("wrong usage and unreadable places", async () => {
    await makeBoth();
    expect(await run("archive", folder)).toMatchObject({ exit: 2 });
    expect(await run("archive", join(folder, "none"), "--waybill", waybill)).toMatchObject({
      exit: 2,
    });
    expect(await run("show", journalFile, "--waybill", waybill)).toMatchObject({ exit: 2 });
    const noJournal = ["archive", folder, "--waybill", waybill, "--journal", folder];
    expect(await run(...noJournal)).toMatchObject({ exit: 2 });
  });
});
