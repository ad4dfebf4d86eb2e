import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { TelegramFrame, TelegramWord } from "../../../protocols/xray/telegram-frame.ts";
import {
  decodeXrayTelegram,
  encodeXrayTelegram,
  isAnsweredType,
  nextSeq,
  seqAhead,
  type NakReason,
  type XrayTelegram,
} from "../../../protocols/xray/telegrams.ts";
import type { NotSentWhy } from "../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { unreadable, type DialectOutlet } from "../dialect.ts";
import { discardedBytes } from "../frame-dialect.ts";
import type { XrayHeard } from "./heard.ts";

type Outlet = DialectOutlet<XrayHeard, Uint8Array>;

/** What of the machine's telegrams means something to the line. */
export type MachineTelegram = Extract<
  XrayTelegram,
  { kind: "machineLife" | "entered" | "left" | "picture" | "piece" | "verdict" }
>;

/**
 * The line's side of the rules in `protocols/xray/telegrams.ts`: sessions, numbers, acknowledgements,
 * repeats and life. It knows nothing of what a telegram is about.
 */
export interface TelegramExchange {
  begin(at: MonotonicMs, out: Outlet): void;
  take(word: TelegramWord, at: MonotonicMs, out: Outlet): void;
  /** Why a telegram cannot be sent now; null: it can. */
  refuses(): NotSentWhy | null;
  /** The bytes to send now; null: it goes out as an answer once those before it are through. */
  send(telegram: XrayTelegram, at: MonotonicMs): Uint8Array | null;
  /** The wire did not take what `send` has just made. */
  unsent(): void;
  wakeAt(): MonotonicMs | null;
  wake(at: MonotonicMs, out: Outlet): void;
  lose(out: Outlet): void;
}

export interface TelegramExchangeOptions {
  readonly onTelegram: (telegram: MachineTelegram, out: Outlet) => void;
  readonly onSessionEnd: (out: Outlet) => void;
}

const lifeEveryMs = 500;
const ackWithinMs = 200;
const triesMax = 3;
/** Telegrams that wait for the one under way. */
const waitingMax = 16;
/** The machine answers the first sign of life with START, and has that long for it. */
const livesBeforeStartMax = 3;

interface UnderWay {
  readonly telegram: XrayTelegram;
  readonly seq: number;
  readonly bytes: Uint8Array;
  tries: number;
  dueAt: MonotonicMs;
}

export const createTelegramExchange = (options: TelegramExchangeOptions): TelegramExchange =>
  new Exchange(options);

class Exchange implements TelegramExchange {
  readonly #options: TelegramExchangeOptions;
  #lifeAt: MonotonicMs | null = null;
  /** Another one at each opening of the wire. */
  #greeting = 0;
  #session: number | null = null;
  #livesBeforeStart = 0;
  #heardSeq = 0;
  #ownSeq = 0;
  #underWay: UnderWay | null = null;
  #waiting: XrayTelegram[] = [];

  constructor(options: TelegramExchangeOptions) {
    this.#options = options;
  }

  begin(at: MonotonicMs, out: Outlet): void {
    this.lose(out);
    // In microseconds, of which an hour has more than the field: no two openings share one.
    this.#greeting = Math.floor(at * 1_000) >>> 0;
    this.#sayLife(at, out);
  }

  lose(out: Outlet): void {
    this.#endSession(out);
    this.#lifeAt = null;
    this.#livesBeforeStart = 0;
  }

  refuses(): NotSentWhy | null {
    // A wire that is down says so itself.
    if (this.#lifeAt === null) return null;
    if (this.#session === null) return "noSession";
    return this.#waiting.length >= waitingMax ? "wireFull" : null;
  }

  send(telegram: XrayTelegram, at: MonotonicMs): Uint8Array | null {
    if (this.#lifeAt !== null && this.#underWay !== null) {
      this.#waiting.push(telegram);
      return null;
    }
    const next = this.#numbered(telegram, at);
    if (this.#lifeAt !== null) this.#underWay = next;
    return next.bytes;
  }

  unsent(): void {
    // Its number is left out: whatever may have gone out of it is not this one's.
    this.#underWay = null;
  }

  wakeAt(): MonotonicMs | null {
    const dueAt = this.#underWay?.dueAt ?? null;
    if (dueAt === null || this.#lifeAt === null) return this.#lifeAt;
    return dueAt < this.#lifeAt ? dueAt : this.#lifeAt;
  }

  wake(at: MonotonicMs, out: Outlet): void {
    if (this.#lifeAt !== null && this.#lifeAt <= at) this.#sayLife(at, out);
    if (this.#underWay !== null && this.#underWay.dueAt <= at) this.#again(at, out, "noAnswer");
  }

  take(word: TelegramWord, at: MonotonicMs, out: Outlet): void {
    if (word.kind === "discarded") return out.tell(discardedBytes(word));
    if (word.kind === "damaged") {
      if (isAnsweredType(word.type)) answer(word.seq, "damaged", out);
      return out.tell(discardedBytes(word));
    }
    const decoded = decodeXrayTelegram(word);
    if (decoded.kind === "ok") return this.#takeGood(decoded.telegram, word, at, out);
    if (isAnsweredType(word.type) || decoded.nak === "unknownType") {
      answer(word.seq, decoded.nak, out);
    }
    out.tell(unreadable(decoded.why));
  }

  #takeGood(
    telegram: XrayTelegram,
    { seq }: Pick<TelegramFrame, "seq">,
    at: MonotonicMs,
    out: Outlet,
  ): void {
    switch (telegram.kind) {
      case "ack":
        if (this.#underWay?.seq === seq) this.#next(at, out);
        return out.tell(noted("acksTotal"));
      case "nak":
        return this.#takeNak(telegram.why, seq, at, out);
      case "lineLife":
      case "announce":
        return out.tell(told("ownEcho"));
      case "start":
        return this.#takeStart(telegram, seq, out);
      case "machineLife":
        return this.#takeLife(telegram, at, out);
      case "entered":
      case "left":
      case "picture":
      case "piece":
      case "verdict":
        return this.#takeNumbered(telegram, seq, out);
    }
  }

  #takeStart(
    { session, greeting }: Extract<XrayTelegram, { kind: "start" }>,
    seq: number,
    out: Outlet,
  ): void {
    if (seq !== 0) return out.tell(unreadable(`start: number ${seq} instead of 0`));
    if (greeting !== this.#greeting) {
      return out.tell(unreadable("start: of another opening of the wire"));
    }
    answer(0, null, out);
    // Our acknowledgement was lost.
    if (session === this.#session) return out.tell(noted("repeatedTelegramsTotal"));
    this.#endSession(out);
    this.#session = session;
    this.#livesBeforeStart = 0;
    this.#heardSeq = 0;
    this.#ownSeq = 0;
    out.tell(noted("sessionsTotal"));
  }

  /** What was under way is lost, and what was half said will not be completed. */
  #endSession(out: Outlet): void {
    if (this.#session === null) return;
    const lost = [...(this.#underWay === null ? [] : [this.#underWay.telegram]), ...this.#waiting];
    for (const telegram of lost) out.tell(notTaken(telegram, "sessionEnded"));
    this.#session = null;
    this.#underWay = null;
    this.#waiting = [];
    this.#options.onSessionEnd(out);
  }

  #takeLife(life: MachineTelegram & { kind: "machineLife" }, at: MonotonicMs, out: Outlet): void {
    if (this.#session === null) return this.#missStart(out);
    if (life.session === this.#session) return this.#tell(life, out);
    // It was switched off and on, or has not heard us for long.
    this.#endSession(out);
    this.#sayLife(at, out);
    this.#tell(life, out);
  }

  /** A machine that lives, and does not begin a session: it does not hear us. */
  #missStart(out: Outlet): void {
    this.#livesBeforeStart += 1;
    if (this.#livesBeforeStart <= livesBeforeStartMax) return;
    out.tell(told("doesNotHear"));
  }

  #takeNumbered(telegram: MachineTelegram, seq: number, out: Outlet): void {
    if (this.#session === null) {
      return out.tell(unreadable(`${telegram.kind}: number ${seq} before any session`));
    }
    const ahead = this.#heardSeq === 0 ? seq : seqAhead(seq, this.#heardSeq);
    if (ahead < 0 || seq === 0) {
      return out.tell(unreadable(`${telegram.kind}: number ${seq} after ${this.#heardSeq}`));
    }
    if (ahead > 0) {
      this.#heardSeq = seq;
      if (ahead > 1) out.tell(noted("missedTelegramsTotal", ahead - 1));
      this.#tell(telegram, out);
    } else out.tell(noted("repeatedTelegramsTotal"));
    answer(seq, null, out);
  }

  #tell(telegram: MachineTelegram, out: Outlet): void {
    this.#options.onTelegram(telegram, out);
  }

  #takeNak(why: NakReason, seq: number, at: MonotonicMs, out: Outlet): void {
    if (this.#underWay?.seq !== seq) return out.tell(noted("naksTotal"));
    if (why === "damaged") return this.#again(at, out, why);
    out.tell(notTaken(this.#underWay.telegram, why));
    this.#next(at, out);
  }

  /** Once more, or given up. */
  #again(at: MonotonicMs, out: Outlet, why: "noAnswer" | "damaged"): void {
    const underWay = this.#underWay;
    if (underWay === null) return;
    if (underWay.tries < triesMax) {
      underWay.tries += 1;
      underWay.dueAt = monotonicMs(at + ackWithinMs);
      return out.answer(underWay.bytes);
    }
    out.tell(notTaken(underWay.telegram, why));
    this.#next(at, out);
  }

  /** The one under way is through; the next that waits goes out. */
  #next(at: MonotonicMs, out: Outlet): void {
    this.#underWay = null;
    const telegram = this.#waiting.shift();
    if (telegram === undefined) return;
    this.#underWay = this.#numbered(telegram, at);
    out.answer(this.#underWay.bytes);
  }

  #numbered(telegram: XrayTelegram, at: MonotonicMs): UnderWay {
    const seq = nextSeq(this.#ownSeq);
    this.#ownSeq = seq;
    const bytes = encodeXrayTelegram(telegram, seq);
    return { telegram, seq, bytes, tries: 1, dueAt: monotonicMs(at + ackWithinMs) };
  }

  #sayLife(at: MonotonicMs, out: Outlet): void {
    this.#lifeAt = monotonicMs(at + lifeEveryMs);
    out.answer(
      encodeXrayTelegram(
        { kind: "lineLife", session: this.#session ?? 0, greeting: this.#greeting },
        0,
      ),
    );
  }
}

function answer(seq: number, nak: NakReason | null, out: Outlet): void {
  out.answer(encodeXrayTelegram(nak === null ? { kind: "ack" } : { kind: "nak", why: nak }, seq));
}

const told = (code: "ownEcho" | "doesNotHear"): XrayHeard => ({
  kind: "discarded",
  reason: deviceReason(code),
  counts: { [`${code}Total`]: 1 },
});

const noted = (counter: string, by = 1): XrayHeard => ({
  kind: "noted",
  counts: { [counter]: by },
});

const notTaken = (
  telegram: XrayTelegram,
  why: NakReason | "noAnswer" | "sessionEnded",
): XrayHeard => {
  const isRefused = why === "unreadable" || why === "unknownType";
  const code = isRefused ? "commandRefused" : "notAcknowledged";
  return { kind: "notTaken", reason: deviceReason(code, { detail: `${telegram.kind}: ${why}` }) };
};
