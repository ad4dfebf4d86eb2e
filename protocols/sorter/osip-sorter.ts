import { invariant } from "../bug.ts";
import type { ChuteState } from "../sorting.ts";
import { beltSpeedMmPerSMax } from "./sorter.ts";

/**
 * What a sorter's controller and we put into the fields of OSIP (our own convention; the page of
 * `edge/devices/sorter` has it whole). OSIP has no field for a belt count, for the counts of a divert
 * and for a session; these stand in fields that OSIP leaves to its user.
 *
 * | from | type | fields |
 * | --- | --- | --- |
 * | controller | `SYSU` | `group` belt count and mm/s; `error` boot number, then what the belt does |
 * | controller | `UPD_` | of an eye, input, guard or the reset key: `barcode` belt count, `actual` which, `error` 1 blocked or open |
 * | controller | `UPD_` | of an order: `barcode` its number, `actual` empty, `error` what became of it |
 * | controller | `LOCU` | `actual` a chute, `error` its state |
 * | agent | `RES_` | `barcode` the order's number, `actual` the parcel's, `target` a chute, `group` counts to fire at and not after, `error` boot number and length of the window |
 * | agent | `RES_` | the same without `target`: taken back; without `barcode`, too: all |
 * | agent | `LOCU` | `actual` induction, `error` boot number, then 1 if it is closed |
 * | agent | `SYSU` | `error` boot number, then 1 if the belt is to stop |
 * | agent | `SYNC` | every 500 ms: it lives, and this is the time |
 */
const answers = [
  { answer: "fired", code: 0 },
  { answer: "accepted", code: 20 },
  { answer: "staleCount", code: 21 },
  { answer: "staleEpoch", code: 22 },
  { answer: "noLife", code: 23 },
  { answer: "overlap", code: 24 },
  { answer: "queueFull", code: 25 },
  { answer: "invalid", code: 26 },
  { answer: "aborted", code: 31 },
  { answer: "cancelledNoLife", code: 32 },
  { answer: "emergencyStop", code: 33 },
] as const;
/** What a controller has made of an order. */
export type OsipAnswer = (typeof answers)[number]["answer"];

export function osipAnswerCode(answer: OsipAnswer): string {
  const known = answers.find((each) => each.answer === answer);
  invariant(known !== undefined, `there is a code for ${answer}`);
  return osipCode(known.code);
}
/** Null for a code that answers nothing. */
export function readOsipAnswer(text: string): OsipAnswer | null {
  const code = readOsipCode(text);
  return answers.find((each) => each.code === code)?.answer ?? null;
}

export const osipChuteStates: readonly ChuteState[] = ["ready", "full", "blocked", "unknown"];

/** Of the belt's word. */
export const osipBeltBits = { stands: 1, emergencyStop: 2 } as const;

/** Boot numbers and what stands beside them have four digits each. */
export const osipWordMax = 9_999;
/** Counts of an order have ten. */
const countChars = 10;
const orderCountMax = 10 ** countChars - 1;
const wordChars = 4;

/** An error code, or two words of it. */
export const osipCode = (code: number): string => String(code).padStart(2 * wordChars, "0");
export const osipWords = (boot: number, word: number): string =>
  `${String(boot).padStart(wordChars, "0")}${String(word).padStart(wordChars, "0")}`;

/** Null for what is no code. */
export function readOsipCode(text: string): number | null {
  return /^\d{8}$/.test(text) ? Number(text) : null;
}
export function readOsipWords(
  text: string,
): { readonly boot: number; readonly word: number } | null {
  if (!/^\d{8}$/.test(text)) return null;
  return { boot: Number(text.slice(0, wordChars)), word: Number(text.slice(wordChars)) };
}

/** A belt count, filled with zeros; a controller may leave them out. */
export const osipCount = (count: number): string =>
  `${count < 0 ? "-" : ""}${String(Math.abs(count)).padStart(count < 0 ? 19 : 20, "0")}`;
export function readOsipCount(text: string): number | null {
  if (!/^-?\d{1,20}$/.test(text)) return null;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count + 0 : null;
}

/** Fifteen characters of a belt count, and five of its speed in whole mm/s. */
const speedChars = 5;
export const osipBelt = (count: number, speedMmPerS: number): string =>
  osipCount(count).replace(/\d{5}/, "") + String(Math.round(speedMmPerS)).padStart(speedChars, "0");
export function readOsipBelt(
  text: string,
): { readonly count: number; readonly speedMmPerS: number } | null {
  const [, counted = "", speed = ""] = /^(-?\d{14,15})(\d{5})$/.exec(text) ?? [];
  const count = readOsipCount(counted);
  const speedMmPerS = Number(speed);
  return count === null || speedMmPerS > beltSpeedMmPerSMax ? null : { count, speedMmPerS };
}

/** When to fire and until when to take it; null where a count has no room in it. */
export function osipOrderCounts(fireAt: number, notAfter: number): string | null {
  if (Math.min(fireAt, notAfter) < 0 || Math.max(fireAt, notAfter) > orderCountMax) return null;
  return [fireAt, notAfter].map((count) => String(count).padStart(countChars, "0")).join("");
}
export function readOsipOrderCounts(
  text: string,
): { readonly fireAt: number; readonly notAfter: number } | null {
  if (!/^\d{20}$/.test(text)) return null;
  return {
    fireAt: Number(text.slice(0, countChars)),
    notAfter: Number(text.slice(countChars)),
  };
}
