import { createInterface } from "node:readline";
import { exits } from "../../../protocols/sorting.ts";
import { serveBelt } from "../../../simulators/alone/belt-link.ts";
import { devicesElsewhere } from "../../../simulators/alone/devices-elsewhere.ts";
import { createSystemClock } from "../../../simulators/clock/system-clock.ts";
import { createForwarding } from "../../../simulators/scenarios/forwarding.ts";
import { quietScenario } from "../../../simulators/scenarios/options.ts";
import { createParcelStream } from "../../../simulators/scenarios/parcel-stream.ts";
import { createCentrePost } from "../../../simulators/site/centre-post.ts";
import { createSeededEntropy, seedOfRun } from "../../../simulators/world/chance.ts";
import { defaultLayout, eyeIdsOf } from "../../../simulators/world/layout.ts";
import { createLineWorld } from "../../../simulators/world/line-world.ts";
import {
  deafOracle,
  noFaults,
  type LineMachinery,
  type SorterSide,
} from "../../../simulators/world/ports.ts";
import { foreignNamespaceUri, startForeignServer } from "./foreign-opcua.ts";
import { createForeignPlc, scanEvery, type ForeignPlc } from "./foreign-plc.ts";

/**
 * The foreign controller at a belt of the lab's, in a process of its own.
 *
 *   node test/drills/foreign-plc/line.ts '{"opcuaPort":4840,"beltPort":7001,"centreUrl":"http://...","seed":1,"folder":"/tmp/plc"}'
 *
 * Reads words: `restart NAME` ends its server and starts controller and server anew, with another order
 * of namespaces and a count that begins anew; `attack NAME` gives it commands that must never be
 * executed; `report NAME` asks what it has done. Prints JSON lines: `ready`, then one of that name.
 */
export interface ForeignLinePlan {
  readonly opcuaPort: number;
  readonly beltPort: number;
  readonly centreUrl: string;
  readonly seed: number;
  /** Of its server's certificate. */
  readonly folder: string;
}

/** An edge of an eye that stands in the controller's ring. */
export interface ForeignEdge {
  readonly boot: number;
  readonly eyeId: string;
  readonly isBlocked: boolean;
  readonly count: number;
}

export interface ForeignExecution {
  readonly seq: number;
  /** The boot word of the command, and the controller's own when it was executed. */
  readonly boot: number;
  readonly ownBoot: number;
  readonly acceptedAtCount: number;
  readonly notAfterCount: number;
}

export interface ForeignReport {
  readonly edges: readonly ForeignEdge[];
  readonly executed: readonly ForeignExecution[];
  /** Why commands were refused, and how often. */
  readonly refused: Readonly<Record<string, number>>;
  readonly boot: number;
  /** Of the controller's variables, at this start. */
  readonly namespaceIndex: number;
}

const plan = JSON.parse(process.argv[2] ?? "{}") as ForeignLinePlan;
const say = (line: object): void => console.log(JSON.stringify(line));

const layout = defaultLayout;
const clock = createSystemClock();
const plainNamespaces = [foreignNamespaceUri, "urn:example:recipes"];
const otherNamespaces = ["urn:example:recipes", "urn:example:drives", foreignNamespaceUri];
const serverAt = (namespaces: readonly string[]) =>
  startForeignServer(plc, {
    port: plan.opcuaPort,
    namespaces,
    publishingFloorMs: 100,
    samplingFloorMs: 50,
    certificateFolder: plan.folder,
  });

let machinery: LineMachinery | null = null;
/** The world's count at which the controller's own began. */
let countedFrom = 0;
const countOf = (worldCount: number): number => worldCount - countedFrom;
const edges: ForeignEdge[] = [];

const plc: ForeignPlc = createForeignPlc({
  now: () => performance.now(),
  diverters: layout.diverters.map(({ exit }) => exit),
  eyes: eyeIdsOf(layout),
  onDiverter: (exit, state) => machinery?.swing(exit, state === "out"),
});

const side: SorterSide = {
  eyeChanged(eyeId, isBlocked, worldCount) {
    const count = countOf(worldCount);
    // Behind the count at which it began, it has latched nothing.
    if (count < 0) return;
    plc.eye(eyeId, isBlocked, count);
    edges.push({ boot: plc.boot, eyeId, isBlocked, count });
  },
  chuteChanged: (exit, state) => plc.chuteFull(exit, state === "full"),
  beltChanged() {
    const belt = machinery?.belt();
    if (belt === undefined) return;
    plc.emergencyStop(belt.emergencyStop);
    plc.drive(belt.isRunning, belt.speedMmPerS);
  },
};

const executions: ForeignExecution[] = [];

/** One cycle, with the encoder before it and the outputs behind it. */
function cycle(): void {
  if (machinery === null) return;
  plc.setCount(countOf(machinery.count()));
  plc.scan();
  machinery.permitInduction(plc.inductionPermitted);
  machinery.runBelt(!plc.beltStopWanted);
  for (const one of plc.executed.slice(executions.length)) {
    const { seq, boot, acceptedAtCount, notAfterCount } = one;
    executions.push({ seq, boot, ownBoot: plc.boot, acceptedAtCount, notAfterCount });
  }
}

async function restart(): Promise<void> {
  await server.stop();
  cycles.stop();
  countedFrom = machinery?.count() ?? 0;
  plc.restart(0);
  takeOver();
  server = await serverAt(otherNamespaces);
  cycles = scanEvery({ scan: cycle });
}

/** What stands before an eye or in a chute when it starts, it sees at once. */
function takeOver(): void {
  side.beltChanged();
  for (const exit of exits) side.chuteChanged(exit, machinery?.chute(exit).state ?? "unknown", 0);
  for (const eyeId of eyeIdsOf(layout)) {
    const isBlocked = machinery?.isEyeBlocked(eyeId) === true;
    if (isBlocked) side.eyeChanged(eyeId, true, countedFrom);
  }
}

const write = (id: string, value: number): void =>
  plc.variables.find((variable) => variable.id === id)?.write(value);
const read = (id: string): number =>
  Number(plc.variables.find((variable) => variable.id === id)?.read());

/** Somebody who lives, and whose commands are past their count, or of the boot before this one. */
function attack(): void {
  const order = (fields: Readonly<Record<string, number>>): void => {
    for (const [name, value] of Object.entries(fields)) write(`"Order"."${name}"`, value);
    write(`"Order"."Seq"`, read(`"Answer"."Seq"`) + 1);
    cycle();
  };
  const now = read(`"Belt"."Pos"`);
  const divert = { Op: 10, Exit: 2, FireAt: now + 5, ReleaseAt: now + 400 };
  write(`"Pc"."Life"`, read(`"Pc"."Life"`) + 1);
  cycle();
  order({ ...divert, NotAfter: now - 1, Boot: plc.boot });
  order({ ...divert, NotAfter: now + 4, Boot: plc.boot - 1 });
}

const refused = (): Record<string, number> => {
  const times: Record<string, number> = {};
  for (const { why } of plc.refused) times[why] = (times[why] ?? 0) + 1;
  return times;
};

const runSeed = seedOfRun(plan.seed, 1);
const belt = await serveBelt(plan.beltPort, { onMessage() {}, onLost() {} });
const stream = createParcelStream({
  seed: plan.seed,
  run: 1,
  lineIndex: 0,
  scenario: quietScenario,
  beltSpeedMmPerS: layout.beltSpeedMmPerS,
});
const forwarding = createForwarding({
  clock,
  stream,
  post: createCentrePost({
    centreUrl: plan.centreUrl,
    seed: runSeed,
    clock,
    customsReleases: false,
    onRefused: (reason) => console.error(`document refused: ${reason}`),
    onReach() {},
  }),
  parcelsAhead: 5,
  settleMs: 500,
  onAvailable: () => world.infeedChanged(),
});
const world = createLineWorld(
  {
    clock,
    entropy: createSeededEntropy(runSeed, "people"),
    layout,
    source: forwarding,
    faults: noFaults,
    oracle: deafOracle,
    foreignParcel: () => stream.foreign(),
  },
  (given) => {
    machinery = given;
    return devicesElsewhere({ side, count: () => countOf(given.count()) }, given, belt);
  },
);
let server = await serverAt(plainNamespaces);
takeOver();
let cycles = scanEvery({ scan: cycle });
forwarding.start();

createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, kind = ""] = line.split(" ");
  const report = (): void => {
    const { boot } = plc;
    const { namespaceIndex } = server;
    say({ kind, edges, executed: executions, refused: refused(), boot, namespaceIndex });
  };
  if (word === "attack") attack();
  if (word === "restart") void restart().then(report);
  else report();
});
process.once("SIGTERM", () => process.exit(0));
say({ kind: "ready" });
