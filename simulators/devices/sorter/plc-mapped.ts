import { z } from "zod";
import { modulo } from "../../../protocols/modulo.ts";
import type { PlcMapModbus } from "../../../protocols/sorter/plc-map-modbus.ts";
import type { PlcMap } from "../../../protocols/sorter/plc-map-opcua.ts";
import { exits } from "../../../protocols/sorting.ts";
import type { PlcMemory } from "./plc-memory.ts";
import type { PlcValue } from "./plc-variables.ts";

/** A map of a controller's variables, whatever carries them. */
export type AnyPlcMap = PlcMap | PlcMapModbus;

/** Whether its controller is to follow parcels by itself. */
export const tellsTracks = ({ events, latches }: AnyPlcMap): boolean =>
  events?.track !== undefined ||
  Object.values(latches?.eyes ?? {}).some(({ track }) => track !== undefined);

/** What a variable must be able to hold. */
export type Holds =
  | { readonly kind: "flag" }
  | { readonly kind: "whole"; readonly least: number; readonly most: number }
  | { readonly kind: "real" };

/** One variable of a map: what it shows, and what is done with what is written there. */
export interface MappedVariable {
  /** Where it stands in the map. */
  readonly path: readonly string[];
  readonly key: string;
  readonly holds: Holds;
  /** Elements of its array; null: it is none. */
  readonly size: number | null;
  /** Null: its quality is bad. */
  show(): PlcValue | null;
  /** Left out: it is only read. */
  readonly take?: (value: boolean | number) => void;
}

export interface PlcWiring {
  /** In the order of the controller's places. */
  readonly eyeIds: readonly string[];
  readonly inputIds: readonly string[];
  readonly guardIds: readonly string[];
}

const flag = { kind: "flag" } as const;
const real = { kind: "real" } as const;
const upTo = (most: number): Holds => ({ kind: "whole", least: 0, most });
const word = upTo(32_767);
/** The numbers of these names, and the least one that means nothing. */
const namedBy = (names: Readonly<Record<string, string>>): Holds =>
  upTo(Math.max(...Object.keys(names).map(Number), 255));

/** Each variable that the map names, out of the variables of the controller's program. */
export function mappedVariables(
  map: AnyPlcMap,
  memory: PlcMemory,
  wiring: PlcWiring,
): MappedVariable[] {
  const plan = new Plan(map, memory);
  const { belt } = map;
  plan.number("count", "Enc", plan.count);
  if (map.boot !== undefined) plan.number("boot", "Boot", word);
  if (map.echo !== undefined) {
    plan.number("echo.fromPlc", "Echo.FromPlc", upTo(2 ** 31 - 1));
    plan.written("echo.toPlc", "Echo.ToPlc", upTo(2 ** 31 - 1));
  }
  plan.number("life.fromPlc", "LifePlc", upTo(65_535));
  plan.written("life.toPlc", "LifePc", word);
  plan.flag("belt.running", "Run", belt.running);
  plan.scaled("belt.speed", "Speed", belt.speed);
  plan.flag("belt.emergencyStop", "EStop", belt.emergencyStop);
  if (belt.stop !== undefined) plan.written("belt.stop", "Halt", flag);
  if (map.packml !== undefined) {
    const { state, mode } = map.packml;
    plan.number("packml.state", "PackML.State", namedBy(state.states));
    if (mode !== undefined) plan.number("packml.mode", "PackML.Mode", word);
  }
  if (map.induction !== undefined) plan.written("induction", "Induct", flag);
  addRing(plan);
  addLatches(plan, wiring);
  addChutes(plan);
  addCommands(plan);
  return plan.variables;
}

function addRing(plan: Plan): void {
  const { events } = plan.map;
  if (events === undefined) return;
  plan.times(["events", "written"], "Ev.Seq", events.written);
  const numbers = Object.keys({ ...events.eyes, ...events.inputs, ...events.guards }).map(Number);
  plan.list("events.kind", "Ev.Kind", namedBy(events.kind.kinds));
  plan.list("events.what", "Ev.What", upTo(Math.max(...numbers, plan.seqMax)));
  plan.list("events.count", "Ev.Count", plan.count);
  if (events.track !== undefined) plan.list("events.track", "Ev.Track", word);
  if (events.seal !== undefined) plan.list("events.seal", "Ev.Seal", upTo(2 ** 32 - 1));
}

function addLatches(plan: Plan, { eyeIds, inputIds, guardIds }: PlcWiring): void {
  const { latches } = plan.map;
  if (latches === undefined) return;
  for (const [eyeId, eye] of Object.entries(latches.eyes)) {
    const at = eyeIds.indexOf(eyeId);
    const path = ["latches", "eyes", eyeId];
    plan.times([...path, "edges"], "Eye.Edges", eye.edges, at);
    plan.element([...path, "blockedAt"], "Eye.BlockedAt", at, plan.count);
    plan.element([...path, "clearedAt"], "Eye.ClearedAt", at, plan.count);
    plan.wordBit([...path, "isBlocked"], "Eye.Word", at, eye.isBlocked);
    if (eye.track !== undefined) plan.element([...path, "track"], "Eye.Track", at, word);
  }
  for (const [guardId, guard] of Object.entries(latches.guards)) {
    const at = guardIds.indexOf(guardId);
    const path = ["latches", "guards", guardId];
    plan.times([...path, "edges"], "Guard.Edges", guard.edges, at);
    plan.element([...path, "openedAt"], "Guard.OpenedAt", at, plan.count);
    plan.element([...path, "closedAt"], "Guard.ClosedAt", at, plan.count);
    plan.wordBit([...path, "isOpen"], "Guard.Word", at, guard.isOpen);
  }
  for (const [inputId, input] of Object.entries(latches.inputs)) {
    const at = inputIds.indexOf(inputId);
    plan.times(["latches", "inputs", inputId, "times"], "Pulse.Times", input.times, at);
    plan.element(["latches", "inputs", inputId, "at"], "Pulse.At", at, plan.count);
  }
  exits.forEach((exit, at) => {
    const fired = latches.fired[exit];
    if (fired === undefined) return;
    plan.times(["latches", "fired", exit, "times"], "Fired.Times", fired.times, at);
    plan.element(["latches", "fired", exit, "seq"], "Fired.Seq", at, upTo(plan.seqMax));
    plan.element(["latches", "fired", exit, "at"], "Fired.At", at, plan.count);
  });
  plan.times(["latches", "cancelled", "times"], "Cancel.Times", latches.cancelled.times);
  if (latches.resets !== undefined) {
    plan.times(["latches", "resets", "times"], "Reset.Times", latches.resets.times);
    plan.number("latches.resets.at", "Reset.At", plan.count);
  }
  if (latches.lost !== undefined) {
    plan.times(["latches", "lost", "times"], "Lost.Times", latches.lost.times);
  }
}

function addChutes(plan: Plan): void {
  exits.forEach((exit, at) => {
    const chute = plan.map.chutes[exit];
    if (chute === undefined) return;
    const path = ["chutes", exit];
    plan.wordBit([...path, "full"], "ChuteWord", at, chute.full);
    if (chute.blocked !== undefined) {
      plan.wordBit([...path, "blocked"], "ChuteWord", at + 8, chute.blocked);
    }
    if (chute.fillPct !== undefined)
      plan.scaled(`chutes.${exit}.fillPct`, "Fill", chute.fillPct, at);
  });
}

function addCommands(plan: Plan): void {
  const { command, ack } = plan.map;
  const seq = upTo(plan.seqMax);
  plan.written("command.op", "Cmd.Op", upTo(Math.max(...Object.values(command.op.values))));
  plan.written(
    "command.exit",
    "Cmd.Exit",
    upTo(Math.max(0, ...Object.values(command.exit.values))),
  );
  plan.written("command.fireAt", "Cmd.FireAt", plan.count);
  plan.written("command.releaseAt", "Cmd.ReleaseAt", plan.count);
  plan.written("command.notAfter", "Cmd.NotAfter", plan.count);
  plan.written("command.target", "Cmd.Target", seq);
  plan.written("command.boot", "Cmd.Epoch", plan.map.echo === undefined ? word : upTo(2 ** 31 - 1));
  // Behind its arguments: whoever writes all of them at once has them judged whole.
  plan.written("command.seq", "Cmd.Seq", seq);
  plan.number("ack.seq", "Ack.Seq", seq);
  plan.number("ack.code", "Ack.Code", namedBy(ack.code.codes));
}

/** Collects them. Names of the site may have dots in them, so keys with names are given in parts. */
class Plan {
  readonly map: AnyPlcMap;
  readonly variables: MappedVariable[] = [];
  readonly count: Holds;
  readonly seqMax: number;
  readonly #memory: PlcMemory;

  constructor(map: AnyPlcMap, memory: PlcMemory) {
    this.map = map;
    this.#memory = memory;
    this.seqMax = 2 ** (map.command.seq.bits - 1) - 1;
    const { bits, isSigned } = map.count;
    const least = isSigned ? -(2 ** (bits - 1)) : 0;
    this.count =
      bits === 64
        ? upTo(Number.MAX_SAFE_INTEGER)
        : { kind: "whole", least, most: least + 2 ** bits - 1 };
  }

  number(key: string, name: string, holds: Holds): void {
    this.#shown(key.split("."), holds, () => this.#memory.read(name));
  }

  list(key: string, name: string, holds: Holds): void {
    const size = this.map.events?.size ?? null;
    this.variables.push({
      path: key.split("."),
      key,
      holds,
      size,
      show: () => this.#memory.read(name),
    });
  }

  element(path: readonly string[], name: string, at: number, holds: Holds): void {
    this.#shown(path, holds, () => elementOf(this.#memory.read(name), at));
  }

  /** How often, in as many bits as the map has it. */
  times(
    path: readonly string[],
    name: string,
    { bits }: { readonly bits: 16 | 32 },
    at: number | null = null,
  ): void {
    this.#shown(path, upTo(2 ** bits - 1), () => {
      const value = this.#memory.read(name);
      const one = at === null ? value : elementOf(value, at);
      return one === null ? null : modulo(Number(one), 2 ** bits);
    });
  }

  flag(key: string, name: string, { isActiveLow }: { readonly isActiveLow: boolean }): void {
    this.#shown(key.split("."), flag, () => {
      const value = this.#memory.read(name);
      return value === null ? null : (value === true) !== isActiveLow;
    });
  }

  /** A bit of a word of the program, as a flag of the map. */
  wordBit(
    path: readonly string[],
    name: string,
    bit: number,
    { isActiveLow }: { readonly isActiveLow: boolean },
  ): void {
    this.#shown(path, flag, () => {
      const value = this.#memory.read(name);
      return value === null ? null : (((Number(value) >>> bit) & 1) === 1) !== isActiveLow;
    });
  }

  scaled(
    key: string,
    name: string,
    { scale }: { readonly scale: number },
    at: number | null = null,
  ): void {
    this.#shown(key.split("."), real, () => {
      const value = this.#memory.read(name);
      const one = at === null ? value : elementOf(value, at);
      return one === null ? null : Number(one) / scale;
    });
  }

  written(key: string, name: string, holds: Holds): void {
    this.variables.push({
      path: key.split("."),
      key,
      holds,
      size: null,
      show: () => this.#memory.read(name),
      take: (value) => this.#memory.write(name, holds.kind === "flag" ? Boolean(value) : value),
    });
  }

  #shown(path: readonly string[], holds: Holds, show: MappedVariable["show"]): void {
    this.variables.push({ path, key: path.join("."), holds, size: null, show });
  }
}

const elementOf = (value: PlcValue | null, at: number): boolean | number | null =>
  typeof value === "object" ? (value?.[at] ?? null) : value;

/** What stands in the map at a variable's key. */
export function settingsAt(map: object, path: readonly string[]): unknown {
  let at: unknown = map;
  for (const part of path) at = zFields.parse(at)[part];
  return at;
}

const zFields = z.record(z.string(), z.unknown());

/** Why a map cannot be served, and at which of its keys. */
export interface PlcMisfit {
  readonly key: string;
  readonly why: string;
}
