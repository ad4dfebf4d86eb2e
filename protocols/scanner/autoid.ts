import {
  codeCharsMax,
  codesPerReadMax,
  partAim,
  type ScannedCode,
} from "../barcode/scanned-code.ts";
import { epochMs, type EpochMs } from "../units.ts";

/**
 * What an AutoID reader (OPC 30010, version 1.01) sends with an optical scan event: the body of an
 * `OpticalScanResult` in OPC UA's binary form. It is decoded here, because libraries disagree about
 * the bits that say which of the inherited optional fields there are.
 * @see OPC 10000-6, 5.2.6 and 5.2.7: structures with optional fields, unions
 */
export const autoIdNamespaceUri = "http://opcfoundation.org/UA/AutoID/";

/** Node numbers in that namespace. */
export const autoIdNodes = {
  opticalScanResultBinary: 5040,
  scanSettingsBinary: 5015,
} as const;

/** Whoever has made a result names its code as it likes; nothing is derived from it. */
export interface AutoIdScan {
  readonly codeType: string;
  readonly data:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    /** Of a radio tag, or of a form that is the maker's own. */
    | { readonly kind: "other" };
  /** When it was scanned, by the reader's calendar; null where it has none. */
  readonly at: EpochMs | null;
  /** Of the print, 4 best to 0. */
  readonly grade: number | null;
  readonly symbology: string | null;
}

export type AutoIdRead =
  | { readonly kind: "scan"; readonly scan: AutoIdScan }
  | { readonly kind: "invalid"; readonly why: string };

/** Bits of the field mask: one for each optional field, those of the parent type first. */
const optionalBits = { location: 1, grade: 2, position: 4, symbology: 8, imageId: 16 } as const;
const knownBits = Object.values(optionalBits).reduce((sum, bit) => sum + bit, 0);

const positionBytes = 5 * 4;
/** X, Y, Z, time, two precisions. */
const localCoordinateBytes = 3 * 8 + 8 + 8 + 4;

export function readOpticalScanResult(body: Uint8Array): AutoIdRead {
  try {
    return { kind: "scan", scan: readScan(new Reader(body)) };
  } catch (error) {
    if (error instanceof Malformed) return { kind: "invalid", why: error.message };
    throw error;
  }
}

class Malformed extends Error {}

function readScan(reader: Reader): AutoIdScan {
  const mask = reader.uint32("the field mask");
  if ((mask & ~knownBits) !== 0) {
    throw new Malformed(`fields that nobody knows: mask ${mask.toString(16)}`);
  }
  const has = (bit: number): boolean => (mask & bit) !== 0;
  const codeType = reader.text("CodeType") ?? "";
  const data = readScanData(reader);
  const at = reader.time("Timestamp");
  if (has(optionalBits.location)) skipLocation(reader);
  const grade = has(optionalBits.grade) ? reader.float("Grade") : null;
  if (has(optionalBits.position)) reader.skip(positionBytes, "Position");
  const symbology = has(optionalBits.symbology) ? reader.text("Symbology") : null;
  if (has(optionalBits.imageId)) reader.skipNodeId("ImageId");
  const restBytes = reader.left();
  if (restBytes > 0) throw new Malformed(`${restBytes} bytes too many`);
  return { codeType, data, at, grade, symbology };
}

/** A union: the number of its field, then the field; 0 for none. */
function readScanData(reader: Reader): AutoIdScan["data"] {
  const field = reader.uint32("ScanData");
  switch (field) {
    case 0:
      return { kind: "text", text: "" };
    case 1:
      return { kind: "bytes", bytes: reader.bytes("ScanData.ByteString") ?? new Uint8Array(0) };
    case 2:
      return { kind: "text", text: reader.text("ScanData.String") ?? "" };
    case 3:
      reader.skip(2, "ScanData.Epc.PC");
      reader.bytes("ScanData.Epc.UId");
      reader.skip(4, "ScanData.Epc.XPC");
      return { kind: "other" };
    default:
      // A field of any type ends nobody knows where.
      throw new Malformed(`ScanData is of the form ${field}`);
  }
}

function skipLocation(reader: Reader): void {
  const field = reader.uint32("Location");
  switch (field) {
    case 0:
      return;
    case 1:
    case 4:
      reader.bytes("Location");
      return;
    case 2:
      return reader.skip(localCoordinateBytes, "Location.Local");
    case 3:
      reader.bytes("Location.WGS84");
      reader.skip(8, "Location.WGS84.Latitude");
      reader.bytes("Location.WGS84");
      return reader.skip(8 + 8 + 8 + 8 + 4 + 4, "Location.WGS84");
    default:
      throw new Malformed(`Location is of the form ${field}`);
  }
}

/** 100 ns since 1601, as OPC UA counts time. */
const ticksPerMs = 10_000n;
const epochTicksMs = 11_644_473_600_000n;

const utf8 = new TextDecoder("utf-8", { fatal: true });

class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  left(): number {
    return this.#view.byteLength - this.#at;
  }

  uint32(name: string): number {
    return this.#view.getUint32(this.#take(4, name), true);
  }

  float(name: string): number {
    return this.#view.getFloat32(this.#take(4, name), true);
  }

  /** Null for 0, which says that nobody knows. */
  time(name: string): EpochMs | null {
    const ticks = this.#view.getBigInt64(this.#take(8, name), true);
    return ticks <= 0n ? null : epochMs(Number(ticks / ticksPerMs - epochTicksMs));
  }

  /** Null as OPC UA has it, which is not the same as none. */
  bytes(name: string): Uint8Array | null {
    const length = this.#view.getInt32(this.#take(4, name), true);
    if (length < 0) return null;
    const from = this.#take(length, name);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + from, length);
  }

  text(name: string): string | null {
    const bytes = this.bytes(name);
    try {
      return bytes === null ? null : utf8.decode(bytes);
    } catch {
      throw new Malformed(`${name} is not UTF-8`);
    }
  }

  skip(bytes: number, name: string): void {
    this.#take(bytes, name);
  }

  /** OPC 10000-6, 5.2.2.9: its first byte tells how long it is. */
  skipNodeId(name: string): void {
    const form = this.#view.getUint8(this.#take(1, name));
    const fixed = { 0: 1, 1: 3, 2: 6, 4: 18 }[form];
    if (fixed !== undefined) return this.skip(fixed, name);
    if (form !== 3 && form !== 5) throw new Malformed(`${name} is of the form ${form}`);
    this.skip(2, name);
    this.bytes(name);
  }

  #take(bytes: number, name: string): number {
    if (bytes > this.left()) throw new Malformed(`cut within ${name}`);
    const from = this.#at;
    this.#at += bytes;
    return from;
  }
}

export type AutoIdCodes =
  | { readonly kind: "codes"; readonly codes: readonly ScannedCode[] }
  | { readonly kind: "invalid"; readonly why: string };

/**
 * All codes of one event, which is one read. One that cannot be understood spoils the read as a whole:
 * dropping it alone could turn two parcels' labels into one.
 */
export function codesOfScans(scans: readonly AutoIdScan[]): AutoIdCodes {
  if (scans.length > codesPerReadMax) {
    return { kind: "invalid", why: `${scans.length} codes are more than ${codesPerReadMax}` };
  }
  const codes: ScannedCode[] = [];
  for (const { data, codeType } of scans) {
    const whole = textOf(data);
    if (whole === null) return { kind: "invalid", why: `${codeType || "a code"}: no text` };
    const { aim, text } = partAim(whole);
    if (text.length > codeCharsMax) {
      return { kind: "invalid", why: `${text.length} characters are more than ${codeCharsMax}` };
    }
    if (text !== "") codes.push({ text, aim });
  }
  return { kind: "codes", codes };
}

/** Bytes are taken for Latin-1, as readers mean them that decode no text. */
function textOf(data: AutoIdScan["data"]): string | null {
  if (data.kind === "text") return data.text;
  if (data.kind === "other") return null;
  return Array.from(data.bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** `ScanSettings` for scanning until it is told to stop: any time, any number, any data. */
export function scanForever(): Uint8Array {
  const fieldMaskBytes = 4;
  return new Uint8Array(fieldMaskBytes + 8 + 4 + 1);
}
