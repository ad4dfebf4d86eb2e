/**
 * ISO transport class 0 on TCP (RFC 1006), which many controllers open in the place of a bare socket.
 * Each packet says how long it is, and names of both ends (TSAPs) choose who is spoken to. Lengths are
 * big-endian and count the whole packet:
 *
 * | bytes | what |
 * |---|---|
 * | `03 00` and two of length | head of each packet |
 * | length, `E0`, `00 00`, own reference, `00`, parameters | whoever calls asks for a connection |
 * | length, `D0`, the caller's reference, own reference, `00`, parameters | it is made |
 * | `02 F0 80`, data | data; without the highest bit of the third byte more of them follow |
 * | length, `80`, references, reason | it is refused, or ended |
 *
 * Parameters are, by their first byte, 192 the size of a packet behind its head as a power of two, 193
 * the caller's TSAP and 194 the TSAP of whoever is called.
 * @see RFC 1006, ISO Transport Service on top of the TCP; ISO 8073, class 0
 */

/** Whoever calls, and whom it calls: 1 to 16 bytes each. */
export interface Tsaps {
  readonly calling: Uint8Array;
  readonly called: Uint8Array;
}

export type IsoTcpWord =
  | {
      readonly kind: "connectRequest";
      readonly sourceRef: number;
      readonly tsaps: Tsaps;
      readonly tpduBytesMax: number;
    }
  | {
      readonly kind: "connectConfirm";
      readonly destinationRef: number;
      /** Between whom it says that the connection is made; it need not name them. */
      readonly named: { readonly calling: Uint8Array | null; readonly called: Uint8Array | null };
      readonly tpduBytesMax: number;
    }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** Refused, or ended, for a reason of ISO 8073. */
  | { readonly kind: "disconnect"; readonly reason: number }
  /** A stream without marks cannot be read on behind a packet that is none. */
  | { readonly kind: "broken"; readonly detail: string };

/** What we propose, and what counts where the other end names no size: every end takes that much. */
export const isoTcpTpduBytes = 1_024;
const tpduBitsLeast = 7;
const tpduBitsMost = 13;
const headBytes = 4;
/** Length, code and mark before the data of a packet. */
const dataHeadBytes = 3;
/** Length, code, two references and the class. */
const connectHeadBytes = 7;
const tsapBytesMax = 16;

const code = { request: 0xe0, confirm: 0xd0, data: 0xf0, disconnect: 0x80, error: 0x70 } as const;
const parameter = { size: 0xc0, calling: 0xc1, called: 0xc2 } as const;

const hexTsap = /^[0-9A-Fa-f]{2}(?:\.[0-9A-Fa-f]{2}){1,15}$/;
/** As written in a configuration: `02.01` is two bytes, anything else the characters themselves. */
export const tsapPattern = new RegExp(`^[\\x21-\\x7e]{1,16}$|${hexTsap.source}`);

/** `text` is as `tsapPattern` wants it. */
export const tsapOf = (text: string): Uint8Array =>
  hexTsap.test(text)
    ? Uint8Array.from(text.split("."), (byte) => Number.parseInt(byte, 16))
    : Uint8Array.from(text, (char) => char.charCodeAt(0));

/** As people write it: characters where there are nothing but such, else bytes with points between. */
export const tsapText = (tsap: Uint8Array): string =>
  tsap.every((byte) => byte > 0x20 && byte < 0x7f)
    ? String.fromCharCode(...tsap)
    : [...tsap].map((byte) => byte.toString(16).padStart(2, "0")).join(".");

function packetOf(tpdu: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headBytes + tpdu.length);
  bytes.set([3, 0], 0);
  new DataView(bytes.buffer).setUint16(2, bytes.length);
  bytes.set(tpdu, headBytes);
  return bytes;
}

const twoBytes = (value: number): readonly number[] => [value >> 8, value & 0xff];
const parameterOf = (name: number, bytes: Uint8Array): readonly number[] => [
  name,
  bytes.length,
  ...bytes,
];
const parametersOf = ({ calling, called }: Tsaps, tpduBytesMax: number): readonly number[] => [
  ...parameterOf(parameter.size, Uint8Array.of(Math.log2(tpduBytesMax))),
  ...parameterOf(parameter.calling, calling),
  ...parameterOf(parameter.called, called),
];
const withLength = (fields: readonly number[]): Uint8Array =>
  packetOf(Uint8Array.of(fields.length, ...fields));

/** References are 1 to 65,535. */
export const encodeConnectRequest = (sourceRef: number, tsaps: Tsaps): Uint8Array =>
  withLength([
    code.request,
    0,
    0,
    ...twoBytes(sourceRef),
    0,
    ...parametersOf(tsaps, isoTcpTpduBytes),
  ]);

/** Answers a request; `tpduBytesMax` is a power of two, the smaller of both ends' sizes. */
export const encodeConnectConfirm = (
  request: Extract<IsoTcpWord, { kind: "connectRequest" }>,
  sourceRef: number,
): Uint8Array =>
  withLength([
    code.confirm,
    ...twoBytes(request.sourceRef),
    ...twoBytes(sourceRef),
    0,
    ...parametersOf(request.tsaps, Math.min(request.tpduBytesMax, isoTcpTpduBytes)),
  ]);

/** Reasons of ISO 8073 that are given here. */
export const disconnectReasons = { addressUnknown: 3 } as const;

export const encodeDisconnect = (destinationRef: number, reason: number): Uint8Array =>
  withLength([code.disconnect, ...twoBytes(destinationRef), 0, 0, reason]);

/** As many packets as it takes, one behind the other; the last bears the mark of an end. */
export function encodeIsoTcpData(bytes: Uint8Array, tpduBytesMax: number): Uint8Array {
  const stepBytes = tpduBytesMax - dataHeadBytes;
  const packets: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += stepBytes) {
    const part = bytes.subarray(from, from + stepBytes);
    const isLast = from + stepBytes >= bytes.length;
    const tpdu = new Uint8Array(dataHeadBytes + part.length);
    tpdu.set([2, code.data, isLast ? 0x80 : 0], 0);
    tpdu.set(part, dataHeadBytes);
    packets.push(packetOf(tpdu));
  }
  return joined(packets);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Reads one connection's stream. It holds one packet at most, 65,535 bytes. */
export interface IsoTcpReader {
  /** What these bytes complete, in their order; after `broken` nothing more. */
  push(chunk: Uint8Array): readonly IsoTcpWord[];
  bufferedBytes(): number;
}

export function createIsoTcpReader(): IsoTcpReader {
  let held: Uint8Array = new Uint8Array();
  let isBroken = false;

  const next = (): IsoTcpWord | null => {
    const wrong = [3, 0].findIndex((byte, at) => at < held.length && held[at] !== byte);
    if (wrong !== -1) return broken("it does not begin with 03 00");
    if (held.length < headBytes) return null;
    const length = new DataView(held.buffer, held.byteOffset).getUint16(2);
    // Head, length and code are the least that says anything.
    if (length < headBytes + 2) return broken(`a packet of ${length} bytes`);
    if (held.length < length) return null;
    const tpdu = held.subarray(headBytes, length);
    held = held.subarray(length);
    return readTpdu(tpdu);
  };

  return {
    push(chunk) {
      if (isBroken) return [];
      // A copy: what came belongs to whoever called, and may be a Buffer, which slices otherwise.
      held = joined([held, chunk]);
      const words: IsoTcpWord[] = [];
      for (let word = next(); word !== null; word = next()) {
        words.push(word);
        isBroken = word.kind === "broken";
        if (isBroken) break;
      }
      held = isBroken ? new Uint8Array() : held.slice();
      return words;
    },
    bufferedBytes: () => held.length,
  };
}

const broken = (detail: string): IsoTcpWord => ({ kind: "broken", detail });

function readTpdu(tpdu: Uint8Array): IsoTcpWord {
  const [lengthByte = 0, codeByte = 0] = tpdu;
  const head = tpdu.subarray(0, lengthByte + 1);
  if (head.length !== lengthByte + 1 || lengthByte < 1) return broken("a head beyond its packet");
  // The lower half of a code is a credit, which class 0 has no use for.
  switch (codeByte & 0xf0) {
    case code.data:
      if (lengthByte !== 2) return broken("data of another class than 0");
      return { kind: "data", bytes: tpdu.subarray(dataHeadBytes) };
    case code.request:
    case code.confirm:
      return readConnect(head);
    case code.disconnect:
    case code.error:
      return { kind: "disconnect", reason: head[(codeByte & 0xf0) === code.error ? 4 : 6] ?? 0 };
    default:
      return broken(`a packet of kind ${codeByte.toString(16).padStart(2, "0")}`);
  }
}

function readConnect(head: Uint8Array): IsoTcpWord {
  if (head.length < connectHeadBytes) return broken("a connection without references");
  if (((head[6] ?? 0) & 0xf0) !== 0) return broken("a connection of another class than 0");
  const parameters = readParameters(head.subarray(connectHeadBytes));
  if (parameters === null) return broken("a parameter beyond its packet");
  const refAt = (at: number): number => ((head[at] ?? 0) << 8) | (head[at + 1] ?? 0);
  const bits = parameters.get(parameter.size)?.[0];
  const isSize = bits === undefined || (bits >= tpduBitsLeast && bits <= tpduBitsMost);
  if (!isSize) return broken(`packets of 2 to the ${bits} bytes`);
  const tpduBytesMax = bits === undefined ? isoTcpTpduBytes : 2 ** bits;
  const [calling, called] = [parameter.calling, parameter.called].map(
    (name) => parameters.get(name) ?? new Uint8Array(),
  ) as [Uint8Array, Uint8Array];
  if (Math.max(calling.length, called.length) > tsapBytesMax)
    return broken("a TSAP that is too long");
  if (((head[1] ?? 0) & 0xf0) === code.confirm) {
    const named = { calling: orUnnamed(calling), called: orUnnamed(called) };
    return { kind: "connectConfirm", destinationRef: refAt(2), named, tpduBytesMax };
  }
  return { kind: "connectRequest", sourceRef: refAt(4), tsaps: { calling, called }, tpduBytesMax };
}

const orUnnamed = (tsap: Uint8Array): Uint8Array | null => (tsap.length === 0 ? null : tsap);

/** Null where one goes beyond the end. */
function readParameters(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | null {
  const parameters = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const [name, length] = [bytes[at], bytes[at + 1]];
    if (name === undefined || length === undefined || at + 2 + length > bytes.length) return null;
    parameters.set(name, bytes.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return parameters;
}
