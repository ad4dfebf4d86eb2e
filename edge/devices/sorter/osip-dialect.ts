import {
  osipBeltBits,
  osipChuteStates,
  osipOrderCounts,
  osipWordMax,
  osipWords,
  readOsipAnswer,
  readOsipBelt,
  readOsipCode,
  readOsipCount,
  readOsipWords,
} from "../../../protocols/sorter/osip-sorter.ts";
import {
  createOsipParser,
  encodeOsip,
  osipNumberMax,
  osipUnknownType,
  type OsipFields,
  type OsipFormat,
  type OsipFrame,
  type OsipTelegram,
} from "../../../protocols/sorter/osip.ts";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { modulo } from "../../../protocols/modulo.ts";
import type { SorterCommand, SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { exits, type Exit } from "../../../protocols/sorting.ts";
import { beltCount, type MonotonicMs } from "../../../protocols/units.ts";
import { unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import type { SorterHeard } from "./heard.ts";

const interByteTimeoutMs = 500;
const ordersMax = 1_000;
/** So many numbers in a row that go back are another numbering, which nobody has announced. */
const backwardsMax = 10;
const nothing = new Uint8Array(0);

type Outlet = DialectOutlet<SorterHeard, Uint8Array>;

const notTaken = (detail: string): SorterHeard => ({
  kind: "notTaken",
  reason: deviceReason("commandRefused", { detail }),
});
type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;
type Body = WithoutNumber<SorterEvent>;
type Divert = Extract<SorterCommand, { kind: "divert" }>;
type Read<Type extends OsipTelegram["type"]> = Extract<OsipTelegram, { type: Type }>;

interface Session {
  readonly epoch: string;
  readonly boot: number;
  /** Of the newest telegram, as the controller numbers it and as the line knows it. */
  number: number;
  seq: number;
}

/** By what names controller and agent know each other, and the places of the line. */
interface OsipNames extends OsipFormat {
  readonly self: string;
  readonly controller: string;
  readonly locations: {
    readonly eyes: Readonly<Record<string, string>>;
    readonly inputs: Readonly<Record<string, string>>;
    readonly guards: Readonly<Record<string, string>>;
    readonly chutes: Readonly<Partial<Record<Exit, string>>>;
    readonly reset?: string | undefined;
    readonly induction?: string | undefined;
  };
}

export interface OsipOptions {
  readonly config: OsipNames;
  /** For the date of each telegram, and for names that no earlier session or order has had. */
  readonly wallMs: () => number;
}

/** The agent's end of the convention in `protocols/sorter/osip-sorter.ts`. */
export class OsipDialect implements Dialect<Uint8Array, Uint8Array, SorterHeard, SorterCommand> {
  readonly #config: OsipNames;
  readonly #wallMs: () => number;
  readonly #frames: Dialect<Uint8Array, Uint8Array, OsipFrame, SorterCommand>;
  #session: Session | null = null;
  /** Numbers in a row that went back. */
  #backwards = 0;
  /** Of the belt, as told last. */
  #count = 0;
  #nextNumber = 1;
  #lastWord = 0;
  #ordersTotal = 0;
  /** By the number under which the controller knows each, and the other way round. */
  readonly #orders = new Map<string, Divert>();
  readonly #numberOf = new Map<string, string>();
  #failedLater: string[] = [];

  constructor({ config, wallMs }: OsipOptions) {
    this.#config = config;
    this.#wallMs = wallMs;
    this.#frames = createFrameDialect<OsipFrame, OsipFrame, SorterCommand>({
      parser: createOsipParser(config),
      interByteTimeoutMs,
      meaningOf: (frame) => frame,
      write: () => nothing,
    });
  }

  read(chunk: Uint8Array, at: MonotonicMs, out: Outlet): void {
    this.#frames.read(chunk, at, this.#taking(out));
    for (const detail of this.#failedLater.splice(0)) out.tell(notTaken(detail));
  }

  wakeAt(): MonotonicMs | null {
    return this.#frames.wakeAt?.() ?? null;
  }

  wake(at: MonotonicMs, out: Outlet): void {
    this.#frames.wake?.(at, this.#taking(out));
  }

  lose(out: Outlet): void {
    this.#failedLater = [];
    this.#frames.lose?.(this.#taking(out));
  }

  write(command: SorterCommand): Uint8Array {
    if (command.kind === "life") return this.#say({ type: "SYNC", fields: { date: this.#now() } });
    if (this.#session === null || command.epoch !== this.#session.epoch) {
      this.#failedLater.push(`${command.kind}: its session is over`);
      return nothing;
    }
    const { boot } = this.#session;
    const date = this.#now();
    const order = {
      barcode: "",
      actual: "",
      target: "",
      group: "",
      error: osipWords(boot, 0),
      date,
    };
    switch (command.kind) {
      case "divert":
        return this.#writeDivert(command, boot);
      case "abort": {
        const barcode = this.#numberOf.get(command.commandId);
        // This agent never wrote it, so that the controller knows no such number.
        if (barcode === undefined) return nothing;
        return this.#say({ type: "RES_", fields: { ...order, barcode } });
      }
      case "cancelAll":
        return this.#say({ type: "RES_", fields: order });
      case "induction": {
        const { induction: actual } = this.#config.locations;
        if (actual === undefined) return nothing;
        const error = osipWords(boot, command.isPermitted ? 0 : 1);
        return this.#say({ type: "LOCU", fields: { group: "", actual, error, date } });
      }
      case "belt": {
        const error = osipWords(boot, command.run ? 0 : 1);
        return this.#say({ type: "SYSU", fields: { group: "", error, date } });
      }
    }
  }

  #writeDivert(command: Divert, boot: number): Uint8Array {
    const { commandId, passId, exit, fireAtCount, releaseAtCount, notAfterCount } = command;
    const group = osipOrderCounts(fireAtCount, notAfterCount);
    const windowCounts = releaseAtCount - fireAtCount;
    if (group === null || windowCounts < 0 || windowCounts > osipWordMax) {
      this.#failedLater.push("divert: no room for its counts in RES_");
      return nothing;
    }
    const barcode = this.#numberOf.get(commandId) ?? this.#enter(command);
    return this.#say({
      type: "RES_",
      fields: {
        barcode,
        actual: this.#parcelOf(passId) ?? barcode,
        // The controller says itself that nothing can be moved there.
        target: this.#config.locations.chutes[exit] ?? "NOWHERE",
        group,
        error: osipWords(boot, windowCounts),
        date: this.#now(),
      },
    });
  }

  /** A parcel goes by the number of its first order. */
  #parcelOf(passId: string): string | undefined {
    for (const [number, order] of this.#orders) if (order.passId === passId) return number;
    return undefined;
  }

  /** Its number: of the calendar, so that no agent before had the same. */
  #enter(command: Divert): string {
    this.#ordersTotal += 1;
    const at = String(Math.floor(this.#wallMs())).padStart(13, "0");
    const number = at + String(this.#ordersTotal % 10 ** 7).padStart(7, "0");
    this.#orders.set(number, command);
    this.#numberOf.set(command.commandId, number);
    for (const [old, { commandId }] of this.#orders) {
      if (this.#orders.size <= ordersMax) break;
      this.#orders.delete(old);
      this.#numberOf.delete(commandId);
    }
    return number;
  }

  #say(said: Said): Uint8Array {
    const { self: sender, controller: receiver } = this.#config;
    const number = this.#nextNumber;
    this.#nextNumber = (number % osipNumberMax) + 1;
    return encodeOsip({ ...said, sender, receiver, number }, this.#config);
  }

  #now(): string {
    return new Date(this.#wallMs()).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  }

  #taking(out: Outlet): DialectOutlet<OsipFrame, Uint8Array> {
    return {
      tell: (frame) => this.#take(frame, out),
      answer: (bytes) => out.answer(bytes),
    };
  }

  #take(frame: OsipFrame, out: Outlet): void {
    if (frame.kind === "discarded") return out.tell(discardedBytes(frame));
    if (frame.kind === "unknown") return out.tell(unreadable(frame.why));
    const { type, sender, receiver } = frame.kind === "telegram" ? frame.telegram : frame;
    if (sender !== this.#config.controller || receiver !== this.#config.self) {
      return out.tell(unreadable(`${type} from ${sender} to ${receiver}`));
    }
    if (frame.kind === "unknownType") {
      out.tell(unreadable(`there is no type ${type}`));
      const fields = { error: osipUnknownType, date: this.#now() };
      return out.answer(this.#say({ type: "ERR_", fields }));
    }
    const { telegram } = frame;
    if (telegram.type === "SYSU") return this.#takeSystem(telegram, out);
    // Nothing is known of a session before its boot number has been heard, which comes soon.
    if (this.#session === null) return;
    const body = this.#bodyOf(telegram, out);
    const seq = this.#advance(this.#session, telegram.number, body !== null);
    if (seq === null) {
      return out.tell(unreadable(`number ${telegram.number} after ${this.#session.number}`));
    }
    if (body !== null) out.tell({ ...body, epoch: this.#session.epoch, seq });
  }

  #takeSystem({ fields, number }: Read<"SYSU">, out: Outlet): void {
    const words = readOsipWords(fields.error);
    const belt = readOsipBelt(fields.group);
    if (words === null || belt === null) {
      return out.tell(unreadable(`SYSU: group ${fields.group}, error ${fields.error}`));
    }
    const { boot, word } = words;
    const count = beltCount(belt.count);
    this.#count = count;
    const isNew = this.#session?.boot !== boot || this.#backwards >= backwardsMax;
    if (this.#session === null || isNew) {
      this.#session = { epoch: this.#nameOf(boot), boot, number, seq: number };
      this.#backwards = 0;
    }
    const { epoch } = this.#session;
    const seq = isNew ? number : this.#advance(this.#session, number, true);
    if (seq === null) return out.tell(unreadable(`number ${number} after ${this.#session.number}`));
    out.tell(
      number === 0
        ? { kind: "session", epoch, seq, count }
        : {
            kind: "belt",
            epoch,
            seq,
            count,
            speedMmPerS: belt.speedMmPerS,
            isRunning: (word & osipBeltBits.stands) === 0,
            emergencyStop: (word & osipBeltBits.emergencyStop) !== 0,
          },
    );
  }

  /** Two sessions never have one name, whatever the controller does with its boot number. */
  #nameOf(boot: number): string {
    this.#lastWord = Math.max(this.#lastWord + 1, Math.floor(this.#wallMs()));
    return `b${boot}-${this.#lastWord.toString(36)}`;
  }

  /**
   * As the line numbers it; null for one that goes back. What says nothing to us takes no number, so
   * that only what is missing leaves a gap.
   */
  #advance(session: Session, number: number, isTold: boolean): number | null {
    const ahead = modulo(number - session.number, osipNumberMax);
    if (ahead > osipNumberMax / 2) {
      this.#backwards += 1;
      return null;
    }
    this.#backwards = 0;
    session.number = number;
    session.seq += isTold ? ahead : Math.max(0, ahead - 1);
    return session.seq;
  }

  /** Null for what is of no event, which is told as far as somebody should know. */
  #bodyOf(telegram: Exclude<OsipTelegram, { type: "SYSU" }>, out: Outlet): Body | null {
    switch (telegram.type) {
      case "UPD_":
        return telegram.fields.actual === ""
          ? this.#answerOf(telegram, out)
          : this.#placeOf(telegram, out);
      case "LOCU": {
        const { actual, error } = telegram.fields;
        const exit = exits.find((each) => this.#config.locations.chutes[each] === actual);
        const state = osipChuteStates[readOsipCode(error) ?? -1];
        if (exit !== undefined && state !== undefined) {
          return { kind: "chute", exit, state, fillPct: state === "full" ? 100 : 0 };
        }
        out.tell(unreadable(`LOCU: ${actual}, error ${error}`));
        return null;
      }
      case "SYNQ":
        out.answer(this.#say({ type: "SYNC", fields: { date: this.#now() } }));
        return null;
      case "ERR_":
        out.tell(notTaken(`ERR_ ${telegram.fields.error}`));
        return null;
      case "REQ_":
      case "RES_":
      case "SYNC":
        out.tell(unreadable(`${telegram.type} is nothing that this agent answers`));
        return null;
    }
  }

  #placeOf({ fields: { barcode, actual, error } }: Read<"UPD_">, out: Outlet): Body | null {
    const { eyes, inputs, guards, reset } = this.#config.locations;
    const shown = readOsipCount(barcode);
    const code = readOsipCode(error);
    const why = `UPD_: ${actual}, barcode ${barcode}, error ${error}`;
    if (shown === null || (code !== 0 && code !== 1)) {
      out.tell(unreadable(why));
      return null;
    }
    const count = beltCount(shown);
    const eyeId = eyes[actual];
    if (eyeId !== undefined) return { kind: "eye", eyeId, isBlocked: code === 1, count };
    const inputId = inputs[actual];
    if (inputId !== undefined) return { kind: "pulse", inputId, count };
    const guardId = guards[actual];
    if (guardId !== undefined) return { kind: "guard", guardId, isOpen: code === 1, count };
    if (actual === reset) return { kind: "localReset", count };
    out.tell(unreadable(why));
    return null;
  }

  #answerOf({ fields: { barcode, error } }: Read<"UPD_">, out: Outlet): Body | null {
    const answer = readOsipAnswer(error);
    if (answer === null || !/^\d{1,20}$/.test(barcode)) {
      out.tell(unreadable(`UPD_: order ${barcode}, error ${error}`));
      return null;
    }
    const order = this.#orders.get(barcode);
    // Another agent's, or one of before: told all the same, under a name of its own.
    const commandId = order?.commandId ?? `osip-${barcode}`;
    switch (answer) {
      case "accepted":
        return { kind: "accepted", commandId };
      case "fired":
        return { kind: "fired", commandId, count: order?.fireAtCount ?? beltCount(this.#count) };
      case "aborted":
      case "emergencyStop":
        return { kind: "cancelled", commandId, why: answer };
      case "cancelledNoLife":
        return { kind: "cancelled", commandId, why: "noLife" };
      case "staleCount":
      case "staleEpoch":
      case "noLife":
      case "overlap":
      case "queueFull":
      case "invalid":
        return { kind: "refused", commandId, why: answer };
    }
  }
}

type Said = {
  readonly [Type in OsipTelegram["type"]]: {
    readonly type: Type;
    readonly fields: OsipFields<Type>;
  };
}[OsipTelegram["type"]];
