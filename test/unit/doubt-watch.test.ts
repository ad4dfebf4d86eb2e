// Goal: who places a doubt waits no longer than it takes, the alarm of a pass stands from when its line
// has had its moment until the doubt is over, and both say the same. Method: the watch in virtual
// time over agents whose standings the test makes up.
import { expect, test } from "vitest";
import { createSiteAlarms } from "../../edge/centre/alarms/site-alarms.ts";
import { confirmMsMax, createDoubtWatch } from "../../edge/centre/doubt-watch.ts";
import type { DoubtedAtAgent, LoosePass } from "../../edge/link/clearance-sender.ts";
import type { HeldBack } from "../../protocols/ui/http.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { runFor } from "../centre/kit/virtual-run.ts";

const waybill = "W001";

function rig() {
  const clock = createVirtualClock();
  const loose = new Map<string, LoosePass>();
  const doubted = new Map<string, DoubtedAtAgent>();
  const places: unknown[] = [];
  const told: AlarmView[] = [];
  const watch = createDoubtWatch({
    clock,
    sender: {
      taken: (agentId, { stream, seq }) => places.push([agentId, stream, seq]),
      loosePasses: () => [...loose.values()],
      doubted: (of) => (of === waybill ? [...doubted.values()] : []),
    },
    claims: { lineOf: (passId) => (passId === "gone" ? null : `L${passId.slice(1)}`) },
    alarms: createSiteAlarms({ clock, onAlarm: (alarm) => told.push(alarm) }),
  });
  /** The agent of this pass holds the waybill, and has not said that it holds it back. */
  const hold = (passId: string, standing: DoubtedAtAgent["standing"]): void => {
    doubted.set(passId, { passIds: [passId], standing });
    if (standing !== "loose") loose.delete(passId);
    else loose.set(passId, { passId, waybill, since: clock.monotonic() });
  };
  const ask = (): { answer: HeldBack | null } => {
    const asked: { answer: HeldBack | null } = { answer: null };
    void watch.heldBack(waybill).then((answer) => (asked.answer = answer));
    return asked;
  };
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 100) {
      await runFor(clock, Math.min(100, ms - gone));
      watch.tick();
    }
    await runFor(clock, 0);
    await Promise.resolve();
  };
  const standing = (): readonly string[] => {
    const states = new Map(told.map(({ lineId, passId, state }) => [`${lineId} ${passId}`, state]));
    return [...states].flatMap(([key, state]) => (state === "active" ? [key] : []));
  };
  return { clock, watch, hold, ask, pass, standing, told, places, loose, doubted };
}

test("where nobody holds the waybill there is nothing to wait for", async () => {
  const { ask, pass } = rig();
  const asked = ask();
  await pass(0);
  expect(asked.answer).toEqual({ confirmed: [], unconfirmed: [], cannotRelease: [] });
});

test("the answer comes with the word of the last line, and no alarm with it", async () => {
  const { watch, ask, hold, pass, standing, places } = rig();
  hold("p1", "loose");
  hold("p2", "harmless");
  const asked = ask();
  await pass(200);
  hold("p1", "confirmed");
  watch.taken("a1", { stream: "s", seq: 4 });
  await pass(0);
  expect(asked.answer).toBeNull();
  hold("p2", "confirmed");
  watch.taken("a2", { stream: "t", seq: 2 });
  await pass(0);
  expect(asked.answer).toEqual({ confirmed: ["L1", "L2"], unconfirmed: [], cannotRelease: [] });
  expect(places).toEqual([
    ["a1", "s", 4],
    ["a2", "t", 2],
  ]);
  await pass(2 * confirmMsMax);
  expect(standing()).toEqual([]);
});

test("a line that says nothing is named after a moment, when its alarm stands already", async () => {
  const { clock, watch, ask, hold, pass, standing, told } = rig();
  hold("p1", "loose");
  hold("p2", "harmless");
  hold("p3", "confirmed");
  const asked = ask();
  await pass(confirmMsMax - 100);
  expect([asked.answer, standing()]).toEqual([null, []]);
  // Nobody looks meanwhile.
  await runFor(clock, 100);
  expect(asked.answer).toEqual({
    confirmed: ["L3"],
    unconfirmed: [{ lineId: "L1", passId: "p1" }],
    cannotRelease: ["L2"],
  });
  expect(standing()).toEqual(["L1 p1"]);
  expect(told).toMatchObject([{ code: "doubtUnconfirmed", params: { waybill } }]);
  expect(watch.reasons()).toEqual(["line L1: pass p1 may still be released"]);
});

test("the alarm stands also where nobody asked, and ends with the doubt, whatever ends it", async () => {
  const { watch, hold, pass, standing, told, loose, doubted } = rig();
  hold("p1", "loose");
  await pass(confirmMsMax);
  expect(standing()).toEqual(["L1 p1"]);
  await pass(5_000);
  expect(told).toHaveLength(1);
  loose.clear();
  doubted.clear();
  await pass(100);
  expect([standing(), watch.reasons()]).toEqual([[], []]);
  expect(told.map(({ state }) => state)).toEqual(["active", "returned"]);
});

test("who waits for a pass that ends is answered then", async () => {
  const { ask, hold, pass, loose, doubted } = rig();
  hold("p1", "loose");
  const asked = ask();
  await pass(300);
  loose.clear();
  doubted.clear();
  await pass(100);
  expect(asked.answer).toEqual({ confirmed: [], unconfirmed: [], cannotRelease: [] });
});

test("a pass of which no line is known raises no alarm, and hides no other", async () => {
  const { hold, pass, standing } = rig();
  hold("gone", "loose");
  hold("p1", "loose");
  await pass(confirmMsMax);
  expect(standing()).toEqual(["L1 p1"]);
});

test("who comes when too many wait, and who waits when the centre stops, is told what is so", async () => {
  const { watch, ask, hold, pass } = rig();
  hold("p1", "harmless");
  const waiting = Array.from({ length: 256 }, ask);
  const late = ask();
  await pass(0);
  const unsaid = { confirmed: [], unconfirmed: [], cannotRelease: ["L1"] };
  expect(late.answer).toEqual(unsaid);
  expect(waiting.some(({ answer }) => answer !== null)).toBe(false);
  watch.stop();
  await pass(0);
  expect(waiting.every(({ answer }) => answer !== null)).toBe(true);
  expect(waiting[0]?.answer).toEqual(unsaid);
});
