// Goal: the time operators of rxjs wait by the clock that was handed in, and by nothing else.
// Method: the operators that are in use, and the contract of a scheduler, in virtual time.
import {
  Subject,
  auditTime,
  debounceTime,
  interval,
  map,
  mergeMap,
  switchMap,
  timer,
  type SchedulerAction,
} from "rxjs";
import { describe, expect, test } from "vitest";
import { clockScheduler } from "../../protocols/streams/clock-scheduler.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

function rig() {
  const clock = createVirtualClock();
  const scheduler = clockScheduler(clock);
  const seen: [number, unknown][] = [];
  const see = (what: unknown): void => void seen.push([clock.monotonic(), what]);
  return { clock, scheduler, seen, see };
}

describe("the operators", () => {
  test("an interval beats by the clock and stops when nobody listens", () => {
    const { clock, scheduler, seen, see } = rig();
    const listening = interval(100, scheduler).subscribe(see);
    clock.runFor(350);
    expect(seen).toEqual([
      [100, 0],
      [200, 1],
      [300, 2],
    ]);
    listening.unsubscribe();
    expect(clock.pendingCount()).toBe(0);
    clock.runFor(1_000);
    expect(seen).toHaveLength(3);
  });

  test("a silence is told when it has lasted, counted from the last word", () => {
    const { clock, scheduler, seen, see } = rig();
    const words = new Subject<string>();
    words.pipe(debounceTime(3_000, scheduler)).subscribe(see);
    words.next("one");
    clock.runFor(2_999);
    words.next("two");
    clock.runFor(2_999);
    expect(seen).toEqual([]);
    clock.runFor(1);
    expect(seen).toEqual([[5_999, "two"]]);
    expect(clock.pendingCount()).toBe(0);
  });

  test("a batch is told once, a while after its first", () => {
    const { clock, scheduler, seen, see } = rig();
    const changes = new Subject<number>();
    changes.pipe(auditTime(100, scheduler)).subscribe(see);
    for (let n = 0; n < 25; n += 1) {
      changes.next(n);
      clock.runFor(10);
    }
    expect(seen.map(([at]) => at)).toEqual([100, 200]);
  });

  test("a wait that a newer one replaces never ends", () => {
    const { clock, scheduler, seen, see } = rig();
    const states = new Subject<string>();
    states.pipe(switchMap((state) => timer(500, scheduler).pipe(map(() => state)))).subscribe(see);
    states.next("on");
    clock.runFor(499);
    states.next("off");
    clock.runFor(500);
    expect(seen).toEqual([[999, "off"]]);
    expect(clock.pendingCount()).toBe(0);
  });

  test("waits that end at one moment end in the order they began", () => {
    const { clock, scheduler, seen, see } = rig();
    const starts = new Subject<string>();
    starts.pipe(mergeMap((name) => timer(50, scheduler).pipe(map(() => name)))).subscribe(see);
    for (const name of ["first", "second", "third"]) starts.next(name);
    clock.runFor(50);
    expect(seen.map(([, name]) => name)).toEqual(["first", "second", "third"]);
  });
});

describe("the scheduler", () => {
  test("its now is monotonic: a calendar that steps moves nothing", () => {
    const { clock, scheduler, seen, see } = rig();
    timer(1_000, scheduler).subscribe(see);
    clock.runFor(400);
    clock.stepWall(-86_400_000);
    clock.runFor(599);
    expect(scheduler.now()).toBe(999);
    expect(seen).toEqual([]);
    clock.runFor(1);
    expect(seen).toHaveLength(1);
  });

  test("an action that is scheduled again waits anew, with its new state", () => {
    const { clock, scheduler, seen, see } = rig();
    const action = scheduler.schedule<string>((state) => see(state), 100, "old");
    clock.runFor(60);
    (action as SchedulerAction<string>).schedule("new", 100);
    clock.runFor(100);
    expect(seen).toEqual([[160, "new"]]);
  });

  test("an action that ended is not scheduled again", () => {
    const { clock, scheduler, seen, see } = rig();
    const action = scheduler.schedule<string>((state) => see(state), 100, "never");
    action.unsubscribe();
    (action as SchedulerAction<string>).schedule("never", 1);
    expect(clock.pendingCount()).toBe(0);
    clock.runFor(1_000);
    expect(seen).toEqual([]);
  });

  test("a negative wait is none, and none still waits for the clock to go on", () => {
    const { clock, scheduler, seen, see } = rig();
    scheduler.schedule<string>((state) => see(state), -5, "negative");
    scheduler.schedule<string>((state) => see(state));
    expect(seen).toEqual([]);
    clock.runFor(0);
    expect(seen).toEqual([
      [0, "negative"],
      [0, undefined],
    ]);
  });

  test("what an action throws is thrown to whoever drives the clock", () => {
    const { clock, scheduler } = rig();
    scheduler.schedule(() => {
      throw new Error("planted");
    }, 10);
    expect(() => clock.runFor(10)).toThrow("planted");
  });
});
