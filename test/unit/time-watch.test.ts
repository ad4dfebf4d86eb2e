/**
 * Goal: time that did not pass as it was told is seen (law 7), and clocks that merely drift are not. Method:
 * the watch over a virtual clock that sleeps, is set, stalls and drifts.
 */
import { describe, expect, test } from "vitest";
import { createTimeKeeper } from "../../edge/runtime/time-keeper.ts";
import { silentLog } from "../../protocols/log.ts";
import { createTimeWatch, type TimeBreak } from "../../protocols/time-watch.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { benchConfig } from "../kit/line-bench.ts";

const hourMs = 3_600_000;

function startWatch({ hasBoot = true, stallMsMax = null as number | null } = {}) {
  const clock = createVirtualClock();
  const watch = createTimeWatch({ clock: hasBoot ? { boot: clock.boot! } : {}, stallMsMax });
  const look = () => watch.look(clock.monotonic(), clock.wall());
  look();
  return { clock, look, watch };
}

describe("the watch", () => {
  test("case suspend-keeps-evidence-fresh: the boot clock counts a sleep that the calendar hides", () => {
    const { clock, look } = startWatch();
    clock.sleep(8 * hourMs);
    clock.stepWall(-8 * hourMs);
    clock.runFor(500);
    expect(look()).toEqual({ why: "slept", byMs: 8 * hourMs, calendarByMs: -8 * hourMs });
    expect(look()).toBeNull();
  });

  test("case suspend-keeps-evidence-fresh: without a boot clock a sleep is a step of the calendar", () => {
    const { clock, look } = startWatch({ hasBoot: false });
    clock.sleep(8 * hourMs);
    expect(look()).toEqual({ why: "calendar", byMs: 8 * hourMs, calendarByMs: 8 * hourMs });
  });

  test("a sleep is told at once where the calendar shows it, however short ago the boot clock was read", () => {
    const { clock, look } = startWatch();
    clock.runFor(1);
    clock.sleep(2_000);
    expect(look()).toEqual({ why: "slept", byMs: 2_000, calendarByMs: 0 });
  });

  test.each([
    [1_999, false],
    [2_000, true],
    [-1_999, false],
    [-2_000, true],
  ])("a calendar that steps by %i ms is a break: %s", (byMs, isBreak) => {
    const { clock, look } = startWatch();
    clock.stepWall(byMs);
    expect(look() !== null).toBe(isBreak);
  });

  test("small steps add up, unless they are as slow as a clock that is being slewed", () => {
    const { clock, look } = startWatch();
    const breaks: (TimeBreak | null)[] = [];
    for (let second = 0; second < 24 * 3_600; second += 60) {
      clock.runFor(60_000);
      clock.stepWall(30);
      breaks.push(look());
    }
    expect(breaks.every((each) => each === null)).toBe(true);
    clock.stepWall(1_500);
    expect(look()).toBeNull();
    clock.runFor(1_000);
    clock.stepWall(1_500);
    expect(look()).toMatchObject({ why: "calendar" });
  });

  test("whoever did not look for longer than he may has stalled", () => {
    const { watch } = startWatch({ stallMsMax: 150 });
    const wallAt = (at: number) => epochMs(Date.UTC(2026, 0, 1) + at);
    expect(watch.look(monotonicMs(150), wallAt(150))).toBeNull();
    expect(watch.look(monotonicMs(301), wallAt(301))).toMatchObject({ why: "stalled", byMs: 151 });
    expect(watch.look(monotonicMs(302), wallAt(302))).toBeNull();
  });
});

describe("the agent's time keeper", () => {
  function startKeeper() {
    const clock = createVirtualClock();
    const breaks: TimeBreak[] = [];
    const keeper = createTimeKeeper({
      clock,
      log: silentLog,
      lines: [benchConfig],
      onBreak: (broken) => breaks.push(broken),
    });
    return { clock, breaks, keeper };
  }

  test("sees a sleep without any event, within half a second", () => {
    const { clock, breaks, keeper } = startKeeper();
    clock.runFor(60_000);
    expect(breaks).toEqual([]);
    clock.sleep(hourMs);
    clock.runFor(500);
    expect(breaks).toMatchObject([{ why: "slept", byMs: hourMs }]);
    keeper.stop();
    expect(clock.pendingCount()).toBe(0);
  });

  test("an event that comes first after a sleep finds it, and is told of afterwards", () => {
    const { clock, breaks, keeper } = startKeeper();
    clock.runFor(1_000);
    clock.sleep(hourMs);
    keeper.look(clock.monotonic(), clock.wall());
    expect(breaks).toMatchObject([{ why: "slept" }]);
    keeper.stop();
  });
});
