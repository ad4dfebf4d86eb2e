import type { Clock, Timer } from "../../../../protocols/time.ts";
import type { ByteLink } from "../../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import type { ModbusFraming } from "./framing.ts";
import {
  isMisfitException,
  readAnswer,
  type ModbusAnswer,
  type ModbusAsk,
  type ModbusRead,
} from "./pdu.ts";
import { isBitArea } from "./places.ts";

/** What became of a question. */
export type ModbusOutcome =
  | Exclude<ModbusAnswer, { kind: "echo" | "misfit" }>
  | { readonly kind: "failed"; readonly failure: ModbusFailure };

export type ModbusFailure =
  | { readonly kind: "noAnswer" }
  /** What was asked came back: nobody is there, or an adapter repeats what it sends. */
  | { readonly kind: "echo" }
  | { readonly kind: "misfit"; readonly why: string }
  /** It was not sent: the link took nothing. */
  | { readonly kind: "notSent" };

export interface ModbusLineOptions {
  readonly link: Pick<ByteLink, "write">;
  readonly framing: ModbusFraming;
  readonly clock: Clock;
  /** How long after a question's own time on the line its answer may be whole. */
  readonly timeoutMs: number;
  /**
   * What is read again and again. Somebody may have asked for it before us, and the longest is what
   * is read to find out what is answered.
   */
  readonly asks: readonly ModbusRead[];
  /** Bytes that answer no open question. */
  readonly onStray: (why: string) => void;
  /** The connection is of no use any more. */
  readonly onBroken: (why: string) => void;
}

interface Open {
  readonly ask: ModbusAsk;
  readonly done: (outcome: ModbusOutcome) => void;
  timer: Timer | null;
}

/**
 * One question at a time, and its answer.
 *
 * An answer that did not come may still come, and then looks like the answer to a later question: on
 * a serial line nothing tells them apart, and a gateway may hand it on under the new transaction. So
 * after each that stayed out nothing is asked before the line is sure again: as many registers are
 * read as have been in no question since, and the answer that has just so many is the newest. Devices
 * and gateways answer in the order in which they are asked, so nothing older can follow it.
 */
export class ModbusLine {
  readonly #options: ModbusLineOptions;
  #open: Open | null = null;
  #quietSince: MonotonicMs;
  #sendTimer: Timer | null = null;
  readonly #known: ModbusRead;
  /** How many registers were asked for since the line was sure last; null: it is sure. */
  #unsure: Set<number> | null;
  /** And whether it was tried since to be sure again. */
  #hasProbed = false;

  constructor(options: ModbusLineOptions) {
    this.#options = options;
    this.#known = longestOf(options.asks);
    this.#unsure = new Set(options.asks.map(({ size }) => size));
    this.#quietSince = options.clock.monotonic();
  }

  /** A new connection. Nothing is answered that was asked before, but it may still come. */
  reset(): void {
    const open = this.#open;
    this.#close();
    if (open !== null) this.#doubt(open.ask);
    this.#options.framing.reset();
    this.#quietSince = this.#options.clock.monotonic();
  }

  isFree(): boolean {
    return this.#open === null;
  }

  /** `done` is called once, in a later turn of events; never after `reset`. */
  ask(ask: ModbusAsk, done: (outcome: ModbusOutcome) => void): void {
    if (this.#unsure === null) return this.#put(ask, this.#options.framing.silenceMs, done);
    const { framing, timeoutMs } = this.#options;
    const probe = this.#nextProbe(this.#unsure);
    // After one that failed, what is still on its way is let come.
    const quietMs = this.#hasProbed ? timeoutMs : framing.silenceMs;
    this.#hasProbed = true;
    this.#put(probe, quietMs, (outcome) => {
      if (outcome.kind === "words") this.#beSure();
      else if (ask.kind !== "read") return done(notSent);
      // What is said to be not there may be asked for, so that it can be named; unsure it stays.
      else if (outcome.kind !== "exception" || !isMisfitException(outcome.code)) {
        return done(outcome);
      }
      this.#put(ask, framing.silenceMs, done);
    });
  }

  take(chunk: Uint8Array): void {
    const { framing, clock, onStray, onBroken } = this.#options;
    this.#quietSince = clock.monotonic();
    for (const arrival of framing.take(chunk)) {
      if (arrival.kind === "stray") onStray(arrival.why);
      else if (arrival.kind === "broken") return onBroken(arrival.why);
      else if (this.#open !== null) this.#answered(readAnswer(this.#open.ask, arrival.pdu));
    }
  }

  #beSure(): void {
    this.#unsure = null;
    this.#hasProbed = false;
  }

  /** Sent once nothing has come for so long, as far as can be told now. */
  #put(ask: ModbusAsk, quietMs: number, done: Open["done"]): void {
    this.#open = { ask, done, timer: null };
    const { clock } = this.#options;
    const sendAt = monotonicMs(this.#quietSince + quietMs);
    if (clock.monotonic() >= sendAt) return this.#send();
    this.#sendTimer = clock.schedule(sendAt, () => this.#send());
  }

  #send(): void {
    const { clock, framing, link, timeoutMs } = this.#options;
    const open = this.#open;
    if (open === null) return;
    const now = clock.monotonic();
    const isSent = link.write(framing.ask(open.ask)).kind === "sent";
    const waitMs = isSent ? framing.airMs(open.ask) + timeoutMs : 0;
    open.timer = clock.schedule(monotonicMs(now + waitMs), () => {
      if (isSent) this.#doubt(open.ask);
      this.#end(isSent ? noAnswer : notSent);
    });
  }

  #answered(answer: ModbusAnswer): void {
    const ask = this.#open?.ask;
    switch (answer.kind) {
      case "echo":
        return this.#end({ kind: "failed", failure: answer });
      case "misfit":
        if (ask !== undefined) this.#doubt(ask);
        return this.#end({ kind: "failed", failure: answer });
      case "exception":
        // The gateway has given up; what it has asked may answer all the same.
        if (ask !== undefined && gatewayGaveUp === answer.code) this.#doubt(ask);
        return this.#end(answer);
      case "words":
      case "bits":
      case "written":
        return this.#end(answer);
    }
  }

  #end(outcome: ModbusOutcome): void {
    const open = this.#open;
    this.#close();
    open?.done(outcome);
  }

  #close(): void {
    this.#sendTimer?.cancel();
    this.#open?.timer?.cancel();
    this.#open = null;
    this.#options.framing.forget();
  }

  #doubt(ask: ModbusAsk): void {
    this.#unsure ??= new Set();
    if (ask.kind === "read") this.#unsure.add(ask.size);
  }

  /** When all have been asked for, it begins anew: the oldest have long been answered, or never will. */
  #nextProbe(asked: Set<number>): ModbusRead {
    const known = this.#known;
    const free = (size: number): boolean => !asked.has(size);
    const sizes = Array.from({ length: known.size }, (_, index) => index + 1);
    const size = sizes.find(free) ?? 1;
    if (!free(size)) asked.clear();
    return { ...known, size };
  }
}

const longestOf = (asks: readonly ModbusRead[]): ModbusRead =>
  asks
    .filter(({ area }) => !isBitArea(area))
    .reduce((longest, ask) => (ask.size > longest.size ? ask : longest));

const noAnswer: ModbusOutcome = { kind: "failed", failure: { kind: "noAnswer" } };
const notSent: ModbusOutcome = { kind: "failed", failure: { kind: "notSent" } };

/** Modbus Application Protocol V1.1b3, 7: the target of a gateway has not responded. */
const gatewayGaveUp = 11;
