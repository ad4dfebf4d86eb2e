import { checkJson, type Decoded } from "../json-message.ts";
import { hotEventOf } from "./hot-events.ts";
import { zSorterEvent, type SorterCommand, type SorterEvent } from "./sorter.ts";
import { frameTelegram } from "./telegram-frames.ts";

/**
 * The sorter dialect as telegrams over a serial line or TCP (our own; the page of
 * `edge/devices/sorter` has it whole, with the controller's side). A telegram is a letter and fields
 * between commas:
 *
 * | letter | fields | from |
 * | --- | --- | --- |
 * | `E` | epoch, number, oldest, kind, the event's own | controller |
 * | `C` | link, number, oldest, epoch, kind, the command's own | agent |
 * | `L` | link, epoch | agent: it lives, and sees |
 * | `A` | stream, number | both: everything up to this number is here |
 * | `R` | stream, number | both: once more, from this number on |
 *
 * A stream is what is numbered together: the events of one session, named by its epoch, from 0; and
 * the commands of one link, named by a word that the agent never uses again, from 1. `oldest` is the
 * lowest number that may still come: what is below it and not here never will be. So whoever receives
 * takes numbers in order, asks for what is missing, and knows when there is no use in waiting.
 */
export type Telegram = SorterEventTelegram | SorterCommandTelegram | SorterLinkTelegram;

export interface SorterEventTelegram {
  readonly kind: "event";
  readonly epoch: string;
  readonly number: number;
  readonly oldest: number;
  /** The event's kind and fields, as they came. */
  readonly said: readonly string[];
}

export interface SorterCommandTelegram {
  readonly kind: "command";
  readonly link: string;
  readonly number: number;
  readonly oldest: number;
  readonly epoch: string;
  /** The command's kind and fields, as they came. */
  readonly said: readonly string[];
}

export type SorterLinkTelegram =
  | { readonly kind: "life"; readonly link: string; readonly epoch: string }
  | { readonly kind: "have" | "repeat"; readonly stream: string; readonly number: number };

/** What is sent without life is sent as a command. */
type NumberedCommand = Exclude<SorterCommand, { readonly kind: "life" }>;

type FieldType = "word" | "whole" | "decimal" | "flag";

/** A flag is 0 or 1, a decimal has at most three digits behind its point. */
const typeOfField = {
  commandId: "word",
  passId: "word",
  exit: "word",
  state: "word",
  why: "word",
  eyeId: "word",
  inputId: "word",
  guardId: "word",
  count: "whole",
  fireAtCount: "whole",
  releaseAtCount: "whole",
  notAfterCount: "whole",
  speedMmPerS: "decimal",
  fillPct: "decimal",
  isBlocked: "flag",
  isRunning: "flag",
  emergencyStop: "flag",
  isOpen: "flag",
  isPermitted: "flag",
  run: "flag",
} as const satisfies Record<string, FieldType>;
type Field = keyof typeof typeOfField;

/** In the order of the telegram. */
const eventFields: Readonly<Record<SorterEvent["kind"], readonly Field[]>> = {
  session: ["count"],
  eye: ["eyeId", "isBlocked", "count"],
  belt: ["count", "speedMmPerS", "isRunning", "emergencyStop"],
  chute: ["exit", "state", "fillPct"],
  accepted: ["commandId"],
  refused: ["commandId", "why"],
  fired: ["commandId", "count"],
  pulse: ["inputId", "count"],
  guard: ["guardId", "isOpen", "count"],
  localReset: ["count"],
  cancelled: ["commandId", "why"],
};

const commandFields: Readonly<Record<NumberedCommand["kind"], readonly Field[]>> = {
  divert: ["commandId", "passId", "exit", "fireAtCount", "releaseAtCount", "notAfterCount"],
  abort: ["commandId"],
  induction: ["isPermitted"],
  belt: ["run"],
  cancelAll: [],
};

/** The letter, and what stands before an event's or a command's own fields. */
const headFields = { E: 5, C: 6, L: 3, A: 3, R: 3 } as const;

/** Why a text is no telegram, or the telegram. */
export type ReadTelegram = Telegram | { readonly kind: "unreadable"; readonly why: string };

/** What `frameTelegram` was given. Whether an event or command makes sense is asked separately. */
export function readTelegram(text: string): ReadTelegram {
  const fields = text.split(",");
  const [letter = "", stream = "", second = ""] = fields;
  if (!isLetter(letter)) return unreadable(`there is no telegram ${letter}`);
  const needed = headFields[letter];
  const isLong = letter === "E" || letter === "C";
  if (isLong ? fields.length < needed : fields.length !== needed) {
    return unreadable(`${letter} has ${fields.length} fields`);
  }
  if (!isWord(stream)) return unreadable(`${letter}: ${stream} names nothing`);
  if (letter === "L") {
    return isWord(second)
      ? { kind: "life", link: stream, epoch: second }
      : unreadable(`L: ${second} names no session`);
  }
  const number = numberIn(second);
  if (number === null) return unreadable(`${letter}: ${second} is no number`);
  if (letter === "A") return { kind: "have", stream, number };
  if (letter === "R") return { kind: "repeat", stream, number };
  const oldest = numberIn(fields[3] ?? "");
  if (oldest === null || oldest > number) {
    return unreadable(`${letter}: ${fields[3] ?? ""} is not the oldest number`);
  }
  if (letter === "E") {
    return { kind: "event", epoch: stream, number, oldest, said: fields.slice(4) };
  }
  const epoch = fields[4] ?? "";
  return isWord(epoch)
    ? { kind: "command", link: stream, number, oldest, epoch, said: fields.slice(5) }
    : unreadable(`C: ${epoch} names no session`);
}

/** The event of a telegram, or the first field that is wrong. */
export function eventOfTelegram({
  epoch,
  number,
  said,
}: SorterEventTelegram): Decoded<SorterEvent> {
  const json = bodyOf(said, eventFields);
  json["epoch"] = epoch;
  json["seq"] = number;
  const hot = hotEventOf(json);
  return hot === null ? checkJson(zSorterEvent, json) : { kind: "ok", value: hot };
}

/** The command of a telegram as its JSON, to be judged like one from any other wire. */
export const commandOfTelegram = ({ epoch, said }: SorterCommandTelegram): object => ({
  ...bodyOf(said, commandFields),
  epoch,
});

export const encodeEventTelegram = (event: SorterEvent, oldest: number): Uint8Array =>
  frameTelegram(
    ["E", event.epoch, event.seq, oldest, ...saidOf(event, eventFields[event.kind])].join(","),
  );

export interface CommandPlace {
  readonly link: string;
  readonly number: number;
  readonly oldest: number;
}

export const encodeCommandTelegram = (
  command: NumberedCommand,
  { link, number, oldest }: CommandPlace,
): Uint8Array =>
  frameTelegram(
    ["C", link, number, oldest, command.epoch]
      .concat(saidOf(command, commandFields[command.kind]))
      .join(","),
  );

export function encodeLinkTelegram(telegram: SorterLinkTelegram): Uint8Array {
  switch (telegram.kind) {
    case "life":
      return frameTelegram(`L,${telegram.link},${telegram.epoch}`);
    case "have":
      return frameTelegram(`A,${telegram.stream},${telegram.number}`);
    case "repeat":
      return frameTelegram(`R,${telegram.stream},${telegram.number}`);
  }
}

function saidOf(body: SorterEvent | NumberedCommand, fields: readonly Field[]): string[] {
  const values: Readonly<Record<string, unknown>> = { ...body };
  return [body.kind, ...fields.map((field) => textOf(typeOfField[field], values[field]))];
}

function textOf(type: FieldType, value: unknown): string {
  switch (type) {
    case "word":
    case "whole":
      return String(value);
    case "decimal":
      return String(Math.round(Number(value) * 1_000) / 1_000);
    case "flag":
      return value === true ? "1" : "0";
  }
}

/** Under the names of their fields; what is not as its type has it stays a text, and is refused so. */
function bodyOf(
  [kind = "", ...texts]: readonly string[],
  fieldsOf: Readonly<Record<string, readonly Field[]>>,
): Record<string, unknown> {
  const fields = Object.hasOwn(fieldsOf, kind) ? (fieldsOf[kind] ?? []) : [];
  const body: Record<string, unknown> = { kind };
  for (const [at, field] of fields.entries()) {
    body[field] = valueOf(typeOfField[field], texts[at]);
  }
  if (texts.length > fields.length) {
    body[`field${fields.length + 1}`] = texts.slice(fields.length).join(",");
  }
  return body;
}

function valueOf(type: FieldType, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  switch (type) {
    case "word":
      return text;
    case "whole":
      return whole.test(text) ? Number(text) : text;
    case "decimal":
      return decimal.test(text) ? Number(text) : text;
    case "flag":
      return text === "1" ? true : text === "0" ? false : text;
  }
}

/** One way to write each number: a text that reads otherwise was not written by this dialect. */
const whole = /^(?:0|-?[1-9]\d{0,15})$/;
const decimal = /^(?:0|[1-9]\d{0,4})(?:\.\d{1,3})?$/;
const word = /^[A-Za-z0-9_.-]{1,64}$/;

const isWord = (text: string): boolean => word.test(text);
const isLetter = (text: string): text is keyof typeof headFields => Object.hasOwn(headFields, text);

/** Of an event or command in its stream; null for what is none. */
function numberIn(text: string): number | null {
  const number = whole.test(text) ? Number(text) : -1;
  return Number.isSafeInteger(number) && number >= 0 ? number : null;
}

const unreadable = (why: string) => ({ kind: "unreadable", why }) as const;
