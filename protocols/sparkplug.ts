/**
 * Payloads of Sparkplug B, read so that a probe can show what a gateway publishes. No dialect speaks
 * it: a metric is a sampled value without the moment of a parcel, and nothing here reaches a belt.
 *
 * A payload is a message of Protocol Buffers: 1 timestamp, 2 metrics, 3 seq. A metric: 1 name, 2 alias,
 * 3 timestamp, 4 datatype, 7 is_null, and one of 10 int, 11 long, 12 float, 13 double, 14 boolean,
 * 15 string, 16 bytes, 17 data set, 18 template, 19 extension. Signed integers travel as two's
 * complement in the unsigned fields, and only their datatype, which births alone have to bear, says so.
 * @see Eclipse Sparkplug 3.0, chapter 6, and its Protocol Buffers schema
 */
export interface SparkplugPayload {
  readonly kind: "payload";
  readonly metrics: readonly SparkplugMetric[];
  /** 0 to 255; null where there is none, as in a death. */
  readonly seq: bigint | null;
}

export interface SparkplugMetric {
  /** Null where an alias of its birth stands for it. */
  readonly name: string | null;
  readonly alias: bigint | null;
  readonly datatype: number | null;
  /** As it stands on the wire; null where it is said to have none, or has none. */
  readonly value: SparkplugRaw | null;
}

export type SparkplugRaw =
  /** Below 2^32. */
  | { readonly kind: "int"; readonly value: bigint }
  /** Below 2^64. */
  | { readonly kind: "long"; readonly value: bigint }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  /** What nobody here looks into. */
  | { readonly kind: "other"; readonly bytesTotal: number };

interface Unread {
  readonly kind: "invalid";
  readonly why: string;
}

export const sparkplugTopicHead = "spBv1.0/";
const payloadBytesMax = 1024 * 1024;
const metricsMax = 5_000;

/** Never throws. */
export function readSparkplug(bytes: Uint8Array): SparkplugPayload | Unread {
  if (bytes.length > payloadBytesMax) return invalid(`${bytes.length} bytes`);
  const fields = readFields(bytes);
  if (fields === null) return invalid("no message of Protocol Buffers");
  const metrics: SparkplugMetric[] = [];
  let seq: bigint | null = null;
  for (const { number, value } of fields) {
    if (number === 3 && typeof value === "bigint") seq = value;
    if (number !== 2) continue;
    if (metrics.length >= metricsMax) return invalid(`more than ${metricsMax} metrics`);
    const metric = value instanceof Uint8Array ? readMetric(value) : null;
    if (metric === null) return invalid(`metric ${metrics.length + 1} cannot be read`);
    metrics.push(metric);
  }
  return { kind: "payload", metrics, seq };
}

const invalid = (why: string): Unread => ({ kind: "invalid", why });

function readMetric(bytes: Uint8Array): SparkplugMetric | null {
  const fields = readFields(bytes);
  if (fields === null) return null;
  let name: string | null = null;
  let alias: bigint | null = null;
  let datatype: number | null = null;
  let isNull = false;
  let raw: SparkplugRaw | null = null;
  for (const { number, value } of fields) {
    if (number === 1) {
      name = value instanceof Uint8Array ? textOf(value) : null;
      if (name === null) return null;
    } else if (number === 2 && typeof value === "bigint") alias = value;
    else if (number === 4 && typeof value === "bigint")
      datatype = Number(BigInt.asUintN(32, value));
    else if (number === 7) isNull = value !== 0n;
    else if (number >= firstValue && number <= lastValue) {
      raw = rawOf(number, value);
      if (raw === null) return null;
    }
  }
  return { name, alias, datatype, value: isNull ? null : raw };
}

const firstValue = 10;
const lastValue = 19;

/** Null for a field of another form than its number has. */
function rawOf(number: number, value: FieldValue): SparkplugRaw | null {
  if (typeof value === "bigint") {
    if (number === 10) return { kind: "int", value: BigInt.asUintN(32, value) };
    if (number === 11) return { kind: "long", value };
    return number === 14 ? { kind: "boolean", value: value !== 0n } : null;
  }
  if (value instanceof DataView) {
    if (number === 12 && value.byteLength === 4) {
      return { kind: "number", value: value.getFloat32(0, true) };
    }
    return number === 13 && value.byteLength === 8
      ? { kind: "number", value: value.getFloat64(0, true) }
      : null;
  }
  if (number === 15) {
    const text = textOf(value);
    return text === null ? null : { kind: "text", value: text };
  }
  if (number === 16) return { kind: "bytes", value };
  return number >= 17 ? { kind: "other", bytesTotal: value.length } : null;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** A varint, a length with bytes, or four or eight bytes as they are. */
type FieldValue = bigint | Uint8Array | DataView;

interface Field {
  readonly number: number;
  readonly value: FieldValue;
}

/** The fields of a message in their order, or null where it is none. */
function readFields(bytes: Uint8Array): readonly Field[] | null {
  const fields: Field[] = [];
  let at = 0;

  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) return null;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return null;
  };
  const taken = (count: number): Uint8Array | null => {
    if (count > bytes.length - at) return null;
    at += count;
    return bytes.subarray(at - count, at);
  };
  const valueOf = (form: number): FieldValue | null => {
    if (form === 0) return varint();
    if (form === 2) {
      const length = varint();
      return length === null || length > BigInt(bytes.length) ? null : taken(Number(length));
    }
    const fixed = form === 1 ? taken(8) : form === 5 ? taken(4) : null;
    return fixed && new DataView(fixed.buffer, fixed.byteOffset, fixed.length);
  };

  while (at < bytes.length) {
    const head = varint();
    if (head === null || head >> 3n === 0n || head >> 32n !== 0n) return null;
    const value = valueOf(Number(head & 7n));
    if (value === null) return null;
    fields.push({ number: Number(head >> 3n), value });
  }
  return fields;
}

/** By their numbers, from 1; arrays are 22 to 34. */
const typeNames = [
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "UInt8",
  "UInt16",
  "UInt32",
  "UInt64",
  "Float",
  "Double",
  "Boolean",
  "String",
  "DateTime",
  "Text",
  "UUID",
  "DataSet",
  "Bytes",
  "File",
  "Template",
  "PropertySet",
  "PropertySetList",
] as const;

export const sparkplugTypeName = (datatype: number): string =>
  typeNames[datatype - 1] ?? (datatype >= 22 && datatype <= 34 ? "array" : `type ${datatype}`);

/** How wide a signed integer is, by its datatype. */
const signedBits: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 };
const dateTime = 13;

export type SparkplugValue =
  | bigint
  | number
  | boolean
  | string
  | Uint8Array
  | { readonly epochMs: number }
  | { readonly bytesTotal: number };

/**
 * What a value is by its datatype. Without one a number that may be negative or large cannot be told
 * apart, and is given as it stands.
 */
export function sparkplugValue(raw: SparkplugRaw, datatype: number | null): SparkplugValue {
  switch (raw.kind) {
    case "int":
    case "long": {
      const bits = datatype === null ? undefined : signedBits[datatype];
      if (bits !== undefined) return BigInt.asIntN(bits, raw.value);
      return datatype === dateTime && raw.value <= momentMax
        ? { epochMs: Number(raw.value) }
        : raw.value;
    }
    case "number":
    case "boolean":
    case "text":
    case "bytes":
      return raw.value;
    case "other":
      return { bytesTotal: raw.bytesTotal };
  }
}

/** The last millisecond that a calendar date has here. */
const momentMax = 8_640_000_000_000_000n;
