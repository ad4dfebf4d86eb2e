import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { createOfficer } from "../../simulators/officers/officer.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { timedFaults } from "../../simulators/faults/plan.ts";
import { createLabLine, type LabLine } from "../../simulators/lab/lab-line.ts";
import { documentsOf } from "../../simulators/scenarios/parcel-documents.ts";
import { createSeededEntropy, logNormal } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { hearXray } from "./xray-ears.ts";
import { alarmMsMax, createAgentTrace, type AgentTrace } from "./agent-trace.ts";
import { createEvidence, type Evidence } from "./evidence.ts";
import { createGreenJudge, type GreenJudge } from "./judge.ts";
import type { RunOptions } from "./options.ts";
import { lackOf, recover, type Recovery } from "./recovery.ts";
import { createTally, type Tally } from "./tally.ts";
import { createTruth, type Truth } from "./truth.ts";
import { truthIds } from "./truth-ids.ts";
import { createVirtualOfficerApi } from "./virtual-officers.ts";
import { createVirtualPost } from "./virtual-post.ts";
import { startVirtualSite, type VirtualSite } from "./virtual-site.ts";

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
/** What was put on record last is at the centre within this time. */
const copyMs = 10_000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const run = await startRun(options);
  const { clock, site, line, truth, tally } = run;
  const parcelMs = 3_600_000 / options.scenario.parcelsPerHour;
  // Held lines take longer; a line that never gets through its parcels has lost its liveness.
  const limitMs = options.parcels * parcelMs * 8 + 600_000;
  while (tally.ended < options.parcels && clock.monotonic() < limitMs) {
    await site.runFor(5_000);
  }
  const inTime = tally.ended;
  line.faults.heal();
  const [host] = site.agent.hosts;
  if (host === undefined) throw new Error("the agent has no line");
  const recovery = await recover({
    host,
    bodiesTotal: () => truth.bodiesTotal(),
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
  tally.broken.push(...lackOf(recovery, host), ...run.lacks());
  return resultOf(options, run, recovery);
}

interface Run {
  readonly clock: VirtualClock;
  readonly site: VirtualSite;
  readonly line: LabLine;
  readonly truth: Truth;
  readonly judge: GreenJudge;
  readonly trace: AgentTrace;
  readonly tally: Tally;
  /** What is not conserved, at the end. */
  readonly lacks: () => string[];
}

async function startRun(options: RunOptions): Promise<Run> {
  const { seed } = options;
  const tally = createTally();
  if (options.documentDelayMs > 0) tally.scene("slowDocuments");
  if (options.scenario.bodiesAtStart > 0) tally.scene("fullBelt");
  const syncEntropy = createSeededEntropy(seed, "disk");
  const clock = createVirtualClock();
  const now = (): number => clock.monotonic();
  const count = (): number => line.world.machinery.count();
  const evidence = createEvidence({
    now,
    imageVerdictBy: options.imageVerdictBy,
    drawSecretHex,
    inspectionRate: options.inspectionRate,
    guidOf: (plan) => documentsOf(plan, seed, epochMs(0)).manifest.head.guid,
  });
  const truth = createTruth({
    now,
    count,
    eyesMm: new Map(defaultLayout.eyes.map(({ eyeId, positionMm }) => [eyeId, positionMm])),
    onEnded: (body) => {
      tally.ends(body, evidence.exitByPapers(body));
      if (body.end?.kind === "exit" && body.end.exit === "green") judge.arrived(body);
    },
  });
  const trace = createAgentTrace({
    now,
    onGreenCommand: (command, decided) => judge.commanded(command, decided),
  });
  const judge = createGreenJudge({
    now,
    after: (ms, act) => void clock.schedule(monotonicMs(now() + ms), act),
    truth,
    evidence,
    isAlarmedAbout: trace.isAlarmedAbout,
    alarmMsMax,
    countNow: count,
    worldCountOf: (sorterCount) => sorterCount + count() - line.world.devices.cabinet.model.count(),
    green: { eyeId: "pre-green", eyeMm: 30_000, mouthMm: 31_000, firesAheadMm: 80 + 60 },
  });
  const site = await startVirtualSite({
    seed,
    clock,
    lineId,
    drawSecretHex,
    inspectionRate: options.inspectionRate,
    imageVerdictBy: options.imageVerdictBy,
    syncMs: () => logNormal(syncEntropy, options.syncMsMean, 0.5),
    onEntry: trace.learn,
    onLinkChanged: evidence.linkChanged,
    wrapXrayBus: (bus, base) => hearXray(bus, base, truth),
  });
  const line = createLine(options, { clock, site, truth, evidence, tally });
  line.start();
  const lacks = (): string[] => lacksOf({ site, line, truth, trace });
  return { clock, site, line, truth, judge, trace, tally, lacks };
}

interface LineParts {
  readonly clock: VirtualClock;
  readonly site: VirtualSite;
  readonly truth: Truth;
  readonly evidence: Evidence;
  readonly tally: Tally;
}

/** The world around the agent: belt, devices, papers, officers. */
function createLine(options: RunOptions, parts: LineParts): LabLine {
  const { seed } = options;
  const { clock, site, truth, evidence, tally } = parts;
  const { centre } = site;
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
  return createLabLine({
    lineId,
    seed,
    lineIndex: 0,
    layout: defaultLayout,
    scenario: options.scenario,
    faultPlan: options.faultPlan,
    worldClock: clock,
    deviceClock: clock,
    speed: 1,
    wires: site.wires,
    sorter: { beltEventEveryMs: 400, beltEventEveryIdleMs: 400 },
    pictures: createPooledPictures({ widthPx: 24, heightPx: 16 }),
    algorithm: options.algorithm,
    eyesight,
    post: createVirtualPost({
      desk: centre.site.desk,
      seed,
      clock,
      delayMs: options.documentDelayMs,
      onTaken: evidence.documentsTaken,
      onStopped: evidence.stopped,
      onRefused: (why) => tally.broken.push(`a document was refused: ${why}`),
    }),
    oracle: truth,
    parcelsAhead: 20,
    settleMs: 2_000,
    truthIdOf: truthIds(options.truthNames),
    onFaultFired: (name) => {
      tally.fired(name);
      if (timedFaults.some((fault) => fault === name)) truth.onBroken(name);
    },
    onFaultMended: truth.onMended,
    onReleased: (parcel) => {
      tally.comes(parcel);
      truth.onReleased(parcel);
    },
  });
}

/** Parcels, passes and records: none may vanish and none may come from nowhere. */
function lacksOf({
  site,
  line,
  truth,
  trace,
}: Pick<Run, "site" | "line" | "truth" | "trace">): string[] {
  const lacks: string[] = [];
  const { inducted, left, lost } = trace.passes;
  const onBelt = site.agent.hosts.reduce((sum, host) => sum + host.state.passes.length, 0);
  const gone = left.green + left.red + left.inspection;
  if (inducted !== gone + lost + onBelt) {
    lacks.push(
      `passes are not conserved: ${inducted} inducted, ${gone} left, ${lost} lost, ${onBelt} on the belt`,
    );
  }
  if (truth.bodies.size > 0) lacks.push(`${truth.bodies.size} bodies have no end`);
  if (line.world.onBelt().length > 0) lacks.push("bodies are still on the belt");
  return lacks;
}

function resultOf(options: RunOptions, run: Run, recovery: Recovery): RunResult {
  const { clock, site, tally, judge, trace } = run;
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
