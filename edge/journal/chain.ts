import { hash } from "node:crypto";
import { nameOfChain } from "../../protocols/chain-name.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { parseEntry } from "./entries.ts";

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
const laterGenesisDomain = "sortline.journal.genesis.2";

/**
 * What record 1 of a chain has as `prevHash`: two chains never share a first record. A later
 * generation is tied to the end of the one before it, which its first record names.
 */
export const genesisHash = (chain: string, after: ChainTail | null = null): string =>
  after === null
    ? hash("sha256", `${genesisDomain}\n${chain}`, "hex")
    : hash(
        "sha256",
        [laterGenesisDomain, chain, after.chain, after.seq, after.hash].join("\n"),
        "hex",
      );

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

export const emptyTail = (chain: string, after: ChainTail | null = null): ChainTail => ({
  chain,
  seq: 0,
  hash: genesisHash(chain, after),
});

/** The empty chain that this first record should continue, by what it says itself. */
export const tailBeforeFirst = ({ chain, body }: JournalRecord): ChainTail =>
  emptyTail(
    chain,
    nameOfChain(chain).generation === 1 ? null : (generationBegun(body)?.after ?? null),
  );

/** What a generation's first record says; null for any other record. */
export function generationBegun(body: string): GenerationBegun | null {
  const parsed = parseEntry(body);
  if (parsed.kind === "unreadable" || parsed.entry.kind !== "generation") return null;
  return parsed.entry.begun;
}

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
  // Only what holds a generation's first record knows what it has to be tied to.
  const before =
    tail.seq === 0 && tail.hash === genesisHash(tail.chain) ? tailBeforeFirst(record) : tail;
  return record.prevHash === before.hash ? null : "notLinked";
}
