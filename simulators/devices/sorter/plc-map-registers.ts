import { modbusAddressMax, type ModbusType } from "../../../protocols/modbus.ts";
import { zModbusPlace } from "../../../protocols/modbus-places.ts";
import { settingsAt, type MappedVariable, type PlcMisfit } from "./plc-mapped.ts";
import { registersOf, type PlacedVariable, type RegisterType } from "./plc-registers.ts";

type Place = ReturnType<typeof zModbusPlace.parse>;

/** The registers and coils that a map names. */
export function registersOfMap(
  map: object,
  variables: readonly MappedVariable[],
): { readonly placed: readonly PlacedVariable[]; readonly misfits: readonly PlcMisfit[] } {
  const owners = new Map<string, PlacedVariable[]>();
  const placed: PlacedVariable[] = [];
  const misfits: PlcMisfit[] = [];
  for (const variable of variables) {
    const place = zModbusPlace.parse(settingsAt(map, variable.path));
    const candidate = placedAt(variable, place);
    const why = misfitOf(variable, place) ?? sharedWith(owners, candidate, variable.size ?? 1);
    if (why !== null) misfits.push({ key: variable.key, why });
    else placed.push(candidate);
  }
  return { placed, misfits };
}

const types: Readonly<Record<ModbusType, RegisterType>> = {
  bool: "bit",
  u16: "uint16",
  i16: "int16",
  u32: "uint32",
  i32: "int32",
  f32: "real32",
};

function placedAt(variable: MappedVariable, place: Place): PlacedVariable {
  const type = types[place.type];
  return {
    name: variable.key,
    area: place.area,
    address: place.at,
    type,
    firstWord: place.wordOrder === "lowFirst" ? "low" : "high",
    firstByte: place.byteOrder === "lowFirst" ? "low" : "high",
    bit: place.bit ?? null,
    apart: place.stride ?? registersOf(type),
    read: () => variable.show(),
    write: variable.take,
  };
}

/** Why a variable cannot stand there, to be said behind its key; or null. */
function misfitOf({ holds, size, take }: MappedVariable, place: Place): string | null {
  const { area, at, type, bit, wordOrder, stride } = place;
  const isWritten = take !== undefined;
  const isBitArea = area === "coil" || area === "discrete";
  const width = registersOf(types[type]);
  if (isWritten && (area === "input" || area === "discrete")) return `nobody can write ${area}`;
  if (isBitArea && (type !== "bool" || bit !== undefined)) return `a ${area} is a bool, and whole`;
  if (!isBitArea && type === "bool" && bit === undefined) return "bit is missing";
  if (!isBitArea && type === "bool" && isWritten) return "nobody can write one bit of a register";
  if (bit !== undefined && type !== "bool") return `a bit is a bool, not ${type}`;
  if (width === 2 && wordOrder === undefined)
    return `wordOrder is missing: ${type} is two registers`;
  if (stride !== undefined && stride < width) return `stride ${stride} is less than ${width}`;
  const last = at + ((size ?? 1) - 1) * (stride ?? width) + width - 1;
  if (last > modbusAddressMax) return `it ends at ${last}, and addresses at ${modbusAddressMax}`;
  if (holds.kind === "flag") {
    return type === "bool" || type === "u16" ? null : `a flag is a bool or a u16, not ${type}`;
  }
  if (type === "bool") return "a number is no bool";
  if (holds.kind === "real") return null;
  return holds.most - holds.least <= ranges[type] ? null : `${type} does not hold ${holds.most}`;
}

const ranges: Readonly<Record<Exclude<ModbusType, "bool">, number>> = {
  u16: 2 ** 16 - 1,
  i16: 2 ** 16 - 1,
  u32: 2 ** 32 - 1,
  i32: 2 ** 32 - 1,
  f32: 2 ** 24,
};

/** Who stands there already, other bits of the register apart. Enters it where nobody does. */
function sharedWith(
  owners: Map<string, PlacedVariable[]>,
  variable: PlacedVariable,
  elements: number,
): string | null {
  const { area, address, apart, bit, type } = variable;
  const places = Array.from({ length: elements }, (_, element) =>
    Array.from({ length: registersOf(type) }, (_each, part) => address + element * apart + part),
  )
    .flat()
    .map((at) => `${area} ${at}`);
  for (const place of places) {
    const taken = owners
      .get(place)
      ?.find((owner) => bit === null || owner.bit === null || owner.bit === bit);
    if (taken !== undefined) return `${place} is ${taken.name} already`;
  }
  for (const place of places) owners.set(place, [...(owners.get(place) ?? []), variable]);
  return null;
}
