// Goal: what is told and what follows from silence come into one scene in the order it happens, and
// a bug of the picture stops nobody (HMI S2, X10). Method: the real streams in virtual time.
import { describe, expect, test } from "vitest";
import { newPassBook } from "../../edge/centre/lines/passes.ts";
import { agentSilenceMs, createAgentsHeard } from "../../edge/centre/page/agents-heard.ts";
import { createSceneStream } from "../../edge/centre/page/scene-stream.ts";
import { newScene, takeOps } from "../../edge/centre/page/scene.ts";
import type { Fact } from "../../protocols/facts.ts";
import { reportStreamBugs } from "../../protocols/streams/stream-bugs.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { centreConfig } from "../centre/kit/config.ts";

function rig() {
  const clock = createVirtualClock();
  const { lines } = centreConfig();
  const agents = createAgentsHeard(clock, ["agent-L1", "agent-L2"]);
  const scene = newScene(centreConfig(), newPassBook(), new Map(), clock.wall());
  const stream = createSceneStream({ scene, clock, lines, hearing: agents.changes });
  const tellFact = (fact: Fact): void =>
    stream.tell({
      kind: "fact",
      stamped: { lineId: "L1", wallAt: clock.wall(), count: beltCount(0), fact },
      touched: [],
    });
  const receive = (): void => {
    const device = { id: "L1-xray", deviceKind: "xray", health: "receiving" } as const;
    const devices = [{ ...device, reason: null, counters: {} }];
    agents.heard("agent-L1");
    stream.tell({ kind: "health", report: { kind: "health", lineId: "L1", devices } });
  };
  const isHeard = (lineId: string) => scene.lines.get(lineId)?.view.isHeard;
  const xray = () => scene.devices.get("L1-xray");
  return { clock, agents, scene, stream, tellFact, receive, isHeard, xray };
}

describe("an agent", () => {
  test("is heard with its first message, and silent three seconds after its last", () => {
    const { clock, agents, isHeard } = rig();
    expect([agents.isHeard("agent-L1"), isHeard("L1")]).toEqual([false, false]);
    agents.heard("agent-L1");
    clock.runFor(agentSilenceMs - 1);
    agents.heard("agent-L1");
    clock.runFor(agentSilenceMs - 1);
    expect([agents.isHeard("agent-L1"), isHeard("L1")]).toEqual([true, true]);
    clock.runFor(1);
    expect([agents.isHeard("agent-L1"), isHeard("L1")]).toEqual([false, false]);
    expect(agents.view()[0]).toMatchObject({ isHeard: false, lastHeardAt: clock.wall() - 3_000 });
    agents.heard("agent-L1");
    expect([isHeard("L1"), isHeard("L2")]).toEqual([true, false]);
  });

  test("that falls silent takes its devices with it", () => {
    const { clock, receive, xray } = rig();
    receive();
    expect(xray()).toMatchObject({ health: "receiving", reason: null });
    clock.runFor(10_000);
    expect(xray()).toMatchObject({ health: "stale", reason: { code: "agentNotHeard" } });
    receive();
    expect(xray()?.health).toBe("receiving");
  });

  test("that says its last word is not heard from then on, however often it says it", () => {
    const { clock, agents, receive, isHeard, xray } = rig();
    receive();
    agents.left("agent-L1");
    expect(isHeard("L1")).toBe(false);
    expect(xray()).toMatchObject({ health: "stale", reason: { code: "agentNotHeard" } });
    clock.runFor(60_000);
    // Started anew and unable to begin, it connects for one word.
    agents.left("agent-L1");
    expect([agents.isHeard("agent-L1"), isHeard("L1")]).toEqual([false, false]);
    expect(agents.view()[0]).toMatchObject({ lastHeardAt: clock.wall() });
    receive();
    expect(isHeard("L1")).toBe(true);
  });

  test("that was never heard stays unheard, and strangers are nobody", () => {
    const { clock, agents, isHeard } = rig();
    agents.heard("agent-of-another-site");
    clock.runFor(60_000);
    expect([isHeard("L1"), isHeard("L2")]).toEqual([false, false]);
    expect(agents.isHeard("agent-of-another-site")).toBe(false);
  });

  test("leaves no timer behind when the centre stops", () => {
    const { clock, agents, stream, scene } = rig();
    agents.heard("agent-L1");
    agents.stop();
    stream.stop();
    expect(clock.pendingCount()).toBe(0);
    takeOps(scene);
    stream.tell({ kind: "exit", lineId: "L1", exit: "green", by: 1 });
    expect(takeOps(scene)).toEqual([]);
  });
});

describe("a scene", () => {
  test("holds what was told as soon as it was told", () => {
    const { tellFact, stream, scene } = rig();
    tellFact({ kind: "lineState", state: "Execute", inductionPermitted: true, conditions: [] });
    stream.tell({ kind: "exit", lineId: "L1", exit: "red", by: 3 });
    expect(takeOps(scene)).toMatchObject([
      { put: "line", value: { id: "L1", state: "Execute", exits: { red: { count: 3 } } } },
    ]);
  });

  test("a bug in it is reported, whoever told goes on, and so does the next observation", async () => {
    const reported = new Promise((resolve) => reportStreamBugs(resolve));
    const { stream, scene, tellFact } = rig();
    const bug = new Error("planted");
    stream.tell({
      kind: "health",
      get report(): never {
        throw bug;
      },
    });
    expect(await reported).toBe(bug);
    tellFact({ kind: "chute", exit: "green", state: "full", fillPct: 100 });
    expect(takeOps(scene)).toHaveLength(1);
  });
});
