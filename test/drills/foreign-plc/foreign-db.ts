// The data block of the foreign controller: what it shows and what it lets a client write, each
// variable with its type and its right. It knows neither the scan cycle nor OPC UA.

export type Exit = "green" | "red" | "inspection";
export type PlcType = "Boolean" | "Byte" | "UInt16" | "UInt32";
export type PlcValue = number | boolean | number[] | boolean[];

export interface PlcVariable {
  /** The string node id without its `s=`. */
  readonly id: string;
  readonly type: PlcType;
  /** How many elements an array has; undefined for a single value. */
  readonly length: number | undefined;
  readonly isWritable: boolean;
  read(): PlcValue;
  write(value: PlcValue): void;
}

export const ringSize = 128;

/** The numbers of this controller. They are its own; the map tells what they mean. */
export const kinds = {
  cleared: 10,
  blocked: 11,
  fired: 20,
  cancelledAborted: 31,
  cancelledNoLife: 32,
  cancelledEmergencyStop: 33,
  localReset: 40,
} as const;

export const operations = { divert: 10, abort: 20, cancelAll: 30 } as const;

export const codes = {
  accepted: 1,
  staleCount: 21,
  staleEpoch: 22,
  noLife: 23,
  queueFull: 24,
  invalid: 25,
  fired: 30,
  cancelledAborted: 31,
  cancelledNoLife: 32,
  cancelledEmergencyStop: 33,
} as const;

export type KindName = keyof typeof kinds;
export type CodeName = keyof typeof codes;

export const exitNumbers: Readonly<Record<Exit, number>> = { green: 1, red: 2, inspection: 3 };

/** The elements of the array that says which chutes are full. */
export const chuteElements: Readonly<Record<Exit, number>> = { green: 0, red: 1, inspection: 2 };

/** The bits of the belt's word of flags. */
export const beltBits = { running: 0, emergencyStopOk: 1 } as const;

export const pageEyes: readonly string[] = [
  "induction",
  "xray-entry",
  "pre-red",
  "red-chute",
  "pre-green",
  "green-chute",
  "end",
];

/** Eyes are numbered from one, so that an entry that was never written names no eye. */
export function eyeNumber(index: number): number {
  return index + 1;
}

export type DataBlock = ReturnType<typeof createDataBlock>;

export function createDataBlock() {
  return {
    belt: { Pos: 0, Speed: 0, Flags: 0 },
    system: { Boot: 0, Life: 0 },
    chute: { Full: [false, false, false] },
    ring: {
      Kind: Array.from({ length: ringSize }, () => 0),
      What: Array.from({ length: ringSize }, () => 0),
      Count: Array.from({ length: ringSize }, () => 0),
      Written: 0,
    },
    answer: { Code: 0, Seq: 0 },
    pc: { Life: 0, Induct: false, Halt: false },
    order: { Op: 0, Exit: 0, FireAt: 0, ReleaseAt: 0, NotAfter: 0, Target: 0, Boot: 0, Seq: 0 },
  };
}

export type Order = DataBlock["order"];

/** The variables of one group, in the order of their declaration. */
function declareGroup<Group extends Record<string, PlcValue>>(
  group: Group,
  name: string,
  types: Readonly<Record<keyof Group & string, PlcType>>,
  isWritable: boolean,
): PlcVariable[] {
  const keys = Object.keys(types) as (keyof Group & string)[];
  return keys.map((key) => {
    const first: PlcValue = group[key]!;
    return {
      id: `"${name}"."${key}"`,
      type: types[key],
      length: Array.isArray(first) ? first.length : undefined,
      isWritable,
      read: () => {
        const value: PlcValue = group[key]!;
        return Array.isArray(value) ? value.slice() : value;
      },
      write: (value) => {
        if (!isWritable) throw new Error(`"${name}"."${key}" is read-only`);
        group[key] = value as Group[keyof Group & string];
      },
    };
  });
}

export function declareVariables(db: DataBlock): readonly PlcVariable[] {
  const u16 = "UInt16";
  const u32 = "UInt32";
  const state = false;
  const command = true;
  return [
    ...declareGroup(db.belt, "Belt", { Pos: u32, Speed: u16, Flags: u16 }, state),
    ...declareGroup(db.system, "System", { Boot: u16, Life: u16 }, state),
    ...declareGroup(db.chute, "Chute", { Full: "Boolean" }, state),
    ...declareGroup(db.ring, "Ring", { Kind: "Byte", What: u32, Count: u32, Written: u32 }, state),
    ...declareGroup(db.answer, "Answer", { Code: "Byte", Seq: u32 }, state),
    ...declareGroup(db.pc, "Pc", { Life: u16, Induct: "Boolean", Halt: "Boolean" }, command),
    ...declareGroup(
      db.order,
      "Order",
      {
        Op: "Byte",
        Exit: "Byte",
        FireAt: u32,
        ReleaseAt: u32,
        NotAfter: u32,
        Target: u32,
        Boot: u16,
        Seq: u32,
      },
      command,
    ),
  ];
}
