// Goal: a story that the centre could tell before a restart it tells after it, word for word (S8),
// and telling it again does nothing else. Method: real stores on disk, two lines, a centre that is
// stopped or killed and opened on the same folder; what bounds the reading back is tried by itself.
import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newPassBook, takeOldFact } from "../../edge/centre/lines/passes.ts";
import { shareStories } from "../../edge/centre/lines/story-shares.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import type { Fact } from "../../protocols/facts.ts";
import { zControlAnswer, zStory } from "../../protocols/ui/http.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import {
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
let folder = "";
let link: MemoryLink;
let lines: readonly TestAgent[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
  for (const id of ["agent-L1", "agent-L2"]) link.cut(id);
  lines = [openAgent(link, clock, "L1"), openAgent(link, clock, "L2")];
});

afterEach(async () => {
  for (const { session } of lines) await session.stop();
  await removeFolder(folder);
});

const open = (): Promise<RunningCentre> => openCentre({ folder, clock, link });
const factsTotal = (site: RunningCentre): number =>
  site.centre.counters()["intake"]?.["factsTotal"] ?? 0;

/** Tells facts one step each, and waits until the centre has heard them all. */
async function tell(site: RunningCentre, line: 1 | 2, ...facts: readonly Fact[]): Promise<void> {
  const before = factsTotal(site);
  for (const fact of facts) lines[line - 1]?.tell(`L${line}`, 10, fact);
  await until("told", () => factsTotal(site) === before + facts.length);
}

const read = (passId: string, waybill: string): readonly Fact[] => [
  { kind: "inducted", passId, frontCount: beltCount(10) },
  { kind: "identified", passId, waybill, deviceId: "s" },
];
const begin = (passId: string, waybill: string): readonly Fact[] => {
  const imageHash = hash("sha256", passId, "hex");
  return [
    ...read(passId, waybill),
    { kind: "imaged", passId, imageHash, itemSequence: 1 },
    { kind: "algorithmAnswered", passId, imageHash, verdict: "suspect", boxes: [] },
  ];
};
const leave = (passId: string, exit: "green" | "inspection"): Fact => ({
  kind: "left",
  passId,
  exit,
  expected: exit,
  count: beltCount(99),
});
const alarm = (passId: string): Fact => ({ kind: "alarm", code: "wrongGreen", passId, params: {} });
const session: Fact = {
  kind: "sessionOpened",
  epoch: "e2",
  configHash: "c".repeat(64),
  logicVersion: "1",
};

const [early, twice, cut, open1, later] = [1, 2, 3, 4, 5].map((n) => `9901234000${n}`) as [
  string,
  string,
  string,
  string,
  string,
];
const waybills = [early, twice, cut, open1, later];

async function stories(site: RunningCentre) {
  // First: nothing has waited for the stories of before a restart yet.
  const byPass = await site.get("/api/passes/early-1");
  const told = [];
  for (const waybill of waybills) {
    told.push(zStory.parse((await site.get(`/api/parcels/${waybill}`)).body));
  }
  return [...told, zStory.parse(byPass.body)];
}

/** A first run that ends in order, and a second one that goes on from there. */
async function twoRuns(): Promise<RunningCentre> {
  const first = await open();
  await sendDocuments(first, waybills);
  await tell(first, 1, ...begin("early-1", early));
  // It begins before the other ends, and is on its belt all the time.
  await tell(first, 1, ...begin("open-1", open1));
  await tell(first, 1, leave("early-1", "green"));
  // First over the line whose journal is read last.
  await tell(
    first,
    2,
    ...begin("twice-2", twice),
    leave("twice-2", "inspection"),
    alarm("twice-2"),
  );
  await tell(first, 1, ...begin("twice-1", twice), leave("twice-1", "green"));
  await tell(first, 2, ...begin("cut-2", cut), session);
  await first.stop();
  const second = await open();
  await tell(second, 2, ...read("later-2", later), leave("later-2", "inspection"));
  return second;
}

describe.each([
  ["stopped", (site: RunningCentre) => site.stop()],
  ["killed", (site: RunningCentre) => site.crash()],
])("S8: a centre that was %s and comes back", (_name, end) => {
  test("tells every story that it told before, in the same words and order", async () => {
    const second = await twoRuns();
    const before = await stories(second);
    expect(before.map(({ passes }) => passes.map(({ passId }) => passId))).toEqual([
      ["early-1"],
      ["twice-2", "twice-1"],
      ["cut-2"],
      ["open-1"],
      ["later-2"],
      ["early-1"],
    ]);
    expect(before[1]?.passes[0]?.timeline.map(({ fact }) => fact.kind)).toEqual([
      ...begin("twice-2", twice).map(({ kind }) => kind),
      "left",
      "alarm",
    ]);
    await end(second);
    const third = await open();
    expect(await stories(third)).toEqual(before);
    await end(third);
    const fourth = await open();
    expect(await stories(fourth)).toEqual(before);
    await fourth.stop();
  });

  test("does nothing about what is over: no alarm, no image, no task, no count; but knows it", async () => {
    const second = await twoRuns();
    const exits = () => second.centre.site.scene.lines.get("L1")?.view.exits;
    const counted = exits();
    await end(second);
    const third = await open();
    expect(await third.centre.site.stories.whenRead()).toBe(true);
    expect(third.centre.hub.counters().alarmsTotal).toBe(0);
    // Only of the pass that is open, and of the one that began after it.
    expect(third.centre.counters()["images"]).toMatchObject({ waiting: 2 });
    expect(third.centre.site.officers.tasks.size).toBe(0);
    expect(third.centre.site.scene.lines.get("L1")?.view.exits).toEqual(counted);
    expect([...third.centre.site.passes.openByLine.values()].flatMap((ids) => [...ids])).toEqual([
      "open-1",
    ]);
    // PF-22: it left by green, so a person must fetch it.
    const control = { cmdId: "k1", reason: "tip", placedBy: "zhao", station: "risk-1" };
    const answer = await third.post("/api/controls", { ...control, waybill: early });
    expect(zControlAnswer.parse(answer.body).effect).toBe("intercept");
    await third.stop();
  });
});

describe("what a restart reads back is bounded", () => {
  const sharesOf = (wanted: Readonly<Record<string, number>>, recordsMax: number) =>
    Object.fromEntries(shareStories(new Map(Object.entries(wanted)), recordsMax));

  test("what all want together fits: each gets it", () => {
    expect(sharesOf({ a: 10, b: 0, c: 90 }, 100)).toEqual({ a: 10, b: 0, c: 90 });
    expect(sharesOf({}, 100)).toEqual({});
  });

  test("it does not fit: those that want little get it, the others share the rest", () => {
    expect(sharesOf({ a: 10, b: 1_000, c: 95 }, 100)).toEqual({ a: 10, b: 45, c: 45 });
    const shares = sharesOf({ a: 7, b: 7, c: 7 }, 20);
    expect(Object.values(shares).reduce((sum, each) => sum + each, 0)).toBe(20);
  });

  test("a pass whose beginning is not read back is not told by halves", () => {
    const book = newPassBook();
    const takeOld = (fact: Fact, seq: number): void =>
      takeOldFact(
        book,
        { lineId: "L1", wallAt: epochMs(seq), count: beltCount(seq), fact },
        { chain: "c", seq },
      );
    takeOld(leave("half", "green"), 1);
    for (const [index, fact] of begin("whole", early).entries()) takeOld(fact, 2 + index);
    takeOld(leave("whole", "green"), 9);
    expect([...book.byId.keys()]).toEqual(["whole"]);
  });
});
