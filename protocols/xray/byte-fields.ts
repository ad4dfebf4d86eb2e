/** Fields of a telegram's body, one behind the other; numbers are little-endian. */
export interface ByteReader {
  u8(): number;
  u16(): number;
  u32(): number;
  /** A signed number of 64 bits that a double holds exactly; `field` is refused else. */
  i64(field: string): number;
  /** A byte that says which of these it is, the first one being `first`; `field` is refused else. */
  oneOf<T>(field: string, table: readonly [T, ...T[]], first?: number): T;
  bytes(count: number): Uint8Array;
  /** UTF-8 behind its length in bytes, of which there are at most 255. */
  text(field: string): string;
  /** All that is left. */
  rest(): Uint8Array;
  /** Says that this field is not what it must be. */
  refuse(field: string): void;
  /** The first field that was refused, or that the body is too short or too long; null: neither. */
  trouble(): string | null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What is not there reads as nothing, and is told by `trouble`. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let refused: string | null = null;

  const refuse = (field: string): void => {
    refused ??= field;
  };
  const number = (size: number, read: (from: number) => number): number => {
    const from = at;
    at += size;
    return at <= bytes.length ? read(from) : 0;
  };
  const u8 = (): number => number(1, (from) => view.getUint8(from));
  const take = (count: number): Uint8Array => {
    const from = Math.min(at, bytes.length);
    at += count;
    return bytes.subarray(from, at);
  };

  return {
    u8,
    u16: () => number(2, (from) => view.getUint16(from, true)),
    u32: () => number(4, (from) => view.getUint32(from, true)),
    i64(field) {
      const value = number(8, (from) => Number(view.getBigInt64(from, true)));
      if (!Number.isSafeInteger(value)) refuse(field);
      return value;
    },
    oneOf(field, table, first = 0) {
      const found = table[u8() - first];
      if (found === undefined) refuse(field);
      return found ?? table[0];
    },
    bytes: take,
    text(field) {
      try {
        return utf8.decode(take(u8()));
      } catch {
        // The bytes are no UTF-8.
        refuse(field);
        return "";
      }
    },
    rest: () => take(Math.max(0, bytes.length - at)),
    refuse,
    trouble: () => (at === bytes.length ? refused : `a body of ${bytes.length} bytes`),
  };
}

export interface ByteWriter {
  u8(value: number): ByteWriter;
  u16(value: number): ByteWriter;
  u32(value: number): ByteWriter;
  i64(value: number): ByteWriter;
  bytes(value: Uint8Array): ByteWriter;
  /** Cut to 255 bytes between two characters. */
  text(value: string): ByteWriter;
  done(): Uint8Array;
}

const textBytesMax = 255;

export function createByteWriter(): ByteWriter {
  const parts: Uint8Array[] = [];
  const number = (size: number, set: (view: DataView) => void): ByteWriter => {
    const part = new Uint8Array(size);
    set(new DataView(part.buffer));
    parts.push(part);
    return writer;
  };
  const writer: ByteWriter = {
    u8: (value) => number(1, (view) => view.setUint8(0, value)),
    u16: (value) => number(2, (view) => view.setUint16(0, value, true)),
    u32: (value) => number(4, (view) => view.setUint32(0, value, true)),
    i64: (value) => number(8, (view) => view.setBigInt64(0, BigInt(value), true)),
    bytes(value) {
      parts.push(value);
      return writer;
    },
    text(value) {
      const coded = new Uint8Array(textBytesMax);
      const { written } = new TextEncoder().encodeInto(value, coded);
      return writer.u8(written).bytes(coded.subarray(0, written));
    },
    done() {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
  return writer;
}
