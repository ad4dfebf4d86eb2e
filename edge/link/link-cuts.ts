import type { MonotonicMs } from "../../protocols/units.ts";

/**
 * How steady the link is, and whether an image cuts it: a broker that takes no message of its size
 * ends the connection, and with it claims and leases, and whoever asks again for the image would end
 * it for ever. Only images are ever set aside. Pure.
 */
export interface LinkCuts {
  /** An image was handed to the wire. */
  imageSent(image: SentImage): void;
  /** The centre was heard: what was sent before did not cut the link. */
  heard(): void;
  /** The connection was lost. Answers what is given up from now on. */
  cut(at: MonotonicMs): readonly SentImage[];
  isGivenUp(sha256: string, at: MonotonicMs): boolean;
  report(at: MonotonicMs): { readonly cuts: number; readonly givenUp: number };
}

export interface SentImage {
  readonly sha256: string;
  readonly passId: string;
  readonly totalBytes: number;
}

/** Cuts are told by the minute. */
const minuteMs = 60_000;
/** A cut after it may be chance, two are not. */
const cutsPerImageMax = 2;
/** So long it is not sent again; by then the centre no longer asks, or the broker was mended. */
export const givenUpMs = 600_000;
/** Images that may wait for the centre's next word, and cuts that are remembered. */
const rememberedMax = 256;

export function createLinkCuts(): LinkCuts {
  let unproven: SentImage[] = [];
  let cutAt: MonotonicMs[] = [];
  const strikes = new Map<string, number>();
  const givenUpAt = new Map<string, MonotonicMs>();

  const forget = (at: MonotonicMs): void => {
    cutAt = cutAt.filter((one) => at - one < minuteMs);
    for (const [sha256, since] of givenUpAt) if (at - since >= givenUpMs) givenUpAt.delete(sha256);
  };

  const strike = (image: SentImage, at: MonotonicMs): boolean => {
    const struck = (strikes.get(image.sha256) ?? 0) + 1;
    strikes.set(image.sha256, struck);
    if (strikes.size > rememberedMax) strikes.delete(strikes.keys().next().value ?? "");
    if (struck < cutsPerImageMax) return false;
    strikes.delete(image.sha256);
    givenUpAt.set(image.sha256, at);
    return true;
  };

  return {
    imageSent(image) {
      unproven = [...unproven, image].slice(-rememberedMax);
    },
    heard() {
      unproven = [];
    },
    cut(at) {
      cutAt = [...cutAt, at].slice(-rememberedMax);
      const suspects = new Map(unproven.map((image) => [image.sha256, image]));
      unproven = [];
      return [...suspects.values()].filter((image) => strike(image, at));
    },
    isGivenUp(sha256, at) {
      forget(at);
      return givenUpAt.has(sha256);
    },
    report(at) {
      forget(at);
      return { cuts: cutAt.length, givenUp: givenUpAt.size };
    },
  };
}
