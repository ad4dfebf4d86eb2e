import { countsIn } from "../../line/config.ts";
import type { BindingRecord, RecordedAnswer, RecordedPass } from "./record.ts";

/** One trigger of the reader: of a parcel with a known label or none, or a test of the line's own. */
export interface Trigger {
  readonly pass: RecordedPass | null;
  /** Null for a blank, and for a test. */
  readonly label: string | null;
  readonly digits: string | null;
  /** It was between these counts. */
  readonly fromCount: number;
  readonly toCount: number;
}

/** An answer of which it is known whose it truly is: by a label, or by the digits of a test. */
export interface KnownAnswer {
  readonly answer: RecordedAnswer;
  /** Which answer of the reader it was, from 0. */
  readonly order: number;
  readonly trigger: Trigger;
  /** Which trigger of the reader that was, from 0. */
  readonly place: number;
}

export type LinedUp =
  | {
      readonly kind: "linedUp";
      /** In the order of the belt. */
      readonly triggers: readonly Trigger[];
      readonly answers: readonly KnownAnswer[];
    }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Who was before the reader, and whose each answer truly is: that is known from the list of whoever
 * put the parcels on the belt, and from nothing that the reader says of itself.
 */
export function lineUp(record: BindingRecord, labels: readonly (string | null)[]): LinedUp {
  const { passes, span } = record;
  if (labels.length !== passes.length) {
    return refused(
      `${labels.length} parcels are named and ${passes.length} came past the induction eye in records ${span.fromSeq} to ${span.toSeq}: with one more or less nobody knows whose a label is`,
    );
  }
  const twice = labels.find((label, at) => label !== null && labels.indexOf(label) < at);
  if (typeof twice === "string") return refused(`${twice} is named twice: each label must be one`);
  const triggers = triggersOf(record, labels);
  const answers: KnownAnswer[] = [];
  let order = -1;
  let before: string | null = null;
  for (const answer of record.answers) {
    // Frames that bear the very same proof are one answer in several frames.
    const proof = JSON.stringify(answer.proof);
    if (proof !== before || proof === "{}") order += 1;
    before = proof;
    const own = triggerOf(triggers, answer);
    if (typeof own === "string") return refused(`record ${answer.seq}: ${own}`);
    if (own !== null) {
      answers.push({ answer, order, trigger: own, place: triggers.indexOf(own) });
    }
  }
  return { kind: "linedUp", triggers, answers };
}

const refused = (why: string): LinedUp => ({ kind: "refused", why });

function triggersOf(record: BindingRecord, labels: readonly (string | null)[]): Trigger[] {
  const { config, reader, passes, tests } = record;
  const { tracking, belt } = config;
  const parcels = passes.map((pass, index): Trigger => {
    const atReader = pass.frontCount + reader.atMm / belt.mmPerCount;
    const lengthMm = pass.lengthMm ?? tracking.lengthMmMax;
    return {
      pass,
      label: labels[index] ?? null,
      digits: null,
      fromCount: atReader - tracking.earlyMm / belt.mmPerCount,
      toCount: atReader + (lengthMm + tracking.lateMm) / belt.mmPerCount,
    };
  });
  const own = tests.map(({ digits, count }): Trigger => {
    const toCount = count + countsIn(tracking.eventLateMs, config);
    return { pass: null, label: null, digits, fromCount: count, toCount };
  });
  return [...parcels, ...own].sort((one, other) => one.fromCount - other.fromCount);
}

/** Null where nothing tells; a sentence where it is not one parcel of the list. */
function triggerOf(
  triggers: readonly Trigger[],
  { texts, proof, count }: RecordedAnswer,
): Trigger | string | null {
  if (proof.test !== undefined) {
    return (
      triggers.findLast(
        ({ digits, fromCount }) => digits === proof.test && fromCount <= count + 1,
      ) ?? null
    );
  }
  const bearers = new Set<Trigger>();
  for (const text of texts) {
    const bearer = triggers.find(({ label }) => label === text);
    if (bearer === undefined) return `${text} was read, which is no label of the list`;
    bearers.add(bearer);
  }
  const [bearer, other] = bearers;
  return other === undefined ? (bearer ?? null) : "labels of two parcels are in one answer";
}
