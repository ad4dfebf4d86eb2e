import { z } from "zod";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import {
  createMtSicsParser,
  encodeMtSicsQuestion,
  mtSicsQuestions,
  type MtSicsError,
  type MtSicsFrame,
} from "../../../protocols/scale/mt-sics.ts";
import { weightUnits } from "../../../protocols/scale/weight-unit.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { unreadable } from "../dialect.ts";
import { discardedBytes } from "../frame-dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { askedScaleCarriers, type Answer } from "./asking.ts";
import type { NoWeight, ScaleHeard } from "./heard.ts";

const everyMsDefault = 50;

/** MT-SICS: a balance or weigh module of Mettler Toledo, asked for its weight. */
export const zMtSicsDialect = z
  .strictObject({
    kind: z.literal("mt-sics").describe("MT-SICS, lines of text of Mettler Toledo's balances."),
    ask: z
      .enum(mtSicsQuestions)
      .default("SI")
      .describe(
        "What the scale is asked: SI its weight now, at rest or not; S its weight once it is at rest; SIR as SI, and to repeat it without end.",
      ),
    everyMs: z
      .number()
      .int()
      .min(10)
      .max(10_000)
      .optional()
      .describe(
        `With SI and S: milliseconds from one question to the next, ${everyMsDefault} when left out. With SIR the scale sets the pace.`,
      ),
    answerWithinMs: z
      .number()
      .int()
      .min(20)
      .max(60_000)
      .default(1_000)
      .describe(
        "Milliseconds that an answer may take; then the scale is asked again. With S longer than the scale itself waits for rest.",
      ),
  })
  .refine(({ ask, everyMs }) => ask !== "SIR" || everyMs === undefined, {
    path: ["everyMs"],
    message: "a scale that is asked SIR repeats its weight at a pace of its own: leave it out",
  });

/** A line lasts 21 ms at 9,600 baud. */
const interByteTimeoutMs = 200;

export const mtSicsCarriers = ({
  ask,
  everyMs = everyMsDefault,
  answerWithinMs,
}: z.infer<typeof zMtSicsDialect>): Carriers<ScaleHeard, ProofCommand> =>
  askedScaleCarriers<MtSicsFrame>("mt-sics", () => ({
    parser: createMtSicsParser(),
    interByteTimeoutMs,
    question: encodeMtSicsQuestion(ask),
    everyMs: ask === "SIR" ? null : everyMs,
    answerWithinMs,
    meaningOf,
  }));

function meaningOf(frame: MtSicsFrame): Answer {
  switch (frame.kind) {
    case "weight": {
      const why = frame.isInMotion ? "inMotion" : frame.isNegative ? "negative" : null;
      return answer(
        why === null ? { kind: "reading", grams: frame.grams } : { kind: "noWeight", why },
      );
    }
    case "refusal":
      return answer({ kind: "noWeight", why: whyOfRefusal[frame.why] });
    case "otherUnit":
      return answer(unreadable(`the unit ${frame.unit} is none of ${weightUnits.join(", ")}`));
    case "error": {
      const detail = `${frame.code}: ${errorWords[frame.code]}`;
      const reason = deviceReason("commandRefused", { detail });
      return answer({ kind: "discarded", reason, counts: { commandRefusedTotal: 1 } });
    }
    case "started":
      return { heard: { kind: "life" }, answers: "restart" };
    case "discarded":
      return { heard: discardedBytes(frame), answers: "none" };
  }
}

const answer = (heard: ScaleHeard): Answer => ({ heard, answers: "answer" });

const whyOfRefusal = {
  notExecutable: "notReady",
  overload: "outOfRange",
  underload: "outOfRange",
} as const satisfies Record<string, NoWeight>;

const errorWords: Readonly<Record<MtSicsError, string>> = {
  ES: "syntax error",
  ET: "transmission error",
  EL: "logical error",
};
