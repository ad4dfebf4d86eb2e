/**
 * OSIP, the telegrams of OpenWMS: text of a fixed length over TCP, without checksum, acknowledgement
 * or sign of life. `###`, length, sender, receiver, number, type, and the fields of that type; what
 * is left of the telegram, and of a field, is filled with `*`, and what is not known may be `?`.
 *
 * Two readings of the length are in use: the whole telegram, and the telegram without `###`, sender,
 * receiver and number.
 * @see OpenWMS.org, TMS, OSIP telegram structure (gitbook); org.openwms.common.comm, DuplexIT
 */
export interface OsipFormat {
  /** Characters of every telegram. */
  readonly length: number;
  readonly lengthCounts: "whole" | "body";
}

/** The fields of each type, and their widths. `ERR_`, `SYNQ` and `SYNC` are described nowhere. */
const fieldsOf = {
  REQ_: { barcode: 20, actual: 20, target: 20, error: 8, date: 14 },
  RES_: { barcode: 20, actual: 20, target: 20, group: 20, error: 8, date: 14 },
  UPD_: { barcode: 20, actual: 20, error: 8, date: 14 },
  LOCU: { group: 20, actual: 20, error: 8, date: 14 },
  SYSU: { group: 20, error: 8, date: 14 },
  ERR_: { error: 8, date: 14 },
  SYNQ: { date: 14 },
  SYNC: { date: 14 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

export type OsipType = keyof typeof fieldsOf;
/** Of one type, each as text without its filling; empty where nothing was said. */
export type OsipFields<Type extends OsipType> = {
  readonly [Field in keyof (typeof fieldsOf)[Type]]: string;
};

interface OsipHeader {
  /** Five characters each. */
  readonly sender: string;
  readonly receiver: string;
  /** 0 to 99,999. */
  readonly number: number;
}

export type OsipTelegram = {
  readonly [Type in OsipType]: OsipHeader & {
    readonly type: Type;
    readonly fields: OsipFields<Type>;
  };
}[OsipType];

export type OsipFrame =
  | { readonly kind: "telegram"; readonly telegram: OsipTelegram }
  /** A header that is one, and a text behind it that is none. */
  | { readonly kind: "unknown"; readonly why: string }
  /** Of a type that does not exist, from somebody whose name can be read. */
  | {
      readonly kind: "unknownType";
      readonly sender: string;
      readonly receiver: string;
      readonly type: string;
    }
  | {
      readonly kind: "discarded";
      readonly why: "outsideFrame" | "length" | "timedOut";
      readonly bytes: Uint8Array;
    };

export interface OsipParser {
  push(chunk: Uint8Array): OsipFrame[];
  timeOut(): OsipFrame[];
  isInsideFrame(): boolean;
  /** Of a telegram that is not whole yet, and of what lies before it: less than both may have. */
  bufferedBytes(): number;
}

export const osipNumberMax = 99_999;
const sync = "###";
/** `###`, length, sender, receiver and number. */
const headChars = 23;
const typeChars = 4;
const lengthEndsAt = sync.length + 5;
/** What the second reading of the length leaves out. */
const uncountedChars = headChars - 5;
/** The longest of them, `RES_`, without filling. */
export const osipLengthMin = headChars + typeChars + 4 * 20 + 8 + 14;
/** Bytes outside any telegram are told in pieces of at most this many. */
const strayBytesMax = 64;

const lengthText = ({ length, lengthCounts }: OsipFormat): string =>
  String(lengthCounts === "whole" ? length : length - uncountedChars).padStart(5, "0");

/** Finds telegrams by `###` and their length; what is none is dropped byte by byte. */
export function createOsipParser(format: OsipFormat): OsipParser {
  let pending = "";
  let stray = "";
  let out: OsipFrame[] = [];

  const endStray = (why: "outsideFrame" | "timedOut"): void => {
    if (stray.length > 0) out.push({ kind: "discarded", why, bytes: bytesOf(stray) });
    stray = "";
  };
  const drop = (): void => {
    stray += pending.slice(0, 1);
    pending = pending.slice(1);
    if (stray.length >= strayBytesMax) endStray("outsideFrame");
  };
  /** False when more has to come first. */
  const takeOne = (): boolean => {
    if (!sync.startsWith(pending.slice(0, sync.length))) {
      drop();
      return true;
    }
    if (pending.length < lengthEndsAt) return false;
    if (pending.slice(sync.length, lengthEndsAt) !== lengthText(format)) {
      endStray("outsideFrame");
      out.push({
        kind: "discarded",
        why: "length",
        bytes: bytesOf(pending.slice(0, lengthEndsAt)),
      });
      // One character alone: the true start may be the next one.
      drop();
      return true;
    }
    if (pending.length < format.length) return false;
    endStray("outsideFrame");
    out.push(frameOf(pending.slice(0, format.length)));
    pending = pending.slice(format.length);
    return true;
  };
  const told = (): OsipFrame[] => {
    const frames = out;
    out = [];
    return frames;
  };

  return {
    push(chunk) {
      for (const byte of chunk) pending += String.fromCharCode(byte);
      while (pending.length > 0 && takeOne());
      return told();
    },
    timeOut() {
      stray += pending;
      pending = "";
      endStray("timedOut");
      return told();
    },
    isInsideFrame: () => pending.length > 0 || stray.length > 0,
    bufferedBytes: () => pending.length + stray.length,
  };
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Sender, receiver, number and type. */
const header = /^###\d{5}([ -~]{5})([ -~]{5})(\d{5})([ -~]{4})/;
const date = /^(?:\d{14}|[*?]{14})$/;

function frameOf(text: string): OsipFrame {
  const [, sender, receiver, number, type = ""] = header.exec(text) ?? [];
  if (sender === undefined || receiver === undefined || number === undefined) {
    return { kind: "unknown", why: "its header cannot be read" };
  }
  if (!isType(type)) return { kind: "unknownType", sender, receiver, type };
  const fields: Record<string, string> = {};
  let at = headChars + typeChars;
  for (const [field, width] of Object.entries(fieldsOf[type])) {
    const raw = text.slice(at, at + width);
    at += width;
    if (!/^[ -~]*$/.test(raw) || (field === "date" && !date.test(raw))) {
      return { kind: "unknown", why: `${type}: its ${field} is ${raw}` };
    }
    fields[field] = /^\?+$/.test(raw) ? "" : raw.replace(/\*+$/, "");
  }
  if (!/^\**$/.test(text.slice(at)))
    return { kind: "unknown", why: `${type} is longer than it is` };
  const telegram = { sender, receiver, number: Number(number), type, fields };
  return { kind: "telegram", telegram: telegram as OsipTelegram };
}

/** What a telegram of an unknown type is answered with, in the maker's numbers. */
export const osipUnknownType = "00000010";

const isType = (type: string): type is OsipType => Object.hasOwn(fieldsOf, type);

/** A field that is not given is filled; one that is too long is cut, which no caller may rely on. */
export function encodeOsip(telegram: OsipTelegram, format: OsipFormat): Uint8Array {
  const { sender, receiver, number, type } = telegram;
  const given: Readonly<Record<string, string>> = telegram.fields;
  const head = `${sync}${lengthText(format)}${sender}${receiver}${String(number).padStart(5, "0")}`;
  const body = Object.entries(fieldsOf[type]).map(([field, width]) =>
    (given[field] ?? "").slice(0, width).padEnd(width, "*"),
  );
  return bytesOf(`${head}${type}${body.join("")}`.padEnd(format.length, "*"));
}
