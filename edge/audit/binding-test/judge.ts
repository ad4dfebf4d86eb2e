import { judgeCounted } from "./counted.ts";
import { judgeEcho } from "./echo.ts";
import { lineUp } from "./parcels.ts";
import { judgePulses } from "./pulses.ts";
import type { BindingRecord } from "./record.ts";
import { unproven, type BindingVerdict } from "./verdict.ts";

/**
 * The binding test of a reader (law 16). While each answer comes before the next trigger, a token or
 * number that is latched at the trigger looks just like one that is put in at the output. So the
 * reader is set up to answer late, test parcels with known labels are put on the belt, and each
 * answer is held against both: what the reader had at the trigger of the parcel whose label it
 * bears, and what it had when the answer came. Proven is a reader whose every answer fits the first,
 * and of whose answers enough contradict the second.
 *
 * `labels`: of the parcels in the order in which they came onto the belt; null for a blank.
 */
export function judgeBinding(
  record: BindingRecord,
  labels: readonly (string | null)[],
): BindingVerdict {
  const { binding } = record.reader;
  if (binding.kind === "none") {
    return unproven(
      "the line took this reader for none, so there was nothing to see: let the test parcels run in mode lab, under the binding that is to be tested",
    );
  }
  const lined = lineUp(record, labels);
  if (lined.kind === "refused") return unproven(lined.why);
  const { triggers, answers } = lined;
  switch (binding.kind) {
    case "echo":
      return judgeEcho(record, answers);
    case "counter":
    case "ticks":
      return judgeCounted(record, { triggers, answers, binding });
    case "pulse":
      return judgePulses(record, { triggers, answers, binding });
  }
}
