import type { PlcMemory, PlcValue } from "./plc-memory.ts";

export type RegisterArea = "coil" | "discrete" | "holding" | "input";
type RegisterType = "bit" | "int16" | "uint16" | "uint32" | "real32";

/** A controller's variable, as its engineer has put it into registers. */
interface Placed {
  readonly name: string;
  readonly area: RegisterArea;
  readonly address: number;
  readonly type: RegisterType;
  /** Of an array: how far its elements are apart. */
  readonly apart?: number;
}

/** Of a ring's entry: kind, what, and the count in two registers. */
const ringAddress = 200;
const ringEntryRegisters = 4;

const one = { type: "uint16", apart: 1 } as const;
const two = { type: "uint32", apart: 2 } as const;
/** As far apart as their lists may be long: 16 eyes, 8 inputs, 8 guards, 3 exits. */
const latched = [
  { name: "Eye.Word", address: 15, ...one },
  { name: "Eye.Edges", address: 16, ...one },
  { name: "Eye.BlockedAt", address: 32, ...two },
  { name: "Eye.ClearedAt", address: 64, ...two },
  { name: "Fired.Times", address: 96, ...one },
  { name: "Fired.Seq", address: 99, ...one },
  { name: "Fired.At", address: 102, ...two },
  { name: "Reset.Times", address: 108, ...one },
  { name: "Reset.At", address: 109, ...two },
  { name: "Cancel.Times", address: 111, ...one },
  { name: "Lost.Times", address: 112, ...one },
  { name: "Pulse.Times", address: 113, ...one },
  { name: "Pulse.At", address: 121, ...two },
  { name: "Guard.Word", address: 137, ...one },
  { name: "Guard.Edges", address: 138, ...one },
  { name: "Guard.OpenedAt", address: 146, ...two },
  { name: "Guard.ClosedAt", address: 162, ...two },
] as const;

/** Addresses are those on the wire. What the sorter shows is input, what it is told is holding. */
const placed: readonly Placed[] = [
  { name: "Run", area: "discrete", address: 0, type: "bit" },
  { name: "EStop", area: "discrete", address: 1, type: "bit" },
  { name: "Induct", area: "coil", address: 16, type: "bit" },
  { name: "Halt", area: "coil", address: 17, type: "bit" },
  { name: "Enc", area: "input", address: 0, type: "uint32" },
  { name: "Boot", area: "input", address: 2, type: "uint32" },
  { name: "LifePlc", area: "input", address: 4, type: "uint16" },
  { name: "Speed", area: "input", address: 5, type: "real32" },
  { name: "ChuteWord", area: "input", address: 7, type: "uint16" },
  { name: "Fill", area: "input", address: 8, type: "uint16", apart: 1 },
  { name: "Ev.Seq", area: "input", address: 11, type: "uint32" },
  { name: "Ack.Seq", area: "input", address: 13, type: "uint16" },
  { name: "Ack.Code", area: "input", address: 14, type: "uint16" },
  ...(["Ev.Kind", "Ev.What", "Ev.Count"] as const).map((name, index) => ({
    name,
    area: "input" as const,
    address: ringAddress + index,
    type: name === "Ev.Count" ? ("uint32" as const) : ("uint16" as const),
    apart: ringEntryRegisters,
  })),
  { name: "Cmd.Op", area: "holding", address: 100, type: "int16" },
  { name: "Cmd.Exit", area: "holding", address: 101, type: "int16" },
  { name: "Cmd.FireAt", area: "holding", address: 102, type: "uint32" },
  { name: "Cmd.ReleaseAt", area: "holding", address: 104, type: "uint32" },
  { name: "Cmd.NotAfter", area: "holding", address: 106, type: "uint32" },
  { name: "Cmd.Target", area: "holding", address: 108, type: "uint16" },
  { name: "Cmd.Epoch", area: "holding", address: 109, type: "uint32" },
  { name: "Cmd.Seq", area: "holding", address: 111, type: "uint16" },
  { name: "LifePc", area: "holding", address: 112, type: "int16" },
  ...latched.map((variable) => ({ area: "input" as const, ...variable })),
];

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

export interface PlcRegistersOptions {
  readonly memory: PlcMemory;
  /** Which register of 32 bits stands first. */
  readonly firstWord: "high" | "low";
}

/** One register or bit of one variable. */
interface Cell {
  readonly variable: Placed;
  readonly element: number;
  /** Of the element's registers, 0 being the first on the wire. */
  readonly part: number;
}

export function createPlcRegisters(options: PlcRegistersOptions): PlcRegisters {
  const { memory, firstWord } = options;
  const cells = new Map<string, Cell>();
  for (const variable of placed) {
    const first = memory.read(variable.name);
    const elements = Array.isArray(first) ? first.length : 1;
    for (let element = 0; element < elements; element += 1) {
      for (let part = 0; part < partsOf(variable); part += 1) {
        const address = variable.address + element * (variable.apart ?? 0) + part;
        cells.set(`${variable.area} ${address}`, { variable, element, part });
      }
    }
  }

  const partsOfElement = ({ variable, element }: Cell): number[] | null => {
    const value = memory.read(variable.name);
    if (value === null) return null;
    const one = Array.isArray(value) ? value[element] : value;
    const parts = encode(Number(one), variable.type);
    return firstWord === "high" ? parts : parts.toReversed();
  };

  const cellsAt = (area: RegisterArea, address: number, size: number): Cell[] | null => {
    const found = Array.from({ length: size }, (_, index) =>
      cells.get(`${area} ${address + index}`),
    ).filter((cell) => cell !== undefined);
    return found.length === size ? found : null;
  };

  return {
    read(area, address, size) {
      const found = cellsAt(area, address, size);
      if (found === null) return { kind: "noSuchAddress" };
      const values: number[] = [];
      for (const cell of found) {
        const parts = partsOfElement(cell);
        if (parts === null) return { kind: "badValue" };
        values.push(parts[cell.part] ?? 0);
      }
      return { kind: "values", values };
    },
    write(area, address, values) {
      const found = cellsAt(area, address, values.length);
      if (found === null) return false;
      const changed = new Map<Placed, number[]>();
      found.forEach((cell, index) => {
        const parts = changed.get(cell.variable) ?? partsOfElement(cell) ?? [];
        parts[cell.part] = values[index] ?? 0;
        changed.set(cell.variable, parts);
      });
      for (const [variable, parts] of changed) {
        const inOrder = firstWord === "high" ? parts : parts.toReversed();
        memory.write(variable.name, decode(inOrder, variable.type));
      }
      return true;
    },
    remove(name) {
      for (const [place, { variable }] of cells) if (variable.name === name) cells.delete(place);
    },
  };
}

const partsOf = ({ type }: Placed): number => (type === "uint32" || type === "real32" ? 2 : 1);

/** The high part first. */
function encode(value: number, type: RegisterType): number[] {
  const bytes = Buffer.alloc(4);
  if (type === "real32") bytes.writeFloatBE(value);
  else bytes.writeUInt32BE(value >>> 0);
  const low = bytes.readUInt16BE(2);
  return type === "uint32" || type === "real32" ? [bytes.readUInt16BE(0), low] : [low];
}

function decode(parts: readonly number[], type: RegisterType): PlcValue {
  const bytes = Buffer.alloc(4);
  const [first = 0, second = 0] = parts;
  bytes.writeUInt16BE(first);
  bytes.writeUInt16BE(second, 2);
  switch (type) {
    case "bit":
      return first !== 0;
    case "int16":
      return bytes.readInt16BE(0);
    case "uint16":
      return first;
    case "uint32":
      return bytes.readUInt32BE(0);
    case "real32":
      return bytes.readFloatBE(0);
  }
}
