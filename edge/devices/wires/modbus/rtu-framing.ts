import { crc16 } from "../../../../protocols/crc16.ts";
import type { ModbusArrival, ModbusFraming } from "./framing.ts";
import {
  answerLength,
  askBytes,
  exceptionLength,
  isAnswerHead,
  isExceptionHead,
  isSame,
  type ModbusAsk,
} from "./pdu.ts";
import { joined } from "./tcp-framing.ts";

export interface RtuFramingOptions {
  readonly unitId: number;
  readonly characters: RtuCharacters;
}

/** A serial line's characters, of which each byte is one. */
export interface RtuCharacters {
  readonly baudRate: number;
  /** Start, data, parity and stop. */
  readonly bits: number;
}

/** Unit, function, at most 252 bytes, checksum. */
const frameBytesMax = 256;
/** Between an answer and the next question, in characters; from 19,200 baud on it no longer shrinks. */
const silenceCharacters = 3.5;
const silenceMsMin = 1.75;

const characterMs = ({ baudRate, bits }: RtuCharacters): number => (bits * 1_000) / baudRate;
const silenceMsOf = (characters: RtuCharacters): number =>
  characters.baudRate > 19_200 ? silenceMsMin : silenceCharacters * characterMs(characters);

/** A question and its answer on the line, with the silence before each. */
export function rtuAirMs(ask: ModbusAsk, characters: RtuCharacters): number {
  const bytes = frameLength(askBytes(ask).length) + frameLength(answerLength(ask));
  return bytes * characterMs(characters) + 2 * silenceMsOf(characters);
}

/**
 * Modbus on a serial line (Modbus over Serial Line V1.02, 2.5.1): unit, function, data, checksum. There
 * is no transaction, and an operating system hands bytes on long after the silence that ends a frame.
 * So what is looked for is the one answer that was asked for: its unit, its function, its length, and
 * a checksum that is right. All else that comes meanwhile is noise, or too late.
 */
export function createRtuFraming({ unitId, characters }: RtuFramingOptions): ModbusFraming {
  let open: { readonly ask: ModbusAsk; readonly frame: Uint8Array } | null = null;
  let held = new Uint8Array();

  const stray = (bytes: number): ModbusArrival[] =>
    bytes === 0 ? [] : [{ kind: "stray", why: `${bytes} bytes that answer nothing` }];

  return {
    silenceMs: silenceMsOf(characters),
    airMs: (ask) => rtuAirMs(ask, characters),
    reset() {
      open = null;
      held = new Uint8Array();
    },
    ask(ask) {
      held = new Uint8Array();
      open = { ask, frame: rtuFrame(unitId, askBytes(ask)) };
      return open.frame;
    },
    bufferedBytes: () => held.length,
    forget() {
      open = null;
      held = new Uint8Array();
    },
    take(chunk) {
      if (open === null) return stray(chunk.length);
      held = joined(held, chunk);
      const found = findAnswer(held, unitId, open);
      if (found === null) {
        // An answer that begins further back would have been whole by now.
        const cut = Math.max(0, held.length - frameBytesMax);
        held = held.subarray(cut);
        return stray(cut);
      }
      const { from, to } = found;
      const pdu = held.slice(from + 1, to - 2);
      const others = from + held.length - to;
      held = new Uint8Array();
      open = null;
      return [...stray(others), { kind: "answer", pdu }];
    },
  };
}

/** A frame as it goes over the line. */
export function rtuFrame(unitId: number, pdu: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = Uint8Array.of(unitId, ...pdu);
  const crc = crc16(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}

const frameLength = (pduLength: number): number => pduLength + 3;

/** Where the first answer to that question lies, exceptions and the question itself among them. */
function findAnswer(
  held: Uint8Array,
  unitId: number,
  { ask, frame }: { readonly ask: ModbusAsk; readonly frame: Uint8Array },
): { readonly from: number; readonly to: number } | null {
  for (let from = 0; from + 2 < held.length; from += 1) {
    if (held[from] !== unitId) continue;
    // A question that comes back is told apart by whoever reads it.
    const isEcho = ask.kind === "read" && isSame(held.subarray(from, from + frame.length), frame);
    const code = held[from + 1] ?? 0;
    const length = isEcho
      ? frame.length - 3
      : isExceptionHead(ask, code)
        ? exceptionLength
        : isAnswerHead(ask, code, held[from + 2] ?? 0)
          ? answerLength(ask)
          : null;
    if (length === null) continue;
    const to = from + frameLength(length);
    if (to <= held.length && hasGoodCrc(held.subarray(from, to))) return { from, to };
  }
  return null;
}

const hasGoodCrc = (frame: Uint8Array): boolean => {
  const end = frame.length - 2;
  const crc = crc16(frame.subarray(0, end));
  return frame[end] === (crc & 0xff) && frame[end + 1] === crc >> 8;
};
