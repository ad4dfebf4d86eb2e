import { readJpegFile, type JpegFile } from "./jpeg-file.ts";

/** The samples of a picture as they were, row by row. */
export interface LosslessSamples {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bits: number;
  readonly samples: Uint16Array;
}

type Refused = { readonly why: string };

/**
 * JPEG lossless of one grey of 2 to 16 bits, as DICOM files have it. Each sample is told by how far it
 * is from what its neighbours make likely. Decoded here, because it has to come out exactly: every code
 * is one of its table, every sample fits its bits, and the coded pixels end where the last one does.
 *
 * @see ITU-T T.81: Annex H (lossless mode), C.2 and F.2.2.3 (Huffman's codes), F.1.2.3 (bit stuffing)
 */
export function readLosslessJpeg(file: Uint8Array): LosslessSamples | Refused {
  const read = readJpegFile(file, "lossless");
  if ("why" in read) return read;
  const scan = scanOf(read);
  if ("why" in scan) return scan;
  const samples = decode(read, scan);
  if (samples === null) return { why: "a JPEG image whose pixels do not come out" };
  const { widthPx, heightPx, bits } = read;
  return { widthPx, heightPx, bits, samples };
}

interface Scan {
  readonly codes: Codes;
  /** Which neighbours make a sample likely, 1 to 7. */
  readonly selection: number;
}

function scanOf({ components, scan, codeTables }: JpegFile): Scan | Refused {
  if (components !== 1) return { why: "a JPEG image of several colours" };
  const [, , tables = 0, selection = 0, last = 0, approximation = 0] = scan;
  // Lowest bits that were left out are lost.
  if (approximation !== 0 || last !== 0) {
    return { why: "a JPEG image of which bits were left out" };
  }
  if (selection < 1 || selection > 7) return { why: `a JPEG image predicted by ${selection}` };
  const codes = codesOf(codeTables, tables >> 4);
  if (codes === null) return { why: "a JPEG image without its table of codes" };
  return { codes, selection };
}

/** By the next 16 bits: how many of them the code has, times 32, and its category. 0: there is none. */
type Codes = Uint16Array;

const codeBitsMax = 16;
/** How many bits tell a difference; 16 stands for 32,768 by itself. */
const categoryMax = 16;

/** The table of that number, or null where none is whole. The last one counts. */
function codesOf(bodies: readonly Uint8Array[], wanted: number): Codes | null {
  let found: Codes | null = null;
  for (const body of bodies) {
    let at = 0;
    while (at < body.length) {
      const counts = body.subarray(at + 1, at + 1 + codeBitsMax);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const symbols = body.subarray(at + 1 + codeBitsMax, at + 1 + codeBitsMax + total);
      if (counts.length !== codeBitsMax || symbols.length !== total) return null;
      if (body[at] === wanted) {
        found = lookUpOf(counts, symbols);
        if (found === null) return null;
      }
      at += 1 + codeBitsMax + total;
    }
  }
  return found;
}

function lookUpOf(counts: Uint8Array, symbols: Uint8Array): Codes | null {
  const codes = new Uint16Array(2 ** codeBitsMax);
  let code = 0;
  let at = 0;
  for (let length = 1; length <= codeBitsMax; length += 1) {
    for (let left = counts[length - 1] ?? 0; left > 0; left -= 1) {
      const category = symbols[at] ?? 0;
      const from = code << (codeBitsMax - length);
      const to = (code + 1) << (codeBitsMax - length);
      if (to > codes.length || category > categoryMax) return null;
      codes.fill(length * 32 + category, from, to);
      code += 1;
      at += 1;
    }
    code <<= 1;
  }
  return codes;
}

/** Null where what is coded is no picture of that size. */
function decode(file: JpegFile, { codes, selection }: Scan): Uint16Array | null {
  const { widthPx, heightPx, bits, pixels, restartEvery } = file;
  // Lines are predicted from lines, so that a restart stands at the beginning of one.
  if (restartEvery % widthPx !== 0) return null;
  const restartLines = restartEvery / widthPx;
  const samples = new Uint16Array(widthPx * heightPx);
  const most = 2 ** bits - 1;
  const stream = createBits(pixels, codes);
  let at = 0;
  for (let row = 0; row < heightPx; row += 1) {
    const isFirst = row === 0 || (restartLines > 0 && row % restartLines === 0);
    if (isFirst && row > 0 && !stream.restart()) return null;
    for (let column = 0; column < widthPx; column += 1) {
      const difference = stream.difference();
      if (difference === noCode) return null;
      const sample = (likelyOf(column, isFirst) + difference) & 0xffff;
      if (sample > most) return null;
      samples[at] = sample;
      at += 1;
    }
  }
  return stream.isOver() ? samples : null;

  /** At the edges only one neighbour is there, and at the beginning none. */
  function likelyOf(column: number, isFirst: boolean): number {
    if (column === 0) return isFirst ? 2 ** (bits - 1) : (samples[at - widthPx] ?? 0);
    const left = samples[at - 1] ?? 0;
    if (isFirst || selection === 1) return left;
    const up = samples[at - widthPx] ?? 0;
    const corner = samples[at - widthPx - 1] ?? 0;
    switch (selection) {
      case 2:
        return up;
      case 3:
        return corner;
      case 4:
        return left + up - corner;
      case 5:
        return left + ((up - corner) >> 1);
      case 6:
        return up + ((left - corner) >> 1);
      default:
        return (left + up) >> 1;
    }
  }
}

/** No difference is as large. */
const noCode = 2 ** 20;

/** Bits of coded pixels, the highest of a byte first; behind FF stands a 00 that is none of them. */
function createBits(bytes: Uint8Array, codes: Codes) {
  let at = 0;
  let held = 0;
  let heldBits = 0;

  /** As many as there are up to the next marker, but not more than 24. */
  const fill = (): void => {
    while (heldBits <= 16 && at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte === 0xff && bytes[at + 1] !== 0) return;
      held = ((held << 8) | byte) & 0xffffff;
      heldBits += 8;
      at += byte === 0xff ? 2 : 1;
    }
  };
  const lowest = (count: number): number => held & ((1 << count) - 1);
  /** Less than a byte, of ones, before a marker or the end. */
  const isPadding = (): boolean => {
    fill();
    return heldBits < 8 && lowest(heldBits) === (1 << heldBits) - 1;
  };

  return {
    /** `noCode` where there is no such code, or too little is left. */
    difference(): number {
      fill();
      const next =
        heldBits < codeBitsMax
          ? lowest(heldBits) << (codeBitsMax - heldBits)
          : lowest(heldBits) >> (heldBits - codeBitsMax);
      const found = codes[next] ?? 0;
      const length = found >> 5;
      const category = found & 31;
      if (length === 0 || length > heldBits) return noCode;
      heldBits -= length;
      if (category === 0) return 0;
      if (category === categoryMax) return 1 << 15;
      fill();
      if (category > heldBits) return noCode;
      heldBits -= category;
      const value = (held >> heldBits) & ((1 << category) - 1);
      return value >= 1 << (category - 1) ? value : value - (1 << category) + 1;
    },
    /** Over a marker that begins anew. */
    restart(): boolean {
      if (!isPadding() || bytes[at] !== 0xff) return false;
      while (bytes[at] === 0xff) at += 1;
      at += 1;
      heldBits = 0;
      return true;
    },
    isOver: () => isPadding() && at === bytes.length,
  };
}
