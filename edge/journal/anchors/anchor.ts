import { sign, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { zChain } from "../../../protocols/chain-name.ts";
import { zSha256, zSignature } from "../../../protocols/sorting.ts";
import { zEpochMs, type EpochMs } from "../../../protocols/units.ts";
import type { ChainTail } from "../chain.ts";

/**
 * "At this time this chain had this record with this hash", signed by the centre, for its agents
 * and for itself, and kept elsewhere. With it a cut tail and a chain written anew show; without it
 * both look perfect. Who holds the centre's key could write the centre's own chain anew, so that
 * the key, too, belongs where nobody comes who may write its journal.
 *
 * Ed25519 over `domain LF chain LF seq LF hash LF wallAt`; the signer's own chain has a domain of
 * its own.
 */
export const zAnchor = z.strictObject({
  chain: zChain,
  seq: z.number().int().min(1),
  hash: zSha256,
  wallAt: zEpochMs,
  /** The signer's own chain, which is not looked for among the copies that it holds. */
  isOwn: z.literal(true).optional(),
  signature: zSignature,
});
export type Anchor = z.infer<typeof zAnchor>;

const anchorDomain = "sortline.journal.anchor.1";
const ownAnchorDomain = "sortline.journal.anchor.own.1";

/** The end of a chain that is anchored, and whether it is the signer's own. */
export interface AnchoredTail extends ChainTail {
  readonly isOwn?: true | undefined;
}

const signedBytes = ({ chain, seq, hash, wallAt, isOwn }: Omit<Anchor, "signature">): Buffer =>
  Buffer.from(
    `${isOwn === true ? ownAnchorDomain : anchorDomain}\n${chain}\n${seq}\n${hash}\n${wallAt}`,
  );

/** `tail` has at least one record. When it is time for one is the caller's decision. */
export function signAnchor(tail: AnchoredTail, wallAt: EpochMs, privateKey: KeyObject): Anchor {
  const { chain, seq, hash } = tail;
  const own = tail.isOwn === true ? { isOwn: true as const } : {};
  const content = { chain, seq, hash, wallAt, ...own };
  const signature = sign(null, signedBytes(content), privateKey).toString("hex");
  return { ...content, signature };
}

export const verifyAnchor = (anchor: Anchor, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(anchor), publicKey, Buffer.from(anchor.signature, "hex"));
