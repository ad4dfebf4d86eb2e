/**
 * Goal: whole lines in virtual time keep the laws under every fault, and the proof can fail. Method:
 * short runs of fixed seeds and of one fresh one, judged by the oracle; the same run told again
 * under other names; and agents with faults put in, which must be caught.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FaultName } from "../../simulators/faults/plan.ts";
import { faultNames, readerNatures } from "../../simulators/faults/plan.ts";
import { swarmBindings, type SwarmBinding } from "./bindings.ts";
import { runCampaign, swarmWorker, type CampaignAnswer } from "./campaign.ts";
import { mutantNames, type Mutant } from "./mutants.ts";
import { drawRun, quietRun, stormRun, type RunOptions } from "./options.ts";
import { peerFailures } from "./peer-failures.ts";
import { runSeed, type RunResult } from "./run.ts";
import { faultsOf } from "./verdict.ts";

const timeout = 240_000;

/** Every fault is in one of them. */
const storms: readonly (readonly [number, string, readonly FaultName[]])[] = [
  [
    1,
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

/**
 * Nothing is wrong but that the reader, from the beginning, answers one trigger behind; and no
 * scale is there that might notice.
 */
const lagging = (binding: SwarmBinding): RunOptions => ({
  ...quietRun(5, 60),
  binding,
  hasScale: false,
  readerLag: "silenceFirst",
});

describe("law 16: a reader one trigger behind", () => {
  it.each(swarmBindings)("releases nobody on another's label: %s", { timeout }, async (binding) => {
    await judge(lagging(binding));
  });

  it(
    "that still lags when all is healed is purged then, and the line returns",
    { timeout },
    async () => {
      const { recovery } = await judge({
        ...lagging("counter"),
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

describe("the proof can fail", () => {
  const wrongCommandsOf = ({ wrongCommands }: RunResult): readonly string[] => wrongCommands;
  // A mutant without a run that catches it does not compile.
  const runs: Readonly<
    Record<Mutant, { run: RunOptions; findingsOf: (result: RunResult) => readonly string[] }>
  > = {
    "fail-open": { run: stormRun(4, 100, ["xrayImagesLost"]), findingsOf: wrongCommandsOf },
    "bare-queue": {
      run: stormRun(1, 200, ["parcelRemovedByHand", "foreignParcel"]),
      findingsOf: wrongCommandsOf,
    },
    "bind-by-order": { run: lagging("echo"), findingsOf: wrongCommandsOf },
    "trust-any-echo": { run: lagging("echo"), findingsOf: wrongCommandsOf },
    "forgive-on-empty-belt": { run: lagging("pulse"), findingsOf: wrongCommandsOf },
    "late-repeat-opens-a-claim": {
      run: stormRun(3, 120, ["linkLossy"]),
      findingsOf: ({ broken }) => broken,
    },
    "inspect-all": {
      run: quietRun(5, 60),
      findingsOf: (result) => faultsOf(result, quietRun(5, 60)),
    },
  };
  it.each(mutantNames)("mutant %s is caught", { timeout }, async (mutant) => {
    const { run, findingsOf } = runs[mutant];
    expect(faultsOf(await runSeed(run), run)).toEqual([]);
    const findings: string[] = [];
    await runCampaign([run], {
      worker: swarmWorker,
      threads: 1,
      mutant,
      onAnswer: (answer: CampaignAnswer) => {
        if (answer.kind === "result") findings.push(...findingsOf(answer.result));
        return "goOn";
      },
    });
    expect(findings.length).toBeGreaterThan(0);
  });

  it("a failing run prints the one command that shows it again", { timeout }, async () => {
    const { text, exitCode } = await swarm(
      "--seed",
      "4",
      "--faults",
      "xrayImagesLost",
      "--parcels",
      "100",
      "--mutant",
      "fail-open",
    );
    expect(text).toContain("commanded to green without evidence");
    expect(text).toMatch(
      /again: npm run swarm -- --seed 4 --parcels 100 --faults xrayImagesLost --mutant fail-open {3}\(commit \w+\)/,
    );
    expect(text).toContain("mutant fail-open: caught");
    expect(exitCode).toBe(0);
  });

  it.each([
    [["--seeds", "none"], "--seeds: none is not a whole number from 1 to 100000"],
    [["--seeds", "-1"], "--seeds: -1 is not a whole number from 1 to 100000"],
    [["--seed"], "--seed: a whole number from 0 to 2147483647 is wanted"],
    [["--mutant", "kind"], "--mutant: kind is not one of fail-open,"],
    [["--seed", "1", "--faults", "rain"], "--faults: rain; there are parcelTooClose,"],
    [["--quiet"], "--quiet: it goes with --seed"],
    [["--storm"], "--storm: there is no such option"],
  ])("bad arguments %j are refused by name, exit code 2", { timeout }, async (args, why) => {
    const { text, exitCode } = await swarm(...args);
    expect(text).toContain(why);
    expect(exitCode).toBe(2);
  });
});

describe("one seed alone", () => {
  it(
    "is told in a few lines: counts, faults, and whether every check held",
    { timeout },
    async () => {
      const { text, exitCode } = await swarm("--seed", "1", "--parcels", "100");
      expect(exitCode).toBe(0);
      expect(text.split("\n").length).toBeLessThan(20);
      expect(text).toMatch(/green \d+ red \d+ inspection \d+ .* ok$/m);
      expect(text).toMatch(/^ {4}faults {4}eyeBounce \d+/m);
      expect(text).toMatch(/^every check held/m);
      expect(text).toContain("all of it: npm run swarm -- --seed 1 --parcels 100 --json");
      expect(text).not.toContain("without faults");
    },
  );

  it("gives machines everything in one JSON object", { timeout }, async () => {
    const { text } = await swarm("--seed", "5", "--parcels", "20", "--quiet", "--json");
    expect(JSON.parse(text)).toMatchObject({ options: { seed: 5 }, result: {}, wrong: [] });
  });
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

const swarm = (...args: string[]): Promise<{ text: string; exitCode: unknown }> =>
  new Promise((resolve) => {
    execFile("node", ["test/swarm/main.ts", ...args], (error, stdout, stderr) =>
      resolve({ text: stdout + stderr, exitCode: error === null ? 0 : error.code }),
    );
  });
