/**
 * Goal: whole lines in virtual time keep the laws under every fault. Method: short runs of fixed
 * seeds and of one fresh one, judged by the oracle; and the same run told again under other names.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FaultName } from "../../simulators/faults/plan.ts";
import { faultNames, readerNatures } from "../../simulators/faults/plan.ts";
import { swarmBindings } from "./bindings.ts";
import { drawRun, laggingRun, quietRun, stormRun, type RunOptions } from "./options.ts";
import { peerFailures } from "./peer-failures.ts";
import { runSeed, type RunResult } from "./run.ts";
import { faultsOf } from "./verdict.ts";

const timeout = 240_000;

/** Every fault is in one of them, or has a run of its own below. */
const storms: readonly (readonly [number, string, readonly FaultName[]])[] = [
  [
    7,
    "diverters, belt and commands",
    [
      "diverterDead",
      "diverterLate",
      "diverterStuck",
      "beltStopped",
      "commandsLost",
      "confirmsLost",
    ],
  ],
  [
    2,
    "parcels, eyes and encoder",
    [
      "parcelTooClose",
      "parcelRemovedByHand",
      "foreignParcel",
      "parcelSlips",
      "eyeBounce",
      "eyeStuck",
      "encoderSlips",
    ],
  ],
  [
    3,
    "images and verdicts",
    [
      "xrayImagesLost",
      "xrayImagesSwapped",
      "verdictsLate",
      "verdictsMisplaced",
      "algorithmSilent",
      "algorithmBroken",
      "xrayDown",
    ],
  ],
  [
    1,
    "events and scans",
    [
      "eventsLost",
      "eventsFrozen",
      "eventsDoubled",
      "sorterDown",
      "scanLost",
      "scannerSilent",
      "scannerWireCut",
      "emergencyStop",
    ],
  ],
  [
    5,
    "answers that are another parcel's (law 16)",
    ["scannerLags", "scannerSkips", "gatewayFlushes", "scaleLags", "xrayShiftsByOne"],
  ],
  [3, "time that did not pass", ["agentSleeps", "centreCalendarSteps"]],
  [
    3,
    "wires, link and chutes",
    [
      "brokerDown",
      "linkCut",
      "linkLossy",
      "calendarSteps",
      "chuteBlocked",
      "scaleSilent",
      "scaleWireCut",
    ],
  ],
];
const stormParcels = 200;

const seen = new Map<string, number>();
const judge = async (run: RunOptions): Promise<RunResult> => {
  const result = await runSeed(run);
  for (const counts of [result.faults, result.scenes]) {
    for (const [name, count] of Object.entries(counts)) {
      seen.set(name, (seen.get(name) ?? 0) + count);
    }
  }
  expect(faultsOf(result, run)).toEqual([]);
  return result;
};

describe("laws 1 to 10 under faults", () => {
  it.each(storms)("seed %i, a storm of %s", { timeout }, async (seed, _what, names) => {
    const result = await judge(stormRun(seed, stormParcels, names));
    expect(result.parcels).toBeGreaterThanOrEqual(stormParcels);
    expect(result.greenCommands).toBeGreaterThan(0);
  });

  it.each(["messages", "telegrams"] as const)(
    "whatever wire the X-ray is on: %s",
    { timeout },
    async (xraySpeech) => {
      const names = [
        "xrayImagesLost",
        "verdictsMisplaced",
        "algorithmBroken",
        "brokerDown",
      ] as const;
      const result = await judge({ ...stormRun(4, stormParcels, names), xraySpeech });
      expect(result.greenCommands).toBeGreaterThan(0);
    },
  );

  it("a fresh seed", { timeout }, async () => {
    const seed = Math.floor(Math.random() * 0x7fff_ffff);
    const run = drawRun(seed, 150);
    console.log(`fresh: npm run swarm -- --seed ${seed} --parcels ${run.parcels}`);
    await judge(run);
  });

  it(
    "without faults what may be released is, and licence parcels go to red",
    { timeout },
    async () => {
      const { releasable, licence } = await judge(quietRun(5, 300));
      expect(releasable).toEqual({ total: releasable.total, green: releasable.total });
      expect(licence).toEqual({ total: licence.total, red: licence.total });
      expect(Math.min(releasable.total, licence.total)).toBeGreaterThan(30);
    },
  );
});

/** What a sorter says on a line of its own reaches the core as what it says through a broker does. */
const onItsOwnLine = ["telegrams", "telegramsOnABadLine", "osip"] as const;

describe("laws 1 to 10 with another sorter", () => {
  it.each(onItsOwnLine)("that speaks %s: what may be released is", { timeout }, async (speech) => {
    const { releasable, licence } = await judge({ ...quietRun(5, 120), sorterSpeech: speech });
    expect(releasable).toEqual({ total: releasable.total, green: releasable.total });
    expect(licence).toEqual({ total: licence.total, red: licence.total });
  });

  it.each(onItsOwnLine)("that speaks %s, in a storm", { timeout }, async (sorterSpeech) => {
    const names = ["eventsLost", "eventsDoubled", "commandsLost", "sorterDown"] as const;
    const result = await judge({ ...stormRun(1, 120, names), sorterSpeech });
    expect(result.greenCommands).toBeGreaterThan(0);
  });
});

describe("law 6: with a controller that follows parcels by itself", () => {
  it("what may be released is, where its numbers agree", { timeout }, async () => {
    const run: RunOptions = { ...quietRun(5, 120), sorterSpeech: "jsonWithTracks" };
    const { releasable, licence } = await judge(run);
    expect(releasable).toEqual({ total: releasable.total, green: releasable.total });
    expect(licence).toEqual({ total: licence.total, red: licence.total });
  });

  it(
    "its wrong numbers cost releases and never safety, in a storm as well",
    { timeout },
    async () => {
      const names = ["parcelRemovedByHand", "foreignParcel", "eventsLost"] as const;
      const run = { ...stormRun(1, 120, names), sorterSpeech: "jsonWithWrongTracks" as const };
      const result = await judge(run);
      expect(result.greenCommands).toBeGreaterThan(0);
    },
  );
});

describe("laws 11 and 15: the trace", () => {
  it(
    "is the same for one seed, whatever bodies are called, and another for another",
    { timeout },
    async () => {
      const run = drawRun(11, 120);
      const { trace } = await runSeed(run);
      expect((await runSeed(run)).trace).toBe(trace);
      const shuffled = await runSeed({ ...run, truthNames: "shuffled" });
      expect(shuffled.trace).toBe(trace);
      expect((await runSeed({ ...run, seed: 12 })).trace).not.toBe(trace);
    },
  );
});

describe("law 16: a reader one trigger behind", () => {
  it.each(swarmBindings)("releases nobody on another's label: %s", { timeout }, async (binding) => {
    await judge(laggingRun(binding));
  });

  it(
    "that still lags when all is healed is purged then, and the line returns",
    { timeout },
    async () => {
      const { recovery } = await judge({
        ...laggingRun("counter"),
        parcels: 100,
        readerLag: "fromTheNth",
      });
      expect(recovery.returnedMs).not.toBeNull();
    },
  );

  it.each(readerNatures)(
    "that deceives besides stands as none: %s",
    { timeout },
    async (nature) => {
      await judge(stormRun(5, stormParcels, [nature]));
    },
  );
});

describe("how other lines have failed", () => {
  const tests = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("swarm"))
    .map((file) => readFileSync(join("test", file), "utf8"))
    .join("\n");

  it("every fault fires in the runs above", () => {
    expect(faultNames.filter((name) => !seen.has(name))).toEqual([]);
  });

  it.each(peerFailures)("PF-$number: $what", ({ number, faults = [], scenes = [] }) => {
    const isInSwarm = [...faults, ...scenes].some((name) => seen.has(name));
    const hasTest = tests.includes(`PF-${String(number).padStart(2, "0")}`);
    expect({ isInSwarm, hasTest }).not.toEqual({ isInSwarm: false, hasTest: false });
    if (faults.length > 0) expect(isInSwarm).toBe(true);
  });
});
