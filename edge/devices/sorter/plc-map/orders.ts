import type { PlcAck, PlcOp } from "../../../../protocols/sorter/plc-map.ts";
import type { SorterCommand, SorterEvent } from "../../../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import { numberMax } from "../../mapped-variable.ts";
import type { VariableWrite } from "../../variables.ts";
import type { PlcMeaning } from "./meaning.ts";
import type { CommandEnd } from "./occurrence.ts";

type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;
export type SorterEventBody = WithoutNumber<SorterEvent>;
type DivertCommand = Extract<SorterCommand, { kind: "divert" }>;
type Refusal = Extract<SorterEvent, { kind: "refused" }>["why"];
type Cancellation = Extract<SorterEvent, { kind: "cancelled" }>["why"];

type OrderState =
  | { readonly kind: "new" }
  | { readonly kind: "sent" }
  | { readonly kind: "accepted" }
  /** Something was missed that may have told what became of it. */
  | { readonly kind: "unsure" }
  | { readonly kind: "fired"; readonly count: number }
  | { readonly kind: "cancelled"; readonly why: Cancellation }
  | { readonly kind: "refused"; readonly why: Refusal };

/** What the controller did of its own. */
export type OrderEnd = Extract<OrderState, { kind: "fired" | "cancelled" }>;

/** One divert, under the sequence number by which the controller knows it. */
interface Order {
  readonly seq: number;
  readonly command: DivertCommand;
  state: OrderState;
}

/** What waits for the slot, or is in it. */
type Request =
  | { readonly op: "divert"; readonly order: Order }
  | { readonly op: "abort"; readonly order: Order }
  | { readonly op: "cancelAll" };

interface InSlot {
  readonly request: Request;
  readonly seq: number;
  writtenAt: MonotonicMs;
  times: number;
  /** It was under way when the wire was lost: it is never written again. */
  isCut: boolean;
}

export interface OrdersOptions {
  readonly map: PlcMeaning;
  readonly onWire: (count: number) => number;
  readonly tell: (body: SorterEventBody) => void;
  readonly write: (steps: readonly (readonly VariableWrite[])[]) => void;
}

/** What a request has shown, and at which moment of the belt. */
export interface SlotSeen {
  readonly at: MonotonicMs;
  readonly count: number;
  /** The number that the request before this one has shown: what the code of this one is about. */
  readonly ackSeqBefore: number | null;
  readonly ackSeq: number;
  readonly ackCode: number;
}

/** How often a divert is written under its number before it counts as missed. */
const writtenTimesMax = 3;
const waitingMax = 64;
const ordersMax = 1_000;

/**
 * Commands on their way through the controller's one slot: arguments first, then the sequence
 * number, then its number comes back with a code. One is in the slot at a time; what takes something
 * back goes before what moves something.
 *
 * - A divert without an answer is written again under its number, then counts as refused
 *   (`noAnswer`), and is taken back, since the controller may have it all the same.
 * - What takes back is written until it is answered or can do no more harm, and nothing else
 *   meanwhile.
 */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #byCommand = new Map<string, Order>();
  readonly #bySeq = new Map<number, Order>();
  #waiting: Request[] = [];
  #inSlot: InSlot | null = null;
  #lastSeq = 0;
  #ackSeq = 0;
  #boot: string | number = 0;
  /** Told with the next request, since nothing may be told while a command is taken. */
  readonly #later: SorterEventBody[] = [];

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * What was under way belonged to the session that is over, and is not carried out. What had been
   * accepted ended with it.
   */
  begin(boot: string | number, ackSeq: number): void {
    const unanswered = [...this.#byCommand.values()].filter(({ state }) => isUnanswered(state));
    this.#byCommand.clear();
    this.#bySeq.clear();
    this.#waiting = [];
    this.#inSlot = null;
    this.#boot = boot;
    this.#ackSeq = ackSeq;
    this.#lastSeq = Math.max(this.#lastSeq, ackSeq);
    for (const order of unanswered) this.#end(order, { kind: "refused", why: "staleEpoch" });
  }

  take(command: Extract<SorterCommand, { kind: "divert" | "abort" | "cancelAll" }>): void {
    switch (command.kind) {
      case "divert":
        return this.#takeDivert(command);
      case "abort":
        return this.#takeAbort(command.commandId);
      case "cancelAll":
        this.#waiting.unshift({ op: "cancelAll" });
    }
  }

  /** A command of a session that is over. */
  refuseStale({ commandId }: DivertCommand): void {
    this.#later.push({ kind: "refused", commandId, why: "staleEpoch" });
  }

  /** Writes what came into an empty slot, where that needs no word to anybody first. */
  start(at: MonotonicMs, count: number): void {
    const [next] = this.#waiting;
    if (this.#inSlot !== null || next === undefined) return;
    if (next.op !== "divert" || this.#judge(next.order, count) === null) this.#next(at, count);
  }

  /** With each request: what was answered, what must be written again, what comes next. */
  see(seen: SlotSeen): void {
    for (const body of this.#later.splice(0)) this.#options.tell(body);
    this.#ackSeq = seen.ackSeq;
    const slot = this.#inSlot;
    if (slot?.request.op === "divert" && hasEnded(slot.request.order.state)) {
      // Its own event was here before the answer: late or missing, that adds nothing and undoes nothing.
      this.#inSlot = null;
    } else if (slot !== null && slot.seq === seen.ackSeq && slot.seq === seen.ackSeqBefore) {
      this.#inSlot = null;
      this.#answered(slot.request, this.#options.map.ack.code.codes[seen.ackCode] ?? null);
    } else if (slot !== null && this.#isOverdue(slot, seen)) this.#missed(slot, seen);
    while (this.#inSlot === null && this.#waiting.length > 0) this.#next(seen.at, seen.count);
  }

  /** The controller did what nobody asked for just then: it fired, or cancelled by itself. */
  ended(seq: number, state: OrderEnd): void {
    const order = this.#bySeq.get(seq);
    if (order !== undefined) return this.#end(order, state);
    // Another agent's, or one of before: it is told all the same, under a name of its own.
    const body = wordOf(`plc-${seq}`, state);
    if (body !== null) this.#options.tell(body);
  }

  /** Something was missed. */
  doubt(): void {
    for (const order of this.#byCommand.values()) {
      if (order.state.kind === "accepted") order.state = { kind: "unsure" };
    }
  }

  /** Something has ended, and nobody says what: the controller is asked about each. */
  askAgain(): void {
    this.doubt();
    for (const order of this.#byCommand.values()) {
      const isAsked = [this.#inSlot?.request, ...this.#waiting].some(
        (request) => request !== undefined && request.op !== "cancelAll" && request.order === order,
      );
      if (order.state.kind === "unsure" && !isAsked) this.#waiting.push({ op: "divert", order });
    }
  }

  /** The arguments were not taken, so that the number was not written either. */
  notTaken(): void {
    const slot = this.#inSlot;
    if (slot?.request.op !== "divert") return;
    // An earlier time it may have been.
    if (slot.times > 1) return this.#giveUp(slot.request.order);
    this.#inSlot = null;
    this.#end(slot.request.order, { kind: "refused", why: "invalid" });
  }

  /** The wire is lost. Nothing that moves anything is written after it. */
  lose(): void {
    if (this.#inSlot !== null) this.#inSlot.isCut = true;
    const dropped = this.#waiting;
    this.#waiting = dropped.filter(({ op }) => op !== "divert");
    for (const request of dropped) {
      if (request.op !== "divert" || request.order.state.kind !== "new") continue;
      this.#endLater(request.order, { kind: "refused", why: "noAnswer" });
    }
  }

  #takeDivert(command: DivertCommand): void {
    const { commandId } = command;
    const known = this.#byCommand.get(commandId);
    if (known === undefined && this.#waiting.length >= waitingMax) {
      this.#later.push({ kind: "refused", commandId, why: "queueFull" });
      return;
    }
    const order = known ?? this.#enter(command);
    this.#waiting.push({ op: "divert", order });
  }

  #takeAbort(commandId: string): void {
    const order = this.#byCommand.get(commandId);
    // It was never written in this session.
    if (order === undefined) {
      this.#later.push({ kind: "cancelled", commandId, why: "aborted" });
      return;
    }
    if (!isOpen(order.state)) return this.#tellLater(order);
    const isNew = order.state.kind === "new";
    this.#waiting = this.#waiting.filter((each) => each.op !== "divert" || each.order !== order);
    if (isNew) this.#endLater(order, { kind: "cancelled", why: "aborted" });
    else this.#takeBack(order);
  }

  #takeBack(order: Order): void {
    const isUnderWay = [this.#inSlot?.request, ...this.#waiting].some(
      (request) => request?.op === "abort" && request.order === order,
    );
    if (!isUnderWay) this.#waiting.unshift({ op: "abort", order });
  }

  #enter(command: DivertCommand): Order {
    const order: Order = { seq: this.#nextSeq(), command, state: { kind: "new" } };
    this.#byCommand.set(command.commandId, order);
    this.#bySeq.set(order.seq, order);
    for (const old of this.#byCommand.values()) {
      if (this.#byCommand.size <= ordersMax) break;
      if (isOpen(old.state)) continue;
      this.#byCommand.delete(old.command.commandId);
      this.#bySeq.delete(old.seq);
    }
    return order;
  }

  /** 0 is what a controller shows that has had no command yet. */
  #nextSeq(): number {
    this.#lastSeq = (this.#lastSeq % numberMax(this.#options.map.command.seq.bits)) + 1;
    return this.#lastSeq;
  }

  #next(at: MonotonicMs, count: number): void {
    const request = this.#waiting.shift();
    if (request === undefined) return;
    if (request.op === "abort") {
      if (!isOpen(request.order.state) && request.order.state.kind !== "refused") return;
    } else if (request.op === "divert") {
      const { order } = request;
      const state = this.#judge(order, count);
      if (state !== null) {
        order.state = state;
        return this.#tell(order);
      }
      // The controller would not look at a number that it shows already; to take it back it must.
      if (order.state.kind === "unsure" && order.seq === this.#ackSeq) return this.#takeBack(order);
      order.state = { kind: "sent" };
    }
    const seq = request.op === "divert" ? request.order.seq : this.#nextSeq();
    this.#inSlot = { request, seq, writtenAt: at, times: 1, isCut: false };
    this.#write(request, seq);
  }

  /** What is known of a divert without asking the controller; null where it must be asked. */
  #judge(order: Order, count: number): OrderState | null {
    const { state, command } = order;
    if (state.kind !== "new") {
      return state.kind === "sent" || state.kind === "unsure" ? null : state;
    }
    if (count > command.notAfterCount) return { kind: "refused", why: "staleCount" };
    if (this.#options.map.command.exit.values[command.exit] === undefined) {
      return { kind: "refused", why: "invalid" };
    }
    // A parcel cannot leave twice, so the first command for it stands until it is taken back.
    const isTwice = [...this.#byCommand.values()].some(
      (other) =>
        other !== order &&
        other.command.passId === command.passId &&
        other.state.kind === "accepted",
    );
    return isTwice ? { kind: "refused", why: "overlap" } : null;
  }

  #write(request: Request, seq: number): void {
    const { map, onWire, write } = this.#options;
    const op = (name: PlcOp): VariableWrite => ({
      key: "command.op",
      value: map.command.op.values[name],
    });
    const boot = { key: "command.boot", value: this.#boot };
    const number = [{ key: "command.seq", value: seq }];
    if (request.op === "cancelAll") return write([[op("cancelAll"), boot], number]);
    const { order } = request;
    if (request.op === "abort") {
      return write([[op("abort"), { key: "command.target", value: order.seq }, boot], number]);
    }
    const { exit, fireAtCount, releaseAtCount, notAfterCount } = order.command;
    write([
      [
        op("divert"),
        { key: "command.exit", value: map.command.exit.values[exit] ?? 0 },
        { key: "command.fireAt", value: onWire(fireAtCount) },
        { key: "command.releaseAt", value: onWire(releaseAtCount) },
        { key: "command.notAfter", value: onWire(notAfterCount) },
        boot,
      ],
      number,
    ]);
  }

  #isOverdue({ seq, writtenAt, isCut }: InSlot, { at, ackSeq }: SlotSeen): boolean {
    if (seq === ackSeq) return false;
    return isCut || at >= monotonicMs(writtenAt + this.#options.map.ackMs);
  }

  #missed(slot: InSlot, { at, count }: SlotSeen): void {
    const { request } = slot;
    if (request.op === "divert") {
      const mayRepeat =
        !slot.isCut && slot.times < writtenTimesMax && count <= request.order.command.notAfterCount;
      if (!mayRepeat) return this.#giveUp(request.order);
    } else if (request.op === "abort" && count > request.order.command.releaseAtCount) {
      this.#inSlot = null;
      return;
    }
    slot.isCut = false;
    slot.times += 1;
    slot.writtenAt = at;
    this.#write(request, slot.seq);
  }

  /** Nobody knows whether the controller has it. */
  #giveUp(order: Order): void {
    this.#inSlot = null;
    this.#end(order, { kind: "refused", why: "noAnswer" });
    this.#takeBack(order);
  }

  #answered(request: Request, ack: PlcAck | null): void {
    if (request.op === "cancelAll") return;
    const { order } = request;
    if (ack === null) {
      // A code that the map does not name says nothing of what the controller does now.
      if (request.op === "divert") this.#giveUp(order);
      return;
    }
    const state = stateOf(ack, order);
    if (request.op === "divert") return this.#end(order, state);
    // An abort that was taken has cancelled; one that was refused is asked for again by the line.
    if (state.kind === "refused") return;
    this.#end(order, state.kind === "accepted" ? { kind: "cancelled", why: "aborted" } : state);
  }

  #end(order: Order, state: OrderState): void {
    // What was given up was told as refused, and only that it has moved is news.
    if (order.state.kind === "refused" && state.kind !== "fired") return;
    order.state = state;
    this.#tell(order);
  }

  #endLater(order: Order, state: OrderState): void {
    order.state = state;
    this.#tellLater(order);
  }

  #tell(order: Order): void {
    const body = wordOf(order.command.commandId, order.state);
    if (body !== null) this.#options.tell(body);
  }

  #tellLater(order: Order): void {
    const body = wordOf(order.command.commandId, order.state);
    if (body !== null) this.#later.push(body);
  }
}

const isUnanswered = ({ kind }: OrderState): boolean => kind === "new" || kind === "sent";

const hasEnded = ({ kind }: OrderState): boolean => kind === "fired" || kind === "cancelled";

const isOpen = (state: OrderState): boolean =>
  isUnanswered(state) || state.kind === "accepted" || state.kind === "unsure";

/** What a command has come to, by the controller's word for it. */
export function endOf(end: CommandEnd, count: number): OrderEnd {
  switch (end) {
    case "fired":
      return { kind: "fired", count };
    case "cancelledAborted":
      return { kind: "cancelled", why: "aborted" };
    case "cancelledNoLife":
      return { kind: "cancelled", why: "noLife" };
    case "cancelledEmergencyStop":
      return { kind: "cancelled", why: "emergencyStop" };
  }
}

function stateOf(ack: PlcAck, { command }: Order): OrderState {
  switch (ack) {
    case "accepted":
      return { kind: "accepted" };
    case "fired":
    case "cancelledAborted":
    case "cancelledNoLife":
    case "cancelledEmergencyStop":
      return endOf(ack, command.fireAtCount);
    case "staleCount":
    case "staleEpoch":
    case "noLife":
    case "overlap":
    case "queueFull":
    case "invalid":
      return { kind: "refused", why: ack };
  }
}

function wordOf(commandId: string, state: OrderState): SorterEventBody | null {
  switch (state.kind) {
    case "new":
    case "sent":
    case "unsure":
      return null;
    case "accepted":
      return { kind: "accepted", commandId };
    case "fired":
      return { kind: "fired", commandId, count: beltCount(state.count) };
    case "cancelled":
    case "refused":
      return { ...state, commandId };
  }
}
