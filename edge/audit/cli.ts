import { Bug, invariant } from "../../protocols/bug.ts";
import { answer } from "../../protocols/command-line.ts";
import { runArchive } from "./archive-command.ts";
import { parseJournalOptions, type JournalCliOptions } from "./cli-options.ts";
import type { CliExit, CliIo } from "./cli-io.ts";
import { runBindingTest } from "./binding-command.ts";
import { runBringIn } from "./bring-in.ts";
import { runReplay } from "./replay-command.ts";
import { runShow } from "./show.ts";
import { runVerify } from "./verify-command.ts";
import { openJournalReader } from "../journal/sqlite/journal-reader.ts";
import { LeftMeanwhile, withSegments, type SegmentedReader } from "./segmented-reader.ts";
import { createLineMachines } from "./line-cores.ts";
import type { MachineOf } from "./replay.ts";
import { SqliteError } from "../journal/sqlite/sqlite-file.ts";

export interface JournalCliParts extends CliIo {
  readonly machineOf: MachineOf;
}

/** `argv` without the program's own name. Never throws for what a user or a file can do. */
export async function runJournalCli(
  argv: readonly string[],
  parts: JournalCliParts,
): Promise<CliExit> {
  const parsed = parseJournalOptions(argv);
  if (parsed.kind !== "options") {
    return answer(parsed, { log: (text) => parts.out(text), error: (text) => parts.err(text) });
  }
  const { archive, file } = parsed.options;
  if (archive !== null) return runArchive(parsed.options, archive, parts);
  const opened = await openJournalReader(file);
  if (opened.kind === "refused") {
    parts.err(opened.why);
    return 2;
  }
  try {
    const { options } = parsed;
    const reader = await withSegments(opened.reader, options.segmentsFolder);
    if (options.command !== "verify") await tellLeft(options, reader, parts);
    return await runCommand(options, reader, parts);
  } catch (error) {
    if (!(error instanceof SqliteError || error instanceof LeftMeanwhile)) throw error;
    parts.err(error.message);
    return 2;
  } finally {
    await opened.reader.close();
  }
}

/** Whatever a command finds, it was not found in what is not read. */
async function tellLeft(
  { chain: wanted }: JournalCliOptions,
  reader: SegmentedReader,
  io: CliIo,
): Promise<void> {
  for (const chain of await reader.chains()) {
    const left = wanted === null || wanted === chain ? reader.leftText(chain) : null;
    if (left !== null) io.err(`${chain}: ${left}`);
  }
}

function runCommand(
  options: JournalCliOptions,
  reader: SegmentedReader,
  parts: JournalCliParts,
): Promise<CliExit> {
  switch (options.command) {
    case "verify":
      return runVerify(options, reader, parts);
    case "replay":
      return runReplay(options, reader, parts, parts.machineOf);
    case "show":
      return runShow(options, reader, parts);
    case "binding-test":
      invariant(options.bindingTest !== null, "binding-test was read without its options");
      return runBindingTest(options, options.bindingTest, { reader, io: parts });
    case "archive":
      throw new Bug("an archive is no journal");
    case "bring-in":
      invariant(options.bringIn !== null, "bring-in was read without its options");
      return runBringIn(options, options.bringIn, { reader, io: parts });
  }
}

if (import.meta.main) {
  // A reader that closes its end early (`show | head`) has seen enough.
  process.stdout.on("error", () => process.exit(0));
  process.exitCode = await runJournalCli(process.argv.slice(2), {
    machineOf: createLineMachines(),
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  });
}
