import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { ScaleDialectKind } from "../../../protocols/scale/recognise.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak, type Dialect, type DialectOutlet } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import { createFrameDialect, type FrameParser } from "../frame-dialect.ts";
import type { ScaleHeard } from "./heard.ts";
import { nameOtherDialect } from "./other-dialect.ts";

export interface AskingOptions<Frame> {
  readonly parser: FrameParser<Frame>;
  readonly interByteTimeoutMs: number;
  readonly question: Uint8Array;
  /** From one question to the next; null: asked once, the scale repeats its answer without end. */
  readonly everyMs: number | null;
  /** How long an answer may take; the question is asked again then. */
  readonly answerWithinMs: number;
  readonly meaningOf: (frame: Frame) => Answer;
}

export interface Answer {
  readonly heard: ScaleHeard;
  /** `answer` to a question; `none`: nothing of the kind; `restart`: what was asked is forgotten. */
  readonly answers: "answer" | "none" | "restart";
}

/** A weight that nobody asked for: a key was pressed, or a gateway has kept it since who knows when. */
const unasked: ScaleHeard = { kind: "noWeight", why: "unasked" };

/** A scale takes no word but the question. */
const nothing = new Uint8Array(0);

/**
 * A dialect of a scale that has to be asked. One question is open at a time, and only what comes while
 * one is open is an answer. It begins anew with each connection, and with each silence: a scale that
 * was switched off and on has forgotten what it was asked.
 */
function createAskingDialect<Frame, Said>(
  options: AskingOptions<Frame>,
): Dialect<Uint8Array, Uint8Array, ScaleHeard, Said> {
  const { question, everyMs, answerWithinMs, meaningOf } = options;
  const frames = createFrameDialect<Frame, Frame, Said>({
    ...options,
    meaningOf: (frame) => frame,
    write: () => nothing,
  });
  let askAt: MonotonicMs | null = null;
  let askedAt: MonotonicMs = monotonicMs(0);
  let isAwaited = false;

  const ask = (at: MonotonicMs, out: DialectOutlet<ScaleHeard, Uint8Array>): void => {
    isAwaited = true;
    askedAt = at;
    askAt = monotonicMs(at + answerWithinMs);
    out.answer(question);
  };

  const take = (
    frame: Frame,
    at: MonotonicMs,
    out: DialectOutlet<ScaleHeard, Uint8Array>,
  ): void => {
    const { heard, answers } = meaningOf(frame);
    if (answers === "none") return out.tell(heard);
    if (answers === "restart") {
      isAwaited = false;
      if (askAt !== null) askAt = at;
      return out.tell(heard);
    }
    if (!isAwaited) return out.tell(unasked);
    if (everyMs === null) {
      askAt = monotonicMs(at + answerWithinMs);
    } else {
      isAwaited = false;
      askAt = monotonicMs(Math.max(at, askedAt + everyMs));
    }
    out.tell(heard);
  };

  /** Frames are told at the moment of the call that completed them. */
  const taking = (at: MonotonicMs, out: DialectOutlet<ScaleHeard, Uint8Array>) => ({
    tell: (frame: Frame) => take(frame, at, out),
    answer: (bytes: Uint8Array) => out.answer(bytes),
  });

  return {
    begin: ask,
    read: (chunk, at, out) => frames.read(chunk, at, taking(at, out)),
    write: (said, at) => frames.write(said, at),
    wakeAt() {
      const cutAt = frames.wakeAt?.() ?? null;
      if (askAt === null || cutAt === null) return askAt ?? cutAt;
      return cutAt < askAt ? cutAt : askAt;
    },
    wake(at, out) {
      const cutAt = frames.wakeAt?.() ?? null;
      if (cutAt !== null && cutAt <= at) frames.wake?.(at, taking(at, out));
      if (askAt !== null && askAt <= at) ask(at, out);
    },
    lose(out) {
      askAt = null;
      isAwaited = false;
      frames.lose?.(taking(askedAt, out));
    },
  };
}

/** Such a scale on a serial line or TCP; `kind` is its dialect's name. */
export const askedScaleCarriers = <Frame>(
  kind: ScaleDialectKind,
  options: () => AskingOptions<Frame>,
): Carriers<ScaleHeard, ProofCommand> => ({
  bytes: (link, clock) => {
    const dialect = createAskingDialect<Frame, ProofCommand>(options());
    return speak(nameOtherDialect(kind, dialect), createByteWire(link), clock);
  },
});
