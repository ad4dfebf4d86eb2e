import { z } from "zod";
import { medianOf, type Figure } from "./comparison.ts";

/**
 * The figures in what a build's bench writes with `--json`. Of another build only what is named
 * here must be there, so that builds whose benches differ elsewhere can be compared.
 */
const zNumber = z.number().nullable();
const zLatency = z.object({ p50: zNumber, p99: zNumber });
const zLineShape = z.object({
  result: z.object({
    all: z.object({ lastEvidenceToCommandMs: zLatency, parcelsEnded: z.number() }),
  }),
  agents: z.array(
    z.object({
      lines: z.array(z.object({ parcelsPerHour: z.number() })),
      cpuShare: z.number(),
      residentMiB: z.number(),
      journalFile: z.string(),
    }),
  ),
});
const zMqttRun = z.object({
  peer: z.string(),
  parcelsPerS: z.number(),
  parcelsTotal: z.number(),
  lastEvidenceToCommandMs: zLatency,
  scanToCommandMs: zLatency,
  cpuShare: z.number(),
  residentMiB: z.number(),
  journalFile: z.string().nullable(),
});

export const zBenchOutput = z.object({
  start: z.object({ startMs: z.number(), residentMiB: z.number() }).nullable(),
  mqtt: z.array(zMqttRun),
  lines: zLineShape.nullable(),
  site: zLineShape.nullable(),
  day: z.object({ seconds: z.number() }).nullable(),
});
type BenchOutput = z.infer<typeof zBenchOutput>;
type MqttRun = z.infer<typeof zMqttRun>;
type LineShape = z.infer<typeof zLineShape>;

/** Bytes of each journal, by its file as the bench names it. */
export type JournalSizes = ReadonlyMap<string, number>;

/** A figure that was measured several times in one run is the median of them. */
export function figuresOf(output: BenchOutput, journals: JournalSizes): Figure[] {
  const { start, mqtt, lines, site, day } = output;
  const found = [
    ...(start === null ? [] : startFigures(start)),
    ...mqtt.flatMap((run) => mqttFigures(run, journals)),
    ...(lines === null ? [] : lineFigures("default lines", lines, journals)),
    ...(site === null ? [] : lineFigures("40 lines", site, journals)),
    ...(day === null ? [] : [figure("simulated day", "s", day.seconds)]),
  ].filter((each) => each !== null);
  const names = [...new Set(found.map(({ name }) => name))];
  return names.flatMap((name) => {
    const repeats = found.filter((each) => each.name === name);
    const value = medianOf(repeats.map((each) => each.value));
    const isOverloaded = repeats.some((each) => each.isOverloaded);
    return repeats.slice(0, 1).map((each) => ({ ...each, value, isOverloaded }));
  });
}

type MaybeFigure = Figure | null;

/** Null: there was nothing to measure. */
const figure = (name: string, unit: string, value: number | null | undefined): MaybeFigure =>
  value == null || !Number.isFinite(value)
    ? null
    : { name, unit, value, isControl: false, isOverloaded: false };

/** From this share of a core on an agent, whose line runs on one thread, falls behind. */
const overloadShareMin = 0.95;

const startFigures = ({ startMs, residentMiB }: NonNullable<BenchOutput["start"]>) => [
  figure("agent start, to its ready line", "ms", startMs),
  figure("agent start, memory", "MiB", residentMiB),
];

function mqttFigures(run: MqttRun, journals: JournalSizes): MaybeFigure[] {
  const { peer, parcelsPerS, lastEvidenceToCommandMs, scanToCommandMs } = run;
  const at = `MQTT ${parcelsPerS}/s`;
  if (peer !== "agent") {
    const floor = figure(`${at}, ${peer} p50`, "ms", lastEvidenceToCommandMs.p50);
    return [floor === null ? null : { ...floor, isControl: true }];
  }
  const bytes = run.journalFile === null ? undefined : journals.get(run.journalFile);
  const isOverloaded = run.cpuShare >= overloadShareMin;
  const loaded = [
    ...latencyFigures(at, lastEvidenceToCommandMs),
    figure(`${at}, scan to command p50`, "ms", scanToCommandMs.p50),
    figure(`${at}, scan to command p99`, "ms", scanToCommandMs.p99),
    figure(`${at}, CPU a parcel`, "ms", (run.cpuShare * 1_000) / parcelsPerS),
    figure(`${at}, memory`, "MiB", run.residentMiB),
  ].map((each) => each && { ...each, isOverloaded });
  return [...loaded, figure(`${at}, journal a parcel`, "bytes", bytes && bytes / run.parcelsTotal)];
}

function lineFigures(at: string, shape: LineShape, journals: JournalSizes): MaybeFigure[] {
  const { result, agents } = shape;
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0);
  const parcelsPerHour = sum(
    agents.flatMap(({ lines }) => lines.map((line) => line.parcelsPerHour)),
  );
  const bytes = agents.map(({ journalFile }) => journals.get(journalFile) ?? Number.NaN);
  const cpuShare = sum(agents.map((agent) => agent.cpuShare));
  return [
    ...latencyFigures(at, result.all.lastEvidenceToCommandMs),
    figure(`${at}, CPU a parcel`, "ms", (cpuShare * 3_600_000) / parcelsPerHour),
    figure(`${at}, memory of the agents`, "MiB", sum(agents.map((agent) => agent.residentMiB))),
    figure(`${at}, journal a parcel`, "bytes", sum(bytes) / result.all.parcelsEnded),
  ];
}

const latencyFigures = (at: string, { p50, p99 }: z.infer<typeof zLatency>) => [
  figure(`${at}, last evidence to command p50`, "ms", p50),
  figure(`${at}, last evidence to command p99`, "ms", p99),
];
