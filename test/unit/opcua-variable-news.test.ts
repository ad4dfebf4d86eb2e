/**
 * Goal: variables that are read on news are read at least as often without any, a subscription that
 * tells nothing is found out, and what a server grants is told in words and judged. Method: reads and
 * news in virtual time, with a server by hand.
 */
import { describe, expect, it } from "vitest";
import type { VariableReadings } from "../../edge/devices/variables.ts";
import {
  grantAdvice,
  type SubscriptionGrant,
} from "../../edge/devices/wires/opcua/subscription-grant.ts";
import type { ValueWatch, ValueWatchHandlers } from "../../edge/devices/wires/opcua/value-watch.ts";
import { followVariables } from "../../edge/devices/wires/opcua/variable-follow.ts";
import { createVariablePolls } from "../../edge/devices/wires/opcua/variable-poll.ts";
import type { ReadOnNews } from "../../edge/devices/wires/opcua/variables.ts";
import { WireRefusal } from "../../edge/devices/network-reason.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { deviceReasonClause, deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import { voices } from "../../protocols/words/words.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const same = (value: number) => ({ asked: value, granted: value });
const asAsked: SubscriptionGrant = {
  everyMs: same(10),
  sampledMs: same(10),
  queueSize: same(1),
  keepAliveCount: same(100),
  lifetimeCount: same(1_000),
};
const floors: SubscriptionGrant = {
  ...asAsked,
  everyMs: { asked: 10, granted: 100 },
  sampledMs: { asked: 10, granted: 50 },
};

const pollMs = 20;
const news: ReadOnNews = {
  keys: ["count", "written"],
  samplingMs: 10,
  queueSize: 1,
  everyMsMax: 100,
};

/** A server by hand, and whoever follows its variables. */
function standOf(answerMs = 0) {
  const clock = createVirtualClock();
  const asked: number[] = [];
  const advised: (DeviceReason | null)[] = [];
  const failed: string[] = [];
  const shown = { count: 0, written: 0, other: 0 };
  let watch: {
    handlers: ValueWatchHandlers;
    grant(grant: SubscriptionGrant): void;
    refuse(error: unknown): void;
  } | null = null;
  let heard = 0;
  let isBroken = false;
  let left = 0;

  const read = async (): Promise<VariableReadings> => {
    const askedAt = clock.monotonic();
    asked.push(askedAt);
    const values = new Map(Object.entries(shown));
    await new Promise<void>((resolve) => {
      if (answerMs === 0) resolve();
      else clock.schedule(monotonicMs(askedAt + answerMs), resolve);
    });
    if (isBroken) throw new Error("gone");
    return { kind: "readings", askedAt, serverStart: null, values };
  };

  const following = followVariables({
    clock,
    variables: {
      read,
      watch: (_, handlers) =>
        new Promise<ValueWatch>((resolve, reject) => {
          watch = {
            handlers,
            grant: (grant) => resolve({ grant, stop: async () => void (left += 1) }),
            refuse: reject,
          };
        }),
    },
    source: { pollMs, subscription: news },
    polls: createVariablePolls(clock),
    onReadings: () => (heard += 1),
    onFailed: (error) => failed.push(String(error)),
    onAdvice: (advice) => advised.push(advice),
    leave: (leaving) => void leaving,
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
  };
  const run = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1) {
      clock.runFor(1);
      await settle();
    }
  };
  /** What is asked in the next so many milliseconds, counted from now. */
  const askedIn = async (ms: number): Promise<number[]> => {
    const [from, before] = [clock.monotonic(), asked.length];
    await run(ms);
    return asked.slice(before).map((at) => at - from);
  };
  return {
    shown,
    advised,
    failed,
    following,
    settle,
    run,
    askedIn,
    heard: () => heard,
    left: () => left,
    breakIt: () => (isBroken = true),
    tell: () => watch!.handlers.onChanged(),
    end: () => watch!.handlers.onEnded("the subscription has ended"),
    refuse: async (error: unknown) => {
      watch!.refuse(error);
      await settle();
    },
    grant: async (grant: SubscriptionGrant) => {
      watch!.grant(grant);
      await settle();
    },
  };
}

const polled = [20, 40, 60, 80, 100];
const codes = (advised: readonly (DeviceReason | null)[]) =>
  advised.map((advice) => advice?.code ?? null);

describe("variables that are read on news", () => {
  it("are polled until the subscription is granted", async () => {
    const { askedIn, advised } = standOf();
    expect(await askedIn(101)).toEqual([0, ...polled]);
    expect(advised).toEqual([]);
  });

  it("are read twice for each piece of news, and twice every 100 ms without any", async () => {
    const { askedIn, tell, grant, settle } = standOf();
    await askedIn(5);
    await grant(floors);
    // The first reading comes with the grant, and its second one behind it.
    expect(await askedIn(30)).toEqual([20]);
    tell();
    await settle();
    expect(await askedIn(250)).toEqual([10, 30, 130, 150, 250]);
  });

  it("are never read more often than they are polled, however much is told", async () => {
    const { askedIn, tell, grant, run } = standOf();
    await run(5);
    await grant(asAsked);
    const times: number[] = [];
    for (let each = 0; each < 60; each += 1) {
      tell();
      times.push(...(await askedIn(3)).map((at) => at + 3 * each));
    }
    expect(times.length).toBeGreaterThan(5);
    const gaps = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.min(...gaps)).toBe(pollMs);
  });

  it("are asked for one answer at a time, and news meanwhile are read after it", async () => {
    const { askedIn, tell, grant, run } = standOf(50);
    await run(5);
    await grant(floors);
    await run(45);
    tell();
    const times = await askedIn(240);
    expect(times).toEqual([5, 55, 155, 205]);
  });

  it("of a subscription that has died without a word are polled within five times 100 ms", async () => {
    const { askedIn, grant, tell, shown, run, advised, settle } = standOf();
    await run(5);
    await grant(floors);
    for (let each = 0; each < 20; each += 1) {
      shown.count += 50;
      tell();
      await run(50);
    }
    expect(codes(advised)).toEqual(["grantedLess"]);
    for (let each = 0; each < 100; each += 1) {
      shown.count += 5;
      await run(5);
    }
    expect(codes(advised)).toEqual(["grantedLess", "subscriptionSilent"]);
    await run(20);
    expect((await askedIn(100)).length).toBe(5);
    // Whatever it tells then is nobody's.
    tell();
    await settle();
    expect(codes(advised)).toEqual(["grantedLess", "subscriptionSilent"]);
  });

  it("are not polled for news that are late, that a reading shows late, or of what nobody watches", async () => {
    const { grant, tell, shown, run, advised } = standOf();
    await run(5);
    await grant(floors);
    await run(1_000);
    // A reading is before the news.
    shown.count += 1;
    await run(150);
    tell();
    await run(1_000);
    // The news are before the reading, as where the server answers from its cache.
    tell();
    await run(60);
    shown.written += 1;
    await run(1_000);
    shown.other += 1;
    await run(1_000);
    expect(codes(advised)).toEqual(["grantedLess"]);
  });

  it.each<[string, (stand: ReturnType<typeof standOf>) => Promise<void>, DeviceReason]>([
    [
      "refused",
      (stand) => stand.refuse(new Error("BadTooManySubscriptions")),
      deviceReason("subscriptionRefused", { detail: "BadTooManySubscriptions" }),
    ],
    [
      "not granted in time",
      (stand) => stand.refuse(new WireRefusal(deviceReason("notGranted", { seconds: 5 }))),
      deviceReason("subscriptionRefused", { detail: "notGranted" }),
    ],
    [
      "published more seldom than the session lives",
      (stand) =>
        stand.refuse(
          new WireRefusal(deviceReason("publishesTooSlowly", { everyMs: 5_000, mostMs: 3_333 })),
        ),
      deviceReason("subscriptionTooSlow", { everyMs: 5_000, mostMs: 100 }),
    ],
    [
      "published too seldom",
      (stand) => stand.grant({ ...asAsked, everyMs: { asked: 10, granted: 101 } }),
      deviceReason("subscriptionTooSlow", { everyMs: 101, askedMs: 10, mostMs: 100 }),
    ],
    [
      "sampled too seldom",
      (stand) => stand.grant({ ...asAsked, sampledMs: { asked: 10, granted: 250 } }),
      deviceReason("subscriptionTooSlow", { everyMs: 250, askedMs: 10, mostMs: 100 }),
    ],
    [
      "ended",
      async (stand) => {
        await stand.grant(asAsked);
        stand.end();
      },
      deviceReason("subscriptionSilent", { detail: "the subscription has ended" }),
    ],
  ])("of a subscription that is %s are polled, and it is told why", async (_, fail, reason) => {
    const stand = standOf();
    await stand.run(100);
    await fail(stand);
    expect(stand.advised.at(-1)).toEqual(reason);
    await stand.run(20);
    expect((await stand.askedIn(200)).length).toBe(10);
    stand.following.stop();
    expect(await stand.askedIn(200)).toEqual([]);
  });

  it("are read no more once they could not be", async () => {
    const { grant, run, askedIn, breakIt, failed, tell } = standOf();
    await run(5);
    await grant(asAsked);
    breakIt();
    await run(100);
    expect(failed).toEqual(["Error: gone"]);
    tell();
    expect(await askedIn(300)).toEqual([]);
    expect(failed).toEqual(["Error: gone"]);
  });

  it("are not followed any more by whoever has stopped, granted before or after", async () => {
    for (const isEarly of [true, false]) {
      const { grant, run, askedIn, following, left, tell, advised, heard } = standOf();
      await run(5);
      if (isEarly) await grant(asAsked);
      following.stop();
      const heardBefore = heard();
      if (!isEarly) await grant(floors);
      expect(left()).toBe(1);
      tell();
      expect(await askedIn(300)).toEqual([]);
      expect(heard()).toBe(heardBefore);
      expect(codes(advised)).toEqual(isEarly ? [null] : []);
    }
  });
});

describe("what a server grants", () => {
  it("is no news where it is what was asked for, or better", () => {
    expect(grantAdvice(asAsked)).toBeNull();
    expect(grantAdvice({ ...asAsked, everyMs: { asked: 10, granted: 5 } })).toBeNull();
  });

  it("PR4.4-14: is told with what was asked, in both languages", () => {
    const advice = grantAdvice(floors)!;
    expect(deviceReasonLogText(advice)).toBe(
      "grants less than asked: publishes every 100 ms of 10, samples every 50 ms of 10",
    );
    expect(deviceReasonClause(advice, voices["zh-CN"])).toBe(
      "获准的少于要求：每 100 毫秒发布一次，要求 10；每 50 毫秒采样一次，要求 10",
    );
  });

  it.each(["everyMs", "sampledMs", "queueSize", "keepAliveCount", "lifetimeCount"] as const)(
    "is told where only its %s differs",
    (name) => {
      const advice = grantAdvice({ ...asAsked, [name]: { asked: 10, granted: 40 } });
      expect(advice?.code).toBe("grantedLess");
      expect(deviceReasonLogText(advice!)).toMatch(/40( ms)? of 10/);
    },
  );
});
