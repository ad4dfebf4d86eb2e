import type { JournalRecord } from "../../protocols/link.ts";
import { chainsWanted, progressOf, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { JournalCliOptions } from "./cli-options.ts";
import { readDrawKeys } from "../journal/draw-key-file.ts";
import { parseEntry } from "../journal/entries.ts";
import { allRecords } from "../journal/journal.ts";
import type { JournalReader } from "../journal/sqlite/journal-reader.ts";
import { createDocumentCore, documentsLeft, firstParametersAmong } from "./document-core.ts";
import type { SegmentedReader } from "./segmented-reader.ts";
import { replay, type MachineOf, type ReplayReport } from "./replay.ts";

const differencesShownMax = 10;

/** The `replay` command, chain by chain. */
export async function runReplay(
  options: JournalCliOptions,
  reader: SegmentedReader,
  io: CliIo,
  machineOf: MachineOf,
): Promise<CliExit> {
  const chains = await chainsWanted(options, reader);
  if (typeof chains === "string") return refuseUsage(io, chains);
  const keys = options.keysFile === null ? noKeys : await readDrawKeys(options.keysFile);
  if (keys.kind === "refused") return refuseUsage(io, keys.why);
  const reports: (ReplayReport & { readonly chain: string })[] = [];
  for (const chain of chains) {
    const onRecord = await progressOf(io, reader, chain);
    const leftSeq = reader.beginsBehind(chain)?.seq ?? 0;
    const core = leftSeq === 0 ? createDocumentCore(keys.keys) : documentsLeft(leftSeq);
    const firstParameters = () => firstParametersAmong(actsOf(reader, chain));
    const documents = { core, firstParameters };
    const report = await replay(recordsOf(reader, chain), machineOf, {
      onRecord,
      documents,
      leftSeq,
    });
    reports.push({ chain, ...report });
    if (!options.isJson) print(io, chain, report);
  }
  if (options.isJson) io.out(JSON.stringify({ file: options.file, chains: reports }));
  if (reports.some(({ differencesTotal }) => differencesTotal > 0)) return 1;
  return reports.some(({ unreplayedTotal }) => unreplayedTotal > 0) ? 2 : 0;
}

const recordsOf = (reader: JournalReader, chain: string): AsyncIterable<JournalRecord> =>
  allRecords({
    readAfter: (afterSeq, recordsMax) => reader.readAfter(chain, afterSeq, recordsMax),
  });

async function* actsOf(reader: JournalReader, chain: string): AsyncGenerator<unknown, void> {
  for await (const { body } of recordsOf(reader, chain)) {
    const parsed = parseEntry(body);
    if (parsed.kind === "entry" && parsed.entry.kind === "act") yield parsed.entry.act;
  }
}

const noKeys = { kind: "keys", keys: [] } as const;

function print(io: CliIo, chain: string, report: ReplayReport): void {
  const { stepsTotal, sessionsTotal, differencesTotal, unreplayedTotal } = report;
  io.out(
    `${chain}: ${stepsTotal} steps in ${sessionsTotal} sessions, ${differencesTotal} differences`,
  );
  if (stepsTotal + report.judgmentsTotal === 0) {
    io.out("  it holds no line's steps: nothing was derived again");
  }
  printDocuments(io, report);
  for (const { seq, lineId, journalled, current } of report.otherVersions) {
    io.out(
      `  record ${seq}, line ${lineId}: journalled by logic ${journalled}, this is ${current}`,
    );
  }
  for (const { seq, lineId, expected, actual } of report.differences.slice(
    0,
    differencesShownMax,
  )) {
    io.out(`  record ${seq}, line ${lineId}`);
    io.out(`    journalled ${expected}`);
    io.out(`    derived    ${actual}`);
  }
  const more = differencesTotal - differencesShownMax;
  if (more > 0) io.out(`  and ${more} more`);
  for (const { seq, why } of report.unreplayed.slice(0, differencesShownMax)) {
    io.err(`  record ${seq} was not replayed: ${why}`);
  }
  if (unreplayedTotal > 0) io.err(`${chain}: ${unreplayedTotal} records were not replayed`);
}

function printDocuments(io: CliIo, report: ReplayReport): void {
  const { judgmentsTotal, unjudgedTotal, drawsUnderived } = report;
  if (judgmentsTotal > 0) io.out(`  ${judgmentsTotal} judgments of documents were derived again`);
  if (unjudgedTotal > 0) {
    io.out(`  ${unjudgedTotal} inputs of documents are of before judgments were journalled`);
  }
  for (const { version, drawKeyHash, total } of drawsUnderived) {
    const key = drawKeyHash.slice(0, keyHashCharsShown);
    io.out(`  ${total} draws of version ${version} were not derived: key ${key} was not given`);
  }
}

const keyHashCharsShown = 16;
