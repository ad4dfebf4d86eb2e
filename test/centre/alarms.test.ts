// Goal: what stands as an alarm at the centre is what the lines have told to hold, before and after
// a restart: "no alarms" is never said falsely (ISA-18.2, A1). Method: real stores on disk, closed
// and opened again with and without the last checkpoint; a line tells before, between and after.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { zFact, type Fact } from "../../protocols/facts.ts";
import { zHealth } from "../../protocols/ui/http.ts";
import { beltCount } from "../../protocols/units.ts";
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

const jam = (eyeId: string, holds: boolean): Fact => ({
  kind: "condition",
  code: "jam",
  key: eyeId,
  holds,
  passId: null,
  params: { eyeId },
});
const tell = (...facts: readonly Fact[]): void => agent.tell("L1", 1, ...facts);
const applied = (site: RunningCentre) => site.centre.counters()["intake"]?.["factsTotal"] ?? 0;
const jams = (site: RunningCentre) =>
  [...site.centre.site.scene.alarms.values()].filter(({ code }) => code === "jam");
const eyes = (site: RunningCentre) => jams(site).map(({ params }) => params["eyeId"]);

describe("what a line tells", () => {
  test("stands while it holds, and the page is told once when it comes and once when it goes", async () => {
    const site = await open();
    tell(jam("e1", true), jam("e2", true));
    await until("both", () => jams(site).length === 2);
    const before = site.centre.hub.counters().alarmsTotal;
    tell(jam("e1", false), jam("e2", true));
    await until("one", () => jams(site).length === 1);
    expect(eyes(site)).toEqual(["e2"]);
    expect(site.centre.hub.counters().alarmsTotal).toBe(before + 1);
    await site.stop();
  });

  test("is in /healthz as long, the gravest first", async () => {
    const site = await open();
    const stop = { key: "line", passId: null, params: {} } as const;
    tell(jam("e1", true), { kind: "condition", code: "emergencyStop", holds: true, ...stop });
    const health = async () => zHealth.parse((await site.get("/healthz")).body).alarms;
    await until("both", () => site.centre.site.scene.alarms.size === 2);
    expect(await health()).toMatchObject([
      { lineId: "L1", code: "emergencyStop" },
      { lineId: "L1", code: "jam", params: { eyeId: "e1" } },
    ]);
    tell(jam("e1", false), { kind: "condition", code: "emergencyStop", holds: false, ...stop });
    await until("neither", () => site.centre.site.scene.alarms.size === 0);
    expect(await health()).toBeUndefined();
    await site.stop();
  });

  test("what there is to say of a device is in /healthz in a sentence, received or not", async () => {
    const site = await open();
    const told = async () => zHealth.parse((await site.get("/healthz")).body).devices;
    const say = (reason: DeviceReason | null): void =>
      tell({ kind: "deviceHealth", deviceId: "L1-sorter", health: "receiving", reason });
    const seen = () => site.centre.site.scene.devices.get("L1-sorter")?.reason?.code;
    await until("the line is heard", () => site.centre.site.scene.lines.get("L1")!.view.isHeard);
    expect(await told()).toBeUndefined();
    say(deviceReason("nothingHeardOn", { address: "opc.tcp://plc:4840" }));
    await until("it is told", () => seen() === "nothingHeardOn");
    expect(await told()).toEqual([
      {
        id: "L1-sorter",
        lineId: "L1",
        health: "receiving",
        why: "connected, nothing heard yet on opc.tcp://plc:4840",
      },
    ]);
    say(null);
    await until("it was heard", () => seen() === undefined);
    expect(await told()).toBeUndefined();
    await site.stop();
  });

  test("a camera that only the agent's file has is in /healthz, and its still is in the story", async () => {
    const site = await open();
    const told = async () => zHealth.parse((await site.get("/healthz")).body).lineDevices;
    const health = { health: "receiving", reason: null, counters: {} } as const;
    const say = (...ids: readonly string[]): void =>
      void agent.session.health(
        "L1",
        ids.map((id) => ({ id, deviceKind: id === "L1-top" ? "camera" : "sorter", ...health })),
      );
    expect(await told()).toBeUndefined();
    say("L1-xray", "L1-sorter", "L1-top");
    await until("it is told", () => site.centre.lineDeviceWarnings().length === 1);
    expect(await told()).toEqual(["line L1, devices: only the agent has L1-top"]);
    const passId = "L1.s.1";
    const still = { deviceId: "L1-top", moment: "inducted", lateMs: 40 } as const;
    tell(
      { kind: "inducted", passId, frontCount: beltCount(1) },
      { kind: "pictured", passId, ...still, imageHash: "a".repeat(64) },
    );
    await until("the pass", () => site.centre.site.passes.byId.get(passId)?.facts.length === 2);
    expect((await site.get(`/api/passes/${passId}`)).body).toMatchObject({
      passes: [
        {
          timeline: [
            { fact: { kind: "inducted" } },
            { fact: { kind: "pictured", deviceId: "L1-top" } },
          ],
        },
      ],
    });
    say("L1-xray", "L1-sorter");
    await until("it is over", () => site.centre.lineDeviceWarnings().length === 0);
    await site.stop();
  });

  test("what a line controller says and nobody understands is in /healthz, with what is wrong in it", async () => {
    const refused = { refusedTotal: 2, lastRefusal: "alive.link.cuts: is missing" };
    const { centre } = link;
    const counters = () => ({ ...centre.counters(), ...refused });
    link = { ...link, centre: { ...centre, counters } };
    const site = await open();
    const { linkRefused } = zHealth.parse((await site.get("/healthz")).body);
    expect(linkRefused).toEqual({ total: 2, last: "alive.link.cuts: is missing" });
    await site.stop();
  });

  test("a notice and the alarm of an earlier build come, and do not stand", async () => {
    const site = await open();
    const told = { passId: null, params: { exit: "red" } } as const;
    tell({ kind: "notice", code: "missort", ...told }, { kind: "alarm", code: "wasOnce", ...told });
    await until("both", () => site.centre.site.counters()["alarmsTotal"] === 2);
    expect(site.centre.site.scene.alarms.size).toBe(0);
    await site.stop();
  });
});

describe.each([
  ["stopped", (site: RunningCentre) => site.stop()],
  ["killed", (site: RunningCentre) => site.crash()],
])("a centre that was %s and comes back", (_name, end) => {
  test("shows what still holds as the same alarm, and nothing that is gone", async () => {
    const first = await open();
    tell(jam("gone", true), jam("e1", true), jam("e2", true));
    tell(jam("gone", false));
    await until("told", () => applied(first) === 4);
    const before = jams(first);
    expect(before.map(({ params }) => params["eyeId"])).toEqual(["e1", "e2"]);
    await end(first);
    const second = await open();
    expect(jams(second)).toEqual(before);
    await end(second);
    // Told while no centre was there.
    tell(jam("e1", false), jam("e3", true));
    const third = await open();
    expect(eyes(third)).toEqual(["e1", "e2"]);
    await until("caught up", () => eyes(third).join() === "e2,e3");
    await third.stop();
  });

  test("knows it without its line, from its own records alone", async () => {
    const first = await open();
    tell(jam("e1", true));
    await until("told", () => applied(first) === 1);
    await agent.session.stop();
    await end(first);
    const second = await open();
    expect(eyes(second)).toEqual(["e1"]);
    await second.stop();
  });
});

test("the checkpoint holds a condition as long as it holds, and forgets a session's with it", async () => {
  const site = await open();
  const standing = () =>
    site.centre.site.checkpoints
      .make(new Map())
      .standing.map(({ fact }) => (fact.kind === "condition" ? fact.key : fact.kind));
  const session = { epoch: "e2", configHash: "c".repeat(64), logicVersion: "t" };
  tell(jam("e1", true), jam("e2", true), jam("e1", false));
  await until("told", () => applied(site) === 3);
  expect(standing()).toEqual(["e2"]);
  tell(zFact.parse({ kind: "sessionOpened", ...session }), jam("e3", true));
  await until("told", () => applied(site) === 5);
  expect(standing()).toEqual(["e3"]);
  await site.stop();
});
