import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { answer } from "../../protocols/command-line.ts";
import type { DayResult } from "../swarm/day.ts";
import { benchAgainst } from "./against/run.ts";
import { measureAgentStart } from "./agent-start.ts";
import { startBroker, type Broker } from "./broker.ts";
import { checkJournal, type JournalCheck } from "./journal-check.ts";
import { runLineShape, type LineShapeOptions, type LineShapeRun } from "./line-shapes/run.ts";
import { thisMachine } from "./machine.ts";
import type { Peer } from "./mqtt-path/generator.ts";
import { runMqttPath, type MqttPathRun } from "./mqtt-path/run.ts";
import { runDeviceShape } from "./device-shape/run.ts";
import { parserFault, runParserShape, type ParserRun } from "./parser-shape/run.ts";
import { parsersText } from "./parser-shape/table.ts";
import { parseBenchOptions, refuseAgainst, type BenchOptions } from "./options.ts";
import { writeTable } from "./readme.ts";
import { devicesText, reportText, storeText } from "./report.ts";
import { checksOf, ms, type BenchResults } from "./results.ts";
import { runStoreShape } from "./store-shape/run.ts";

/** `npm run bench`. */
interface Stage {
  readonly options: BenchOptions;
  readonly broker: Broker;
  readonly folder: string;
  readonly journals: JournalCheck[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
interface RatePlan {
  readonly parcelsPerS: number;
  readonly repeats: number;
  readonly measureS: number;
}

const rates: readonly RatePlan[] = [
  { parcelsPerS: 50, repeats: 1, measureS: 8 },
  { parcelsPerS: 200, repeats: 1, measureS: 8 },
  { parcelsPerS: 1_000, repeats: 3, measureS: 6 },
];
const quickRates: readonly RatePlan[] = [{ parcelsPerS: 200, repeats: 1, measureS: 3 }];
const peers = ["floor", "floorWithTraffic", "agent"] as const satisfies readonly Peer[];

const tell = (text: string): void => console.error(`bench: ${text}`);

async function main(): Promise<number> {
  const parsed = parseBenchOptions(process.argv.slice(2));
  if (parsed.kind !== "options") return answer(parsed, console);
  const { options } = parsed;
  if (options.againstDir !== null) {
    const against = await benchAgainst(options, options.againstDir, tell);
    return against.kind === "compared" ? against.code : answer(refuseAgainst(against.why), console);
  }
  const folder = await mkdtemp(join(tmpdir(), "sortline-bench-"));
  const broker = await startBroker(folder);
  try {
    const results = await measureAll({ options, broker, folder, journals: [] });
    await publish(results, options);
    const areParsersGood = results.parsers.every((run) => parserFault(run) === null);
    return areParsersGood && checksOf(results).every(({ isSo }) => isSo) ? 0 : 1;
  } finally {
    await broker.child.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(stage: Stage): Promise<BenchResults> {
  const { options, broker, folder } = stage;
  const { shapes, isQuick, seed } = options;
  if (options.profileDir !== null) await mkdir(options.profileDir, { recursive: true });
  const run = async <T>(isWanted: boolean, measure: () => Promise<T>): Promise<T | null> =>
    isWanted ? measure() : null;
  const start = await run(shapes.has("start"), async () => {
    tell("starting a default line's agent, again and again");
    return measureAgentStart(broker, folder, isQuick ? 1 : 3);
  });
  const mqtt = (await run(shapes.has("mqtt"), () => measureMqtt(stage))) ?? [];
  const lines = await run(shapes.has("lines"), () => measureLines(stage, "lines"));
  const site = await run(shapes.has("site"), () => measureLines(stage, "site"));
  const day = await run(shapes.has("day"), async () => {
    tell("a simulated day");
    return measureDay(seed);
  });
  const devices = await run(shapes.has("devices"), () =>
    runDeviceShape({ brokerUrl: broker.url, seed, isQuick, measureS: options.measureS, tell }),
  );
  const parsers = shapes.has("parsers") ? measureParsers(options) : [];
  const store = await run(shapes.has("store"), () =>
    runStoreShape({ broker, folder, isQuick, tell }),
  );
  return {
    machine: thisMachine(new Date()),
    broker: broker.name,
    seed,
    start,
    mqtt,
    lines,
    site,
    day,
    devices,
    parsers,
    store,
    journals: stage.journals,
  };
}

function measureParsers({ isQuick, measureS, seed }: BenchOptions): readonly ParserRun[] {
  tell("every parser");
  return runParserShape({ measureMs: (measureS ?? (isQuick ? 0.1 : 1)) * 1_000, seed });
}

/** In a process of its own, as every other peer: what this one has run before is not measured. */
async function measureDay(seed: number): Promise<DayResult> {
  const program = join(root, "test/swarm/day.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, "--seed", String(seed)]);
  return JSON.parse(stdout) as DayResult;
}

async function measureMqtt(stage: Stage): Promise<MqttPathRun[]> {
  const runs: MqttPathRun[] = [];
  for (const rate of stage.options.isQuick ? quickRates : rates) {
    // One after the other, again and again, so that what else the machine does meets all alike.
    for (let count = 0; count < rate.repeats; count += 1) {
      for (const peer of peers) runs.push(await measurePeer(stage, rate, { peer, count }));
    }
  }
  return runs;
}

async function measurePeer(
  { options, broker, folder, journals }: Stage,
  rate: RatePlan,
  { peer, count }: { readonly peer: Peer; readonly count: number },
): Promise<MqttPathRun> {
  tell(`MQTT path, ${rate.parcelsPerS} parcels/s, ${peer}`);
  const run = await runMqttPath({
    broker,
    folder: join(folder, `repeat-${count}`),
    peer,
    parcelsPerS: rate.parcelsPerS,
    warmUpS: options.isQuick ? 2 : 4,
    measureS: options.measureS ?? rate.measureS,
    seed: options.seed,
    nodeArgs: peer === "agent" ? profileArgs(options) : [],
  });
  const { p50, p99 } = run.lastEvidenceToCommandMs;
  tell(`  p50 ${ms(p50)}, p99 ${ms(p99)} ms; ${run.leftWrongly} by a wrong exit`);
  if (run.journalFile !== null) journals.push(await judge(run.journalFile));
  return run;
}

const linesShape: LineShapeOptions["agents"] = [
  { agentId: "agent-L1", lines: [{ lineId: "L1", parcelsPerHour: 1_200 }] },
  { agentId: "agent-L2", lines: [{ lineId: "L2", parcelsPerHour: 4_000 }] },
];

/** 20 lines each, and 60,000 parcels an hour in all. */
const siteShape: LineShapeOptions["agents"] = ["A", "B"].map((name) => ({
  agentId: `agent-${name}`,
  lines: Array.from({ length: 20 }, (_, index) => ({
    lineId: `${name}${index + 1}`,
    parcelsPerHour: 1_500,
  })),
}));

/** Two cores carry the lab's own images on a line or two; 40 worlds' worth of them they do not. */
const imageSizes = {
  lines: { widthPx: 480, heightPx: 320 },
  site: { widthPx: 240, heightPx: 160 },
} as const;

async function measureLines(stage: Stage, name: "lines" | "site"): Promise<LineShapeRun> {
  const { options, broker, folder } = stage;
  const measureS = options.measureS ?? (options.isQuick ? 10 : name === "lines" ? 150 : 40);
  // A parcel takes 34 s from induction to the belt's end; before, not all of the line has work.
  const warmUpS = 42;
  tell(`${name === "lines" ? "default lines" : "40 lines"}, ${warmUpS} s to fill the belts`);
  const run = await runLineShape({
    broker,
    folder,
    name,
    agents: name === "lines" ? linesShape : siteShape,
    sorters: name === "lines" ? "opcua" : "mqtt",
    image: imageSizes[name],
    warmUpS,
    measureS,
    seed: options.seed,
    nodeArgs: profileArgs(options),
  });
  const { lastEvidenceToCommandMs, leftWrongly } = run.result.all;
  const { p50, p99 } = lastEvidenceToCommandMs;
  tell(`  p50 ${ms(p50)}, p99 ${ms(p99)} ms; ${leftWrongly} by a wrong exit`);
  for (const { journalFile } of run.agents) stage.journals.push(await judge(journalFile));
  return run;
}

const profileArgs = ({ profileDir }: BenchOptions): readonly string[] =>
  profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profileDir)}`];

async function judge(journalFile: string): Promise<JournalCheck> {
  const check = await checkJournal(journalFile);
  tell(`  replay: ${check.stepsTotal} steps, ${check.differencesTotal} differences`);
  return check;
}

async function publish(results: BenchResults, options: BenchOptions): Promise<void> {
  const parts = {
    bench: reportText,
    "bench-store": storeText,
    "bench-devices": devicesText,
    "bench-parsers": parsersText,
  } as const;
  const measured = (["bench", "bench-store", "bench-devices", "bench-parsers"] as const).filter(
    (part) => parts[part](results, "en") !== null,
  );
  for (const part of measured) console.log(`${parts[part](results, "en") ?? ""}\n`);
  if (options.jsonFile !== null) {
    await writeFile(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  }
  if (!options.writesReadme) return;
  for (const part of measured) {
    await writeTable(join(root, "README.md"), part, parts[part](results, "en") ?? "");
    await writeTable(join(root, "README.zh-CN.md"), part, parts[part](results, "zh") ?? "");
  }
  tell("what was measured is written into README.md and README.zh-CN.md");
}

process.exitCode = await main();
