// Goal: a site whose journals let old records leave knows after a restart all that it knew, hears its
// lines again when its own backup was put back, and says so by name where what it lacks is gone.
// Method: the whole centre and a line's journal on real files, which are rolled as far as they may, or
// further; the journal's tool verifies what is left.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { zCentreConfig } from "../../edge/centre/config.ts";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createSegmentRoller } from "../../edge/journal/segments/roller.ts";
import type { Journal } from "../../edge/journal/journal.ts";
import type { RollingStore } from "../../edge/journal/segments/rolling-store.ts";
import { createSegmentFolder } from "../../edge/journal/segments/segment-folder.ts";
import { openJournal, type SqliteJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { silentLog } from "../../protocols/log.ts";
import { noBugs } from "../kit/no-bugs.ts";
import { beltCount } from "../../protocols/units.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import { centreConfig } from "./kit/config.ts";
import {
  claimAnswersIn,
  isReleased,
  openAgent,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
  type TestAgent,
} from "./kit/site.ts";

const clock = createHurriedClock();
const config = zCentreConfig.parse({ ...centreConfig(), clearance: { leaseMs: 2_000 } });
const [earlier, granted, released, other] = [
  "99000000001",
  "99000000002",
  "99000000003",
  "99000000004",
] as const;

let folder = "";
let backup = "";
let link: MemoryLink;
let journal: SqliteJournal;
let agent: TestAgent<SqliteJournal>;
let others: TestAgent;

const segmentsOf = (name: string) => createSegmentFolder(join(folder, "segments", name));

beforeEach(async () => {
  [folder, backup] = [await temporaryFolder(), await temporaryFolder()];
  link = createMemoryLink({ clock });
  for (const lineId of ["L1", "L2"]) link.cut(`agent-${lineId}`);
  await come();
  others = openAgent(link, clock, "L2");
});

/** The line's agent starts: what it has written before is in its files alone. */
async function come(): Promise<void> {
  const opened = await openJournal({
    file: join(folder, "journal.db"),
    chain: "agent-L1",
    clock,
    segments: segmentsOf("journal"),
  });
  if (opened.kind === "refused") throw new Error(opened.why);
  journal = opened.journal;
  agent = openAgent(link, clock, "L1", journal);
}

async function go(): Promise<void> {
  await agent.session.stop();
  await journal.close();
}

afterEach(async () => {
  await go();
  await others.session.stop();
  await removeFolder(folder);
  await removeFolder(backup);
});

const open = (): Promise<RunningCentre> => openCentre({ folder, clock, link, config });

/** Lets leave what is allowed, however young it is. */
async function roll(
  store: RollingStore,
  name: "centre" | "copies" | "journal",
  {
    upTo,
    bytesMax = null,
    records = 5,
  }: { upTo: number; bytesMax?: number | null; records?: number },
): Promise<void> {
  const roller = createSegmentRoller({
    store,
    folder: segmentsOf(name),
    bounds: {
      keepMs: -60_000,
      segmentRecords: records,
      segmentsKeptMs: 1e9,
      segmentBytesMax: bytesMax,
    },
    mayLeaveUpTo: () => upTo,
    health: { works: () => {}, failed: () => {} },
    clock,
    log: silentLog,
    bugs: noBugs,
  });
  await roller.look();
  expect(roller.trouble()).toBeNull();
}

const answerTo = (passId: string) =>
  claimAnswersIn([...agent.down, ...others.down]).find((each) => each.passId === passId);

async function claim(by: TestAgent<Journal>, lineId: string, passId: string, waybill: string) {
  by.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  by.tell(lineId, 1, { kind: "identified", passId, waybill, deviceId: "s" });
  by.session.claim(lineId, passId, waybill);
  await until(`answer to ${passId}`, () => answerTo(passId) !== undefined);
  const answer = answerTo(passId)!;
  const fact = { kind: "claimAnswered", passId, waybill, granted: answer.granted, why: answer.why };
  by.tell(lineId, 1, fact as never);
  return answer;
}

function green(passId: string, waybill: string): void {
  const rest = { waybill, recordVersion: null, imageHash: null, rulesVersion: "r" };
  agent.tell(
    "L1",
    0,
    { kind: "decided", passId, exit: "green", reasons: [], ...rest },
    { kind: "left", passId, exit: "green", expected: "green", count: beltCount(0) },
  );
}

const isAcknowledged = (): boolean => journal.acknowledgedSeq() === journal.lastSeq();

/** A backup is made while one claim is open; then one more is granted, and another waybill leaves. */
async function liveOn(): Promise<void> {
  const first = await open();
  await sendDocuments(first, [earlier, granted, released, other]);
  expect(await claim(agent, "L1", "L1-s1-1", earlier)).toMatchObject({ granted: true });
  await until("acknowledged", isAcknowledged);
  await first.stop();
  for (const name of ["centre.sqlite", "copies.sqlite"]) {
    await cp(join(folder, name), join(backup, name));
  }
  const second = await open();
  expect(await claim(agent, "L1", "L1-s1-2", granted)).toMatchObject({ granted: true });
  expect(await claim(agent, "L1", "L1-s1-3", released)).toMatchObject({ granted: true });
  green("L1-s1-3", released);
  await until("released", () => isReleased(second, released));
  await until("acknowledged", isAcknowledged);
  await second.stop();
}

async function putBack(): Promise<void> {
  for (const name of ["centre.sqlite", "copies.sqlite"]) {
    await cp(join(backup, name), join(folder, name));
  }
}

async function verified(file: string, segments: string): Promise<string> {
  const out: string[] = [];
  const [command, option] = ["verify", "--segments"];
  const exit = await runJournalCli(
    [command, join(folder, file), option, join(folder, "segments", segments)],
    {
      machineOf: () => ({ kind: "refused", why: "" }),
      out: (line) => out.push(line),
      err: () => {},
    },
  );
  expect(exit).toBe(0);
  return out.join("\n");
}

describe("old records that have left their journals", () => {
  test("a restart knows all that it knew, and each chain verifies from its first record on", async () => {
    await liveOn();
    const site = await open();
    // Before this run has a checkpoint of its own, nothing may leave.
    expect(site.centre.restartsBehind()).toEqual({ ownSeq: 0, copies: new Map() });
    expect(await claim(agent, "L1", "L1-s1-4", other)).toMatchObject({ granted: true });
    await until("acknowledged", isAcknowledged);
    await site.stop(async ({ own, copies }) => {
      const { ownSeq, copies: upTo } = site.centre.restartsBehind();
      expect(ownSeq).toBeGreaterThan(20);
      // The oldest pass that is held began with the first record but for what was told before it.
      expect(upTo.get("agent-L1")).toBeLessThan(3);
      await roll(own, "centre", { upTo: ownSeq });
      expect(own.segmentsOf("centre").at(-1)!.lastSeq).toBeGreaterThan(10);
      // Further than it may: then a restart reads on through segments.
      await roll(copies, "copies", { upTo: 1_000, records: 3 });
      expect(copies.segmentsOf("agent-L1").at(-1)!.lastSeq).toBeGreaterThan(5);
    });
    const again = await open();
    expect(again.centre.acts.counters()).toMatchObject({});
    expect(await isReleased(again, released)).toBe(true);
    expect(await claim(others, "L2", "L2-s1-1", earlier)).toMatchObject({
      why: "claimedElsewhere",
    });
    expect(await claim(others, "L2", "L2-s1-2", granted)).toMatchObject({
      why: "claimedElsewhere",
    });
    expect(await claim(others, "L2", "L2-s1-3", released)).toMatchObject({
      why: "alreadyReleased",
    });
    expect(again.centre.site.passes.byId.get("L1-s1-2")?.facts).toHaveLength(3);
    expect(again.centre.journals.older.view()).toMatchObject({ isOlder: false });
    await again.stop();
    expect(await verified("centre.sqlite", "centre")).toMatch(/^centre: in order, \d+ records/);
    expect(await verified("copies.sqlite", "copies")).toMatch(/agent-L1: in order, \d+ records/);
  }, 60_000);

  test("a centre whose backup was put back hears from a line what has left the line's own file", async () => {
    await liveOn();
    await roll(journal.rolling()!, "journal", { upTo: journal.acknowledgedSeq(), records: 3 });
    const left = journal.rolling()!.segmentsOf("agent-L1").at(-1)!.lastSeq;
    await go();
    await come();
    await putBack();
    const site = await open();
    await until("found", () => site.centre.journals.older.view().isOlder);
    expect(left).toBeGreaterThan(4);
    await until("over", () => !site.centre.journals.older.view().isOlder);
    await until("held", isAcknowledged);
    expect(await claim(others, "L2", "L2-s1-2", granted)).toMatchObject({
      why: "claimedElsewhere",
    });
    expect(await claim(others, "L2", "L2-s1-3", released)).toMatchObject({
      why: "alreadyReleased",
    });
    await site.stop();
  }, 60_000);

  test("where the line has dropped them, its journal is not taken, and it says why", async () => {
    await liveOn();
    const [upTo, records] = [journal.acknowledgedSeq(), 3];
    await roll(journal.rolling()!, "journal", { upTo, records, bytesMax: 0 });
    await go();
    await come();
    await putBack();
    const site = await open();
    await until("doubted", () => agent.session.journalDoubt()?.why.startsWith("gone") === true);
    expect(agent.session.journalDoubt()).toMatchObject({ code: "journalFork" });
    expect(site.centre.journals.older.view()).toMatchObject({ isOlder: true });
    expect(site.centre.journals.standings.of("agent-L1").kind).not.toBe("taken");
    await site.stop();
  }, 60_000);
});
