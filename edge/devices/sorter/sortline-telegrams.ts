import { z } from "zod";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import {
  createTelegramParser,
  type TelegramFrame,
} from "../../../protocols/sorter/telegram-frames.ts";
import {
  encodeLinkTelegram,
  eventOfTelegram,
  readTelegram,
  type SorterEventTelegram,
} from "../../../protocols/sorter/telegrams.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { MonotonicMs } from "../../../protocols/units.ts";
import { counterSetting } from "../counter.ts";
import { speak, unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { SorterHeard } from "./heard.ts";
import { createTelegramHearing } from "./telegram-hearing.ts";
import { createTelegramSending, type TelegramSending } from "./telegram-sending.ts";

export const zSorterTelegramDialect = z.strictObject({
  kind: z
    .literal("sortline-telegrams")
    .describe(
      "Our own telegrams, with checksum, acknowledgement and repeat, over a serial line or TCP.",
    ),
  answerWithinMs: z
    .number()
    .int()
    .min(50)
    .max(400)
    .default(200)
    .describe(
      "How long a command waits for its acknowledgement before it is sent again; a divert three times in all.",
    ),
  counter: counterSetting.counter.describe(
    "How far the controller's belt counter counts before it begins anew; default: it never does.",
  ),
});
export type SorterTelegramDialect = z.infer<typeof zSorterTelegramDialect>;

export const sorterTelegramCarriers = ({ answerWithinMs }: SorterTelegramDialect) =>
  ({
    bytes(link, clock) {
      const dialect = new TelegramDialect(answerWithinMs, wordsOf(clock));
      return speak(dialect, createByteWire(link), clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** Names of links: of the calendar, so that no agent before had the same, and never one twice. */
function wordsOf(clock: Clock): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(clock.wall()));
    return last.toString(36).toUpperCase();
  };
}

/** A cut telegram is found by the start of the next; a silence only tells of it sooner. */
const interByteTimeoutMs = 500;
const nothing = new Uint8Array(0);

type Outlet = DialectOutlet<SorterHeard, Uint8Array>;

/** Not even sent, where too many others wait for theirs. */
const notAcknowledged = ({ kind: detail }: SorterCommand): SorterHeard => ({
  kind: "notTaken",
  reason: deviceReason("notAcknowledged", { detail }),
});

/** The agent's end of the telegrams of `protocols/sorter/telegrams.ts`. */
class TelegramDialect implements Dialect<Uint8Array, Uint8Array, SorterHeard, SorterCommand> {
  readonly #nextWord: () => string;
  readonly #hearing = createTelegramHearing();
  readonly #sending: TelegramSending;
  readonly #frames = createFrameDialect<TelegramFrame, TelegramFrame, SorterCommand>({
    parser: createTelegramParser(),
    interByteTimeoutMs,
    meaningOf: (frame) => frame,
    write: () => nothing,
  });
  /** Whether what was written last is kept to be said again. */
  #isKept = false;
  /** Nothing may be told while a command is taken. */
  #failedLater: SorterHeard[] = [];

  constructor(answerWithinMs: number, nextWord: () => string) {
    this.#sending = createTelegramSending(answerWithinMs);
    this.#nextWord = nextWord;
  }

  begin(): void {
    this.#sending.begin(this.#nextWord());
  }

  read(chunk: Uint8Array, at: MonotonicMs, out: Outlet): void {
    this.#frames.read(chunk, at, this.#taking(at, out));
    for (const answer of this.#hearing.answers()) out.answer(encodeLinkTelegram(answer));
    for (const failed of this.#failedLater.splice(0)) out.tell(failed);
  }

  write(command: SorterCommand, at: MonotonicMs): Uint8Array {
    this.#isKept = false;
    if (command.kind === "life") {
      return encodeLinkTelegram({ kind: "life", link: this.#sending.link(), epoch: command.epoch });
    }
    const made = this.#sending.take(command, at);
    if (made === "full") this.#failedLater.push(notAcknowledged(command));
    if (typeof made === "string") return nothing;
    this.#isKept = true;
    return made;
  }

  unsent(): void {
    if (this.#isKept) this.#sending.unsend();
  }

  wakeAt(): MonotonicMs | null {
    const cutAt = this.#cutAt();
    const againAt = this.#sending.dueAt();
    if (cutAt === null || againAt === null) return cutAt ?? againAt;
    return cutAt < againAt ? cutAt : againAt;
  }

  wake(at: MonotonicMs, out: Outlet): void {
    const cutAt = this.#cutAt();
    if (cutAt !== null && cutAt <= at) this.#frames.wake?.(at, this.#taking(at, out));
    const { again, givenUp } = this.#sending.wake(at);
    for (const bytes of again) out.answer(bytes);
    for (const command of givenUp) out.tell(notAcknowledged(command));
  }

  lose(out: Outlet): void {
    this.#sending.lose();
    this.#failedLater = [];
    // The bytes of a cut telegram are told of; nothing is answered any more.
    this.#frames.lose?.({
      tell: (frame) => {
        if (frame.kind === "discarded") out.tell(discardedBytes(frame));
      },
      answer: () => {},
    });
  }

  #cutAt(): MonotonicMs | null {
    return this.#frames.wakeAt?.() ?? null;
  }

  #taking(at: MonotonicMs, out: Outlet): DialectOutlet<TelegramFrame, Uint8Array> {
    return {
      tell: (frame) => this.#take(frame, at, out),
      answer: (bytes) => out.answer(bytes),
    };
  }

  #take(frame: TelegramFrame, at: MonotonicMs, out: Outlet): void {
    if (frame.kind === "discarded") return out.tell(discardedBytes(frame));
    const telegram = readTelegram(frame.text);
    switch (telegram.kind) {
      case "event":
        return this.#takeEvent(telegram, at, out);
      case "have":
        if (telegram.stream === this.#sending.link()) this.#sending.have(telegram.number, at);
        return;
      case "repeat":
        if (telegram.stream !== this.#sending.link()) return;
        for (const again of this.#sending.repeat(telegram.number, at)) out.answer(again);
        return;
      case "command":
      case "life":
        return out.tell(unreadable("a telegram of an agent: does the line send back what we say?"));
      case "unreadable":
        return out.tell(unreadable(telegram.why));
    }
  }

  #takeEvent(telegram: SorterEventTelegram, at: MonotonicMs, out: Outlet): void {
    const decoded = eventOfTelegram(telegram);
    const event = decoded.kind === "ok" ? decoded.value : null;
    if (decoded.kind !== "ok") out.tell(unreadable(decoded.why));
    for (const each of this.#hearing.take(telegram, event, at)) out.tell(each);
  }
}
