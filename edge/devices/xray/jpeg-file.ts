import { xrayImageBytesMax } from "../../../protocols/xray/xray-image.ts";

/** What a JPEG file says of itself before anything of it is decoded. */
export interface JpegHead {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One grey, or three colours. */
  readonly components: 1 | 3;
}

/** As an image message has them. */
const sidePxMax = 4_096;
const messageHeadBytesMax = 2_048;
const segmentsMax = 1_000;

const soi = 0xd8;
const eoi = 0xd9;
const sos = 0xda;
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;
/** Baseline, and the same with more tables. */
const isRead = (marker: number): boolean => marker === 0xc0 || marker === 0xc1;
/** Every way of coding has a marker of its own: C4, C8 and CC are none. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Tables, the interval of restarts, and what programs add of their own. */
const isPassedOver = (marker: number): boolean =>
  marker === 0xdb ||
  marker === 0xc4 ||
  marker === 0xdd ||
  marker === 0xfe ||
  (marker & 0xf0) === 0xe0;

const codings: Readonly<Record<number, string>> = { 0xc2: "progressive", 0xc3: "lossless" };

/**
 * Strict where decoders are lenient, since somebody may release a parcel on the picture: one frame of
 * 8 bits, baseline, one scan of it, restarts in their order, and the end where the file ends. There is
 * no check sum in such a file, so that of its pixels this is all that can be told.
 *
 * @see ITU-T T.81: B.1 (markers), B.2.2 (frame), B.2.3 (scan)
 */
export function readJpegHead(file: Uint8Array): JpegHead | { readonly why: string } {
  const refuse = (why: string): { readonly why: string } => ({ why: `a JPEG image ${why}` });
  let head: JpegHead | null = null;
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
      if (head !== null) return refuse("of several frames");
      const frame = frameOf(marker, body);
      if ("why" in frame) return refuse(frame.why);
      head = frame;
    } else if (marker === sos) {
      if (head === null) return refuse("whose pixels come before their size");
      if (body[0] !== head.components) return refuse("of several scans");
      const why = scanTrouble(file, at);
      return why === null ? head : refuse(why);
    } else if (!isPassedOver(marker)) {
      return refuse(`with ${hex(marker)} at byte ${from}, which is not read`);
    }
  }
  return refuse(`of more than ${segmentsMax} parts`);
}

function frameOf(marker: number, body: Uint8Array): JpegHead | { readonly why: string } {
  if (!isRead(marker)) {
    return {
      why: `that is ${codings[marker] ?? `coded as ${hex(marker)}`}: only baseline is read`,
    };
  }
  const bits = body[0];
  const [heightPx, widthPx] = [wordAt(body, 1), wordAt(body, 3)];
  const components = body[5];
  const size = `of ${widthPx} x ${heightPx} pixels`;
  if (widthPx < 1 || heightPx < 1 || widthPx > sidePxMax || heightPx > sidePxMax) {
    return { why: size };
  }
  if (2 * widthPx * heightPx > xrayImageBytesMax - messageHeadBytesMax) {
    return { why: `${size} is too large` };
  }
  if (bits !== 8) return { why: `${size} of ${bits ?? 0} bits` };
  if ((components !== 1 && components !== 3) || body.length !== 6 + 3 * components) {
    return { why: `${size} that is neither one grey nor three colours` };
  }
  return { widthPx, heightPx, components };
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
    } else if (marker !== 0) {
      // FF may be repeated before a marker, and 00 behind it says that it is a pixel's.
      if (marker !== 0xff) return `of several scans, or damaged at byte ${at}`;
      at += 1;
      continue;
    }
    at += 2;
  }
  return "that is cut within its pixels";
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const hex = (marker: number): string => `FF ${marker.toString(16).toUpperCase().padStart(2, "0")}`;
