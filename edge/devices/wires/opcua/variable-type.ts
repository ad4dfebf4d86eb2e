import type { VariableNeed } from "../../variables.ts";

/**
 * The types of OPC UA that a variable of a controller may have (OPC 10000-6, 5.1.2), by their
 * numbers, and which numbers each holds.
 */
export const variableTypes = {
  Boolean: { id: 1, holds: null },
  SByte: { id: 2, holds: [-128, 127] },
  Byte: { id: 3, holds: [0, 255] },
  Int16: { id: 4, holds: [-32_768, 32_767] },
  UInt16: { id: 5, holds: [0, 65_535] },
  Int32: { id: 6, holds: [-2_147_483_648, 2_147_483_647] },
  UInt32: { id: 7, holds: [0, 4_294_967_295] },
  // What is beyond the safe integers is neither read nor written.
  Int64: { id: 8, holds: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] },
  UInt64: { id: 9, holds: [0, Number.MAX_SAFE_INTEGER] },
  Float: { id: 10, holds: [-16_777_216, 16_777_216] },
  Double: { id: 11, holds: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] },
  String: { id: 12, holds: null },
  DateTime: { id: 13, holds: null },
  Guid: { id: 14, holds: null },
} as const;
export type VariableType = keyof typeof variableTypes;

export const variableTypeOf = (id: number): VariableType | null =>
  names.find((name) => variableTypes[name].id === id) ?? null;
const names = Object.keys(variableTypes).filter((name): name is VariableType =>
  Object.hasOwn(variableTypes, name),
);

/** What a server says of one variable. */
export interface VariableFacts {
  /** Null: none of the types above, by the server's number for it. */
  readonly type: VariableType | null;
  readonly typeId: string;
  /** -1 a single value, 1 an array, other numbers as in OPC 10000-3, 5.6.2. */
  readonly valueRank: number;
  /** 0: of any length. */
  readonly arrayDimensions: readonly number[];
  readonly canRead: boolean;
  readonly canWrite: boolean;
}

export interface VariableWanted {
  readonly need: VariableNeed;
  readonly isRead: boolean;
  readonly isWritten: boolean;
  readonly element: number | null;
  readonly bit: number | null;
}

/** Why the variable is not what it is taken for, to be said after its key and node; or null. */
export function misfitOf(wanted: VariableWanted, facts: VariableFacts): string | null {
  if (wanted.isWritten && !facts.canWrite) return "is read-only";
  if (wanted.isRead && !facts.canRead) return "may not be read";
  return shapeMisfit(wanted, facts) ?? typeMisfit(wanted, facts);
}

function shapeMisfit({ need, element }: VariableWanted, facts: VariableFacts): string | null {
  const { valueRank, arrayDimensions } = facts;
  const isList = need.kind === "integers";
  if (!isList && element === null) {
    return valueRank === -1 || valueRank === -2 || valueRank === -3
      ? null
      : "is an array; say which element is meant";
  }
  if (valueRank === -1 || valueRank > 1) return "is no array of one dimension";
  const [length = 0] = arrayDimensions;
  if (length === 0) return null;
  if (isList && length !== need.size) return `has ${length} elements, not ${need.size}`;
  return !isList && element !== null && element >= length ? `has only ${length} elements` : null;
}

function typeMisfit(wanted: VariableWanted, { type, typeId }: VariableFacts): string | null {
  const { need, bit } = wanted;
  if (type === null) return `is of the type ${typeId}, which nobody here reads`;
  const { holds } = variableTypes[type];
  const isWhole = holds !== null && type !== "Float" && type !== "Double";
  switch (need.kind) {
    case "flag":
      if (bit === null) return type === "Boolean" ? null : `is ${type}, not Boolean`;
      if (!isWhole) return `is ${type}, which has no bits`;
      return 2 ** bit <= holds[1] - holds[0] ? null : `is ${type}, which has no bit ${bit}`;
    case "number":
    case "integers":
      return holds === null ? `is ${type}, not a number` : null;
    case "word":
      return type === "Boolean" ? "is Boolean, which tells no two starts apart" : null;
    case "integer":
      return holds === null ? `is ${type}, not a number` : rangeMisfit(wanted, type, need);
  }
}

/** What is read may be shown with another sign; what is written must be held as it is. */
function rangeMisfit(
  { isWritten }: VariableWanted,
  type: VariableType,
  need: Extract<VariableNeed, { kind: "integer" }>,
): string | null {
  const { holds } = variableTypes[type];
  if (holds === null) return null;
  const [least, most] = holds;
  const isHeld = isWritten
    ? need.least >= least && need.most <= most
    : need.most - need.least <= most - least;
  return isHeld ? null : `is ${type}, which does not hold ${need.least} to ${need.most}`;
}

/** Whether this very value can be written, in the variable's own type; else why not. */
export function unwritable(type: VariableType, value: boolean | number | string): string | null {
  const { holds } = variableTypes[type];
  if (type === "Boolean") return typeof value === "boolean" ? null : `${value} is no Boolean`;
  if (holds === null) return typeof value === "string" ? null : `${value} is no ${type}`;
  const isHeld =
    Number.isSafeInteger(value) && Number(value) >= holds[0] && Number(value) <= holds[1];
  return isHeld ? null : `${value} is beyond ${type}`;
}
