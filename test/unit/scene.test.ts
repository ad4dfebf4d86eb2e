// Goal: the page's store says what the lines said: parcels, exits, devices, belts, each change once
// (S2). Method: facts in, operations out, compared as the page would apply them.
import { describe, expect, test } from "vitest";
import {
  endedPassesMax,
  factsPerPassMax,
  newPassBook,
  openPassesPerLineMax,
  passesOf,
  takeFact,
  tellPass,
  type PassBook,
} from "../../edge/centre/lines/passes.ts";
import {
  applyFact,
  applyHealth,
  applyMotion,
  countExit,
  countNow,
  newScene,
  sceneSnapshot,
  setHeard,
  takeOps,
} from "../../edge/centre/page/scene.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import type { Fact } from "../../protocols/facts.ts";
import { zScene } from "../../protocols/ui/scene.ts";
import { zSceneOp } from "../../protocols/ui/socket.ts";
import { zStory } from "../../protocols/ui/http.ts";
import { beltCount, epochMs, monotonicMs } from "../../protocols/units.ts";
import { centreConfig } from "../centre/kit/config.ts";

function rig() {
  const passes = newPassBook();
  const scene = newScene(centreConfig(), passes, new Map(), epochMs(1_000));
  let seq = 0;
  const tell = (fact: Fact, lineId = "L1", count = 0): void => {
    const stamped = { lineId, wallAt: epochMs(2_000), count: beltCount(count), fact };
    const { pass, ended } = takeFact(passes, stamped, { chain: lineId, seq: (seq += 1) });
    applyFact(scene, stamped, pass === null || ended.includes(pass) ? ended : [pass, ...ended]);
  };
  const induct = (passId: string, frontCount = 0): void =>
    tell({ kind: "inducted", passId, frontCount: beltCount(frontCount) });
  return { passes, scene, tell, induct };
}

const motion = (count: number, change: object = {}) => ({
  lineId: "L1",
  count: beltCount(count),
  speedMmPerS: 1_000,
  isRunning: true,
  emergencyStop: false,
  wallAt: epochMs(0),
  ...change,
});

describe("parcels", () => {
  test("a parcel's way is told as put, put, drop", () => {
    const { scene, tell, induct } = rig();
    induct("p1", 7);
    expect(takeOps(scene)).toMatchObject([
      { put: "parcel", value: { passId: "p1", frontCount: 7 } },
    ]);
    tell({ kind: "measured", passId: "p1", lengthMm: 420, gapMm: null });
    tell({ kind: "identified", passId: "p1", waybill: "W001", deviceId: "s" });
    tell({ kind: "reasonRaised", passId: "p1", reason: { code: "noRead" } });
    tell({ kind: "reasonDischarged", passId: "p1", reason: { code: "noRead" }, by: "x" });
    tell({ kind: "reasonRaised", passId: "p1", reason: { code: "trackingLost" } });
    const [op, ...more] = takeOps(scene);
    expect(more).toEqual([]);
    expect(op).toMatchObject({
      value: {
        lengthMm: 420,
        waybill: "W001",
        tracking: "unknown",
        reasons: [{ code: "trackingLost" }],
      },
    });
    tell({ kind: "left", passId: "p1", exit: "red", expected: "red", count: beltCount(9) });
    expect(takeOps(scene)).toEqual([{ drop: "parcel", key: "p1" }]);
    expect(takeOps(scene)).toEqual([]);
  });

  test("a control or a draw on a parcel is told nobody, since everybody sees the scene (law 18)", () => {
    const { scene, tell, induct } = rig();
    induct("p1");
    for (const code of ["manualControl", "noRead", "randomControl"] as const) {
      tell({ kind: "reasonRaised", passId: "p1", reason: { code } });
    }
    expect(takeOps(scene)).toMatchObject([{ value: { reasons: [{ code: "noRead" }] } }]);
  });

  test("a parcel that came and went between two deltas is only dropped", () => {
    const { scene, tell, induct } = rig();
    induct("p1");
    tell({ kind: "lost", passId: "p1", lastSeenMm: 5 });
    expect(takeOps(scene)).toEqual([{ drop: "parcel", key: "p1" }]);
  });

  test("a new session of the line ends every pass on its belt and none elsewhere", () => {
    const { scene, passes, tell, induct } = rig();
    induct("p1");
    tell({ kind: "inducted", passId: "q1", frontCount: beltCount(0) }, "L2");
    tell({ kind: "sessionOpened", epoch: "e2", configHash: "0".repeat(64), logicVersion: "1" });
    expect(Object.keys(sceneSnapshot(scene).parcel)).toEqual(["q1"]);
    expect(passes.byId.get("p1")).toMatchObject({ isEnded: true, left: null });
  });

  test("a fact of one line about another line's pass changes nothing", () => {
    const { passes, tell, induct } = rig();
    induct("p1");
    tell({ kind: "lost", passId: "p1", lastSeenMm: 5 }, "L2");
    expect(passes.byId.get("p1")?.isEnded).toBe(false);
  });

  test("every operation and the snapshot are what the page's schema says", () => {
    const { scene, tell, induct } = rig();
    induct("p1");
    tell({ kind: "lineState", state: "Execute", inductionPermitted: true, conditions: [] });
    tell({ kind: "chute", exit: "red", state: "full", fillPct: 100 });
    tell({ kind: "deviceHealth", deviceId: "L1-xray", health: "receiving", reason: null });
    for (const op of takeOps(scene)) expect(zSceneOp.safeParse(op).success).toBe(true);
    expect(zScene.safeParse(sceneSnapshot(scene)).error).toBeUndefined();
  });
});

describe("lines and devices", () => {
  test("law 7: from which count on the belt is known", () => {
    const { scene, tell } = rig();
    const known = () => sceneSnapshot(scene).line["L1"]?.knownFromCount;
    expect(known()).toBeNull();
    const condition = { kind: "condition", code: "beltUnknown", passId: null, params: {} } as const;
    tell({ ...condition, key: "s1", holds: true });
    expect(known()).toBe(0);
    tell({ ...condition, key: "s1", holds: false }, "L1", 7);
    expect(known()).toBe(0);
  });

  test("state, chutes, exits and being heard", () => {
    const { scene, tell } = rig();
    tell({ kind: "lineState", state: "Held", inductionPermitted: false, conditions: ["jam"] });
    tell({ kind: "chute", exit: "inspection", state: "full", fillPct: 97 });
    countExit(scene, "L1", "green", 1);
    countExit(scene, "L1", "green", 1);
    setHeard(scene, "L1", true, epochMs(3_000));
    const [op, ...more] = takeOps(scene);
    expect(more).toEqual([]);
    expect(op).toMatchObject({
      put: "line",
      value: {
        id: "L1",
        state: "Held",
        conditions: ["jam"],
        isHeard: true,
        exits: { green: { count: 2 }, inspection: { state: "full", fillPct: 97, count: 0 } },
      },
    });
  });

  test("while a line's agent is silent none of its devices is received (S2, X10)", () => {
    const { scene, tell } = rig();
    const health = (id: string) => scene.devices.get(id);
    const report = (id: string, state: "receiving" | "down") => ({
      id,
      deviceKind: "xray" as const,
      health: state,
      reason: state === "down" ? deviceReason("connectionLost") : null,
      counters: {},
    });
    setHeard(scene, "L1", true, epochMs(3_000));
    const devices = [report("L1-xray", "receiving"), report("L1-sorter", "down")];
    applyHealth(scene, { kind: "health", lineId: "L1", devices }, epochMs(3_000));
    applyHealth(
      scene,
      { kind: "health", lineId: "L2", devices: [report("L2-xray", "receiving")] },
      epochMs(3_000),
    );
    setHeard(scene, "L1", false, epochMs(6_000));
    expect(health("L1-xray")).toMatchObject({
      health: "stale",
      reason: { code: "agentNotHeard" },
      since: 6_000,
    });
    expect(health("L1-sorter")).toMatchObject({
      health: "down",
      reason: { code: "connectionLost" },
    });
    expect(health("L2-xray")?.health).toBe("receiving");
    // What its journal tells later of earlier times does not make it heard.
    tell({ kind: "deviceHealth", deviceId: "L1-xray", health: "receiving", reason: null });
    expect(health("L1-xray")?.health).toBe("stale");
    setHeard(scene, "L1", true, epochMs(9_000));
    applyHealth(scene, { kind: "health", lineId: "L1", devices }, epochMs(9_000));
    expect(health("L1-xray")).toMatchObject({ health: "receiving", reason: null, since: 9_000 });
  });

  test("a device's since is when its health changed, not when its words did", () => {
    const { scene } = rig();
    const health = (health: "receiving" | "down", reason: DeviceReason | null, at: number): void =>
      applyHealth(
        scene,
        {
          kind: "health",
          lineId: "L1",
          devices: [{ id: "L1-xray", deviceKind: "xray", health, reason, counters: {} }],
        },
        epochMs(at),
      );
    health("receiving", null, 5_000);
    health("down", deviceReason("silent", { seconds: 2.5 }), 6_000);
    health("down", deviceReason("refused", { detail: "first" }), 7_000);
    expect(scene.devices.get("L1-xray")).toMatchObject({
      health: "down",
      reason: { code: "refused", detail: "first" },
      since: 6_000,
    });
    takeOps(scene);
    health("down", deviceReason("refused", { detail: "first" }), 8_000);
    expect(takeOps(scene)).toEqual([]);
    health("down", deviceReason("refused", { detail: "second" }), 9_000);
    expect(takeOps(scene)).toHaveLength(1);
  });

  test("a device of another line, or of none, is ignored", () => {
    const { scene } = rig();
    const devices = ["L2-xray", "nobody"].map((id) => ({
      id,
      deviceKind: "xray" as const,
      health: "receiving" as const,
      reason: null,
      counters: {},
    }));
    applyHealth(scene, { kind: "health", lineId: "L1", devices }, epochMs(1));
    expect(takeOps(scene)).toEqual([]);
  });
});

describe("motion, not positions", () => {
  test("a belt that runs as it was told is told once a second at most", () => {
    const { scene } = rig();
    applyMotion(scene, motion(0), monotonicMs(0), epochMs(10_000));
    expect(takeOps(scene)).toHaveLength(1);
    for (let ms = 100; ms < 1_000; ms += 100) {
      applyMotion(scene, motion(ms), monotonicMs(ms), epochMs(10_000 + ms));
    }
    expect(takeOps(scene)).toEqual([]);
    applyMotion(scene, motion(1_000), monotonicMs(1_000), epochMs(11_000));
    expect(takeOps(scene)).toHaveLength(1);
  });

  test.each([
    ["10 mm off is near enough", 510, {}, 0],
    ["11 mm off is told", 511, {}, 1],
    ["a stop is told", 500, { isRunning: false }, 1],
    ["an emergency stop is told", 500, { emergencyStop: true }, 1],
  ])("%s", (_name, count, change, told) => {
    const { scene } = rig();
    applyMotion(scene, motion(0), monotonicMs(0), epochMs(10_000));
    takeOps(scene);
    applyMotion(scene, motion(count, change), monotonicMs(500), epochMs(10_500));
    expect(takeOps(scene)).toHaveLength(told);
  });

  test.each([
    ["a second old", 9_000, 2_000],
    ["from a calendar that is behind by more", 7_999, 1_000],
    ["from a calendar that is ahead", 10_001, 1_000],
  ])("a motion %s", (_name, wallAt, count) => {
    const { scene } = rig();
    const told = motion(1_000, { wallAt: epochMs(wallAt) });
    applyMotion(scene, told, monotonicMs(500), epochMs(10_000));
    expect(countNow(scene, "L1", monotonicMs(500))).toBe(count);
  });

  test("the count now goes on with a running belt and stays with a standing one", () => {
    const { scene } = rig();
    expect(countNow(scene, "L1", monotonicMs(0))).toBeNull();
    applyMotion(scene, motion(1_000), monotonicMs(0), epochMs(0));
    expect(countNow(scene, "L1", monotonicMs(250))).toBe(1_250);
    applyMotion(scene, motion(1_000, { isRunning: false }), monotonicMs(300), epochMs(300));
    expect(countNow(scene, "L1", monotonicMs(9_000))).toBe(1_000);
  });
});

describe("S8: the story", () => {
  test("tells the facts in order and how it ended", () => {
    const { passes, tell, induct } = rig();
    induct("p1");
    tell({ kind: "identified", passId: "p1", waybill: "W001", deviceId: "s" });
    tell({
      kind: "decided",
      passId: "p1",
      exit: "red",
      reasons: [{ code: "licenceRequired" }],
      waybill: "W001",
      recordVersion: 1,
      imageHash: null,
      rulesVersion: "r",
    });
    tell({ kind: "left", passId: "p1", exit: "inspection", expected: "red", count: beltCount(1) });
    const [pass] = passesOf(passes, "W001");
    const told = tellPass(pass!);
    expect(told.outcome).toEqual({
      exit: "inspection",
      expected: "red",
      reasons: [{ code: "licenceRequired" }],
      officer: null,
    });
    expect(told.timeline.map(({ fact }) => fact.kind)).toEqual([
      "inducted",
      "identified",
      "decided",
      "left",
    ]);
    const story = { waybill: "W001", manifest: null, controls: [], passes: [told] };
    expect(zStory.safeParse(story).error).toBeUndefined();
  });
});

describe("bounds", () => {
  const fill = (book: PassBook, count: number, isEnded: boolean): void => {
    for (let n = 0; n < count; n += 1) {
      const stamp = { lineId: "L1", wallAt: epochMs(0), count: beltCount(0) };
      const passId = `p${n}`;
      const place = { chain: "c", seq: n + 1 };
      const front = { kind: "inducted", passId, frontCount: beltCount(n) } as const;
      takeFact(book, { ...stamp, fact: front }, place);
      const read = { kind: "identified", passId, waybill: `W${n}`, deviceId: "s" } as const;
      takeFact(book, { ...stamp, fact: read }, place);
      const lost = { kind: "lost", passId, lastSeenMm: 1 } as const;
      if (isEnded) takeFact(book, { ...stamp, fact: lost }, place);
    }
  };

  test("the newest ended passes are held, the others forgotten with their waybills", () => {
    const book = newPassBook();
    fill(book, endedPassesMax + 5, true);
    expect(book.byId.size).toBe(endedPassesMax);
    expect(book.byWaybill.size).toBe(endedPassesMax);
    expect(book.byId.has("p4")).toBe(false);
    expect(book.byId.has("p5")).toBe(true);
  });

  test("a line that never tells of an end holds a bounded number of open passes", () => {
    const book = newPassBook();
    fill(book, openPassesPerLineMax + 5, false);
    expect(book.openByLine.get("L1")?.size).toBe(openPassesPerLineMax);
  });

  test("the one that gives way to a new one is named, so that page and officers let it go", () => {
    const book = newPassBook();
    fill(book, openPassesPerLineMax, false);
    const fact = { kind: "inducted", passId: "next", frontCount: beltCount(1) } as const;
    const stamp = { lineId: "L1", wallAt: epochMs(0), count: beltCount(0) };
    const change = takeFact(book, { ...stamp, fact }, { chain: "c", seq: 9_999 });
    expect(change.forgotten?.passId).toBe("p0");
    expect(change.ended).toEqual([]);
    expect(takeFact(book, { ...stamp, fact }, { chain: "c", seq: 10_000 }).forgotten).toBeNull();
  });

  test.each<Fact>([
    { kind: "recallWanted", passId: "forgotten", waybill: "W" },
    { kind: "condition", code: "jam", key: "e1", holds: true, passId: "forgotten", params: {} },
    { kind: "alarm", code: "wrongGreen", passId: "forgotten", params: {} },
  ])("$kind of a pass that is forgotten brings none back onto a belt", (fact) => {
    const book = newPassBook();
    const stamped = { lineId: "L1", wallAt: epochMs(0), count: beltCount(0), fact };
    expect(takeFact(book, stamped, { chain: "c", seq: 1 }).pass).toBeNull();
    expect(book.byId.size).toBe(0);
    takeFact(
      book,
      { ...stamped, fact: { kind: "inducted", passId: "forgotten", frontCount: beltCount(1) } },
      { chain: "c", seq: 2 },
    );
    expect(takeFact(book, stamped, { chain: "c", seq: 3 }).pass?.facts).toHaveLength(2);
  });

  test("one pass holds a bounded number of facts", () => {
    const { passes, tell, induct } = rig();
    induct("p1");
    for (let n = 0; n < factsPerPassMax + 50; n += 1) {
      tell({ kind: "weighed", passId: "p1", weightG: n });
    }
    expect(passes.byId.get("p1")?.facts).toHaveLength(factsPerPassMax);
  });
});
