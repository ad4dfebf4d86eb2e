import type { ModbusArea } from "../../../protocols/modbus.ts";
import type { PlcValue } from "./plc-variables.ts";

export type RegisterArea = ModbusArea;
export type RegisterType = "bit" | "int16" | "uint16" | "int32" | "uint32" | "real32";

/** A variable, and where its registers are. */
export interface PlacedVariable {
  /** By which faults name it. */
  readonly name: string;
  readonly area: RegisterArea;
  /** As it stands on the wire, from 0. */
  readonly address: number;
  readonly type: RegisterType;
  /** Of the two registers of 32 bits. */
  readonly firstWord: "high" | "low";
  readonly firstByte: "high" | "low";
  /** Which bit of its register it is, 0 being the lowest; null: the register is its own. */
  readonly bit: number | null;
  /** Of an array: registers from one element to the next. */
  readonly apart: number;
  /** Null: its quality is bad. */
  read(): PlcValue | null;
  /** Left out: nobody may write it. */
  readonly write?: ((value: boolean | number) => void) | undefined;
}

export type RegistersRead =
  | { readonly kind: "values"; readonly values: readonly number[] }
  /** An address that nothing stands at. */
  | { readonly kind: "noSuchAddress" }
  /** A variable of bad quality. */
  | { readonly kind: "badValue" };

/** A controller's variables as registers of 16 bits and as bits. */
export interface PlcRegisters {
  read(area: RegisterArea, address: number, size: number): RegistersRead;
  /** Whole or not at all; false when something does not stand there. */
  write(area: RegisterArea, address: number, values: readonly number[]): boolean;
  /** Fault: these are not there. */
  remove(name: string): void;
}

/** One register, or bit, of a variable; or of its array, between two elements: 0. */
interface Cell {
  readonly variable: PlacedVariable;
  readonly element: number;
  /** Of the element's registers, 0 being the first on the wire. */
  readonly part: number;
}

/** Several bits may share a register. */
type Cells = Map<string, Cell[]>;

export function createPlcRegisters(placed: readonly PlacedVariable[]): PlcRegisters {
  const cells: Cells = new Map();
  for (const variable of placed) placeVariable(cells, variable);
  for (const variable of placed) fillGaps(cells, variable);

  const cellsAt = (area: RegisterArea, address: number, size: number): Cell[][] | null => {
    const found = Array.from({ length: size }, (_, index) =>
      cells.get(`${area} ${address + index}`),
    ).filter((each) => each !== undefined);
    return found.length === size ? found : null;
  };

  return {
    read(area, address, size) {
      const found = cellsAt(area, address, size);
      if (found === null) return { kind: "noSuchAddress" };
      const values = found.map(wordOf);
      const good = values.filter((value) => value !== null);
      return good.length === size ? { kind: "values", values: good } : { kind: "badValue" };
    },
    write(area, address, values) {
      const found = cellsAt(area, address, values.length)?.flat() ?? [];
      // Whoever shares a register is not written by others' bits.
      if (found.length !== values.length) return false;
      if (found.some(({ variable, part }) => variable.write === undefined || part < 0))
        return false;
      const changed = new Map<PlacedVariable, number[]>();
      found.forEach((cell, index) => {
        const parts = changed.get(cell.variable) ?? partsOfElement(cell) ?? [];
        parts[cell.part] = values[index] ?? 0;
        changed.set(cell.variable, parts);
      });
      for (const [variable, parts] of changed) variable.write?.(decode(parts, variable));
      return true;
    },
    remove(name) {
      for (const [place, here] of cells) {
        if (here.some(({ variable }) => variable.name === name)) cells.delete(place);
      }
    },
  };
}

function placeVariable(cells: Cells, variable: PlacedVariable): void {
  for (let element = 0; element < elementsOf(variable); element += 1) {
    for (let part = 0; part < registersOf(variable.type); part += 1) {
      const place = `${variable.area} ${variable.address + element * variable.apart + part}`;
      cells.set(place, [...(cells.get(place) ?? []), { variable, element, part }]);
    }
  }
}

/** What lies between the elements of an array belongs to it, and may be read. */
function fillGaps(cells: Cells, variable: PlacedVariable): void {
  const size = (elementsOf(variable) - 1) * variable.apart;
  for (let offset = 0; offset < size; offset += 1) {
    const place = `${variable.area} ${variable.address + offset}`;
    if (!cells.has(place)) cells.set(place, [{ variable, element: 0, part: -1 }]);
  }
}

function elementsOf(variable: PlacedVariable): number {
  const value = variable.read();
  return typeof value === "object" && value !== null ? value.length : 1;
}

/** What a register shows; null: something in it is of bad quality. */
function wordOf(here: readonly Cell[]): number | null {
  let word = 0;
  for (const cell of here) {
    const parts = partsOfElement(cell);
    if (parts === null) return null;
    word |= parts[cell.part] ?? 0;
  }
  return word;
}

/** In the order of the wire. */
function partsOfElement({ variable, element }: Cell): number[] | null {
  const value = variable.read();
  if (value === null) return null;
  return encode(Number(typeof value === "object" ? value[element] : value), variable);
}

export const registersOf = (type: RegisterType): number =>
  type === "uint32" || type === "int32" || type === "real32" ? 2 : 1;

function encode(value: number, { type, bit, firstWord, firstByte }: PlacedVariable): number[] {
  const bytes = Buffer.alloc(4);
  if (type === "real32") bytes.writeFloatBE(value);
  else bytes.writeUInt32BE((value * 2 ** (bit ?? 0)) >>> 0);
  const high = bytes.readUInt16BE(0);
  const low = bytes.readUInt16BE(2);
  const parts = registersOf(type) === 2 ? [high, low] : [low];
  const inOrder = firstWord === "high" ? parts : parts.toReversed();
  return firstByte === "high" ? inOrder : inOrder.map(turned);
}

function decode(words: readonly number[], variable: PlacedVariable): boolean | number {
  const { type, firstWord, firstByte } = variable;
  const inOrder = firstByte === "high" ? words : words.map(turned);
  const [first = 0, second = 0] = firstWord === "high" ? inOrder : inOrder.toReversed();
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(first);
  bytes.writeUInt16BE(second, 2);
  switch (type) {
    case "bit":
      return first !== 0;
    case "int16":
      return bytes.readInt16BE(0);
    case "uint16":
      return first;
    case "int32":
      return bytes.readInt32BE(0);
    case "uint32":
      return bytes.readUInt32BE(0);
    case "real32":
      return bytes.readFloatBE(0);
  }
}

const turned = (word: number): number => ((word & 0xff) << 8) | (word >> 8);
