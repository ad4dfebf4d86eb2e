import {
  createCommandLine,
  flagOption,
  textOption,
  wholeOption,
  type Refusal,
} from "../../protocols/command-line.ts";
import { waybillAsWritten } from "../../protocols/clearance.ts";

const usage = `Usage: npm run journal -- COMMAND FILE [options]

Commands
  verify   check the chain of hashes; name the first record that was edited, removed,
           inserted, swapped or cut off
  replay   derive every command, fact and judgment again from the journalled inputs and
           compare
  show     print entries
  binding-test
           judge from a line's own journal whether a reader latches at its trigger what binds
           its reads (law 16); edge/README.md says how the parcels are run
  bring-in send a closed generation's records that the centre never got to it; what they tell of
           is settled by them
  archive  print what has left the centre's documents of one waybill; FILE is the folder of the
           archive, and each of its files can be read without this command

FILE is else a journal, a line agent's or the centre's own, or the centre's copies. It may be in
use.

Options
  --chain ID      only this chain (default: every chain in the file)
  --anchors FILE  verify: the signed anchors; only they show a cut tail. A chain of which the
                  file holds none does not pass
  --key FILE      verify: the public key the anchors were signed with
  --keys FILE     replay: the kept draw keys of the centre; without them draws are not derived
  --segments FOLDER
                  the folder "segments" beside FILE, where records that have left it are; without
                  it everything begins behind the last that has left (archive: beside --journal)
  --pass ID       show: only entries that name this pass
  --line ID       show: only this line
  --kind KIND     show: only entries with an entry, event, command or fact of this kind
  --from SEQ      show, binding-test: from this record on
  --to SEQ        show, binding-test: up to this record
  --json          for machines: one JSON object (show: one a line)
  --centre URL    bring-in: the centre's address, like http://127.0.0.1:8080
  --by NAME       bring-in, binding-test: the supervisor who does it
  --station NAME  bring-in: where
  --complete      bring-in: nothing was written behind the file's last record, so that what it
                  leaves open was not released
  --device ID     binding-test: the reader
  --parcels FILE  binding-test: the labels of all test parcels in the order in which they came
                  onto the belt, one a line, "-" for a parcel without a label
  --waybill ID    archive: the waybill, as it is written in the documents
  --journal FILE  archive: the centre's own journal, which has the hash of what left
  --help          this text

Exit codes: 0 in order or proven, 1 tampering or differences found, or a binding refused or not
proven, or nothing in the archive, 2 wrong usage or unreadable`;

export interface JournalCliOptions {
  readonly command: JournalCommand;
  readonly file: string;
  readonly chain: string | null;
  readonly anchorsFile: string | null;
  readonly keyFile: string | null;
  readonly keysFile: string | null;
  readonly segmentsFolder: string | null;
  readonly passId: string | null;
  readonly lineId: string | null;
  readonly kind: string | null;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly isJson: boolean;
  /** For bring-in; null for the others. */
  readonly bringIn: BringInTarget | null;
  /** For archive; null for the others. */
  readonly archive: ArchiveWanted | null;
  /** For binding-test; null for the others. */
  readonly bindingTest: BindingTestWanted | null;
}

/** Which reader is judged, by which parcels, and who has seen them run. */
export interface BindingTestWanted {
  readonly deviceId: string;
  readonly parcelsFile: string;
  readonly testedBy: string;
}

/** Of which waybill, and the journal that it is held against, if one is named. */
export interface ArchiveWanted {
  readonly waybill: string;
  readonly journalFile: string | null;
}

/** Where a file's records go, and who says so. */
export interface BringInTarget {
  readonly centreUrl: string;
  readonly broughtBy: string;
  readonly station: string;
  readonly isComplete: boolean;
}

const journalCommands = [
  "verify",
  "replay",
  "show",
  "binding-test",
  "bring-in",
  "archive",
] as const;
type JournalCommand = (typeof journalCommands)[number];

export type ParsedOptions =
  | { readonly kind: "options"; readonly options: JournalCliOptions }
  | { readonly kind: "help"; readonly text: string }
  | Refusal;

const seqOption = wholeOption(1, Number.MAX_SAFE_INTEGER);

const commandLine = createCommandLine({
  name: "journal",
  usage,
  options: {
    chain: textOption("a chain's id"),
    anchors: textOption("a file"),
    key: textOption("a file"),
    keys: textOption("a file"),
    segments: textOption("a folder"),
    pass: textOption("a pass's id"),
    line: textOption("a line's id"),
    kind: textOption("a kind"),
    from: seqOption,
    to: seqOption,
    json: flagOption,
    centre: textOption("the centre's address"),
    by: textOption("a name"),
    station: textOption("a station, where a person works"),
    complete: flagOption,
    device: textOption("a reader's id"),
    parcels: textOption("a file"),
    waybill: textOption("a waybill"),
    journal: textOption("a file"),
  },
  wordsMax: 2,
});

/**
 * Options that belong to some commands. Another command would ignore them in silence, so it refuses
 * them.
 */
const commandsOf: Readonly<Record<string, readonly JournalCommand[]>> = {
  anchors: ["verify"],
  key: ["verify"],
  keys: ["replay"],
  pass: ["show"],
  line: ["show"],
  kind: ["show"],
  from: ["show", "binding-test"],
  to: ["show", "binding-test"],
  centre: ["bring-in"],
  by: ["bring-in", "binding-test"],
  station: ["bring-in"],
  complete: ["bring-in"],
  device: ["binding-test"],
  parcels: ["binding-test"],
  waybill: ["archive"],
  journal: ["archive"],
};

const wholeChain: Readonly<Record<string, string>> = {
  from: ", it begins with record 1",
  to: ", it ends with the last record",
};

/** A sentence about an option that was given to another command than its own, or null. */
function strayOption(command: JournalCommand, values: object): string | null {
  for (const [name, value] of Object.entries(values)) {
    const isGiven = value !== undefined && value !== false;
    if (!isGiven || (commandsOf[name] ?? [command]).includes(command)) continue;
    return `--${name}: ${command} does not take it${wholeChain[name] ?? ""}`;
  }
  return null;
}

export function parseJournalOptions(argv: readonly string[]): ParsedOptions {
  const read = commandLine.read(argv);
  if (read.kind !== "read") return read;
  const { values, words } = read;
  const [word, file] = words;
  const command = journalCommands.find((name) => name === word);
  if (command === undefined) {
    return commandLine.refuse(`a command is wanted: ${journalCommands.join(", ")}`);
  }
  if (file === undefined) return commandLine.refuse(`${command} wants a FILE`);
  const stray = strayOption(command, values);
  if (stray !== null) return commandLine.refuse(stray);
  if ((values.anchors === undefined) !== (values.key === undefined)) {
    return commandLine.refuse("--anchors and --key go together");
  }
  const bringIn = command === "bring-in" ? targetOf(values) : null;
  if (typeof bringIn === "string") return commandLine.refuse(bringIn);
  const bindingTest = command === "binding-test" ? testOf(values) : null;
  if (typeof bindingTest === "string") return commandLine.refuse(bindingTest);
  const archive = command === "archive" ? archiveOf(values) : null;
  if (typeof archive === "string") return commandLine.refuse(archive);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = values;
  if (from > to) return commandLine.refuse(`--from ${from} is behind --to ${to}`);
  const options: JournalCliOptions = {
    command,
    file,
    fromSeq: from,
    toSeq: to,
    isJson: values.json,
    chain: values.chain ?? null,
    anchorsFile: values.anchors ?? null,
    keyFile: values.key ?? null,
    keysFile: values.keys ?? null,
    segmentsFolder: values.segments ?? null,
    passId: values.pass ?? null,
    lineId: values.line ?? null,
    kind: values.kind ?? null,
    bringIn,
    bindingTest,
    archive,
  };
  return { kind: "options", options };
}

/** A sentence about what is missing. */
function archiveOf(values: {
  readonly waybill: string | undefined;
  readonly journal: string | undefined;
}): ArchiveWanted | string {
  const { waybill, journal } = values;
  if (waybill === undefined) return "archive wants --waybill";
  return { waybill: waybillAsWritten(waybill), journalFile: journal ?? null };
}

/** A sentence about what is missing. */
function testOf({
  device,
  parcels,
  by,
}: {
  readonly device: string | undefined;
  readonly parcels: string | undefined;
  readonly by: string | undefined;
}): BindingTestWanted | string {
  if (device === undefined || parcels === undefined || by === undefined) {
    return "binding-test wants --device, --parcels and --by";
  }
  if (by.length > 64) return "--by: a name of at most 64 characters is wanted";
  return { deviceId: device, parcelsFile: parcels, testedBy: by };
}

/** A sentence about what is missing. */
function targetOf(values: {
  readonly centre: string | undefined;
  readonly by: string | undefined;
  readonly station: string | undefined;
  readonly complete: boolean;
}): BringInTarget | string {
  const { centre, by, station, complete } = values;
  if (centre === undefined || by === undefined || station === undefined) {
    return "bring-in wants --centre, --by and --station";
  }
  if (!URL.canParse(centre)) return `--centre: ${centre} is no address`;
  return { centreUrl: centre, broughtBy: by, station, isComplete: complete };
}
