import type { PlcEventKind } from "../../../protocols/sorter/plc-map.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import {
  mappedVariables,
  type AnyPlcMap,
  type MappedVariable,
  type PlcMisfit,
} from "./plc-mapped.ts";
import { createPlcMemory, type PlcMemory } from "./plc-memory.ts";
import type { PlcNumbers } from "./plc-numbers.ts";

/** What stands along the belt of the controller that is to be mapped. */
export interface MappedBelt {
  /** Of the chutes, too. */
  readonly eyeIds: readonly string[];
  /** Exits that have a diverter. */
  readonly diverters: readonly Exit[];
}

/** A controller that was programmed after a map, before it is said where its variables are. */
export interface PlcOfMap {
  readonly memory: PlcMemory;
  readonly variables: readonly MappedVariable[];
}

/**
 * A controller that has the numbers, widths and words of a map, and tells what the page of
 * `edge/devices/sorter` asks of it. `firstBoot` is at most 32,000, and differs from that of the start
 * before.
 */
export function createPlcOfMap(map: AnyPlcMap, belt: MappedBelt, firstBoot: number): PlcOfMap {
  const { eyeIds } = belt;
  const { events, latches } = map;
  const inputIds = [...Object.values(events?.inputs ?? {}), ...Object.keys(latches?.inputs ?? {})];
  const guardIds = [...Object.values(events?.guards ?? {}), ...Object.keys(latches?.guards ?? {})];
  const memory = createPlcMemory({
    eyeIds,
    inputIds,
    guardIds,
    ringSize: events?.size ?? 8,
    numbers: numbersOf(map),
    numberOf(of, id) {
      const found = Object.entries(events?.[of] ?? {}).find(([, named]) => named === id);
      return found === undefined ? null : Number(found[0]);
    },
    count: map.count,
    timesBits: 32,
    isEchoing: map.echo !== undefined,
    firstBoot,
  });
  return { memory, variables: mappedVariables(map, memory, { eyeIds, inputIds, guardIds }) };
}

/** What the map has no number for is told by one that it does not name. */
function numbersOf({ command, events, ack, packml }: AnyPlcMap): PlcNumbers {
  const kinds = events?.kind.kinds ?? {};
  const { codes } = ack.code;
  const lost = unnamedIn(kinds);
  const odd = unnamedIn(codes);
  const states = packml?.state.states ?? {};
  const noState = unnamedIn(states);
  return {
    exits: command.exit.values,
    ops: command.op.values,
    ofKind: (kind) => numberIn(kinds, kind) ?? lost,
    ofAnswer: (answer) => numberIn(codes, answer) ?? odd,
    ofState: (state) => numberIn(states, state) ?? noState,
    produce: packml?.mode?.produce ?? 1,
  };
}

const numberIn = (names: Readonly<Record<string, string>>, name: string): number | null => {
  const found = Object.entries(names).find(([, each]) => each === name);
  return found === undefined ? null : Number(found[0]);
};

/** The least number above 0 that means nothing. */
function unnamedIn(names: Readonly<Record<string, string>>): number {
  let number = 1;
  while (Object.hasOwn(names, String(number))) number += 1;
  return number;
}

/** Without these, nothing that happens on the belt could be told. */
const kindsNeeded: readonly PlcEventKind[] = ["blocked", "cleared", "fired"];

/** Why no controller of this belt can be programmed after the map; empty when one can. */
export function beltMisfits(map: AnyPlcMap, belt: MappedBelt): PlcMisfit[] {
  const { events, latches, command, ack } = map;
  const where = events === undefined ? "latches" : "events";
  const told = events === undefined ? Object.keys(latches?.eyes ?? {}) : Object.values(events.eyes);
  const misfits: PlcMisfit[] = [
    ...told
      .filter((eyeId) => !belt.eyeIds.includes(eyeId))
      .map((eyeId) => ({
        key: `${where}.eyes`,
        why: `this belt has no eye ${eyeId}; it has ${belt.eyeIds.join(", ")}`,
      })),
    ...belt.eyeIds
      .filter((eyeId) => !told.includes(eyeId))
      .map((eyeId) => ({ key: `${where}.eyes`, why: `this belt has an eye ${eyeId}, too` })),
  ];
  if (events !== undefined) {
    const kinds = Object.values(events.kind.kinds);
    for (const kind of kindsNeeded.filter((each) => !kinds.includes(each))) {
      misfits.push({ key: "events.kind.kinds", why: `no number means ${kind}` });
    }
  }
  for (const exit of belt.diverters) {
    if (command.exit.values[exit] === undefined) {
      misfits.push({ key: "command.exit.values", why: `${exit} has a diverter, and no number` });
    }
    if (latches !== undefined && latches.fired[exit] === undefined) {
      misfits.push({ key: "latches.fired", why: `${exit} has a diverter, and no latch` });
    }
  }
  if (!Object.values(ack.code.codes).includes("accepted")) {
    misfits.push({ key: "ack.code.codes", why: "no number means accepted" });
  }
  return misfits;
}
