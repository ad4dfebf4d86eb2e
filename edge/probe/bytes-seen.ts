import { holdsModbusAscii } from "../../protocols/modbus-ascii.ts";
import { createSsiParser } from "../../protocols/scanner/ssi.ts";
import { hexToBytes, zScannerFormat, type ScannerFormat } from "../../protocols/scanner/format.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import {
  scannerPresetNames,
  scannerPresets,
  type ScannerPresetName,
} from "../../protocols/scanner/presets.ts";

/**
 * What bytes tell of whoever sent them, when nobody can read them: pure, and only for hints to a
 * technician. Nothing here ever makes a parcel's code.
 */

const highBit = 0x80;
const isOdd = (byte: number): boolean => {
  let ones = 0;
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1;
  return ones % 2 === 1;
};

/**
 * Whether it begins with a packet of ISO transport on TCP, which says how long it is; of the first one
 * nothing need be there but its head.
 */
export function isIsoTcp(bytes: Uint8Array): boolean {
  const [version, reserved, high = 0, low = 0] = bytes;
  const length = 256 * high + low;
  return bytes.length >= 5 && version === 3 && reserved === 0 && length >= isoTcpPacketBytesMin;
}
const isoTcpPacketBytesMin = 6;

/** So few bytes fit any rule by chance. */
const parityBytesMin = 8;

/**
 * The parity that bit 7 bears on all bytes alike, where the sender has seven bits and the line takes
 * eight; null where it bears none, as for plain ASCII.
 */
export function parityBit(bytes: Uint8Array): "even" | "odd" | null {
  if (bytes.length < parityBytesMin || bytes.every((byte) => byte < highBit)) return null;
  if (!isText(bytes.map((byte) => byte & ~highBit))) return null;
  const bears = (wanted: boolean): boolean => bytes.every((byte) => isOdd(byte) === wanted);
  if (bears(false)) return "even";
  return bears(true) ? "odd" : null;
}

/** ASCII: what can be printed, and the control characters that dialects are made of. */
const textControls = new Set([0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x0a, 0x0d, 0x15, 0x1b, 0x1d]);
const isTextByte = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || textControls.has(byte);
const textShareMin = 0.9;

/** At a wrong baud rate hardly any byte is one of text. */
export const isText = (bytes: Uint8Array): boolean =>
  bytes.filter(isTextByte).length >= bytes.length * textShareMin;

/** How the frames of a text may end, the longest first. */
const endsKnown = ["0D0A", "0D", "0A", "03"] as const;

const holds = (bytes: Uint8Array, hex: string): boolean =>
  Buffer.from(bytes).includes(Buffer.from(hexToBytes(hex)));

/** What ends frames here, if not one of `own`; null where nothing known does. */
export const otherEnd = (bytes: Uint8Array, own: readonly string[]): string | null =>
  own.some((hex) => holds(bytes, hex))
    ? null
    : (endsKnown.find((hex) => holds(bytes, hex)) ?? null);

/** Whether the byte that begins a frame is missing. */
export const lacksStart = (bytes: Uint8Array, startHex: string | null): boolean =>
  startHex !== null && !holds(bytes, startHex);

/** What a scanner may be set to, so that what came is read whole. */
export type ScannerSetting = ScannerPresetName | "zebra-ssi";

/** The settings under which something is read and nothing thrown away. */
export const settingsThatRead = (bytes: Uint8Array): readonly ScannerSetting[] => [
  ...scannerPresetNames.filter((name) => {
    const read = framesUnder(zScannerFormat.parse(scannerPresets[name]), bytes);
    return read.some(({ kind }) => kind === "read") && read.every(isTaken);
  }),
  ...(isSsi(bytes) ? (["zebra-ssi"] as const) : []),
];

/** The last frame of what was seen may have been cut by the end of looking. */
function framesUnder(format: ScannerFormat, bytes: Uint8Array) {
  const parser = createScannerParser(format);
  return parser.push(bytes);
}

const isTaken = ({ kind }: { readonly kind: string }): boolean => kind !== "discarded";

function isSsi(bytes: Uint8Array): boolean {
  const frames = createSsiParser().push(bytes);
  return frames.some(({ kind }) => kind === "decoded") && frames.every(isTaken);
}

/** A master's questions or a device's answers, in the framing that nobody here speaks. */
export const isModbusAscii = (bytes: Uint8Array): boolean =>
  holdsModbusAscii(String.fromCharCode(...bytes));
