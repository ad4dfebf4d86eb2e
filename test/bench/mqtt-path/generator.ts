import { createInterface } from "node:readline";
import { percentilesOf, type Percentiles } from "../samples.ts";
import type { FloorCommand } from "../floor.ts";
import { createBelts, type Belts, type Divert, type Parcel } from "./belts.ts";
import { createCentreEnd, type CentreEnd } from "./centre-end.ts";
import { exitOf, indexOfWaybill } from "./parcels.ts";
import { agentId, site, sorterBase } from "./plan.ts";
import { openBenchWire, type BenchWire } from "./wire.ts";

/**
 * The load of the scan-to-divert path, in a process of its own: belts, devices and the centre's end
 * of the link on one broker connection. All times are taken here: an evidence's when its bytes are
 * handed to the socket, a command's when its bytes come out of it.
 *
 *   node generator.ts '{...GeneratorPlan}'
 *
 * Prints JSON lines: `ready`, `permitted` (parcels may be inducted), `measuring`, `measured`,
 * `result`. Begins to measure when it reads a line "begin".
 */
export interface GeneratorPlan {
  readonly brokerPort: number;
  readonly lineIds: readonly string[];
  /** So many waybills are known to the centre. */
  readonly warmUpS: number;
  readonly measureS: number;
  readonly peer: Peer;
  readonly seed: number;
}

/**
 * Who answers. `floor` gets nothing but scans; `floorWithTraffic` all that the devices of an agent
 * say. A floor has no centre, so a scan is the last evidence.
 */
export type Peer = "agent" | "floor" | "floorWithTraffic";

export interface GeneratorResult {
  readonly parcelsTotal: number;
  /** Parcels whose divert was measured. */
  readonly lastEvidenceToCommandMs: Percentiles;
  readonly scanToCommandMs: Percentiles;
  readonly marginMs: { readonly least: number; readonly p50: number };
  readonly leftWrongly: number;
  /** Of those, by green: the ones that must never be. */
  readonly greenWrongly: number;
  readonly exits: Readonly<Record<string, number>>;
  /** Diverts that were wanted and did not come, or came too late. */
  readonly divertsMissing: number;
  readonly divertsRefused: Readonly<Record<string, number>>;
  readonly journalLastSeq: number;
}

const tickMs = 1;
/** After the last parcel has left: its last events, and the journal's way to us. */
const settleMs = 1_500;

const plan = JSON.parse(process.argv[2] ?? "{}") as GeneratorPlan;
const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const isFloor = plan.peer !== "agent";
const lineIndexOfTopic = new Map(
  plan.lineIds.map((lineId, index) => [`${sorterBase(lineId)}/command`, index]),
);
const upTopic = `${site}/link/${agentId}/up`;
const refused: Record<string, number> = {};
/** Evidence that is in the buffer and gets its time when the buffer is written. */
let scannedNow: Parcel[] = [];
let answeredNow: Parcel[] = [];

const wire: BenchWire = await openBenchWire({
  port: plan.brokerPort,
  clientId: "bench-generator",
  filters: [upTopic, `${site}/dev/+/sorter/command`],
  onMessage(topic, payload) {
    if (topic === upTopic) return centre.take(payload);
    const lineIndex = lineIndexOfTopic.get(topic);
    if (lineIndex !== undefined) takeCommand(lineIndex, payload);
  },
  onFlush: stampEvidence,
  onLost(why) {
    console.error(`generator: ${why}`);
    process.exit(1);
  },
});

const belts: Belts = createBelts({
  lineIds: plan.lineIds,
  publish: wire.publish,
  draw: seeded(plan.seed),
  onScanned: (parcel) => {
    scannedNow.push(parcel);
    if (isFloor) belts.bind(parcel, String(parcel.index));
  },
  isScansOnly: plan.peer === "floor",
});

const centre: CentreEnd = createCentreEnd({
  publish: wire.publish,
  onHello: () => powerOn(),
  onClaimed(index, { passId }) {
    const parcel = belts.parcels[index];
    if (parcel === undefined) return;
    belts.bind(parcel, passId);
    answeredNow.push(parcel);
  },
});

function stampEvidence(): void {
  const now = performance.now();
  for (const parcel of scannedNow) parcel.scannedAt = now;
  for (const parcel of answeredNow) parcel.answeredAt = now;
  if (scannedNow.length > 0) scannedNow = [];
  if (answeredNow.length > 0) answeredNow = [];
}

let isOn = false;
function powerOn(): void {
  if (isOn) return;
  isOn = true;
  belts.powerOn(performance.now());
  const tick = (): void => {
    belts.advance(performance.now());
    wire.flush();
    setTimeout(tick, tickMs);
  };
  tick();
  if (!isFloor) return;
  for (const lineIndex of plan.lineIds.keys()) belts.permit(lineIndex, true);
  say({ kind: "permitted" });
}

function takeCommand(lineIndex: number, payload: Buffer): void {
  const now = performance.now();
  if (isFloor) return takeFloorCommand(lineIndex, payload, now);
  const command = JSON.parse(payload.toString("latin1")) as
    | ({ readonly kind: "divert" } & Divert)
    | { readonly kind: "induction"; readonly isPermitted: boolean }
    | { readonly kind: "abort" | "belt" | "cancelAll" | "life" };
  if (command.kind === "induction") {
    belts.permit(lineIndex, command.isPermitted);
    if (belts.isPermittedEverywhere()) say({ kind: "permitted" });
  }
  if (command.kind !== "divert") return;
  const outcome = belts.divert(lineIndex, command, now);
  if (outcome.kind === "refused") refused[outcome.why] = (refused[outcome.why] ?? 0) + 1;
}

function takeFloorCommand(lineIndex: number, payload: Buffer, now: number): void {
  const { waybill } = JSON.parse(payload.toString("latin1")) as FloorCommand;
  const parcel = belts.parcels[indexOfWaybill(waybill)];
  if (parcel !== undefined) belts.divert(lineIndex, belts.divertOf(parcel), now);
}

async function measure(): Promise<void> {
  belts.induct(performance.now(), (plan.warmUpS * 1_000) / 2);
  await pause(plan.warmUpS * 1_000);
  const from = performance.now();
  say({ kind: "measuring" });
  await pause(plan.measureS * 1_000);
  const to = performance.now();
  say({ kind: "measured" });
  belts.endInduction();
  while (belts.onBeltTotal() > 0) await pause(50);
  await pause(settleMs);
  say({ kind: "result", result: resultOf(from, to) });
}

function resultOf(from: number, to: number): GeneratorResult {
  const { parcels } = belts;
  const exits: Record<string, number> = {};
  for (const { leftBy } of parcels) exits[leftBy ?? "none"] = (exits[leftBy ?? "none"] ?? 0) + 1;
  const wrong = parcels.filter(({ kind, leftBy }) => leftBy !== exitOf(kind));
  const wanted = parcels.filter(({ kind }) => exitOf(kind) === "green");
  const measured = parcels.filter(
    ({ kind, inductedAt, commandedAt }) =>
      kind === "releasable" && inductedAt >= from && inductedAt < to && !Number.isNaN(commandedAt),
  );
  const evidenceAt = (parcel: Parcel): number =>
    isFloor ? parcel.scannedAt : Math.max(parcel.scannedAt, parcel.answeredAt);
  const margins = measured.map(({ marginMs }) => marginMs).sort((one, other) => one - other);
  return {
    parcelsTotal: parcels.length,
    lastEvidenceToCommandMs: percentilesOf(
      measured.map((parcel) => parcel.commandedAt - evidenceAt(parcel)),
    ),
    scanToCommandMs: percentilesOf(measured.map((parcel) => parcel.commandedAt - parcel.scannedAt)),
    marginMs: {
      least: margins[0] ?? Number.NaN,
      p50: margins[margins.length >> 1] ?? Number.NaN,
    },
    leftWrongly: wrong.length,
    greenWrongly: wrong.filter(({ leftBy }) => leftBy === "green").length,
    exits,
    divertsMissing: wanted.filter(({ commandedAt }) => Number.isNaN(commandedAt)).length,
    divertsRefused: refused,
    journalLastSeq: centre.counters().lastSeq,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

createInterface({ input: process.stdin }).on("line", (word) => {
  if (word === "power") powerOn();
  if (word === "begin") {
    measure().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  }
});
process.once("SIGTERM", () => {
  centre.stop();
  wire.close();
  process.exit(0);
});
say({ kind: "ready" });
