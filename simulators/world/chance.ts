import type { Entropy } from "../../protocols/time.ts";

/**
 * Seeded chance. Each concern draws from a stream of its own, so that switching a fault on does
 * not change which parcels come: the run stays comparable.
 */
export function createSeededEntropy(seed: number, stream: string): Entropy {
  let a = hashOf(stream, 0x9e3779b9 ^ seed);
  let b = hashOf(stream, 0x85ebca6b ^ Math.imul(seed, 0x27d4eb2f));
  let c = 0xb5297a4d ^ seed;
  let d = 1;
  /** The generator sfc32: small, fast and good enough for every test of randomness that matters. */
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round += 1) next();
  return { next };
}

/**
 * A site keeps what it has seen, so each further run on its data brings other parcels. The first
 * run, 1, is the seed's own.
 */
export const seedOfRun = (seed: number, run: number): number =>
  (seed ^ Math.imul(run - 1, 0x9e3779b1)) & 0x7fff_ffff;

/** FNV-1a over the UTF-16 units of `text`. */
function hashOf(text: string, start: number): number {
  let hash = start | 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}

export const uniform = (entropy: Entropy, from: number, to: number): number =>
  from + entropy.next() * (to - from);

/** A whole number from `from` to `to`, both included. */
export const integer = (entropy: Entropy, from: number, to: number): number =>
  from + Math.floor(entropy.next() * (to - from + 1));

export const happens = (entropy: Entropy, probability: number): boolean =>
  entropy.next() < probability;

export const exponential = (entropy: Entropy, mean: number): number =>
  -Math.log(1 - entropy.next()) * mean;

/** Standard normal, by Box and Muller. Draws twice whatever comes of it. */
export function normal(entropy: Entropy): number {
  const radius = Math.sqrt(-2 * Math.log(1 - entropy.next()));
  return radius * Math.cos(2 * Math.PI * entropy.next());
}

/** Times of people and of algorithms: never negative, a long tail to the right. */
export const logNormal = (entropy: Entropy, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(entropy));

export function pick<T>(entropy: Entropy, from: readonly [T, ...T[]]): T {
  return from[Math.floor(entropy.next() * from.length)] ?? from[0];
}
