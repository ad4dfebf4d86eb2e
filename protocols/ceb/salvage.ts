import { bytesOfBase64, decodeBase64, messageBytesMax } from "./envelope.ts";
import { declarationTypes } from "./messages.ts";
import {
  namesSomething,
  receiptNamed,
  textsNameSomething,
  unreadReceiptFrom,
  wantedFields,
  type FieldTexts,
  type UnreadReceipt,
} from "./unread-receipts.ts";
import type { CebRefusal } from "./refusals.ts";

/**
 * Receipts of customs in bytes that are no message which can be read: numbers and statuses are plain
 * ASCII in every encoding that senders use, so they can be told where the message as a whole cannot.
 * What is found here is only ever doubt.
 */

/** Most receipts that are told out of one message; a whole one has at most 100. */
const receiptsMax = 10_000;
/** Longest text of a field that is looked at: customs' own words may have 1,000 characters. */
const textCharsMax = 1_024;
/** Envelopes within envelopes that are opened. */
const layersMax = 3;
/** Most envelopes of one message that are opened, whatever they stand in; a whole one has one. */
const envelopesMax = 1_000;
/** Most declarations, comments and instructions before the first element that are looked past. */
const prologPartsMax = 1_000;

const receiptNames = [...receiptNamed.keys()].join("|");
const names = `${wantedFields.join("|")}|${receiptNames}`;
const receiptTag = new RegExp(`<(?:[^\\s<>/:]{1,40}:)?(?:${receiptNames})(?![\\w.-])`, "gi");
/** A tag with one of the wanted names and the text behind it. Every part of it has a longest length. */
const wantedTag = new RegExp(
  `<(/?)(?:[^\\s<>/:]{1,40}:)?(${names})(?![\\w.-])` +
    `(?:[^<>]{0,200}>(?:\\s{0,200}<!\\[CDATA\\[)?([^<]{0,${textCharsMax}}))?`,
  "gi",
);
const dataOfEnvelope = /<(?:[^\s<>/:]{1,40}:)?Data(?:\s[^<>]{0,200})?>(?:<!\[CDATA\[)?([^<]+)/gi;

/** Made once: a message may hold a hundred thousand envelopes. */
const readers = {
  utf8: new TextDecoder("utf-8", { fatal: true }),
  utf16le: new TextDecoder("utf-16le"),
  utf16be: new TextDecoder("utf-16be"),
  gb18030: new TextDecoder("gb18030"),
};

/** As text of which at least the ASCII characters are right. */
function asText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c);
  if (isLittle || isBig) return (isBig ? readers.utf16be : readers.utf16le).decode(bytes);
  try {
    return readers.utf8.decode(bytes);
  } catch {
    // In the encodings of Chinese no character has the byte of a '<' or '>' in it.
    return readers.gb18030.decode(bytes);
  }
}

/**
 * Base64 of which characters may be missing or too many. Behind a missing one the rest is shifted,
 * so it is read from each of the four places where a group may begin.
 */
function asBytes(base64: string): readonly Uint8Array[] {
  const whole = decodeBase64(base64);
  if (whole !== null) return [whole];
  const compact = base64.replace(/[^A-Za-z0-9+/]+/g, "");
  return [0, 1, 2, 3].map((start) => {
    // One character alone holds no byte.
    const rest = (compact.length - start) % 4 === 1 ? 1 : 0;
    return bytesOfBase64(compact.slice(start, compact.length - rest));
  });
}

type Found = readonly [type: UnreadReceipt["type"], texts: FieldTexts];

function receiptsInText(text: string): readonly Found[] {
  const found: Found[] = [];
  let fields: Map<string, string> | null = null;
  for (const match of text.matchAll(wantedTag)) {
    const [all, slash, rawName, value] = match;
    // A number that was cut off is another number.
    const isCut = match.index + all.length === text.length;
    const name = (rawName ?? "").toLowerCase();
    const type = receiptNamed.get(name);
    if (type !== undefined && slash === "/") fields = null;
    else if (type !== undefined) {
      if (found.length >= receiptsMax) return found;
      fields = new Map();
      found.push([type, fields]);
    } else if (slash === "" && value !== undefined && !isCut && (fields?.get(name) ?? "") === "") {
      // The end of a CDATA section comes before the next tag.
      fields?.set(name, value.replace(/\]\]>?.*$/s, "").trim());
    }
  }
  return found;
}

/** XML that was written into a text as text. */
const unescaped = (text: string): string =>
  text.includes("&lt;") ? text.replaceAll("&lt;", "<").replaceAll("&gt;", ">") : "";

/** How far one message is looked through. */
interface Look {
  envelopesLeft: number;
  /** There are more envelopes than were opened. */
  isCutShort: boolean;
}
const newLook = (): Look => ({ envelopesLeft: envelopesMax, isCutShort: false });

/** The bytes as text, and so whatever is in their envelopes. */
function* textsIn(bytes: Uint8Array, layers: number, look: Look): Generator<string> {
  const text = asText(bytes);
  yield text;
  for (const [, data] of text.matchAll(dataOfEnvelope)) {
    if (layers === 0 || look.envelopesLeft === 0) {
      look.isCutShort = true;
      return;
    }
    look.envelopesLeft -= 1;
    for (const inner of asBytes(data ?? "")) yield* textsIn(inner, layers - 1, look);
  }
}

function receiptsInBytes(bytes: Uint8Array): readonly Found[] {
  const found: Found[] = [];
  for (const text of textsIn(bytes, layersMax, newLook())) {
    found.push(...receiptsInText(text), ...receiptsInText(unescaped(text)));
    if (found.length >= receiptsMax) return found.slice(0, receiptsMax);
  }
  return found;
}

/** Whether there is more in the bytes than `receiptsInBytes` looks at. */
function isMoreThanLookedAt(bytes: Uint8Array): boolean {
  const look = newLook();
  let receipts = 0;
  for (const text of textsIn(bytes, layersMax, look)) {
    for (const each of [text, unescaped(text)]) {
      for (const _ of each.matchAll(receiptTag)) receipts += 1;
    }
    if (receipts > receiptsMax) return true;
  }
  return look.isCutShort;
}

/** What enterprises send to declare something; nothing in it holds a parcel. */
const declarations: ReadonlySet<string> = new Set(
  declarationTypes.map((type) => `${type}Message`.toLowerCase()),
);
/** Each is looked for at one place; a repeated group could fill the engine's stack. */
const prologPart = /[\s\uFEFF]+|<[?!][^>]{0,1000}>/y;
const elementStart = /<(?:[^\s<>/:]{1,40}:)?([^\s<>/:]{1,40})/y;
/** Fewer bytes hold no receipt that names something, however they are packed. */
const receiptBytesMin = 32;

/**
 * Whether customs may have said something in a message of which nothing could be told: neither in
 * the receipts that were told out of it, `told` in number, nor in next to nothing, nor in what
 * begins as a declaration. Of several envelopes each has to tell something, and what there is more
 * of than is looked at tells nothing.
 */
export function mayHoldMore(bytes: Uint8Array, told: number): boolean {
  const looked = bytes.subarray(0, messageBytesMax);
  if (declarations.has(rootNameOf(asText(looked)))) return false;
  return isMoreThanLookedAt(looked) || isUntold(looked, told, layersMax);
}

function isUntold(bytes: Uint8Array, told: number, layers: number): boolean {
  const text = asText(bytes);
  const name = rootNameOf(text);
  if (text.trim().length < receiptBytesMin || declarations.has(name)) return false;
  const isEnvelope = name.startsWith("dxpmsg") && layers > 0;
  const inside = isEnvelope ? [...text.matchAll(dataOfEnvelope)] : [];
  if (inside.length <= 1 && told > 0) return false;
  if (inside.length > 0) {
    return inside.some(([, data]) =>
      asBytes(data ?? "").every((inner) => isUntold(inner, 0, layers - 1)),
    );
  }
  return ![text, unescaped(text)].some((each) =>
    receiptsInText(each).some(([, texts]) => textsNameSomething(texts)),
  );
}

/** The first element's name in small letters; empty where there is none, or too much before it. */
function rootNameOf(text: string): string {
  let at = 0;
  for (let part = 0; part < prologPartsMax; part += 1) {
    prologPart.lastIndex = at;
    if (!prologPart.test(text)) break;
    at = prologPart.lastIndex;
  }
  elementStart.lastIndex = at;
  return (elementStart.exec(text)?.[1] ?? "").toLowerCase();
}

/** Every receipt that names something, in the order they stand in. */
export function salvageReceipts(bytes: Uint8Array, refusal: CebRefusal): readonly UnreadReceipt[] {
  const looked = bytes.subarray(0, messageBytesMax);
  return receiptsInBytes(looked)
    .map(([type, texts]) => unreadReceiptFrom(type, texts, refusal))
    .filter(namesSomething);
}
