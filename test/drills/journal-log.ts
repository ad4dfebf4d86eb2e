import { openJournalReader } from "../../edge/journal/sqlite/journal-reader.ts";
import { parseEntry } from "../../edge/journal/entries.ts";
import { clearanceMachineId, type ClearanceEvent } from "../../edge/line/clearance-step.ts";
import type { LineCommand } from "../../edge/line/commands.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import type { Fact, FactOf } from "../../protocols/facts.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { wholeFact } from "../../protocols/told-facts.ts";

/** One journalled event with all that was made of it. */
export type LoggedStep = {
  readonly seq: number;
  /** Which start of the agent, counted from 0. */
  readonly run: number;
  readonly commands: readonly LineCommand[];
  readonly facts: readonly Fact[];
} & (
  | { readonly machine: "clearance"; readonly event: ClearanceEvent }
  | { readonly machine: "line"; readonly event: LineEvent }
);

/** What one line agent has journalled, read beside it while it writes. */
export interface JournalLog {
  readonly steps: readonly LoggedStep[];
  /** Calendar time of each start of the agent. */
  readonly runsOpenedAt: readonly number[];
  lastSeq(): number;
  /** By sequence number, from 1. */
  hashAt(seq: number): string | null;
  /** Reads on from where it stopped. */
  refresh(): Promise<void>;
}

const pageRecordsMax = 1_000;

/** Of the copies, too: `chain` says whose. The file need not be there before the first refresh. */
export function followJournal(file: string, chain: string): JournalLog {
  const steps: LoggedStep[] = [];
  const runsOpenedAt: number[] = [];
  const hashes: string[] = [];

  const take = (seq: number, body: string): void => {
    const parsed = parseEntry(body);
    if (parsed.kind === "unreadable") throw new Error(`${file}, record ${seq}: ${parsed.why}`);
    const { entry } = parsed;
    if (entry.kind === "open" && entry.lineId === clearanceMachineId) {
      runsOpenedAt.push(entry.wallAt);
    }
    if (entry.kind !== "step") return;
    // The journal is our own writing and hashed: what it says an event was, it was.
    steps.push({
      seq,
      run: runsOpenedAt.length - 1,
      machine: entry.lineId === clearanceMachineId ? "clearance" : "line",
      event: entry.event,
      commands: entry.commands ?? [],
      facts: (entry.facts ?? []).map((fact) => wholeFact(fact, entry)),
    } as LoggedStep);
  };

  return {
    steps,
    runsOpenedAt,
    lastSeq: () => hashes.length,
    hashAt: (seq) => hashes[seq - 1] ?? null,
    async refresh() {
      const opened = await openJournalReader(file);
      if (opened.kind === "refused") throw new Error(opened.why);
      const { reader } = opened;
      try {
        for (;;) {
          const page = await reader.readAfter(chain, hashes.length, pageRecordsMax);
          for (const record of page) {
            hashes.push(record.hash);
            take(record.seq, record.body);
          }
          if (page.length === 0) return;
        }
      } finally {
        await reader.close();
      }
    },
  };
}

/** Facts of one kind with the step they were made in. */
export function* factsOf<K extends Fact["kind"]>(
  log: Pick<JournalLog, "steps">,
  kind: K,
): Generator<{ readonly step: LoggedStep; readonly fact: FactOf<K> }> {
  for (const step of log.steps) {
    for (const fact of step.facts) {
      if (fact.kind === kind) yield { step, fact: fact as FactOf<K> };
    }
  }
}

type Answered = Extract<LineEvent, { kind: "answerTold" | "claimAnswer" }>;

/** The answer to a claim that a line has heard by this event. */
export const answerIn = (event: Answered): ClaimAnswer =>
  event.kind === "answerTold" ? event.message.answer : event.answer;
