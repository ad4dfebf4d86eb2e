import { readFile, stat } from "node:fs/promises";
import { fileReason } from "../../protocols/file-reason.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { parseEntry, type OpenEntry, type StepEntry } from "../journal/entries.ts";
import { readChain, type JournalReader } from "../journal/sqlite/journal-reader.ts";
import type { LineCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import type { LineEvent } from "../line/events.ts";
import { judgeBinding } from "./binding-test/judge.ts";
import {
  createBindingSession,
  readersIn,
  testParcelsMax,
  type BindingFound,
  type BindingRecord,
  type BindingSession,
} from "./binding-test/record.ts";
import type { BindingVerdict } from "./binding-test/verdict.ts";
import { chainsWanted, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { BindingTestWanted, JournalCliOptions } from "./cli-options.ts";
import { configOfEarlier, eventOfEarlier, type EarlierConfig } from "./earlier-lines.ts";
import { dayOf } from "../../protocols/civil-date.ts";

/**
 * The `binding-test` command: a reader of one line, judged by the parcels that ran past it in the
 * last session (or between `--from` and `--to`). Reads a journal, tells no device anything, and
 * prints what belongs into the configuration.
 */
export async function runBindingTest(
  options: JournalCliOptions,
  wanted: BindingTestWanted,
  { reader, io }: { readonly reader: JournalReader; readonly io: CliIo },
): Promise<CliExit> {
  const chains = await chainsWanted(options, reader);
  if (typeof chains === "string") return refuseUsage(io, chains);
  const parcels = await readParcels(wanted.parcelsFile);
  if (parcels.kind === "refused") return refuseUsage(io, parcels.why);
  const known = new Set<string>();
  for (const chain of chains) {
    const listener = createBindingListener(wanted.deviceId, options.fromSeq);
    const { damage } = await readChain(reader, chain, (record) => {
      if (record.seq <= options.toSeq) listener.take(record);
      return record.seq < options.toSeq;
    });
    if (damage !== null) io.err(`${chain}: cannot be read further: ${damage}`);
    const found = listener.found();
    for (const deviceId of listener.readersSeen()) known.add(deviceId);
    if (found === null) continue;
    if (found.kind === "refused") {
      io.err(`${wanted.deviceId}: ${found.why}`);
      return 1;
    }
    const verdict = judgeBinding(found.record, parcels.labels);
    tell(io, { options, wanted, chain, record: found.record, verdict });
    return verdict.kind === "proven" ? 0 : 1;
  }
  const readers = [...known].join(", ") || "none";
  return refuseUsage(io, `${options.file} knows no reader ${wanted.deviceId}; it has ${readers}`);
}

interface BindingListener {
  take(record: Pick<JournalRecord, "seq" | "body">): void;
  /** Null where this reader stood at no line. */
  found(): BindingFound | null;
  readersSeen(): ReadonlySet<string>;
}

/** Of each session's configuration, and of the last session whose line has this reader. */
export function createBindingListener(deviceId: string, fromSeq: number): BindingListener {
  const seen = new Set<string>();
  let lineId: string | null = null;
  let config: LineConfig | null = null;
  let session: BindingSession | null = null;

  const open = (entry: OpenEntry): void => {
    // The clearance mirror has sessions of its own, without a belt.
    if (typeof entry.config !== "object" || entry.config === null) return;
    if (!("layout" in entry.config)) return;
    const opened = configOfEarlier(entry.config as EarlierConfig);
    const readers = readersIn(opened);
    for (const each of readers) seen.add(each.deviceId);
    const own = readers.find((each) => each.deviceId === deviceId);
    if (own === undefined) return;
    lineId = entry.lineId;
    config = opened;
    session = createBindingSession(lineId, opened, own);
  };

  const step = (seq: number, entry: StepEntry): void => {
    if (entry.lineId !== lineId || config === null || seq < fromSeq) return;
    session?.take({
      seq,
      // Not checked against a schema again: the journal is our own writing (see `line-cores.ts`).
      event: eventOfEarlier(entry.event as LineEvent, config),
      commands: (entry.commands ?? []) as readonly LineCommand[],
      facts: (entry.facts ?? []) as readonly ToldFact[],
    });
  };

  return {
    take({ seq, body }) {
      const parsed = parseEntry(body);
      if (parsed.kind === "unreadable") return;
      if (parsed.entry.kind === "open") open(parsed.entry);
      if (parsed.entry.kind === "step") step(seq, parsed.entry);
    },
    found: () => session?.found() ?? null,
    readersSeen: () => seen,
  };
}

type Parcels =
  | { readonly kind: "parcels"; readonly labels: readonly (string | null)[] }
  | { readonly kind: "refused"; readonly why: string };

const fileBytesMax = 1024 * 1024;

async function readParcels(file: string): Promise<Parcels> {
  const refused = (why: string): Parcels => ({ kind: "refused", why: `${file}: ${why}` });
  try {
    const status = await stat(file);
    if (status.isFile() && status.size > fileBytesMax) {
      return refused(`${status.size} bytes, more than ${fileBytesMax}`);
    }
    const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.trim());
    const labels = lines.filter((line) => line !== "").map(labelOf);
    if (labels.length === 0) return refused("it names no parcel");
    if (labels.length > testParcelsMax) return refused(`more than ${testParcelsMax} parcels`);
    return { kind: "parcels", labels };
  } catch (error) {
    return refused(fileReason(error));
  }
}

/** As a reader tells it: without the identifier of its kind of barcode. */
const labelOf = (line: string): string | null =>
  line === "-" ? null : line.replace(/^\][A-Za-z][0-9A-Za-z]/, "");

interface Told {
  readonly options: JournalCliOptions;
  readonly wanted: BindingTestWanted;
  readonly chain: string;
  readonly record: BindingRecord;
  readonly verdict: BindingVerdict;
}

function tell(io: CliIo, { options, wanted, chain, record, verdict }: Told): void {
  const { lineId, reader, span } = record;
  const { deviceId, binding } = reader;
  const on = dayOf(span.endedAt);
  const records = `${chain} ${span.fromSeq}-${span.toSeq}`;
  const { kind } = binding;
  const tested =
    verdict.kind === "proven"
      ? { device: deviceId, binding: kind, by: wanted.testedBy, on, records }
      : null;
  if (options.isJson) {
    return io.out(
      JSON.stringify({ chain, lineId, deviceId, binding: kind, span, verdict, tested }),
    );
  }
  io.out(`${deviceId} of line ${lineId}, binding ${kind}, records ${records}`);
  switch (verdict.kind) {
    case "proven":
      io.out(
        `proven: ${verdict.answers} answers bore what was latched at their own triggers; ${verdict.telling} of them would have borne something else, had it been put in at the output`,
      );
      io.out(`into the configuration of line ${lineId}, at ${keyOf(record)}:`);
      return io.out(`  tested: ${JSON.stringify(tested)}`);
    case "refused":
      io.out(`REFUSED: ${verdict.sentence}`);
      return io.out("configure this reader with the binding none, or another binding");
    case "unproven":
      io.out(`NOT PROVEN: ${verdict.sentence}`);
      return io.out("leave tested out: outside a lab the line then takes this reader for none");
  }
}

const keyOf = ({ config, reader }: BindingRecord): string =>
  config.layout.witness?.deviceId === reader.deviceId
    ? "layout.scanner.binding.reader.binding"
    : "layout.scanner.binding";
