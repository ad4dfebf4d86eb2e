// Goal: whatever the wire loses, repeats or holds up, a line that may release what the centre holds
// in doubt is always named, and one that has confirmed never releases it (law 12). Method: the real
// sender and mirror through a random carrier in virtual time, both looked into at each moment.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyClearance,
  emptyClearanceMirror,
  isLeaseRunning,
} from "../../edge/line/clearance-mirror.ts";
import { isDoubtTaken } from "../../edge/line/doubt-taken.ts";
import { claimsIn } from "../../edge/line/held-claims.ts";
import { createClearanceSender } from "../../edge/link/clearance-sender.ts";
import { isDoubt, type ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { record } from "../centre/kit/records.ts";
import { notConnected, sent } from "../../protocols/transport.ts";

const leaseMs = 2_500;
const lookMs = 50;
const waybillsTotal = 3;

const which = fc.nat(waybillsTotal - 1);
const action = fc.oneof(
  fc.record({ kind: fc.constant("claim" as const), which }),
  fc.record({ kind: fc.constant("relieve" as const), which }),
  fc.record({ kind: fc.constant("doubt" as const), which }),
  fc.record({ kind: fc.constant("end" as const), which }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(2_000) }),
  fc.record({ kind: fc.constant("carry" as const), isCarried: fc.boolean() }),
  // An earlier build never confirms.
  fc.record({ kind: fc.constant("confirm" as const), isConfirming: fc.boolean() }),
  fc.record({ kind: fc.constant("hello" as const) }),
);
type Act = typeof action extends fc.Arbitrary<infer One> ? One : never;
/** How long a message is under way, and how many behind it are as long; null for one that is lost. */
const trip = fc
  .record({
    ms: fc.constantFrom<number | null>(0, 0, 0, 0, 1, 30, 400, 1_500, null),
    messages: fc.constantFrom(1, 1, 1, 2, 4, 6),
  })
  .map(({ ms, messages }) => Array.from({ length: messages }, () => ms));

/** The beginning of a stream is held up until the next one is followed. */
const lateBeginning: [Act[], (number | null)[][]] = [
  [
    { kind: "wait", ms: 500 },
    { kind: "wait", ms: 0 },
    ...(["doubt", "relieve", "doubt"] as const).map((kind) => ({ kind, which: 0 })),
  ],
  [[1_500], [0], [0]],
];

/** A stream is held up as a whole, with its lease, until what it relieves is held back in the next one. */
const lateStream: [Act[], (number | null)[][]] = [
  [
    { kind: "relieve", which: 0 },
    { kind: "end", which: 0 },
    { kind: "wait", ms: 508 },
    { kind: "confirm", isConfirming: false },
  ],
  [[0], [1_500], [0], [1_500, 1_500], [0], [1_500, 1_500, 1_500, 1_500], [0]],
];

interface World {
  /** What the agent may release at this moment though the centre holds it in doubt. */
  wrong(): readonly string[];
  named(): readonly string[];
  act(one: Act): void;
  /** From here on the wire does what it likes. */
  spoil(): void;
  heal(): void;
  standings(): readonly string[];
  clock: ReturnType<typeof createVirtualClock>;
  stop(): void;
}

function worldOf(trips: readonly (number | null)[]): World {
  const clock = createVirtualClock();
  const mirror = emptyClearanceMirror();
  const records = new Map<string, ClearanceRecord>();
  /** The open pass of each waybill. */
  const passes = new Map<string, string>();
  let [version, passNumber, streams, tripNumber] = [0, 0, 0, 0];
  let [isCarried, isConfirming, isHealed] = [true, true, true];
  const nextTrip = (): number | null =>
    isHealed ? 0 : (trips[(tripNumber += 1) % trips.length] ?? 0);

  const carry = (arrive: () => void): void => {
    const ms = nextTrip();
    if (ms !== null) clock.schedule(monotonicMs(clock.monotonic() + ms), arrive);
  };
  const up = (arrive: () => void): void => {
    if (isCarried) carry(arrive);
  };
  const hello = (): void => {
    const stream = mirror.phase === "current" ? mirror.stream : null;
    const place = { stream, seq: mirror.seq, at: clock.monotonic() };
    up(() => sender.hello("a", place));
  };
  const arrive = (message: ClearanceMessage): void => {
    const applied = applyClearance(mirror, message, clock.monotonic());
    if (applied.kind === "gap") up(() => sender.snapshotWanted("a"));
    const { stream, seq } = message;
    if (isConfirming && isDoubtTaken(mirror, message)) up(() => sender.taken("a", { stream, seq }));
  };
  const sender = createClearanceSender({
    clock,
    agentIds: ["a"],
    newStreamId: () => `s${(streams += 1)}`,
    leaseMs,
    heartbeatMs: 1_000,
    send: (_agentId, message) => {
      if (isCarried) carry(() => arrive(message));
      return isCarried ? sent : notConnected;
    },
  });
  const live = (): void => {
    const at = clock.monotonic();
    up(() => sender.alive("a", at));
    clock.schedule(monotonicMs(at + 500), live);
  };
  live();

  const set = (waybill: string, isDoubted: boolean): void => {
    const reasons = isDoubted ? [{ code: "manualControl" as const }] : [];
    const next = record(waybill, { version: (version += 1), reasons });
    records.set(waybill, next);
    sender.changed([next]);
  };
  const claim = (waybill: string): void => {
    if (passes.has(waybill)) return;
    const passId = `p${(passNumber += 1)}`;
    passes.set(waybill, passId);
    const answer = { kind: "claimAnswer", lineId: "L1", passId, waybill } as const;
    const told = { answer: { ...answer, granted: true, why: null }, isHeld: true };
    sender.answered("a", { ...told, record: records.get(waybill) ?? null });
  };
  const end = (waybill: string): void => {
    const passId = passes.get(waybill);
    passes.delete(waybill);
    if (passId !== undefined) sender.ended("a", passId);
  };

  return {
    clock,
    wrong: () => {
      if (!isLeaseRunning(mirror, clock.monotonic())) return [];
      return claimsIn(mirror.held).flatMap(({ passId, waybill, record: held }) => {
        const now = records.get(waybill);
        const isOpen = passes.get(waybill) === passId;
        if (!isOpen || now === undefined || !isDoubt(now)) return [];
        return held === null || isDoubt(held) ? [] : [passId];
      });
    },
    named: () => sender.loosePasses().map(({ passId }) => passId),
    standings: () =>
      [...passes.keys()].flatMap((waybill) =>
        sender.doubted(waybill).map(({ standing }) => standing),
      ),
    act: (one) => {
      if (one.kind === "wait") return;
      if (one.kind === "carry") isCarried = one.isCarried;
      else if (one.kind === "confirm") isConfirming = one.isConfirming;
      else if (one.kind === "hello") hello();
      else {
        const waybill = `W00${one.which}`;
        if (one.kind === "claim") claim(waybill);
        else if (one.kind === "end") end(waybill);
        else set(waybill, one.kind === "doubt");
      }
    },
    spoil: () => (isHealed = false),
    heal: () => {
      [isCarried, isConfirming, isHealed] = [true, true, true];
      hello();
      for (const waybill of passes.keys()) set(waybill, true);
    },
    stop: () => sender.stop(),
  };
}

test("law 12: who may release what is in doubt is named, and nobody for longer than a lease", () => {
  let wrongTotal = 0;
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 5, maxLength: 60 }),
      fc.array(trip, { minLength: 1, maxLength: 20 }),
      (acts, trips) => {
        const world = worldOf(trips.flat());
        /** Since when each pass is named. */
        const since = new Map<string, number>();
        const look = (): void => {
          const named = world.named();
          const wrong = world.wrong();
          wrongTotal += wrong.length;
          expect(named).toEqual(expect.arrayContaining([...wrong]));
          const now = world.clock.monotonic();
          for (const passId of since.keys()) if (!named.includes(passId)) since.delete(passId);
          for (const passId of named) {
            if (!since.has(passId)) since.set(passId, now);
            expect(now - (since.get(passId) ?? now)).toBeLessThan(leaseMs);
          }
        };
        const run = (ms: number): void => {
          for (let passed = 0; passed < ms; passed += lookMs) {
            world.clock.runFor(Math.min(lookMs, ms - passed));
            look();
          }
        };
        for (let one = 0; one < waybillsTotal; one += 1) {
          world.act({ kind: "relieve", which: one });
          world.act({ kind: "claim", which: one });
        }
        world.act({ kind: "hello" });
        run(1_500);
        world.spoil();
        for (const act of acts) {
          world.act(act);
          look();
          run(act.kind === "wait" ? act.ms : 1);
        }
        world.heal();
        run(6_000);
        expect(world.named()).toEqual([]);
        expect(new Set(world.standings())).not.toContain("harmless");
        world.stop();
      },
    ),
    { numRuns: 300, examples: [lateBeginning, lateStream] },
  );
  // The wire was bad enough for it to matter.
  expect(wrongTotal).toBeGreaterThan(100);
});
