import type { KeyObject } from "node:crypto";
import { checkGeneration, type GenerationCheck } from "./verify-generation.ts";
import { verifyGeneration } from "../journal/anchors/generation-word.ts";
import { verifyAnchor, type Anchor } from "../journal/anchors/anchor.ts";
import { behindOf, coverageOf, isTailLong, longTailOf, type Coverage } from "./anchor-coverage.ts";
import { readAnchors, type DiscardedLine } from "../journal/anchors/anchor-file.ts";
import { loadVerifyingKey } from "../journal/anchors/anchor-key.ts";
import { chainsWanted, progressOf, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { JournalCliOptions } from "./cli-options.ts";
import { wallAtOf } from "../journal/entries.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import { emptyTail, generationBegun, type ChainTail } from "../journal/chain.ts";
import { createEndsCheck, whyUnfit } from "../journal/segments/segment.ts";
import { readChain, type JournalReader } from "../journal/sqlite/journal-reader.ts";
import type { SegmentedReader } from "./segmented-reader.ts";
import { notesUnfit, unreadable } from "./tamper.ts";
import { createChainVerifier, type ChainReport } from "./verify.ts";

interface TrustedAnchors {
  readonly kind: "anchors";
  /** Null when none were given. */
  readonly file: string | null;
  readonly key: KeyObject | null;
  readonly anchors: readonly Anchor[];
  /** Not signed with the key that was given. */
  readonly forgedTotal: number;
  readonly discarded: readonly DiscardedLine[];
}

interface ChainAnswer extends ChainReport {
  /** Null without anchors, and where something was found. */
  readonly coverage: Coverage | null;
  /** Null for a first generation, and where something was found. */
  readonly generation: GenerationCheck | null;
  /** Records 1 to this one have left and were not looked at; 0 for none. */
  readonly leftSeq: number;
  readonly leftText: string | null;
}

interface Verified {
  readonly chains: readonly ChainAnswer[];
  /** Of the file as a whole; looked for only when every chain is in order. */
  readonly damage: string | null;
  readonly guardsMissing: readonly string[];
  readonly trusted: TrustedAnchors;
}

/** The `verify` command: every wanted chain from its first record on. */
export async function runVerify(
  options: JournalCliOptions,
  reader: SegmentedReader,
  io: CliIo,
): Promise<CliExit> {
  const trusted = await trustedAnchors(options);
  if (trusted.kind === "refused") return refuseUsage(io, trusted.why);
  const wanted = await chainsToVerify(options, reader, trusted.anchors);
  if (typeof wanted === "string") return refuseUsage(io, wanted);
  const guardsMissing = await reader.missingGuards();
  const chains: ChainAnswer[] = [];
  for (const chain of wanted) chains.push(await verifyStored(reader, chain, trusted, io));
  const isFound = chains.some(({ finding }) => finding !== null);
  const damage = isFound ? null : await reader.damage();
  const verified: Verified = { chains, damage, guardsMissing, trusted };
  const isClean = isInOrder(verified);
  if (options.isJson) {
    const { anchors, forgedTotal, discarded } = trusted;
    const counts = { read: anchors.length, forgedTotal, discarded };
    const { file } = options;
    io.out(JSON.stringify({ file, isClean, chains, damage, guardsMissing, anchors: counts }));
  } else {
    print(io, options.file, verified);
  }
  return isClean ? 0 : 1;
}

/**
 * An anchors file that was given must have an anchor of every chain: one that somebody has emptied
 * must not verify.
 */
const isInOrder = ({ chains, damage, guardsMissing, trusted }: Verified): boolean =>
  chains.every(
    (answer) =>
      answer.finding === null &&
      !isUnanchored(answer) &&
      (answer.generation?.trouble ?? null) === null,
  ) &&
  damage === null &&
  guardsMissing.length === 0 &&
  trusted.forgedTotal === 0 &&
  trusted.discarded.every(({ isTorn }) => isTorn);

/** Where all anchors are of records that have left, nothing that was read has been compared. */
const isUnanchored = ({ coverage, anchorsMatched }: ChainAnswer): boolean =>
  coverage !== null && anchorsMatched === 0 && coverage.recordsBehind > 0;

function print(io: CliIo, file: string, verified: Verified): void {
  const { chains, damage, guardsMissing, trusted } = verified;
  const { forgedTotal, discarded } = trusted;
  if (chains.length === 0) io.out(`${file}: no records`);
  for (const answer of chains) io.out(sentenceOf(answer, trusted));
  if (damage !== null) io.out(`DAMAGED: the file does not fit together: ${damage}`);
  for (const name of guardsMissing) io.out(`TAMPERED: the guard ${name} was taken away`);
  if (forgedTotal > 0) io.out(`FORGED: ${forgedTotal} anchors were not signed with this key`);
  for (const { line, why, isTorn } of discarded) {
    if (isTorn) io.err(`anchors, line ${line} lacks its end, as a crash leaves it: ${why}`);
    else io.out(`DAMAGED: anchors, line ${line} is no anchor: ${why}`);
  }
  for (const { chain, coverage } of chains) {
    if (coverage !== null && isTailLong(coverage)) io.err(`${chain}: ${longTailOf(coverage)}`);
  }
  if (chains.length === 0 && trusted.file !== null) io.err(`${trusted.file} holds no anchor`);
  if (trusted.file === null) io.err("without anchors a cut tail does not show");
}

async function trustedAnchors(
  options: JournalCliOptions,
): Promise<TrustedAnchors | { readonly kind: "refused"; readonly why: string }> {
  const { anchorsFile, keyFile } = options;
  if (anchorsFile === null || keyFile === null) {
    return { kind: "anchors", file: null, key: null, anchors: [], forgedTotal: 0, discarded: [] };
  }
  const loaded = loadVerifyingKey(keyFile);
  if (loaded.kind === "refused") return loaded;
  const read = await readAnchors(anchorsFile);
  if (read.kind === "refused") return read;
  const anchors = read.anchors.filter((anchor) => verifyAnchor(anchor, loaded.key));
  const words = read.generations.filter((begun) => !verifyGeneration(begun, loaded.key));
  const forgedTotal = read.anchors.length - anchors.length + words.length;
  const { discarded } = read;
  const { key } = loaded;
  return { kind: "anchors", file: anchorsFile, key, anchors, forgedTotal, discarded };
}

/**
 * A chain that has anchors and is missing from the file is verified too, and then found to be cut
 * off.
 */
async function chainsToVerify(
  options: JournalCliOptions,
  reader: JournalReader,
  anchors: readonly Anchor[],
): Promise<readonly string[] | string> {
  const wanted = await chainsWanted(options, reader);
  const anchored = new Set(anchors.map(({ chain }) => chain));
  if (reader.role === "copies" && typeof wanted !== "string" && options.chain === null) {
    const copied = anchors.filter(({ isOwn }) => isOwn !== true).map(({ chain }) => chain);
    return [...new Set([...wanted, ...copied])].sort();
  }
  const mayBeGone = reader.role === "copies" || (await reader.chains()).length === 0;
  if (!mayBeGone || anchored.size === 0) return wanted;
  if (options.chain !== null) return anchored.has(options.chain) ? [options.chain] : wanted;
  return `${options.file} is empty: say with --chain whose journal it should be`;
}

/** So many anchors tell whose they are; what has been changed leaves some of them, or fits none. */
const anchorsLookedAt = 10;

/**
 * An agent with both roles may have two journals of one name, its line's and the centre's own, each with
 * its anchors. Those are this journal's of which one fits its record; all, where none of either does.
 */
async function anchorsOf(
  reader: SegmentedReader,
  chain: string,
  trusted: readonly Anchor[],
): Promise<readonly Anchor[]> {
  const named = trusted.filter((anchor) => anchor.chain === chain);
  const own = named.filter(({ isOwn }) => isOwn === true);
  const ofAgent = named.filter(({ isOwn }) => isOwn !== true);
  if (reader.role === "copies") return ofAgent;
  if (own.length === 0 || ofAgent.length === 0) return named;
  for (const anchors of [own, ofAgent]) {
    const some = [...anchors.slice(-anchorsLookedAt), ...anchors.slice(0, anchorsLookedAt)];
    for (const { seq, hash } of some) {
      const [record] = await reader.readAfter(chain, seq - 1, 1);
      if (record?.seq === seq && record.hash === hash) return anchors;
    }
  }
  return named;
}

async function verifyStored(
  reader: SegmentedReader,
  chain: string,
  trusted: TrustedAnchors,
  io: CliIo,
): Promise<ChainAnswer> {
  const anchors = await anchorsOf(reader, chain, trusted.anchors);
  const begins = reader.beginsBehind(chain);
  const left = { leftSeq: begins?.seq ?? 0, leftText: reader.leftText(chain) };
  const verifier = createChainVerifier(chain, anchors, begins);
  const segments = reader.segmentsOf(chain);
  const ends = createEndsCheck(segments);
  const begunBody = segments[0]?.begunBody ?? null;
  const progress = await progressOf(io, reader, chain);
  let firstBody = begins === null ? "" : (begunBody ?? noBody);
  let lastBody = "";
  const { damage } = await readChain(reader, chain, (record) => {
    progress();
    if (firstBody === "") firstBody = record.body;
    lastBody = record.body;
    ends.see(record);
    return verifier.push(record, record.misstored);
  });
  const told = verifier.finish();
  const unfit = whyUnfit(segments, beginningOf(chain, begunBody)) ?? ends.whyOther();
  const finding = told.finding ?? (unfit === null ? null : notesUnfit(unfit));
  const report = { ...told, ...left, finding };
  const isNamed = report.finding !== null && report.finding.kind !== "cutOff";
  if (damage !== null && !isNamed) {
    const unread = unreadable(report.lastSeq + 1, damage);
    return { ...report, finding: unread, coverage: null, generation: null };
  }
  if (report.finding !== null) return { ...report, coverage: null, generation: null };
  const { key, file } = trusted;
  const isEmpty = report.lastSeq === 0;
  const generation = isEmpty ? null : await checkGeneration(reader, chain, { firstBody, key });
  const end = { seq: report.lastSeq, wallAt: wallAtOf(lastBody) };
  const coverage = file === null ? null : coverageOf(anchors, end);
  return { ...report, coverage, generation };
}

function sentenceOf(answer: ChainAnswer, trusted: TrustedAnchors): string {
  const { chain, lastSeq, anchorsMatched, finding, coverage, generation } = answer;
  if (finding !== null) return `${chain}: TAMPERED: ${finding.why} (${finding.kind})`;
  if (isUnanchored(answer)) return `${chain}: NOT ANCHORED: ${unanchoredOf(answer, trusted)}`;
  if (generation !== null && generation.trouble !== null) {
    return `${chain}: TAMPERED: ${generation.text}: ${generation.trouble} (generation)`;
  }
  const which = generation === null ? "" : `; ${generation.text}`;
  const { leftSeq, leftText } = answer;
  const what = leftSeq === 0 ? `${lastSeq} records` : `records ${leftSeq + 1} to ${lastSeq}`;
  const unread = leftText === null ? "" : `; ${leftText}`;
  const inOrder = `${chain}: in order, ${what}, ${anchorsMatched} anchors match${which}${unread}`;
  if (coverage === null || coverage.recordsBehind === 0) return inOrder;
  return `${inOrder}; ${behindOf(coverage)}`;
}

const noBody = "null";

/** Behind what a chain begins, as far as its notes tell; null where they do not. */
function beginningOf(chain: string, begunBody: string | null): ChainTail | null {
  if (nameOfChain(chain).generation === 1) return emptyTail(chain);
  const begun = begunBody === null ? null : generationBegun(begunBody);
  return begun === null ? null : emptyTail(chain, begun.after);
}

function unanchoredOf(answer: ChainAnswer, trusted: TrustedAnchors): string {
  const { chain, lastSeq, leftSeq, coverage } = answer;
  const { file, anchors, forgedTotal } = trusted;
  if (coverage !== null && coverage.last !== null) {
    const none = `${file} holds no anchor of ${chain} behind record ${leftSeq}, where this begins`;
    return `${none}; records ${leftSeq + 1} to ${lastSeq} stand on the chain alone`;
  }
  const isEmpty = anchors.length + forgedTotal === 0;
  const none = isEmpty ? "no anchor" : `no anchor of ${chain} signed with this key`;
  return `${file} holds ${none}; all ${lastSeq} records stand on the chain alone`;
}
