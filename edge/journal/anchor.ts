import { sign, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { zId, zSha256 } from "../../protocols/sorting.ts";
import { zEpochMs } from "../../protocols/units.ts";
import type { ChainTail } from "./chain.ts";
import type { EpochMs } from "../../protocols/units.ts";

/**
 * "At this time this chain had this record with this hash", signed by somebody who does not write
 * the chain (the centre signs for its agents) and kept elsewhere. With it a cut tail and a chain
 * written anew show; without it both look perfect.
 *
 * Ed25519 over `domain LF chain LF seq LF hash LF wallAt`.
 */
export const zAnchor = z.strictObject({
  chain: zId,
  seq: z.number().int().min(1),
  hash: zSha256,
  wallAt: zEpochMs,
  signature: z.string().regex(/^[0-9a-f]{128}$/, "128 lower-case hex digits"),
});
export type Anchor = z.infer<typeof zAnchor>;

const anchorDomain = "sortline.journal.anchor.1";

const signedBytes = ({ chain, seq, hash, wallAt }: Omit<Anchor, "signature">): Buffer =>
  Buffer.from(`${anchorDomain}\n${chain}\n${seq}\n${hash}\n${wallAt}`);

/** `tail` has at least one record. When it is time for one is the caller's decision. */
export function signAnchor(tail: ChainTail, wallAt: EpochMs, privateKey: KeyObject): Anchor {
  const content = { chain: tail.chain, seq: tail.seq, hash: tail.hash, wallAt };
  const signature = sign(null, signedBytes(content), privateKey).toString("hex");
  return { ...content, signature };
}

export const verifyAnchor = (anchor: Anchor, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(anchor), publicKey, Buffer.from(anchor.signature, "hex"));
