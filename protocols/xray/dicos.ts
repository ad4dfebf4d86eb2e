import type { AlgorithmVerdict } from "../verdicts.ts";
import {
  readDicomFile,
  tagOf,
  textOf,
  uint16Of,
  valueOf,
  type DicomDataSet,
  type DicomElement,
} from "./dicom-file.ts";
import type { JpegCoding } from "./jpeg-file.ts";
import { readLosslessJpeg } from "./jpeg-lossless.ts";
import { readPlane, xrayImageBytesMax } from "./xray-image.ts";

/**
 * What a DICOS file (NEMA IIC 1, DICOM of security screening) means to a line: a threat detection
 * report is a verdict, a digital X-ray image a picture of one energy. Whose it is stands in the
 * tag that the site has configured. Of a report only an explicit CLEAR with SUCCESS, which nothing
 * else in it contradicts, is clear.
 *
 * @see PS3.6 and DCMTK's data dictionary for tags and types; PS3.3 C.8.11.3 for the sign of pixels
 */
const reportClass = "1.2.840.10008.5.1.4.1.1.501.3";
/** For presentation and for processing, of DICOS and of DICOM. */
const pictureClasses: ReadonlySet<string> = new Set([
  "1.2.840.10008.5.1.4.1.1.501.2.1",
  "1.2.840.10008.5.1.4.1.1.501.2.2",
  "1.2.840.10008.5.1.4.1.1.1.1",
  "1.2.840.10008.5.1.4.1.1.1.1.1",
]);

export type DicosFile =
  | ({ readonly kind: "report" } & DicosReport)
  | ({ readonly kind: "picture" } & DicosPicture)
  | ({ readonly kind: "jpegPicture" } & DicosJpegPicture)
  | { readonly kind: "invalid"; readonly why: string };

export interface DicosReport {
  /** The number under which the pass was announced; null: none, or no number. */
  readonly track: number | null;
  readonly verdict: AlgorithmVerdict;
  /** Name and version, at most 64 characters. */
  readonly algorithm: string;
  /** The instances that it speaks of, as far as it says so. */
  readonly pictureUids: readonly string[];
}

export interface DicosPicture {
  readonly track: number | null;
  readonly uid: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row by row from the top: 65,535 is air, 0 lets nothing through. */
  readonly plane: Uint16Array;
}

/** A picture whose pixels are a lossy JPEG image, not looked into. */
export interface DicosJpegPicture extends Omit<DicosPicture, "plane"> {
  readonly jpeg: Uint8Array;
  /** The more a sample says, the less came through. */
  readonly isInverse: boolean;
}

const tags = {
  sopInstance: tagOf(0x0008, 0x0018),
  referencedSopInstance: tagOf(0x0008, 0x1155),
  samplesPerPixel: tagOf(0x0028, 0x0002),
  photometric: tagOf(0x0028, 0x0004),
  frames: tagOf(0x0028, 0x0008),
  rows: tagOf(0x0028, 0x0010),
  columns: tagOf(0x0028, 0x0011),
  bitsAllocated: tagOf(0x0028, 0x0100),
  bitsStored: tagOf(0x0028, 0x0101),
  highBit: tagOf(0x0028, 0x0102),
  pixelRepresentation: tagOf(0x0028, 0x0103),
  intensitySign: tagOf(0x0028, 0x1041),
  threats: tagOf(0x4010, 0x1011),
  abortReason: tagOf(0x4010, 0x1021),
  abortFlag: tagOf(0x4010, 0x1024),
  reportType: tagOf(0x4010, 0x1027),
  algorithm: tagOf(0x4010, 0x1029),
  alarmDecision: tagOf(0x4010, 0x1031),
  alarmObjects: tagOf(0x4010, 0x1034),
  assessmentFlag: tagOf(0x4010, 0x1015),
  pixels: tagOf(0x7fe0, 0x0010),
} as const;

/** Never throws. `trackTag` is a text whose whole is a decimal number from 1 to 4,294,967,295. */
export function readDicosFile(bytes: Uint8Array, trackTag: number): DicosFile {
  const file = readDicomFile(bytes);
  if (file.kind === "invalid") return file;
  const { sopClassUid, dataSet } = file;
  const track = trackOf(textOf(dataSet, trackTag));
  if (sopClassUid === reportClass) return { kind: "report", track, ...reportOf(dataSet) };
  if (!pictureClasses.has(sopClassUid)) {
    return { kind: "invalid", why: `neither a threat report nor a digital X-ray: ${sopClassUid}` };
  }
  const picture = pictureOf(dataSet, file.jpeg);
  if ("why" in picture) return { kind: "invalid", why: picture.why };
  return "jpeg" in picture
    ? { kind: "jpegPicture", track, ...picture }
    : { kind: "picture", track, ...picture };
}

/** Of a text whose whole is such a number; null for any other. */
export function trackOf(text: string | null): number | null {
  if (text === null || !/^[1-9]\d{0,9}$/.test(text)) return null;
  const track = Number(text);
  return track <= 0xffff_ffff ? track : null;
}

const reportOf = (dataSet: DicomDataSet): Omit<DicosReport, "track"> => ({
  verdict: verdictOf(dataSet),
  algorithm: (textOf(dataSet, tags.algorithm) ?? "DICOS").slice(0, 64).trim(),
  pictureUids: [...textsWithin(dataSet, tags.referencedSopInstance)],
});

/** An alarm is one whatever else is said; clear is clear only where nothing speaks against it. */
function verdictOf(dataSet: DicomDataSet): AlgorithmVerdict {
  const decision = textOf(dataSet, tags.alarmDecision);
  if (decision === "ALARM") return "suspect";
  if (decision !== "CLEAR" || textOf(dataSet, tags.abortFlag) !== "SUCCESS") return "unknown";
  // A ground truth, or a person's word, is no algorithm's.
  const isMachines =
    !dataSet.has(tags.reportType) || textOf(dataSet, tags.reportType) === "MACHINE";
  const hasNoAlarms = !dataSet.has(tags.alarmObjects) || uint16Of(dataSet, tags.alarmObjects) === 0;
  const flags = [...textsWithin(dataSet, tags.assessmentFlag)];
  const hasNoThreats = flags.every((flag) => flag === "NO_THREAT");
  const isWhole = isBlank(dataSet.get(tags.abortReason)) && areAssessed(dataSet.get(tags.threats));
  return isMachines && hasNoAlarms && hasNoThreats && isWhole ? "clear" : "unknown";
}

const isBlank = (element: DicomElement | undefined): boolean =>
  element === undefined || (valueOf(element)?.every((byte) => byte === 0x20) ?? false);

/** Each object that was found has been judged as well. */
const areAssessed = (threats: DicomElement | undefined): boolean =>
  threats === undefined ||
  (threats.kind === "sequence" &&
    threats.items.every((item) => !textsWithin(item, tags.assessmentFlag).next().done));

/** Of this tag wherever it stands, sequences included; what is no text is told as that. */
function* textsWithin(dataSet: DicomDataSet, tag: number): Generator<string> {
  for (const [each, element] of dataSet) {
    if (each === tag) yield textOf(dataSet, tag) ?? "unreadable";
    else if (element.kind === "sequence") {
      for (const item of element.items) yield* textsWithin(item, tag);
    }
  }
}

type Refused = { readonly why: string };

function pictureOf(
  dataSet: DicomDataSet,
  compression: JpegCoding | null,
): Omit<DicosPicture, "track"> | Omit<DicosJpegPicture, "track"> | Refused {
  const uid = textOf(dataSet, tags.sopInstance);
  if (uid === null) return { why: "a picture without its instance (0008,0018)" };
  const widthPx = uint16Of(dataSet, tags.columns) ?? 0;
  const heightPx = uint16Of(dataSet, tags.rows) ?? 0;
  if (widthPx < 1 || heightPx < 1 || widthPx > sidePxMax || heightPx > sidePxMax) {
    return { why: `a picture of ${widthPx} x ${heightPx} pixels` };
  }
  if (2 * widthPx * heightPx > xrayImageBytesMax - headerBytesMax) {
    return { why: `a picture of ${widthPx} x ${heightPx} pixels is too large` };
  }
  const frames = dataSet.has(tags.frames) ? textOf(dataSet, tags.frames) : "1";
  if (frames !== "1") return { why: `a picture of ${frames ?? "unreadable"} frames` };
  const samples = sampleOf(dataSet);
  if ("why" in samples) return samples;
  const size = { uid, widthPx, heightPx };
  if (compression !== null) {
    const jpeg = jpegOf(dataSet.get(tags.pixels));
    if (jpeg === null) return { why: "pixels that are not compressed" };
    if (compression === "lossless") return losslessOf(jpeg, size, samples);
    return samples.bits === 8
      ? { ...size, jpeg, isInverse: samples.isInverse }
      : { why: `a JPEG picture of ${samples.bits} bits` };
  }
  const pixels = valueOf(dataSet.get(tags.pixels));
  const expected = widthPx * heightPx * samples.bytes;
  // An odd length is padded with one byte.
  if (pixels?.length !== expected + (expected % 2)) {
    return { why: `pixels of ${pixels?.length ?? 0} bytes instead of ${expected}` };
  }
  const count = widthPx * heightPx;
  const values =
    samples.bytes === 2 ? readPlane(pixels, 0, count) : Uint16Array.from(pixels.subarray(0, count));
  return shownOf(values, size, samples);
}

type Size = Pick<DicosPicture, "uid" | "widthPx" | "heightPx">;

function shownOf(values: Uint16Array, size: Size, samples: Sample) {
  const plane = planeOf(values, samples);
  return plane === null ? { why: `a pixel beyond its ${samples.bits} bits` } : { ...size, plane };
}

function losslessOf(jpeg: Uint8Array, size: Size, samples: Sample) {
  const read = readLosslessJpeg(jpeg);
  if ("why" in read) return read;
  if (read.widthPx !== size.widthPx || read.heightPx !== size.heightPx) {
    return { why: "its JPEG is another picture than it says" };
  }
  return shownOf(read.samples, size, samples);
}

/** One frame, in however many pieces; the last may be padded to an even length. */
function jpegOf(pixels: DicomElement | undefined): Uint8Array | null {
  if (pixels?.kind !== "pieces") return null;
  const bytes = new Uint8Array(pixels.pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pixels.pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const isPadded = bytes.at(-1) === 0 && bytes.at(-2) === 0xd9 && bytes.at(-3) === 0xff;
  return isPadded ? bytes.subarray(0, -1) : bytes;
}

/** As an image message has them (`zXrayImageHeader`). */
const sidePxMax = 4_096;
const headerBytesMax = 2_048;

interface Sample {
  readonly bytes: 1 | 2;
  readonly bits: number;
  /** The more a sample says, the less came through. */
  readonly isInverse: boolean;
}

function sampleOf(dataSet: DicomDataSet): Sample | Refused {
  const allocated = uint16Of(dataSet, tags.bitsAllocated);
  const bits = uint16Of(dataSet, tags.bitsStored) ?? 0;
  if (allocated !== 8 && allocated !== 16) return { why: `${allocated ?? "no"} bits a pixel` };
  const isWhole =
    bits >= 1 &&
    bits <= allocated &&
    uint16Of(dataSet, tags.highBit) === bits - 1 &&
    uint16Of(dataSet, tags.pixelRepresentation) === 0 &&
    uint16Of(dataSet, tags.samplesPerPixel) === 1;
  if (!isWhole) return { why: "its pixels are not one unsigned grey from bit 0" };
  const isInverse = isInverseOf(dataSet);
  if (isInverse === null) return { why: "nothing says whether air is bright or dark" };
  return { bytes: allocated === 8 ? 1 : 2, bits, isInverse };
}

/** By the sign of intensity, and without it by what is shown as black. */
function isInverseOf(dataSet: DicomDataSet): boolean | null {
  const sign = uint16Of(dataSet, tags.intensitySign);
  if (dataSet.has(tags.intensitySign)) return sign === 1 ? false : sign === 0xffff ? true : null;
  const photometric = textOf(dataSet, tags.photometric);
  if (photometric === "MONOCHROME2") return false;
  return photometric === "MONOCHROME1" ? true : null;
}

/** In their own place. Null when a pixel says more than its bits can. */
function planeOf(plane: Uint16Array, sample: Sample): Uint16Array | null {
  const most = 2 ** sample.bits - 1;
  if (most === 0xffff && !sample.isInverse) return plane;
  const shown = Uint16Array.from({ length: most + 1 }, (_, value) =>
    Math.round(((sample.isInverse ? most - value : value) * 0xffff) / most),
  );
  for (let at = 0; at < plane.length; at += 1) {
    const value = plane[at] ?? 0;
    if (value > most) return null;
    plane[at] = shown[value] ?? 0;
  }
  return plane;
}
