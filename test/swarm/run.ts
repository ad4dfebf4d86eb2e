import { createHash } from "node:crypto";
import type { Fact } from "../../protocols/facts.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { LineCommand } from "../../edge/line/commands.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { createOfficer } from "../../simulators/officers/officer.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createLabLine } from "../../simulators/lab/lab-line.ts";
import { documentsOf } from "../../simulators/scenarios/parcel-documents.ts";
import { createSeededEntropy, logNormal } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { createOracle, type BodyRecord, type Oracle } from "./oracle.ts";
import type { RunOptions } from "./options.ts";
import { createVirtualOfficerApi } from "./virtual-officers.ts";
import { createVirtualPost } from "./virtual-post.ts";
import { startVirtualSite, type VirtualSite } from "./virtual-site.ts";

/** What one run showed. */
export interface RunResult {
  readonly seed: number;
  readonly parcels: number;
  readonly exits: Readonly<Record<string, number>>;
  /** In green without evidence, and no alarm: the one thing that must never be. */
  readonly wrongGreens: readonly string[];
  /** In green without evidence by a fault of machines; told by alarm, and the belt was stopped. */
  readonly alarmedGreens: Readonly<Record<string, number>>;
  readonly broken: readonly string[];
  readonly releasable: { readonly total: number; readonly green: number };
  readonly licence: { readonly total: number; readonly red: number };
  readonly faults: Readonly<Record<string, number>>;
  readonly virtualS: number;
  /** Of every entry that the agent recorded. */
  readonly trace: string;
}

/** From a body's end in green until the alarm and the request to stop must have been made. */
const alarmMsMax = 5_000;
/** After the faults are healed the line has this long to empty itself. */
const healedMs = 120_000;

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const run = await startRun(options);
  const { site, line, tally } = run;
  const parcelMs = 3_600_000 / options.scenario.parcelsPerHour;
  // Held lines take longer; a line that never gets through its parcels has lost its liveness.
  const limitMs = options.parcels * parcelMs * 8 + 600_000;
  while (tally.ended < options.parcels && site.clock.monotonic() < limitMs) {
    await site.runFor(5_000);
  }
  line.faults.heal();
  line.forwarding.stop();
  await site.runFor(healedMs);
  line.world.finish();
  return resultOf(options, run);
}

interface Tally {
  ended: number;
  exits: Record<string, number>;
  wrongGreens: string[];
  alarmedGreens: Record<string, number>;
  broken: string[];
  releasable: { total: number; green: number };
  licence: { total: number; red: number };
  faults: Record<string, number>;
  facts: { inducted: number; left: Record<string, number>; lost: number };
  /** When the agent told of something unexpected in green, and when it asked the belt to stop. */
  greenAlarmsAt: number[];
  beltStopsAt: number[];
}

interface Run {
  readonly site: VirtualSite;
  readonly line: ReturnType<typeof createLabLine>;
  readonly oracle: Oracle;
  readonly tally: Tally;
  readonly trace: () => string;
}

async function startRun(options: RunOptions): Promise<Run> {
  const { seed } = options;
  const tally: Tally = {
    ended: 0,
    exits: { green: 0, red: 0, inspection: 0, removedByHand: 0, stillOnBelt: 0 },
    wrongGreens: [],
    alarmedGreens: {},
    broken: [],
    releasable: { total: 0, green: 0 },
    licence: { total: 0, red: 0 },
    faults: {},
    facts: { inducted: 0, left: { green: 0, red: 0, inspection: 0 }, lost: 0 },
    greenAlarmsAt: [],
    beltStopsAt: [],
  };
  const hash = createHash("sha256");
  const syncEntropy = createSeededEntropy(seed, "disk");
  let oracle: Oracle | null = null;
  const site = await startVirtualSite({
    seed,
    inspectionRate: options.inspectionRate,
    imageVerdictBy: options.imageVerdictBy,
    syncMs: () => logNormal(syncEntropy, options.syncMsMean, 0.5),
    onEntry: (entry) => {
      hash.update(JSON.stringify(entry));
      learnEntry(entry, tally, () => site.clock.monotonic());
    },
    wrapXrayBus: (bus) => ({
      ...bus,
      publish: (...args) => (oracle?.wrapBus(bus, "lab/xray") ?? bus).publish(...args),
    }),
  });
  const { clock } = site;
  const truth = createOracle({
    now: () => clock.monotonic(),
    drawSecretHex: "5a".repeat(32),
    inspectionRate: options.inspectionRate,
    guidOf: (plan) =>
      plan.documents === null
        ? null
        : documentsOf(plan.documents, seed, epochMs(0)).manifest.head.guid,
    onEnded: (body) => {
      tally.ended += 1;
      const exit = body.end?.kind === "exit" ? body.end.exit : (body.end?.kind ?? "unknown");
      tally.exits[exit] = (tally.exits[exit] ?? 0) + 1;
      countLiveness(body, truth, tally);
      if (exit !== "green") return;
      const reasons = truth.reasonsAgainstGreen(body);
      if (reasons.length === 0) return;
      // The chute's eye sees it, and the agent has a moment to tell.
      const endedAt = clock.monotonic();
      const judge = (): void => {
        judgeGreen(body, { reasons, endedAt, tally, plan: options.faultPlan });
      };
      clock.schedule(monotonicMs(endedAt + alarmMsMax), judge);
    },
  });
  oracle = truth;

  const eyesight = createEyesight();
  const { wires } = site;
  const line = createLabLine({
    lineId: site.lineId,
    seed,
    lineIndex: 0,
    layout: defaultLayout,
    scenario: options.scenario,
    faultPlan: options.faultPlan,
    worldClock: clock,
    deviceClock: clock,
    speed: 1,
    wires,
    sorter: { beltEventEveryMs: 400, beltEventEveryIdleMs: 400 },
    pictures: truth.wrapPictures(createPooledPictures({ widthPx: 24, heightPx: 16 })),
    algorithm: options.algorithm,
    eyesight,
    post: createVirtualPost({
      desk: site.centre.site.desk,
      seed,
      clock,
      onStopped: (waybill) => truth.stopped(waybill, clock.monotonic()),
      onRefused: (why) => tally.broken.push(`a document was refused: ${why}`),
    }),
    oracle: truth,
    parcelsAhead: 20,
    settleMs: 2_000,
    truthIdOf: (index) => `${options.truthPrefix}${index}`,
    onFaultFired: (name) => {
      tally.faults[name] = (tally.faults[name] ?? 0) + 1;
    },
    onReleased: (parcel) => truth.onReleased(parcel),
  });
  const api = createVirtualOfficerApi(site.centre, {
    onReleased: (imageHash) => truth.officerReleased(imageHash),
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
  line.start();
  return { site, line, oracle: truth, tally, trace: () => hash.digest("hex") };
}

function countLiveness(body: BodyRecord, oracle: Oracle, tally: Tally): void {
  if (body.end?.kind !== "exit") return;
  const expected = oracle.expectedOf(body);
  if (expected === "green") {
    tally.releasable.total += 1;
    if (body.end.exit === "green") tally.releasable.green += 1;
  } else if (expected === "red") {
    tally.licence.total += 1;
    if (body.end.exit === "red") tally.licence.red += 1;
  }
}

interface Judgement {
  readonly reasons: readonly string[];
  readonly endedAt: number;
  readonly tally: Tally;
  readonly plan: RunOptions["faultPlan"];
}

/** What machines can do to a parcel whatever the agent says. */
const physicalFaults = [
  "diverterDead",
  "diverterLate",
  "diverterStuck",
  "parcelSlips",
  "parcelTooClose",
  "parcelRemovedByHand",
  "foreignParcel",
  "encoderSlips",
  "eyeBounce",
  "eyeStuck",
  "beltStopped",
  "emergencyStop",
  "sorterDown",
  "eventsLost",
  "eventsFrozen",
  "confirmsLost",
] as const;

function judgeGreen(body: BodyRecord, { reasons, endedAt, tally, plan }: Judgement): void {
  const isNear = (at: number): boolean => Math.abs(at - endedAt) <= alarmMsMax;
  const isAlarmed = tally.greenAlarmsAt.some(isNear) && tally.beltStopsAt.some(isNear);
  const causes = physicalFaults.filter((name) => plan[name] !== undefined);
  if (isAlarmed && causes.length > 0) {
    const cause = reasons.join("+");
    tally.alarmedGreens[cause] = (tally.alarmedGreens[cause] ?? 0) + 1;
    return;
  }
  tally.wrongGreens.push(`${body.truthId} at ${Math.round(endedAt)} ms: ${reasons.join(", ")}`);
}

function learnEntry(entry: JournalEntry, tally: Tally, now: () => number): void {
  if (entry.kind !== "step") return;
  for (const command of (entry.commands ?? []) as LineCommand[]) {
    if (command.kind === "belt" && !command.run) tally.beltStopsAt.push(now());
  }
  for (const fact of (entry.facts ?? []) as Fact[]) {
    if (fact.kind === "inducted") tally.facts.inducted += 1;
    else if (fact.kind === "lost") tally.facts.lost += 1;
    else if (fact.kind === "left") {
      tally.facts.left[fact.exit] = (tally.facts.left[fact.exit] ?? 0) + 1;
    } else if (fact.kind === "alarm" && fact.code === "unexpectedInGreen") {
      tally.greenAlarmsAt.push(now());
    }
  }
}

function resultOf(options: RunOptions, run: Run): RunResult {
  const { site, tally, oracle } = run;
  const { facts, broken } = tally;
  const onBelt = site.agent.hosts.reduce((sum, host) => sum + host.state.passes.length, 0);
  const left = Object.values(facts.left).reduce((sum, count) => sum + count, 0);
  if (facts.inducted !== left + facts.lost + onBelt) {
    broken.push(
      `passes are not conserved: ${facts.inducted} inducted, ${left} left, ${facts.lost} lost, ${onBelt} on the belt`,
    );
  }
  if (oracle.bodies.size > 0) broken.push(`${oracle.bodies.size} bodies have no end`);
  if (tally.ended < options.parcels) {
    broken.push(`only ${tally.ended} of ${options.parcels} parcels got through`);
  }
  return {
    seed: options.seed,
    parcels: tally.ended,
    exits: tally.exits,
    wrongGreens: tally.wrongGreens,
    alarmedGreens: tally.alarmedGreens,
    broken,
    releasable: tally.releasable,
    licence: tally.licence,
    faults: tally.faults,
    virtualS: Math.round(site.clock.monotonic() / 1_000),
    trace: run.trace(),
  };
}
