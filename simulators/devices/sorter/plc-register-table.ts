import type { PlcMemory } from "./plc-memory.ts";
import type { PlacedVariable, RegisterArea, RegisterType } from "./plc-registers.ts";

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

/** A controller's variables in registers of its own choice; `firstWord` stands first of 32 bits. */
export const plcRegisterTable = (memory: PlcMemory, firstWord: "high" | "low"): PlacedVariable[] =>
  placed.map(({ name, area, address, type, apart }) => ({
    name,
    area,
    address,
    type,
    firstWord,
    firstByte: "high",
    bit: null,
    apart: apart ?? 0,
    read: () => memory.read(name),
    write: (value) => memory.write(name, value),
  }));
