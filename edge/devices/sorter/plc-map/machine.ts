import { isSameDeviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { SorterCommand, SorterEvent } from "../../../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import { unreadable, type Dialect, type DialectOutlet, type Discarded } from "../../dialect.ts";
import type {
  NotWritten,
  VariableReadings,
  VariableWrite,
  VariableWrites,
} from "../../variables.ts";
import { createBeltCountReader, type BeltCountReader } from "./belt-count.ts";
import type { PlcMeaning } from "./meaning.ts";
import { createLatchReader, latchSpecs, type LatchReader, type LatchSpec } from "./latches.ts";
import type { Occurrence } from "./occurrence.ts";
import type { MachineSays } from "./packml.ts";
import { endOf, Orders, type SorterEventBody } from "./orders.ts";
import { snapshotOf, type ChuteSeen, type Snapshot } from "./readings.ts";
import { createRingReader, occurrenceOf, type RingEntry, type RingReader } from "./ring.ts";
import { echoMax, lifeMax } from "./variables.ts";

export interface PlcMachineOptions {
  readonly map: PlcMeaning;
  /** No belt of this sorter is faster. */
  readonly countsPerMsMax: number;
  /**
   * A whole number that no earlier session has had: it names our sessions, and is what the
   * controller is to send back where it has no word of its own.
   */
  readonly nextWord: () => number;
}

export type PlcShown = VariableReadings | NotWritten;
type PlcTold = SorterEvent | Discarded | MachineSays;

/**
 * An answer that took longer proves nothing: meanwhile more of the ring may have been written than
 * counts as overwritten.
 */
export const answerMsMax = 250;
/** Between two reports of the belt that say nothing new. */
const beltEveryMs = 100;
/** How chutes stand is told again, for whoever has missed it. */
const chutesEveryMs = 5_000;
/** The controller's sign of life changes at least so often, or nothing is told of its belt. */
export const lifeEveryMs = 500;
/** How long the controller is given to send our word back, before another is written. */
const echoEveryMs = 500;

interface Session {
  readonly epoch: string;
  readonly boot: string | number;
  readonly serverStart: string | null;
  nextSeq: number;
}

/** What the request before this one has shown, and the count of the one before that. */
interface Before {
  readonly written: number;
  readonly ackSeq: number;
  readonly count: number;
  readonly countBefore: number;
}

/**
 * A controller's plain variables, as a sorter: what is read again and again becomes numbered events,
 * and a command becomes what is written (`edge/devices/sorter/README.md` has the rules). It has no
 * clock and no wire.
 *
 * Within one request nothing is known of what was read first. So whatever an index or a number
 * announces is read from the request after it; and the count that is told of the belt is one that was
 * read before that index, hence never ahead of an edge that is still to come.
 */
export class PlcMachine implements Dialect<PlcShown, VariableWrites, PlcTold, SorterCommand> {
  readonly #options: PlcMachineOptions;
  readonly #count: BeltCountReader;
  /** What happens comes from one of the two. */
  readonly #ring: RingReader | null;
  readonly #latchSpecs: readonly LatchSpec[];
  readonly #latches: LatchReader | null;
  readonly #orders: Orders;
  #out: DialectOutlet<PlcTold, VariableWrites> = { tell: () => {}, answer: () => {} };
  #session: Session | null = null;
  #before: Before | null = null;
  #isCut = false;
  #life: { readonly shown: string | number; readonly changedAt: MonotonicMs | null } | null = null;
  #lifeSent = 0;
  #echo: { readonly word: number; readonly writtenAt: MonotonicMs } | null = null;
  #nextId = 0;
  /** Of what was written last into the slot of commands. */
  #slotId = -1;
  /** Collected while a command is taken. */
  #steps: (readonly VariableWrite[])[] | null = null;
  #told: { readonly at: MonotonicMs; readonly belt: string } | null = null;
  #chutes: { readonly at: MonotonicMs; readonly seen: readonly ChuteSeen[] } | null = null;
  #machineSaid: DeviceReason | null = null;

  constructor(options: PlcMachineOptions) {
    this.#options = options;
    const { map } = options;
    this.#count = createBeltCountReader({ ...options, count: map.count });
    this.#ring = map.events === undefined ? null : createRingReader(map.events);
    this.#latchSpecs = map.latches === undefined ? [] : latchSpecs(map.latches);
    this.#latches = map.latches === undefined ? null : createLatchReader(this.#latchSpecs);
    this.#orders = new Orders({
      map,
      onWire: (count) => this.#count.onWire(count),
      tell: (body) => this.#tell(body),
      write: (steps) => this.#write(steps),
    });
  }

  read(shown: PlcShown, at: MonotonicMs, out: DialectOutlet<PlcTold, VariableWrites>): void {
    this.#out = out;
    if (shown.kind === "notWritten") return this.#takeNotWritten(shown);
    const tookMs = at - shown.askedAt;
    if (tookMs > answerMsMax) return out.tell(unreadable(`the answer took ${tookMs} ms`));
    const read = snapshotOf(this.#options.map, this.#latchSpecs, shown);
    if (read.kind === "unread") return out.tell(unreadable(read.why));
    const { count } = read.snapshot;
    if (!this.#count.isShown(count)) {
      return out.tell(unreadable(`count: ${count} is beyond its bits`));
    }
    this.#takeSnapshot(read.snapshot, at);
  }

  write(command: SorterCommand, at: MonotonicMs): VariableWrites {
    this.#steps = [];
    this.#take(command, at);
    const steps = this.#steps;
    this.#steps = null;
    return this.#numbered(steps);
  }

  lose(): void {
    this.#isCut = true;
    this.#orders.lose();
  }

  #take(command: SorterCommand, at: MonotonicMs): void {
    const isOurs = command.epoch === this.#session?.epoch;
    switch (command.kind) {
      case "life":
        if (!isOurs) return;
        this.#lifeSent = (this.#lifeSent % lifeMax) + 1;
        return this.#write([[{ key: "life.toPlc", value: this.#lifeSent }]]);
      case "induction":
        if (!isOurs || this.#options.map.induction === undefined) return;
        return this.#write([[{ key: "induction", value: command.isPermitted }]]);
      case "belt":
        if (!isOurs || this.#options.map.belt.stop === undefined) return;
        return this.#write([[{ key: "belt.stop", value: !command.run }]]);
      case "divert":
        if (!isOurs) return this.#orders.refuseStale(command);
        break;
      case "abort":
      case "cancelAll":
        if (!isOurs) return;
    }
    this.#orders.take(command);
    if (this.#before !== null) this.#orders.start(at, this.#before.count);
  }

  #takeSnapshot(snapshot: Snapshot, at: MonotonicMs): void {
    const isAlive = this.#watchLife(snapshot, at);
    this.#tellMachine(snapshot);
    if (!this.#isEchoed(snapshot, at)) return this.#end();
    const count = this.#isSameSession(snapshot)
      ? this.#count.read(snapshot.count, snapshot.askedAt, at)
      : null;
    const isAnew =
      count === null || !this.#takeRing(snapshot, at) || !this.#takeLatches(snapshot, at);
    this.#isCut = false;
    if (isAnew) {
      this.#end();
      if (isAlive) this.#begin(snapshot, at);
      return;
    }
    const { before } = this.#step(snapshot, count);
    // Of a controller that stands still everything looks as it did when it stopped.
    if (isAlive) {
      this.#tellChutes(snapshot, at);
      this.#tellBelt(snapshot, this.#latches?.toldUpTo() ?? before.countBefore, at);
    }
    this.#orders.see({
      at,
      count,
      ackSeqBefore: before.ackSeq,
      ackSeq: snapshot.ackSeq,
      ackCode: snapshot.ackCode,
    });
  }

  /** One request on: what this one shows is what the next one may rely on. */
  #step(snapshot: Snapshot, count: number): { readonly before: Before } {
    const { written, ackSeq } = snapshot;
    const before = this.#before ?? { written, ackSeq: Number.NaN, count, countBefore: count };
    this.#before = { written, ackSeq, count, countBefore: before.count };
    return { before };
  }

  #isSameSession({ boot, serverStart }: Snapshot): boolean {
    return this.#session?.boot === boot && this.#session.serverStart === serverStart;
  }

  /** Whether the controller has shown that it runs; a value that never changed shows nothing. */
  #watchLife({ life }: Snapshot, at: MonotonicMs): boolean {
    if (this.#life === null) this.#life = { shown: life, changedAt: null };
    if (life !== this.#life.shown) this.#life = { shown: life, changedAt: at };
    const { changedAt } = this.#life;
    return changedAt !== null && at <= monotonicMs(changedAt + lifeEveryMs);
  }

  /** Where the controller has no word of its own, it is to send ours back. */
  #isEchoed({ boot }: Snapshot, at: MonotonicMs): boolean {
    if (this.#options.map.echo === undefined) return true;
    if (this.#echo !== null && boot === this.#echo.word) return true;
    const isWaiting =
      this.#session === null &&
      this.#echo !== null &&
      at < monotonicMs(this.#echo.writtenAt + echoEveryMs);
    if (isWaiting) return false;
    this.#echo = { word: (this.#options.nextWord() % echoMax) + 1, writtenAt: at };
    this.#write([[{ key: "echo.toPlc", value: this.#echo.word }]]);
    return false;
  }

  #end(): void {
    this.#session = null;
    this.#before = null;
  }

  #begin(snapshot: Snapshot, at: MonotonicMs): void {
    const { boot, serverStart, ackSeq } = snapshot;
    const epoch = `${idPartOf(boot)}-${this.#options.nextWord().toString(36)}`;
    this.#session = { epoch, boot, serverStart, nextSeq: 0 };
    this.#told = null;
    this.#chutes = null;
    this.#count.begin(snapshot.count, snapshot.askedAt);
    this.#ring?.begin(snapshot.written);
    this.#latches?.begin(snapshot.latches, snapshot.count);
    this.#step(snapshot, snapshot.count);
    this.#tell({ kind: "session", count: beltCount(snapshot.count) });
    this.#tellChutes(snapshot, at);
    this.#tellBelt(snapshot, snapshot.count, at);
    this.#orders.begin(boot, ackSeq);
  }

  /** False when it is another ring, or when a cut has outlasted it: then the session is over. */
  #takeRing({ lists, written }: Snapshot, at: MonotonicMs): boolean {
    if (this.#ring === null) return true;
    const writtenBefore = this.#before?.written ?? written;
    const taken = this.#ring.take({ at, lists, written, writtenBefore });
    if (taken === null || (this.#isCut && taken.isOutrun)) return false;
    if (taken.missed > 0) this.#miss(taken.missed);
    for (const entry of taken.entries) this.#takeEntry(entry);
    return true;
  }

  /** What is missing has had a number, so that whoever hears the next event knows of it. */
  #miss(missed: number): void {
    if (this.#session !== null) this.#session.nextSeq += missed;
    this.#orders.doubt();
    this.#chutes = null;
  }

  /** The same for latches, of which several may be told at once: in the order of their counts. */
  #takeLatches({ latches }: Snapshot, at: MonotonicMs): boolean {
    if (this.#latches === null || this.#before === null) return true;
    const taken = this.#latches.take(latches, at, this.#before.count);
    if (taken === null) return false;
    if (taken.missed > 0) this.#miss(taken.missed);
    const inOrder = taken.occurrences
      .map((occurrence) => ({ occurrence, count: this.#count.latched(occurrence.count) }))
      .toSorted((one, other) => (one.count ?? 0) - (other.count ?? 0));
    for (const { occurrence, count } of inOrder) {
      if (count !== null) this.#tellOccurrence(occurrence, count);
      else this.#meansNothing(`latches: ${occurrence.kind} at ${occurrence.count}`);
    }
    // What was told as accepted since may have ended before it.
    if (taken.wasCancelled || taken.missed > 0) this.#orders.askAgain();
    return true;
  }

  #takeEntry(entry: RingEntry | null): void {
    if (entry === null) return this.#meansNothing("events: an entry whose seal is not its own");
    const { events } = this.#options.map;
    const occurrence = events === undefined ? null : occurrenceOf(entry, events);
    const count = this.#count.latched(entry.count);
    if (occurrence !== null && count !== null) return this.#tellOccurrence(occurrence, count);
    const { shownKind, what } = entry;
    this.#meansNothing(`events: kind ${shownKind}, what ${what}, count ${entry.count}`);
  }

  #meansNothing(what: string): void {
    this.#out.tell(unreadable(`${what} means nothing`));
    this.#miss(1);
  }

  #tellOccurrence(occurrence: Occurrence, at: number): void {
    const count = beltCount(at);
    switch (occurrence.kind) {
      case "eye":
      case "localReset":
      case "pulse":
      case "guard":
        return this.#tell({ ...occurrence, count });
      case "ended":
        return this.#orders.ended(occurrence.seq, endOf(occurrence.end, count));
    }
  }

  #tellChutes({ chutes }: Snapshot, at: MonotonicMs): void {
    const last = this.#chutes;
    const isDue = last === null || at >= monotonicMs(last.at + chutesEveryMs);
    for (const chute of chutes) {
      const known = last?.seen.find(({ exit }) => exit === chute.exit);
      const isSame = known?.state === chute.state && known.fillPct === chute.fillPct;
      if (isDue || !isSame) this.#tell({ kind: "chute", ...chute });
    }
    this.#chutes = { at: isDue ? at : last.at, seen: chutes };
  }

  #tellBelt(snapshot: Snapshot, count: number, at: MonotonicMs): void {
    const { speedMmPerS, isRunning, emergencyStop } = snapshot;
    const belt = `${speedMmPerS} ${isRunning} ${emergencyStop}`;
    const last = this.#told;
    if (last !== null && last.belt === belt && at < monotonicMs(last.at + beltEveryMs)) return;
    this.#told = { at, belt };
    this.#tell({ kind: "belt", count: beltCount(count), speedMmPerS, isRunning, emergencyStop });
  }

  #tellMachine({ machine }: Snapshot): void {
    if (isSameDeviceReason(machine, this.#machineSaid)) return;
    this.#machineSaid = machine;
    this.#out.tell({ kind: "machineSays", reason: machine });
  }

  #takeNotWritten({ step, id }: NotWritten): void {
    if (step === 0 && id === this.#slotId) this.#orders.notTaken();
  }

  #tell(body: SorterEventBody): void {
    const session = this.#session;
    if (session === null) return;
    const event: SorterEvent = { ...body, epoch: session.epoch, seq: session.nextSeq };
    session.nextSeq += 1;
    this.#out.tell(event);
  }

  /** Into the answer that is being made, or by itself. */
  #write(steps: readonly (readonly VariableWrite[])[]): void {
    if (this.#steps !== null) this.#steps.push(...steps);
    else this.#out.answer(this.#numbered(steps));
  }

  #numbered(steps: readonly (readonly VariableWrite[])[]): VariableWrites {
    const id = this.#nextId;
    this.#nextId += 1;
    if (steps.some((step) => step.some(({ key }) => key === "command.op"))) this.#slotId = id;
    return { id, steps };
  }
}

/** As much of a controller's word as a name may bear. */
const idPartOf = (boot: string | number): string =>
  String(boot)
    .replaceAll(/[^A-Za-z0-9_.-]/g, "_")
    .slice(0, 40);
