import type { ImageKind } from "../../protocols/image-kind.ts";

/**
 * Images by their SHA-256, for whoever keeps them: a line agent until the centre has them and a
 * while longer, the centre for officers and stories. Bounded: when it is full the oldest go first,
 * because the journals keep every hash. An image counts only once it is stored (law 9).
 *
 * What an image is its bytes say (`imageKindOf`). Stills have bounds of their own, and whatever else is
 * scarce (what is under way, the disk's time, its room) goes to X-ray images first: whether stills are
 * put or not, what is answered to an X-ray image is the same.
 *
 * Contract, tested for every store by one suite:
 * - Bytes are checked against their hash when they are put and when they are read. What does not
 *   fit is refused, or is not there any more; nobody is ever given other bytes.
 * - An image is there whole or not at all, also after a crash.
 * - Putting what is there already is answered as stored.
 * - Nothing rejects or throws: a disk that fails is an answer, and is counted.
 * - A disk that is nearly full has room for journals, not for images: the oldest leave, stills before
 *   all others, and what finds no room then is answered as failed. For a still no X-ray image leaves.
 */
export interface ImageStore {
  /** `then` is called once, at once or later. */
  put(sha256: string, bytes: Uint8Array, then: (outcome: PutImage) => void): void;
  /** Null when it is not there, or is not what it was; then it is removed. */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Durable, as far as is known; only reading finds damage. */
  has(sha256: string): boolean;
  /** Of what is there; null: it is not. */
  kindOf(sha256: string): ImageKind | null;
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

/** `hashWrong`: the bytes are not what the sender says. `tooBig`: for all the room of its kind. */
export type ImageRefusal = "hashWrong" | "tooBig" | "busy";

/** What is stored, failed and damaged is of both kinds, all else of X-ray images unless it names stills. */
export interface ImageStoreCounters {
  readonly images: number;
  readonly bytes: number;
  readonly stills: number;
  readonly stillBytes: number;
  readonly storedTotal: number;
  readonly evictedTotal: number;
  readonly stillsEvictedTotal: number;
  readonly refusedTotal: number;
  readonly stillsRefusedTotal: number;
  readonly failedTotal: number;
  readonly damagedTotal: number;
}

/** Of X-ray images; both hold, and the first to be passed evicts. */
export interface ImageBounds {
  readonly imagesMax: number;
  readonly bytesMax: number;
}

/** Of one kind: stills are as many beside, and as one is a tenth of an X-ray image, in fewer bytes. */
export const boundsOfKind = (
  kind: ImageKind,
  { imagesMax, bytesMax }: ImageBounds,
): ImageBounds => ({ imagesMax, bytesMax: kind === "still" ? bytesMax / 8 : bytesMax });
