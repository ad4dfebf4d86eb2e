import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { createSystemClock } from "../../../simulators/clock/system-clock.ts";
import { zWorldFile } from "../../../simulators/config.ts";
import { defaultAlgorithm } from "../../../simulators/images/algorithm.ts";
import { createPreparedPictures } from "../../../simulators/images/prepared-pictures.ts";
import { createCentrePost } from "../../../simulators/site/centre-post.ts";
import { createLabLine } from "../../../simulators/site/lab-line.ts";
import { openSiteWires } from "../../../simulators/site/real-wires.ts";
import { createEyesight } from "../../../simulators/officers/eyesight.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import { createLineRecorder, type LineRecorder } from "./recorder.ts";

/**
 * The lab's world as load generator: the same belts, devices and documents as `npm start` has, with
 * a recorder at the devices' ends of each line's wires.
 *
 *   node test/bench/line-shapes/world.ts --config FILE COMMIT_LEAD_MS
 *
 * Reads words: `measure` begins the measured time, `finish` ends it. Prints JSON lines: `ready`,
 * `result`.
 */
export interface WorldResult {
  readonly all: LineResult;
  readonly lines: Readonly<Record<string, LineResult>>;
}

export interface LineResult {
  readonly lastEvidenceToCommandMs: Percentiles;
  readonly marginMsLeast: number;
  /** Whose journey has ended, from the beginning of the run. */
  readonly parcelsEnded: number;
  readonly leftWrongly: number;
  /** Of those, by green: the ones that must never be. */
  readonly greenWrongly: number;
  readonly exits: Readonly<Record<string, number>>;
  readonly divertsRefused: number;
  /** Of parcels that belong there, commands that never came. */
  readonly divertsMissing: number;
}

const [, , , configFile = "", commitLeadMs = "400"] = process.argv;
const file = zWorldFile.parse(JSON.parse(readFileSync(configFile, "utf8")));
const say = (line: object): void => console.log(JSON.stringify(line));

/** Chance must not decide where a parcel goes: what is there is found, and nothing else. */
const algorithm = { ...defaultAlgorithm, detection: 1, falseAlarm: 0, unknown: 0 };

const clock = createSystemClock();
const wires = await openSiteWires(file, dirname(resolve(configFile)));
const post = createCentrePost({
  centreUrl: file.centreUrl,
  seed: file.seed,
  clock,
  customsReleases: file.customsReleases,
  onRefused: (reason) => console.error(`world: document refused: ${reason}`),
  onReach: (why) => {
    if (why !== null) console.error(`world: centre not reached: ${why}`);
  },
});
const pictures = createPreparedPictures(file.image, (error) => {
  throw error;
});
const eyesight = createEyesight();

const lines = file.lines.map((line, lineIndex) => {
  const lineWires = wires.lines[lineIndex];
  if (lineWires === undefined) throw new Error(`${line.id} has no wires`);
  const { layout } = line;
  const recorder: LineRecorder = createLineRecorder({
    wires: lineWires,
    countsPerMs: layout.beltSpeedMmPerS / 1_000 / layout.mmPerCount,
    commitLeadMs: Number(commitLeadMs),
    count: () => labLine.world.devices.cabinet.model.count(),
  });
  const labLine = createLabLine({
    lineId: line.id,
    seed: file.seed,
    lineIndex,
    layout,
    scenario: line.scenario,
    faultPlan: line.faults,
    worldClock: clock,
    deviceClock: clock,
    speed: 1,
    wires: recorder.wires,
    pictures: pictures.take,
    algorithm,
    eyesight,
    post,
    oracle: recorder.oracle,
    parcelsAhead: file.parcelsAhead,
    settleMs: file.settleMs,
    onReleased: (parcel) => {
      recorder.released(parcel);
      pictures.prepare(parcel.physical);
    },
  });
  return { lineId: line.id, recorder, labLine };
});
for (const { labLine } of lines) labLine.start();

let measuredFrom = Number.POSITIVE_INFINITY;

function resultOf(recorders: readonly LineRecorder[]): LineResult {
  const ended = recorders.flatMap(({ parcels }) => parcels.filter(({ leftBy }) => leftBy !== null));
  const exits: Record<string, number> = {};
  for (const { leftBy } of ended) exits[leftBy ?? ""] = (exits[leftBy ?? ""] ?? 0) + 1;
  const wrong = ended.filter(({ leftBy, expected }) => leftBy !== expected);
  const diverts = ended.flatMap(({ divert }) => (divert === null ? [] : [divert]));
  const measured = diverts.filter(({ arrivedAt }) => arrivedAt >= measuredFrom);
  const known = (value: number | null): readonly number[] => (value === null ? [] : [value]);
  return {
    lastEvidenceToCommandMs: percentilesOf(measured.flatMap(({ latencyMs }) => known(latencyMs))),
    marginMsLeast: Math.min(...measured.flatMap(({ marginMs }) => known(marginMs))),
    parcelsEnded: ended.length,
    leftWrongly: wrong.length,
    greenWrongly: wrong.filter(({ leftBy }) => leftBy === "green").length,
    exits,
    divertsRefused: diverts.filter(({ answer }) => answer !== "accepted").length,
    divertsMissing: ended.filter(
      ({ divert, expected }) => divert === null && expected !== "inspection",
    ).length,
  };
}

function result(): WorldResult {
  return {
    all: resultOf(lines.map(({ recorder }) => recorder)),
    lines: Object.fromEntries(lines.map(({ lineId, recorder }) => [lineId, resultOf([recorder])])),
  };
}

createInterface({ input: process.stdin }).on("line", (word) => {
  if (word === "measure") measuredFrom = performance.now();
  if (word === "finish") say({ kind: "result", result: result() });
});
process.once("SIGTERM", () => process.exit(0));
say({ kind: "ready", opcuaUrl: wires.opcua?.endpointUrl() ?? null });
