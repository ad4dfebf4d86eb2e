/**
 * Goal: the command that a run prints shows that very run again. Method: it is read back for every
 * run of the matrix of bindings and for a campaign's, and options where they mean nothing are refused.
 */
import { describe, expect, it } from "vitest";
import { readArguments, type SwarmArguments } from "./arguments.ts";
import { faultNames } from "../../simulators/faults/plan.ts";
import { bindingRuns, campaignRun, type RunOptions } from "./options.ts";
import { commandOf } from "./report.ts";

const given = { mutant: null, isShuffled: false, faults: null } as const;

function readBack(run: RunOptions, more: Partial<Pick<SwarmArguments, "faults">> = {}) {
  const command = commandOf(run, { ...given, ...more });
  const read = readArguments(command.replace("npm run swarm -- ", "").split(" "));
  return read.kind === "run" ? read.runs : read.text;
}

describe("the command that shows a run again", () => {
  it("is exact for each run of the matrix: binding, lag and scale", () => {
    for (const run of bindingRuns(100)) expect(readBack(run)).toEqual([run]);
    expect(commandOf(bindingRuns(100)[8]!, given)).toBe(
      "npm run swarm -- --seed 5 --parcels 100 --quiet --binding echo --lag fromTheNth --no-scale",
    );
  });

  it("is exact for runs of a campaign, and no longer than it must be", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const run = campaignRun(seed, 200);
      expect(readBack(run)).toEqual([run]);
      expect(commandOf(run, given)).not.toMatch(/--binding|--lag|--no-scale|--sorter/);
    }
  });

  it("is exact for a sorter that speaks otherwise, in a campaign or alone", () => {
    const read = readArguments("--seeds 6 --parcels 50 --sorter telegramsOnABadLine".split(" "));
    if (read.kind !== "run") throw new Error(read.text);
    expect(read.runs).toHaveLength(6);
    for (const run of read.runs) {
      expect(run.sorterSpeech).toBe("telegramsOnABadLine");
      expect(readBack(run)).toEqual([run]);
    }
  });

  it("is exact for named faults on a line that trusts its reader all the same", () => {
    const read = readArguments(
      "--seed 7 --parcels 50 --faults scannerEchoesLatest --binding counter --no-scale".split(" "),
    );
    if (read.kind !== "run") throw new Error(read.text);
    const [run] = read.runs;
    expect(run).toMatchObject({ binding: "counter", hasScale: false });
    expect(readBack(run!, { faults: read.faults })).toEqual([run]);
  });
});

it("a campaign of 60 seeds makes each fault one seed's own", () => {
  const own = new Set<string>();
  for (let seed = 1; seed <= 60; seed += 1) {
    for (const [name, chance] of Object.entries(campaignRun(seed, 1).faultPlan)) {
      if (chance === 0.02 || chance === 0.15) own.add(name);
    }
  }
  expect(faultNames.filter((name) => !own.has(name))).toEqual([]);
});

it("the matrix of bindings takes fewer seeds, and no others", () => {
  const read = readArguments(["--bindings", "--seeds", "1", "--parcels", "120"]);
  expect(read.kind === "run" && read.runs).toEqual(
    bindingRuns(120).filter(({ seed }) => seed === 5),
  );
  expect(readArguments(["--bindings", "--from", "6"])).toMatchObject({ kind: "refused" });
});

it.each([
  ["--binding", "echo"],
  ["--lag", "noReadFirst"],
  ["--no-scale", ""],
])("%s %s goes with --seed", (name, value) => {
  const read = readArguments(value === "" ? [name] : [name, value]);
  expect(read).toMatchObject({ kind: "refused" });
  expect(read.kind !== "run" && read.text).toContain(`${name}: it goes with --seed`);
});

it.each([
  [["--seeds", "none"], "--seeds: none is not a whole number from 1 to 100000"],
  [["--seeds", "-1"], "--seeds: -1 is not a whole number from 1 to 100000"],
  [["--seed"], "--seed: a whole number from 0 to 2147483647 is wanted"],
  [["--mutant", "kind"], "--mutant: kind is not one of fail-open,"],
  [["--seed", "1", "--faults", "rain"], "--faults: rain; there are parcelTooClose,"],
  [["--quiet"], "--quiet: it goes with --seed"],
  [["--storm"], "--storm: there is no such option"],
])("bad arguments %j are refused by name", (args, why) => {
  const read = readArguments(args);
  expect(read).toMatchObject({ kind: "refused" });
  expect(read.kind !== "run" && read.text).toContain(why);
});
