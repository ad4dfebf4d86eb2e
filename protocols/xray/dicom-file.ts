import type { JpegCoding } from "./jpeg-file.ts";

/**
 * Reads a DICOM file (PS3.10: a preamble, `DICM`, the meta information, one data set) of native
 * little-endian transfer syntaxes, and of JPEG, whose pixels it leaves as they are. It is strict where viewers are lenient, because a verdict may be
 * in it: every length must come out exactly, nothing may be cut, and a tag that comes twice in one
 * data set is refused rather than the one or the other believed. Bounded: each byte is looked at a
 * fixed number of times, sequences nest no deeper than `depthMax`, and values are views, not copies.
 *
 * @see DICOM PS3.5 (data elements, sequences, transfer syntaxes), PS3.10 section 7
 */
export const dicomFileBytesMax = 32 * 1024 * 1024;
const depthMax = 8;
const elementsMax = 20_000;

export const dicomSyntaxes = {
  implicitLittle: "1.2.840.10008.1.2",
  explicitLittle: "1.2.840.10008.1.2.1",
} as const;

/** Whose data set is explicit and little-endian, and whose pixels are a JPEG image. */
const jpegSyntaxes = {
  /** Process 1; process 14, with any prediction and with the first. */
  "1.2.840.10008.1.2.4.50": "baseline",
  "1.2.840.10008.1.2.4.57": "lossless",
  "1.2.840.10008.1.2.4.70": "lossless",
} as const satisfies Readonly<Record<string, JpegCoding>>;

/** What one data set says, by tag: group times 65,536 plus element. */
export type DicomDataSet = ReadonlyMap<number, DicomElement>;
export type DicomElement =
  | { readonly kind: "value"; readonly bytes: Uint8Array }
  | { readonly kind: "sequence"; readonly items: readonly DicomDataSet[] }
  /** Pixels that are compressed, one behind the other, without the table before them. */
  | { readonly kind: "pieces"; readonly pieces: readonly Uint8Array[] };

export type DicomFile =
  | {
      readonly kind: "ok";
      readonly sopClassUid: string;
      readonly dataSet: DicomDataSet;
      /** How its pixels are a JPEG image by its transfer syntax; null: they are none. */
      readonly jpeg: JpegCoding | null;
    }
  | { readonly kind: "invalid"; readonly why: string };

export const tagOf = (group: number, element: number): number => group * 0x1_0000 + element;

/** As people write it: (4010,1031). */
export const tagText = (tag: number): string =>
  `(${hexOf(Math.floor(tag / 0x1_0000))},${hexOf(tag % 0x1_0000)})`;
const hexOf = (word: number): string => word.toString(16).toUpperCase().padStart(4, "0");

const preambleBytes = 128;
const magic = [0x44, 0x49, 0x43, 0x4d] as const;
const groupLengthTag = tagOf(0x0002, 0x0000);
const mediaClassTag = tagOf(0x0002, 0x0002);
const syntaxTag = tagOf(0x0002, 0x0010);
const sopClassTag = tagOf(0x0008, 0x0016);

const itemTag = tagOf(0xfffe, 0xe000);
const itemEndTag = tagOf(0xfffe, 0xe00d);
const sequenceEndTag = tagOf(0xfffe, 0xe0dd);
const pixelsTag = tagOf(0x7fe0, 0x0010);
const undefinedLength = 0xffff_ffff;

/** Two bytes of nothing and four of length follow these; two bytes of length the others. */
const longRepresentations: ReadonlySet<string> = new Set(
  "OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(" "),
);
const shortRepresentations: ReadonlySet<string> = new Set(
  "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split(" "),
);

/**
 * Sequences that are looked into, whatever they are called. The implicit syntax does not say what is
 * one; any other there is a value of bytes, unless its length is undefined.
 */
const knownSequences: ReadonlySet<number> = new Set([
  tagOf(0x0008, 0x1115),
  tagOf(0x0008, 0x1140),
  tagOf(0x0008, 0x114a),
  tagOf(0x0008, 0x1199),
  tagOf(0x4010, 0x1011),
  tagOf(0x4010, 0x1037),
  tagOf(0x4010, 0x1038),
]);

/** Never throws: what is no such file is answered with why. */
export function readDicomFile(bytes: Uint8Array): DicomFile {
  const invalid = (why: string): DicomFile => ({ kind: "invalid", why });
  const metaFrom = preambleBytes + magic.length;
  if (bytes.length > dicomFileBytesMax) return invalid(`${bytes.length} bytes are too many`);
  if (bytes.length < metaFrom || magic.some((byte, at) => bytes[preambleBytes + at] !== byte)) {
    return invalid("not a DICOM file");
  }
  const reader = createReader(bytes, false);
  const length = reader.element(metaFrom, bytes.length, "explicit", 0);
  const lengthBytes = valueOf(length?.element);
  if (length?.tag !== groupLengthTag || lengthBytes?.length !== 4) {
    return invalid("its meta information does not begin with its length");
  }
  const dataFrom = length.end + uint32Of(lengthBytes);
  const meta = reader.dataSet(length.end, dataFrom, "explicit", 0);
  if (meta === null) return invalid(`meta information: ${reader.trouble()}`);
  const foreign = [...meta.elements.keys()].find((tag) => tag >= tagOf(0x0003, 0));
  if (foreign !== undefined) return invalid(`${tagText(foreign)} within the meta information`);

  const syntax = textOf(meta.elements, syntaxTag);
  const coding = codingOf(syntax);
  if (coding === null) {
    return invalid(
      `transfer syntax ${syntax ?? "not told"}: it must be ${dicomSyntaxes.explicitLittle} or ${dicomSyntaxes.implicitLittle}, uncompressed and little-endian, or of JPEG ${Object.keys(jpegSyntaxes).join(", ")}`,
    );
  }
  const jpeg = jpegOf(syntax);
  const body = createReader(bytes, jpeg !== null);
  const data = body.dataSet(dataFrom, bytes.length, coding, 0);
  if (data === null) return invalid(body.trouble());
  const sopClassUid = textOf(data.elements, sopClassTag);
  if (sopClassUid === null || sopClassUid !== textOf(meta.elements, mediaClassTag)) {
    return invalid("what it is (0008,0016) is missing, or another than (0002,0002)");
  }
  return { kind: "ok", sopClassUid, dataSet: data.elements, jpeg };
}

type Coding = "explicit" | "implicit";

const jpegOf = (syntax: string | null): JpegCoding | null =>
  Object.entries(jpegSyntaxes).find(([known]) => known === syntax)?.[1] ?? null;

function codingOf(syntax: string | null): Coding | null {
  if (syntax === dicomSyntaxes.explicitLittle || jpegOf(syntax) !== null) return "explicit";
  return syntax === dicomSyntaxes.implicitLittle ? "implicit" : null;
}

/** PS3.5 6.2.2: a sequence that its writer did not know is coded implicitly, as it came to him. */
const codingWithin = (representation: string, coding: Coding): Coding =>
  representation === "UN" ? "implicit" : coding;

interface ReadElement {
  readonly tag: number;
  readonly element: DicomElement;
  readonly end: number;
}

interface ReadDataSet {
  readonly elements: DicomDataSet;
  readonly end: number;
}

/** Of an element, up to its value. */
interface ElementHead {
  readonly tag: number;
  readonly representation: string;
  readonly length: number;
  readonly from: number;
}

/** Null means trouble, of which the first is kept. `hasPieces`: its pixels come compressed. */
function createReader(bytes: Uint8Array, hasPieces: boolean) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let trouble: string | null = null;
  let elementsTotal = 0;

  const fail = (why: string): null => {
    trouble ??= why;
    return null;
  };

  const tagAt = (at: number): number =>
    tagOf(view.getUint16(at, true), view.getUint16(at + 2, true));

  /** Of an item or of the end of something, which have no representation. */
  const markAt = (at: number, end: number): { tag: number; length: number } | null =>
    at + 8 > end
      ? fail(`cut at byte ${at}`)
      : { tag: tagAt(at), length: view.getUint32(at + 4, true) };

  const headAt = (at: number, end: number, coding: Coding): ElementHead | null => {
    if (at + 8 > end) return fail(`cut at byte ${at}`);
    const tag = tagAt(at);
    if (coding === "implicit") {
      return { tag, representation: "", length: view.getUint32(at + 4, true), from: at + 8 };
    }
    const representation = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0);
    if (shortRepresentations.has(representation)) {
      return { tag, representation, length: view.getUint16(at + 6, true), from: at + 8 };
    }
    if (!longRepresentations.has(representation)) {
      return fail(`${tagText(tag)} at byte ${at} has no known representation`);
    }
    if (at + 12 > end) return fail(`cut at byte ${at}`);
    return { tag, representation, length: view.getUint32(at + 8, true), from: at + 12 };
  };

  const element = (at: number, end: number, coding: Coding, depth: number): ReadElement | null => {
    const head = headAt(at, end, coding);
    if (head === null) return null;
    elementsTotal += 1;
    if (elementsTotal > elementsMax) return fail(`more than ${elementsMax} elements`);
    const { tag, representation, length, from } = head;
    if (length === undefinedLength) {
      const isPixels = hasPieces && depth === 0 && tag === pixelsTag && representation === "OB";
      return isPixels ? pieces(head, end) : openSequence(head, end, coding, depth);
    }
    if (from + length > end) return fail(`${tagText(tag)} at byte ${at} is cut`);
    const valueEnd = from + length;
    const isKnown = knownSequences.has(tag);
    if (representation !== "SQ" && !isKnown) {
      const value = { kind: "value", bytes: bytes.subarray(from, valueEnd) } as const;
      return { tag, element: value, end: valueEnd };
    }
    // What is within one would go unseen: a threat, for instance.
    if (coding === "explicit" && representation !== "SQ" && representation !== "UN") {
      return fail(`${tagText(tag)} is a sequence, and comes as ${representation}`);
    }
    const within = codingWithin(representation, coding);
    const read = items({ from, end: valueEnd, isOpen: false }, within, depth + 1);
    return read === null
      ? null
      : { tag, element: { kind: "sequence", items: read.items }, end: valueEnd };
  };

  /** PS3.5 A.4: a table of where frames begin, which may be empty, and then the pixels' pieces. */
  const pieces = ({ tag, from }: ElementHead, end: number): ReadElement | null => {
    const found: Uint8Array[] = [];
    let at = from;
    for (;;) {
      const mark = markAt(at, end);
      if (mark === null) return null;
      if (mark.tag === sequenceEndTag && mark.length === 0) break;
      const pieceEnd = at + 8 + mark.length;
      if (mark.tag !== itemTag || pieceEnd > end) {
        return fail(`${tagText(tag)} at byte ${at} is no piece, or is cut`);
      }
      elementsTotal += 1;
      if (elementsTotal > elementsMax) return fail(`more than ${elementsMax} elements`);
      found.push(bytes.subarray(at + 8, pieceEnd));
      at = pieceEnd;
    }
    if (found.length < 2) return fail(`${tagText(tag)} without pixels`);
    return { tag, element: { kind: "pieces", pieces: found.slice(1) }, end: at + 8 };
  };

  /** A length is undefined of a sequence, which an unknown representation may be as well. */
  const openSequence = (
    { tag, representation, from }: ElementHead,
    end: number,
    coding: Coding,
    depth: number,
  ): ReadElement | null => {
    if (coding === "explicit" && representation !== "SQ" && representation !== "UN") {
      return fail(`${tagText(tag)} has no length`);
    }
    const within = codingWithin(representation, coding);
    const read = items({ from, end, isOpen: true }, within, depth + 1);
    return read === null
      ? null
      : { tag, element: { kind: "sequence", items: read.items }, end: read.end };
  };

  const items = (
    {
      from,
      end,
      isOpen,
    }: { readonly from: number; readonly end: number; readonly isOpen: boolean },
    coding: Coding,
    depth: number,
  ): { readonly items: DicomDataSet[]; readonly end: number } | null => {
    if (depth > depthMax) return fail(`sequences nest deeper than ${depthMax}`);
    const found: DicomDataSet[] = [];
    let at = from;
    const until = isOpen ? Number.POSITIVE_INFINITY : end;
    while (at < until) {
      const mark = markAt(at, end);
      if (mark === null) return null;
      if (isOpen && mark.tag === sequenceEndTag && mark.length === 0) {
        return { items: found, end: at + 8 };
      }
      if (mark.tag !== itemTag)
        return fail(`${tagText(mark.tag)} at byte ${at} where an item begins`);
      elementsTotal += 1;
      const itemIsOpen = mark.length === undefinedLength;
      const itemEnd = itemIsOpen ? end : at + 8 + mark.length;
      if (itemEnd > end) return fail(`an item at byte ${at} is cut`);
      const read = dataSet(at + 8, itemEnd, coding, depth, itemIsOpen);
      if (read === null) return null;
      found.push(read.elements);
      at = read.end;
    }
    return { items: found, end: at };
  };

  /** Ends at `end` exactly; an open one where it says so itself. */
  const dataSet = (
    from: number,
    end: number,
    coding: Coding,
    depth: number,
    isOpen = false,
  ): ReadDataSet | null => {
    if (end > bytes.length) return fail("cut");
    const elements = new Map<number, DicomElement>();
    let at = from;
    const until = isOpen ? Number.POSITIVE_INFINITY : end;
    while (at < until) {
      if (isOpen) {
        const mark = markAt(at, end);
        if (mark === null) return null;
        if (mark.tag === itemEndTag && mark.length === 0) return { elements, end: at + 8 };
      }
      const read = element(at, end, coding, depth);
      if (read === null) return null;
      if (elements.has(read.tag)) return fail(`${tagText(read.tag)} comes twice`);
      if (read.tag >= tagOf(0xfffe, 0)) return fail(`${tagText(read.tag)} out of place`);
      elements.set(read.tag, read.element);
      at = read.end;
    }
    return { elements, end: at };
  };

  return { element, dataSet, trouble: () => trouble ?? "not read" };
}

export const valueOf = (element: DicomElement | undefined): Uint8Array | null =>
  element?.kind === "value" ? element.bytes : null;

const uint32Of = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);

/** An unsigned number of two bytes, alone in its element; null where there is none. */
export function uint16Of(dataSet: DicomDataSet, tag: number): number | null {
  const bytes = valueOf(dataSet.get(tag));
  if (bytes?.length !== 2) return null;
  return new DataView(bytes.buffer, bytes.byteOffset, 2).getUint16(0, true);
}

/**
 * Plain ASCII without what pads it; several values stay as they stand, with a backslash between
 * them. Null where there is none, or where other characters are in it.
 */
export function textOf(dataSet: DicomDataSet, tag: number): string | null {
  const bytes = valueOf(dataSet.get(tag));
  if (bytes === null || bytes.length > textBytesMax) return null;
  const text = String.fromCharCode(...bytes);
  // Texts are padded with spaces, unique ids with a zero byte.
  const unended = text.endsWith("\0") ? text.slice(0, -1) : text;
  const bare = unended.replace(/^ +/, "").replace(/ +$/, "");
  return /^[ -~]+$/.test(bare) ? bare : null;
}
const textBytesMax = 1_024;
