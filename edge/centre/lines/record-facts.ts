import { z } from "zod";
import { zFact, type StampedFact } from "../../../protocols/facts.ts";
import { wholeFact } from "../../../protocols/told-facts.ts";
import { zBeltCount, zEpochMs } from "../../../protocols/units.ts";
import { parseEntry } from "../../journal/entries.ts";

export interface RecordFacts {
  readonly facts: readonly StampedFact[];
  /** Facts, or a whole record, that could not be read. */
  readonly unreadable: number;
}

/** The event's own stamps are its facts' stamps. */
const zEventStamps = z.object({ wallAt: zEpochMs, count: zBeltCount });

/** What one record of a line's journal tells; other entries than steps tell nothing. */
export function readFacts(body: string): RecordFacts {
  const parsed = parseEntry(body);
  if (parsed.kind === "unreadable") return { facts: [], unreadable: 1 };
  const { entry } = parsed;
  if (entry.kind !== "step" || entry.facts === undefined) return { facts: [], unreadable: 0 };
  const stamps = zEventStamps.safeParse(entry.event);
  if (!stamps.success) return { facts: [], unreadable: entry.facts.length };
  const { wallAt, count } = stamps.data;
  const facts: StampedFact[] = [];
  for (const content of entry.facts) {
    const fact = zFact.safeParse(wholeFact(content, entry));
    if (fact.success) facts.push({ lineId: entry.lineId, wallAt, count, fact: fact.data });
  }
  return { facts, unreadable: entry.facts.length - facts.length };
}
