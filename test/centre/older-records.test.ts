// Goal: a centre whose records were put back from a backup grants nothing to anybody before every
// agent has told again what it knows, or a person has named the one that will not come, and says what
// is lost (laws 1, 17, 18). Method: the whole centre on real stores, whose files are copied and put
// back between two runs; two lines, of which one may be away; a person at the routes.
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { zCentreConfig } from "../../edge/centre/config.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { roleHeader } from "../../protocols/actor.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import type { SignedEnd } from "../../protocols/generation.ts";
import { epochOf, passIdOf } from "../../protocols/pass-id.ts";
import type { zRecordsView } from "../../protocols/ui/http.ts";
import { beltCount } from "../../protocols/units.ts";
import { createHurriedClock, passed } from "../kit/hurried-clock.ts";
import { centreConfig } from "./kit/config.ts";
import {
  claimAnswersIn,
  openAgent,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
  type TestAgent,
  isReleased,
  recordOf,
} from "./kit/site.ts";

const clock = createHurriedClock();
const config = zCentreConfig.parse({ ...centreConfig(), clearance: { leaseMs: 2_000 } });
const [earlier, granted, released, other] = [
  "99000000001",
  "99000000002",
  "99000000003",
  "99000000004",
] as const;
const stores = ["centre.sqlite", "copies.sqlite"] as const;
type Store = (typeof stores)[number];
type LineId = "L1" | "L2";

let folder = "";
let backup = "";
let link: MemoryLink;
let agents: Map<LineId, TestAgent>;

beforeEach(async () => {
  [folder, backup] = [await temporaryFolder(), await temporaryFolder()];
  link = createMemoryLink({ clock });
  for (const lineId of ["L1", "L2"]) link.cut(`agent-${lineId}`);
  agents = new Map();
  come("L1");
  come("L2");
});

afterEach(async () => {
  for (const { session } of agents.values()) await session.stop();
  await removeFolder(folder);
  await removeFolder(backup);
});

const open = (signedEnds: readonly SignedEnd[] = []): Promise<RunningCentre> =>
  openCentre({ folder, clock, link, config, signedEnds });
const agentOf = (lineId: LineId): TestAgent => agents.get(lineId)!;
const go = (lineId: LineId): Promise<void> => agentOf(lineId).session.stop();

/** Its journal goes on, where it has one. */
function come(lineId: LineId): void {
  const journal = agents.get(lineId)?.journal;
  agents.set(lineId, openAgent(link, clock, lineId, journal));
}

const answerTo = (lineId: LineId, passId: string) =>
  claimAnswersIn(agentOf(lineId).down).find((each) => each.passId === passId);

function ask(lineId: LineId, passId: string, waybill: string): void {
  const agent = agentOf(lineId);
  agent.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  agent.tell(lineId, 1, { kind: "identified", passId, waybill, deviceId: "s" });
  agent.session.claim(lineId, passId, waybill);
}

/** As the line does it: what it was answered is in its journal. */
async function claim(lineId: LineId, passId: string, waybill: string) {
  ask(lineId, passId, waybill);
  await until(`answer to ${passId}`, () => answerTo(lineId, passId) !== undefined);
  const answer = answerTo(lineId, passId)!;
  const { granted: isGranted, why } = answer;
  const fact = { kind: "claimAnswered", passId, waybill, granted: isGranted, why } as const;
  agentOf(lineId).tell(lineId, 1, fact);
  return answer;
}

/** Dated as an agent does it: the session in a later generation is the later one. */
const epochIn = (chain: string): string =>
  epochOf(1_790_000_000 + nameOfChain(chain).generation, "0".repeat(8));

function green(lineId: LineId, passId: string, waybill: string): void {
  const rest = { waybill, recordVersion: null, imageHash: null, rulesVersion: "r" };
  const exit = "green";
  agentOf(lineId).tell(
    lineId,
    0,
    { kind: "decided", passId, exit, reasons: [], ...rest },
    { kind: "left", passId, exit, expected: exit, count: beltCount(0) },
  );
}

async function copyStores(from: string, to: string, which: readonly Store[] = stores) {
  for (const store of which) {
    for (const suffix of ["", "-wal", "-shm"]) {
      await rm(join(to, store + suffix), { force: true });
      await cp(join(from, store + suffix), join(to, store + suffix)).catch((error: unknown) => {
        if (suffix === "") throw error;
      });
    }
  }
}

/** A backup is made while one claim is open; then one more is granted, and another waybill leaves. */
async function liveOn(): Promise<void> {
  const first = await open();
  await sendDocuments(first, [earlier, granted, released, other]);
  expect(await claim("L1", "L1-s1-1", earlier)).toMatchObject({ granted: true });
  await until("held", () => first.centre.site.passes.byId.get("L1-s1-1")?.facts.length === 3);
  await first.stop();
  await copyStores(folder, backup);
  const second = await open();
  expect(await claim("L1", "L1-s1-2", granted)).toMatchObject({ granted: true });
  expect(await claim("L1", "L1-s1-3", released)).toMatchObject({ granted: true });
  green("L1", "L1-s1-3", released);
  await until("released", () => isReleased(second, released));
  const toldSeq = () => agentOf("L2").journal.notedCentre()?.seq ?? 0;
  const before = toldSeq();
  await until("the other line has been told", () => toldSeq() > before);
  await second.crash();
}

const view = async (site: RunningCentre): Promise<z.infer<typeof zRecordsView>> =>
  (await site.get("/api/records")).body;
const alarmsOf = (site: RunningCentre): readonly string[] =>
  [...site.centre.site.scene.alarms.values()]
    .map(({ code }) => code)
    .filter((code) => code.startsWith("records"));
const isWaiting = (site: RunningCentre): boolean =>
  site.centre.counters()["claims"]!["waiting"]! > 0;
const byZhou = { station: "office", reason: "the disk has burnt" };

describe("a backup of the centre is put back", () => {
  test("nobody is granted anything before the line that is away has told what it knows", async () => {
    await liveOn();
    await go("L1");
    await copyStores(backup, folder);
    const site = await open();
    ask("L2", "L2-s1-1", other);
    await until("found", () => site.centre.journals.older.view().isOlder);
    await until("waits", () => isWaiting(site));
    expect(site.centre.notReadyReasons().join()).toMatch(
      /records are older .*agent-L1 \(not heard\)/,
    );
    await until("told", () => alarmsOf(site).length === 2);
    expect(alarmsOf(site)).toEqual(["recordsOlder", "recordsLost"]);
    const shown = await view(site);
    expect(shown).toMatchObject({ isOlder: true });
    expect(shown.lostRecords).toBeGreaterThan(2);
    expect(shown.awaited.map(({ agentId }) => agentId)).toContain("agent-L1");

    // Nor after one more restart.
    await site.crash();
    const again = await open();
    ask("L2", "L2-s1-2", other);
    await until("waits again", () => isWaiting(again));
    await passed(clock, 4_500);
    expect(await view(again)).toMatchObject({
      isOlder: true,
      lostRecords: shown.lostRecords,
      awaited: [{ agentId: "agent-L1", isHeard: false, missing: [] }],
    });
    expect(claimAnswersIn(agentOf("L2").down)).toEqual([]);

    come("L1");
    await until("over", () => !again.centre.journals.older.view().isOlder);
    await until("answered", () => answerTo("L2", "L2-s1-2") !== undefined);
    expect(answerTo("L2", "L2-s1-2")).toMatchObject({ granted: true });
    expect(await claim("L2", "L2-s1-3", earlier)).toMatchObject({ why: "claimedElsewhere" });
    expect(await claim("L2", "L2-s1-4", granted)).toMatchObject({ why: "claimedElsewhere" });
    expect(await claim("L2", "L2-s1-5", released)).toMatchObject({ why: "alreadyReleased" });
    expect(again.centre.counters()["claims"]).toMatchObject({ learnedTotal: 2 });
    expect(again.centre.notReadyReasons()).toEqual([]);

    // What was lost of the centre's own stays told until a person has seen to it.
    await until("the rest is told no more", () => alarmsOf(again).length === 1);
    expect(alarmsOf(again)).toEqual(["recordsLost"]);
    expect((await again.get("/healthz")).body).toMatchObject({
      storage: [expect.stringMatching(/or more of its own records are lost/)],
    });
    const seen = { ...byZhou, seenBy: "zhou" };
    const answer = await again.post("/api/records/lost/seen", seen);
    expect(answer).toMatchObject({ status: 200, body: { lostRecords: 0 } });
    await until("told no more", () => alarmsOf(again).length === 0);
    expect(await again.post("/api/records/lost/seen", seen)).toMatchObject({ status: 404 });
    await again.crash();
    const third = await open();
    await until("taken", () => third.centre.journals.standings.of("agent-L2").kind === "taken");
    expect(await view(third)).toEqual({ isOlder: false, lostRecords: 0, awaited: [] });
    await third.stop();
  }, 60_000);

  test("a supervisor names the line that will not come, and what it held stays held", async () => {
    await liveOn();
    for (const lineId of ["L1", "L2"] as const) await go(lineId);
    await copyStores(backup, folder);
    const site = await open();
    const naming = { ...byZhou, namedBy: "zhou" };
    const name = (agentId: string) => site.post(`/api/agents/${agentId}/missing`, naming);
    expect(await name("agent-L1")).toMatchObject({ status: 404, body: { error: "notAwaited" } });
    come("L2");
    ask("L2", "L2-s1-1", other);
    await until("found", () => site.centre.journals.older.view().isOlder);
    expect(await name("agent-L9")).toMatchObject({ status: 404, body: { error: "unknownAgent" } });
    const asFloor = await site.server.inject({
      method: "POST",
      url: "/api/agents/agent-L1/missing",
      headers: { [roleHeader]: "floor" },
      payload: naming,
    });
    expect(asFloor.statusCode).toBe(403);
    // One that is here and only has to catch up is not missing.
    await until("heard", () =>
      site.centre.journals.older.view().awaited.every(({ agentId, isHeard, missing }) => {
        return agentId !== "agent-L2" || (isHeard && missing.length === 0);
      }),
    );
    expect(await name("agent-L2")).toMatchObject({ body: { error: "notAwaited" } });
    expect(await name("agent-L1")).toMatchObject({ status: 200 });
    await until("over", () => !site.centre.journals.older.view().isOlder);
    await until("answered", () => answerTo("L2", "L2-s1-1") !== undefined);
    expect(await claim("L2", "L2-s1-2", earlier)).toMatchObject({ why: "claimedElsewhere" });
    // What only the missing line knew nobody can know: that is what the person was told.
    expect(await claim("L2", "L2-s1-3", granted)).toMatchObject({ granted: true });

    // It comes all the same: nothing is granted until it has told, and both are doubted.
    come("L1");
    await until("found again", () => site.centre.journals.older.view().isOlder);
    await until("over again", () => !site.centre.journals.older.view().isOlder);
    expect(site.centre.site.claims.counters()).toMatchObject({ learnedTotal: 2 });
    const record = (await recordOf(site, granted))!;
    expect(site.centre.site.claims.seenByLines(record)).toMatchObject({
      standing: "notReleasable",
      reasons: [{ code: "claimedElsewhere" }],
    });
    await site.stop();
  }, 60_000);

  test("its own journal alone: the copies give back who holds what, and the rest is told as lost", async () => {
    await liveOn();
    await copyStores(backup, folder, ["centre.sqlite"]);
    const site = await open();
    ask("L2", "L2-s1-1", granted);
    await until("found", () => site.centre.journals.older.view().isOlder);
    await until("over", () => !site.centre.journals.older.view().isOlder);
    await until("answered", () => answerTo("L2", "L2-s1-1") !== undefined);
    expect(answerTo("L2", "L2-s1-1")).toMatchObject({ why: "claimedElsewhere" });
    expect(await claim("L2", "L2-s1-2", released)).toMatchObject({ why: "alreadyReleased" });
    expect((await view(site)).lostRecords).toBeGreaterThan(2);
    await site.stop();
  }, 60_000);

  test("the copies alone: nothing of the centre's own is lost, and it waits all the same", async () => {
    await liveOn();
    await go("L1");
    await copyStores(backup, folder, ["copies.sqlite"]);
    const site = await open();
    come("L1");
    await until("found", () => site.centre.journals.older.view().isOlder);
    expect((await view(site)).lostRecords).toBe(0);
    await until("told", () => alarmsOf(site).length > 0);
    expect(alarmsOf(site)).toEqual(["recordsOlder"]);
    await until("over", () => !site.centre.journals.older.view().isOlder);
    expect(await claim("L2", "L2-s1-1", granted)).toMatchObject({ why: "claimedElsewhere" });
    expect(site.centre.site.claims.counters()).toMatchObject({ learnedTotal: 0 });
    await site.stop();
  }, 60_000);

  test("a generation that only the lines know of is waited for until its file is brought in", async () => {
    const first = await open();
    await sendDocuments(first, [earlier, granted, other]);
    expect(await claim("L1", "L1-s1-1", earlier)).toMatchObject({ granted: true });
    await first.stop();
    await copyStores(folder, backup);
    const second = await open();
    const begin = async (site: RunningCentre): Promise<void> => {
      const word = { ...byZhou, askedBy: "zhou" };
      const answer = await site.post("/api/agents/agent-L1/generation", word);
      expect(answer.status).toBe(202);
      await until("begun", () => agentOf("L1").begun.length > 0);
      const [begun] = agentOf("L1").begun;
      await go("L1");
      const journal = new MemoryJournal({ chain: begun!.chain, clock, after: begun!.after });
      await appendDurably(journal, [{ kind: "generation", begun: begun! }]);
      agents.set("L1", openAgent(link, clock, "L1", journal));
      const session = { epoch: epochIn(begun!.chain), configHash: "0".repeat(64) };
      agentOf("L1").tell("L1", 0, { kind: "sessionOpened", ...session, logicVersion: "8" });
    };
    await begin(second);
    const passId = passIdOf({ lineId: "L1", epoch: epochIn("agent-L1.g2"), number: 1 });
    expect(await claim("L1", passId, granted)).toMatchObject({ granted: true });
    const toldSeq = () => agentOf("L2").journal.notedCentre()?.seq ?? 0;
    const before = toldSeq();
    await until("the other line has been told", () => toldSeq() > before);
    await second.crash();
    await copyStores(backup, folder);

    const site = await open();
    await until("refused", () => agentOf("L1").session.journalDoubt()?.code === "journalFork");
    const old = agentOf("L1").journal;
    await begin(site);
    expect(agentOf("L1").journal.chain).toBe("agent-L1.g3");
    ask("L2", "L2-s1-1", granted);
    await until("only its file is missing", () => {
      const [one, ...more] = site.centre.journals.older.view().awaited;
      return more.length === 0 && one?.missing[0]?.chain === "agent-L1.g2";
    });
    expect(answerTo("L2", "L2-s1-1")).toBeUndefined();
    const records = await old.readAfter(0, 100);
    const path = "/api/chains/agent-L1.g2/records";
    const file = { broughtBy: "zhou", station: "office", records, isComplete: false };
    expect(await site.post(path, file)).toMatchObject({ status: 200, body: { unsettled: 2 } });
    await until("answered", () => answerTo("L2", "L2-s1-1") !== undefined);
    expect(answerTo("L2", "L2-s1-1")).toMatchObject({ why: "outcomeUnknown" });
    expect(await claim("L2", "L2-s1-2", other)).toMatchObject({ granted: true });
    await site.crash();
    const again = await open();
    await until("taken", () => again.centre.journals.standings.of("agent-L2").kind === "taken");
    expect(await claim("L2", "L2-s1-3", granted)).toMatchObject({ why: "outcomeUnknown" });
    await again.stop();
  }, 60_000);

  test("one that has grown beyond what the lines remember is known by its record's hash", async () => {
    await liveOn();
    await go("L1");
    await go("L2");
    await copyStores(backup, folder);
    const alone = await open();
    const told = agentOf("L2").journal.notedCentre()!.seq;
    for (let n = 10; n < 30; n += 1) await sendDocuments(alone, [`990000000${n}`]);
    await alone.stop();
    const site = await open();
    come("L2");
    ask("L2", "L2-s1-1", other);
    await until("found", () => site.centre.journals.older.view().isOlder);
    expect(told).toBeGreaterThan(0);
    expect((await view(site)).lostRecords).toBe(1);
    await site.stop();
  }, 60_000);
});

describe("what an earlier run has signed", () => {
  test("shows it although no line is here that knows", async () => {
    await liveOn();
    const end = agentOf("L2").journal.notedCentre()!;
    await go("L1");
    await go("L2");
    await copyStores(backup, folder);
    // A controller with a new disk has never heard of the centre.
    agents.delete("L2");
    const site = await open([
      { ...end, isOwn: true },
      { chain: "agent-L1", seq: 5, hash: "a".repeat(64), isOwn: false },
    ]);
    come("L2");
    ask("L2", "L2-s1-1", granted);
    await until("waits", () => isWaiting(site));
    expect(await view(site)).toMatchObject({ isOlder: true });
    expect((await view(site)).lostRecords).toBeGreaterThan(2);
    await until("only one is awaited", () => {
      const { awaited } = site.centre.journals.older.view();
      return awaited.length === 1 && awaited[0]?.agentId === "agent-L1";
    });
    expect((await view(site)).awaited).toMatchObject([
      { isHeard: false, missing: [{ chain: "agent-L1", wantedSeq: 5 }] },
    ]);
    come("L1");
    await until("answered", () => answerTo("L2", "L2-s1-1") !== undefined);
    expect(answerTo("L2", "L2-s1-1")).toMatchObject({ why: "claimedElsewhere" });
    await site.stop();
  }, 60_000);

  test("and says nothing of records that are all here", async () => {
    const first = await open();
    await sendDocuments(first, [earlier]);
    await first.stop();
    const again = await openJournal({
      file: join(folder, "centre.sqlite"),
      chain: "centre",
      clock,
    });
    if (again.kind === "refused") throw new Error(again.why);
    const end = again.journal.tail();
    await again.journal.close();
    const site = await open([
      { ...end, isOwn: true },
      { chain: "agent-L9", seq: 7, hash: "a".repeat(64), isOwn: false },
    ]);
    expect(await view(site)).toEqual({ isOlder: false, lostRecords: 0, awaited: [] });
    await site.stop();
  });
});

test("records that are not older wait for nobody, once the lines that are here have said so", async () => {
  const first = await open();
  await sendDocuments(first, [earlier, other]);
  expect(await claim("L1", "L1-s1-1", earlier)).toMatchObject({ granted: true });
  await first.crash();
  const second = await open();
  const at = clock.monotonic();
  expect(await claim("L2", "L2-s1-2", other)).toMatchObject({ granted: true });
  expect(clock.monotonic() - at).toBeLessThan(3_000);
  expect(await view(second)).toEqual({ isOlder: false, lostRecords: 0, awaited: [] });
  await second.stop();
});
