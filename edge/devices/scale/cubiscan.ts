import { z } from "zod";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import {
  createCubiscanParser,
  cubiscanQuestion,
  type CubiscanFlaw,
  type CubiscanFrame,
  type CubiscanMeasurement,
} from "../../../protocols/scale/cubiscan.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { discardedBytes } from "../frame-dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { askedScaleCarriers, type Answer } from "./asking.ts";
import type { NoWeight, ScaleHeard } from "./heard.ts";

/** CubiScan: it is asked, and answers with three edges and a weight. */
export const zCubiscanDialect = z.strictObject({
  kind: z
    .literal("cubiscan")
    .describe("CubiScan: weight, length, width and height whenever it is asked to measure."),
  everyMs: z
    .number()
    .int()
    .min(10)
    .max(10_000)
    .default(200)
    .describe("Milliseconds from one question to the next."),
  answerWithinMs: z
    .number()
    .int()
    .min(20)
    .max(60_000)
    .default(1_500)
    .describe(
      "Milliseconds that an answer may take, the measuring with it; then the machine is asked again.",
    ),
});

/** A frame lasts 65 ms at 9,600 baud. */
const interByteTimeoutMs = 200;

export const cubiscanCarriers = ({
  everyMs,
  answerWithinMs,
}: z.infer<typeof zCubiscanDialect>): Carriers<ScaleHeard, ProofCommand> =>
  askedScaleCarriers<CubiscanFrame>("cubiscan", () => ({
    parser: createCubiscanParser(),
    interByteTimeoutMs,
    question: cubiscanQuestion,
    everyMs,
    answerWithinMs,
    meaningOf,
  }));

function meaningOf(frame: CubiscanFrame): Answer {
  switch (frame.kind) {
    case "measurement":
      return { heard: heardOf(frame), answers: "answer" };
    case "refusal":
      return { heard: { kind: "noWeight", why: "notReady" }, answers: "answer" };
    case "unknownCommand": {
      const reason = deviceReason("commandRefused", { detail: "?: unknown command" });
      const counts = { commandRefusedTotal: 1 };
      return { heard: { kind: "discarded", reason, counts }, answers: "answer" };
    }
    case "discarded":
      return { heard: discardedBytes(frame), answers: "none" };
  }
}

/** What still moves is neither weighed nor measured; what cannot be measured may well be weighed. */
function heardOf({ grams, dimensionsMm, edgeFlaw }: CubiscanMeasurement): ScaleHeard {
  if (typeof grams !== "number") return { kind: "noWeight", why: whyOfFlaw[grams] };
  if (edgeFlaw === "unstable") return { kind: "noWeight", why: "inMotion" };
  return { kind: "reading", grams, dimensionsMm };
}

const whyOfFlaw = {
  under: "outOfRange",
  unstable: "inMotion",
  over: "outOfRange",
} as const satisfies Record<CubiscanFlaw, NoWeight>;
