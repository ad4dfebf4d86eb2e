import { encodeJson } from "../../../protocols/json-message.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { exits, type Exit } from "../../../protocols/sorting.ts";
import type { SorterAnswer } from "./sorter-model.ts";
import type { SorterWire } from "./wire.ts";

export type PlcValue = boolean | number | readonly number[];
/** The types of OPC UA that the variables have. */
export type PlcType = "Boolean" | "Int16" | "UInt16" | "Int32" | "UInt32" | "Double";

export interface PlcVariable {
  readonly name: string;
  readonly type: PlcType;
  readonly isWritable: boolean;
}

/** A sorter's controller of the kind that has nothing but variables; their names are made up. */
export interface PlcMemory {
  /** What the simulated sorter says and is told. */
  readonly wire: SorterWire;
  readonly variables: readonly PlcVariable[];
  /** Null: its quality is bad. */
  read(name: string): PlcValue | null;
  /** Acts on it at once, as a controller does in its next cycle. */
  write(name: string, value: PlcValue): void;
  /** Fault: the quality of this variable is bad, or good again. */
  spoil(name: string, isBad: boolean): void;
}

export interface PlcMemoryOptions {
  /** Their numbers are their places. */
  readonly eyeIds: readonly string[];
  readonly inputIds?: readonly string[];
  readonly guardIds?: readonly string[];
  /** A power of two. */
  readonly ringSize: number;
}

/** By which the controller knows exits, kinds of events, and answers. */
export const plcNumbers = {
  exits: { green: 1, red: 2, inspection: 3 },
  ops: { divert: 1, abort: 2, cancelAll: 3 },
  kinds: {
    blocked: 1,
    cleared: 2,
    fired: 3,
    aborted: 4,
    noLife: 5,
    emergencyStop: 6,
    localReset: 7,
    pulse: 8,
    guardOpened: 9,
    guardClosed: 10,
    /** Something happened that the controller had no room for. */
    lost: 99,
  },
  answers: {
    accepted: 1,
    staleCount: 2,
    staleEpoch: 3,
    noLife: 4,
    overlap: 5,
    queueFull: 6,
    invalid: 7,
    fired: 10,
    aborted: 11,
    cancelledNoLife: 12,
    emergencyStop: 13,
  },
} as const;

const variables: readonly PlcVariable[] = [
  ...plain("UInt32", ["Enc", "Boot", "Ev.Seq", "Ack.Seq"]),
  ...plain("Boolean", ["Run", "EStop"]),
  ...plain("Double", ["Speed"]),
  ...plain("UInt16", ["ChuteWord", "Fill", "LifePlc", "Ack.Code"]),
  ...plain("UInt32", ["Ev.Kind", "Ev.What", "Ev.Count"]),
  // The same once more, for those who do not read rings: how often, and the last count.
  ...plain("UInt16", ["Eye.Edges", "Eye.Word", "Guard.Edges", "Guard.Word", "Pulse.Times"]),
  ...plain("UInt32", ["Eye.BlockedAt", "Eye.ClearedAt", "Guard.OpenedAt", "Guard.ClosedAt"]),
  ...plain("UInt32", ["Pulse.At", "Fired.Seq", "Fired.At", "Reset.At"]),
  ...plain("UInt16", ["Fired.Times", "Reset.Times", "Cancel.Times", "Lost.Times"]),
  ...writable("UInt32", ["Cmd.Seq", "Cmd.FireAt", "Cmd.ReleaseAt", "Cmd.NotAfter"]),
  ...writable("UInt32", ["Cmd.Target", "Cmd.Epoch"]),
  ...writable("Int16", ["Cmd.Op", "Cmd.Exit", "LifePc"]),
  ...writable("Boolean", ["Induct", "Halt"]),
];

function plain(type: PlcType, names: readonly string[]): PlcVariable[] {
  return names.map((name) => ({ name, type, isWritable: false }));
}

function writable(type: PlcType, names: readonly string[]): PlcVariable[] {
  return names.map((name) => ({ name, type, isWritable: true }));
}

type Fired = Extract<SorterEvent, { kind: "fired" | "cancelled" }>;

export function createPlcMemory(options: PlcMemoryOptions): PlcMemory {
  return new Memory(options);
}

class Memory implements PlcMemory {
  readonly wire: SorterWire;
  readonly variables = variables;
  readonly #options: PlcMemoryOptions;
  readonly #values = new Map<string, PlcValue>();
  readonly #bad = new Set<string>();
  /** Of each divert that was asked for. */
  readonly #exitOf = new Map<string, Exit>();
  #handle: (payload: Uint8Array) => SorterAnswer = () => "noLife";
  #epoch = "";
  #nextSeq = 0;
  #boots = 0;
  /** The divert that is being judged, and why it was cancelled if it was. */
  #judged: { readonly commandId: string; why: Fired | null; hasAnswer: boolean } | null = null;

  constructor(options: PlcMemoryOptions) {
    this.#options = options;
    for (const { name, type } of variables) this.#values.set(name, type === "Boolean" ? false : 0);
    this.#clearRing();
    this.#clearLatches();
    this.#values.set("Fill", [0, 0, 0]);
    this.wire = {
      publish: (event) => this.#take(event),
      onCommand: (handler) => {
        this.#handle = handler;
      },
    };
  }

  read(name: string): PlcValue | null {
    return this.#bad.has(name) ? null : (this.#values.get(name) ?? null);
  }

  write(name: string, value: PlcValue): void {
    this.#values.set(name, value);
    if (name === "LifePc") this.#command({ kind: "life" });
    else if (name === "Induct") this.#command({ kind: "induction", isPermitted: value });
    else if (name === "Halt") this.#command({ kind: "belt", run: value !== true });
    else if (name === "Cmd.Seq" && value !== this.#values.get("Ack.Seq"))
      this.#judge(Number(value));
  }

  spoil(name: string, isBad: boolean): void {
    if (isBad) this.#bad.add(name);
    else this.#bad.delete(name);
  }

  #number(name: string): number {
    return Number(this.#values.get(name));
  }

  #command(body: object, epoch = this.#epoch): SorterAnswer {
    return this.#handle(encodeJson({ ...body, epoch }));
  }

  /** A start of the controller clears all that is not retentive, and nothing here is. */
  #restart(epoch: string): void {
    this.#epoch = epoch;
    this.#nextSeq = 0;
    this.#boots += 1;
    this.#values.set("Boot", 1_000 + this.#boots);
    for (const name of ["Ev.Seq", "Cmd.Seq", "Ack.Seq", "Ack.Code"]) this.#values.set(name, 0);
    for (const name of ["Induct", "Halt"]) this.#values.set(name, false);
    this.#clearRing();
    this.#clearLatches();
    this.#exitOf.clear();
  }

  #clearLatches(): void {
    const { eyeIds, inputIds = [], guardIds = [] } = this.#options;
    const zeros = (size: number): number[] => Array.from({ length: Math.max(1, size) }, () => 0);
    for (const name of ["Eye.Edges", "Eye.BlockedAt", "Eye.ClearedAt"]) {
      this.#values.set(name, zeros(eyeIds.length));
    }
    for (const name of ["Guard.Edges", "Guard.OpenedAt", "Guard.ClosedAt"]) {
      this.#values.set(name, zeros(guardIds.length));
    }
    for (const name of ["Pulse.Times", "Pulse.At"]) this.#values.set(name, zeros(inputIds.length));
    for (const name of ["Fired.Times", "Fired.Seq", "Fired.At"]) this.#values.set(name, zeros(3));
    for (const name of ["Eye.Word", "Guard.Word", "Reset.Times", "Reset.At"]) {
      this.#values.set(name, 0);
    }
    for (const name of ["Cancel.Times", "Lost.Times"]) this.#values.set(name, 0);
  }

  #clearRing(): void {
    const empty = Array.from({ length: this.#options.ringSize }, () => 0);
    for (const name of ["Ev.Kind", "Ev.What", "Ev.Count"]) this.#values.set(name, empty);
  }

  #take(event: SorterEvent): void {
    if (event.epoch !== this.#epoch) this.#restart(event.epoch);
    // What was told twice happened once.
    if (event.seq < this.#nextSeq) return;
    const { kinds } = plcNumbers;
    for (; this.#nextSeq < event.seq; this.#nextSeq += 1) {
      this.#enter(kinds.lost, 0, 0);
      this.#grow("Lost.Times");
    }
    this.#nextSeq += 1;
    switch (event.kind) {
      case "session":
        this.#values.set("Enc", event.count);
        return;
      case "belt":
        this.#values.set("Enc", event.count);
        this.#values.set("Run", event.isRunning);
        this.#values.set("Speed", event.speedMmPerS);
        this.#values.set("EStop", event.emergencyStop);
        this.#values.set("LifePlc", (this.#number("LifePlc") + 1) % 65_536);
        return;
      case "chute":
        return this.#setChute(event);
      case "eye": {
        const what = this.#options.eyeIds.indexOf(event.eyeId);
        this.#latchWays("Eye", ["BlockedAt", "ClearedAt"], what, event.isBlocked, event.count);
        return this.#enter(event.isBlocked ? kinds.blocked : kinds.cleared, what, event.count);
      }
      case "pulse": {
        const what = this.#options.inputIds?.indexOf(event.inputId) ?? -1;
        this.#put("Pulse.At", what, event.count);
        this.#grow("Pulse.Times", what);
        return this.#enter(kinds.pulse, what, event.count);
      }
      case "guard": {
        const what = this.#options.guardIds?.indexOf(event.guardId) ?? -1;
        this.#latchWays("Guard", ["OpenedAt", "ClosedAt"], what, event.isOpen, event.count);
        return this.#enter(event.isOpen ? kinds.guardOpened : kinds.guardClosed, what, event.count);
      }
      case "localReset":
        this.#values.set("Reset.At", event.count);
        this.#grow("Reset.Times");
        return this.#enter(kinds.localReset, 0, event.count);
      case "accepted":
      case "refused":
        if (this.#judged?.commandId === event.commandId) this.#judged.hasAnswer = true;
        return;
      case "fired":
      case "cancelled":
        return this.#takeEnd(event);
    }
  }

  /** What answers a command stands in the answer; what happens by itself stands in the ring. */
  #takeEnd(event: Fired): void {
    const judged = this.#judged;
    if (judged?.commandId === event.commandId && !judged.hasAnswer) {
      judged.hasAnswer = true;
      judged.why = event;
      return;
    }
    const { kinds } = plcNumbers;
    const what = Number(event.commandId.replace(/^seq-/, ""));
    if (event.kind === "fired") {
      const at = exits.indexOf(this.#exitOf.get(event.commandId) ?? "green");
      this.#put("Fired.Seq", at, what);
      this.#put("Fired.At", at, event.count);
      this.#grow("Fired.Times", at);
      return this.#enter(kinds.fired, what, event.count);
    }
    this.#grow("Cancel.Times");
    this.#enter(kinds[event.why], what, this.#number("Enc"));
  }

  #enter(kind: number, what: number, count: number): void {
    const at = this.#number("Ev.Seq") % this.#options.ringSize;
    for (const [name, value] of [
      ["Ev.Kind", kind],
      ["Ev.What", what < 0 ? 0xffff : what],
      ["Ev.Count", count],
    ] as const) {
      const list = this.#values.get(name);
      if (Array.isArray(list)) this.#values.set(name, list.with(at, value));
    }
    this.#values.set("Ev.Seq", (this.#number("Ev.Seq") + 1) % 2 ** 32);
  }

  /** Counts first, and how often last, so that nobody who sees it grown finds an old count. */
  #latchWays(
    of: string,
    [on, off]: readonly [string, string],
    at: number,
    isOn: boolean,
    count: number,
  ): void {
    if (at < 0) return;
    this.#put(`${of}.${isOn ? on : off}`, at, count);
    const word = this.#number(`${of}.Word`);
    this.#values.set(`${of}.Word`, isOn ? word | (1 << at) : word & ~(1 << at));
    this.#grow(`${of}.Edges`, at);
  }

  #put(name: string, at: number, value: number): void {
    const list = this.#values.get(name);
    if (Array.isArray(list) && at >= 0) this.#values.set(name, list.with(at, value));
  }

  #grow(name: string, at = 0): void {
    const value = this.#values.get(name);
    if (typeof value === "number") this.#values.set(name, (value + 1) % 65_536);
    else if (Array.isArray(value)) this.#put(name, at, ((value[at] ?? 0) + 1) % 65_536);
  }

  #setChute({ exit, state, fillPct }: Extract<SorterEvent, { kind: "chute" }>): void {
    const at = exits.indexOf(exit);
    const others = this.#number("ChuteWord") & ~((1 << at) | (1 << (at + 8)));
    const bits = (state === "full" ? 1 << at : 0) | (state === "blocked" ? 1 << (at + 8) : 0);
    this.#values.set("ChuteWord", others | bits);
    const fill = this.#values.get("Fill");
    if (Array.isArray(fill)) this.#values.set("Fill", fill.with(at, Math.round(fillPct)));
  }

  #judge(seq: number): void {
    const code = this.#codeOf(seq);
    if (code === null) return;
    this.#values.set("Ack.Code", code);
    this.#values.set("Ack.Seq", seq);
  }

  /** Null: it was not heard. */
  #codeOf(seq: number): number | null {
    const { ops, answers } = plcNumbers;
    if (this.#number("Cmd.Epoch") !== this.#number("Boot")) return answers.staleEpoch;
    const op = this.#number("Cmd.Op");
    if (op === ops.cancelAll) {
      this.#command({ kind: "cancelAll" });
      return answers.accepted;
    }
    const target = op === ops.abort ? this.#number("Cmd.Target") : seq;
    const judged = { commandId: `seq-${target}`, why: null as Fired | null, hasAnswer: false };
    this.#judged = judged;
    const answer =
      op === ops.abort
        ? this.#command({ kind: "abort", commandId: judged.commandId })
        : this.#divert(judged.commandId);
    this.#judged = null;
    if (answer === "taken") return null;
    if (answer !== "cancelled") return answers[answer];
    if (judged.why?.kind !== "cancelled") return answers.aborted;
    return {
      aborted: answers.aborted,
      noLife: answers.cancelledNoLife,
      emergencyStop: answers.emergencyStop,
    }[judged.why.why];
  }

  #divert(commandId: string): SorterAnswer {
    const number = this.#number("Cmd.Exit");
    const exit: Exit | undefined = exits.find((each) => plcNumbers.exits[each] === number);
    if (exit !== undefined) this.#exitOf.set(commandId, exit);
    return this.#command({
      kind: "divert",
      commandId,
      // The map has no passes; whoever commands sees to it that none leaves twice.
      passId: `pass-of-${commandId}`,
      exit,
      fireAtCount: this.#number("Cmd.FireAt"),
      releaseAtCount: this.#number("Cmd.ReleaseAt"),
      notAfterCount: this.#number("Cmd.NotAfter"),
    });
  }
}
