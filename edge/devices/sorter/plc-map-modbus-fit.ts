import { registersWrittenMax } from "../wires/modbus/pdu.ts";
import type { MapMisfit } from "../mapped-variable.ts";
import { misplacedIn, sharedRegisters, type MappedRegisters } from "../wires/modbus/map-fit.ts";
import { widthOf, type ModbusPlace } from "../wires/modbus/places.ts";

type ModbusVariable = MappedRegisters;

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

/** What can be told of a sorter's map from the map alone. */
export function modbusMisfits(variables: readonly ModbusVariable[]): MapMisfit[] {
  const narrow = [...misplacedIn(variables), ...wideSequence(variables)];
  if (narrow.length > 0) return narrow;
  return [...sharedRegisters(variables), ...scatteredCommand(variables), ...narrowBoot(variables)];
}

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
