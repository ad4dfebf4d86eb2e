import type { JournalCliOptions } from "./cli-options.ts";
import type { JournalReader } from "../journal/sqlite/journal-reader.ts";

/** Where a command of the journal's tool writes: results and progress apart. */
export interface CliIo {
  out(line: string): void;
  err(line: string): void;
}

/** 0 in order, 1 tampering or differences found, 2 wrong usage or unreadable. */
export type CliExit = 0 | 1 | 2;

/** The chains that `--chain` picks; a sentence when the file does not hold it. */
export async function chainsWanted(
  { file, chain }: JournalCliOptions,
  reader: JournalReader,
): Promise<readonly string[] | string> {
  const held = await reader.chains();
  if (chain === null) return held;
  return held.includes(chain)
    ? [chain]
    : `${file} holds ${held.join(", ") || "no chain"}, not ${chain}`;
}

export function refuseUsage(io: CliIo, why: string): CliExit {
  io.err(why);
  return 2;
}

const progressEveryRecords = 100_000;

/** Called for each record, it says now and then how far the work has come. */
export async function progressOf(
  io: CliIo,
  reader: JournalReader,
  chain: string,
): Promise<() => void> {
  const total = await reader.lastSeq(chain).catch(() => 0);
  let done = 0;
  return () => {
    done += 1;
    if (done % progressEveryRecords === 0) io.err(`${chain}: ${done} of ${total} records`);
  };
}
