import { modulo } from "../modulo.ts";
import { hexToBytes } from "../scanner/format.ts";
import { beltCount, type BeltCount } from "../units.ts";
import { zImageBox, type ImageBox } from "../verdicts.ts";
import {
  createByteReader,
  createByteWriter,
  type ByteReader,
  type ByteWriter,
} from "./byte-fields.ts";
import { encodeTelegramFrame, type TelegramFrame } from "./telegram-frame.ts";
import type { XrayLife } from "./xray.ts";

/**
 * What an X-ray machine and a line say to each other in telegrams (our own; laws 9 and 16). The
 * frame is in `telegram-frame.ts`, the worked example in the page of the X-ray machines.
 *
 * **Sessions.** The line says LIFE when it has opened the wire, with a greeting that is another one at
 * each opening. A machine that hears LIFE name another session than its own begins one with START:
 * sequence number 0, a session number that it has drawn, and the greeting. The line takes no START
 * but one with its own greeting, so that nothing which a converter had kept begins a session. Numbers
 * then begin with 1 in both directions. Until START is acknowledged neither side sends anything else
 * but LIFE. Nothing of an earlier session is sent again, and what was announced in it is forgotten.
 *
 * **Numbers.** Every telegram but START, LIFE, ACK and NAK bears the next number of its sender; 1
 * follows 65,535. One is under way at a time. It is sent again when no ACK has come within 200 ms
 * of its last byte, three times in all, and is then given up. The number that came last is
 * acknowledged once more and does nothing; one further back is dropped without a word; one that is
 * missing was given up, and is counted.
 *
 * **Life.** Both say LIFE at least every 500 ms, with the session that they are in. A machine that has
 * not heard the line for 1,500 ms ends the session; a line that hears of another one greets anew.
 *
 * **Tracks.** A pass is announced under a number that the line gives. The machine ties it to the
 * item whose front comes within the window, and sends it with all that it says of that item; 0 is
 * an item that nobody has announced.
 */
export type XrayTelegram =
  /** The machine's. */
  | { readonly kind: "start"; readonly session: number; readonly greeting: number }
  | ({ readonly kind: "machineLife" } & TelegramLife)
  /** The item's rear has passed the entry. */
  | ({ readonly kind: "entered"; readonly lengthMm: number } & TelegramItem & TelegramCount)
  /** It has left the tunnel. */
  | ({ readonly kind: "left" } & TelegramItem)
  /** A picture begins; its pixels follow in pieces, in their order. */
  | ({ readonly kind: "picture" } & TelegramPicture)
  | TelegramPiece
  | ({ readonly kind: "verdict" } & TelegramVerdict)
  /** The line's. `session`: the one that it is in, 0 for none. */
  | { readonly kind: "lineLife"; readonly session: number; readonly greeting: number }
  | ({ readonly kind: "announce" } & TelegramAnnounce)
  /** Both sides'. They bear the number of what they answer. */
  | { readonly kind: "ack" }
  | { readonly kind: "nak"; readonly why: NakReason };

interface TelegramLife extends Omit<XrayLife, "seq"> {
  /** The one that the machine is in, 0 for none. */
  readonly session: number;
  /** How many there were since the machine was switched on. */
  readonly lives: number;
}

export interface TelegramItem {
  /** The machine's own number: grows by one at each item that enters. 1 to 4,294,967,295. */
  readonly itemSequence: number;
  /** Of the pass; null for an item that nobody has announced. */
  readonly track: number | null;
}

interface TelegramCount {
  /** Count of the sorter's counter at the item's entry; null where the machine knows none. */
  readonly entryCount: BeltCount | null;
}

export interface TelegramPicture extends TelegramItem, TelegramCount {
  /** Of the picture itself; null where the machine does not measure it. */
  readonly lengthMm: number | null;
  readonly widthPx: number;
  readonly heightPx: number;
  /** 1: the machine has one energy. */
  readonly planes: 1 | 2;
  /** CRC-32 of all pixels: the high-energy plane, then the low-energy one, as in `xray-image.ts`. */
  readonly pixelsCrc: number;
}

export interface TelegramPiece {
  readonly kind: "piece";
  readonly itemSequence: number;
  /** Where in the pixels it belongs, in bytes. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

export interface TelegramVerdict extends TelegramItem {
  readonly decision: XrayDecision;
  /** SHA-256 of the pixels that the algorithm looked at, in hex. */
  readonly pixelsHash: string;
  readonly algorithm: string;
  readonly boxes: readonly ImageBox[];
}

export interface TelegramAnnounce {
  /** 1 to 4,294,967,295. */
  readonly track: number;
  /** The count window in which the front will reach the entry. */
  readonly entryFromCount: BeltCount;
  readonly entryToCount: BeltCount;
  readonly lengthMm: number;
}

/** In the order of their codes: what a machine decides, and how it may come to decide nothing. */
export const xrayDecisions = [
  "pending",
  "notScanned",
  "clear",
  "suspect",
  "travelTimeOver",
  "viewTimeOver",
  "error",
] as const;
export type XrayDecision = (typeof xrayDecisions)[number];

/** In the order of their codes, from 1. Only what came damaged is sent again. */
export const nakReasons = ["damaged", "unreadable", "unknownType"] as const;
export type NakReason = (typeof nakReasons)[number];

const types: Readonly<Record<XrayTelegram["kind"], number>> = {
  start: 0x01,
  machineLife: 0x02,
  entered: 0x03,
  left: 0x04,
  picture: 0x05,
  piece: 0x06,
  verdict: 0x07,
  lineLife: 0x41,
  announce: 0x42,
  ack: 0x7e,
  nak: 0x7f,
};
const kindOfType = new Map(
  Object.entries(types).map(([kind, type]) => [type, kind as XrayTelegram["kind"]] as const),
);

const states = ["ready", "notReady", "fault"] as const;
const switched = [false, true] as const;
const boxesMax = 32;
const labelCharsMax = 64;
const hashBytes = 32;
/** Of a confidence from 0 to 1. */
const confidenceSteps = 10_000;
const countIsThere = 0b01;
const lengthIsThere = 0b10;
const seqMax = 65_535;

/** The number that follows; 0 is START's alone. */
export const nextSeq = (seq: number): number => (seq % seqMax) + 1;

/** How many numbers one is ahead of another; less than nothing when it is behind. */
export function seqAhead(seq: number, of: number): number {
  const ahead = modulo(seq - of, seqMax);
  return ahead > seqMax / 2 ? ahead - seqMax : ahead;
}

/** Whether a telegram of this type is answered, and so sent again where it is not. */
export function isAnsweredType(type: number): boolean {
  const kind = kindOfType.get(type);
  return kind !== undefined && !unanswered.has(kind);
}

const unanswered: ReadonlySet<XrayTelegram["kind"]> = new Set([
  "machineLife",
  "lineLife",
  "ack",
  "nak",
]);

export type DecodedTelegram =
  | { readonly kind: "ok"; readonly telegram: XrayTelegram }
  | { readonly kind: "invalid"; readonly nak: NakReason; readonly why: string };

/** A frame's body as what its type says, or the field that is wrong. */
export function decodeXrayTelegram({
  type,
  body,
}: Pick<TelegramFrame, "type" | "body">): DecodedTelegram {
  const kind = kindOfType.get(type);
  if (kind === undefined) {
    return { kind: "invalid", nak: "unknownType", why: `type ${type} is unknown` };
  }
  const reader = createByteReader(body);
  const telegram = readBody(kind, reader);
  const trouble = reader.trouble();
  return trouble === null
    ? { kind: "ok", telegram }
    : { kind: "invalid", nak: "unreadable", why: `${kind}: ${trouble}` };
}

export const encodeXrayTelegram = (telegram: XrayTelegram, seq: number): Uint8Array =>
  encodeTelegramFrame({ type: types[telegram.kind], seq, body: bodyOf(telegram) });

function readBody(kind: XrayTelegram["kind"], reader: ByteReader): XrayTelegram {
  switch (kind) {
    case "start": {
      const session = reader.u32();
      if (session === 0) reader.refuse("session");
      return { kind, session, greeting: reader.u32() };
    }
    case "lineLife":
      return { kind, session: reader.u32(), greeting: reader.u32() };
    case "machineLife": {
      const session = reader.u32();
      const lives = reader.u32();
      const state = reader.oneOf("state", states);
      return { kind, session, lives, state, beamOn: reader.oneOf("beamOn", switched) };
    }
    case "entered": {
      const { lengthMm, ...item } = readMeasured(reader);
      if (lengthMm === null) reader.refuse("lengthMm");
      return { kind, ...item, lengthMm: lengthMm ?? 0 };
    }
    case "left":
      return { kind, ...readItem(reader) };
    case "picture": {
      const measured = readMeasured(reader);
      const widthPx = reader.u16();
      const heightPx = reader.u16();
      const planes = reader.oneOf("planes", [1, 2] as const, 1);
      return { kind, ...measured, widthPx, heightPx, planes, pixelsCrc: reader.u32() };
    }
    case "piece":
      return { kind, itemSequence: readNumber(reader), from: reader.u32(), bytes: reader.rest() };
    case "verdict":
      return readVerdict(reader);
    case "announce": {
      const track = reader.u32();
      if (track === 0) reader.refuse("track");
      const entryFromCount = beltCount(reader.i64("entryFromCount"));
      const entryToCount = beltCount(reader.i64("entryToCount"));
      return { kind, track, entryFromCount, entryToCount, lengthMm: reader.u16() };
    }
    case "ack":
      return { kind };
    case "nak":
      return { kind, why: reader.oneOf("why", nakReasons, 1) };
  }
}

function readNumber(reader: ByteReader): number {
  const itemSequence = reader.u32();
  if (itemSequence === 0) reader.refuse("itemSequence");
  return itemSequence;
}

function readItem(reader: ByteReader): TelegramItem {
  const itemSequence = readNumber(reader);
  const track = reader.u32();
  return { itemSequence, track: track === 0 ? null : track };
}

/** What is not told is zero. */
function readMeasured(
  reader: ByteReader,
): TelegramItem & TelegramCount & { readonly lengthMm: number | null } {
  const item = readItem(reader);
  const flags = reader.u8();
  if ((flags & ~(countIsThere | lengthIsThere)) !== 0) reader.refuse("flags");
  const count = reader.i64("entryCount");
  const lengthMm = reader.u16();
  return {
    ...item,
    entryCount: (flags & countIsThere) === 0 ? null : beltCount(count),
    lengthMm: (flags & lengthIsThere) === 0 ? null : lengthMm,
  };
}

function readVerdict(reader: ByteReader): XrayTelegram {
  const item = readItem(reader);
  const decision = reader.oneOf("decision", xrayDecisions);
  const pixelsHash = hexOf(reader.bytes(hashBytes));
  const algorithm = reader.text("algorithm");
  if (algorithm === "" || algorithm.length > labelCharsMax) reader.refuse("algorithm");
  const boxes: ImageBox[] = [];
  const count = reader.u8();
  if (count > boxesMax) reader.refuse("boxes");
  for (let index = 0; index < Math.min(count, boxesMax); index += 1) boxes.push(readBox(reader));
  return { kind: "verdict", ...item, decision, pixelsHash, algorithm, boxes };
}

function readBox(reader: ByteReader): ImageBox {
  const [x, y, width, height] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  const box = { x, y, width, height, confidence: reader.u16() / confidenceSteps };
  const checked = zImageBox.safeParse({ ...box, label: reader.text("boxes") });
  if (checked.success) return checked.data;
  reader.refuse("boxes");
  return { ...box, label: "" };
}

function bodyOf(telegram: XrayTelegram): Uint8Array {
  const writer = createByteWriter();
  switch (telegram.kind) {
    case "start":
    case "lineLife":
      return writer.u32(telegram.session).u32(telegram.greeting).done();
    case "machineLife": {
      const { session, lives, state, beamOn } = telegram;
      writer.u32(session).u32(lives);
      return writer.u8(states.indexOf(state)).u8(Number(beamOn)).done();
    }
    case "entered":
      return writeMeasured(writer, telegram).done();
    case "left":
      return writeItem(writer, telegram).done();
    case "picture": {
      const { widthPx, heightPx, planes, pixelsCrc } = telegram;
      writeMeasured(writer, telegram).u16(widthPx).u16(heightPx);
      return writer.u8(planes).u32(pixelsCrc).done();
    }
    case "piece":
      return writer.u32(telegram.itemSequence).u32(telegram.from).bytes(telegram.bytes).done();
    case "verdict":
      return writeVerdict(writer, telegram).done();
    case "announce": {
      const { track, entryFromCount, entryToCount, lengthMm } = telegram;
      return writer.u32(track).i64(entryFromCount).i64(entryToCount).u16(lengthMm).done();
    }
    case "ack":
      return writer.done();
    case "nak":
      return writer.u8(nakReasons.indexOf(telegram.why) + 1).done();
  }
}

const writeItem = (writer: ByteWriter, { itemSequence, track }: TelegramItem): ByteWriter =>
  writer.u32(itemSequence).u32(track ?? 0);

const writeMeasured = (
  writer: ByteWriter,
  item: TelegramItem & TelegramCount & { readonly lengthMm: number | null },
): ByteWriter => {
  const { entryCount, lengthMm } = item;
  const flags = (entryCount === null ? 0 : countIsThere) | (lengthMm === null ? 0 : lengthIsThere);
  return writeItem(writer, item)
    .u8(flags)
    .i64(entryCount ?? 0)
    .u16(lengthMm ?? 0);
};

function writeVerdict(writer: ByteWriter, verdict: TelegramVerdict): ByteWriter {
  const { decision, pixelsHash, algorithm, boxes } = verdict;
  writeItem(writer, verdict)
    .u8(xrayDecisions.indexOf(decision))
    .bytes(hexToBytes(pixelsHash))
    .text(algorithm)
    .u8(boxes.length);
  for (const { x, y, width, height, confidence, label } of boxes) {
    writer.u16(x).u16(y).u16(width).u16(height);
    writer.u16(Math.round(confidence * confidenceSteps)).text(label);
  }
  return writer;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
