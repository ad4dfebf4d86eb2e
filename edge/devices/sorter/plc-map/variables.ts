import { exits } from "../../../../protocols/sorting.ts";
import type { VariableNeed } from "../../variables.ts";
import { latchSpecs } from "./latches.ts";
import type { PlcMeaning } from "./meaning.ts";

/** One variable of the map. Its key is where it stands in the configuration. */
export interface MappedVariable {
  readonly key: string;
  /** The parts of the key, of which each may have dots. */
  readonly path: readonly string[];
  readonly need: VariableNeed;
  readonly isRead: boolean;
  readonly isWritten: boolean;
}

const flag = { kind: "flag" } as const;
const number = { kind: "number" } as const;
const word = { kind: "word" } as const;
const upTo = (most: number) => ({ kind: "integer", least: 0, most }) as const;
/** What we number ourselves stays positive in so many bits, so that a signed variable holds it. */
export const numberMax = (bits: 16 | 32): number => 2 ** (bits - 1) - 1;
export const lifeMax = numberMax(16);
/** The word that the controller is to send back. */
export const echoMax = numberMax(32);

/** All variables that a map names, in one order. */
export function mappedVariables(map: PlcMeaning): readonly MappedVariable[] {
  const { command, belt } = map;
  const count = countNeed(map.count);
  const seq = upTo(numberMax(command.seq.bits));
  const ops = Object.values(command.op.values);
  const ways = Object.values(command.exit.values);
  return [
    ...read("count", count),
    ...(map.boot === undefined ? [] : read("boot", word)),
    ...(map.echo === undefined ? [] : read("echo.fromPlc", upTo(echoMax))),
    ...(map.echo === undefined ? [] : written("echo.toPlc", upTo(echoMax))),
    ...read("life.fromPlc", word),
    ...written("life.toPlc", upTo(lifeMax)),
    ...read("belt.running", flag),
    ...read("belt.speed", number),
    ...read("belt.emergencyStop", flag),
    ...(belt.stop === undefined ? [] : written("belt.stop", flag)),
    ...(map.induction === undefined ? [] : written("induction", flag)),
    ...ringVariables(map),
    ...latchVariables(map, count, seq),
    ...chuteVariables(map),
    ...written("command.seq", seq),
    ...written("command.op", upTo(Math.max(...ops))),
    ...written("command.exit", upTo(Math.max(...ways))),
    ...written("command.fireAt", count),
    ...written("command.releaseAt", count),
    ...written("command.notAfter", count),
    ...written("command.target", seq),
    ...written("command.boot", word),
    ...read("ack.seq", seq),
    ...read("ack.code", upTo(0)),
  ];
}

/** All that the counter can show. */
function countNeed({ bits, isSigned }: PlcMeaning["count"]): VariableNeed {
  if (bits === 64) return upTo(Number.MAX_SAFE_INTEGER);
  const least = isSigned ? -(2 ** (bits - 1)) : 0;
  return { kind: "integer", least, most: least + 2 ** bits - 1 };
}

function ringVariables({ events }: PlcMeaning): MappedVariable[] {
  if (events === undefined) return [];
  const list = { kind: "integers", size: events.size } as const;
  return [
    ...read("events.written", upTo(2 ** events.written.bits - 1)),
    ...read("events.kind", list),
    ...read("events.what", list),
    ...read("events.count", list),
  ];
}

function latchVariables(
  { latches }: PlcMeaning,
  count: VariableNeed,
  seq: VariableNeed,
): MappedVariable[] {
  if (latches === undefined) return [];
  return latchSpecs(latches).flatMap(({ path, bits, tells }) => {
    const at = (key: string, need: VariableNeed) => readAt([...path, key], need);
    const times = upTo(2 ** bits - 1);
    switch (tells.kind) {
      case "twoWay": {
        const [on, off, isOn] = tells.keys;
        return [at("edges", times), at(on, count), at(off, count), at(isOn, flag)];
      }
      case "once":
        return [at("times", times), at("at", count), ...(tells.hasSeq ? [at("seq", seq)] : [])];
      case "cancelled":
      case "lost":
        return [at("times", times)];
    }
  });
}

function chuteVariables({ chutes }: PlcMeaning): MappedVariable[] {
  return exits.flatMap((exit) => {
    const chute = chutes[exit];
    if (chute === undefined) return [];
    return [
      ...read(`chutes.${exit}.full`, flag),
      ...(chute.blocked === undefined ? [] : read(`chutes.${exit}.blocked`, flag)),
      ...(chute.fillPct === undefined ? [] : read(`chutes.${exit}.fillPct`, number)),
    ];
  });
}

const readAt = (path: readonly string[], need: VariableNeed): MappedVariable => ({
  key: path.join("."),
  path,
  need,
  isRead: true,
  isWritten: false,
});

const read = (key: string, need: VariableNeed): MappedVariable[] => [readAt(key.split("."), need)];

const written = (key: string, need: VariableNeed): MappedVariable[] => [
  { ...readAt(key.split("."), need), isRead: false, isWritten: true },
];
