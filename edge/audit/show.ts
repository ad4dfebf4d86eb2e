import type { JournalRecord } from "../../protocols/link.ts";
import { wholeFact } from "../../protocols/told-facts.ts";
import { chainsWanted, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { JournalCliOptions } from "./cli-options.ts";
import { actorOfAct, actorText, parseEntry, type KeptEntry } from "../journal/entries.ts";
import { readChain, type JournalReader } from "../journal/sqlite/journal-reader.ts";

/** The `show` command: entries for people, or as JSON lines. */
export async function runShow(
  options: JournalCliOptions,
  reader: JournalReader,
  io: CliIo,
): Promise<CliExit> {
  const chains = await chainsWanted(options, reader);
  if (typeof chains === "string") return refuseUsage(io, chains);
  let damageTotal = 0;
  for (const chain of chains) {
    const { damage } = await readChain(reader, chain, (record) => {
      if (record.seq >= options.fromSeq && isWanted(record, options)) show(record, options, io);
      return record.seq < options.toSeq;
    });
    if (damage === null) continue;
    io.err(`${chain}: cannot be read further: ${damage}`);
    damageTotal += 1;
  }
  return damageTotal === 0 ? 0 : 2;
}

function isWanted(record: JournalRecord, { passId, lineId, kind, toSeq }: JournalCliOptions) {
  if (record.seq > toSeq) return false;
  if (passId === null && lineId === null && kind === null) return true;
  const content = contentOf(record.body);
  return (
    (passId === null || holds(content, "passId", passId)) &&
    (lineId === null || holds(content, "lineId", lineId)) &&
    (kind === null || holds(content, "kind", kind))
  );
}

function contentOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** At any depth: events, commands and facts are the line's own shapes. */
function holds(content: unknown, key: string, wanted: string): boolean {
  if (typeof content !== "object" || content === null) return false;
  return Object.entries(content).some(
    ([name, value]) => (name === key && value === wanted) || holds(value, key, wanted),
  );
}

function show(record: JournalRecord, { isJson }: JournalCliOptions, io: CliIo): void {
  if (isJson) {
    const { chain, seq, hash, body } = record;
    return io.out(JSON.stringify({ chain, seq, hash, entry: contentOf(body) ?? body }));
  }
  const parsed = parseEntry(record.body);
  const place = `${record.chain} ${String(record.seq).padStart(8)}`;
  if (parsed.kind === "unreadable") return io.out(`${place}  unreadable: ${parsed.why}`);
  for (const line of linesOf(parsed.entry)) io.out(`${place}  ${line}`);
}

const shownCharsMax = 240;

function linesOf(entry: KeptEntry): readonly string[] {
  switch (entry.kind) {
    case "open":
      return [`${timeOf(entry)}  ${entry.lineId}  session opened, logic ${entry.logicVersion}`];
    case "act":
      return [`${timeOf(entry)}  act of ${actorOfAct(entry)}: ${brief(entry.act)}`];
    case "generation": {
      const { after, by, begunAt } = entry.begun;
      const behind = `behind record ${after.seq} of ${after.chain} (${after.hash.slice(0, 16)})`;
      return [`${timeOf({ wallAt: begunAt })}  generation begun by ${actorText(by)}, ${behind}`];
    }
    case "step":
      return [
        `${timeOf(entry.event)}  ${entry.lineId}  ${brief(entry.event)}`,
        ...(entry.commands ?? []).map((command) => `    command  ${brief(command)}`),
        ...(entry.facts ?? []).map((fact) => `    fact     ${brief(wholeFact(fact, entry))}`),
      ];
  }
}

const stamps: readonly string[] = ["kind", "at", "wallAt"];

/** `kind  field=value …` without the stamps. */
function brief(content: unknown): string {
  if (typeof content !== "object" || content === null) return JSON.stringify(content);
  const entries = Object.entries(content);
  const kind = entries.find(([name]) => name === "kind")?.[1];
  const fields = entries
    .filter(([name]) => !stamps.includes(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = [...(typeof kind === "string" ? [kind] : []), ...fields].join("  ");
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text;
}

function timeOf(content: unknown): string {
  const wallAt =
    typeof content === "object" && content !== null && "wallAt" in content ? content.wallAt : null;
  if (typeof wallAt !== "number" || Math.abs(wallAt) > 8.64e15) return "-".padEnd(24);
  return new Date(wallAt).toISOString();
}
