import {
  modbusAddressMax,
  type ModbusArea,
  type ModbusOrder,
  type ModbusType,
} from "../../../../protocols/modbus.ts";
import type { VariableNeed } from "../../variables.ts";

/** Where a variable is, and how its bits are to be read. */
export interface ModbusPlace {
  readonly area: ModbusArea;
  /** Address from 0, as on the wire: what some tools call 40001 is holding 0. */
  readonly at: number;
  readonly type: ModbusType;
  /** Of the two registers of 32 bits; no default is safe. */
  readonly wordOrder?: ModbusOrder | undefined;
  /** Within each register. Default: as Modbus has it, the high byte first. */
  readonly byteOrder?: ModbusOrder | undefined;
  /** Which bit of a register is the `bool`, 0 being the lowest. */
  readonly bit?: number | undefined;
  /** Of a list: from one element to the next; default: as many registers as an element has. */
  readonly stride?: number | undefined;
}

/** For technicians, such as `input 0 to 1`, `holding 4 bit 2`, or `input 10 to 517 by 4` of a list. */
export function placeText(place: ModbusPlace, need: VariableNeed): string {
  const { area, at, bit, stride } = place;
  const last = spansOf(place, need).at(-1);
  const end = last === undefined ? at : last.at + last.size - 1;
  const by = stride === undefined ? "" : ` by ${stride}`;
  return `${area} ${at}${end > at ? ` to ${end}` : ""}${by}${bit === undefined ? "" : ` bit ${bit}`}`;
}

/** For technicians, such as `u32 highFirst`. */
export const typeText = ({ type, wordOrder, byteOrder }: ModbusPlace): string =>
  [
    type,
    ...(wordOrder === undefined ? [] : [wordOrder]),
    ...(byteOrder === "lowFirst" ? ["bytes lowFirst"] : []),
  ].join(" ");

/** The same two registers with the other one first; null where there is one only. */
export function turnedAbout(place: ModbusPlace, value: number): number | null {
  if (!isLong(place.type)) return null;
  const swapped = { ...place, wordOrder: "lowFirst", byteOrder: undefined } as const;
  return Number(shownAt(swapped, bitsOf(place.type, value)));
}

/** A run of registers, or of bits, of one area. */
export interface ModbusSpan {
  readonly area: ModbusArea;
  readonly at: number;
  readonly size: number;
}

export const isBitArea = (area: ModbusArea): boolean => area === "coil" || area === "discrete";
const isLong = (type: ModbusType): boolean => type === "u32" || type === "i32" || type === "f32";
export const widthOf = ({ type }: ModbusPlace): number => (isLong(type) ? 2 : 1);

/** Element by element, in order. */
export function spansOf(place: ModbusPlace, need: VariableNeed): ModbusSpan[] {
  const { area, at } = place;
  const size = widthOf(place);
  const elements = need.kind === "integers" ? need.size : 1;
  return Array.from({ length: elements }, (_, index) => ({
    area,
    at: at + index * (place.stride ?? size),
    size,
  }));
}

/**
 * The same with what lies between the elements of a list: it belongs to the controller's array, so
 * that it may be read.
 */
export const readSpansOf = (place: ModbusPlace, need: VariableNeed): ModbusSpan[] =>
  spansOf(place, need).map((span, index, all) =>
    index === all.length - 1 ? span : { ...span, size: place.stride ?? span.size },
  );

const holds = {
  bool: null,
  u16: [0, 65_535],
  i16: [-32_768, 32_767],
  u32: [0, 4_294_967_295],
  i32: [-2_147_483_648, 2_147_483_647],
  f32: [-16_777_216, 16_777_216],
} as const satisfies Readonly<Record<ModbusType, readonly [number, number] | null>>;

export interface PlacedNeed {
  readonly place: ModbusPlace;
  readonly need: VariableNeed;
  readonly isWritten: boolean;
}

/** Why the place cannot be what it is taken for, to be said after its key; or null. */
export function placeMisfit(placed: PlacedNeed): string | null {
  const { place, need, isWritten } = placed;
  if (isWritten && (place.area === "input" || place.area === "discrete")) {
    return `${place.area} is read-only`;
  }
  if (isWritten && place.area === "holding" && place.type === "bool") {
    return "a register that is written is a u16 of its own, 0 or 1: nobody can write one bit of it";
  }
  return shapeMisfit(place, need) ?? addressMisfit(place, need) ?? typeMisfit(placed);
}

function shapeMisfit(place: ModbusPlace, need: VariableNeed): string | null {
  const { area, type, wordOrder, byteOrder, bit, stride } = place;
  if (isBitArea(area)) {
    if (type !== "bool") return `a ${area} is a bool, not ${type}`;
    if (bit !== undefined) return `a ${area} has no bits of its own`;
    if (byteOrder !== undefined) return `a ${area} has no bytes`;
  } else if (type === "bool" && bit === undefined) return "say which bit of the register is meant";
  if (bit !== undefined && type !== "bool") return `a bit is a bool, not ${type}`;
  if (isLong(type) && wordOrder === undefined) {
    return `wordOrder is missing: ${type} has two registers, and either may come first`;
  }
  if (!isLong(type) && wordOrder !== undefined) return `${type} is one register, without wordOrder`;
  if (stride === undefined) return null;
  if (need.kind !== "integers") return "stride is for lists";
  return stride < widthOf(place) ? `stride ${stride} is less than its own registers` : null;
}

function addressMisfit(place: ModbusPlace, need: VariableNeed): string | null {
  const last = spansOf(place, need).at(-1);
  const end = last === undefined ? place.at : last.at + last.size - 1;
  return end > modbusAddressMax
    ? `it ends at ${end}, and addresses end at ${modbusAddressMax}`
    : null;
}

function typeMisfit({ place: { type }, need, isWritten }: PlacedNeed): string | null {
  const range = holds[type];
  switch (need.kind) {
    case "flag":
      if (type === "bool") return null;
      return type === "u16" ? null : `a flag is a bool, or a u16 that is 0 or 1, not ${type}`;
    case "number":
    case "integers":
      return range === null ? "is bool, not a number" : null;
    case "word":
      return type === "bool" || type === "f32" ? `${type} tells no two starts apart` : null;
    case "integer": {
      if (range === null) return "is bool, not a number";
      const [least, most] = range;
      // What is read may be shown with another sign; what is written must be held as it is.
      const isHeld = isWritten
        ? need.least >= least && need.most <= most
        : need.most - need.least <= most - least;
      return isHeld ? null : `${type} does not hold ${need.least} to ${need.most}`;
    }
  }
}

/** What a span's registers say; nothing is rounded. A `bool` is true or false, all else a number. */
export function shownAt(place: ModbusPlace, words: readonly number[]): boolean | number {
  const [first = 0, second = 0] = words.map((word) => ordered(word, place.byteOrder));
  const [high, low] = place.wordOrder === "lowFirst" ? [second, first] : [first, second];
  switch (place.type) {
    case "bool":
      return Math.floor(first / 2 ** (place.bit ?? 0)) % 2 === 1;
    case "u16":
      return first;
    case "i16":
      return first - (first > 0x7fff ? 0x1_0000 : 0);
    case "u32":
      return high * 0x1_0000 + low;
    case "i32":
      return high * 0x1_0000 + low - (high > 0x7fff ? 2 ** 32 : 0);
    case "f32": {
      const view = new DataView(new ArrayBuffer(4));
      view.setUint16(0, high);
      view.setUint16(2, low);
      return view.getFloat32(0);
    }
  }
}

export type Encoded =
  | { readonly kind: "words"; readonly words: readonly number[] }
  | { readonly kind: "unwritable"; readonly why: string };

/** Registers for this very value, or why there are none: nothing is cut to fit. */
export function encodeAt(place: ModbusPlace, value: boolean | number | string): Encoded {
  const { type } = place;
  if (typeof value === "boolean") {
    const isFlag = type === "bool" || type === "u16";
    return isFlag ? words(place, [Number(value)]) : unwritable(`${value} is no ${type}`);
  }
  const range = holds[type];
  if (range === null || typeof value === "string") return unwritable(`${value} is no ${type}`);
  const [least, most] = range;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    return unwritable(`${value} is beyond ${type}`);
  }
  return words(place, bitsOf(type, value));
}

const unwritable = (why: string): Encoded => ({ kind: "unwritable", why });

/** High register first. */
function bitsOf(type: ModbusType, value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  if (type === "f32") view.setFloat32(0, value);
  else view.setInt32(0, value);
  const low = view.getUint16(2);
  return isLong(type) ? [view.getUint16(0), low] : [low];
}

function words(place: ModbusPlace, highFirst: readonly number[]): Encoded {
  const inOrder = place.wordOrder === "lowFirst" ? highFirst.toReversed() : highFirst;
  return { kind: "words", words: inOrder.map((word) => ordered(word, place.byteOrder)) };
}

const ordered = (word: number, order: ModbusOrder | undefined): number =>
  order === "lowFirst" ? ((word & 0xff) << 8) | (word >> 8) : word;
