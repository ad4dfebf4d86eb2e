import type { z } from "zod";
import type { zDecisionAnswer, zDecisionRequest } from "../../../protocols/ui/http.ts";

export type DecisionRequest = z.infer<typeof zDecisionRequest>;
export type DecisionAnswer = z.infer<typeof zDecisionAnswer>;

/** What becomes of a decision. */
export type DecideAnswer =
  | { readonly kind: "answered"; readonly answer: DecisionAnswer }
  /**
   * The journal did not take it, as far as can be told now, so nothing was done; the caller may ask
   * again.
   */
  | { readonly kind: "notJournalled" };

/**
 * What was answered to each `cmdId` (HMI W7): the same decision sent again gets the first answer
 * again, and a number that comes with another decision is refused. The newest are kept.
 */
export interface DecisionAnswers {
  /** Null for a number that is not known; `reused` for one that stands for another decision. */
  recall(request: DecisionRequest): Promise<DecideAnswer> | "reused" | null;
  keep(request: DecisionRequest, answer: Promise<DecideAnswer>): Promise<DecideAnswer>;
  /** Nothing was done, so the number is free again. */
  forget(cmdId: string): void;
}

const answersKeptMax = 10_000;

export function createDecisionAnswers(): DecisionAnswers {
  const kept = new Map<
    string,
    { readonly content: string; readonly answer: Promise<DecideAnswer> }
  >();
  return {
    recall: (request) => {
      const known = kept.get(request.cmdId);
      if (known === undefined) return null;
      return known.content === contentOf(request) ? known.answer : "reused";
    },
    keep: (request, answer) => {
      kept.set(request.cmdId, { content: contentOf(request), answer });
      const [oldest] = kept.keys();
      if (kept.size > answersKeptMax && oldest !== undefined) kept.delete(oldest);
      return answer;
    },
    forget: (cmdId) => {
      kept.delete(cmdId);
    },
  };
}

/** Every field in one order, however the request was put together. */
const contentOf = (request: DecisionRequest): string =>
  JSON.stringify([
    request.taskId,
    request.passId,
    request.imageHash,
    request.decision,
    request.reason,
    request.officer,
    request.station,
    request.shownAt,
    request.decidedAt,
  ]);
