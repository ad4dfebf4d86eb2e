import { valueOf, type NoValue, type VariableNeed, type VariableValue } from "../../variables.ts";
import { exceptionText, bitsReadMax, type ModbusAnswer, type ModbusRead } from "./pdu.ts";
import {
  isBitArea,
  readSpansOf,
  shownAt,
  spansOf,
  type ModbusPlace,
  type ModbusSpan,
} from "./places.ts";

export interface ModbusVariable {
  readonly key: string;
  readonly place: ModbusPlace;
  readonly need: VariableNeed;
  readonly isRead: boolean;
  readonly isWritten: boolean;
}

/** What one question answers: registers or bits, or why there are none. */
export type BlockShown = readonly number[] | string;

/**
 * Which questions show all variables: as few as may be, none over what a request may ask for, none
 * over an address that no variable has (it may not exist), and no value half in one and half in the
 * other.
 */
export interface ReadPlan {
  readonly asks: readonly ModbusRead[];
  /** Of all questions, in their order. */
  values(shown: readonly BlockShown[]): ReadonlyMap<string, VariableValue | NoValue>;
  /** Questions for this variable alone: where it begins and, of a list, where it ends. */
  asksOf(variable: ModbusVariable): readonly ModbusRead[];
}

interface Slot {
  readonly block: number;
  readonly from: number;
  readonly size: number;
}

export function createReadPlan(
  variables: readonly ModbusVariable[],
  registersMax: number,
): ReadPlan {
  const read = variables.filter(({ isRead }) => isRead);
  const spans = read.map(({ place, need }) => spansOf(place, need));
  const asks = mergeSpans(
    read.flatMap(({ place, need }) => readSpansOf(place, need)),
    registersMax,
  );
  const slots = spans.map((list) => list.map((span) => slotOf(span, asks)));

  const valueIn = (
    { place, need }: ModbusVariable,
    own: readonly Slot[],
    shown: readonly BlockShown[],
  ) => {
    const elements: (boolean | number)[] = [];
    for (const { block, from, size } of own) {
      const words = shown[block];
      if (words === undefined) return noValue("no answer");
      if (typeof words === "string") return noValue(words);
      elements.push(shownAt(place, words.slice(from, from + size)));
    }
    return valueOf(need, need.kind === "integers" ? elements : flagOf(need, elements[0]));
  };

  return {
    asks,
    values: (shown) =>
      new Map(
        read.map((variable, index) => [variable.key, valueIn(variable, slots[index] ?? [], shown)]),
      ),
    asksOf({ place, need }) {
      const own = spansOf(place, need).map((span) => ({ kind: "read" as const, ...span }));
      return own.length > 1 ? [...own.slice(0, 1), ...own.slice(-1)] : own;
    },
  };
}

/** A register that is a flag is 0 or 1, and nothing else. */
const flagOf = (need: VariableNeed, shown: boolean | number | undefined): unknown =>
  need.kind === "flag" && (shown === 0 || shown === 1) ? shown === 1 : shown;

const noValue = (why: string): NoValue => ({ kind: "noValue", why });

function mergeSpans(spans: readonly ModbusSpan[], registersMax: number): ModbusRead[] {
  const inOrder = spans.toSorted(
    (one, other) => one.area.localeCompare(other.area) || one.at - other.at,
  );
  const asks: ModbusRead[] = [];
  for (const { area, at, size } of inOrder) {
    const last = asks.at(-1);
    const sizeMax = isBitArea(area) ? bitsReadMax : registersMax;
    const isNext =
      last?.area === area && at <= last.at + last.size && at + size - last.at <= sizeMax;
    if (last === undefined || !isNext) asks.push({ kind: "read", area, at, size });
    else asks[asks.length - 1] = { ...last, size: Math.max(last.size, at + size - last.at) };
  }
  return asks;
}

function slotOf({ area, at, size }: ModbusSpan, asks: readonly ModbusRead[]): Slot {
  const block = asks.findIndex(
    (ask) => ask.area === area && at >= ask.at && at + size <= ask.at + ask.size,
  );
  return { block, from: at - (asks[block]?.at ?? 0), size };
}

/** What an answer shows of the question's registers; bits are 0 and 1. */
export function shownBy(answer: ModbusAnswer): BlockShown {
  switch (answer.kind) {
    case "words":
      return answer.words;
    case "bits":
      return answer.bits.map(Number);
    case "exception":
      return exceptionText(answer.code);
    case "written":
    case "echo":
    case "misfit":
      return "no answer";
  }
}

/** A question as technicians read it. */
export const readText = ({ area, at, size }: ModbusRead): string =>
  size === 1 ? `${area} ${at}` : `${area} ${at} to ${at + size - 1}`;
