/**
 * Goal: virtual and live clocks keep the one contract of `Clock`: never early, ties in the order
 * they were scheduled, cancelled means cancelled.
 * Method: the same facts on virtual time and on short real waits, and a random model of the queue.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { Clock } from "../../protocols/time.ts";
import { createTimerQueue } from "../../protocols/timer-queue.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createSystemClock as createWorldClock } from "../../simulators/clock/system-clock.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const clocks: [string, () => { clock: Clock; pass: (ms: number) => Promise<void> }][] = [
  [
    "virtual",
    () => {
      const clock = createVirtualClock();
      return { clock, pass: async (ms) => clock.runFor(ms) };
    },
  ],
  ...(
    [
      ["the agent's", createSystemClock],
      ["the world's", createWorldClock],
    ] as const
  ).map(([name, create]): [string, () => { clock: Clock; pass: (ms: number) => Promise<void> }] => [
    name,
    () => {
      const clock = create();
      const pass = (ms: number) =>
        new Promise<void>((resolve) => {
          clock.schedule(monotonicMs(clock.monotonic() + ms), resolve);
        });
      return { clock, pass };
    },
  ]),
];

describe.each(clocks)("%s clock", (_name, create) => {
  it("fires in order of due time, ties in the order they were scheduled, never early", async () => {
    const { clock, pass } = create();
    const startedAt = clock.monotonic();
    const fired: string[] = [];
    const at = (ms: number, name: string) =>
      clock.schedule(monotonicMs(startedAt + ms), () => {
        expect(clock.monotonic()).toBeGreaterThanOrEqual(startedAt + ms);
        fired.push(name);
      });
    at(8, "late");
    at(4, "first of two");
    at(4, "second of two");
    at(-5, "overdue");
    await pass(15);
    expect(fired).toEqual(["overdue", "first of two", "second of two", "late"]);
  });

  it("a cancelled timer does not fire, even when cancelled by one of the same instant", async () => {
    const { clock, pass } = create();
    const fired: string[] = [];
    const dueAt = monotonicMs(clock.monotonic() + 3);
    clock.schedule(dueAt, () => {
      fired.push("first");
      second.cancel();
    });
    const second = clock.schedule(dueAt, () => fired.push("second"));
    const third = clock.schedule(dueAt, () => fired.push("third"));
    third.cancel();
    third.cancel();
    await pass(10);
    expect(fired).toEqual(["first"]);
  });

  it("what a timer schedules is kept", async () => {
    const { clock, pass } = create();
    let ticks = 0;
    const tick = () => {
      ticks += 1;
      if (ticks < 3) clock.schedule(monotonicMs(clock.monotonic() + 1), tick);
    };
    clock.schedule(clock.monotonic(), tick);
    await pass(20);
    expect(ticks).toBe(3);
  });
});

it("the agent's clock tells whole microseconds, which is what a journal's records bear", () => {
  const clock = createSystemClock();
  let last = clock.monotonic();
  for (let reads = 0; reads < 1_000; reads += 1) {
    const now = clock.monotonic();
    expect(String(now)).toMatch(/^[0-9]+(\.[0-9]{1,3})?$/);
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

describe("virtual time", () => {
  it("jumps from timer to timer and ends where it was told", () => {
    const clock = createVirtualClock({ wallStartAt: epochMs(1_000_000) });
    const seen: number[] = [];
    for (const at of [10, 86_400_000])
      clock.schedule(monotonicMs(at), () => seen.push(clock.monotonic()));
    clock.runUntil(monotonicMs(100));
    expect([seen, clock.monotonic(), clock.wall(), clock.pendingCount()]).toEqual([
      [10],
      100,
      1_000_100,
      1,
    ]);
    expect(clock.runNext()).toBe(true);
    expect([seen, clock.monotonic()]).toEqual([[10, 86_400_000], 86_400_000]);
    expect(clock.runNext()).toBe(false);
  });

  it("a calendar that steps does not move the monotonic time", () => {
    const clock = createVirtualClock({ wallStartAt: epochMs(1_000_000) });
    clock.stepWall(-5_000);
    expect([clock.wall(), clock.monotonic()]).toEqual([995_000, 0]);
  });

  it("a timer that re-arms without advancing is named instead of hanging the run", () => {
    const clock = createVirtualClock();
    const rearm = () => void clock.schedule(clock.monotonic(), rearm);
    clock.schedule(monotonicMs(5), rearm);
    expect(() => clock.runFor(10)).toThrow(/stands still at 5 ms/);
  });

  it("what comes to a world that was held up comes before what is overdue there", async () => {
    const clock = createWorldClock({ speed: 100 });
    const dueAt = monotonicMs(clock.monotonic() + 500);
    const fired = new Promise<number>((resolve) => {
      clock.schedule(dueAt, () => resolve(clock.monotonic()));
    });
    const heldUpUntil = performance.now() + 20;
    while (performance.now() < heldUpUntil);
    const wallBefore = clock.wall();
    expect(clock.monotonic()).toBe(dueAt);
    expect(await fired).toBe(dueAt);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(dueAt + 500);
    expect(clock.wall() - wallBefore).toBeGreaterThanOrEqual(500);
  });

  it("a world's clock may run faster than real time", async () => {
    const clock = createWorldClock({ speed: 100 });
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      clock.schedule(monotonicMs(clock.monotonic() + 1_000), resolve);
    });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe("timer queue", () => {
  it("takes what is left in the order of due time and arrival, whatever is cancelled", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ dueAt: fc.integer({ min: 0, max: 20 }), isKept: fc.boolean() })),
        (wanted) => {
          const queue = createTimerQueue();
          const taken: number[] = [];
          const timers = wanted.map(({ dueAt }, index) =>
            queue.add(monotonicMs(dueAt), () => taken.push(index)),
          );
          for (const [index, timer] of timers.entries()) if (!wanted[index]?.isKept) timer.cancel();
          const expected = wanted
            .map((timer, index) => ({ ...timer, index }))
            .filter(({ isKept }) => isKept)
            .toSorted((a, b) => a.dueAt - b.dueAt || a.index - b.index);
          expect(queue.size()).toBe(expected.length);
          expect(queue.nextDueAt()).toBe(expected[0]?.dueAt ?? null);
          const end = monotonicMs(20);
          for (let fire = queue.take(end); fire !== null; fire = queue.take(end)) fire();
          expect(taken).toEqual(expected.map(({ index }) => index));
        },
      ),
    );
  });

  it("holds back what is not due yet", () => {
    const queue = createTimerQueue();
    queue.add(monotonicMs(10), () => {});
    expect(queue.take(monotonicMs(9.999))).toBeNull();
    expect(queue.take(monotonicMs(10))).not.toBeNull();
  });
});
