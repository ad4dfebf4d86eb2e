import { xrayImageBytesMax } from "./xray-image.ts";

/** What a JPEG file says of itself before any pixel of it is decoded. */
export interface JpegFile {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One grey, or three colours. */
  readonly components: 1 | 3;
  /** Of a sample. */
  readonly bits: number;
  /** Its tables of codes, as they stand in the file. */
  readonly codeTables: readonly Uint8Array[];
  /** A restart behind so many units; 0: none. */
  readonly restartEvery: number;
  /** What stands before the coded pixels: components, tables, and how they are predicted. */
  readonly scan: Uint8Array;
  /** Coded, restarts among them. */
  readonly pixels: Uint8Array;
}

export type JpegCoding = "baseline" | "lossless";

/** As an image message has them. */
const sidePxMax = 4_096;
const messageHeadBytesMax = 2_048;
const segmentsMax = 1_000;

const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;
const dht = 0xc4;
const dri = 0xdd;
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;
/** Baseline, and the same with more tables; lossless with Huffman's codes. */
const framesOf: Readonly<Record<JpegCoding, readonly number[]>> = {
  baseline: [0xc0, 0xc1],
  lossless: [0xc3],
};
/** Every way of coding has a marker of its own; three among them mean something else. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![dht, 0xc8, 0xcc].includes(marker);
/** Quantisers, and what programs add of their own. */
const isPassedOver = (marker: number): boolean =>
  marker === 0xdb || marker === 0xfe || (marker & 0xf0) === 0xe0;

const codings: Readonly<Record<number, string>> = {
  0xc0: "baseline",
  0xc2: "progressive",
  0xc3: "lossless",
};

type Refused = { readonly why: string };

/**
 * Strict where decoders are lenient, since somebody may release a parcel on the picture: one frame,
 * coded as is wanted, one scan of it, restarts in their order, and the end where the file ends. There
 * is no check sum in such a file, so that of its pixels this is all that can be told beforehand.
 *
 * @see ITU-T T.81: B.1 (markers), B.2.2 (frame), B.2.3 (scan)
 */
export function readJpegFile(file: Uint8Array, coding: JpegCoding): JpegFile | Refused {
  const refuse = (why: string): Refused => ({ why: `a JPEG image ${why}` });
  let frame: Frame | null = null;
  const codeTables: Uint8Array[] = [];
  let restartEvery = 0;
  let at = 2;
  if (file[0] !== 0xff || file[1] !== soi) return refuse("that does not begin as one");
  for (let segments = 0; segments < segmentsMax; segments += 1) {
    // Any number of FF may stand before a marker.
    const from = at;
    while (file[at] === 0xff) at += 1;
    const marker = file[at] ?? 0;
    if (at === from || at >= file.length) return refuse(`that is cut or damaged at byte ${from}`);
    if (marker === eoi) return refuse("without pixels");
    const length = at + 2 < file.length ? wordAt(file, at + 1) : 0;
    const end = at + 1 + length;
    if (length < 2 || end > file.length) return refuse(`that is cut at byte ${from}`);
    const body = file.subarray(at + 3, end);
    at = end;
    if (isFrame(marker)) {
      if (frame !== null) return refuse("of several frames");
      const read = frameOf(marker, body, coding);
      if ("why" in read) return refuse(read.why);
      frame = read;
    } else if (marker === dht) codeTables.push(body);
    else if (marker === dri) {
      if (body.length !== 2) return refuse(`with no interval at byte ${from}`);
      restartEvery = wordAt(body, 0);
    } else if (marker === sos) {
      if (frame === null) return refuse("whose pixels come before their size");
      if (body[0] !== frame.components || body.length !== 4 + 2 * frame.components) {
        return refuse("of several scans");
      }
      const why = scanTrouble(file, at);
      if (why !== null) return refuse(why);
      const pixels = file.subarray(at, markerAt(file));
      return { ...frame, codeTables, restartEvery, scan: body, pixels };
    } else if (!isPassedOver(marker)) {
      return refuse(`with ${hex(marker)} at byte ${from}, which is not read`);
    }
  }
  return refuse(`of more than ${segmentsMax} parts`);
}

type Frame = Pick<JpegFile, "widthPx" | "heightPx" | "components" | "bits">;

function frameOf(marker: number, body: Uint8Array, coding: JpegCoding): Frame | Refused {
  if (!framesOf[coding].includes(marker)) {
    return {
      why: `that is ${codings[marker] ?? `coded as ${hex(marker)}`}: only ${coding} is read`,
    };
  }
  const bits = body[0] ?? 0;
  const [heightPx, widthPx] = [wordAt(body, 1), wordAt(body, 3)];
  const components = body[5];
  const size = `of ${widthPx} x ${heightPx} pixels`;
  if (widthPx < 1 || heightPx < 1 || widthPx > sidePxMax || heightPx > sidePxMax) {
    return { why: size };
  }
  if (2 * widthPx * heightPx > xrayImageBytesMax - messageHeadBytesMax) {
    return { why: `${size} is too large` };
  }
  const areBitsRead = coding === "baseline" ? bits === 8 : bits >= 2 && bits <= 16;
  if (!areBitsRead) return { why: `${size} of ${bits} bits` };
  if ((components !== 1 && components !== 3) || body.length !== 6 + 3 * components) {
    return { why: `${size} that is neither one grey nor three colours` };
  }
  return { widthPx, heightPx, components, bits };
}

/** From the first coded byte to the end of the file; null where all of it is as it must be. */
function scanTrouble(file: Uint8Array, from: number): string | null {
  let restarts = 0;
  for (let at = file.indexOf(0xff, from); at !== -1; at = file.indexOf(0xff, at)) {
    const marker = file[at + 1];
    if (marker === undefined) break;
    if (marker === eoi) {
      return at + 2 === file.length ? null : `with ${file.length - at - 2} bytes behind its end`;
    }
    if (isRestart(marker)) {
      if (marker !== 0xd0 + (restarts % 8)) return `whose pixels are interrupted at byte ${at}`;
      restarts += 1;
    } else if (marker === 0xff) {
      // Before a marker FF may be repeated.
      at += 1;
      continue;
    } else if (marker !== 0) return `of several scans, or damaged at byte ${at}`;
    at += 2;
  }
  return "that is cut within its pixels";
}

/** Where its last marker begins, with what is repeated before it. */
function markerAt(file: Uint8Array): number {
  let at = file.length - 2;
  while (file[at - 1] === 0xff) at -= 1;
  return at;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const hex = (marker: number): string => `FF ${marker.toString(16).toUpperCase().padStart(2, "0")}`;
