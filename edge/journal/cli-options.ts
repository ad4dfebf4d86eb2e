import { parseArgs } from "node:util";

export const journalUsage = `Usage: npm run journal -- COMMAND FILE [options]

Commands
  verify   check the chain of hashes; name the first record that was edited, removed,
           inserted, swapped or cut off
  replay   derive every command and fact again from the journalled inputs and compare
  show     print entries

FILE is a line agent's journal or the centre's copies. It may be in use.

Options
  --chain ID      only this chain (default: every chain in the file)
  --anchors FILE  verify: the signed anchors; only they show a cut tail
  --key FILE      verify: the public key the anchors were signed with
  --pass ID       show: only entries that name this pass
  --line ID       show: only this line
  --kind KIND     show: only entries with an entry, event, command or fact of this kind
  --from SEQ      show: from this record on
  --to SEQ        show: up to this record
  --json          for machines: one JSON object (show: one a line)
  --help          this text

Exit codes: 0 in order, 1 tampering or differences found, 2 wrong usage or unreadable`;

export interface JournalCliOptions {
  readonly command: JournalCommand;
  readonly file: string;
  readonly chain: string | null;
  readonly anchorsFile: string | null;
  readonly keyFile: string | null;
  readonly passId: string | null;
  readonly lineId: string | null;
  readonly kind: string | null;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly isJson: boolean;
}

const journalCommands = ["verify", "replay", "show"] as const;
type JournalCommand = (typeof journalCommands)[number];

export type ParsedOptions =
  | { readonly kind: "options"; readonly options: JournalCliOptions }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string };

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

const known = {
  chain: text,
  anchors: text,
  key: text,
  pass: text,
  line: text,
  kind: text,
  from: text,
  to: text,
  json: flag,
  help: flag,
} as const;

export function parseJournalOptions(argv: readonly string[]): ParsedOptions {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: known, allowPositionals: true });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  const [word, file, ...rest] = positionals;
  const command = journalCommands.find((name) => name === word);
  if (command === undefined) return wrong(`a command is wanted: ${journalCommands.join(", ")}`);
  if (file === undefined) return wrong(`${command} wants a FILE`);
  if (rest.length > 0) return wrong(`one FILE only, not ${rest.join(" ")}`);
  if ((values.anchors === undefined) !== (values.key === undefined)) {
    return wrong("--anchors and --key go together");
  }
  const fromSeq = seqOf(values.from, 1);
  const toSeq = seqOf(values.to, Number.MAX_SAFE_INTEGER);
  if (fromSeq === null) return wrong(`--from ${values.from} is not a record's number`);
  if (toSeq === null) return wrong(`--to ${values.to} is not a record's number`);
  const options: JournalCliOptions = {
    command,
    file,
    fromSeq,
    toSeq,
    isJson: values.json,
    chain: values.chain ?? null,
    anchorsFile: values.anchors ?? null,
    keyFile: values.key ?? null,
    passId: values.pass ?? null,
    lineId: values.line ?? null,
    kind: values.kind ?? null,
  };
  return { kind: "options", options };
}

const wrong = (why: string): ParsedOptions => ({ kind: "wrong", why });

function seqOf(value: string | undefined, otherwise: number): number | null {
  if (value === undefined) return otherwise;
  return /^[1-9][0-9]{0,14}$/.test(value) ? Number(value) : null;
}
