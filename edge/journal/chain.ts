import { hash } from "node:crypto";
import type { JournalRecord } from "../../protocols/link.ts";

/**
 * The chain of hashes over a journal's records (law 14). Each record's hash covers its
 * chain's name, its number, its predecessor's hash and its body, so that no record can be edited,
 * taken out, put in or moved without breaking what follows.
 *
 * The encoding is `domain LF chain LF seq LF prevHash LF body`. Chain names have no line feed
 * (`zId`), numbers are decimal and hashes are 64 hex digits, so that two different records never
 * encode alike; the domain keeps these hashes apart from any other use of SHA-256.
 */
const recordDomain = "sortline.journal.record.1";
const genesisDomain = "sortline.journal.genesis.1";

/** What record 1 of a chain has as `prevHash`: two chains never share a first record. */
export const genesisHash = (chain: string): string =>
  hash("sha256", `${genesisDomain}\n${chain}`, "hex");

export type HashedContent = Pick<JournalRecord, "chain" | "seq" | "prevHash" | "body">;

export const recordHash = ({ chain, seq, prevHash, body }: HashedContent): string =>
  hash("sha256", `${recordDomain}\n${chain}\n${seq}\n${prevHash}\n${body}`, "hex");

/** The record's own hash fits its content; says nothing about its neighbours. */
export const isIntact = (record: JournalRecord): boolean => recordHash(record) === record.hash;

/** Where a chain ends: what the next record is chained to. Sequence 0 is the empty chain. */
export interface ChainTail {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

export const emptyTail = (chain: string): ChainTail => ({
  chain,
  seq: 0,
  hash: genesisHash(chain),
});

/** The next record of a chain. */
export function chainOn(tail: ChainTail, body: string): JournalRecord {
  const content = { chain: tail.chain, seq: tail.seq + 1, body, prevHash: tail.hash };
  return { ...content, hash: recordHash(content) };
}

/** Why a record does not continue a chain, or null when it does. */
export type ChainBreak = "otherChain" | "gap" | "repeated" | "hashWrong" | "notLinked";

export function breakBetween(tail: ChainTail, record: JournalRecord): ChainBreak | null {
  if (record.chain !== tail.chain) return "otherChain";
  if (record.seq > tail.seq + 1) return "gap";
  if (record.seq <= tail.seq) return "repeated";
  if (!isIntact(record)) return "hashWrong";
  return record.prevHash === tail.hash ? null : "notLinked";
}
