import { encodeJson } from "../../../protocols/json-message.ts";
import { modulo } from "../../../protocols/modulo.ts";
import { ringSealOf } from "../../../protocols/sorter/ring-seal.ts";
import type { PlcAck, PlcEventKind } from "../../../protocols/sorter/plc-map.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { exits, type Exit, type MachineState } from "../../../protocols/sorting.ts";
import { ownNumbers, type PlcNumbers } from "./plc-numbers.ts";
import type { SorterAnswer } from "./sorter-model.ts";
import { plcVariables, type PlcValue, type PlcVariable } from "./plc-variables.ts";
import type { SorterWire } from "./wire.ts";

/** A sorter's controller of the kind that has nothing but variables; their names are made up. */
export interface PlcMemory {
  /** What the simulated sorter says and is told. */
  readonly wire: SorterWire;
  readonly variables: readonly PlcVariable[];
  /** Null: its quality is bad. */
  read(name: string): PlcValue | null;
  /** Acts on it at once, as a controller does in its next cycle. */
  write(name: string, value: PlcValue): void;
  /** The machine is in this state or mode from now on; null: in the one that its belt shows. */
  pack(shown: PackedState): void;
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
  /** Default: its own. */
  readonly numbers?: PlcNumbers;
  /** By which the ring tells what each event is about; null: by none. Default: its place. */
  readonly numberOf?: (kind: "eyes" | "inputs" | "guards", id: string) => number | null;
  /** Of the belt's counter, which wraps unless it has 64 bits. Default: 32, none negative. */
  readonly count?: { readonly bits: 16 | 24 | 32 | 64; readonly isSigned: boolean };
  /** Of how often a thing has happened. Default: 16. */
  readonly timesBits?: 16 | 32;
  /** Whether a command's session is the agent's word that was sent back, not the boot word. */
  readonly isEchoing?: boolean;
  /** The boot word of its first start; each further start has the next. */
  readonly firstBoot?: number;
}

/** By a state's name, or by a number that means none. */
export interface PackedState {
  readonly state: MachineState | number | null;
  readonly mode?: number;
}

type Fired = Extract<SorterEvent, { kind: "fired" | "cancelled" }>;

export function createPlcMemory(options: PlcMemoryOptions): PlcMemory {
  return new Memory(options);
}

class Memory implements PlcMemory {
  readonly wire: SorterWire;
  readonly variables = plcVariables;
  readonly #options: PlcMemoryOptions;
  readonly #numbers: PlcNumbers;
  readonly #values = new Map<string, PlcValue>();
  readonly #bad = new Set<string>();
  /** Of each divert that was asked for. */
  readonly #exitOf = new Map<string, Exit>();
  #handle: (payload: Uint8Array) => SorterAnswer = () => "noLife";
  #epoch = "";
  #nextSeq = 0;
  #nextBoot: number;
  /** Of the belt, as `Enc` shows it, before it is wrapped. */
  #count = 0;
  /** The divert that is being judged, and why it was cancelled if it was. */
  #packed: PackedState = { state: null };
  #judged: { readonly commandId: string; why: Fired | null; hasAnswer: boolean } | null = null;

  constructor(options: PlcMemoryOptions) {
    this.#options = options;
    this.#numbers = options.numbers ?? ownNumbers;
    this.#nextBoot = options.firstBoot ?? 1_001;
    for (const { name, type } of plcVariables)
      this.#values.set(name, type === "Boolean" ? false : 0);
    this.#showState();
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
    const before = this.#values.get(name);
    this.#values.set(name, value);
    if (name === "Echo.ToPlc") this.#values.set("Echo.FromPlc", value);
    // A word that stands still is no life, however often it is written.
    else if (name === "LifePc" && value !== before) this.#command({ kind: "life" });
    else if (name === "Induct") this.#command({ kind: "induction", isPermitted: value });
    else if (name === "Halt") this.#command({ kind: "belt", run: value !== true });
    else if (name === "Cmd.Seq" && value !== this.#values.get("Ack.Seq"))
      this.#judge(Number(value));
  }

  pack(shown: PackedState): void {
    this.#packed = shown;
    this.#showState();
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
    this.#values.set("Boot", this.#nextBoot);
    this.#nextBoot += 1;
    for (const name of ["Ev.Seq", "Cmd.Seq", "Ack.Seq", "Ack.Code"]) this.#values.set(name, 0);
    for (const name of ["Echo.ToPlc", "Echo.FromPlc"]) this.#values.set(name, 0);
    for (const name of ["Induct", "Halt"]) this.#values.set(name, false);
    this.#clearRing();
    this.#clearLatches();
    this.#exitOf.clear();
  }

  #clearLatches(): void {
    const { eyeIds, inputIds = [], guardIds = [] } = this.#options;
    const zeros = (size: number): number[] => Array.from({ length: Math.max(1, size) }, () => 0);
    for (const name of ["Eye.Edges", "Eye.BlockedAt", "Eye.ClearedAt", "Eye.Track"]) {
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
    for (const name of ["Ev.Kind", "Ev.What", "Ev.Count", "Ev.Track", "Ev.Seal"]) {
      this.#values.set(name, empty);
    }
  }

  #take(event: SorterEvent): void {
    if (event.epoch !== this.#epoch) this.#restart(event.epoch);
    // What was told twice happened once.
    if (event.seq < this.#nextSeq) return;
    for (; this.#nextSeq < event.seq; this.#nextSeq += 1) {
      this.#enter("lost", 0, 0);
      this.#grow("Lost.Times");
    }
    this.#nextSeq += 1;
    switch (event.kind) {
      case "session":
        this.#showCount(event.count);
        return;
      case "belt":
        this.#showCount(event.count);
        this.#values.set("Run", event.isRunning);
        this.#values.set("Speed", event.speedMmPerS);
        this.#values.set("EStop", event.emergencyStop);
        this.#showState();
        this.#values.set("LifePlc", (this.#number("LifePlc") + 1) % 65_536);
        return;
      case "chute":
        return this.#setChute(event);
      case "eye": {
        const at = this.#options.eyeIds.indexOf(event.eyeId);
        const { isBlocked, count, track = 0 } = event;
        if (isBlocked) this.#put("Eye.Track", at, track);
        this.#latchWays("Eye", ["BlockedAt", "ClearedAt"], at, isBlocked, count);
        return this.#enterOf("eyes", event.eyeId, isBlocked ? "blocked" : "cleared", count, track);
      }
      case "pulse": {
        const at = this.#options.inputIds?.indexOf(event.inputId) ?? -1;
        this.#put("Pulse.At", at, this.#wrapped(event.count));
        this.#grow("Pulse.Times", at);
        return this.#enterOf("inputs", event.inputId, "pulse", event.count);
      }
      case "guard": {
        const at = this.#options.guardIds?.indexOf(event.guardId) ?? -1;
        this.#latchWays("Guard", ["OpenedAt", "ClosedAt"], at, event.isOpen, event.count);
        const kind = event.isOpen ? "guardOpened" : "guardClosed";
        return this.#enterOf("guards", event.guardId, kind, event.count);
      }
      case "localReset":
        this.#values.set("Reset.At", this.#wrapped(event.count));
        this.#grow("Reset.Times");
        return this.#enter("localReset", 0, event.count);
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
    const what = Number(event.commandId.replace(/^seq-/, ""));
    if (event.kind === "fired") {
      const at = exits.indexOf(this.#exitOf.get(event.commandId) ?? "green");
      this.#put("Fired.Seq", at, what);
      this.#put("Fired.At", at, this.#wrapped(event.count));
      this.#grow("Fired.Times", at);
      return this.#enter("fired", what, event.count);
    }
    this.#grow("Cancel.Times");
    this.#enter(cancellations[event.why], what, this.#count);
  }

  /** What has no number in the ring is not told there. */
  #enterOf(
    of: "eyes" | "inputs" | "guards",
    id: string,
    kind: PlcEventKind,
    count: number,
    track = 0,
  ): void {
    const { eyeIds, inputIds = [], guardIds = [], numberOf } = this.#options;
    const places = { eyes: eyeIds, inputs: inputIds, guards: guardIds }[of];
    const what = numberOf === undefined ? places.indexOf(id) : numberOf(of, id);
    if (what !== null) this.#enter(kind, what, count, track);
  }

  #enter(kind: PlcEventKind | "lost", what: number, count: number, track = 0): void {
    const number = this.#number("Ev.Seq");
    const at = number % this.#options.ringSize;
    const entry = {
      kind: this.#numbers.ofKind(kind),
      what: what < 0 ? 0xffff : what,
      count: this.#wrapped(count),
      track,
    };
    for (const [name, value] of [
      ["Ev.Kind", entry.kind],
      ["Ev.What", entry.what],
      ["Ev.Count", entry.count],
      ["Ev.Track", track],
      ["Ev.Seal", ringSealOf({ ...entry, number })],
    ] as const) {
      const list = this.#values.get(name);
      if (Array.isArray(list)) this.#values.set(name, list.with(at, value));
    }
    this.#values.set("Ev.Seq", (number + 1) % 2 ** 32);
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
    this.#put(`${of}.${isOn ? on : off}`, at, this.#wrapped(count));
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
    const turn = 2 ** (this.#options.timesBits ?? 16);
    if (typeof value === "number") this.#values.set(name, (value + 1) % turn);
    else if (Array.isArray(value)) this.#put(name, at, ((value[at] ?? 0) + 1) % turn);
  }

  /** A machine that was started executes, is suspended while its belt stands, or was aborted. */
  #showState(): void {
    const { state, mode } = this.#packed;
    const isAborted = this.#values.get("EStop") === true;
    const own = isAborted ? "Aborted" : this.#values.get("Run") === true ? "Execute" : "Suspended";
    const shown = state ?? own;
    const number = typeof shown === "number" ? shown : this.#numbers.ofState(shown);
    this.#values.set("PackML.State", number);
    this.#values.set("PackML.Mode", mode ?? this.#numbers.produce);
  }

  #showCount(count: number): void {
    this.#count = count;
    this.#values.set("Enc", this.#wrapped(count));
  }

  /** As the counter shows it. */
  #wrapped(count: number): number {
    const { bits, isSigned } = this.#options.count ?? unsigned32;
    if (bits === 64) return count;
    const shown = modulo(count, 2 ** bits);
    return isSigned && shown >= 2 ** (bits - 1) ? shown - 2 ** bits : shown;
  }

  /** The count that a command means: the nearest to where the belt is now that the counter shows so. */
  #meant(name: string): number {
    const { bits } = this.#options.count ?? unsigned32;
    const shown = this.#number(name);
    if (bits === 64) return shown;
    const half = 2 ** (bits - 1);
    return this.#count + modulo(shown - this.#count + half, 2 * half) - half;
  }

  /** What a command of this session bears; 0: there is none yet. */
  #sessionWord(): number {
    return this.#number(this.#options.isEchoing === true ? "Echo.FromPlc" : "Boot");
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
    const { ops } = this.#numbers;
    const coded = (answer: PlcAck): number => this.#numbers.ofAnswer(answer);
    const word = this.#sessionWord();
    if (word === 0 || this.#number("Cmd.Epoch") !== word) return coded("staleEpoch");
    const op = this.#number("Cmd.Op");
    if (op === ops.cancelAll) {
      this.#command({ kind: "cancelAll" });
      return coded("accepted");
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
    if (answer !== "cancelled") return coded(answer);
    if (judged.why?.kind !== "cancelled") return coded("cancelledAborted");
    return coded(cancellations[judged.why.why]);
  }

  #divert(commandId: string): SorterAnswer {
    const number = this.#number("Cmd.Exit");
    const exit: Exit | undefined = exits.find((each) => this.#numbers.exits[each] === number);
    if (exit !== undefined) this.#exitOf.set(commandId, exit);
    return this.#command({
      kind: "divert",
      commandId,
      // The map has no passes; whoever commands sees to it that none leaves twice.
      passId: `pass-of-${commandId}`,
      exit,
      fireAtCount: this.#meant("Cmd.FireAt"),
      releaseAtCount: this.#meant("Cmd.ReleaseAt"),
      notAfterCount: this.#meant("Cmd.NotAfter"),
    });
  }
}

const unsigned32 = { bits: 32, isSigned: false } as const;
const cancellations = {
  aborted: "cancelledAborted",
  noLife: "cancelledNoLife",
  emergencyStop: "cancelledEmergencyStop",
} as const;
