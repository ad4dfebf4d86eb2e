import { codeCharsMax, partAim, type ScannedCode } from "../barcode/scanned-code.ts";
import { sumComplement } from "../sum-complement.ts";

/**
 * Zebra SSI, packets between a decoder and its host: `length opcode source status data checksum`. The
 * length counts all bytes but the two of the checksum, which is the two's complement of their sum,
 * high byte first. Each packet of the decoder is acknowledged, or asked for again.
 * @see Symbol SE-923 integration guide, pp. 6-4 and 6-15; SE955, p. 10-9
 */
export type SsiFrame =
  | SsiDecoded
  /** The decoder has taken a command of ours; not answered in its turn. */
  | { readonly kind: "answer" }
  /** It has not, and says why. Not answered either. */
  | { readonly kind: "refusal"; readonly why: string }
  /** Any other packet of a decoder. */
  | { readonly kind: "other"; readonly opcode: number }
  /** A decoded code whose checksum does not fit, or that was cut. */
  | SsiBytes<"damaged", "checksum" | "timedOut">
  /** No packet of a decoder. */
  | SsiBytes<"discarded", "outsideFrame">;

export interface SsiDecoded {
  readonly kind: "decoded";
  /** The maker's own number of the symbology. */
  readonly symbology: number;
  readonly data: string;
  /** It was sent before, and not acknowledged. */
  readonly isRetransmit: boolean;
  /** More of the same code follows in the next packet. */
  readonly isContinued: boolean;
}

interface SsiBytes<Kind, Why> {
  readonly kind: Kind;
  readonly why: Why;
  readonly bytes: Uint8Array;
}

/** Pure: a silence in mid-packet is told with `timeOut`. */
export interface SsiParser {
  push(chunk: Uint8Array): SsiFrame[];
  timeOut(): SsiFrame[];
  isInsideFrame(): boolean;
  /** Of a frame that is not whole yet: never more than the longest has. */
  bufferedBytes(): number;
}

const opcodes = {
  ack: 0xd0,
  nak: 0xd1,
  startSession: 0xe4,
  stopSession: 0xe5,
  decodeData: 0xf3,
} as const;
const sources = { decoder: 0, host: 4 } as const;
const statusBits = { retransmit: 0b01, continued: 0b10 } as const;
/** Lower ones are spoken by hosts alone, and are what codes consist of. */
const opcodeLeast = 0x80;
const headBytes = 4;
const checksumBytes = 2;
const nakResend = 1;
const nakReasons: Readonly<Record<number, string>> = {
  [nakResend]: "send it again",
  2: "bad context",
  6: "denied",
};

/**
 * No byte marks the start of a packet, so each byte may be one: it is where source and checksum say
 * so. What begins none is dropped one byte at a time, so that the next good packet is found.
 */
export function createSsiParser(): SsiParser {
  let pending = new Uint8Array(0);

  /** Takes what is whole from the front; with `isOver` nothing more will come. */
  const take = (isOver: boolean): SsiFrame[] => {
    const out: SsiFrame[] = [];
    let at = 0;
    /** Behind the last packet; what is dropped from there on is told. */
    let outsideFrom = 0;
    const endOutside = (): void => {
      if (outsideFrom === at) return;
      const bytes = pending.slice(outsideFrom, at);
      out.push({ kind: "discarded", why: "outsideFrame", bytes });
    };
    while (at < pending.length) {
      const { verdict, bytes } = judge(pending, at, isOver);
      if (verdict === "wait") break;
      if (verdict !== "none") {
        endOutside();
        out.push(verdict);
        outsideFrom = at + bytes;
      }
      at += bytes;
    }
    endOutside();
    pending = pending.slice(at);
    return out;
  };

  return {
    push(chunk) {
      const joined = new Uint8Array(pending.length + chunk.length);
      joined.set(pending);
      joined.set(chunk, pending.length);
      pending = joined;
      return take(false);
    },
    timeOut: () => take(true),
    isInsideFrame: () => pending.length > 0,
    bufferedBytes: () => pending.length,
  };
}

interface Judgement {
  readonly verdict: SsiFrame | "wait" | "none";
  /** How many bytes it took. */
  readonly bytes: number;
}

const wait: Judgement = { verdict: "wait", bytes: 0 };
const noPacket: Judgement = { verdict: "none", bytes: 1 };

/** What begins there, where there is at least one byte. */
function judge(pending: Uint8Array, at: number, isOver: boolean): Judgement {
  const length = pending[at] ?? 0;
  const opcode = pending[at + 1];
  const source = pending[at + 2];
  if (length < headBytes || (opcode ?? opcodeLeast) < opcodeLeast) return noPacket;
  if (source !== undefined && source !== sources.decoder) return noPacket;
  const isCode = opcode === opcodes.decodeData && source !== undefined;
  const bytes = length + checksumBytes;
  if (pending.length - at < bytes) {
    if (!isOver) return wait;
    return isCode ? damaged("timedOut", pending.slice(at, at + 1)) : noPacket;
  }
  const packet = pending.slice(at, at + length);
  const [high = 0, low = 0] = pending.subarray(at + length, at + bytes);
  if (ssiChecksum(packet) !== high * 0x100 + low) {
    return isCode ? damaged("checksum", packet.slice(0, 1)) : noPacket;
  }
  return { verdict: readPacket(packet), bytes };
}

/** Only its first byte is taken: where its length is what was damaged, a good packet lies within. */
const damaged = (why: "checksum" | "timedOut", bytes: Uint8Array): Judgement => ({
  verdict: { kind: "damaged", why, bytes },
  bytes: 1,
});

function readPacket(packet: Uint8Array): SsiFrame {
  const [, opcode = 0, , status = 0, symbology, ...data] = packet;
  if (opcode === opcodes.ack) return { kind: "answer" };
  if (opcode === opcodes.nak) {
    const reason = symbology ?? 0;
    return { kind: "refusal", why: `NAK: ${nakReasons[reason] ?? "unknown"} (${reason})` };
  }
  if (opcode !== opcodes.decodeData || symbology === undefined) return { kind: "other", opcode };
  return {
    kind: "decoded",
    symbology,
    data: String.fromCharCode(...data),
    isRetransmit: (status & statusBits.retransmit) !== 0,
    isContinued: (status & statusBits.continued) !== 0,
  };
}

/** Of all bytes before it. */
export const ssiChecksum = (packet: Iterable<number>): number => sumComplement(packet, 16);

function packetOf(opcode: number, source: number, rest: readonly number[]): Uint8Array {
  const packet = [3 + rest.length, opcode, source, ...rest];
  const checksum = ssiChecksum(packet);
  return Uint8Array.from([...packet, checksum >> 8, checksum & 0xff]);
}

/** The host has it whole. */
export const ssiAck = packetOf(opcodes.ack, sources.host, [0]);
/** The host wants it once more. */
export const ssiResend = packetOf(opcodes.nak, sources.host, [0, nakResend]);

/** The host triggers it; the decoder ends the session by itself, with a code or without. */
export const ssiStartSession = packetOf(opcodes.startSession, sources.host, [0]);
/** The host ends what it has begun. */
export const ssiStopSession = packetOf(opcodes.stopSession, sources.host, [0]);

export function encodeSsiDecoded({
  symbology,
  data,
  isRetransmit,
  isContinued,
}: Omit<SsiDecoded, "kind">): Uint8Array {
  const status =
    (isRetransmit ? statusBits.retransmit : 0) | (isContinued ? statusBits.continued : 0);
  return packetOf(opcodes.decodeData, sources.decoder, [
    status,
    symbology,
    ...Array.from(data, (char) => char.charCodeAt(0)),
  ]);
}

/** What the maker's numbers mean, as far as a parcel's label may be one. GS1-128 begins with FNC1. */
const aimOfSymbology: Readonly<Record<number, string>> = {
  0x01: "]A0",
  0x03: "]C0",
  0x06: "]I0",
  0x07: "]G0",
  0x0f: "]C1",
};

/** The code of a packet, or null where it holds none. An AIM identifier in the data counts first. */
export function ssiCode({ symbology, data }: SsiDecoded): ScannedCode | null {
  const { aim, text } = partAim(data);
  if (text.length === 0 || text.length > codeCharsMax) return null;
  return { text, aim: aim ?? aimOfSymbology[symbology] ?? null };
}
