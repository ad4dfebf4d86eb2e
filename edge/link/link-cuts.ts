import type { ImageKind } from "../../protocols/image-kind.ts";
import type { MonotonicMs } from "../../protocols/units.ts";

/**
 * How steady the link is, and whether images cut it: a broker that takes no message of their size
 * ends the connection, and with it claims and leases, and whoever sends one image after the other
 * would end it for ever. Only images are ever set aside. Pure.
 */
export interface LinkCuts {
  /** An image was handed to the wire. */
  imageSent(image: SentImage, at: MonotonicMs): void;
  /** The centre was heard: what was sent a while before did not cut the link. */
  heard(at: MonotonicMs): void;
  /** The connection was lost. Answers what is given up from now on; null: nothing. */
  cut(at: MonotonicMs): SentImage | null;
  /** Whether it is not to be sent now: it cut the link, or is about as long as one that did. */
  isSetAside(image: SentImage, at: MonotonicMs): boolean;
  report(at: MonotonicMs): LinkReport;
}

export interface SentImage {
  readonly sha256: string;
  readonly passId: string;
  readonly totalBytes: number;
  readonly kind: ImageKind;
}

export interface LinkReport {
  /** Within the last minute. */
  readonly cuts: number;
  /** X-ray images. */
  readonly givenUp: number;
  /** The shortest of these; 0 where there are none. */
  readonly givenUpBytes: number;
}

/** Cuts are told by the minute. */
const minuteMs = 60_000;
/** A cut after it may be chance, two are not. */
const cutsPerImageMax = 2;
/** A cut costs claims and leases, and no still is worth a second one. */
const cutsPerStillMax = 1;
/** What the centre said while an image was on its way to the broker says nothing of the image. */
export const provenAfterMs = 1_000;
/** So long it is not sent again; by then the centre no longer asks, or the broker was mended. */
export const givenUpMs = 600_000;
/**
 * The share of a length that cut the link from which on another counts as as long. Images of one
 * machine differ by a few bytes, and each that is a little shorter would cut the link once more.
 */
const asLongFrom = 15 / 16;
/** Images that may wait for the centre's next word, and cuts that are remembered. */
const rememberedMax = 256;

interface OnItsWay extends SentImage {
  readonly sentAt: MonotonicMs;
}

interface GivenUp {
  readonly since: MonotonicMs;
  readonly totalBytes: number;
}

/**
 * Of one kind of image: which have cut the link, and how long one may be. What becomes of stills says
 * nothing here of X-ray images, nor the other way round.
 */
function createLengthBook(cutsMax: number) {
  const strikes = new Map<string, number>();
  const givenUp = new Map<string, GivenUp>();
  /** Nobody tries one of about this length or more before its time is over. */
  let tooLong: GivenUp | null = null;
  /** The longest that is known to have come through. */
  let provenBytes = 0;
  /** One that is no longer has been given up, and none has come through since. */
  let isProofDoubted = false;

  const giveUp = ({ sha256, totalBytes }: SentImage, at: MonotonicMs): void => {
    givenUp.delete(sha256);
    givenUp.set(sha256, { since: at, totalBytes });
    if (givenUp.size > rememberedMax) givenUp.delete(givenUp.keys().next().value ?? "");
  };

  const isTooLong = ({ totalBytes }: SentImage): boolean =>
    tooLong !== null && totalBytes > provenBytes && totalBytes >= tooLong.totalBytes * asLongFrom;

  const forget = (at: MonotonicMs): void => {
    const isOver = ({ since }: GivenUp): boolean => at - since >= givenUpMs;
    for (const [sha256, image] of givenUp) if (isOver(image)) givenUp.delete(sha256);
    if (tooLong !== null && isOver(tooLong)) tooLong = null;
  };

  return {
    prove({ totalBytes }: SentImage): void {
      if (totalBytes >= provenBytes) isProofDoubted = false;
      provenBytes = Math.max(provenBytes, totalBytes);
      // It was chance after all.
      if (tooLong !== null && tooLong.totalBytes <= provenBytes) tooLong = null;
    },
    /** Whether it is given up. */
    strike(image: SentImage, at: MonotonicMs): boolean {
      const { sha256, totalBytes } = image;
      const struck = (strikes.get(sha256) ?? 0) + 1;
      strikes.set(sha256, struck);
      if (strikes.size > rememberedMax) strikes.delete(strikes.keys().next().value ?? "");
      if (struck < cutsMax) return false;
      strikes.delete(sha256);
      giveUp(image, at);
      // Once may be chance. Twice, with none of that length come through between, the broker is another.
      if (totalBytes <= provenBytes && isProofDoubted) provenBytes = 0;
      isProofDoubted = true;
      const isShortest = tooLong === null || totalBytes < tooLong.totalBytes;
      if (isShortest && totalBytes > provenBytes) tooLong = { since: at, totalBytes };
      return true;
    },
    isSetAside(image: SentImage, at: MonotonicMs): boolean {
      forget(at);
      if (givenUp.has(image.sha256)) return true;
      if (!isTooLong(image)) return false;
      giveUp(image, at);
      return true;
    },
    givenUp(at: MonotonicMs): readonly number[] {
      forget(at);
      return [...givenUp.values()].map(({ totalBytes }) => totalBytes);
    },
  };
}

export function createLinkCuts(): LinkCuts {
  let unproven: OnItsWay[] = [];
  let cutAt: MonotonicMs[] = [];
  const books = {
    xray: createLengthBook(cutsPerImageMax),
    still: createLengthBook(cutsPerStillMax),
  } as const;

  return {
    imageSent(image, at) {
      unproven = [...unproven, { ...image, sentAt: at }].slice(-rememberedMax);
    },
    heard(at) {
      if (unproven.length === 0) return;
      const isProven = ({ sentAt }: OnItsWay): boolean => at - sentAt >= provenAfterMs;
      for (const image of unproven) if (isProven(image)) books[image.kind].prove(image);
      unproven = unproven.filter((image) => !isProven(image));
    },
    cut(at) {
      cutAt = [...cutAt, at].slice(-rememberedMax);
      // A broker that takes a long one takes a shorter one as well.
      const [suspect] = unproven.toSorted((one, other) => other.totalBytes - one.totalBytes);
      unproven = [];
      if (suspect === undefined) return null;
      const { sentAt: _sentAt, ...image } = suspect;
      return books[image.kind].strike(image, at) ? image : null;
    },
    isSetAside: (image, at) => books[image.kind].isSetAside(image, at),
    report(at) {
      cutAt = cutAt.filter((one) => at - one < minuteMs);
      const bytes = books.xray.givenUp(at);
      return {
        cuts: cutAt.length,
        givenUp: bytes.length,
        givenUpBytes: bytes.length === 0 ? 0 : Math.min(...bytes),
      };
    },
  };
}
