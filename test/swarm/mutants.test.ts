/**
 * Goal: the proof can fail, and what a run prints says how to see it again. Method: agents with faults
 * put in, in runs that find nothing without them, must be caught; the command is run as a person does.
 */
import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { runCampaign, swarmWorker, type CampaignAnswer } from "./campaign.ts";
import { mutantNames, type Mutant } from "./mutants.ts";
import { laggingRun, quietRun, stormRun, twinRun, type RunOptions } from "./options.ts";
import { runSeed, type RunResult } from "./run.ts";
import { faultsOf } from "./verdict.ts";

const timeout = 240_000;

/** By run: what is found in it without any mutant, the same whenever it is asked. */
const found = new Map<string, Promise<readonly string[]>>();
function faultsWithout(run: RunOptions): Promise<readonly string[]> {
  const key = JSON.stringify(run);
  const faults = found.get(key) ?? runSeed(run).then((result) => faultsOf(result, run));
  found.set(key, faults);
  return faults;
}

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
    "bind-by-order": { run: laggingRun("echo"), findingsOf: wrongCommandsOf },
    "trust-any-echo": { run: laggingRun("echo"), findingsOf: wrongCommandsOf },
    "forgive-on-empty-belt": { run: laggingRun("pulse"), findingsOf: wrongCommandsOf },
    "forget-strays": { run: twinRun(10, 40), findingsOf: wrongCommandsOf },
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
    expect(await faultsWithout(run)).toEqual([]);
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

  it("bad arguments are refused by name, exit code 2", { timeout }, async () => {
    const { text, exitCode } = await swarm("--seeds", "none");
    expect(text).toContain("--seeds: none is not a whole number from 1 to 100000");
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

const swarm = (...args: string[]): Promise<{ text: string; exitCode: unknown }> =>
  new Promise((resolve) => {
    execFile("node", ["test/swarm/main.ts", ...args], (error, stdout, stderr) =>
      resolve({ text: stdout + stderr, exitCode: error === null ? 0 : error.code }),
    );
  });
