/** Builds DICOM files for tests, by PS3.5 and PS3.10, with none of the code that reads them. */
export type TestElement = readonly [
  tag: string,
  representation: string,
  value: string | number | Uint8Array | readonly (readonly TestElement[])[],
];

export interface TestFile {
  readonly sopClass: string;
  readonly elements: readonly TestElement[];
  readonly isImplicit?: boolean;
  /** Sequences and their items end where a mark says so. */
  readonly isOpen?: boolean;
  readonly syntax?: string;
  /** What the meta information says it is, where that is another. */
  readonly mediaClass?: string;
  /** More of the meta information. */
  readonly meta?: readonly TestElement[];
}

export const threatReportClass = "1.2.840.10008.5.1.4.1.1.501.3";
export const digitalXrayClass = "1.2.840.10008.5.1.4.1.1.501.2.1";

export function dicomFile({ sopClass, elements, ...how }: TestFile): Uint8Array {
  const { isImplicit = false, isOpen = false } = how;
  const syntax = how.syntax ?? (isImplicit ? "1.2.840.10008.1.2" : "1.2.840.10008.1.2.1");
  const explicit = { isImplicit: false, isOpen: false };
  const meta = join(
    element(["0002,0002", "UI", how.mediaClass ?? sopClass], explicit),
    element(["0002,0010", "UI", syntax], explicit),
    ...(how.meta ?? []).map((each) => element(each, explicit)),
  );
  return join(
    new Uint8Array(128),
    latin("DICM"),
    element(["0002,0000", "UL", meta.length], explicit),
    meta,
    ...[["0008,0016", "UI", sopClass] as const, ...elements].map((each) =>
      element(each, { isImplicit, isOpen }),
    ),
  );
}

interface Style {
  readonly isImplicit: boolean;
  readonly isOpen: boolean;
}

const longOnes = ["OB", "OW", "SQ", "UN", "UT"];

export function element([tag, representation, value]: TestElement, style: Style): Uint8Array {
  const bytes = bytesOf(value, representation, style);
  const isOpen = style.isOpen && representation === "SQ";
  const length = isOpen ? 0xffff_ffff : bytes.length;
  if (style.isImplicit) return join(tagBytes(tag), u32(length), bytes);
  const isLong = longOnes.includes(representation);
  const sized = isLong ? join(u16(0), u32(length)) : u16(length);
  return join(tagBytes(tag), latin(representation), sized, bytes);
}

function bytesOf(value: TestElement[2], representation: string, style: Style): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "number")
    return ["UL", "FL"].includes(representation) ? u32(value) : u16(value);
  if (typeof value === "string") {
    const padding = representation === "UI" ? "\0" : " ";
    return latin(value.length % 2 === 0 ? value : value + padding);
  }
  const items = value.map((elements) => {
    const within = join(...elements.map((each) => element(each, style)));
    const begins = join(tagBytes("FFFE,E000"), u32(style.isOpen ? 0xffff_ffff : within.length));
    return style.isOpen
      ? join(begins, within, tagBytes("FFFE,E00D"), u32(0))
      : join(begins, within);
  });
  return style.isOpen ? join(...items, tagBytes("FFFE,E0DD"), u32(0)) : join(...items);
}

export const tagBytes = (tag: string): Uint8Array =>
  join(...tag.split(",").map((word) => u16(Number.parseInt(word, 16))));
export const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const join = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts));

function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return new Uint8Array(bytes);
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return new Uint8Array(bytes);
}

/** A threat report that says clear, on the parcel that was announced as number 4711. */
export const clearReport: readonly TestElement[] = [
  ["0010,0020", "LO", "4711"],
  ["4010,1024", "CS", "SUCCESS"],
  ["4010,1027", "CS", "MACHINE"],
  ["4010,1029", "LO", "lab 1.0"],
  ["4010,1031", "CS", "CLEAR"],
  ["4010,1033", "US", 0],
  ["4010,1034", "US", 0],
];

/** The same elements with these in place of those of their tags; without those that are null. */
export function withElements(
  elements: readonly TestElement[],
  changed: Readonly<Record<string, TestElement | null>>,
): readonly TestElement[] {
  const kept = elements.filter(([tag]) => !(tag in changed));
  const added = Object.values(changed).filter((each) => each !== null);
  return [...kept, ...added].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** A picture of 16 bits in which air is bright, of the parcel that was announced as number 4711. */
export function digitalXray({
  widthPx,
  heightPx,
  pixels,
}: {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: readonly number[];
}): readonly TestElement[] {
  return [
    ["0008,0018", "UI", "1.2.3.4"],
    ["0010,0020", "LO", "4711"],
    ["0028,0002", "US", 1],
    ["0028,0004", "CS", "MONOCHROME2"],
    ["0028,0010", "US", heightPx],
    ["0028,0011", "US", widthPx],
    ["0028,0100", "US", 16],
    ["0028,0101", "US", 16],
    ["0028,0102", "US", 15],
    ["0028,0103", "US", 0],
    ["0028,1041", "SS", 1],
    ["7FE0,0010", "OW", join(...pixels.map(u16))],
  ];
}
