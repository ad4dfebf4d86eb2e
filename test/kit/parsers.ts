import { whyNoStill } from "../../edge/devices/camera/still-file.ts";
import { digestAnswer, readChallenges } from "../../edge/devices/wires/http-digest.ts";
import { createRtuFraming, rtuFrame } from "../../edge/devices/wires/modbus/rtu-framing.ts";
import type { ModbusFraming } from "../../edge/devices/wires/modbus/framing.ts";
import { createTcpFraming } from "../../edge/devices/wires/modbus/tcp-framing.ts";
import { createIsoTcpReader, encodeIsoTcpData } from "../../protocols/iso-tcp.ts";
import { createCubiscanParser } from "../../protocols/scale/cubiscan.ts";
import { createMtSicsParser } from "../../protocols/scale/mt-sics.ts";
import { createSickMdaParser, encodeSickMda } from "../../protocols/scale/sick-mda.ts";
import { createToledo8213Parser, encodeToledo8213 } from "../../protocols/scale/toledo-8213.ts";
import {
  createToledoParser,
  defaultToledoFormat,
  encodeToledo,
} from "../../protocols/scale/toledo.ts";
import { encodeDmccAnswer } from "../../protocols/scanner/dmcc.ts";
import { encodeScannerBytes, encodeScannerRead } from "../../protocols/scanner/encoder.ts";
import { zScannerFormat, type ScannerFormat } from "../../protocols/scanner/format.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { scannerPresetNames, scannerPresets } from "../../protocols/scanner/presets.ts";
import { createSsiParser, encodeSsiDecoded } from "../../protocols/scanner/ssi.ts";
import { createOsipParser } from "../../protocols/sorter/osip.ts";
import {
  createTelegramParser as createSorterTelegramParser,
  strayBytesMax,
  telegramCharsMax,
} from "../../protocols/sorter/telegram-frames.ts";
import { encodeLinkTelegram } from "../../protocols/sorter/telegrams.ts";
import { createTelegramParser, telegramBytesMax } from "../../protocols/xray/telegram-frame.ts";
import { encodeXrayTelegram } from "../../protocols/xray/telegrams.ts";
import { pngFile } from "./png-files.ts";
import { approvedTelegrams } from "./xray-telegrams.ts";

/** A parser of bytes as a wire brings them, and what its machine sends. */
export interface TriedParser {
  readonly name: string;
  /** The slowest and the fastest wire that may carry it: what it has to keep up with. */
  readonly isOnSerial: boolean;
  /** One good message. */
  readonly message: Uint8Array;
  /** What it may hold at most of a message that is not whole. */
  readonly heldBytesMax: number;
  /** One message is answered at a time, so that no two come in one chunk. */
  readonly isAsked: boolean;
  open(): OpenParser;
}

export interface OpenParser {
  /** How many good messages these bytes complete. */
  push(chunk: Uint8Array): number;
  silence(): void;
  heldBytes(): number;
}

interface Parser {
  push(chunk: Uint8Array): readonly { readonly kind: string }[];
  timeOut(): unknown;
  bufferedBytes(): number;
}

const opened = (parser: Parser, good: string): OpenParser => ({
  push: (chunk) => parser.push(chunk).filter(({ kind }) => kind === good).length,
  silence: () => void parser.timeOut(),
  heldBytes: () => parser.bufferedBytes(),
});

const code = { text: "RB123456785GB", aim: "]C0" };
const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** Bytes around the text of a frame, CoLa-B's head and check among them. */
const aroundBytesMax = 9;

const ofFormat = (name: string, format: ScannerFormat, message: Uint8Array): TriedParser => ({
  name,
  isOnSerial: true,
  message,
  heldBytesMax: format.maxLengthBytes + aroundBytesMax,
  isAsked: false,
  open: () => opened(createScannerParser(format), "read"),
});

const presets = scannerPresetNames.map((name) => {
  const format = zScannerFormat.parse(scannerPresets[name]);
  return ofFormat(`scanner ${name}`, format, encodeScannerRead(format, [code]));
});

function numbered(): TriedParser {
  const dmccCommands = { checksum: "frame", answerWithinMs: 200 } as const;
  const format = zScannerFormat.parse({ ...scannerPresets.cognex, dmccCommands });
  const answer = { commandId: 7, state: 1, data: code.text };
  const message = encodeScannerBytes(format, encodeDmccAnswer(answer, dmccCommands));
  return ofFormat("scanner cognex, numbered", format, message);
}

const onSerial = (
  name: string,
  given: Pick<TriedParser, "message" | "heldBytesMax" | "open">,
): TriedParser => ({ name, isOnSerial: true, isAsked: false, ...given });

const format8213 = { digits: 6, decimals: 2, unit: "kg" } as const;
const osipFormat = { length: 160, lengthCounts: "whole" } as const;
const osipRequest =
  "###00160SPS03MFC__00001REQ_000000000S0000004711FGINIPNT000100000000????????????????????0000009020131123225959";
/** Of an answer over TCP: head and 253 bytes. */
const modbusTcpBytesMax = 260;
const modbusRtuBytesMax = 256;

const question = { kind: "read", area: "holding", at: 10, size: 20 } as const;
const answerPdu = Uint8Array.of(3, 40, ...Array.from({ length: 40 }, (_, at) => at));

const machines: readonly TriedParser[] = [
  onSerial("scanner zebra-ssi", {
    message: encodeSsiDecoded({
      symbology: 3,
      data: code.text,
      isRetransmit: false,
      isContinued: false,
    }),
    heldBytesMax: 257,
    open: () => opened(createSsiParser(), "decoded"),
  }),
  onSerial("scale toledo", {
    message: encodeToledo({ grams: 1_234, isInMotion: false }, defaultToledoFormat),
    heldBytesMax: 18,
    open: () => opened(createToledoParser(defaultToledoFormat), "reading"),
  }),
  onSerial("scale toledo-8213", {
    message: encodeToledo8213({ kind: "weight", shown: 1_234 }, format8213),
    heldBytesMax: format8213.digits + 3,
    open: () => opened(createToledo8213Parser(format8213), "weight"),
  }),
  onSerial("scale mt-sics", {
    message: latin("S S     100.00 g\r\n"),
    heldBytesMax: 80,
    open: () => opened(createMtSicsParser(), "weight"),
  }),
  onSerial("scale cubiscan", {
    message: latin("\x02MAC000000,L012.3,W008.0,H004.5,M,K001.25,D000.45,M,F0366,D\x03\r\n"),
    heldBytesMax: 60,
    open: () => opened(createCubiscanParser(), "measurement"),
  }),
  onSerial("scale sick-mda", {
    message: encodeSickMda({
      objectNumber: 145,
      code: code.text,
      grams: 1_234,
      isScaleConnected: true,
      dimensionsMm: { length: 321, width: 200, height: 100 },
      status: 0,
    }),
    heldBytesMax: 181,
    open: () => opened(createSickMdaParser("HB"), "measurement"),
  }),
  onSerial("sorter sortline-telegrams", {
    message: encodeLinkTelegram({ kind: "life", link: "MB2K1F", epoch: "e1" }),
    heldBytesMax: telegramCharsMax + strayBytesMax,
    open: () => opened(createSorterTelegramParser(), "telegram"),
  }),
  {
    name: "sorter osip",
    isOnSerial: false,
    message: latin(osipRequest.padEnd(osipFormat.length, "*")),
    heldBytesMax: osipFormat.length + strayBytesMax,
    isAsked: false,
    open: () => opened(createOsipParser(osipFormat), "telegram"),
  },
  onSerial("X-ray sortline-telegrams", {
    message: encodeXrayTelegram(approvedTelegrams.find(([name]) => name === "VERDICT")![1], 1),
    heldBytesMax: telegramBytesMax,
    open: () => opened(createTelegramParser(), "telegram"),
  }),
  modbusRtu(),
  modbusTcp(),
  {
    name: "ISO on TCP",
    isOnSerial: false,
    message: encodeIsoTcpData(latin("#".repeat(160)), 1_024),
    heldBytesMax: 65_535,
    isAsked: false,
    open: openIsoTcp,
  },
  challenge(),
  ofWhole("camera still", {
    message: pngFile({ widthPx: 2, heightPx: 2, bits: 8, pixels: [0, 85, 170, 255] }),
    // Far below what a still may have: each piece is looked at with all before it.
    bytesMax: 65_536,
    isWhole: (bytes) => whyNoStill(bytes) === null,
  }),
];

/** As long as Node takes a header. */
function challenge(): TriedParser {
  const asker = { name: "a", password: "b", method: "GET", uri: "/still", clientNonce: "c" };
  const answerTo = (header: Uint8Array): string | null =>
    digestAnswer(readChallenges(Buffer.from(header).toString("latin1")), asker);
  const message = latin(
    String.raw`Basic realm="x", Digest realm="Cam (2, \"east\")", nonce="n", qop="auth", opaque="o"`,
  );
  const wanted = answerTo(message);
  return ofWhole("HTTP challenge", {
    message,
    bytesMax: 16_384,
    isWhole: (header) => answerTo(header) === wanted,
  });
}

/** What is read as a whole once its last piece has come: a header, the body of an answer. */
function ofWhole(
  name: string,
  whole: {
    readonly message: Uint8Array;
    readonly bytesMax: number;
    readonly isWhole: (bytes: Uint8Array) => boolean;
  },
): TriedParser {
  const { message, bytesMax, isWhole } = whole;
  return {
    name,
    isOnSerial: false,
    message,
    heldBytesMax: bytesMax,
    isAsked: true,
    open() {
      let held = new Uint8Array();
      const forget = (): void => {
        held = new Uint8Array();
      };
      return {
        push(chunk) {
          held = new Uint8Array(Buffer.concat([held, chunk]));
          const isRead = isWhole(held);
          if (isRead || held.length > bytesMax) forget();
          return isRead ? 1 : 0;
        },
        silence: forget,
        heldBytes: () => held.length,
      };
    },
  };
}

function modbusRtu(): TriedParser {
  const characters = { baudRate: 115_200, bits: 11 };
  return {
    name: "Modbus RTU",
    isOnSerial: true,
    message: rtuFrame(1, answerPdu),
    heldBytesMax: modbusRtuBytesMax,
    isAsked: true,
    open: () => answering(() => createRtuFraming({ unitId: 1, characters })),
  };
}

function modbusTcp(): TriedParser {
  const length = answerPdu.length + 1;
  return {
    name: "Modbus TCP",
    isOnSerial: false,
    message: Uint8Array.of(0, 1, 0, 0, length >> 8, length & 0xff, 1, ...answerPdu),
    heldBytesMax: modbusTcpBytesMax,
    isAsked: true,
    open: () => answering(() => createTcpFraming(1)),
  };
}

/** Each answer is to the first question of a connection, so that its transaction is always 1. */
function answering(connect: () => ModbusFraming): OpenParser {
  let framing = connect();
  const askAnew = (): void => {
    framing = connect();
    framing.ask(question);
  };
  askAnew();
  return {
    push(chunk) {
      const arrivals = framing.take(chunk);
      const answers = arrivals.filter(({ kind }) => kind === "answer").length;
      if (answers > 0 || arrivals.some(({ kind }) => kind === "broken")) askAnew();
      return answers;
    },
    silence: askAnew,
    heldBytes: () => framing.bufferedBytes(),
  };
}

/** What is broken is hung up on, and begun anew. */
function openIsoTcp(): OpenParser {
  let reader = createIsoTcpReader();
  return {
    push(chunk) {
      const words = reader.push(chunk);
      if (words.at(-1)?.kind === "broken") reader = createIsoTcpReader();
      return words.filter(({ kind }) => kind === "data").length;
    },
    silence() {
      reader = createIsoTcpReader();
    },
    heldBytes: () => reader.bufferedBytes(),
  };
}

/** Every parser that reads what a machine sends over a stream of bytes. */
export const triedParsers: readonly TriedParser[] = [...presets, numbered(), ...machines];
