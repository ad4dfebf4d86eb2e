// Goal: a line whose journal is lost gets going again by a person's act, and the act frees nothing
// (laws 1, 14, 18). Method: the whole centre on real stores with a short lease; agents whose journal
// is a new one, an old one, or one that was restored; a person at the routes.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { join } from "node:path";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { zCentreConfig } from "../../edge/centre/config.ts";
import { verifyGeneration } from "../../edge/journal/anchors/generation-word.ts";
import { emptyTail, generationBegun } from "../../edge/journal/chain.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { zUnsettled } from "../../protocols/ui/http.ts";
import { centreItself } from "../../edge/centre/acts/act-log.ts";
import { beltCount } from "../../protocols/units.ts";
import type { z } from "zod";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import { centreConfig } from "./kit/config.ts";
import {
  claimAnswersIn,
  documentRules,
  generationPublicKey,
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
const [held, lost, asked, other] = ["99000000001", "99000000002", "99000000003", "99000000004"];
let folder = "";
let link: MemoryLink;
let agent: TestAgent;

beforeEach(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
  link.cut("agent-L1");
  agent = openAgent(link, clock, "L1");
});

afterEach(async () => {
  await agent.session.stop();
  await removeFolder(folder);
});

const open = (): Promise<RunningCentre> => openCentre({ folder, clock, link, config });

// Passes are named by their session: s1 has the disk that is lost, s2 the empty one, s3 the new
// generation, s4 the old disk that comes back.
function induct(passId: string, waybill: string): void {
  agent.tell("L1", 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  agent.tell("L1", 1, { kind: "identified", passId, waybill, deviceId: "s" });
}

async function claim(passId: string, waybill: string) {
  agent.session.claim("L1", passId, waybill);
  const answer = () => claimAnswersIn(agent.down).find((each) => each.passId === passId);
  await until(`answer to ${passId}`, () => answer() !== undefined);
  return answer();
}

const isTaken = (site: RunningCentre): boolean =>
  site.centre.journals.standings.of("agent-L1").kind === "taken";

const green = (passId: string, waybill: string) => {
  const rest = { recordVersion: null, imageHash: null, rulesVersion: "r" };
  agent.tell("L1", 0, { kind: "decided", passId, exit: "green", reasons: [], waybill, ...rest });
  const count = beltCount(0);
  agent.tell("L1", 0, { kind: "left", passId, exit: "green", expected: "green", count });
};

/** A line that holds two waybills, one of which leaves by green in records that are never told. */
async function loseDisk(site: RunningCentre): Promise<TestAgent> {
  await sendDocuments(site, [held, lost, asked, other]);
  await until("taken", () => isTaken(site));
  induct("L1-s1-1", held);
  induct("L1-s1-2", lost);
  expect(await claim("L1-s1-1", held)).toMatchObject({ granted: true });
  expect(await claim("L1-s1-2", lost)).toMatchObject({ granted: true });
  await until("told", () => site.centre.site.passes.byId.get("L1-s1-2")?.waybill === lost);
  link.cut("agent-L1");
  green("L1-s1-2", lost);
  const old = agent;
  await old.session.stop();
  link.restore("agent-L1");
  agent = openAgent(link, clock, "L1");
  await until("known", () => agent.session.journalDoubt() !== null);
  return old;
}

const word = { askedBy: "zhou", station: "office", reason: "the disk is new" };

/** The act, and what the agent's shell does about it: it starts anew with a new journal. */
async function beginGeneration(site: RunningCentre): Promise<GenerationBegun> {
  const answer = await site.post("/api/agents/agent-L1/generation", word);
  expect(answer).toMatchObject({ status: 202, body: { agentId: "agent-L1", generation: 2 } });
  await until("begun", () => agent.begun.length > 0);
  const begun = agent.begun[0]!;
  await agent.session.stop();
  const journal = new MemoryJournal({ chain: begun.chain, clock, after: begun.after });
  await appendDurably(journal, [{ kind: "generation", begun }]);
  agent = openAgent(link, clock, "L1", journal);
  const session = { epoch: "s3", configHash: "0".repeat(64), logicVersion: "8" };
  agent.tell("L1", 0, { kind: "sessionOpened", ...session });
  await until("taken again", () => isTaken(site));
  return begun;
}

describe("case journal-fork-blind: a person begins a new generation", () => {
  test("it is signed, tied to the old end, waits out the last lease, and frees nothing", async () => {
    const site = await open();
    await loseDisk(site);
    agent.session.claim("L1", "L1-s2-1", asked);
    await until("waits", () => site.centre.counters()["claims"]?.["waiting"] === 1);

    const askedAt = clock.monotonic();
    const begun = await beginGeneration(site);
    expect(clock.monotonic() - askedAt).toBeGreaterThanOrEqual(2_000);
    expect(begun).toMatchObject({ chain: "agent-L1.g2", by: { name: "zhou", role: "supervisor" } });
    expect(verifyGeneration(begun, generationPublicKey)).toBe(true);
    expect(verifyGeneration({ ...begun, askedAt: begun.begunAt }, generationPublicKey)).toBe(
      begun.askedAt === begun.begunAt,
    );
    expect(begun.after).toMatchObject({ chain: "agent-L1", seq: 4 });

    for (const [passId, waybill] of [
      ["L1-s3-1", held],
      ["L1-s3-2", lost],
      ["L1-s3-3", asked],
    ] as const) {
      expect(await claim(passId, waybill)).toMatchObject({ why: "outcomeUnknown" });
    }
    expect(await claim("L1-s3-4", other)).toMatchObject({ granted: true });
    // Nobody's belt bears what nobody tells of.
    expect(site.centre.site.passes.openByLine.get("L1")?.has("L1-s1-1")).toBe(false);
    expect(site.centre.notReadyReasons().filter((why) => why.startsWith("journal of"))).toEqual([]);
    await site.crash();

    const second = await open();
    await until("taken after the restart", () => isTaken(second));
    expect(await claim("L1-s3-5", held)).toMatchObject({ why: "outcomeUnknown" });
    expect(second.centre.journals.generations.agents.get("agent-L1")).toMatchObject({
      generation: 2,
      asked: null,
    });
    expect(second.centre.site.passes.openByLine.get("L1")?.has("L1-s1-1") ?? false).toBe(false);
    await second.stop();
  }, 60_000);

  test("the old journal, brought in, settles what it tells of, and releases what it released", async () => {
    const site = await open();
    const old = await loseDisk(site);
    await beginGeneration(site);
    const records = await old.journal.readAfter(0, 100);
    const path = "/api/chains/agent-L1/records";
    const by = { broughtBy: "zhou", station: "office" };
    const fork = records.map((record) => ({ ...record, hash: "0".repeat(64) }));
    const refused = await site.post(path, { ...by, records: fork, isComplete: true });
    expect(refused).toMatchObject({ status: 409, body: { error: "recordsUnfit" } });
    const answer = await site.post(path, { ...by, records, isComplete: false });
    expect(answer).toMatchObject({ status: 200, body: { added: 2, unsettled: 1 } });
    expect(await claim("L1-s3-1", lost)).toMatchObject({ why: "alreadyReleased" });
    expect(await claim("L1-s3-2", held)).toMatchObject({ why: "outcomeUnknown" });
    // That there is nothing behind it says that what it left open was not released.
    await site.post(path, { ...by, records: [], isComplete: true });
    expect(await claim("L1-s3-3", held)).toMatchObject({ granted: true });
    expect(site.centre.site.scene.lines.get("L1")?.view.exits.green.count).toBe(1);
    await site.stop();
  }, 60_000);

  test("an end that is told while its records are still being taken is not yet one", async () => {
    const site = await open();
    const old = await loseDisk(site);
    await beginGeneration(site);
    const records = await old.journal.readAfter(0, 100);
    const whole = { broughtBy: "zhou", station: "office", records, isComplete: true };
    const bringIn = () => site.post("/api/chains/agent-L1/records", whole);
    const twice = await Promise.all([bringIn(), bringIn()]);
    expect(twice.map(({ status }) => status)).toEqual([200, 503]);
    expect(twice[1]).toMatchObject({ body: { error: "notJournalled" } });
    expect(await bringIn()).toMatchObject({ status: 200, body: { added: 0, unsettled: 0 } });
    expect(await claim("L1-s3-1", lost)).toMatchObject({ why: "alreadyReleased" });
    await site.stop();
  }, 60_000);

  test("the command brings a file in, batch by batch, and says what is left", async () => {
    const site = await open();
    const old = await loseDisk(site);
    await beginGeneration(site);
    const file = join(folder, "old.sqlite");
    const copied = await openJournal({ file, chain: "agent-L1", clock });
    if (copied.kind === "refused") throw new Error(copied.why);
    for (const { body } of await old.journal.readAfter(0, 100)) {
      await appendDurably(copied.journal, [JSON.parse(body)]);
    }
    await copied.journal.close();
    const url = await site.server.listen({ host: "127.0.0.1", port: 0 });
    const said: string[] = [];
    const bringIn = (...more: string[]) =>
      runJournalCli(["bring-in", file, ...more], {
        machineOf: createLineMachines(),
        out: (line) => said.push(line),
        err: (line) => said.push(line),
      });
    expect(await bringIn()).toBe(2);
    expect(said.pop()).toMatch(/bring-in wants --centre, --by and --station/);
    const whole = ["--centre", url, "--by", "zhou", "--station", "office"];
    expect(await bringIn(...whole)).toBe(0);
    expect(said.pop()).toBe("agent-L1: 2 records brought in, 6 are held; 1 waybills are unsettled");
    expect(await bringIn(...whole, "--complete")).toBe(0);
    expect(said.pop()).toMatch(/0 records brought in, 6 are held; 0 waybills/);
    expect(await claim("L1-s3-1", lost)).toMatchObject({ why: "alreadyReleased" });
    await site.stop();
    expect(await bringIn(...whole)).toBe(1);
    expect(said.pop()).toMatch(/does not answer/);
  }, 60_000);

  test("a person settles by name, and only what is unsettled", async () => {
    const site = await open();
    await loseDisk(site);
    await beginGeneration(site);
    const unsettled = async (): Promise<readonly string[]> => {
      const { body } = await site.get("/api/unsettled");
      return (body as z.infer<typeof zUnsettled>).map(({ waybill }) => waybill);
    };
    expect(await unsettled()).toEqual([held, lost]);
    const by = { settledBy: "zhou", station: "office", reason: "seen" };
    const settle = (waybill: string, outcome: string) =>
      site.post(`/api/waybills/${waybill}/settle`, { ...by, outcome });
    expect(await settle(other, "released")).toMatchObject({ status: 404 });
    expect(await settle(held, "notReleased")).toMatchObject({ body: { isReleased: false } });
    expect(await settle(lost, "released")).toMatchObject({ body: { isReleased: true } });
    expect(await claim("L1-s3-1", held)).toMatchObject({ granted: true });
    expect(await claim("L1-s3-2", lost)).toMatchObject({ why: "alreadyReleased" });
    expect(await unsettled()).toEqual([]);
    await site.crash();
    const second = await open();
    await until("taken after the restart", () => isTaken(second));
    expect(second.centre.counters()["claims"]).toMatchObject({ unsettled: 0 });
    await second.stop();
  }, 60_000);

  test("whose release finds no room stays unsettled, and is granted to nobody", async () => {
    const documents = { ...documentRules, documentsMax: 40 };
    const site = await openCentre({ folder, clock, link, config, documents });
    await loseDisk(site);
    await beginGeneration(site);
    const release = (n: number): Promise<boolean> => {
      const rest = { lineId: "L1", recordVersion: null, decidedAt: clock.wall() };
      const fields = { waybill: `8800000000${n}`, passId: `f${n}`, ...rest };
      const { desk } = site.centre.site;
      return new Promise((resolve) =>
        desk.applyRelease(fields, { by: centreItself }, (outcome) =>
          resolve(outcome.kind === "kept" && outcome.answer.accepted),
        ),
      );
    };
    let n = 0;
    while (await release(n)) n += 1;
    expect(n).toBe(40);
    const body = { settledBy: "zhou", station: "office", reason: "seen", outcome: "released" };
    const answer = await site.post(`/api/waybills/${lost}/settle`, body);
    expect(answer).toMatchObject({ status: 507, body: { error: "storeFull", field: "waybill" } });
    expect(await claim("L1-s3-1", lost)).toMatchObject({ why: "outcomeUnknown" });
    await site.stop();
  }, 60_000);

  test("an old disk that comes back is refused, told which generation it is, and starts that", async () => {
    const site = await open();
    const old = await loseDisk(site);
    await beginGeneration(site);
    await agent.session.stop();
    agent = openAgent(link, clock, "L1", old.journal);
    await until("known", () => agent.session.journalDoubt()?.code === "journalClosed");
    // Its chain has begun elsewhere already, so it is not for this disk to go on with it.
    expect(agent.begun).toEqual([]);
    agent.session.claim("L1", "L1-s4-1", other);
    await until("waits", () => site.centre.counters()["claims"]?.["waiting"] === 1);
    expect(claimAnswersIn(agent.down)).toEqual([]);
    await site.stop();
  }, 60_000);

  test("without a key of anchors nobody can begin one", async () => {
    const site = await openCentre({ folder, clock, link, config, isKeyless: true });
    await loseDisk(site);
    const answer = await site.post("/api/agents/agent-L1/generation", word);
    expect(answer).toMatchObject({ status: 409, body: { error: "noSigningKey" } });
    expect(agent.begun).toEqual([]);
    await site.stop();
  }, 60_000);

  test("an agent that nobody knows has none to begin", async () => {
    const site = await open();
    const unknown = await site.post("/api/agents/agent-L9/generation", word);
    expect(unknown).toMatchObject({ status: 404, body: { error: "unknownAgent" } });
    await site.stop();
  });
});

test("a generation's first record says what it is tied to, and nothing else fits", async () => {
  const site = await open();
  await loseDisk(site);
  const begun = await beginGeneration(site);
  const [first] = await agent.journal.readAfter(0, 1);
  expect(generationBegun(first!.body)).toEqual(begun);
  expect(first!.prevHash).toBe(emptyTail(begun.chain, begun.after).hash);
  expect(first!.prevHash).not.toBe(emptyTail(begun.chain).hash);
  await site.stop();
}, 60_000);
