import { z } from "zod";
import { zActor, type Actor } from "../../protocols/actor.ts";
import { zGenerationBegun } from "../../protocols/generation.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
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

const actFields = {
  kind: z.literal("act"),
  wallAt: zEpochMs,
  /** The version of the rules it was done under; null where none apply. */
  rulesVersion: z.string().max(200).nullable(),
  act: z.unknown(),
};

/** An act: by whom, in which role, when, from which station. Kept, not re-derived. */
const zAct = z.strictObject({ ...actFields, actor: zActor });

/** As journals were written before roles were known: who and where, in no role. */
const zRolelessAct = z.strictObject({
  ...actFields,
  by: z.string().min(1).max(200),
  station: z.string().min(1).max(200),
});

/**
 * The first record of a later generation of a chain, and of nothing else: the signed word of whoever
 * began it, with the end of the generation before.
 */
const zGeneration = z.strictObject({ kind: z.literal("generation"), begun: zGenerationBegun });

const zJournalEntry = z.discriminatedUnion("kind", [zOpen, zStep, zAct, zGeneration]);
/** What is written now. */
export type JournalEntry = z.infer<typeof zJournalEntry>;
/** What may be read: also of earlier writers. */
export type KeptEntry = JournalEntry | z.infer<typeof zRolelessAct>;
export type OpenEntry = Extract<JournalEntry, { kind: "open" }>;
export type StepEntry = Extract<JournalEntry, { kind: "step" }>;

/** Somebody for people: `name (role) at station`. */
export const actorText = ({ name, role, station }: Actor): string =>
  `${name} (${role}) at ${station}`;

/** Who did it, in the same words. */
export const actorOfAct = (entry: Extract<KeptEntry, { kind: "act" }>): string =>
  "actor" in entry ? actorText(entry.actor) : `${entry.by} at ${entry.station}`;

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
  | { readonly kind: "entry"; readonly entry: KeptEntry }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads a record's body. */
export function parseEntry(body: string): ParsedEntry {
  const json = parseJson(body);
  if (json.kind === "invalid") return { kind: "unreadable", why: json.message };
  const content = json.value;
  const isRoleless = typeof content === "object" && content !== null && "by" in content;
  const parsed = isRoleless ? checkJson(zRolelessAct, content) : checkJson(zJournalEntry, content);
  return parsed.kind === "ok"
    ? { kind: "entry", entry: parsed.value }
    : { kind: "unreadable", why: parsed.why };
}

/** When a record was made, by the wall clock of its writer; null where its body does not tell. */
export function wallAtOf(body: string): EpochMs | null {
  const parsed = parseEntry(body);
  if (parsed.kind === "unreadable") return null;
  const { entry } = parsed;
  if (entry.kind === "generation") return entry.begun.begunAt;
  if (entry.kind !== "step") return entry.wallAt;
  const stamps = z.object({ wallAt: zEpochMs }).safeParse(entry.event);
  return stamps.success ? stamps.data.wallAt : null;
}
