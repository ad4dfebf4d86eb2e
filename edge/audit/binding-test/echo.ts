import type { KnownAnswer } from "./parcels.ts";
import type { BindingRecord } from "./record.ts";
import { refusal, unproven, weighed, type BindingVerdict } from "./verdict.ts";

/** A token that was sent is with the reader after so long, over any wire that carries one. */
const onItsWayMs = 100;

/** Each label must come with the token that was sent for its parcel, whatever was sent since. */
export function judgeEcho(record: BindingRecord, answers: readonly KnownAnswer[]): BindingVerdict {
  let fitting = 0;
  let telling = 0;
  for (const { answer, trigger } of answers) {
    const own = trigger.pass?.token ?? null;
    if (own === null) continue;
    const { token } = answer.proof;
    const label = trigger.label ?? "";
    if (token === undefined) {
      return refusal(`record ${answer.seq}: ${label} came without a token`);
    }
    if (token !== own) {
      const sentAt = record.tokens.findLast((sent) => sent.token === token)?.at ?? null;
      const ownAt = record.tokens.findLast((sent) => sent.token === own)?.at ?? 0;
      const whose =
        sentAt === null
          ? "which was sent for nobody"
          : sentAt > ownAt
            ? "which was sent after it for another: it sends back what it holds when it answers"
            : "which was sent before it for another: it did not hold the newer one at its trigger, so send it earlier (sendMm)";
      return refusal(
        `record ${answer.seq}: ${label}, for which ${own} was sent, came with ${token}, ${whose}`,
      );
    }
    fitting += 1;
    const held = record.tokens.findLast(({ at }) => at <= answer.at - onItsWayMs);
    if (held !== undefined && held.token !== own) telling += 1;
  }
  if (fitting === 0) return unproven(noLabels);
  return weighed(fitting, telling, answersTooSoon);
}

export const noLabels = "no label of the list was read";

const answersTooSoon =
  "set the reader up to answer so late that the next parcel's token is with it before, or put the parcels closer together";
