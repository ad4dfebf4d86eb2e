/**
 * Goal: a line's light follows its own facts and state, with the delays of the table, without the
 * centre; and a mistake in it ends the light and not the line. Method: facts and a state in the test's
 * hands, in virtual time.
 */
import { describe, expect, test } from "vitest";
import { initialLineState } from "../../edge/line/state.ts";
import { emptyClearanceMirror } from "../../edge/line/clearance-mirror.ts";
import { createLineAnnunciator } from "../../edge/runtime/line-annunciator.ts";
import {
  restingAnnunciation,
  type Annunciation,
} from "../../protocols/annunciator/annunciation.ts";
import { createCollectingLog } from "../../protocols/log.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import { sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { lit } from "../kit/annunciator.ts";

function stand() {
  const clock = createVirtualClock();
  const state = initialLineState(emptyClearanceMirror());
  state.belt.epoch = "e1";
  state.belt.isRunning = true;
  state.devices.set("sorter-1", "receiving");
  state.machine.isInductionPermitted = true;
  const shown: Annunciation[] = [];
  const { log, lines } = createCollectingLog();
  let isCentreHeard = true;
  let isBroken = false;
  const light = createLineAnnunciator({
    lineId: "L1",
    sorterId: "sorter-1",
    clock,
    log,
    horn: { upToPriority: 2, forMsMax: 30_000 },
    port: {
      show(annunciation) {
        shown.push(annunciation);
        return sent;
      },
    },
    state: () => {
      if (isBroken) throw new Error("planted");
      return state;
    },
    isCentreHeard: () => isCentreHeard,
  });
  return {
    clock,
    state,
    shown,
    lines,
    light,
    last: () => shown.at(-1),
    setCentreHeard: (isHeard: boolean) => (isCentreHeard = isHeard),
    breakOurs: () => (isBroken = true),
  };
}

const jam = (holds: boolean): ToldFact => ({
  kind: "condition",
  code: "jam",
  key: "e1",
  holds,
  passId: null,
  params: { eyeId: "e1" },
});
const down = (holds: boolean): ToldFact => ({
  kind: "condition",
  code: "deviceDown",
  key: "scale-1",
  holds,
  passId: null,
  params: { deviceId: "scale-1" },
});
const missort: ToldFact = {
  kind: "notice",
  code: "missort",
  passId: "p1",
  params: { exit: "red" },
};

describe("the light of a line", () => {
  test("says what is so once, and again only when it changes", () => {
    const { clock, shown, light } = stand();
    light.take([jam(true)]);
    clock.runFor(5_000);
    light.take([jam(false)]);
    clock.runFor(5_000);
    expect(shown).toEqual([
      lit({ green: "steady" }),
      lit({ amber: "flashing", blue: "steady", horn: true }),
      lit({ green: "steady" }),
    ]);
  });

  test("what lasts no longer than the table's delay is neither seen nor heard", () => {
    const { clock, shown, light, last } = stand();
    light.take([down(true)]);
    clock.runFor(1_900);
    light.take([down(false)]);
    clock.runFor(5_000);
    expect(shown).toEqual([lit({ green: "steady" })]);
    light.take([down(true)]);
    clock.runFor(2_250);
    expect(last()).toEqual(lit({ amber: "flashing", white: "steady", horn: true }));
  });

  test("a key silences the horn at once; without one it is silent at its limit", () => {
    const { clock, light, last } = stand();
    light.take([jam(true)]);
    light.silence();
    expect(last()).toEqual(lit({ amber: "flashing", blue: "steady" }));
    light.take([missort]);
    expect(last()?.horn).toBe(true);
    clock.runFor(29_750);
    expect(last()?.horn).toBe(true);
    clock.runFor(500);
    expect(last()?.horn).toBe(false);
  });

  test("the belt and the centre are looked at without being told", () => {
    const { clock, state, last, setCentreHeard } = stand();
    setCentreHeard(false);
    clock.runFor(250);
    expect(last()).toEqual(lit({ green: "steady", white: "steady" }));
    state.belt.isRunning = false;
    clock.runFor(250);
    expect(last()).toEqual(lit({ red: "steady", white: "steady" }));
    state.devices.set("sorter-1", "stale");
    clock.runFor(250);
    expect(last()).toEqual(lit({ amber: "flashing", white: "steady" }));
  });

  test("a mistake of ours in it is told in the log, and leaves the light at rest", () => {
    const { clock, light, lines, shown, last, breakOurs } = stand();
    breakOurs();
    expect(() => light.take([jam(true)])).not.toThrow();
    expect(last()).toEqual(restingAnnunciation);
    expect(lines.map(({ level }) => level)).toEqual(["error"]);
    const total = shown.length;
    clock.runFor(10_000);
    light.take([jam(false)]);
    expect(shown).toHaveLength(total);
  });
});
