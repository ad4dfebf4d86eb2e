// Goal: the shell wakes the core for what is due and for nothing else, however its devices stand, and
// what the core waits for does not depend on how often it was woken (law 11). Method: the shell in
// virtual time on a line whose reader owes a test, told by hand what its sorter sees.
import { describe, expect, it } from "vitest";
import type { LineCommand } from "../../edge/line/commands.ts";
import type { LineConfig, ReadBinding } from "../../edge/line/config.ts";
import { isReportAwaited } from "../../edge/line/step.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { HealthState } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import { benchConfig, hashNo } from "../kit/line-bench.ts";
import { createLineStand } from "../kit/line-stand.ts";

const bindings = {
  counter: { kind: "counter", bits: 16 },
  pulse: { kind: "pulse", goodInputId: "good", noReadInputId: "noread" },
  none: { kind: "none" },
} as const satisfies Record<string, ReadBinding>;

interface Recorded {
  readonly count: number;
  readonly kind: string;
  readonly commands: readonly LineCommand[];
  readonly facts: readonly Fact[];
}

/** A line whose reader has that binding and can be tested, in the sorter's first session. */
function rig(binding: ReadBinding) {
  const { layout } = benchConfig;
  const scanner = { ...layout.scanner, binding, canTest: true };
  const config: LineConfig = { ...benchConfig, layout: { ...layout, scanner } };
  const stand = createLineStand({ config });
  const steps = (): Recorded[] =>
    stand.entries.flatMap((entry) => {
      if (entry.kind !== "step") return [];
      const { kind, count } = entry.event as { kind: string; count: number };
      const { commands = [], facts = [] } = entry as unknown as Partial<Recorded>;
      return [{ kind, count, commands, facts }];
    });
  stand.say({ kind: "session", count: beltCount(0) });
  return {
    ...stand,
    config,
    steps,
    wakes: () => steps().filter(({ kind }) => kind === "countReached").length,
    health: (state: HealthState, ...deviceIds: readonly string[]): void => {
      for (const deviceId of deviceIds) {
        stand.host.receive({ kind: "health", deviceId, state, reason: null });
      }
    },
    eye: (eyeId: string, isBlocked: boolean, count: number) =>
      stand.say({ kind: "eye", eyeId, isBlocked, count: beltCount(count) }),
  };
}

const { layout } = benchConfig;
const scannerId = layout.scanner.deviceId;
const xrayId = layout.xray?.deviceId ?? "";

describe("a reader that owes a test and is not heard", () => {
  it.each(Object.entries(bindings))("wakes nobody while the belt runs: %s", (_name, binding) => {
    const line = rig(binding);
    line.health("receiving", layout.sorterId, xrayId);
    line.run(10_000);
    // Once for the tunnel, which has then run through.
    expect(line.wakes()).toBeLessThan(2);
  });

  it.each(Object.entries(bindings))("nor with the sorter gone as well: %s", (_name, binding) => {
    const line = rig(binding);
    line.health("receiving", layout.sorterId, scannerId, xrayId);
    line.run(5_000);
    const before = line.steps().length;
    line.health("down", scannerId, xrayId);
    line.clock.runFor(2_500);
    line.health("down", layout.sorterId);
    line.clock.runFor(57_500);
    expect(line.steps().length - before).toBeLessThan(10);
  });
});

/** Moments at which reports of the belt fall otherwise: prime to their second. */
const offsetsMs = Array.from({ length: 40 }, (_, index) => index * 29);

/** One parcel of 400 mm from the induction eye to well behind the tunnel. */
function passBy(offsetMs: number) {
  const line = rig(bindings.counter);
  line.health("receiving", layout.sorterId, scannerId, xrayId);
  line.run(1_000 + offsetMs);
  const frontCount = 1_000 + offsetMs;
  line.eye(layout.inductionEyeId, true, frontCount);
  line.run(400);
  line.eye(layout.inductionEyeId, false, frontCount + 400);
  line.run(4_600);
  line.eye("xray-entry", true, frontCount + 5_000);
  line.run(400);
  line.eye("xray-entry", false, frontCount + 5_400);
  const passId = line.host.state.passes[0]?.passId ?? "";
  const ofPass = { passId, itemSequence: 1 };
  const entryCount = beltCount(frontCount + 5_000);
  line.host.receive({ kind: "xrayItem", item: { ...ofPass, entryCount, lengthMm: 400 } });
  const hashes = { imageHash: hashNo(1), pictureHash: hashNo(2) };
  line.host.receive({ kind: "xrayImage", ...ofPass, ...hashes });
  // It was away for a moment, and nobody knows what it has missed.
  line.health("down", xrayId);
  line.health("receiving", xrayId);
  line.run(8_000);
  return { ...line, frontCount };
}

describe("what an empty stretch of belt shows", () => {
  it("a test is sent once what the reader held for the last parcel is out, whenever events come", () => {
    const { atMm } = layout.scanner;
    const { readLateMm, eventLateMs } = benchConfig.tracking;
    for (const offsetMs of offsetsMs) {
      const { steps, frontCount } = passBy(offsetMs);
      const freeAtCount = frontCount + atMm + readLateMm + 400;
      const tested = steps().find(
        ({ count, commands }) =>
          count > freeAtCount && commands.some(({ kind }) => kind === "testRead"),
      );
      expect(tested?.count).toBe(freeAtCount + eventLateMs + 1);
    }
  });

  it("a tunnel is empty once it has run through behind the last parcel, whenever events come", () => {
    const toMm = layout.xray?.toMm ?? 0;
    const throughMm = toMm - (layout.xray?.fromMm ?? 0);
    for (const offsetMs of offsetsMs) {
      const { steps, frontCount } = passBy(offsetMs);
      const leftAtCount = frontCount + toMm + benchConfig.tracking.lateMm + 400;
      const calm = steps().find(
        ({ count, facts }) =>
          count > leftAtCount &&
          facts.some(
            (fact) => fact.kind === "condition" && fact.code === "tunnelUnknown" && !fact.holds,
          ),
      );
      expect(calm?.count).toBe(leftAtCount + throughMm);
    }
  });
});

it("a bug in looking what is due is told, and ends the line's work", () => {
  const line = rig(bindings.none);
  line.health("receiving", layout.sorterId, scannerId, xrayId);
  line.run(1_000);
  line.host.state.due.atCount = 1_500;
  line.health("receiving", xrayId);
  Object.defineProperty(line.host.state, "passes", {
    get: () => {
      throw new Error("no passes");
    },
  });
  line.clock.runFor(5_000);
  expect(line.bugs.map(({ message }) => message)).toEqual([expect.stringContaining("line L1")]);
});

it("a telegram that waits for its output is looked at when it can wait no more", () => {
  const line = rig(bindings.pulse);
  line.health("receiving", layout.sorterId, scannerId, xrayId);
  line.host.state.reader.isInStep = true;
  line.run(1_000);
  line.host.state.reader.held.push({ codes: [], count: beltCount(1_100) });
  const aloneAtCount = 1_100 + benchConfig.tracking.earlyMm + 1;
  const isAwaited = (count: number): boolean =>
    isReportAwaited(line.host.state, line.config, count);
  expect([aloneAtCount - 1, aloneAtCount].map(isAwaited)).toEqual([false, true]);
});
