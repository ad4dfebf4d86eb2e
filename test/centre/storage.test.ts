/**
 * Goal: what an agent says of its disk, and its last word, is told at its lines, on the page and in
 * `/healthz`, and ends when its cause ends (case disk-full). Method: the whole centre on real stores,
 * an agent's real session over a link in memory, and a disk that is what the test says.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import type { StorageReport } from "../../protocols/storage.ts";
import { inWords } from "../../protocols/words/sentence.ts";
import { voices } from "../../protocols/words/words.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import {
  openAgent,
  openCentre,
  removeFolder,
  temporaryFolder,
  until,
  type RunningCentre,
  type TestAgent,
} from "./kit/site.ts";

const clock = createHurriedClock();
const calm: StorageReport = {
  disk: { level: "ample", freeBytes: 5e10 },
  imagesNotKept: 0,
  logs: [],
};
const full = { level: "full", freeBytes: 3e6 } as const;

let folder = "";
let link: MemoryLink;
let agent: TestAgent;
let site: RunningCentre;
let own: Omit<StorageReport, "imagesNotKept"> = calm;

beforeEach(async () => {
  folder = await temporaryFolder();
  own = calm;
  link = createMemoryLink({ clock });
  link.cut("agent-L1");
  agent = openAgent(link, clock, "L1");
  site = await openCentre({ folder, clock, link, ownStorage: () => own });
  await until("the agent is heard", () => site.centre.site.scene.lines.get("L1")!.view.isHeard);
});

afterEach(async () => {
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

const standing = (): string[] =>
  [...site.centre.site.scene.alarms.values()].map(({ lineId, code }) => `${lineId} ${code}`);
const conditions = (): readonly string[] =>
  site.centre.site.scene.lines.get("L1")?.view.conditions ?? [];
const health = async (): Promise<{ reasons?: string[]; storage?: string[] }> =>
  (await site.get("/healthz")).body;

test("a disk that fills up: first a warning that keeps nobody, then a reason, then neither", async () => {
  agent.session.storage({ ...calm, disk: { level: "low", freeBytes: 9e8 } });
  await until("low", () => standing().includes("L1 diskLow"));
  expect((await health()).storage).toEqual(["agent agent-L1: disk low: 900 MB left"]);
  expect((await health()).reasons ?? []).not.toContain("agent agent-L1: disk low: 900 MB left");
  expect(conditions()).toEqual([]);

  agent.session.storage({ ...calm, disk: full });
  await until("full", () => standing().includes("L1 diskFull"));
  expect(standing()).not.toContain("L1 diskLow");
  expect(conditions()).toEqual(["diskFull"]);
  expect((await health()).reasons).toContain("agent agent-L1: disk full: 3 MB left");

  agent.session.storage(calm);
  await until("over", () => !standing().includes("L1 diskFull"));
  expect(conditions()).toEqual([]);
  expect((await health()).storage).toBeUndefined();
});

test("images that cannot be kept are told as such, and a journal that somebody holds", async () => {
  const logs = [{ file: "journal", bytes: 80e6, heldMs: 90_000 }];
  agent.session.storage({ ...calm, imagesNotKept: 12, logs });
  await until("both", () => standing().includes("L1 journalLogHeld"));
  expect(standing()).toContain("L1 imagesNotKept");
  expect(conditions()).toEqual(["imagesNotKept"]);
  const { reasons, storage } = await health();
  expect(reasons).toContain("agent agent-L1: 12 images in a row not kept");
  expect(storage).toEqual([
    "agent agent-L1: journal: another program has read it for 90 s, log 80 MB",
  ]);
});

test("the last word stands while the agent is silent, and until it says hello", async () => {
  agent.session.storage({ ...calm, disk: full });
  await agent.session.leave({ code: "diskFull", why: "SQLITE_FULL" }, 1_000);
  await until("its word", () => standing().includes("L1 controllerLeft"));
  expect(conditions()).toEqual(["controllerLeft:diskFull", "diskFull"]);
  await agent.session.stop();
  await until("silent", () => !site.centre.site.scene.lines.get("L1")!.view.isHeard);
  const { reasons } = await health();
  expect(reasons).toContain("agent agent-L1: left: diskFull: SQLITE_FULL");
  expect(reasons).toContain("agent agent-L1: disk full: 3 MB left");
  expect(standing()).toContain("L1 diskFull");

  agent = openAgent(link, clock, "L1", agent.journal);
  agent.session.storage(calm);
  await until("back", () => conditions().length === 0);
  await until("its alarm ends", () => !standing().includes("L1 controllerLeft"));
});

test("the centre says of its own disk at the first line, as of all that is of no line", async () => {
  own = { disk: full, logs: [{ file: "copies", bytes: 70e6, heldMs: 1 }] };
  await until("told", () => standing().includes("L1 diskFull"));
  expect((await health()).reasons).toContain("centre: disk full: 3 MB left");
  expect((await health()).storage?.[0]).toContain("centre: copies: another program");
  expect(site.centre.counters()["storage"]).toEqual({
    diskFreeBytes: 3e6,
    copiesLogBytes: 70e6,
    copiesLogHeldS: 0.001,
    archiveFailing: 0,
    segmentsFailing: 0,
    refusedMessagesFailing: 0,
    anchorsFailing: 0,
  });
  own = calm;
  await until("over", () => !standing().includes("L1 diskFull"));
});

test("what is kept beside the journals and takes nothing is told, as long as it is so, and keeps nobody", async () => {
  own = { ...calm, failing: [{ store: "archive", why: "its disk is full" }] };
  await until("told", () => standing().includes("L1 storeNotWritten"));
  const [alarm] = [...site.centre.site.scene.alarms.values()].filter(
    ({ code }) => code === "storeNotWritten",
  );
  const { params = {} } = alarm ?? {};
  expect(voices.en.say("alarm", "storeNotWritten", inWords(params, voices.en))).toBe(
    "What is kept beside the journal cannot be written: archive of ended cases, centre, its disk is full",
  );
  expect(await health()).toMatchObject({
    storage: ["centre: archive cannot be written: its disk is full"],
  });
  expect((await health()).reasons ?? []).not.toContainEqual(expect.stringContaining("archive"));
  const metrics = async (): Promise<string> =>
    (await site.server.inject("/metrics")).payload
      .split("\n")
      .find((line) => line.includes('name="archiveFailing"')) ?? "";
  expect(await metrics()).toMatch(/ 1$/);

  own = { ...calm, failing: [{ store: "segments", why: "its disk is full" }] };
  agent.session.storage({ ...own, imagesNotKept: 0 });
  await until("another one, and a line's", () => standing().length === 2);
  own = calm;
  agent.session.storage(calm);
  await until("over", () => standing().length === 0);
  expect((await health()).storage).toBeUndefined();
  expect(await metrics()).toMatch(/ 0$/);
});
