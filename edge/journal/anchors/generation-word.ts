import { sign, verify, type KeyObject } from "node:crypto";
import type { GenerationBegun } from "../../../protocols/generation.ts";

/**
 * A person's word that a chain goes on as another generation, signed as anchors are: whoever could
 * forge it could exchange an agent's journal and call it a new disk. Ed25519 over
 * `domain LF chain LF after.chain LF after.seq LF after.hash LF who LF askedAt LF begunAt`, where
 * `who` is kind, name, role and station as one JSON array.
 */
const generationDomain = "sortline.journal.generation.1";

export type GenerationContent = Omit<GenerationBegun, "signature">;

const signedBytes = ({ chain, after, by, askedAt, begunAt }: GenerationContent): Buffer => {
  const who = JSON.stringify([by.kind, by.name, by.role, by.station]);
  const parts = [chain, after.chain, after.seq, after.hash, who, askedAt, begunAt];
  return Buffer.from([generationDomain, ...parts].join("\n"));
};

export function signGeneration(content: GenerationContent, privateKey: KeyObject): GenerationBegun {
  return { ...content, signature: sign(null, signedBytes(content), privateKey).toString("hex") };
}

export const verifyGeneration = (begun: GenerationBegun, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(begun), publicKey, Buffer.from(begun.signature, "hex"));
