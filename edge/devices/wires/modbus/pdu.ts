import type { ModbusArea } from "../../../../protocols/modbus.ts";
import { hexText } from "../../hex-text.ts";

/**
 * Questions of Modbus and their answers, without what frames them (Modbus Application Protocol
 * V1.1b3, 6.1 to 6.6, 6.11, 6.12 and 7). Addresses count from 0, as they stand on the wire.
 */
export type ModbusAsk =
  /** `size` registers or bits. */
  | ModbusRead
  | { readonly kind: "writeWords"; readonly at: number; readonly words: readonly number[] }
  | { readonly kind: "writeBits"; readonly at: number; readonly bits: readonly boolean[] };

export interface ModbusRead {
  readonly kind: "read";
  readonly area: ModbusArea;
  readonly at: number;
  readonly size: number;
}

export type ModbusAnswer =
  | { readonly kind: "words"; readonly words: readonly number[] }
  | { readonly kind: "bits"; readonly bits: readonly boolean[] }
  | { readonly kind: "written" }
  | { readonly kind: "exception"; readonly code: number }
  /** The question itself, where no answer looks like it. */
  | { readonly kind: "echo" }
  /** It answers another question; `why` says how one can tell. */
  | { readonly kind: "misfit"; readonly why: string };

export const bitsReadMax = 2_000;
export const registersWrittenMax = 123;

const exceptionBit = 0x80;

const exceptionNames: Readonly<Record<number, string>> = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "server device failure",
  5: "acknowledged, not done yet",
  6: "server device busy",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target does not respond",
};

/** An exception as technicians look for it. */
export const exceptionText = (code: number): string =>
  `${exceptionNames[code] ?? "unknown"} (exception ${code})`;

/** What is wrong with the question as such: asked again it is refused again. */
export const isMisfitException = (code: number): boolean => code >= 1 && code <= 3;

const readFunctions = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;

function functionOf(ask: ModbusAsk): number {
  switch (ask.kind) {
    case "read":
      return readFunctions[ask.area];
    case "writeBits":
      return ask.bits.length === 1 ? 5 : 15;
    case "writeWords":
      return ask.words.length === 1 ? 6 : 16;
  }
}

/** The question's bytes, function code first. */
export function askBytes(ask: ModbusAsk): Uint8Array {
  const code = functionOf(ask);
  switch (ask.kind) {
    case "read":
      return Uint8Array.of(code, ...wordBytes(ask.at), ...wordBytes(ask.size));
    case "writeBits": {
      const { at, bits } = ask;
      if (bits.length === 1) {
        return Uint8Array.of(code, ...wordBytes(at), bits[0] === true ? 0xff : 0, 0);
      }
      const packed = packBits(bits);
      const head = [...wordBytes(at), ...wordBytes(bits.length), packed.length];
      return Uint8Array.of(code, ...head, ...packed);
    }
    case "writeWords": {
      const { at, words } = ask;
      const bytes = words.flatMap(wordBytes);
      if (words.length === 1) return Uint8Array.of(code, ...wordBytes(at), ...bytes);
      const head = [...wordBytes(at), ...wordBytes(words.length), bytes.length];
      return Uint8Array.of(code, ...head, ...bytes);
    }
  }
}

/** How many bytes an answer to it has that is no exception. */
export function answerLength(ask: ModbusAsk): number {
  if (ask.kind !== "read") return 5;
  const isBits = ask.area === "coil" || ask.area === "discrete";
  return 2 + (isBits ? Math.ceil(ask.size / 8) : 2 * ask.size);
}

export const exceptionLength = 2;

/** Whether an answer with these first bytes may be one to this question. */
export function isAnswerHead(ask: ModbusAsk, code: number, next: number): boolean {
  if (code !== functionOf(ask)) return false;
  return ask.kind !== "read" || next === answerLength(ask) - 2;
}
export const isExceptionHead = (ask: ModbusAsk, code: number): boolean =>
  code === (functionOf(ask) | exceptionBit);

/** What came back, compared with what was asked: function, length, and what was written where. */
export function readAnswer(ask: ModbusAsk, pdu: Uint8Array): ModbusAnswer {
  const [code = 0, second = 0] = pdu;
  const asked = askBytes(ask);
  if (isExceptionHead(ask, code)) {
    return pdu.length === exceptionLength
      ? { kind: "exception", code: second }
      : misfit(`an exception of ${pdu.length} bytes`);
  }
  if (ask.kind === "read" && isSame(pdu, asked)) return { kind: "echo" };
  if (code !== functionOf(ask)) return misfit(`function ${code}, not ${functionOf(ask)}`);
  if (pdu.length !== answerLength(ask)) {
    return misfit(`${pdu.length} bytes, not ${answerLength(ask)}`);
  }
  if (ask.kind !== "read") {
    return isSame(pdu, asked.subarray(0, 5))
      ? { kind: "written" }
      : misfit(`${hexText(pdu)} is not what was written`);
  }
  if (second !== pdu.length - 2)
    return misfit(`${second} bytes announced, ${pdu.length - 2} there`);
  const data = pdu.subarray(2);
  return ask.area === "coil" || ask.area === "discrete"
    ? { kind: "bits", bits: unpackBits(data, ask.size) }
    : { kind: "words", words: unpackWords(data) };
}

const misfit = (why: string): ModbusAnswer => ({ kind: "misfit", why });

export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index]);

const wordBytes = (word: number): [number, number] => [word >> 8, word & 0xff];

function unpackWords(data: Uint8Array): number[] {
  const words: number[] = [];
  for (let at = 0; at + 1 < data.length; at += 2) {
    words.push(((data[at] ?? 0) << 8) | (data[at + 1] ?? 0));
  }
  return words;
}

/** The first bit is the lowest one of the first byte. */
function packBits(bits: readonly boolean[]): number[] {
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, () => 0);
  bits.forEach((isSet, index) => {
    if (isSet) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

const unpackBits = (data: Uint8Array, size: number): boolean[] =>
  Array.from({ length: size }, (_, index) => (((data[index >> 3] ?? 0) >> (index & 7)) & 1) === 1);
