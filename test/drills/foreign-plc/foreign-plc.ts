// A sorter's controller as somebody would program it who has only Sortline's page: its structured
// text, step by step, in one scan cycle. Where the page leaves a choice, the simplest reading
// was taken. Clock and encoder come from outside, so that a cycle is the same each time it is run.

import { ahead, Speedometer } from "./foreign-count.ts";
import type { BeltState } from "./foreign-count.ts";
import {
  beltBits,
  chuteElements,
  codes,
  createDataBlock,
  declareVariables,
  exitNumbers,
  eyeNumber,
  kinds,
  operations,
  pageEyes,
  ringSize,
} from "./foreign-db.ts";
import { Diverters } from "./foreign-diverters.ts";
import { KnownOrders } from "./foreign-known.ts";
import type { CodeName, DataBlock, Exit, KindName, Order, PlcVariable } from "./foreign-db.ts";
import type { DiverterState, OnDiverter } from "./foreign-diverters.ts";

export interface ForeignPlcOptions {
  /** Milliseconds that only grow. */
  now: () => number;
  /** The boot word of this start; a start after it has another one. */
  boot?: number;
  /** The exits that have a diverter. Whatever has none of these goes straight on. */
  diverters?: readonly Exit[];
  eyes?: readonly string[];
  /** How many commands may be pending at once. */
  pendingMax?: number;
  onDiverter?: OnDiverter;
}

export interface Executed {
  seq: number;
  exit: Exit;
  fireAtCount: number;
  notAfterCount: number;
  boot: number;
  /** The count at which the diverter moved. */
  atCount: number;
  /** The count at which the command was judged: this one is never beyond `notAfterCount`. */
  acceptedAtCount: number;
}

export interface Refused {
  seq: number;
  op: number;
  why: CodeName | "missed";
  notAfterCount: number;
  /** The boot word that the command had. */
  boot: number;
  atCount: number;
}

interface Pending {
  order: Order;
  exit: Exit;
  acceptedAtCount: number;
}

interface Latched {
  kind: KindName;
  what: number;
  count: number;
}

const lifeMs = 1500;
const speedWindowMs = 200;
/** How many numbers of commands are remembered, for one that is asked about again. */
const rememberedMax = 512;

export function createForeignPlc(options: ForeignPlcOptions): ForeignPlc {
  return new ForeignPlc(options);
}

/** Calls `scan` by a timer, as a controller's cycle does. */
export function scanEvery(plc: Pick<ForeignPlc, "scan">, everyMs = 2): { stop: () => void } {
  const timer = setInterval(() => plc.scan(), everyMs);
  return { stop: () => clearInterval(timer) };
}

export class ForeignPlc {
  readonly variables: readonly PlcVariable[];
  readonly eyes: readonly string[];
  readonly diverters: readonly Exit[];
  /** What was done and what was not, for a judge outside; a restart leaves both as they are. */
  readonly executed: Executed[] = [];
  readonly refused: Refused[] = [];
  /** Edges that were latched behind a count that had been shown already: the caller's mistake. */
  lateEdgesTotal = 0;

  readonly #options: ForeignPlcOptions;
  readonly #outputs: Diverters;
  readonly #db: DataBlock = createDataBlock();

  // Inputs, as they stand between two cycles.
  #count = 0;
  #emergencyStop = false;
  #drive: BeltState | undefined;
  readonly #full: Record<Exit, boolean> = { green: false, red: false, inspection: false };
  readonly #covered: Map<string, boolean>;
  #latched: Latched[] = [];

  // What the program keeps from one cycle to the next.
  #lastPcLife = 0;
  #lifeHeardAt: number | undefined;
  #hasLife = false;
  #pending: Pending[] = [];
  readonly #known = new KnownOrders(rememberedMax);
  readonly #speedometer = new Speedometer(speedWindowMs);
  #inductionPermitted = false;

  constructor(options: ForeignPlcOptions) {
    this.#options = options;
    this.#outputs = new Diverters(options.onDiverter);
    this.eyes = options.eyes ?? pageEyes;
    this.diverters = options.diverters ?? ["red", "inspection"];
    this.variables = declareVariables(this.#db);
    this.#covered = new Map(this.eyes.map((name) => [name, false]));
    this.#db.system.Boot = options.boot ?? 1;
    this.#startUp();
  }

  // ---- Inputs ----

  /** The encoder, in whole counts; it wraps at 32 bits. */
  setCount(count: number): void {
    this.#count = count >>> 0;
  }

  /**
   * An eye with the count that its edge was latched at. An edge ahead of the encoder waits for the
   * cycle that has reached it; one that is no edge is nothing.
   */
  eye(name: string, isCovered: boolean, atCount: number): void {
    const index = this.eyes.indexOf(name);
    if (index < 0) throw new Error(`there is no eye ${name}`);
    if (this.#covered.get(name) === isCovered) return;
    this.#covered.set(name, isCovered);
    const count = atCount >>> 0;
    if (ahead(this.#db.belt.Pos, count) > 0) this.lateEdgesTotal++;
    this.#latched.push({ kind: isCovered ? "blocked" : "cleared", what: eyeNumber(index), count });
  }

  chuteFull(exit: Exit, isFull: boolean): void {
    this.#full[exit] = isFull;
  }

  emergencyStop(isActive: boolean): void {
    this.#emergencyStop = isActive;
  }

  /** A person has pressed the reset key. */
  localReset(): void {
    this.#latched.push({ kind: "localReset", what: 0, count: this.#count });
  }

  /** What the drive says of the belt. Until it is called, the encoder tells it. */
  drive(isRunning: boolean, speedMmPerS: number): void {
    this.#drive = { isRunning, speedMmPerS };
  }

  /** Power off and on: another boot word, nothing pending, and the encoder where it is said to be. */
  restart(count = this.#count): void {
    const { system } = this.#db;
    system.Boot = system.Boot >= 0xffff ? 1 : system.Boot + 1;
    this.setCount(count);
    this.#startUp();
  }

  // ---- Outputs ----

  get boot(): number {
    return this.#db.system.Boot;
  }

  get hasLife(): boolean {
    return this.#hasLife;
  }

  get inductionPermitted(): boolean {
    return this.#inductionPermitted;
  }

  get beltStopWanted(): boolean {
    return this.#db.pc.Halt;
  }

  get pendingSeqs(): number[] {
    return this.#pending.map((one) => one.order.Seq);
  }

  diverter(exit: Exit): DiverterState {
    return this.#outputs.state(exit);
  }

  // ---- The cycle ----

  /** One cycle, in the order of the page. */
  scan(): void {
    const now = this.#count;
    this.#watchLife(now);
    this.#enterLatched(now);
    this.#judgeOrder(now);
    this.#firePending(now);
    this.#outputs.releaseDue(now);
    this.#showState();
    // Only now is the count shown: whatever it has passed stands in the ring.
    this.#db.belt.Pos = now;
  }

  /**
   * The start-up block. A stop of the belt that was asked for is kept, since nobody knows whether
   * its cause is gone; everything else that a client has written is not.
   */
  #startUp(): void {
    const { belt, pc, ring, answer, order } = this.#db;
    ring.Written = 0;
    Object.assign(answer, { Code: 0, Seq: 0 });
    Object.assign(order, createDataBlock().order);
    Object.assign(pc, { Life: 0, Induct: false });
    this.#lastPcLife = 0;
    this.#lifeHeardAt = undefined;
    this.#hasLife = false;
    this.#latched = [];
    this.#pending = [];
    this.#known.clear();
    this.#speedometer.clear();
    this.#outputs.restAll(this.#count);
    this.#showState();
    belt.Pos = this.#count;
  }

  /** Step 1. Without the agent's life, and in an emergency stop, everything rests. */
  #watchLife(now: number): void {
    const { system, pc } = this.#db;
    const nowMs = this.#options.now();
    system.Life = (system.Life + 1) & 0xffff;
    if (pc.Life !== this.#lastPcLife) {
      this.#lastPcLife = pc.Life;
      this.#lifeHeardAt = nowMs;
    }
    this.#hasLife = this.#lifeHeardAt !== undefined && nowMs - this.#lifeHeardAt < lifeMs;
    if (!this.#hasLife) {
      this.#cancelAll("cancelledNoLife", now);
      this.#outputs.restAll(now);
    }
    if (this.#emergencyStop) {
      this.#cancelAll("cancelledEmergencyStop", now);
      this.#outputs.restAll(now);
    }
  }

  /** Step 2. What was latched goes into the ring in the order of its counts. */
  #enterLatched(now: number): void {
    const isReached = (one: Latched) => ahead(one.count, now) <= 0;
    const reached = this.#latched.filter(isReached);
    this.#latched = this.#latched.filter((one) => !isReached(one));
    reached.sort((a, b) => ahead(a.count, b.count));
    for (const { kind, what, count } of reached) this.#enter(kind, what, count);
  }

  /** The entry first, then the index. */
  #enter(kind: KindName, what: number, count: number): void {
    const { ring } = this.#db;
    const at = ring.Written % ringSize;
    ring.Kind[at] = kinds[kind];
    ring.What[at] = what;
    ring.Count[at] = count;
    ring.Written = (ring.Written + 1) >>> 0;
  }

  /** Step 3. A command is judged when its number is another than the one that was judged last. */
  #judgeOrder(now: number): void {
    const order = { ...this.#db.order };
    const { answer } = this.#db;
    if (order.Seq === answer.Seq) return;
    const code = this.#judge(order, now);
    answer.Code = codes[code];
    answer.Seq = order.Seq;
    const isDone = order.Op === operations.abort && code === "cancelledAborted";
    if (!isDone && code !== "accepted" && code !== "fired") this.#logRefused(order, code, now);
  }

  #judge(order: Order, now: number): CodeName {
    if (order.Boot !== this.#db.system.Boot) return "staleEpoch";
    if (order.Op === operations.cancelAll) {
      this.#cancelAll("cancelledAborted", now);
      return "accepted";
    }
    if (order.Op === operations.abort) return this.#abort(order.Target, now);
    if (order.Op !== operations.divert) return "invalid";
    return this.#judgeDivert(order, now);
  }

  #judgeDivert(order: Order, now: number): CodeName {
    if (!this.#hasLife) return "noLife";
    const known = this.#known.get(order.Seq);
    if (known !== undefined) return known;
    const exit = this.diverters.find((one) => exitNumbers[one] === order.Exit);
    if (exit === undefined || ahead(order.ReleaseAt, order.FireAt) <= 0) return "invalid";
    if (ahead(now, order.NotAfter) > 0 || ahead(now, order.ReleaseAt) >= 0) return "staleCount";
    if (this.#pending.length >= (this.#options.pendingMax ?? 32)) return "queueFull";
    this.#pending.push({ order, exit, acceptedAtCount: now });
    this.#known.set(order.Seq, "accepted");
    return "accepted";
  }

  /** Answered also where nothing is pending: then the target will not fire if it comes yet. */
  #abort(target: number, now: number): CodeName {
    if (this.#known.get(target) === "fired") return "fired";
    if (this.#pending.some((one) => one.order.Seq === target)) {
      this.#pending = this.#pending.filter((one) => one.order.Seq !== target);
      this.#enter("cancelledAborted", target, now);
    }
    this.#known.set(target, "cancelledAborted");
    return "cancelledAborted";
  }

  #cancelAll(why: KindName & CodeName, now: number): void {
    for (const { order } of this.#pending) {
      this.#known.set(order.Seq, why);
      this.#enter(why, order.Seq, now);
    }
    this.#pending = [];
  }

  /**
   * Step 4. What is due fires, and what is due and has run out already does not: a cycle that was
   * so late would throw the diverter at another parcel.
   */
  #firePending(now: number): void {
    if (!this.#hasLife || this.#emergencyStop) return;
    const due = this.#pending.filter((one) => ahead(now, one.order.FireAt) >= 0);
    this.#pending = this.#pending.filter((one) => !due.includes(one));
    due.sort((a, b) => ahead(a.order.FireAt, b.order.FireAt));
    for (const one of due) {
      if (ahead(now, one.order.ReleaseAt) < 0) this.#fire(one, now);
      else this.#miss(one, now);
    }
  }

  #fire({ order, exit, acceptedAtCount }: Pending, now: number): void {
    this.#outputs.moveOut(exit, order.ReleaseAt, now);
    this.#known.set(order.Seq, "fired");
    this.#enter("fired", order.Seq, now);
    this.executed.push({
      seq: order.Seq,
      exit,
      fireAtCount: order.FireAt,
      notAfterCount: order.NotAfter,
      boot: order.Boot,
      atCount: now,
      acceptedAtCount,
    });
  }

  #miss({ order }: Pending, now: number): void {
    this.#known.set(order.Seq, "cancelledAborted");
    this.#enter("cancelledAborted", order.Seq, now);
    this.#logRefused(order, "missed", now);
  }

  /** Step 5, and what is shown of the inputs. */
  #showState(): void {
    const { belt, chute, pc } = this.#db;
    for (const exit of Object.keys(chuteElements) as Exit[]) {
      chute.Full[chuteElements[exit]] = this.#full[exit];
    }
    const measured = this.#speedometer.measure(this.#options.now(), this.#count);
    const { isRunning, speedMmPerS } = this.#drive ?? measured;
    belt.Speed = Math.min(Math.max(Math.round(speedMmPerS), 0), 0xffff);
    const running = isRunning ? 1 << beltBits.running : 0;
    belt.Flags = running | (this.#emergencyStop ? 0 : 1 << beltBits.emergencyStopOk);
    this.#inductionPermitted = pc.Induct && this.#hasLife && !this.#emergencyStop;
  }

  #logRefused(order: Order, why: Refused["why"], now: number): void {
    this.refused.push({
      seq: order.Seq,
      op: order.Op,
      why,
      notAfterCount: order.NotAfter,
      boot: order.Boot,
      atCount: now,
    });
  }
}
