import { exits } from "../../../../protocols/sorting.ts";
import {
  flagNeed,
  numberMax,
  numberNeed,
  readAt,
  readOf,
  upTo,
  wordNeed,
  writtenOf,
  type MappedVariable,
} from "../../mapped-variable.ts";
import type { VariableNeed } from "../../variables.ts";
import { latchSpecs } from "./latches.ts";
import type { PlcMeaning } from "./meaning.ts";

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
    ...(map.boot === undefined ? [] : read("boot", wordNeed)),
    ...(map.echo === undefined ? [] : read("echo.fromPlc", upTo(echoMax))),
    ...(map.echo === undefined ? [] : written("echo.toPlc", upTo(echoMax))),
    ...read("life.fromPlc", wordNeed),
    ...written("life.toPlc", upTo(lifeMax)),
    ...read("belt.running", flagNeed),
    ...read("belt.speed", numberNeed),
    ...read("belt.emergencyStop", flagNeed),
    ...(belt.stop === undefined ? [] : written("belt.stop", flagNeed)),
    ...packmlVariables(map),
    ...(map.induction === undefined ? [] : written("induction", flagNeed)),
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
    ...written("command.boot", wordNeed),
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

function packmlVariables({ packml }: PlcMeaning): MappedVariable[] {
  if (packml === undefined) return [];
  const states = Object.keys(packml.state.states).map(Number);
  const { mode } = packml;
  return [
    ...read("packml.state", upTo(Math.max(0, ...states))),
    ...(mode === undefined ? [] : read("packml.mode", upTo(mode.produce))),
  ];
}

function ringVariables({ events }: PlcMeaning): MappedVariable[] {
  if (events === undefined) return [];
  const list = { kind: "integers", size: events.size } as const;
  return [
    ...read("events.written", upTo(2 ** events.written.bits - 1)),
    ...read("events.kind", list),
    ...read("events.what", list),
    ...read("events.count", list),
    ...(events.track === undefined ? [] : read("events.track", list)),
    ...(events.seal === undefined ? [] : read("events.seal", list)),
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
        return [
          at("edges", times),
          at(on, count),
          at(off, count),
          at(isOn, flagNeed),
          ...(tells.hasTrack ? [at("track", upTo(0))] : []),
        ];
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
      ...read(`chutes.${exit}.full`, flagNeed),
      ...(chute.blocked === undefined ? [] : read(`chutes.${exit}.blocked`, flagNeed)),
      ...(chute.fillPct === undefined ? [] : read(`chutes.${exit}.fillPct`, numberNeed)),
    ];
  });
}

const read = (key: string, need: VariableNeed): MappedVariable[] => [readOf(key, need)];
const written = (key: string, need: VariableNeed): MappedVariable[] => [writtenOf(key, need)];
