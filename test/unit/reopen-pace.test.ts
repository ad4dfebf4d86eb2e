/**
 * Goal: a connection counts as made only once it has lasted (case duplicate-client-id).
 * Method: connections of measured length in virtual time, one millisecond before and at the bound.
 */
import { describe, expect, it } from "vitest";
import { createReopenPace, lastedMs } from "../../edge/devices/reopen-pace.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const start = () => {
  const clock = createVirtualClock();
  const pace = createReopenPace({ clock, entropy: { next: () => 0 } });
  const connectFor = (ms: number): number => {
    pace.opened();
    clock.runFor(ms);
    return pace.nextDelayMs();
  };
  return { clock, pace, connectFor };
};

describe("the pace of reopening", () => {
  it("does not begin anew with a connection that is lost at once, and counts it", () => {
    const { pace, connectFor } = start();
    expect([1, 1, 1, 1, 1, 1, 1].map(connectFor)).toEqual([
      200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
    expect(pace.shortLived()).toBe(7);
  });

  it("begins anew once a connection has lasted, not a millisecond before", () => {
    const { pace, connectFor } = start();
    expect([lastedMs - 1, lastedMs - 1].map(connectFor)).toEqual([200, 400]);
    expect(pace.shortLived()).toBe(2);
    expect(connectFor(lastedMs)).toBe(200);
    expect(pace.shortLived()).toBe(0);
  });

  it("an attempt that never opened is no short-lived connection", () => {
    const { clock, pace, connectFor } = start();
    connectFor(5);
    clock.runFor(60_000);
    expect([pace.nextDelayMs(), pace.nextDelayMs()]).toEqual([400, 800]);
    expect(pace.shortLived()).toBe(1);
  });

  it("lasts from the first word of the peer, however often it speaks", () => {
    const { clock, pace } = start();
    pace.opened();
    for (let word = 0; word < 10; word += 1) {
      clock.runFor(lastedMs / 10);
      pace.opened();
    }
    pace.nextDelayMs();
    expect(pace.shortLived()).toBe(0);
  });
});
