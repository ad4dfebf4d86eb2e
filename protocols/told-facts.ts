import { z } from "zod";
import type { Fact, FactOf } from "./facts.ts";
import { zExit, zId } from "./sorting.ts";
import { zBeltCount } from "./units.ts";

/**
 * What a line tells of a claim's answer and of a divert stands in the same record already: in the event
 * that brought the answer, and in the command. Its fact names the pass alone, and whoever reads the
 * record makes it whole. Journals up to logic version 12 hold the whole fact.
 */
const zBriefFact = z.strictObject({ kind: z.enum(["claimAnswered", "commanded"]), passId: zId });
/** The pass is named, because one event may send several. */
type BriefFact =
  | { readonly kind: "claimAnswered"; readonly passId: string }
  | { readonly kind: "commanded"; readonly passId: string };

/** What a line of this build tells; journals of earlier ones hold more. */
export type ToldFact = Exclude<Fact, FactOf<"alarm" | BriefFact["kind"]>> | BriefFact;

/** The event of a record, and the commands that were made of it; neither has to be readable. */
export interface ToldWith {
  readonly event: unknown;
  readonly commands?: readonly unknown[] | undefined;
}

/**
 * A fact with everything that its record says of it. One that says all by itself stays as it is, and so
 * does one of which the record says nothing, which then is no readable fact.
 */
export function wholeFact(told: unknown, record: ToldWith): unknown {
  const brief = isBriefKind(told) ? zBriefFact.safeParse(told) : null;
  if (brief === null || !brief.success) return told;
  const { kind, passId } = brief.data;
  const found = kind === "commanded" ? divertOf(passId, record) : answerTo(passId, record);
  return found === null ? told : { kind, ...found };
}

const briefKinds: ReadonlySet<unknown> = new Set<BriefFact["kind"]>(["claimAnswered", "commanded"]);

/** Most facts are of other kinds, and no schema is asked for them. */
const isBriefKind = (told: unknown): boolean =>
  typeof told === "object" && told !== null && "kind" in told && briefKinds.has(told.kind);

const zAnswer = z.object({
  passId: zId,
  waybill: z.string(),
  granted: z.boolean(),
  why: z.string().nullable(),
});
const zAnswered = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("answerTold"), message: z.object({ answer: zAnswer }) }),
  z.object({ kind: z.literal("claimAnswer"), answer: zAnswer }),
]);

function answerTo(passId: string, { event }: ToldWith): z.infer<typeof zAnswer> | null {
  const read = zAnswered.safeParse(event);
  if (!read.success) return null;
  const answer = read.data.kind === "answerTold" ? read.data.message.answer : read.data.answer;
  return answer.passId === passId ? answer : null;
}

const zDivert = z.object({
  kind: z.literal("divert"),
  passId: zId,
  commandId: zId,
  exit: zExit,
  fireAtCount: zBeltCount,
});

/** A pass is sent to one exit by one event at most. */
function divertOf(
  passId: string,
  { commands = [] }: ToldWith,
): Omit<FactOf<"commanded">, "kind"> | null {
  for (const command of commands) {
    const read = zDivert.safeParse(command);
    if (!read.success || read.data.passId !== passId) continue;
    const { commandId, exit, fireAtCount } = read.data;
    return { passId, commandId, exit, fireAtCount };
  }
  return null;
}
