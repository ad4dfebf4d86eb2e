import type { AlgorithmVerdict } from "../../../protocols/verdicts.ts";

/**
 * DICOS files as a machine stores them: explicit little-endian, elements in the order of their tags.
 *
 * @see DICOM PS3.5 and PS3.10; DCMTK's dictionary for the tags of a report
 */
export interface DicosItem {
  /** The number that it was announced under; null leaves the tag empty. */
  readonly track: string | null;
  readonly uid: string;
}

export interface DicosImage extends DicosItem {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Rows from the top; bright is air. */
  readonly plane: Uint16Array;
}

export interface DicosVerdict extends DicosItem {
  readonly verdict: AlgorithmVerdict;
  readonly algorithm: string;
  /** The image that it is on. */
  readonly imageUid: string;
}

const imageClass = "1.2.840.10008.5.1.4.1.1.501.2.1";
const reportClass = "1.2.840.10008.5.1.4.1.1.501.3";
const explicitLittle = "1.2.840.10008.1.2.1";

const decisions: Readonly<Record<AlgorithmVerdict, string>> = {
  clear: "CLEAR",
  suspect: "ALARM",
  unknown: "UNKNOWN",
};

export function encodeDicosImage({ track, uid, widthPx, heightPx, plane }: DicosImage): Buffer {
  const pixels = Buffer.alloc(2 * plane.length);
  plane.forEach((value, at) => pixels.writeUInt16LE(value, 2 * at));
  return fileOf(imageClass, [
    text(0x0008, 0x0018, "UI", uid),
    text(0x0010, 0x0020, "LO", track ?? ""),
    number(0x0028, 0x0002, 1),
    text(0x0028, 0x0004, "CS", "MONOCHROME2"),
    number(0x0028, 0x0010, heightPx),
    number(0x0028, 0x0011, widthPx),
    number(0x0028, 0x0100, 16),
    number(0x0028, 0x0101, 16),
    number(0x0028, 0x0102, 15),
    number(0x0028, 0x0103, 0),
    element(0x0028, 0x1041, "SS", Buffer.of(1, 0)),
    long(0x7fe0, 0x0010, "OW", pixels),
  ]);
}

export function encodeDicosVerdict(said: DicosVerdict): Buffer {
  const { track, uid, verdict, algorithm, imageUid } = said;
  const image = text(0x0008, 0x1155, "UI", imageUid);
  return fileOf(reportClass, [
    text(0x0008, 0x0018, "UI", uid),
    long(0x0008, 0x1140, "SQ", Buffer.concat([tag(0xfffe, 0xe000), u32(image.length), image])),
    text(0x0010, 0x0020, "LO", track ?? ""),
    text(0x4010, 0x1024, "CS", "SUCCESS"),
    text(0x4010, 0x1027, "CS", "MACHINE"),
    text(0x4010, 0x1029, "LO", algorithm),
    text(0x4010, 0x1031, "CS", decisions[verdict]),
    number(0x4010, 0x1034, verdict === "suspect" ? 1 : 0),
  ]);
}

function fileOf(sopClass: string, elements: readonly Buffer[]): Buffer {
  const meta = Buffer.concat([
    text(0x0002, 0x0002, "UI", sopClass),
    text(0x0002, 0x0010, "UI", explicitLittle),
  ]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from("DICM", "latin1"),
    element(0x0002, 0x0000, "UL", u32(meta.length)),
    meta,
    text(0x0008, 0x0016, "UI", sopClass),
    ...elements,
  ]);
}

const u16 = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const tag = (group: number, number: number): Buffer => Buffer.concat([u16(group), u16(number)]);

const element = (group: number, at: number, representation: string, value: Buffer): Buffer =>
  Buffer.concat([tag(group, at), Buffer.from(representation, "latin1"), u16(value.length), value]);

const long = (group: number, at: number, representation: string, value: Buffer): Buffer =>
  Buffer.concat([
    tag(group, at),
    Buffer.from(representation, "latin1"),
    u16(0),
    u32(value.length),
    value,
  ]);

const number = (group: number, at: number, value: number): Buffer =>
  element(group, at, "US", u16(value));

function text(group: number, at: number, representation: string, value: string): Buffer {
  const padding = representation === "UI" ? "\0" : " ";
  const even = value.length % 2 === 0 ? value : value + padding;
  return element(group, at, representation, Buffer.from(even, "latin1"));
}
