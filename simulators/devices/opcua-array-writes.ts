import {
  AttributeIds,
  DataType,
  DataValue,
  NumericRange,
  StatusCodes,
  Variant,
  VariantArrayType,
  WriteValue,
  type ISessionContext,
  type StatusCode,
  type UAVariable,
  type WriteValueOptions,
} from "node-opcua";

/** Elements of an array, from the first to the last. */
export interface WrittenRange {
  readonly from: number;
  readonly to: number;
}

export interface ArrayWrites {
  /** The array as the library has it; null: its quality is bad. */
  readonly shown: () => readonly unknown[] | null;
  /** Told before the variable's `set` is called; null: the whole was written. */
  readonly onRange: (range: WrittenRange | null) => void;
}

type WriteAttribute = (
  context: ISessionContext | null,
  write: WriteValueOptions,
  callback: (error: Error | null, code?: StatusCode) => void,
) => void;

/**
 * Lets a part of an array be written: the library hands that part to `set` without saying which one it
 * is. Here the whole is made of it first, and which elements came is told beside it.
 */
export function takePartsOf(variable: UAVariable, { shown, onRange }: ArrayWrites): void {
  const library: { readonly writeAttribute: WriteAttribute } = variable;
  const own = library.writeAttribute.bind(variable);
  const write: WriteAttribute = (context, options, callback) => {
    const range = rangeOf(options);
    onRange(range);
    if (range === null) return own(context, options, callback);
    const whole = shown();
    const given = options.value?.value;
    const value: unknown = given?.value;
    const part = Array.isArray(value) || ArrayBuffer.isView(value) ? listOf(value) : [];
    if (whole === null || range.to >= whole.length || part.length !== range.to - range.from + 1) {
      return callback(null, StatusCodes.BadIndexRangeNoData);
    }
    const changed = [...whole.slice(0, range.from), ...part, ...whole.slice(range.to + 1)];
    const dataType = given?.dataType ?? DataType.Null;
    const variant = new Variant({ dataType, arrayType: VariantArrayType.Array, value: changed });
    const attributeId = AttributeIds.Value;
    const { nodeId = null } = options;
    const dataValue = new DataValue({ value: variant });
    own(context, new WriteValue({ nodeId, attributeId, value: dataValue }), callback);
  };
  Object.defineProperty(variable, "writeAttribute", { value: write });
}

/** Null: there is none, or one that no array of one dimension has. */
function rangeOf({ indexRange }: WriteValueOptions): WrittenRange | null {
  const { type, value } = NumericRange.coerce(indexRange ?? null);
  const { SingleValue, ArrayRange } = NumericRange.NumericRangeType;
  if (type === SingleValue && typeof value === "number") {
    return { from: value, to: value };
  }
  if (type !== ArrayRange || !Array.isArray(value)) return null;
  const [from, to] = value;
  return typeof from === "number" && typeof to === "number" ? { from, to } : null;
}

const listOf = (value: unknown): unknown[] => [...(value as Iterable<unknown>)];
