import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Fact, FactOf } from "../../protocols/facts.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { wholeFact } from "../../protocols/told-facts.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { exits, type ChuteState, type Exit } from "../../protocols/sorting.ts";
import type { ReadProof } from "../../protocols/scanner/read-proof.ts";
import { beltCount, epochMs, monotonicMs } from "../../protocols/units.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import { emptyClearanceMirror, isNextAnswer } from "../../edge/line/clearance-mirror.ts";
import { stepClearance, type ClearanceEvent } from "../../edge/line/clearance-step.ts";
import { askAgainAt } from "../../edge/line/claim.ts";
import { secondLook } from "../../edge/line/commit.ts";
import type { DivertCommand, LineCommand } from "../../edge/line/commands.ts";
import type { LineConfig } from "../../edge/line/config.ts";
import { firstDueCount, firstOverdueCount } from "../../edge/line/due.ts";
import type { LineEvent, LineEventBody } from "../../edge/line/events.ts";
import { initialLineState, type LineState, type Pass } from "../../edge/line/state.ts";
import { nextReportCount, nextWakeCount, step, type Step } from "../../edge/line/step.ts";

/**
 * The line's core on a bench: no world, no wires, no clock. A test moves the belt by counts and
 * tells events; the bench wakes the core when the shell would, and keeps what comes out.
 */
export interface Bench {
  readonly state: LineState;
  readonly config: LineConfig;
  /** Everything the core was told, with its answer, and everything it said, in order. */
  readonly told: Told[];
  readonly events: LineEvent[];
  readonly facts: Fact[];
  readonly commands: LineCommand[];
  count(): number;
  /** Monotonic milliseconds; the belt runs at one count a millisecond. */
  at(): number;
  tell(body: LineEventBody): Step;
  sorter(body: SorterBody): Step;
  /** `track` is the controller's own number, of one that follows parcels by itself. */
  eye(eyeId: string, isBlocked: boolean, count?: number, track?: number): Step;
  chute(exit: Exit, state: ChuteState): Step;
  /** One read, by its texts; none for a no-read. It brings the last token that was sent. */
  read(...texts: string[]): Step;
  /** The same, with whatever the reader sends to prove whose it is. */
  readWith(proof: ReadProof, ...texts: string[]): Step;
  /** The same of another reader than the scanner. */
  readFrom(deviceId: string, proof: ReadProof, ...texts: string[]): Step;
  /** One weight, with the last token that was sent. */
  weigh(weightG: number, track?: string): Step;
  /** The last token that was sent to this device. */
  tokenOf(deviceId: string): string | undefined;
  officer(passId: string, imageHash: string, decision: OfficerVerdict["decision"]): Step;
  /** Only the belt moves: nobody is woken. */
  moveTo(count: number): void;
  /** Lets the belt run to `count`, waking the core where it asked for it. */
  runTo(count: number): void;
  /** Time passes and the belt stands; the sorter reports it every second. */
  stand(ms: number): void;
  /** The sorter reports the belt, where it is. */
  belt(isRunning: boolean, emergencyStop?: boolean): Step;
  guard(isOpen: boolean, guardId?: string): Step;
  /** Somebody presses the reset key at the line. */
  reset(): Step;
  /** Only the clock moves: nothing is reported and nobody is woken. */
  wait(ms: number): void;
  /** One message of the stream, told to the core as the shell does. */
  clearance(message: ClearanceMessage): void;
  /** The documents say this from now on; the line is told where one of its passes has asked. */
  change(...records: ClearanceRecord[]): void;
  /** The sorter begins anew; its counts go on, which nothing may rely on. */
  newSession(): void;
  /** Opens the session and makes everything ready; these are all documents there are. */
  start(...records: ClearanceRecord[]): void;
  pass(passId: string): Pass;
  factsOf<K extends Fact["kind"]>(kind: K): FactOf<K>[];
  diverts(): DivertCommand[];
}

/** The outbox's second look, on a bench. */
export const stillWanted = (
  bench: Bench,
  command: DivertCommand,
): ReturnType<typeof secondLook> => {
  const event = { at: monotonicMs(bench.at()), count: beltCount(bench.count()) };
  return secondLook({ state: bench.state, config: bench.config, event }, command);
};

/** One input and what came of it, as text: what the journal would hold. */
export type Told =
  | { readonly kind: "event"; readonly event: string; readonly output: string }
  | { readonly kind: "clearance"; readonly event: string };

/** Does the same again from the inputs alone; the outputs that differ (law 11). */
export function replay(told: readonly Told[], config: LineConfig): string[] {
  const state = initialLineState(emptyClearanceMirror());
  const differences: string[] = [];
  for (const entry of told) {
    if (entry.kind === "clearance") {
      stepClearance(state.mirror, JSON.parse(entry.event));
      continue;
    }
    const { commands, facts } = step(state, JSON.parse(entry.event), config);
    const output = JSON.stringify({ commands, facts });
    if (output !== entry.output) differences.push(`${entry.output} became ${output}`);
  }
  return differences;
}

type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;
export type SorterBody = WithoutNumber<SorterEvent>;

/** A step, with its facts as whoever reads its record has them. */
type WholeStep = Omit<Step, "facts"> & { readonly facts: readonly Fact[] };

export interface BenchOptions {
  readonly config?: LineConfig;
  readonly epoch?: string;
  readonly leaseMs?: number;
  /** Called after every step, to check what must always hold. */
  readonly afterStep?: (event: LineEvent, output: WholeStep, bench: Bench) => void;
}

/** The default line, with the eyes and tolerances that the lab's configuration has. */
export const benchConfig: LineConfig = {
  lineId: "L1",
  mode: "lab",
  belt: { speedMmPerS: 1_000, mmPerCount: 1 },
  layout: {
    inductionEyeId: "induction",
    scanner: {
      deviceId: "scanner-1",
      atMm: 1_500,
      binding: { kind: "echo", sendMm: 150 },
      canTest: true,
    },
    witness: null,
    scale: {
      deviceId: "scale-1",
      fromMm: 2_600,
      toMm: 3_400,
      binding: { kind: "track", sendMm: 150 },
    },
    xray: { deviceId: "xray-1", fromMm: 5_000, toMm: 7_000, binding: { kind: "track" } },
    zones: [],
    sorterId: "sorter-1",
    trackingEyes: [
      { eyeId: "xray-entry", atMm: 5_000 },
      { eyeId: "pre-red", atMm: 27_000 },
      { eyeId: "pre-green", atMm: 30_000 },
    ],
    diverters: [
      { exit: "red", atMm: 28_000, swingMs: 80, chuteEyeId: "red-chute", chuteTravelMm: 300 },
      { exit: "green", atMm: 31_000, swingMs: 80, chuteEyeId: "green-chute", chuteTravelMm: 300 },
    ],
    end: { eyeId: "end", atMm: 34_000, exit: "inspection" },
  },
  tracking: {
    earlyMm: 60,
    lateMm: 60,
    gapMmMin: 300,
    lengthMmMin: 80,
    lengthMmMax: 900,
    lengthToleranceMm: 40,
    neighbourMm: 1_500,
    eventLateMs: 150,
    readLateMm: 150,
    resyncMm: 2_000,
    passesOnBeltMax: 100,
  },
  commit: { leadMs: 400, windowMm: 0, deviceLeadMs: 20 },
  rules: {
    version: "bench-1",
    imageVerdictBy: "both",
    authority: "site",
    weight: { toleranceG: 50, tolerancePct: 5 },
    passAgeMsMax: 300_000,
  },
  waybills: { carriers: [{ carrier: "bench", pattern: "W[0-9]{6}" }] },
};

/** Where a front must be when the last word on each diverter is spoken: fire minus lead. */
export const commitMm = { red: 28_000 - 60 - 80 - 400, green: 31_000 - 60 - 80 - 400 } as const;
export const fireMm = { red: 28_000 - 60 - 80, green: 31_000 - 60 - 80 } as const;

export const waybillNo = (number: number): string => `W${String(number).padStart(6, "0")}`;

/** SHA-256 shaped, and plainly no real hash. */
export const hashNo = (number: number): string => number.toString(16).padStart(64, "0");

export function recordOf(
  waybill: string,
  overrides: Partial<ClearanceRecord> = {},
): ClearanceRecord {
  const reasons = overrides.reasons ?? [];
  return {
    waybill,
    version: 1,
    manifestGuid: "0C8A6E0B-6AE4-4F6C-93F5-2F0C1E0F7A11",
    manifestHash: hashNo(0xabc),
    standing: reasons.length > 0 ? "notReleasable" : "releasableIfMachinePassOk",
    machineInspectionRequired: true,
    declared: { grossWeightG: 1_000, pieces: 1 },
    customsStatus: null,
    rulesVersion: "documents-1",
    ...overrides,
    reasons,
  };
}

/** After every step of every test: what the core looks for later must not have fallen due before. */
function checkLookedAhead(state: LineState, config: LineConfig): void {
  const { atCount, claimAt, reportedCount } = state.due;
  const [due, overdue] = [firstDueCount({ state, config }), firstOverdueCount({ state, config })];
  if (atCount > due) throw new Error(`due at ${due}, looked for only at ${atCount}`);
  if (reportedCount > overdue) {
    throw new Error(`overdue at ${overdue}, looked for only at ${reportedCount}`);
  }
  const asks = Math.min(...state.passes.map((pass) => askAgainAt(pass, config)));
  if (claimAt > asks) throw new Error(`a claim is due at ${asks}, looked for only at ${claimAt}`);
}

export function createLineBench(options: BenchOptions = {}): Bench {
  const config = options.config ?? benchConfig;
  const state = initialLineState(emptyClearanceMirror());
  const told: Told[] = [];
  const events: LineEvent[] = [];
  const facts: Fact[] = [];
  const commands: LineCommand[] = [];
  let at = 1_000;
  let count = 0;
  let seq = 0;
  let session = 1;
  let clearanceSeq = 0;
  const documents = new Map<string, ClearanceRecord>();

  /** An answer to a claim comes in the stream, with what the documents say then. */
  const tell = (body: LineEventBody): Step => {
    if (body.kind !== "claimAnswer") return tellCore(body);
    const { answer } = body;
    const record = documents.get(answer.waybill) ?? null;
    const message = { kind: "claimAnswer", ...nextPlace(), answer, isHeld: true, record } as const;
    if (isNextAnswer(state.mirror, message)) return tellCore({ kind: "answerTold", message });
    learn(message);
    return tellCore(body);
  };

  const nextPlace = (): { readonly stream: string; readonly seq: number } => {
    clearanceSeq += 1;
    return { stream: "c-1", seq: clearanceSeq };
  };

  const tellCore = (body: LineEventBody): Step => {
    const event: LineEvent = {
      ...body,
      at: monotonicMs(at),
      wallAt: epochMs(1_800_000_000_000 + at),
      count: beltCount(count),
    };
    const asTold = JSON.stringify(event);
    const output = step(state, event, config);
    checkLookedAhead(state, config);
    const { commands: asked, facts: said } = output;
    told.push({
      kind: "event",
      event: asTold,
      output: JSON.stringify({ commands: asked, facts: said }),
    });
    events.push(event);
    const whole = said.map((fact) => wholeFact(fact, { event, commands: asked }) as Fact);
    facts.push(...whole);
    commands.push(...output.commands);
    options.afterStep?.(event, { ...output, facts: whole }, bench);
    return output;
  };

  const sorter = (body: SorterBody): Step => {
    seq += 1;
    return tell({ kind: "sorter", event: { ...body, epoch: `s-${session}`, seq } });
  };

  const moveTo = (next: number): void => {
    at += Math.max(0, next - count);
    count = Math.max(count, next);
  };

  const belt = (isRunning: boolean, emergencyStop = false): Step =>
    sorter({
      kind: "belt",
      count: beltCount(count),
      speedMmPerS: isRunning ? config.belt.speedMmPerS : 0,
      isRunning,
      emergencyStop,
    });

  const learn = (message: ClearanceMessage): void => {
    const event: ClearanceEvent = {
      kind: "clearance",
      at: monotonicMs(at),
      wallAt: epochMs(1_800_000_000_000 + at),
      message,
    };
    told.push({ kind: "clearance", event: JSON.stringify(event) });
    stepClearance(state.mirror, event);
  };

  const clearance = (message: ClearanceMessage): void => {
    learn(message);
    tell({ kind: "clearanceChanged" });
  };

  const bench: Bench = {
    state,
    config,
    told,
    events,
    facts,
    commands,
    count: () => count,
    at: () => at,
    tell,
    sorter,
    eye(eyeId, isBlocked, latched = count, track) {
      const edge = { kind: "eye", eyeId, isBlocked, count: beltCount(latched) } as const;
      return sorter(track === undefined ? edge : { ...edge, track });
    },
    chute: (exit, chuteState) =>
      sorter({ kind: "chute", exit, state: chuteState, fillPct: chuteState === "full" ? 100 : 10 }),
    read: (...texts) => {
      const token = bench.tokenOf("scanner-1");
      return bench.readWith(token === undefined ? {} : { token }, ...texts);
    },
    readWith: (proof, ...texts) => bench.readFrom("scanner-1", proof, ...texts),
    readFrom: (deviceId, proof, ...texts) =>
      tell({
        kind: "read",
        deviceId,
        codes: texts.map((text) => ({ text, aim: null })),
        proof,
      }),
    weigh: (weightG, track = bench.tokenOf("scale-1")) =>
      tell({ kind: "weight", weightG, proof: track === undefined ? {} : { track } }),
    tokenOf: (deviceId) => {
      for (const command of commands.toReversed()) {
        if (command.kind === "readToken" && command.deviceId === deviceId) return command.token;
      }
      return undefined;
    },
    officer: (passId, imageHash, decision) =>
      tell({
        kind: "officerVerdict",
        verdict: {
          verdictId: `v-${events.length}`,
          lineId: config.lineId,
          passId,
          imageHash,
          decision,
          reason: decision === "release" ? null : "suspectObject",
          officer: "wang",
          station: "desk-1",
          shownAt: epochMs(0),
          decidedAt: epochMs(0),
        },
      }),
    moveTo,
    runTo(target) {
      for (;;) {
        const wake = nextWakeCount(state, config);
        const report = nextReportCount(state, config);
        if (Math.min(wake, report) > target) break;
        moveTo(Math.min(wake, report));
        // The sorter reports where the belt is, and what it has not seen by then is overdue.
        const next = report <= wake ? nextReportCount : nextWakeCount;
        if (report <= wake) belt(true);
        else tell({ kind: "countReached" });
        if (next(state, config) <= count) {
          throw new Error(`the core asks to be woken at ${count} again`);
        }
      }
      moveTo(target);
    },
    belt,
    guard: (isOpen, guardId = "guard-1") =>
      sorter({ kind: "guard", guardId, isOpen, count: beltCount(count) }),
    reset: () => sorter({ kind: "localReset", count: beltCount(count) }),
    stand(ms) {
      for (let left = ms; left > 0; left -= 1_000) {
        at += Math.min(1_000, left);
        belt(false);
      }
    },
    wait(ms) {
      at += ms;
    },
    clearance,
    change(...records) {
      for (const record of records) documents.set(record.waybill, record);
      clearance({ kind: "change", ...nextPlace(), records, ended: [] });
    },
    newSession() {
      session += 1;
      seq = 0;
      sorter({ kind: "session", count: beltCount(count) });
      for (const exit of exits) sorter({ kind: "chute", exit, state: "ready", fillPct: 0 });
      belt(true);
    },
    start(...records) {
      tell({
        kind: "opened",
        epoch: options.epoch ?? "e1",
        configHash: hashNo(1),
        logicVersion: "bench",
        firstToken: 4_711,
      });
      for (const deviceId of ["sorter-1", "scanner-1", "scanner-2", "scale-1", "xray-1"]) {
        tell({ kind: "health", deviceId, state: "receiving", reason: null });
      }
      sorter({ kind: "session", count: beltCount(count) });
      for (const exit of exits) sorter({ kind: "chute", exit, state: "ready", fillPct: 0 });
      tell({ kind: "xrayReady", isReady: true, reason: null });
      belt(true);
      const stream = "c-1";
      for (const record of records) documents.set(record.waybill, record);
      clearance({ kind: "snapshotBegin", stream, seq: 0, claimsTotal: 0 });
      clearance({ kind: "snapshotPart", stream, seq: 1, claims: [] });
      const leaseMs = options.leaseMs ?? 600_000;
      clearance({ kind: "snapshotEnd", stream, seq: 2, leaseMs, heardAt: at });
      clearanceSeq = 2;
    },
    pass(passId) {
      const pass = state.byId.get(passId);
      if (pass === undefined) throw new Error(`no pass ${passId}`);
      return pass;
    },
    factsOf: <K extends Fact["kind"]>(kind: K) =>
      facts.filter((fact): fact is FactOf<K> => fact.kind === kind),
    diverts: () => commands.filter((command) => command.kind === "divert"),
  };
  return bench;
}

/** A bench whose session is open and ready, with records for the first parcels. */
export function startedBench(recordsTotal = 9, config = benchConfig): Bench {
  const bench = createLineBench({ config });
  const numbers = Array.from({ length: recordsTotal }, (_, index) => index + 1);
  bench.start(...numbers.map((number) => recordOf(waybillNo(number))));
  return bench;
}

/** Messages of the sorter are lost; how its chutes stand is told again before long. */
export function loseMessages(bench: Bench, missed = 1): void {
  bench.tell({ kind: "sorterGap", missed });
  for (const exit of exits) bench.chute(exit, "ready");
}

/** A parcel that the induction eye has seen, front at `front`, and nothing more; its pass. */
export function induct(bench: Bench, front: number, lengthMm = 400): string {
  bench.runTo(front);
  bench.eye("induction", true);
  bench.runTo(front + lengthMm);
  bench.eye("induction", false);
  return bench.factsOf("inducted").at(-1)!.passId;
}

/** Codes of the reasons raised against a pass, in order. */
export const reasonsOf = (bench: Bench, passId: string): string[] =>
  bench
    .factsOf("reasonRaised")
    .flatMap((fact) => (fact.passId === passId ? [fact.reason.code] : []));

/** The alarms that came, in order: conditions that began to hold, and notices. */
export const alarmFactsOf = ({ facts }: Bench): (FactOf<"condition"> | FactOf<"notice">)[] =>
  facts.flatMap((fact) =>
    fact.kind === "notice" || (fact.kind === "condition" && fact.holds) ? [fact] : [],
  );

export const alarmsOf = (bench: Bench): string[] => alarmFactsOf(bench).map(({ code }) => code);

/** Codes of the conditions that were told and are not gone, in the order in which they came. */
export const standingOf = ({ facts }: Bench): string[] => {
  const standing = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind !== "condition") continue;
    const id = `${fact.code} ${fact.key}`;
    if (fact.holds) standing.set(id, fact.code);
    else standing.delete(id);
  }
  return [...standing.values()];
};
