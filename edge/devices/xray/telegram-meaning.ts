import { hash } from "node:crypto";
import { crc32 } from "../../../protocols/crc32.ts";
import type { AlgorithmVerdict } from "../../../protocols/verdicts.ts";
import {
  encodeXrayPixels,
  xrayImageBytesMax,
  xrayPixelBytes,
} from "../../../protocols/xray/xray-image.ts";
import type {
  TelegramPicture,
  TelegramPiece,
  TelegramVerdict,
  XrayDecision,
} from "../../../protocols/xray/telegrams.ts";
import { zXrayItem, zXrayImageHeader } from "../../../protocols/xray/xray.ts";
import { unreadable, type DialectOutlet } from "../dialect.ts";
import type { XrayHeard } from "./heard.ts";
import { createPieces } from "./pieces.ts";
import type { MachineTelegram } from "./telegram-exchange.ts";
import { createTracks, forgetOldest } from "./tracks.ts";

type Outlet = DialectOutlet<XrayHeard, Uint8Array>;

/** Pictures of which it is remembered what the line calls them. */
const picturesMax = 64;

/**
 * What the machine's telegrams mean to the line: track numbers are passes, pieces are images, and a
 * verdict on pixels is one on the image that was made of them.
 */
export interface TelegramMeaning {
  /** The number that a pass is announced under. */
  trackOf(passId: string): number;
  take(telegram: MachineTelegram, out: Outlet): void;
  /** A picture that is not whole will not be. */
  cut(out: Outlet): void;
}

export function createTelegramMeaning(): TelegramMeaning {
  const tracks = createTracks();
  const pictures = new Map<number, { readonly pixelsHash: string; readonly imageHash: string }>();
  /** Pixels that a verdict has spoken against, and whose verdict it was. */
  const suspected = new Map<string, string>();
  const pieces = createPieces<TelegramPicture>();

  const begin = (picture: TelegramPicture, out: Outlet): void => {
    const { itemSequence } = picture;
    const totalBytes = xrayPixelBytes(picture);
    const of = `picture of item ${itemSequence}`;
    if (totalBytes === 0) return out.tell(unreadable(`${of} has no pixels`));
    if (totalBytes > xrayImageBytesMax) return out.tell(unreadable(`${of} is too large`));
    const why = pieces.begin(picture, itemSequence, totalBytes);
    if (why !== null) out.tell(unreadable(why));
  };

  const add = ({ itemSequence, from, bytes }: TelegramPiece, out: Outlet): void => {
    const taken = pieces.add(itemSequence, from, bytes);
    switch (taken.kind) {
      case "more":
        return out.tell(noted("picturePiecesTotal"));
      case "whole":
        return tellImage(imageOf(taken.head, taken.bytes), out);
      case "broken":
        return out.tell(unreadable(taken.why));
    }
  };

  /** With what was said against its pixels before, under another number. */
  const tellImage = (heard: XrayHeard, out: Outlet): void => {
    out.tell(heard);
    if (heard.kind !== "image") return;
    const { passId, itemSequence, imageHash, pictureHash } = heard;
    const algorithm = suspected.get(pictureHash);
    if (algorithm === undefined) return;
    const of = { passId, itemSequence, imageHash };
    out.tell({ kind: "verdict", ...of, verdict: "suspect", boxes: [], algorithm });
  };

  const imageOf = (picture: TelegramPicture, pixels: Uint8Array): XrayHeard => {
    const { itemSequence, track, entryCount, lengthMm, pixelsCrc } = picture;
    const of = `picture of item ${itemSequence}`;
    if (crc32(pixels) !== pixelsCrc) return unreadable(`${of}: checksum of its pixels`);
    const known = {
      passId: tracks.passOf(track),
      itemSequence,
      ...(entryCount === null ? {} : { entryCount }),
      ...(lengthMm === null ? {} : { lengthMm }),
    };
    const { widthPx, heightPx, planes } = picture;
    const size = { widthPx, heightPx, ...(planes === 1 ? { planes } : {}) };
    const header = zXrayImageHeader.safeParse({ ...known, ...size });
    const bytes = header.success ? encodeXrayPixels(header.data, pixels) : null;
    if (bytes === null) return unreadable(`${of}: its size or length is out of range`);
    const pixelsHash = hash("sha256", pixels, "hex");
    const imageHash = hash("sha256", bytes, "hex");
    pictures.set(itemSequence, { pixelsHash, imageHash });
    forgetOldest(pictures, picturesMax);
    return { kind: "image", ...known, imageHash, pictureHash: pixelsHash, bytes };
  };

  /**
   * One on other pixels than came under its number names no image of ours, and is told as that. What
   * speaks against pixels speaks against everybody who has them, under whatever number.
   */
  const takeVerdict = (said: TelegramVerdict, out: Outlet): void => {
    const { itemSequence, track, decision, pixelsHash, algorithm, boxes } = said;
    const verdict = verdictOfDecision[decision];
    if (verdict === null) return out.tell(noted("pendingVerdictsTotal"));
    const passId = tracks.passOf(track);
    const tell = (imageHash: string): void => {
      const on = { passId, itemSequence, imageHash, verdict };
      out.tell({ kind: "verdict", ...on, boxes: [...boxes], algorithm });
    };
    const own = pictures.get(itemSequence);
    const isOnOwn = own?.pixelsHash === pixelsHash;
    tell(isOnOwn ? own.imageHash : pixelsHash);
    if (verdict !== "suspect") return;
    const others = [...pictures.values()].filter((known) => known !== own);
    for (const known of others) if (known.pixelsHash === pixelsHash) tell(known.imageHash);
    suspected.set(pixelsHash, algorithm);
    forgetOldest(suspected, picturesMax);
  };

  return {
    trackOf: (passId) => tracks.announce(passId),
    cut(out) {
      const why = pieces.cut();
      if (why !== null) out.tell(unreadable(why));
    },
    take(telegram, out) {
      switch (telegram.kind) {
        case "machineLife": {
          const { lives: seq, state, beamOn } = telegram;
          return out.tell({ kind: "life", state, beamOn, seq });
        }
        case "entered": {
          const { itemSequence, track, entryCount, lengthMm } = telegram;
          const passId = tracks.passOf(track);
          const count = entryCount === null ? {} : { entryCount };
          const item = zXrayItem.safeParse({ passId, itemSequence, ...count, lengthMm });
          const why = `entered: item ${itemSequence} of ${lengthMm} mm`;
          return out.tell(item.success ? { kind: "item", ...item.data } : unreadable(why));
        }
        case "left":
          return out.tell(noted("itemsOutTotal"));
        case "picture":
          return begin(telegram, out);
        case "piece":
          return add(telegram, out);
        case "verdict":
          return takeVerdict(telegram, out);
      }
    },
  };
}

/** Only what says clear is clear. Null: the machine has not decided yet, and will say more. */
const verdictOfDecision: Readonly<Record<XrayDecision, AlgorithmVerdict | null>> = {
  pending: null,
  notScanned: "unknown",
  clear: "clear",
  suspect: "suspect",
  travelTimeOver: "unknown",
  viewTimeOver: "unknown",
  error: "unknown",
};

const noted = (counter: string): XrayHeard => ({ kind: "noted", counts: { [counter]: 1 } });
