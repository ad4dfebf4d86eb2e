import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Clock, Timer } from "../../../../protocols/time.ts";
import { notConnected, sent, wireFull, type ByteLink } from "../../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import type { NotWritten, VariableReadings, VariableWrites } from "../../variables.ts";
import type { Wire, WireHandlers } from "../../wire.ts";
import type { ModbusFraming } from "./framing.ts";
import { ModbusLine, type ModbusFailure, type ModbusOutcome } from "./line.ts";
import { exceptionText, isMisfitException, type ModbusAsk, type ModbusRead } from "./pdu.ts";
import {
  createReadPlan,
  readText,
  shownBy,
  type BlockShown,
  type ModbusVariable,
  type ReadPlan,
} from "./read-plan.ts";
import { createWritePlan, type WriteAsk, type WritePlan } from "./write-plan.ts";

export interface ModbusVariableSource {
  readonly variables: readonly ModbusVariable[];
  /** Keys that are written in one request; each group stands in one run of registers. */
  readonly together: readonly (readonly string[])[];
  readonly pollMs: number;
  /** How long the controller may think about a question. */
  readonly timeoutMs: number;
  /** At most so many registers are asked for at once. */
  readonly registersMax: number;
}

export interface ModbusWireOptions {
  readonly link: ByteLink;
  readonly framing: ModbusFraming;
  readonly source: ModbusVariableSource;
  readonly clock: Clock;
  /** Where the controller is, for people. */
  readonly address: string;
}

type Shown = VariableReadings | NotWritten;
/** Questions one after the other, each given the outcome of the one before it. */
type Talk = Generator<ModbusAsk, void, ModbusOutcome>;

interface Refused {
  readonly ask: ModbusRead;
  readonly code: number;
}

/** Questions in a row without a fitting answer after which the connection is made anew. */
const failuresMax = 3;
/** How often a value is written where no answer says whether it was taken. */
const writtenTimesMax = 3;
const jobsMax = 64;
/** Where a link cannot be made anew, the controller is left alone for so long. */
const restMs = 500;

/** Registers of a controller: read again and again, written and read back while they can be read. */
export function createModbusVariableWire(options: ModbusWireOptions): Wire<Shown, VariableWrites> {
  return new ModbusVariableWire(options);
}

class ModbusVariableWire implements Wire<Shown, VariableWrites> {
  readonly #options: ModbusWireOptions;
  readonly #reads: ReadPlan;
  readonly #writes: WritePlan;
  readonly #line: ModbusLine;
  #told: WireHandlers<Shown> | null = null;
  #isOpen = false;
  /** A whole poll was answered since the connection was made. */
  #isUp = false;
  #jobs: VariableWrites[] = [];
  #poll: Talk | null = null;
  #write: Talk | null = null;
  /** What each has still to ask. */
  #pollAsk: ModbusAsk | null = null;
  #writeAsk: ModbusAsk | null = null;
  #failures = 0;
  #timer: Timer | null = null;

  constructor(options: ModbusWireOptions) {
    this.#options = options;
    const { source, link, framing, clock } = options;
    this.#reads = createReadPlan(source.variables, source.registersMax);
    this.#writes = createWritePlan(source.variables, source.together);
    this.#line = new ModbusLine({
      link,
      framing,
      clock,
      timeoutMs: source.timeoutMs,
      asks: this.#reads.asks,
      onStray: (detail) => this.#told?.onDropped(deviceReason("otherAnswer", { detail })),
      onBroken: (detail) => this.#renew(deviceReason("badFrames", { detail })),
    });
  }

  open(handlers: WireHandlers<Shown>): void {
    this.#told = handlers;
    this.#options.link.open({
      onOpen: () => {
        this.#isOpen = true;
        this.#pollAt(this.#options.clock.monotonic());
      },
      onBytes: (chunk) => this.#line.take(chunk),
      onClose: (reason) => {
        this.#isOpen = false;
        this.#lose(reason);
      },
    });
  }

  send(writes: VariableWrites) {
    if (!this.#isUp) return notConnected;
    if (writes.steps.length === 0) return sent;
    if (this.#jobs.length >= jobsMax) return wireFull;
    this.#jobs.push(writes);
    this.#next();
    return sent;
  }

  /** A connection that is dead is found by the next questions; nothing else is to be renewed. */
  revive(): void {}

  async close(): Promise<void> {
    this.#told = null;
    this.#isOpen = false;
    this.#lose(null);
    await this.#options.link.close();
  }

  /** Writes go before reads: a poll waits for what moves a diverter, never the other way round. */
  #next(): void {
    while (this.#isOpen && this.#line.isFree()) {
      const job = this.#write === null ? this.#jobs.shift() : undefined;
      if (job !== undefined) {
        this.#write = this.#writeTalk(job);
        this.#goOnWriting(this.#write.next());
        continue;
      }
      const ask = this.#writeAsk ?? this.#pollAsk;
      if (ask === null) return;
      const isWrite = ask === this.#writeAsk;
      // Whoever is told of the outcome may write at once; nothing is asked a second time by it.
      if (isWrite) this.#writeAsk = null;
      else this.#pollAsk = null;
      this.#line.ask(ask, (outcome) => this.#answered(outcome, isWrite));
    }
  }

  #answered(outcome: ModbusOutcome, isWrite: boolean): void {
    this.#failures = outcome.kind === "failed" ? this.#failures + 1 : 0;
    if (outcome.kind === "failed" && this.#failures >= failuresMax) {
      return this.#renew(this.#reasonOf(outcome.failure));
    }
    const talk = isWrite ? this.#write : this.#poll;
    const next = talk?.next(outcome);
    // Meanwhile the connection may have been given up, and another talk begun.
    if (isWrite && talk === this.#write) this.#goOnWriting(next);
    else if (!isWrite && talk === this.#poll) this.#pollAsk = askOf(next);
    this.#next();
  }

  #goOnWriting(next: IteratorResult<ModbusAsk, void> | undefined): void {
    this.#writeAsk = askOf(next);
    if (this.#writeAsk === null) this.#write = null;
  }

  #pollAt(dueAt: MonotonicMs): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.schedule(dueAt, () => {
      this.#poll = this.#pollTalk();
      this.#pollAsk = askOf(this.#poll.next());
      this.#next();
    });
  }

  *#pollTalk(): Talk {
    const { clock, source } = this.#options;
    const askedAt = clock.monotonic();
    const shown: BlockShown[] = [];
    const refused: Refused[] = [];
    for (const ask of this.#reads.asks) {
      const outcome = yield ask;
      if (outcome.kind === "failed") break;
      if (outcome.kind === "exception") refused.push({ ask, code: outcome.code });
      shown.push(shownBy(outcome));
    }
    const isMisfit = refused.some(({ code }) => isMisfitException(code));
    if (isMisfit || (!this.#isUp && refused.length > 0)) return yield* this.#refuse(refused);
    this.#pollAt(monotonicMs(Math.max(askedAt + source.pollMs, clock.monotonic())));
    if (shown.length < this.#reads.asks.length) return;
    if (!this.#isUp) {
      this.#isUp = true;
      this.#told?.onState(true);
    }
    const values = this.#reads.values(shown);
    this.#told?.onMessage({ kind: "readings", askedAt, serverStart: null, values });
  }

  /** Each variable by itself, so that what is wrong can be said by its key. */
  *#refuse(refused: readonly Refused[]): Talk {
    const { source, address } = this.#options;
    if (!refused.some(({ code }) => isMisfitException(code))) {
      const detail = [...new Set(refused.map(({ code }) => exceptionText(code)))].join("; ");
      return this.#renew(deviceReason("requestRefused", { address, detail }));
    }
    const wrong: string[] = [];
    for (const variable of source.variables.filter(({ isRead }) => isRead)) {
      for (const ask of this.#reads.asksOf(variable)) {
        const outcome = yield ask;
        if (outcome.kind !== "exception") continue;
        wrong.push(`${variable.key}: ${readText(ask)}: ${exceptionText(outcome.code)}`);
        break;
      }
    }
    const detail = wrong.length > 0 ? wrong.join("; ") : `${refusedText(refused)}; fewer at once?`;
    this.#renew(deviceReason("mapMisfit", { address, detail }));
  }

  *#writeTalk({ id, steps }: VariableWrites): Talk {
    for (const [step, values] of steps.entries()) {
      const plan = this.#writes.step(values);
      if (plan.kind === "unwritable") return this.#notWritten(id, step, plan.why);
      for (const ask of plan.asks) {
        const end = yield* writeOne(ask);
        if (end.kind === "taken") continue;
        if (end.kind === "unknown") return this.#told?.onSendFailed(`${ask.keys}: no answer`);
        return this.#notWritten(id, step, `${ask.keys}: ${end.why}`);
      }
    }
  }

  #notWritten(id: number, step: number, why: string): void {
    this.#told?.onSendFailed(why);
    this.#told?.onMessage({ kind: "notWritten", id, step, why });
  }

  #reasonOf(failure: ModbusFailure): DeviceReason {
    const { address, source } = this.#options;
    switch (failure.kind) {
      case "noAnswer":
        return deviceReason("noAnswer", { address, seconds: source.timeoutMs / 1_000 });
      case "echo":
        return deviceReason("echoes", { address });
      case "misfit":
        return deviceReason("otherAnswer", { address, detail: failure.why });
      case "notSent":
        return deviceReason("connectionLost", { address });
    }
  }

  /** The link tells of its end by itself, and opens again at its own pace. */
  #renew(reason: DeviceReason): void {
    const { link, clock } = this.#options;
    if (link.renew !== undefined) return link.renew(reason);
    this.#lose(reason);
    if (this.#isOpen) this.#pollAt(monotonicMs(clock.monotonic() + restMs));
  }

  #lose(reason: DeviceReason | null): void {
    this.#isUp = false;
    this.#failures = 0;
    this.#timer?.cancel();
    this.#line.reset();
    const unsaid = this.#jobs.length + Number(this.#write !== null);
    if (unsaid > 0) this.#told?.onSendFailed(`writes under way when it was lost: ${unsaid}`);
    this.#jobs = [];
    this.#poll = null;
    this.#write = null;
    this.#pollAsk = null;
    this.#writeAsk = null;
    if (reason !== null) this.#told?.onState(false, reason);
  }
}

const askOf = (next: IteratorResult<ModbusAsk, void> | undefined): ModbusAsk | null =>
  next === undefined || next.done === true ? null : next.value;

type WriteEnd =
  | { readonly kind: "taken" }
  /** It may have been written, and may not. */
  | { readonly kind: "unknown" }
  | { readonly kind: "notTaken"; readonly why: string };

/** Written, and read back: an adapter that repeats what it hears answers each write as it should be. */
function* writeOne(ask: WriteAsk): Generator<ModbusAsk, WriteEnd, ModbusOutcome> {
  for (let time = 0; time < writtenTimesMax; time += 1) {
    const outcome = yield ask.write;
    if (outcome.kind === "exception" && !isBusy(outcome.code)) {
      return { kind: "notTaken", why: exceptionText(outcome.code) };
    }
    if (outcome.kind !== "written") continue;
    const back = yield ask.check;
    if (back.kind === "exception") {
      return { kind: "notTaken", why: `cannot be read back, ${exceptionText(back.code)}` };
    }
    if (back.kind === "failed") continue;
    const read = shownBy(back);
    const [written, there] = [textOf(ask.words), textOf(read)] as const;
    return there === written
      ? { kind: "taken" }
      : { kind: "notTaken", why: `${written} was written, ${there} is there` };
  }
  return { kind: "unknown" };
}

const textOf = (shown: BlockShown): string => (typeof shown === "string" ? shown : shown.join(" "));

/** Modbus Application Protocol V1.1b3, 7: asked again later it may be done. */
const isBusy = (code: number): boolean => code === 5 || code === 6;

const refusedText = (refused: readonly Refused[]): string =>
  refused.map(({ ask, code }) => `${readText(ask)}: ${exceptionText(code)}`).join("; ");
