import { z } from "zod";
import { zId } from "../../protocols/sorting.ts";
import { zEpochMs, type EpochMs } from "../../protocols/units.ts";

/**
 * What a journal's records say. Events, commands, facts and configurations are the line's own
 * types and are kept as they are; replay hands them back to the core that made them.
 */

/**
 * A line's session begins: nothing of an earlier session goes on. The configuration and the rules
 * stand here by content, with the version of the logic that will decide (law 11).
 */
const zOpen = z.strictObject({
  kind: z.literal("open"),
  lineId: zId,
  logicVersion: z.string().min(1).max(200),
  wallAt: zEpochMs,
  config: z.unknown(),
});

/**
 * One event and all that the core made of it. The event carries its own stamps. Commands and facts
 * are left out when there are none.
 */
const zStep = z.strictObject({
  kind: z.literal("step"),
  lineId: zId,
  event: z.unknown(),
  commands: z.array(z.unknown()).min(1).optional(),
  facts: z.array(z.unknown()).min(1).optional(),
});

/** An act of a person or of the centre: who, when, from which station. Kept, not re-derived. */
const zAct = z.strictObject({
  kind: z.literal("act"),
  wallAt: zEpochMs,
  by: z.string().min(1).max(200),
  station: z.string().min(1).max(200),
  /** The version of the rules it was done under; null where none apply. */
  rulesVersion: z.string().max(200).nullable(),
  act: z.unknown(),
});

const zJournalEntry = z.discriminatedUnion("kind", [zOpen, zStep, zAct]);
export type JournalEntry = z.infer<typeof zJournalEntry>;
export type OpenEntry = Extract<JournalEntry, { kind: "open" }>;
export type StepEntry = Extract<JournalEntry, { kind: "step" }>;
export type ActEntry = Extract<JournalEntry, { kind: "act" }>;

export interface StepOutputs {
  readonly commands: readonly unknown[];
  readonly facts: readonly unknown[];
}

/** The one way to write a step, live and in replay, so that the two compare byte for byte. */
export function stepEntry(lineId: string, event: unknown, outputs: StepOutputs): StepEntry {
  const entry: StepEntry = { kind: "step", lineId, event };
  if (outputs.commands.length > 0) entry.commands = [...outputs.commands];
  if (outputs.facts.length > 0) entry.facts = [...outputs.facts];
  return entry;
}

export type ParsedEntry =
  | { readonly kind: "entry"; readonly entry: JournalEntry }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads a record's body. */
export function parseEntry(body: string): ParsedEntry {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch (error) {
    return { kind: "unreadable", why: `not JSON: ${String(error)}` };
  }
  const parsed = zJournalEntry.safeParse(content);
  if (parsed.success) return { kind: "entry", entry: parsed.data };
  const issue = parsed.error.issues[0];
  return { kind: "unreadable", why: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` };
}

/** When a record was made, by the wall clock of its writer; null where its body does not tell. */
export function wallAtOf(body: string): EpochMs | null {
  const parsed = parseEntry(body);
  if (parsed.kind === "unreadable") return null;
  const { entry } = parsed;
  if (entry.kind !== "step") return entry.wallAt;
  const stamps = z.object({ wallAt: zEpochMs }).safeParse(entry.event);
  return stamps.success ? stamps.data.wallAt : null;
}
