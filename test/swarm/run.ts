import type { Recorder } from "../../edge/runtime/recorder.ts";
import type { Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { createOfficer } from "../../simulators/officers/officer.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createLabLine, type LabLine } from "../../simulators/site/lab-line.ts";
import { carrierOf } from "../../simulators/documents/parties.ts";
import { createSeededEntropy, logNormal } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { alarmMsMax } from "./agent-trace.ts";
import { hear } from "./hear.ts";
import { lagTimes, witnessMm, type ReaderLag } from "./bindings.ts";
import type { RunOptions } from "./options.ts";
import { createOracle, type Oracle } from "./oracle.ts";
import { lackOf, recover, type Recovery } from "./recovery.ts";
import { tracksOf } from "./sorter-speech.ts";
import { createTally, type Tally } from "./tally.ts";
import { truthIds } from "./truth-ids.ts";
import { createVirtualOfficerApi } from "./virtual-officers.ts";
import { createVirtualPost } from "./virtual-post.ts";
import { startVirtualSite, type VirtualSite } from "./virtual-site.ts";
import { watchWaits } from "./waits.ts";

/** What one run showed. */
export interface RunResult {
  readonly seed: number;
  readonly parcels: number;
  readonly exits: Readonly<Record<string, number>>;
  readonly greenCommands: number;
  /** A command for green without evidence, alarm or not: what must never be. */
  readonly wrongCommands: readonly string[];
  /** In green without evidence, and not told of, or by no machine's fault. */
  readonly wrongGreens: readonly string[];
  /** In green by a fault of machines; told by alarm, and the belt was stopped. By cause. */
  readonly alarmedGreens: Readonly<Record<string, number>>;
  /** Commands whose parcel was not there any more. */
  readonly emptyCommands: number;
  readonly broken: readonly string[];
  readonly releasable: { readonly total: number; readonly green: number };
  readonly licence: { readonly total: number; readonly red: number };
  /** How often each fault fired, and how many parcels each oddity of papers and labels had. */
  readonly faults: Readonly<Record<string, number>>;
  readonly scenes: Readonly<Record<string, number>>;
  readonly alarms: Readonly<Record<string, number>>;
  readonly recovery: Recovery;
  readonly virtualS: number;
  /** Of every record of the agent that the centre holds. */
  readonly trace: string;
}

const lineId = "L1";
const drawSecretHex = "5a".repeat(32);
/** As the lab's centre is configured. */
const documentWaitMs = 600_000;
/** What was put on record last is at the centre within this time. */
const copyMs = 10_000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const run = await startRun(options);
  const { clock, site, line, tally } = run;
  const parcelMs = 3_600_000 / options.scenario.parcelsPerHour;
  // Held lines take longer; a line that never gets through its parcels has lost its liveness.
  const limitMs = options.parcels * parcelMs * 8 + 600_000;
  while (tally.ended < options.parcels && clock.monotonic() < limitMs) {
    await site.runFor(5_000);
  }
  const inTime = tally.ended;
  line.faults.heal();
  run.endLag();
  const [host] = site.agent.hosts;
  if (host === undefined) throw new Error("the agent has no line");
  const recovery = await recover({
    host,
    bodiesTotal: run.oracle.truth.bodiesTotal,
    bodiesOnBelt: () => line.world.onBelt().length,
    closeInfeed: () => line.forwarding.stop(),
    runFor: (ms) => site.runFor(ms),
  });
  const written = site.journal.lastSeq();
  await site.runFor(Math.max(copyMs, alarmMsMax));
  line.world.finish();
  const { records } = site.copied();
  if (records < written) tally.broken.push(`the centre holds ${records} of ${written} records`);
  if (inTime < options.parcels) {
    tally.broken.push(`only ${inTime} of ${options.parcels} parcels got through`);
  }
  tally.broken.push(...lackOf(recovery, host), ...lacksOf(run));
  return resultOf(options, run, recovery);
}

export interface Run {
  readonly clock: VirtualClock;
  readonly site: VirtualSite;
  readonly line: LabLine;
  readonly oracle: Oracle;
  readonly tally: Tally;
  /** Purges a scanner that lags, now and for good. */
  readonly endLag: () => void;
}

/** Whoever listens to a run beside its judges. */
export interface Ears {
  onEntry(entry: Parameters<Recorder["record"]>[0]): void;
  /** The labels of each parcel that comes onto the belt. */
  onInducted(labels: readonly string[]): void;
}

const deaf: Ears = { onEntry: () => {}, onInducted: () => {} };

export async function startRun(options: RunOptions, ears: Ears = deaf): Promise<Run> {
  const { seed, inspectionRate, imageVerdictBy } = options;
  const clock = createVirtualClock();
  const tally = createTally();
  if (options.documentDelayMs > 0) tally.scene("slowDocuments");
  if (options.scenario.bodiesAtStart > 0) tally.scene("fullBelt");
  const count = (): number => line.world.machinery.count();
  const oracle = createOracle({
    clock,
    tally,
    countNow: count,
    worldCountOf: (sorterCount) => sorterCount + count() - line.world.devices.cabinet.model.count(),
    imageVerdictBy,
    drawSecretHex,
    inspectionRate,
    hasScale: options.hasScale,
    carrierCodeOf: ({ declaration }) => carrierOf(declaration.waybill).code,
  });
  const syncEntropy = createSeededEntropy(seed, "disk");
  const site = await startVirtualSite({
    seed,
    clock,
    lineId,
    drawSecretHex,
    inspectionRate,
    imageVerdictBy,
    binding: options.binding,
    hasScale: options.hasScale,
    sorterSpeech: options.sorterSpeech,
    xraySpeech: options.xraySpeech,
    syncMs: () => logNormal(syncEntropy, options.syncMsMean, 0.5),
    onEntry: (entry) => {
      hear(entry, oracle.truth);
      oracle.trace.learn(entry);
      ears.onEntry(entry);
    },
    onLinkChanged: oracle.evidence.linkChanged,
    onAgentSlept: oracle.truth.onAgentSlept,
  });
  const line = createLine(options, { clock, site, oracle, tally, ears });
  line.start();
  const endLag = lagFor(line, options.readerLag, clock);
  return { clock, site, line, oracle, tally, endLag };
}

/** The scanner falls one trigger behind, until somebody purges it; who does so at once is returned. */
function lagFor(line: LabLine, lag: ReaderLag | null, clock: VirtualClock): () => void {
  if (lag === null) return () => {};
  const { scanner } = line.world.devices;
  const { kind, fromMs, toMs } = lagTimes[lag];
  const at = (ms: number, act: () => void): Timer =>
    clock.schedule(monotonicMs(clock.monotonic() + ms), act);
  const purge = (): void => scanner.setFaults({ lag: null });
  const timers = [at(fromMs, () => scanner.setFaults({ lag: kind })), at(toMs, purge)];
  return () => {
    for (const timer of timers) timer.cancel();
    purge();
  };
}

/** The world around the agent: belt, devices, papers, officers. */
function createLine(
  options: RunOptions,
  parts: Omit<Run, "line" | "endLag"> & { readonly ears: Ears },
): LabLine {
  const { seed } = options;
  const { clock, site, tally, ears } = parts;
  const { truth, evidence, onFaultFired } = parts.oracle;
  const { centre } = site;
  const waits = watchWaits({
    desk: centre.site.desk,
    now: () => clock.monotonic(),
    waitMs: documentWaitMs,
    onEndedEarly: (what) => tally.broken.push(what),
  });
  const eyesight = createEyesight();
  const api = createVirtualOfficerApi(centre, {
    onReleased: truth.onOfficerReleased,
    onAgainst: evidence.officerAgainst,
  });
  for (let index = 0; index < options.officers; index += 1) {
    createOfficer({
      name: `officer-${index}`,
      station: `desk-${index}`,
      api,
      clock,
      entropy: createSeededEntropy(seed, `officer ${index}`),
      eyesight,
    }).start();
  }
  const pictures = createPooledPictures({ widthPx: 24, heightPx: 16 });
  return createLabLine({
    lineId,
    seed,
    lineIndex: 0,
    layout: {
      ...defaultLayout,
      ...(options.binding === "witness" ? { witnessMm } : {}),
      ...(options.hasScale ? {} : { scale: null }),
    },
    scenario: options.scenario,
    faultPlan: options.faultPlan,
    worldClock: clock,
    deviceClock: clock,
    speed: 1,
    wires: site.wires,
    sorter: {
      beltEventEveryMs: 400,
      beltEventEveryIdleMs: 400,
      tracks: tracksOf(options.sorterSpeech),
    },
    pictures: (bodies) => {
      truth.onPictured(bodies.map(({ contents }) => contents));
      return pictures(bodies);
    },
    algorithm: options.algorithm,
    eyesight,
    xrayEars: { onShown: truth.onImage, onJudged: truth.onVerdict },
    post: createVirtualPost({
      desk: centre.site.desk,
      seed,
      clock,
      delayMs: options.documentDelayMs,
      onTaken: (plan) => {
        evidence.documentsTaken(plan);
        waits.documentsTaken(plan);
      },
      onStopped: evidence.stopped,
      onRefused: (why) => tally.broken.push(`a document was refused: ${why}`),
    }),
    oracle: {
      ...truth,
      onInducted(truthId) {
        truth.onInducted(truthId);
        ears.onInducted(truth.bodies.get(truthId)?.plan?.physical.labels ?? []);
      },
    },
    parcelsAhead: 20,
    settleMs: 2_000,
    truthIdOf: truthIds(options.truthNames),
    onFaultFired,
    onFaultMended: truth.onMended,
    onReleased: (parcel) => {
      tally.comes(parcel);
      truth.onReleased(parcel);
    },
  });
}

/** Parcels and passes: none may vanish and none may come from nowhere. */
function lacksOf({ site, line, oracle }: Run): string[] {
  const lacks: string[] = [];
  const { inducted, left, lost } = oracle.trace.passes;
  const onBelt = site.agent.hosts.reduce((sum, host) => sum + host.state.passes.length, 0);
  const gone = left.green + left.red + left.inspection;
  if (inducted !== gone + lost + onBelt) {
    lacks.push(
      `passes are not conserved: ${inducted} inducted, ${gone} left, ${lost} lost, ${onBelt} on the belt`,
    );
  }
  const claims = site.centre.site.claims.counters().open;
  if (onBelt === 0 && claims > 0) lacks.push(`${claims} claims are held by passes that are over`);
  const { bodies } = oracle.truth;
  if (bodies.size > 0) lacks.push(`${bodies.size} bodies have no end`);
  if (line.world.onBelt().length > 0) lacks.push("bodies are still on the belt");
  return lacks;
}

function resultOf(options: RunOptions, run: Run, recovery: Recovery): RunResult {
  const { clock, site, tally } = run;
  const { judge, trace } = run.oracle;
  return {
    seed: options.seed,
    parcels: tally.ended,
    exits: tally.exits,
    greenCommands: trace.greenCommands,
    ...judge.findings,
    broken: tally.broken,
    releasable: tally.releasable,
    licence: tally.licence,
    faults: tally.faults,
    scenes: tally.scenes,
    alarms: trace.alarms,
    recovery,
    virtualS: Math.round(clock.monotonic() / 1_000),
    trace: site.copied().hash,
  };
}
