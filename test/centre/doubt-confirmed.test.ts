// Goal: whoever controls a parcel is told which lines hold it back by their own word, and for each
// pass that may be released all the same an alarm stands that names line, parcel and what to do,
// however the doubt came (laws 12 and 17). Method: the whole centre behind its HTTP server; agents
// with the real session and mirror on a link that can be cut, and one that never confirms.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CentreConfig } from "../../edge/centre/config.ts";
import { isLeaseRunning, lookup } from "../../edge/line/clearance-mirror.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { isDoubt } from "../../protocols/clearance.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { zControlAnswer, zHealth } from "../../protocols/ui/http.ts";
import { beltCount } from "../../protocols/units.ts";
import { createHurriedClock, passed } from "../kit/hurried-clock.ts";
import { receiptOf } from "../kit/plain-documents.ts";
import { centreConfig } from "./kit/config.ts";
import {
  openAgent,
  openCentre,
  openFollower,
  recordsIn,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type Follower,
  type RunningCentre,
  type TestAgent,
} from "./kit/site.ts";

const waybill = "HB000000014CN";
const clock = createHurriedClock();
const nobody = { confirmed: [], unconfirmed: [], cannotRelease: [] };
let folder = "";
let link: MemoryLink;
let site: RunningCentre;
const agents: TestAgent[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
});

afterEach(async () => {
  for (const { session } of agents.splice(0)) await session.stop();
  await site.stop();
  await removeFolder(folder);
});

const withLease = (leaseMs: number): CentreConfig => {
  const config = centreConfig();
  return { ...config, clearance: { ...config.clearance, leaseMs } };
};

async function open(config = centreConfig()): Promise<void> {
  site = await openCentre({ folder, clock, link, config });
}

async function follow(lineId: string): Promise<Follower> {
  const agent = openFollower(link, clock, lineId);
  agents.push(agent);
  await until("a lease", () => isLeaseRunning(agent.mirror, clock.monotonic()));
  return agent;
}

const mayRelease = ({ mirror }: Follower, passId: string): boolean => {
  const { record, isLeaseRunning: leases } = lookup(mirror, { passId, waybill }, clock.monotonic());
  return leases && record !== null && !isDoubt(record);
};

/** A parcel is inducted and read, and its pass asks for the waybill. */
function ask(agent: TestAgent, lineId: string, passId: string, asked = waybill): void {
  agent.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  agent.session.claim(lineId, passId, asked);
}

/** On L1, released by its papers, and its line knows. */
async function released(): Promise<Follower> {
  const agent = await follow("L1");
  await sendDocuments(site, [waybill]);
  ask(agent, "L1", "L1-s-1");
  await until("a release", () => mayRelease(agent, "L1-s-1"));
  return agent;
}

async function control(cmdId = "c1", controlled = waybill) {
  const order = { cmdId, waybill: controlled, reason: "tip", placedBy: "li", station: "risk" };
  const { confirmed, unconfirmed, cannotRelease } = zControlAnswer.parse(
    (await site.post("/api/controls", order)).body,
  );
  return { confirmed, unconfirmed, cannotRelease };
}

const orderInspection = (): Promise<number> =>
  site.postMessage(receiptOf(waybill, 500), "application/xml");

const alarms = (): readonly AlarmView[] =>
  [...site.centre.site.scene.alarms.values()].filter(({ code }) => code === "doubtUnconfirmed");
const alarmOf = (lineId: string, passId: string) =>
  expect.objectContaining({ lineId, passId, params: { waybill }, state: "active" }) as AlarmView;
const reasons = async (): Promise<readonly string[]> => {
  const health = zHealth.parse((await site.get("/healthz")).body);
  return health.status === "notReady" ? health.reasons : [];
};
const leave = (agent: TestAgent, passId: string): void => {
  const ended = { exit: "inspection", expected: "inspection", count: beltCount(9) } as const;
  agent.tell("L1", 9, { kind: "left", passId, ...ended });
};

describe("the answer to a control", () => {
  test("names the one line that holds the parcel, by its own word", async () => {
    await open();
    const agent = await released();
    await follow("L2");
    expect(await control()).toEqual({ ...nobody, confirmed: ["L1"] });
    expect(mayRelease(agent, "L1-s-1")).toBe(false);
    expect(alarms()).toEqual([]);
    // Another one changes what the line holds, and is confirmed as well.
    expect(await control("c2")).toEqual({ ...nobody, confirmed: ["L1"] });
  });

  test("names nobody where no pass holds the parcel", async () => {
    await open();
    await follow("L1");
    await sendDocuments(site, [waybill]);
    expect(await control()).toEqual(nobody);
  });

  test("names the line that is cut off, with the alarm standing, until it is back", async () => {
    await open();
    const agent = await released();
    link.cut("agent-L1");
    expect(await control()).toEqual({
      ...nobody,
      unconfirmed: [{ lineId: "L1", passId: "L1-s-1" }],
    });
    expect(mayRelease(agent, "L1-s-1")).toBe(true);
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
    expect(await reasons()).toContain("line L1: pass L1-s-1 may still be released");
    link.restore("agent-L1");
    await until("the end of the alarm", () => alarms().length === 0);
    expect(mayRelease(agent, "L1-s-1")).toBe(false);
    expect(await reasons()).not.toContain("line L1: pass L1-s-1 may still be released");
    expect(await control("c2")).toEqual({ ...nobody, confirmed: ["L1"] });
  });

  test("names each of two lines that hold it by what it has said", async () => {
    await open();
    await released();
    const other = await follow("L2");
    ask(other, "L2", "L2-s-2");
    await until(
      "the second claim",
      () => site.centre.counters()["claims"]!["contestedTotal"] === 1,
    );
    expect(await control()).toEqual({ ...nobody, confirmed: ["L1", "L2"] });
    link.cut("agent-L1");
    // It has confirmed the doubt before, and what is new about it changes nothing of that.
    expect(await control("c2")).toEqual({
      ...nobody,
      confirmed: ["L2"],
      cannotRelease: ["L1"],
    });
    expect(alarms()).toEqual([]);
  });

  test("names a line that is away for longer than its lease as one that can release nothing", async () => {
    await open(withLease(2_000));
    const agent = await released();
    link.cut("agent-L1");
    await until("the end of its lease", () => !mayRelease(agent, "L1-s-1"));
    expect(await control()).toEqual({ ...nobody, cannotRelease: ["L1"] });
    expect(alarms()).toEqual([]);
  });
});

describe("the alarm about a doubt that is not confirmed", () => {
  test("ends by itself with the lease, and no line can release by then", async () => {
    await open(withLease(3_000));
    const agent = await released();
    link.cut("agent-L1");
    await control();
    while (alarms().length > 0) {
      expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
      await passed(clock, 10);
    }
    expect(mayRelease(agent, "L1-s-1")).toBe(false);
  });

  test("stands for an agent of an earlier build, which never confirms, until its pass is over", async () => {
    await open();
    const agent = openAgent(link, clock, "L1");
    agents.push(agent);
    await sendDocuments(site, [waybill]);
    const isTaken = () => site.centre.journals.standings.of("agent-L1").kind === "taken";
    await until("its journal", isTaken);
    ask(agent, "L1", "L1-s-1");
    const isTold = () => agent.down.flatMap(recordsIn).some((told) => !isDoubt(told));
    await until("a release", isTold);
    expect(await control()).toEqual({
      ...nobody,
      unconfirmed: [{ lineId: "L1", passId: "L1-s-1" }],
    });
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
    leave(agent, "L1-s-1");
    await until("the end of the alarm", () => alarms().length === 0);
  });

  test("stands after an order of customs, for which nobody waits", async () => {
    await open();
    await released();
    link.cut("agent-L1");
    expect(await orderInspection()).toBe(200);
    await until("the alarm", () => alarms().length === 1);
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
  });

  test("stands after a second claim at another line", async () => {
    await open();
    await released();
    const other = await follow("L2");
    link.cut("agent-L1");
    ask(other, "L2", "L2-s-2");
    await until("the alarm", () => alarms().length === 1);
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
    link.restore("agent-L1");
    await until("its end", () => alarms().length === 0);
  });

  /** L1 may release what is controlled, and stays away when the centre is there again. */
  async function killed() {
    await open();
    const agent = await released();
    link.cut("agent-L1");
    await control();
    await site.crash();
    const wires = link;
    link = { ...wires, restore: (agentId) => agentId !== "agent-L1" && wires.restore(agentId) };
    await open();
    return { agent, wires };
  }

  test("stands before anybody hears of it who controls again right behind a restart", async () => {
    await killed();
    expect((await control()).unconfirmed).toEqual([{ lineId: "L1", passId: "L1-s-1" }]);
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
  });

  test("stands again after the centre was killed, until the line is back", async () => {
    const { agent, wires } = await killed();
    await until("the alarm", () => alarms().length === 1);
    expect(alarms()).toEqual([alarmOf("L1", "L1-s-1")]);
    wires.restore("agent-L1");
    await until("its end", () => alarms().length === 0);
    expect(mayRelease(agent, "L1-s-1")).toBe(false);
  });

  test("does not come where the line confirms, nor of a parcel that it never could release", async () => {
    await open();
    const agent = await released();
    await orderInspection();
    expect(await site.centre.doubts.heldBack(waybill)).toEqual({ ...nobody, confirmed: ["L1"] });
    const other = "HB000000015CN";
    expect(await control("c1", other)).toEqual(nobody);
    await sendDocuments(site, [other]);
    ask(agent, "L1", "L1-s-2", other);
    const isAsked = () => site.centre.site.claims.lineOf("L1-s-2") !== null;
    await until("the claim", isAsked);
    link.cut("agent-L1");
    const before = site.centre.hub.counters().alarmsTotal;
    expect(await control("c2", other)).toEqual({ ...nobody, cannotRelease: ["L1"] });
    await passed(clock, 300);
    expect(alarms()).toEqual([]);
    expect(site.centre.hub.counters().alarmsTotal).toBe(before);
  });
});
