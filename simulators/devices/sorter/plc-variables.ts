export type PlcValue = boolean | number | readonly (boolean | number)[];
/** The types of OPC UA that the variables have. */
export type PlcType =
  | "Boolean"
  | "Int16"
  | "UInt16"
  | "Int32"
  | "UInt32"
  | "Int64"
  | "UInt64"
  | "Double";

export interface PlcVariable {
  readonly name: string;
  readonly type: PlcType;
  readonly isWritable: boolean;
}

/** Of the simulated controller; their names are made up. */
export const plcVariables: readonly PlcVariable[] = [
  ...plain("UInt32", ["Enc", "Boot", "Ev.Seq", "Ack.Seq"]),
  ...plain("Boolean", ["Run", "EStop"]),
  ...plain("Int16", ["PackML.State", "PackML.Mode"]),
  ...plain("Double", ["Speed"]),
  ...plain("UInt16", ["ChuteWord", "Fill", "LifePlc", "Ack.Code"]),
  ...plain("UInt32", ["Ev.Kind", "Ev.What", "Ev.Count", "Ev.Track", "Ev.Seal"]),
  // The same once more, for those who do not read rings: how often, and the last count.
  ...plain("UInt16", [
    "Eye.Track",
    "Eye.Edges",
    "Eye.Word",
    "Guard.Edges",
    "Guard.Word",
    "Pulse.Times",
  ]),
  ...plain("UInt32", ["Eye.BlockedAt", "Eye.ClearedAt", "Guard.OpenedAt", "Guard.ClosedAt"]),
  ...plain("UInt32", ["Pulse.At", "Fired.Seq", "Fired.At", "Reset.At"]),
  ...plain("UInt16", ["Fired.Times", "Reset.Times", "Cancel.Times", "Lost.Times"]),
  ...writable("UInt32", ["Cmd.Seq", "Cmd.FireAt", "Cmd.ReleaseAt", "Cmd.NotAfter"]),
  ...writable("UInt32", ["Cmd.Target", "Cmd.Epoch"]),
  ...writable("Int16", ["Cmd.Op", "Cmd.Exit", "LifePc"]),
  ...plain("UInt32", ["Echo.FromPlc"]),
  ...writable("UInt32", ["Echo.ToPlc"]),
  ...writable("Boolean", ["Induct", "Halt"]),
];

function plain(type: PlcType, names: readonly string[]): PlcVariable[] {
  return names.map((name) => ({ name, type, isWritable: false }));
}

function writable(type: PlcType, names: readonly string[]): PlcVariable[] {
  return names.map((name) => ({ name, type, isWritable: true }));
}
