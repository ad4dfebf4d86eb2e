import { exits } from "../../../../protocols/sorting.ts";
import type { VariableNeed } from "../../variables.ts";
import type { PlcMeaning } from "./meaning.ts";

/** One variable of the map. Its key is where it stands in the configuration. */
export interface MappedVariable {
  readonly key: string;
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
  const { events, command, belt } = map;
  const count = countNeed(map.count);
  const list = { kind: "integers", size: events.size } as const;
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
    ...read("events.written", upTo(2 ** events.written.bits - 1)),
    ...read("events.kind", list),
    ...read("events.what", list),
    ...read("events.count", list),
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

const read = (key: string, need: VariableNeed): MappedVariable[] => [
  { key, need, isRead: true, isWritten: false },
];

const written = (key: string, need: VariableNeed): MappedVariable[] => [
  { key, need, isRead: false, isWritten: true },
];
