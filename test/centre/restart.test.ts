// Goal: what the centre knew before it went down it knows after (laws 1, 12, 13; S9), whether it
// was stopped or killed. Method: real stores on disk, closed and opened again with and without the
// last checkpoint, while the line goes on.
import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { passIdOf } from "../../protocols/pass-id.ts";
import { beltCount } from "../../protocols/units.ts";
import { zLinesAnswer } from "../../protocols/ui/http.ts";
import { tellPass } from "../../edge/centre/lines/passes.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import {
  claimAnswersIn,
  openAgent,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  lookAt,
  until,
  type RunningCentre,
  type TestAgent,
  isReleased,
  recordOf,
} from "./kit/site.ts";

const clock = createHurriedClock();
const image = new TextEncoder().encode("pixels");
const imageHash = hash("sha256", image, "hex");
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

const open = (): Promise<RunningCentre> => openCentre({ folder, clock, link });
const answerOf = (passId: string) =>
  claimAnswersIn(agent.down).findLast((answer) => answer.passId === passId);

async function claim(passId: string, waybill: string) {
  const before = agent.down.length;
  agent.session.claim("L1", passId, waybill);
  await until("answer", () =>
    claimAnswersIn(agent.down.slice(before)).some((answer) => answer.passId === passId),
  );
  return answerOf(passId);
}

/** Of one session of L1. */
const passId = (number: number): string => passIdOf({ lineId: "L1", epoch: "s1", number });

const induct = (passId: string, front: number, lineId = "L1"): void =>
  agent.tell(lineId, front, { kind: "inducted", passId, frontCount: beltCount(front) });
const leave = (passId: string, exit: "green" | "red" | "inspection"): void =>
  agent.tell("L1", 0, { kind: "left", passId, exit, expected: exit, count: beltCount(0) });
const green = (passId: string, waybill: string): void =>
  agent.tell("L1", 0, {
    kind: "decided",
    passId,
    exit: "green",
    reasons: [],
    waybill,
    recordVersion: null,
    imageHash: null,
    rulesVersion: "r",
  });
const algorithm = (verdict: "suspect" | "unknown"): void =>
  agent.tell("L1", 10, {
    kind: "algorithmAnswered",
    passId: "p1",
    imageHash,
    verdict,
    boxes: [],
  });
const applied = (site: RunningCentre): number =>
  site.centre.counters()["intake"]?.["factsTotal"] ?? 0;

describe.each([
  ["stopped", (site: RunningCentre) => site.stop()],
  ["killed", (site: RunningCentre) => site.crash()],
])("a centre that was %s and comes back", (_name, end) => {
  test("knows documents, claims, releases, counts and who is on the belt", async () => {
    const first = await open();
    await sendDocuments(first, ["99000000001", "99000000002", "99000000003"]);
    for (const n of [1, 2, 3]) {
      induct(passId(n), n);
      agent.tell("L1", n, {
        kind: "identified",
        passId: passId(n),
        waybill: `9900000000${n}`,
        deviceId: "s",
      });
      expect(await claim(passId(n), `9900000000${n}`)).toMatchObject({ granted: true });
    }
    green(passId(1), "99000000001");
    leave(passId(1), "green");
    leave(passId(2), "inspection");
    agent.tell("L1", 9, {
      kind: "lineState",
      state: "Execute",
      inductionPermitted: true,
      conditions: [],
    });
    await until("told", () => applied(first) >= 10);
    const story = first.centre.site.passes.byId.get(passId(3));
    const known = [1, 2, 3].map((n) => `9900000000${n}`);
    const records = await Promise.all(known.map((waybill) => recordOf(first, waybill)));
    expect(records).not.toContain(null);
    await end(first);

    // The line goes on while the centre is away.
    induct(passId(4), 4);
    leave(passId(3), "red");
    const second = await open();
    await until("caught up", () => second.centre.site.passes.byId.has(passId(4)));
    const { passes, scene } = second.centre.site;
    expect(await Promise.all(known.map((waybill) => recordOf(second, waybill)))).toEqual(records);
    const released = ["99000000001", "99000000002"].map((waybill) => isReleased(second, waybill));
    expect(await Promise.all(released)).toEqual([true, false]);
    const { view } = scene.lines.get("L1")!;
    expect(view.state).toBe("Execute");
    expect([view.exits.green.count, view.exits.inspection.count, view.exits.red.count]).toEqual([
      1, 1, 1,
    ]);
    expect(tellPass(passes.byId.get(passId(3))!).timeline.slice(0, 2)).toEqual(
      tellPass(story!).timeline.slice(0, 2),
    );
    // Claims: p2 has left, so its waybill is free; p1's is released; p3 left while we were away.
    expect(await claim(passId(5), "99000000002")).toMatchObject({ granted: true });
    expect(await claim(passId(6), "99000000001")).toMatchObject({ why: "alreadyReleased" });
    expect(await claim(passId(7), "99000000003")).toMatchObject({ granted: true });
    await end(second);
    const third = await open();
    expect(await claim(passId(8), "99000000002")).toMatchObject({ why: "claimedElsewhere" });
    expect(third.centre.counters()["acts"]?.["unreadableTotal"]).toBe(0);
    expect(third.centre.site.scene.lines.get("L1")?.view.exits.green.count).toBe(1);
    await third.stop();
  });

  test("S9: a decision is recorded once, and told to the line again", async () => {
    const first = await open();
    agent.stand("L1", 10);
    agent.session.image("p1", imageHash, image);
    induct("p1", 10);
    agent.tell("L1", 10, { kind: "imaged", passId: "p1", imageHash, itemSequence: 1 });
    algorithm("suspect");
    await until("task", () => first.centre.site.officers.tasks.has("p1"));
    const li = { officer: "li", station: "d" };
    await lookAt(first, "p1", li);
    const request = {
      cmdId: "c1",
      taskId: "p1",
      passId: "p1",
      imageHash,
      decision: "release",
      reason: null,
      ...li,
      shownAt: clock.wall() - 1_000,
      decidedAt: clock.wall(),
    };
    const answer = await first.post("/api/officer/decisions", request);
    expect(answer.body).toEqual({ cmdId: "c1", accepted: true, why: null });
    await end(first);
    const told = agent.down.length;
    const second = await open();
    expect(second.centre.site.officers.tasks.size).toBe(0);
    expect((await second.post("/api/officer/decisions", request)).body).toEqual(answer.body);
    await until("told again", () =>
      agent.down
        .slice(told)
        .some((message) => message.kind === "officerVerdict" && message.verdict.verdictId === "c1"),
    );
    await second.stop();
  });
});

describe("law 12: an image that was lost on the way", () => {
  test("is asked for until it comes, and only then offered to an officer", async () => {
    const site = await open();
    agent.stand("L1", 10);
    agent.images.set(imageHash, image);
    induct("p1", 10);
    agent.tell("L1", 10, { kind: "imaged", passId: "p1", imageHash, itemSequence: 1 });
    algorithm("unknown");
    await until("task", () => site.centre.site.officers.tasks.has("p1"));
    expect(site.centre.counters()["images"]).toMatchObject({ askedTotal: 1, waiting: 0 });
    await site.stop();
  });
});

describe("W3: a line that falls silent", () => {
  test("is an alarm, and /api/lines says that what it shows is old", async () => {
    const site = await open();
    const isAlarm = (): boolean =>
      [...site.centre.site.scene.alarms.values()].some(
        ({ code, lineId }) => code === "lineNotHeard" && lineId === "L1",
      );
    const isHeard = async (): Promise<boolean | undefined> =>
      zLinesAnswer.parse((await site.get("/api/lines")).body).find(({ id }) => id === "L1")
        ?.isHeard;
    induct("p1", 1);
    await until("heard", () => site.centre.site.scene.lines.get("L1")?.view.isHeard === true);
    expect(await isHeard()).toBe(true);
    expect(isAlarm()).toBe(false);
    await agent.session.stop();
    await until("alarm", isAlarm);
    expect(await isHeard()).toBe(false);
    await site.stop();
  });
});

describe("case journal-fork-blind: a line whose journal is shorter than the centre's copy", () => {
  test("gets no claim, says so itself, and is named at its own line as long as it is so", async () => {
    const site = await open();
    await sendDocuments(site, ["99000000001"]);
    agent.stand("L1", 0);
    await agent.session.stop();
    agent = openAgent(link, clock, "L2");
    induct("p1", 1, "L2");
    induct("p2", 2, "L2");
    await until("copied", () => applied(site) === 2);
    await agent.session.stop();

    agent = openAgent(link, clock, "L2");
    await until("the agent knows", () => agent.session.journalDoubt() !== null);
    expect(agent.session.journalDoubt()).toMatchObject({ code: "journalShortened" });
    const alarms = (): readonly string[] =>
      [...site.centre.site.scene.alarms.values()]
        .filter(({ code }) => code.startsWith("journal"))
        .map(({ lineId, code }) => `${lineId} ${code}`);
    expect(alarms()).toEqual(["L2 journalShortened"]);
    const conditions = (lineId: string) =>
      site.centre.site.scene.lines.get(lineId)?.view.conditions;
    expect([conditions("L1"), conditions("L2")]).toEqual([[], ["journalNotTaken"]]);
    const told = site.centre.notReadyReasons().filter((reason) => reason.startsWith("journal of"));
    expect(told).toEqual([
      "journal of agent-L2: not taken: journalShortened: it ends at 0, 2 are held here",
    ]);

    for (const n of [1, 2, 3, 4]) induct(`q${n}`, n, "L2");
    agent.session.claim("L2", "L2-s2-1", "99000000001");
    await until("asked", () => site.centre.counters()["claims"]?.["waiting"] === 1);
    expect(site.centre.site.passes.byId.has("q3")).toBe(false);
    expect(claimAnswersIn(agent.down)).toEqual([]);
    await site.stop();
  });

  test("case restored-and-grown: another history that outgrew the copy is named at once", async () => {
    const site = await open();
    await agent.session.stop();
    agent = openAgent(link, clock, "L2");
    for (const n of [1, 2, 3]) induct(`p${n}`, n, "L2");
    await until("copied", () => applied(site) === 3);
    await agent.session.stop();

    link.cut("agent-L2");
    agent = openAgent(link, clock, "L2");
    for (const n of [1, 2, 3, 4, 5, 6]) induct(`q${n}`, n, "L2");
    await until("written", () => agent.journal.lastSeq() === 6);
    link.restore("agent-L2");
    const restoredAt = clock.monotonic();
    const isTold = (): boolean =>
      site.centre.notReadyReasons().some((reason) => reason.includes("journalFork: record 3"));
    await until("told", isTold);
    expect(clock.monotonic() - restoredAt).toBeLessThan(5_000);
    const conditions = site.centre.site.scene.lines.get("L2")?.view.conditions;
    expect(conditions).toContain("journalNotTaken");
    const codes = [...site.centre.site.scene.alarms.values()].map(({ code }) => code);
    expect(codes).toContain("journalFork");
    expect(agent.session.journalDoubt()).toMatchObject({ code: "journalFork" });
    expect(applied(site)).toBe(3);
    await site.stop();
  });
});
