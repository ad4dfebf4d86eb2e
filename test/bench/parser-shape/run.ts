import type { ReportLanguage } from "../report-language.ts";
import { performance } from "node:perf_hooks";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { noise } from "../../fuzz/fuzz-parser.ts";
import { triedParsers, type TriedParser } from "../../kit/parsers.ts";

/** What one parser takes, in bytes a second. */
export interface ParserRun {
  readonly name: string;
  readonly isOnSerial: boolean;
  /** Its machine's messages, one behind the other. */
  readonly messagesBytesPerS: number;
  /** Random bytes, in which hardly anything is a message. */
  readonly noiseBytesPerS: number;
  readonly heldBytes: number;
  readonly heldBytesMax: number;
}

/** The fastest line there is: 115,200 baud, ten bits a byte. */
export const serialBytesPerS = 11_520;
/** 100 Mbit/s. */
export const tcpBytesPerS = 12_500_000;
/** A line's thread has other things to do than to read one reader. */
export const serialTimesMin = 20;

/** As much as a socket hands over in a packet, and when it could not for a while. */
const packetBytes = 1_460;
const burstBytes = 65_536;

export interface ParserShapeOptions {
  /** How long each stream is given to each parser. */
  readonly measureMs: number;
  readonly seed: number;
}

export const runParserShape = (options: ParserShapeOptions): readonly ParserRun[] =>
  triedParsers.map((parser) => measureParser(parser, options));

export function measureParser(
  parser: TriedParser,
  { measureMs, seed }: ParserShapeOptions,
): ParserRun {
  const burst = noise(createSeededEntropy(seed, parser.name), burstBytes);
  const messages = packetOf(parser);
  const { name, isOnSerial, heldBytesMax } = parser;
  // Once without looking at the clock, so that nothing of it is compiled while it is measured.
  rateOf(parser, messages, measureMs / 4);
  const clean = rateOf(parser, messages, measureMs);
  const noisy = rateOf(parser, burst, measureMs);
  return {
    name,
    isOnSerial,
    messagesBytesPerS: clean.bytesPerS,
    noiseBytesPerS: noisy.bytesPerS,
    heldBytes: Math.max(clean.heldBytes, noisy.heldBytes),
    heldBytesMax,
  };
}

/** Whole messages, as many as a packet holds; one, where each has to be asked for. */
function packetOf({ message, isAsked }: TriedParser): Uint8Array {
  const copies = isAsked ? 1 : Math.max(1, Math.floor(packetBytes / message.length));
  const packet = new Uint8Array(copies * message.length);
  for (let copy = 0; copy < copies; copy += 1) packet.set(message, copy * message.length);
  return packet;
}

/** The best of some stretches: what else the machine does meanwhile is not the parser's. */
function rateOf(parser: TriedParser, chunk: Uint8Array, measureMs: number) {
  const open = parser.open();
  let bytesPerS = 0;
  let heldBytes = 0;
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = performance.now();
    let bytes = 0;
    let tookMs = 0;
    while (tookMs < measureMs / stretches) {
      open.push(chunk);
      bytes += chunk.length;
      heldBytes = Math.max(heldBytes, open.heldBytes());
      tookMs = performance.now() - from;
    }
    bytesPerS = Math.max(bytesPerS, (bytes * 1_000) / tookMs);
  }
  return { bytesPerS, heldBytes };
}

const stretches = 8;

/** What it does not hold of what is promised; null where it holds. */
export function parserFault(run: ParserRun): Readonly<Record<ReportLanguage, string>> | null {
  const { name, isOnSerial, messagesBytesPerS, noiseBytesPerS, heldBytes, heldBytesMax } = run;
  if (heldBytes > heldBytesMax) {
    return {
      en: `${name} holds ${heldBytes} bytes, and ${heldBytesMax} at most`,
      zh: `${name} 缓存 ${heldBytes} 字节，最多应为 ${heldBytesMax}`,
    };
  }
  const least = Math.round(Math.min(messagesBytesPerS, noiseBytesPerS));
  if (!isOnSerial || least >= serialTimesMin * serialBytesPerS) return null;
  return {
    en: `${name} takes ${least} bytes/s, less than ${serialTimesMin} times a serial line`,
    zh: `${name} 每秒处理 ${least} 字节，不到串口的 ${serialTimesMin} 倍`,
  };
}
