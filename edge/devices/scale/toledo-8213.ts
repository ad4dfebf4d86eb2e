import { z } from "zod";
import {
  createToledo8213Parser,
  toledo8213Question,
  zToledo8213Format,
  type Toledo8213Frame,
} from "../../../protocols/scale/toledo-8213.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { discardedBytes } from "../frame-dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { askedScaleCarriers, type Answer } from "./asking.ts";
import type { NoWeight, ScaleHeard } from "./heard.ts";

const { unit, digits, decimals } = zToledo8213Format.shape;

/** Toledo 8213: a scale that is asked `W`. */
export const zToledo8213Dialect = z
  .strictObject({
    kind: z.literal("toledo-8213").describe("Toledo 8213, a weight whenever the scale is asked W."),
    unit,
    digits: digits.default(5),
    decimals,
    everyMs: z
      .number()
      .int()
      .min(10)
      .max(10_000)
      .default(100)
      .describe("Milliseconds from one question to the next."),
    answerWithinMs: z
      .number()
      .int()
      .min(20)
      .max(60_000)
      .default(500)
      .describe("Milliseconds that an answer may take; then the scale is asked again."),
  })
  .refine((dialect) => dialect.decimals < dialect.digits, {
    path: ["decimals"],
    message: "must be less than digits",
  });

/** A frame lasts 9 ms at 9,600 baud. */
const interByteTimeoutMs = 200;

export const toledo8213Carriers = ({
  everyMs,
  answerWithinMs,
  ...format
}: z.infer<typeof zToledo8213Dialect>): Carriers<ScaleHeard, ProofCommand> =>
  askedScaleCarriers<Toledo8213Frame>("toledo-8213", () => ({
    parser: createToledo8213Parser(format),
    interByteTimeoutMs,
    question: toledo8213Question,
    everyMs,
    answerWithinMs,
    meaningOf,
  }));

function meaningOf(frame: Toledo8213Frame): Answer {
  switch (frame.kind) {
    case "weight":
      return { heard: { kind: "reading", grams: frame.grams }, answers: "answer" };
    case "refusal":
      return { heard: { kind: "noWeight", why: whyOf(frame) }, answers: "answer" };
    case "discarded":
      return { heard: discardedBytes(frame), answers: "none" };
  }
}

function whyOf(refusal: Extract<Toledo8213Frame, { kind: "refusal" }>): NoWeight {
  if (refusal.isOutOfRange) return "outOfRange";
  if (refusal.isInMotion) return "inMotion";
  return refusal.isUnderZero ? "negative" : "notReady";
}
