import type { Entropy } from "../../protocols/time.ts";
import type { AlgorithmVerdict, ImageBox } from "../../protocols/verdicts.ts";
import { happens, logNormal, uniform } from "../world/chance.ts";
import { isForbidden } from "../world/contents.ts";
import type { ThingInPicture, XrayPicture } from "./render.ts";

/**
 * How well a lab algorithm sees. It stands for a trained detector: what it answers depends on the
 * picture's contents and on chance, with the rates that its maker would state.
 */
export interface AlgorithmOptions {
  /** Share of forbidden things that it finds, each by itself. */
  readonly detection: number;
  /** Share of harmless pictures that it calls suspect. */
  readonly falseAlarm: number;
  /** Share of pictures it cannot decide. */
  readonly unknown: number;
  /** Time to answer: log-normal. */
  readonly latencyMsMedian: number;
  readonly latencySigma: number;
}

export const defaultAlgorithm: AlgorithmOptions = {
  detection: 0.92,
  falseAlarm: 0.04,
  unknown: 0.01,
  latencyMsMedian: 350,
  latencySigma: 0.35,
};

interface AlgorithmAnswer {
  readonly verdict: AlgorithmVerdict;
  readonly boxes: readonly ImageBox[];
  readonly latencyMs: number;
}

export type Algorithm = (picture: XrayPicture) => AlgorithmAnswer;

export function createAlgorithm(options: AlgorithmOptions, entropy: Entropy): Algorithm {
  const { detection, falseAlarm, unknown, latencyMsMedian, latencySigma } = options;
  return (picture) => {
    const latencyMs = logNormal(entropy, latencyMsMedian, latencySigma);
    const isUndecided = happens(entropy, unknown);
    const isFalseAlarm = happens(entropy, falseAlarm);
    const boxes = picture.things
      .filter((thing) => isForbidden(thing.kind) && happens(entropy, detection))
      .map((thing) => boxAround(thing, picture, entropy));
    const first = picture.things[0];
    if (boxes.length === 0 && isFalseAlarm && first !== undefined) {
      boxes.push(boxAround(first, picture, entropy));
    }
    if (isUndecided) return { verdict: "unknown", boxes: [], latencyMs };
    return { verdict: boxes.length > 0 ? "suspect" : "clear", boxes, latencyMs };
  };
}

/** Labels name what it looks like, and a harmless thing may look like something else. */
const labels = {
  knife: "blade",
  pistol: "firearm",
  ammunition: "ammunition",
  lithiumPack: "battery",
  seeds: "seeds",
  powderBrick: "dense organic",
} as const;

/** A rectangle about the thing, off by a few pixels as detectors are, inside the picture. */
function boxAround(thing: ThingInPicture, picture: XrayPicture, entropy: Entropy): ImageBox {
  const jitter = (sizePx: number): number => Math.round(uniform(entropy, -0.06, 0.06) * sizePx);
  const x = clamp(thing.x + jitter(thing.width), 0, picture.widthPx - 1);
  const y = clamp(thing.y + jitter(thing.height), 0, picture.heightPx - 1);
  return {
    x,
    y,
    width: clamp(thing.width + jitter(thing.width), 1, picture.widthPx - x),
    height: clamp(thing.height + jitter(thing.height), 1, picture.heightPx - y),
    label: isForbidden(thing.kind) ? labels[thing.kind] : "unclear",
    confidence: Math.round(uniform(entropy, 0.55, 0.99) * 100) / 100,
  };
}

const clamp = (value: number, from: number, to: number): number =>
  Math.min(to, Math.max(from, value));
