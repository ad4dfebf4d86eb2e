/**
 * Goal: a device's health is the age of its last good message, told at each change and only then.
 * Method: the tracker in virtual time, at the boundaries of both ages.
 */
import { describe, expect, it } from "vitest";
import { samplesMin } from "../../edge/devices/clock-offset.ts";
import { createHealthTracker, remarkMs } from "../../edge/devices/health.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { zFact } from "../../protocols/facts.ts";
import { zUpMessage } from "../../protocols/link.ts";
import { deviceReasonClause } from "../../protocols/words/device-reason.ts";
import { voices } from "../../protocols/words/words.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const start = (staleAfterMs: number | null = 1_000, downAfterMs = 10_000) => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const tracker = createHealthTracker({
    clock,
    staleAfterMs,
    downAfterMs,
    onChange: ({ state, reason }) => {
      const { seconds } = reason?.params ?? {};
      const words = [reason?.code ?? "well", ...(seconds === undefined ? [] : [`${seconds} s`])];
      told.push(`${clock.monotonic()} ${state}: ${words.join(" ")}`);
    },
  });
  return { clock, told, tracker };
};

describe("the device's clock", () => {
  const bound = { boundMs: 10 };
  const off = (offsetMsMax: number) => {
    const clock = createVirtualClock();
    const told: unknown[] = [];
    const tracker = createHealthTracker({
      clock,
      staleAfterMs: 1_000,
      downAfterMs: 10_000,
      clockOffsetMsMax: offsetMsMax,
      onChange: (health) => told.push(health.reason?.code ?? "well"),
    });
    tracker.heard();
    const shows = (offsetMs: number, times = samplesMin): void => {
      for (let time = 0; time < times; time += 1) tracker.clock({ offsetMs, ...bound });
    };
    return { tracker, told, shows };
  };

  it("is told once it was shown often enough", () => {
    const { tracker, shows } = off(2_000);
    shows(40, samplesMin - 1);
    expect(tracker.health().clock).toBeUndefined();
    shows(40, 1);
    expect(tracker.health().clock).toEqual({ offsetMs: 40, boundMs: 10 });
  });

  it("2,010 ms with a bound of 10 may be 2,000; 2,011 is more, either way", () => {
    for (const sign of [1, -1]) {
      const { tracker, told, shows } = off(2_000);
      shows(sign * 2_010);
      expect(tracker.health().reason).toBeNull();
      const { tracker: further, shows: showFurther } = off(2_000);
      showFurther(sign * 2_011);
      expect(further.health()).toMatchObject({
        state: "receiving",
        reason: { code: "clockOff", params: { byS: sign * 2, mostMs: 2_000 } },
      });
      expect(told).toEqual(["well"]);
    }
  });

  it("is well again once most of the newest say so, and told once each way", () => {
    const { told, shows } = off(2_000);
    shows(60_000, 20);
    shows(0, 20);
    expect(told).toEqual(["well", "clockOff", "well"]);
  });

  it("a device that is silent is told as that, and one that connects anew is measured anew", () => {
    const { tracker, shows } = off(2_000);
    shows(60_000);
    tracker.connected(null);
    expect(tracker.health().clock).toBeUndefined();
    shows(0);
    expect(tracker.health()).toMatchObject({ clock: { offsetMs: 0 }, reason: null });
  });

  it("travels in health reports, with words for its reason", () => {
    const { tracker, shows } = off(2_000);
    shows(-3_456);
    const { state, reason, counters, clock } = tracker.health();
    const report = { id: "s", deviceKind: "sorter", health: state, reason, counters, clock };
    const message = { kind: "health", lineId: "L1", devices: [report] };
    expect(zUpMessage.safeParse(message).error).toBeUndefined();
    expect(deviceReasonClause(reason!, voices.en)).toBe(
      "its clock is off: -3.5 s from the line controller's",
    );
    expect(deviceReasonClause(reason!, voices["zh-CN"])).toContain("-3.5 秒");
  });
});

describe("health by age", () => {
  it("a remark is not forgotten because the wire opens anew", () => {
    const { tracker } = start();
    tracker.remark(deviceReason("retained", { address: "d/read" }));
    tracker.connected(deviceReason("nothingHeardOn", { address: "d/#" }));
    expect(tracker.health()).toMatchObject({ state: "down", reason: { code: "retained" } });
  });

  it("is down until something was heard", () => {
    const { tracker, told } = start();
    expect(tracker.health()).toEqual({
      state: "down",
      reason: { code: "neverHeard" },
      counters: {},
    });
    expect(told).toEqual([]);
  });

  it("999 ms receiving, 1,000 stale, 9,999 stale, 10,000 down", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    clock.runFor(999);
    expect(tracker.health().state).toBe("receiving");
    clock.runFor(1);
    expect(tracker.health().state).toBe("stale");
    clock.runFor(8_999);
    expect(tracker.health().state).toBe("stale");
    clock.runFor(1);
    expect(tracker.health().state).toBe("down");
    expect(told).toEqual([
      "0 receiving: well",
      "1000 stale: silent 1 s",
      "10000 down: silent 10 s",
    ]);
  });

  it("comes to an end whatever the fractions of a millisecond (law 11)", () => {
    for (let part = 0; part < 1_000; part += 1) {
      const { clock, tracker } = start();
      clock.runFor(part * 67.3271 + part / 7);
      tracker.heard();
      // Virtual time would stand still where a timer comes too early for itself.
      clock.runFor(10_000);
      expect(tracker.health().state).toBe("down");
    }
  });

  it("after a stale spell the next silence is noticed as early as the first", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    clock.runFor(1_500);
    tracker.heard();
    clock.runFor(1_000);
    expect(told.at(-1)).toBe("2500 stale: silent 1 s");
  });

  it("hearing often neither tells nor piles up timers", () => {
    const { clock, tracker, told } = start();
    for (let beat = 0; beat < 1_000; beat += 1) {
      tracker.heard();
      clock.runFor(10);
    }
    expect(told).toEqual(["0 receiving: well"]);
    expect(clock.pendingCount()).toBe(1);
  });

  it("a lost wire changes the words at once and the state by age", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    tracker.fault(deviceReason("connectionLost"));
    expect(tracker.health().state).toBe("receiving");
    clock.runFor(1_000);
    tracker.fault(deviceReason("cannotOpen"));
    expect(told).toEqual([
      "0 receiving: well",
      "1000 stale: connectionLost",
      "1000 stale: cannotOpen",
    ]);
  });

  it("an attempt that fails in other words is no event; the newest words are there to be read", () => {
    const { clock, tracker, told } = start();
    const fail = (attempt: number): void =>
      tracker.fault(deviceReason("refused", { address: "s:1", detail: `attempt ${attempt}` }));
    tracker.heard();
    clock.runFor(10_000);
    told.length = 0;
    for (let attempt = 1; attempt <= 1_000; attempt += 1) {
      fail(attempt);
      clock.runFor(1_000);
    }
    expect(told).toEqual(["10000 down: refused"]);
    expect(tracker.health().reason?.detail).toBe("attempt 1000");
  });

  it("a library's long words are told in one line that the link and the journal take (S2)", () => {
    const { clock, tracker } = start();
    tracker.heard();
    const detail = `The connection cannot be established.\nErr = (${"x".repeat(300)})`;
    tracker.fault(deviceReason("refused", { address: "/dev/".repeat(200), detail }));
    clock.runFor(1_000);
    const { state, reason } = tracker.health();
    expect(reason?.detail).toMatch(/^The connection cannot be established\. Err = \(x+$/);
    const device = { id: "s", deviceKind: "sorter", health: state, reason, counters: {} };
    expect(zUpMessage.safeParse({ kind: "health", lineId: "L1", devices: [device] }).success).toBe(
      true,
    );
    const fact = { kind: "deviceHealth", deviceId: "s", health: state, reason };
    expect(zFact.safeParse(fact).success).toBe(true);
  });

  it("a remark is kept for the next silence, and forgotten when a good message comes", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    tracker.remark(deviceReason("badFrames"));
    tracker.heard();
    clock.runFor(1_000);
    expect(told.at(-1)).toBe("1000 stale: silent 1 s");
    tracker.remark(deviceReason("badChecksum"));
    clock.runFor(9_000);
    expect(told.at(-1)).toBe("10000 down: badChecksum");
  });

  it("without a sign of life only the wire is judged: a fault is down at once, a remark is not", () => {
    const { clock, tracker } = start(null);
    tracker.heard();
    clock.runFor(1_000_000);
    tracker.remark(deviceReason("badFrames"));
    expect(tracker.health().state).toBe("receiving");
    tracker.fault(deviceReason("connectionLost"));
    expect(tracker.health()).toMatchObject({ state: "down", reason: { code: "connectionLost" } });
  });

  it("without a sign of life it is received, and nothing heard until something is", () => {
    const { clock, tracker, told } = start(null);
    const nothingHeard = deviceReason("nothingHeardOn", { address: "/dev/ttyUSB0" });
    tracker.connected(nothingHeard);
    tracker.advise(deviceReason("publishesSlowly", { everyMs: 200, askedMs: 10 }));
    clock.runFor(1_000_000);
    expect(tracker.health()).toMatchObject({ state: "receiving", reason: nothingHeard });
    tracker.remark(deviceReason("badFrames"));
    clock.runFor(remarkMs);
    // What was not understood is no word of the device's.
    expect(tracker.health()).toMatchObject({ state: "receiving", reason: nothingHeard });
    tracker.heard();
    expect(tracker.health().reason?.code).toBe("publishesSlowly");
    tracker.advise(null);
    tracker.fault(deviceReason("connectionLost"));
    tracker.connected(nothingHeard);
    expect(tracker.health()).toMatchObject({ state: "receiving", reason: nothingHeard });
    expect(told.slice(-3)).toEqual([
      "1060000 receiving: well",
      "1060000 down: connectionLost",
      "1060000 receiving: nothingHeardOn",
    ]);
  });

  it("counts, and tells nothing after stop", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    tracker.note("framesTotal");
    tracker.note("bytesTotal", 17);
    tracker.note("framesTotal");
    tracker.stop();
    tracker.heard();
    clock.runFor(20_000);
    expect(told).toEqual(["0 receiving: well"]);
    expect(tracker.health().counters).toEqual({ framesTotal: 2, bytesTotal: 17 });
    expect(clock.pendingCount()).toBe(0);
  });
});

describe("what is odd but not silent", () => {
  it("DEV1-B7: frames not understood are told while the device is received, the newest with how many", () => {
    const { clock, tracker, told } = start();
    tracker.heard();
    for (const detail of ["first", "second", "third"]) {
      tracker.remark(deviceReason("badFrames", { detail }));
      tracker.heard();
    }
    expect(tracker.health()).toMatchObject({
      state: "receiving",
      reason: { code: "badFrames", detail: "third", params: { total: 3 } },
    });
    expect(told).toEqual(["0 receiving: well", "0 receiving: badFrames"]);
    for (let second = 0; second < 59; second += 1) {
      tracker.heard();
      clock.runFor(999);
    }
    expect(tracker.health().reason?.code).toBe("badFrames");
    for (let second = 0; second < 2; second += 1) {
      tracker.heard();
      clock.runFor(999);
    }
    expect(tracker.health()).toMatchObject({ state: "receiving", reason: null });
  });

  it("DEV1-B9: of a silent device, too, the newest bad frame is told and not the oldest", () => {
    const { tracker } = start();
    tracker.remark(deviceReason("badFrames", { detail: "old" }));
    tracker.remark(deviceReason("badFrames", { detail: "new" }));
    expect(tracker.health().reason).toMatchObject({ detail: "new", params: { total: 2 } });
  });

  it("what stands is told as long as it stands, behind a remark that passes", () => {
    const { clock, tracker } = start(null);
    tracker.heard();
    tracker.advise(deviceReason("publishesSlowly", { everyMs: 200, askedMs: 10 }));
    expect(tracker.health()).toMatchObject({
      state: "receiving",
      reason: { code: "publishesSlowly" },
    });
    tracker.remark(deviceReason("badFrames"));
    expect(tracker.health().reason?.code).toBe("badFrames");
    clock.runFor(remarkMs);
    expect(tracker.health().reason?.code).toBe("publishesSlowly");
    tracker.advise(null);
    expect(tracker.health().reason).toBeNull();
  });

  it("DEV1-B6: connected and silent: it says where nothing was heard, instead of why it was not connected", () => {
    const { tracker } = start();
    tracker.fault(deviceReason("refused"));
    tracker.connected(deviceReason("nothingHeardOn", { address: "d/scan/#" }));
    expect(tracker.health()).toMatchObject({ state: "down", reason: { code: "nothingHeardOn" } });
  });
});
