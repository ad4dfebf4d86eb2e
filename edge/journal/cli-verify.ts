import { verifyAnchor, type Anchor } from "./anchor.ts";
import { readAnchors, type DiscardedLine } from "./anchor-file.ts";
import { loadVerifyingKey } from "./anchor-key.ts";
import { chainsWanted, progressOf, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { JournalCliOptions } from "./cli-options.ts";
import { readChain, type JournalReader } from "./journal-reader.ts";
import { unreadable } from "./tamper.ts";
import { createChainVerifier, type AnchorPoint, type ChainReport } from "./verify.ts";

interface TrustedAnchors {
  readonly kind: "anchors";
  readonly anchors: readonly Anchor[];
  /** Not signed with the key that was given. */
  readonly forgedTotal: number;
  readonly discarded: readonly DiscardedLine[];
}

/** The `verify` command: every wanted chain from its first record on. */
export async function runVerify(
  options: JournalCliOptions,
  reader: JournalReader,
  io: CliIo,
): Promise<CliExit> {
  const trusted = await trustedAnchors(options);
  if (trusted.kind === "refused") return refuseUsage(io, trusted.why);
  const chains = await chainsToVerify(options, reader, trusted.anchors);
  if (typeof chains === "string") return refuseUsage(io, chains);
  const guardsMissing = await reader.missingGuards();
  const reports: ChainReport[] = [];
  for (const chain of chains) {
    const points = trusted.anchors.filter((anchor) => anchor.chain === chain);
    reports.push(await verifyStored(reader, chain, points, io));
  }
  const { forgedTotal, discarded } = trusted;
  const isClean =
    reports.every(({ finding }) => finding === null) &&
    forgedTotal === 0 &&
    guardsMissing.length === 0;
  if (options.isJson) {
    const anchors = { read: trusted.anchors.length, forgedTotal, discarded };
    io.out(
      JSON.stringify({ file: options.file, isClean, chains: reports, guardsMissing, anchors }),
    );
  } else {
    if (reports.length === 0) io.out(`${options.file}: no records`);
    for (const report of reports) io.out(sentenceOf(report));
    for (const name of guardsMissing) io.out(`TAMPERED: the guard ${name} was taken away`);
    if (forgedTotal > 0) io.out(`FORGED: ${forgedTotal} anchors were not signed with this key`);
    for (const { line, why } of discarded) io.err(`anchors, line ${line} is no anchor: ${why}`);
    if (options.anchorsFile === null) io.err("without anchors a cut tail does not show");
  }
  return isClean ? 0 : 1;
}

async function trustedAnchors(
  options: JournalCliOptions,
): Promise<TrustedAnchors | { readonly kind: "refused"; readonly why: string }> {
  const { anchorsFile, keyFile } = options;
  if (anchorsFile === null || keyFile === null) {
    return { kind: "anchors", anchors: [], forgedTotal: 0, discarded: [] };
  }
  const loaded = loadVerifyingKey(keyFile);
  if (loaded.kind === "refused") return loaded;
  const read = await readAnchors(anchorsFile);
  if (read.kind === "refused") return read;
  const anchors = read.anchors.filter((anchor) => verifyAnchor(anchor, loaded.key));
  const forgedTotal = read.anchors.length - anchors.length;
  return { kind: "anchors", anchors, forgedTotal, discarded: read.discarded };
}

/** An anchored chain that is wholly gone is one to verify, too. */
async function chainsToVerify(
  options: JournalCliOptions,
  reader: JournalReader,
  anchors: readonly Anchor[],
): Promise<readonly string[] | string> {
  const wanted = await chainsWanted(options, reader);
  const anchored = new Set(anchors.map(({ chain }) => chain));
  if (reader.role === "copies" && typeof wanted !== "string" && options.chain === null) {
    return [...new Set([...wanted, ...anchored])].sort();
  }
  const mayBeGone = reader.role === "copies" || (await reader.chains()).length === 0;
  if (!mayBeGone || anchored.size === 0) return wanted;
  if (options.chain !== null) return anchored.has(options.chain) ? [options.chain] : wanted;
  return `${options.file} is empty: say with --chain whose journal it should be`;
}

async function verifyStored(
  reader: JournalReader,
  chain: string,
  points: readonly AnchorPoint[],
  io: CliIo,
): Promise<ChainReport> {
  const verifier = createChainVerifier(chain, points);
  const progress = await progressOf(io, reader, chain);
  const { damage } = await readChain(reader, chain, (record) => {
    progress();
    return verifier.push(record, record.misstored);
  });
  const report = verifier.finish();
  const isNamed = report.finding !== null && report.finding.kind !== "cutOff";
  if (damage === null || isNamed) return report;
  return { ...report, finding: unreadable(report.lastSeq + 1, damage) };
}

function sentenceOf({ chain, lastSeq, anchorsMatched, finding }: ChainReport): string {
  if (finding !== null) return `${chain}: TAMPERED: ${finding.why} (${finding.kind})`;
  return `${chain}: in order, ${lastSeq} records, ${anchorsMatched} anchors match`;
}
