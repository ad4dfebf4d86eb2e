import { hash } from "node:crypto";
import { z } from "zod";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { encodeJson } from "../../../protocols/json-message.ts";
import {
  readDicosFile,
  trackOf,
  type DicosJpegPicture,
  type DicosReport,
} from "../../../protocols/xray/dicos.ts";
import { imageFormatOf } from "../../../protocols/xray/image-format.ts";
import { encodeXrayImage } from "../../../protocols/xray/xray-image.ts";
import { zXrayImageHeader, type XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { speak, type Dialect, type DialectOutlet, type Discarded } from "../dialect.ts";
import type { Wire } from "../wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { FolderNews, FolderOrder } from "../wires/folder-wire.ts";
import { nameBefore } from "../wires/kept-files.ts";
import type { XrayHeard } from "./heard.ts";
import { loadJpegDecoder } from "./jpeg-decoder.ts";
import { readJpeg, type JpegDecode } from "./jpeg-picture.ts";
import { readPng } from "./png-picture.ts";
import { shadowLengthPx, type Shadow } from "./shadow-length.ts";
import { createTracks, forgetOldest } from "./tracks.ts";

export const zDicosDialect = z.strictObject({
  kind: z
    .literal("dicos")
    .describe("DICOS files in a folder: digital X-ray images, and threat reports on them."),
  trackTag: z
    .string()
    .regex(/^[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}$/, "a tag such as 0010,0020")
    .default("0010,0020")
    .describe("The tag of both in which the number comes back that a parcel was announced under."),
  pictures: z
    .enum(["dicos", "dicos-jpeg", "png", "jpeg"])
    .default("dicos")
    .describe(
      "What the pictures are: dicos, with nothing lost; dicos-jpeg, whose pixels may also be JPEG baseline; png, one grey of 8 or 16 bits; or jpeg, baseline. What is lost in a JPEG is told to whoever looks at it. In png and jpeg air is bright, and a file is named by the parcel's number and, behind a _, the instance that a report names it by. Images of another kind prove nothing and are shown to nobody.",
    ),
  beltAlong: z
    .enum(["columns", "rows"])
    .default("columns")
    .describe(
      "Along which side of the picture the belt runs: from column to column, or row to row.",
    ),
  mmPerPixel: z
    .number()
    .min(0.01)
    .max(20)
    .describe("Millimetres of belt a pixel; how long something is on the picture follows from it."),
  airFrom: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(60_000)
    .describe(
      "A pixel at least as bright shows nothing but air and belt, of 0 to 65,535; whatever depth its file has is spread over these.",
    ),
});
export type DicosDialect = z.infer<typeof zDicosDialect>;

export const dicosCarriers = (config: DicosDialect): Carriers<XrayHeard, XrayAnnounce> => ({
  files(folder, clock) {
    if (!decodes(config)) return speak(createDicosDialect(config), folder, clock);
    let decode: JpegDecode = () => null;
    const dialect = createDicosDialect(config, (file) => decode(file));
    const loaded = async (): Promise<void> => {
      decode = await loadJpegDecoder();
    };
    return speak(dialect, openedAfter(loaded, folder), clock);
  },
});

const decodes = ({ pictures }: DicosDialect): boolean =>
  pictures === "jpeg" || pictures === "dicos-jpeg";

/** What the line tells: always under this name, so that the machine finds what was told last. */
export const announcedName = "announced.json";

/** A wire that is opened once what reads its messages is there, which is a matter of milliseconds. */
function openedAfter<In, Out>(isReady: () => Promise<void>, wire: Wire<In, Out>): Wire<In, Out> {
  let isClosed = false;
  return {
    send: (message) => wire.send(message),
    revive: () => wire.revive(),
    open(handlers) {
      void isReady().then(
        () => {
          if (!isClosed) wire.open(handlers);
        },
        (error: unknown) => {
          handlers.onState(false, deviceReason("cannotOpen", { detail: String(error) }));
        },
      );
    },
    close() {
      isClosed = true;
      return wire.close();
    },
  };
}

type Outlet = DialectOutlet<XrayHeard, FolderOrder>;
type FolderFile = Extract<FolderNews, { kind: "file" }>;

/** Parcels whose reports wait for a picture, how many of each may, and pictures that may get one. */
const reportsMax = 16;
const reportsEachMax = 4;
const picturesMax = 64;

/** The parcel's number and, behind it, the instance that a report may name the picture by. */
const pictureNames = {
  png: /^(?<track>\d{1,10})(?:_(?<uid>[\d.]{1,64}))?\.png$/i,
  jpeg: /^(?<track>\d{1,10})(?:_(?<uid>[\d.]{1,64}))?\.jpe?g$/i,
} as const;

interface HeldReport {
  readonly report: DicosReport;
  readonly file: FolderFile;
}

interface Announced {
  readonly passId: string;
  /** How many were announced up to this one: the machine has no number of its own for an item. */
  readonly itemSequence: number;
}

/** What a picture of any kind says of itself. */
interface Seen extends Shadow {
  readonly track: number | null;
  /** By which a report may name it; null: by none. */
  readonly uid: string | null;
  readonly isLossy?: boolean;
  readonly isFromColour?: boolean;
}

interface KnownPicture {
  readonly uid: string | null;
  readonly imageHash: string;
}

/** What whoever looks at it is told. */
const madeOf = ({ isLossy, isFromColour }: Seen) => ({
  ...(isLossy === true ? { isLossy } : {}),
  ...(isFromColour === true ? { isFromColour } : {}),
});

/** Of a report that names no image of ours, and so is on nobody's. */
const hashOf = ({ bytes }: FolderFile): string => hash("sha256", bytes, "hex");

const fileNotRead = ({
  name,
  why,
}: {
  readonly name: string;
  readonly why: string;
}): Discarded => ({
  kind: "discarded",
  reason: deviceReason("fileNotRead", { detail: `${name}: ${why}` }),
  counts: { filesNotReadTotal: 1 },
});

/**
 * A machine that puts DICOS files into a folder, and knows of a parcel nothing but the number that it
 * was announced under. It tells of no item beside its picture, so that each picture is told as an
 * item as well, as long as what it shows. A folder that can be looked at is its sign of life.
 */
export function createDicosDialect(
  config: DicosDialect,
  decodeJpeg: JpegDecode = () => null,
): Dialect<FolderNews, FolderOrder, XrayHeard, XrayAnnounce> {
  const trackTag = Number.parseInt(config.trackTag.replace(",", ""), 16);
  const tracks = createTracks();
  const sequences = new Map<string, number>();
  const pictures = new Map<number, KnownPicture>();
  const waiting = new Map<number, readonly HeldReport[]>();
  /** Instances that a report has spoken against, and whose report it was. */
  const suspected = new Map<string, string>();
  let looks = 0;
  let announced = 0;
  let toldSequence = 0;

  const announcedUnder = (track: number | null): Announced | null => {
    const passId = tracks.passOf(track);
    const itemSequence = passId === null ? undefined : sequences.get(passId);
    return passId === null || itemSequence === undefined ? null : { passId, itemSequence };
  };

  /** Whose it is nobody knows, so that what is in the tunnel may be another's as well. */
  const tellForeign = (file: FolderFile, isDoubt: boolean, out: Outlet): void => {
    out.answer({
      kind: "keepAside",
      name: file.name,
      why: "it is of no parcel that was announced",
    });
    out.tell({ kind: "noted", counts: { foreignFilesTotal: 1 } });
    if (!isDoubt) return;
    toldSequence += 1;
    out.tell({ kind: "item", passId: null, itemSequence: toldSequence, lengthMm: 0 });
  };

  const tellUnreadable = ({ name }: FolderFile, why: string, out: Outlet): void => {
    out.answer({ kind: "keepAside", name, why });
    out.tell(fileNotRead({ name: nameBefore(name), why }));
  };

  const takePicture = (picture: Seen, file: FolderFile, out: Outlet): void => {
    const { track, uid, widthPx, heightPx, plane } = picture;
    const whose = announcedUnder(track);
    if (track === null || whose === null) return tellForeign(file, true, out);
    const lengthMm = shadowLengthPx(picture, config) * config.mmPerPixel;
    const size = { widthPx, heightPx, planes: 1 as const };
    const header = zXrayImageHeader.safeParse({ ...whose, ...size, ...madeOf(picture), lengthMm });
    const bytes = header.success
      ? encodeXrayImage(header.data, { highEnergy: plane, lowEnergy: null })
      : null;
    if (bytes === null) {
      return tellUnreadable(file, `a picture of ${lengthMm} mm`, out);
    }
    const imageHash = hash("sha256", bytes, "hex");
    const planeBytes = new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
    const pictureHash = hash("sha256", planeBytes, "hex");
    toldSequence = whose.itemSequence;
    out.tell({ kind: "item", ...whose, lengthMm });
    out.tell({ kind: "image", ...whose, lengthMm, imageHash, pictureHash, bytes });
    pictures.set(track, { uid, imageHash });
    forgetOldest(pictures, picturesMax);
    const algorithm = uid === null ? undefined : suspected.get(uid);
    if (algorithm !== undefined)
      tellVerdict(whose, imageHash, { verdict: "suspect", algorithm }, out);
    const held = waiting.get(track) ?? [];
    waiting.delete(track);
    for (const { report, file: reportFile } of held) takeReport(report, reportFile, out);
  };

  const takeReport = (report: DicosReport, file: FolderFile, out: Outlet): void => {
    const { track, verdict, pictureUids } = report;
    const whose = announcedUnder(track);
    if (verdict === "suspect") return takeSuspect(report, whose, file, out);
    if (track === null || whose === null) return tellForeign(file, verdict !== "clear", out);
    const picture = pictures.get(track);
    // Nor does what says that nothing was decided wait for a picture: it may never come.
    if (picture === undefined && verdict === "clear") {
      return holdReport(track, { report, file }, out);
    }
    // One that names no picture of ours may be about any: its number proves no more than its place.
    const isOnIt = picture !== undefined && isNamed(picture, pictureUids);
    tellVerdict(whose, isOnIt ? picture.imageHash : hashOf(file), report, out);
  };

  /**
   * What speaks against a parcel waits for nothing. It speaks against whoever it is announced under,
   * and against everybody on an instance that it names, under whatever number that has come, or will
   * come yet; on none of ours it may be on anybody's.
   */
  const takeSuspect = (
    report: DicosReport,
    whose: Announced | null,
    file: FolderFile,
    out: Outlet,
  ): void => {
    for (const uid of report.pictureUids) {
      suspected.set(uid, report.algorithm);
      forgetOldest(suspected, picturesMax);
    }
    const named = [...pictures.values()].filter(
      ({ uid }) => uid !== null && report.pictureUids.includes(uid),
    );
    const hashes = named.length === 0 ? [hashOf(file)] : named.map(({ imageHash }) => imageHash);
    for (const imageHash of hashes) tellVerdict(whose, imageHash, report, out);
    if (whose === null) tellForeign(file, true, out);
  };

  const tellVerdict = (
    whose: Announced | null,
    imageHash: string,
    { verdict, algorithm }: Pick<DicosReport, "verdict" | "algorithm">,
    out: Outlet,
  ): void => {
    const of = whose ?? { passId: null, itemSequence: Math.max(1, toldSequence) };
    out.tell({ kind: "verdict", ...of, imageHash, verdict, boxes: [], algorithm });
  };

  /** An instance is one picture: a report on one that came under several numbers may be on any. */
  const isNamed = ({ uid }: KnownPicture, pictureUids: readonly string[]): boolean =>
    uid !== null &&
    pictureUids.includes(uid) &&
    [...pictures.values()].filter((known) => known.uid === uid).length === 1;

  /** Clear ones alone: told once there is the picture that they are on. */
  const holdReport = (track: number, held: HeldReport, out: Outlet): void => {
    const before = waiting.get(track) ?? [];
    if (before.length >= reportsEachMax) return tellForeign(held.file, true, out);
    out.tell({ kind: "noted", counts: { aheadOfPictureTotal: 1 } });
    // Its bytes are not needed again, and many of them would be much.
    const file = { ...held.file, bytes: new Uint8Array() };
    waiting.set(track, [...before, { ...held, file }]);
    const [oldest] = waiting.size > reportsMax ? waiting.values() : [];
    for (const { file: lost } of oldest ?? []) tellForeign(lost, false, out);
    forgetOldest(waiting, reportsMax);
  };

  /** It stays where it was taken to. */
  const noteBeside = (out: Outlet): void =>
    out.tell({ kind: "noted", counts: { imagesBesideTotal: 1 } });

  const takeImage = (format: "png" | "jpeg", file: FolderFile, out: Outlet): void => {
    const picture = format === "png" ? readPng(file.bytes) : readJpeg(file.bytes, decodeJpeg);
    if ("why" in picture) return tellUnreadable(file, picture.why, out);
    const { track = null, uid = null } = pictureNames[format].exec(file.cameAs)?.groups ?? {};
    takePicture({ ...picture, track: trackOf(track), uid }, file, out);
  };

  const isOfDicos = config.pictures === "dicos" || config.pictures === "dicos-jpeg";

  const takeCompressed = (said: DicosJpegPicture, file: FolderFile, out: Outlet): void => {
    if (!decodes(config)) {
      return tellUnreadable(file, "its pixels are a JPEG: pictures has to be dicos-jpeg", out);
    }
    const { jpeg, isInverse, widthPx, heightPx } = said;
    const picture = readJpeg(jpeg, decodeJpeg);
    if ("why" in picture) return tellUnreadable(file, picture.why, out);
    if (picture.widthPx !== widthPx || picture.heightPx !== heightPx || picture.isFromColour) {
      return tellUnreadable(file, "its JPEG is another picture than it says", out);
    }
    const plane = isInverse ? picture.plane.map((grey) => 0xffff - grey) : picture.plane;
    takePicture({ ...picture, plane, track: said.track, uid: said.uid }, file, out);
  };

  const takeFile = (file: FolderFile, out: Outlet): void => {
    const format = imageFormatOf(file.bytes);
    if (format === "png" || format === "jpeg") {
      return format === config.pictures ? takeImage(format, file, out) : noteBeside(out);
    }
    const read = readDicosFile(file.bytes, trackTag);
    switch (read.kind) {
      case "invalid":
        return tellUnreadable(file, read.why, out);
      case "picture":
        return isOfDicos ? takePicture(read, file, out) : noteBeside(out);
      case "jpegPicture":
        return isOfDicos ? takeCompressed(read, file, out) : noteBeside(out);
      case "report":
        return takeReport(read, file, out);
    }
  };

  return {
    read(news, _at, out) {
      switch (news.kind) {
        case "looked":
          looks += 1;
          return out.tell({ kind: "life", state: "ready", beamOn: true, seq: looks });
        // An old picture may be of a parcel that is on the belt, so that none is refused as that.
        case "old":
        case "notRead":
          return out.tell(fileNotRead(news));
        case "file":
          return takeFile(news, out);
      }
    },
    write({ passId, lengthMm }) {
      const track = tracks.announce(passId);
      if (!sequences.has(passId)) {
        announced += 1;
        sequences.set(passId, announced);
        forgetOldest(sequences, picturesMax);
      }
      return { kind: "put", name: announcedName, bytes: encodeJson({ track, lengthMm }) };
    },
  };
}
