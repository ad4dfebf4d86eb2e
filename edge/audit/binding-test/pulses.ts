import { countsIn, type ReadBinding } from "../../line/config.ts";
import { noLabels } from "./echo.ts";
import type { KnownAnswer, Trigger } from "./parcels.ts";
import type { BindingRecord, RecordedPulse } from "./record.ts";
import { refusal, unproven, weighed, type BindingVerdict } from "./verdict.ts";

/**
 * The output must come while its parcel is before the reader, however late the answer: one pulse a
 * parcel, good for a label that was read and the other for a blank.
 */
export function judgePulses(
  record: BindingRecord,
  {
    triggers,
    answers,
    binding,
  }: {
    readonly triggers: readonly Trigger[];
    readonly answers: readonly KnownAnswer[];
    readonly binding: Extract<ReadBinding, { kind: "pulse" }>;
  },
): BindingVerdict {
  const { goodInputId, noReadInputId } = binding;
  const ours = record.pulses.filter(
    ({ inputId }) => inputId === goodInputId || inputId === noReadInputId,
  );
  const lateCounts = countsIn(record.config.tracking.eventLateMs, record.config);
  const ofParcels = answers.filter(({ trigger }) => trigger.label !== null);
  const lastCount = ofParcels.at(-1)?.answer.count;
  if (lastCount === undefined) return unproven(noLabels);
  let telling = 0;
  for (const { answer, trigger } of ofParcels) {
    const wrong = wrongOf(within(ours, trigger), goodInputId);
    if (wrong !== null) {
      const isAtAnswer = ours.some(({ count }) => Math.abs(count - answer.count) <= lateCounts);
      const why = isAtAnswer ? ", and one came with its answer" : "";
      return refusal(
        `record ${answer.seq}: ${trigger.label ?? ""}: ${wrong} while it was before the reader${why}`,
      );
    }
    if (answer.count > trigger.toCount + lateCounts) telling += 1;
  }
  for (const blank of triggers) {
    if (blank.pass === null || blank.label !== null || blank.toCount > lastCount) continue;
    const wrong = wrongOf(within(ours, blank), noReadInputId);
    if (wrong !== null)
      return refusal(`the blank ${blank.pass.passId}: ${wrong} while it was before the reader`);
  }
  return weighed(
    ofParcels.length,
    telling,
    "set the reader up to answer so late that its parcel is past it by then",
  );
}

const within = (pulses: readonly RecordedPulse[], { fromCount, toCount }: Trigger) =>
  pulses.filter(({ count }) => count >= fromCount && count <= toCount);

/** Null for exactly one pulse, of the right output. */
function wrongOf(pulses: readonly RecordedPulse[], wantedInputId: string): string | null {
  const [pulse, more] = pulses;
  if (pulse === undefined) return "no output came";
  if (more !== undefined) return `${pulses.length} outputs came`;
  return pulse.inputId === wantedInputId
    ? null
    : `${pulse.inputId} came where ${wantedInputId} was due`;
}
