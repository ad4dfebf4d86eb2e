import { registersWrittenMax } from "../wires/modbus/pdu.ts";
import { placeMisfit, spansOf, widthOf, type ModbusPlace } from "../wires/modbus/places.ts";
import type { PlacedVariable } from "./plc-map/placed.ts";

type ModbusVariable = PlacedVariable<ModbusPlace>;

/** Written in one request, before the sequence number and apart from it. */
export const modbusCommandBlock: readonly string[] = [
  "command.op",
  "command.exit",
  "command.fireAt",
  "command.releaseAt",
  "command.notAfter",
  "command.target",
  "command.boot",
];

export interface MapMisfit {
  readonly path: readonly string[];
  readonly why: string;
}

/**
 * What registers cannot be told by anybody but their engineer is what they are; all that can be told
 * from the map alone is refused before anything is connected.
 */
export function modbusMisfits(variables: readonly ModbusVariable[]): MapMisfit[] {
  const misplaced = variables.flatMap((variable) => {
    const why = placeMisfit(variable);
    return why === null ? [] : [{ path: variable.path, why }];
  });
  const narrow = [...misplaced, ...wideSequence(variables)];
  if (narrow.length > 0) return narrow;
  return [...sharedRegisters(variables), ...scatteredCommand(variables), ...narrowBoot(variables)];
}

/** Two variables in one register, unless both are bits of it that are only read. */
function sharedRegisters(variables: readonly ModbusVariable[]): MapMisfit[] {
  const owners = new Map<string, ModbusVariable>();
  const misfits: MapMisfit[] = [];
  for (const variable of variables) {
    for (const { area, at, size } of spansOf(variable.place, variable.need)) {
      const places = Array.from({ length: size }, (_, index) => `${area} ${at + index}`);
      const taken = places.find((place) => {
        const owner = owners.get(place);
        return owner !== undefined && owner !== variable && !areBits(owner, variable);
      });
      if (taken !== undefined) {
        const owner = owners.get(taken)?.key ?? "";
        misfits.push({ path: variable.path, why: `${taken} is ${owner} already` });
        break;
      }
      for (const place of places) owners.set(place, variable);
    }
  }
  return misfits;
}

/** Different bits of one register. One bit that means two things is a mistake. */
const areBits = ({ place: one }: ModbusVariable, { place: other }: ModbusVariable): boolean =>
  one.bit !== undefined && other.bit !== undefined && one.bit !== other.bit;

/** The arguments go out in one request, and so must stand side by side with nothing in between. */
function scatteredCommand(variables: readonly ModbusVariable[]): MapMisfit[] {
  const block = variables
    .filter(({ key }) => modbusCommandBlock.includes(key))
    .toSorted((one, other) => one.place.at - other.place.at);
  const places = block.map(({ place }) => place);
  const size = places.reduce((sum, place) => sum + widthOf(place), 0);
  if (size > registersWrittenMax) return [];
  return block.flatMap(({ path, place }, index): MapMisfit[] => {
    const before = places[index - 1];
    if (before === undefined || before.at + widthOf(before) === place.at) return [];
    const gap = before.at + widthOf(before);
    const why = `the arguments of a command go out in one request, and holding ${gap} between them is none of them`;
    return [{ path, why }];
  });
}

/** Two registers could be seen half written by a controller that looks in between. */
function wideSequence(variables: readonly ModbusVariable[]): MapMisfit[] {
  return variables
    .filter(({ key, place }) => key === "command.seq" && widthOf(place) > 1)

    .map(({ path }) => ({ path, why: "it must be one register: two may be seen half written" }));
}

/** What a start is known by goes out with each command as it was read. */
function narrowBoot(variables: readonly ModbusVariable[]): MapMisfit[] {
  const placeOf = (key: string): ModbusPlace | undefined =>
    variables.find((variable) => variable.key === key)?.place;
  const shown = placeOf("boot") ?? placeOf("echo.fromPlc");
  const written = placeOf("command.boot");
  if (shown === undefined || written === undefined || shown.type === written.type) return [];
  const why = `it is ${written.type}, and what it is compared with is ${shown.type}`;
  return [{ path: ["command", "boot"], why }];
}
