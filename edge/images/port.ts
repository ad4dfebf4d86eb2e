/**
 * Images by their SHA-256, for whoever keeps them: a line agent until the centre has them and a
 * while longer, the centre for officers and stories. Bounded: when it is full the oldest go first,
 * because the journals keep every hash. An image counts only once it is stored (law 9).
 *
 * Contract, tested for every store by one suite:
 * - Bytes are checked against their hash when they are put and when they are read. What does not
 *   fit is refused, or is not there any more; nobody is ever given other bytes.
 * - An image is there whole or not at all, also after a crash.
 * - Putting what is there already is answered as stored.
 * - Nothing rejects or throws: a disk that fails is an answer, and is counted.
 * - A disk that is nearly full has room for journals, not for images: the oldest leave, and what
 *   finds no room then is answered as failed.
 */
export interface ImageStore {
  /** `then` is called once, at once or later. */
  put(sha256: string, bytes: Uint8Array, then: (outcome: PutImage) => void): void;
  /** Null when it is not there, or is not what it was; then it is removed. */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Durable, as far as is known; only reading finds damage. */
  has(sha256: string): boolean;
  /** Room is wanted for what matters more: the oldest leave, as far as the disk is short. */
  makeRoom(): void;
  counters(): ImageStoreCounters;
}

/**
 * `stored`: durable now, or there already. `refused`: putting it again may help only when it was
 * `busy`. `failed`: the disk took it not, with what it said.
 */
export type PutImage =
  | { readonly kind: "stored" }
  | { readonly kind: "refused"; readonly code: ImageRefusal }
  | { readonly kind: "failed"; readonly why: string };

/** `hashWrong`: the bytes are not what the sender says. `tooBig`: for the whole store. */
export type ImageRefusal = "hashWrong" | "tooBig" | "busy";

export interface ImageStoreCounters {
  readonly images: number;
  readonly bytes: number;
  readonly storedTotal: number;
  readonly evictedTotal: number;
  readonly refusedTotal: number;
  readonly failedTotal: number;
  readonly damagedTotal: number;
}

/** Both hold: the first to be passed evicts. */
export interface ImageBounds {
  readonly imagesMax: number;
  readonly bytesMax: number;
}
