import { encodeJson } from "../../../protocols/json-message.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { createTelegramParser } from "../../../protocols/sorter/telegram-frames.ts";
import {
  commandOfTelegram,
  encodeEventTelegram,
  encodeLinkTelegram,
  readTelegram,
  type SorterCommandTelegram,
} from "../../../protocols/sorter/telegrams.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { SorterAnswer } from "./sorter-model.ts";
import type { SorterWire } from "./wire.ts";

export interface SorterTelegramWireOptions {
  readonly link: ByteLink;
  readonly clock: Clock;
}

export interface SorterTelegramWire extends SorterWire {
  /** Frames that were no telegram of an agent. */
  discardedTotal(): number;
  close(): Promise<void>;
}

/** An event whose arrival nobody has confirmed yet. */
interface Unconfirmed {
  readonly event: SorterEvent;
  sayings: number;
}

const sayAgainAfterMs = 200;
const sayingsMax = 3;
const unconfirmedMax = 32;
/** As long as diverters may move without a word of the agent, events are said again for it. */
const agentIsThereMs = 1_500;

/** The controller's end of the telegrams (`protocols/sorter/telegrams.ts`). */
export function createSorterTelegramWire(options: SorterTelegramWireOptions): SorterTelegramWire {
  return new TelegramWire(options);
}

class TelegramWire implements SorterTelegramWire {
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #parser = createTelegramParser();
  #handle: (payload: Uint8Array) => SorterAnswer = () => "noLife";
  #isOpen = false;
  #discardedTotal = 0;

  #unconfirmed: Unconfirmed[] = [];
  #newest: SorterEvent | null = null;
  #againTimer: Timer | null = null;
  #agentHeardAt = -Infinity;

  /** The agent's link: its name, the command that comes next, and the link before it. */
  #agent: { readonly name: string; next: number | null; asked: number | null } | null = null;
  #agentBefore: string | null = null;

  constructor({ link, clock }: SorterTelegramWireOptions) {
    this.#link = link;
    this.#clock = clock;
    link.open({
      onOpen: () => {
        this.#isOpen = true;
      },
      onBytes: (chunk) => this.#hear(chunk),
      onClose: () => {
        this.#isOpen = false;
        this.#parser.timeOut();
        this.#forget();
      },
    });
  }

  publish(event: SorterEvent): void {
    if (event.epoch !== this.#newest?.epoch) this.#forget();
    const isRepeat = event.epoch === this.#newest?.epoch && event.seq === this.#newest.seq;
    this.#newest = event;
    if (!this.#isOpen) return;
    if (!isRepeat && this.#isAgentThere()) this.#keep(event);
    this.#link.write(encodeEventTelegram(event, Math.min(this.#oldest(), event.seq)));
  }

  onCommand(handler: (payload: Uint8Array) => SorterAnswer): void {
    this.#handle = handler;
  }

  discardedTotal(): number {
    return this.#discardedTotal;
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#forget();
    return this.#link.close();
  }

  #isAgentThere(): boolean {
    return this.#clock.monotonic() - this.#agentHeardAt < agentIsThereMs;
  }

  #oldest(): number {
    return this.#unconfirmed[0]?.event.seq ?? Number.MAX_SAFE_INTEGER;
  }

  #keep(event: SorterEvent): void {
    this.#unconfirmed.push({ event, sayings: 1 });
    if (this.#unconfirmed.length > unconfirmedMax) this.#unconfirmed.shift();
    if (this.#againTimer === null) this.#waitForAgent();
  }

  #forget(): void {
    this.#unconfirmed = [];
    this.#againTimer?.cancel();
    this.#againTimer = null;
  }

  #waitForAgent(): void {
    this.#againTimer?.cancel();
    this.#againTimer = null;
    if (this.#unconfirmed.length === 0) return;
    const dueAt = monotonicMs(this.#clock.monotonic() + sayAgainAfterMs);
    this.#againTimer = this.#clock.schedule(dueAt, () => {
      this.#unconfirmed = this.#isAgentThere()
        ? this.#unconfirmed.filter(({ sayings }) => sayings < sayingsMax)
        : [];
      this.#sayAgain();
      this.#waitForAgent();
    });
  }

  #sayAgain(): void {
    const oldest = this.#oldest();
    for (const one of this.#unconfirmed) {
      one.sayings += 1;
      this.#link.write(encodeEventTelegram(one.event, oldest));
    }
  }

  #hear(chunk: Uint8Array): void {
    for (const frame of this.#parser.push(chunk)) {
      const telegram = frame.kind === "telegram" ? readTelegram(frame.text) : frame;
      switch (telegram.kind) {
        case "command":
          this.#obey(telegram);
          break;
        case "life":
          if (!this.#isOfAgent(telegram.link)) break;
          this.#agentHeardAt = this.#clock.monotonic();
          this.#handle(encodeJson({ kind: "life", epoch: telegram.epoch }));
          break;
        case "have":
          this.#confirm(telegram.stream, telegram.number);
          break;
        case "repeat":
          this.#confirm(telegram.stream, telegram.number - 1);
          if (telegram.stream === this.#newest?.epoch) this.#sayAgain();
          break;
        case "event":
        case "unreadable":
        case "discarded":
          this.#discardedTotal += 1;
      }
    }
  }

  #confirm(epoch: string, upTo: number): void {
    const newest = this.#newest;
    // An agent cannot have what was never said.
    if (newest === null || epoch !== newest.epoch || upTo > newest.seq) return;
    const before = this.#unconfirmed.length;
    this.#unconfirmed = this.#unconfirmed.filter(({ event }) => event.seq > upTo);
    if (this.#unconfirmed.length !== before) this.#waitForAgent();
  }

  /** False for the agent of before, whose words a slow line may still bring. */
  #isOfAgent(name: string): boolean {
    if (name === this.#agentBefore) return false;
    if (name !== this.#agent?.name) {
      this.#agentBefore = this.#agent?.name ?? null;
      this.#agent = { name, next: null, asked: null };
    }
    return true;
  }

  #obey(telegram: SorterCommandTelegram): void {
    if (!this.#isOfAgent(telegram.link) || this.#agent === null) return;
    const agent = this.#agent;
    const next = Math.max(agent.next ?? 0, telegram.oldest);
    agent.next = next;
    if (telegram.number > next) {
      if (agent.asked !== next) this.#say("repeat", agent.name, next);
      agent.asked = next;
      return;
    }
    if (telegram.number === next) {
      agent.next = next + 1;
      this.#say("have", agent.name, next);
      this.#handle(encodeJson(commandOfTelegram(telegram)));
      return;
    }
    this.#say("have", agent.name, next - 1);
  }

  #say(kind: "have" | "repeat", stream: string, number: number): void {
    this.#link.write(encodeLinkTelegram({ kind, stream, number }));
  }
}
