// Goal: a command's number stands for one command: sent again it gets its answer again, and with
// another content it is refused, also by a centre that came back; what is decided is told as
// decided (HMI W7, S9, S10).
// Method: the whole centre on real stores, asked by injection, stopped and opened again.
import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { zControlsAnswer, zDecisionAnswer, zProblem } from "../../protocols/ui/http.ts";
import { beltCount } from "../../protocols/units.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import {
  openAgent,
  openCentre,
  removeFolder,
  temporaryFolder,
  lookAt,
  until,
  type RunningCentre,
  type TestAgent,
} from "./kit/site.ts";

const clock = createHurriedClock();
const image = new TextEncoder().encode("pixels");
const imageHash = hash("sha256", image, "hex");
let folder = "";
let link: MemoryLink;
let agent: TestAgent;
let site: RunningCentre;

const open = (): Promise<RunningCentre> => openCentre({ folder, clock, link });

beforeEach(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
  site = await open();
  agent = openAgent(link, clock, "L1");
});

afterEach(async () => {
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

const restart = async (): Promise<void> => {
  await site.stop();
  site = await open();
};

/** A parcel at the beginning of L1 whose image waits for an officer. */
async function suspectParcel(passId: string): Promise<void> {
  agent.stand("L1", 10);
  agent.session.image(passId, imageHash, image);
  agent.tell(
    "L1",
    10,
    { kind: "inducted", passId, frontCount: beltCount(10) },
    { kind: "imaged", passId, imageHash, itemSequence: 1 },
    { kind: "algorithmAnswered", passId, imageHash, verdict: "suspect", boxes: [] },
  );
  await until("task", () => site.centre.site.officers.tasks.has(passId));
}

const li = { officer: "li", station: "desk-1" };
const decisionOn = (passId: string, cmdId: string) => ({
  cmdId,
  taskId: passId,
  passId,
  imageHash,
  decision: "open",
  reason: "suspectObject",
  ...li,
  shownAt: clock.wall() - 3_000,
  decidedAt: clock.wall(),
});
const decide = async (request: object) =>
  zDecisionAnswer.parse((await site.post("/api/officer/decisions", request)).body);

describe("a decision's number", () => {
  test("with another decision it is refused, with its own it is answered, after a restart too", async () => {
    await suspectParcel("p1");
    await lookAt(site, "p1", li);
    const request = decisionOn("p1", "c1");
    const release = { ...request, decision: "release", reason: null };
    const taken = { cmdId: "c1", accepted: true, why: null };
    const reused = { cmdId: "c1", accepted: false, why: "cmdIdReused" };
    expect(await decide(request)).toEqual(taken);
    expect(await decide(release)).toEqual(reused);
    expect(await decide(request)).toEqual(taken);
    await restart();
    expect(await decide(release)).toEqual(reused);
    expect(await decide(request)).toEqual(taken);
    expect(site.centre.counters()["officers"]).toMatchObject({ cmdIdReusedTotal: 1 });
  });

  test("another decision on what is decided is told so, after a restart too", async () => {
    await suspectParcel("p1");
    await lookAt(site, "p1", li);
    expect(await decide(decisionOn("p1", "c1"))).toMatchObject({ accepted: true });
    const again = decisionOn("p1", "c2");
    const other = { ...decisionOn("p1", "c3"), officer: "wang", station: "desk-2" };
    expect(await decide(again)).toEqual({ cmdId: "c2", accepted: false, why: "alreadyDecided" });
    expect(await decide(other)).toMatchObject({ accepted: false, why: "alreadyDecided" });
    await restart();
    expect(await decide(again)).toMatchObject({ accepted: false, why: "alreadyDecided" });
    expect(await decide(other)).toMatchObject({ accepted: false, why: "alreadyDecided" });
  });

  test("a refused decision keeps its number too", async () => {
    const request = decisionOn("nobody", "c2");
    expect(await decide(request)).toMatchObject({ why: "unknownTask" });
    expect(await decide({ ...request, officer: "wang" })).toMatchObject({ why: "cmdIdReused" });
  });
});

describe("a control's number", () => {
  const control = {
    cmdId: "k1",
    waybill: "99012340005",
    reason: "tip",
    placedBy: "zhao",
    station: "risk-1",
  };

  test.each([
    ["waybill", "99012340006"],
    ["reason", "another tip"],
    ["placedBy", "qian"],
    ["station", "risk-2"],
  ])("with another %s it is refused, after a restart too", async (field, value) => {
    const placed = await site.post("/api/controls", control);
    expect(placed).toMatchObject({ status: 200, body: { accepted: true } });
    const other = { ...control, [field]: value };
    for (const turn of ["before", "after"]) {
      const refused = await site.post("/api/controls", other);
      expect(refused.status, turn).toBe(409);
      expect(zProblem.parse(refused.body)).toMatchObject({ error: "cmdIdReused", field: "cmdId" });
      expect((await site.post("/api/controls", control)).body).toEqual(placed.body);
      expect(zControlsAnswer.parse((await site.get("/api/controls")).body)).toEqual([control]);
      await restart();
    }
  });
});
