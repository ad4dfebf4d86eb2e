import { zSorterPlcMapModbusDialect } from "../../edge/devices/sorter/plc-map-modbus.ts";
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import { plcLatchesInput, plcMeaningInput } from "./plc-map.ts";

const long = { type: "u32", wordOrder: "lowFirst" };
const entry = { area: "input", stride: 4 };

/** Where the simulated controller has its variables, as its engineer would write it down. */
const places: Readonly<Record<string, { area: string; at: number; [key: string]: unknown }>> = {
  Run: { area: "discrete", at: 0 },
  EStop: { area: "discrete", at: 1 },
  Induct: { area: "coil", at: 16 },
  Halt: { area: "coil", at: 17 },
  Enc: { area: "input", at: 0, ...long },
  Boot: { area: "input", at: 2, ...long },
  LifePlc: { area: "input", at: 4, type: "u16" },
  Speed: { area: "input", at: 5, type: "f32", wordOrder: "lowFirst" },
  ChuteWord: { area: "input", at: 7 },
  Fill: { area: "input", at: 8, type: "u16" },
  "Ev.Seq": { area: "input", at: 11, ...long },
  "Ack.Seq": { area: "input", at: 13, type: "u16" },
  "Ack.Code": { area: "input", at: 14, type: "u16" },
  "Ev.Kind": { ...entry, at: 200, type: "u16" },
  "Ev.What": { ...entry, at: 201, type: "u16" },
  "Ev.Count": { ...entry, at: 202, ...long },
  "Cmd.Op": { area: "holding", at: 100, type: "i16" },
  "Cmd.Exit": { area: "holding", at: 101, type: "i16" },
  "Cmd.FireAt": { area: "holding", at: 102, ...long },
  "Cmd.ReleaseAt": { area: "holding", at: 104, ...long },
  "Cmd.NotAfter": { area: "holding", at: 106, ...long },
  "Cmd.Target": { area: "holding", at: 108, type: "u16" },
  "Cmd.Epoch": { area: "holding", at: 109, ...long },
  "Cmd.Seq": { area: "holding", at: 111, type: "u16" },
  "Eye.Word": { area: "input", at: 15 },
  "Eye.Edges": { area: "input", at: 16, type: "u16" },
  "Eye.BlockedAt": { area: "input", at: 32, ...long },
  "Eye.ClearedAt": { area: "input", at: 64, ...long },
  "Fired.Times": { area: "input", at: 96, type: "u16" },
  "Fired.Seq": { area: "input", at: 99, type: "u16" },
  "Fired.At": { area: "input", at: 102, ...long },
  "Reset.Times": { area: "input", at: 108, type: "u16" },
  "Reset.At": { area: "input", at: 109, ...long },
  "Cancel.Times": { area: "input", at: 111, type: "u16" },
  "Lost.Times": { area: "input", at: 112, type: "u16" },
  LifePc: { area: "holding", at: 112, type: "i16" },
};

function placeOf(name: string, more: { readonly element?: number }): object {
  const { element = 0, ...rest } = more;
  const place = places[name];
  if (place === undefined) throw new Error(`nobody has placed ${name}`);
  const registers = place["type"] === "u32" ? 2 : 1;
  return { ...place, at: place.at + element * registers, ...rest };
}

export const plcModbusUnitId = 17;

/** The simulated controller's registers as they would be configured by hand. */
export const plcMapModbusInput = (eyeIds: readonly string[]) => ({
  kind: "plc-map-modbus",
  unitId: plcModbusUnitId,
  ...plcMeaningInput(eyeIds, placeOf, 16),
});

export const plcModbusLatches = (eyeIds: readonly string[]) => plcLatchesInput(eyeIds, placeOf);

export const plcMapModbus = (
  eyeIds: readonly string[] = ["eye1"],
  change: object = {},
): PlcMapModbus => zSorterPlcMapModbusDialect.parse({ ...plcMapModbusInput(eyeIds), ...change });
