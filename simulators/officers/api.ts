import { z } from "zod";
import { zDecisionAnswer, zDecisionRequest, type Panel } from "../../protocols/ui/http.ts";
import type { TaskView } from "../../protocols/ui/scene.ts";

export type DecisionRequest = z.infer<typeof zDecisionRequest>;
type DecisionAnswer = z.infer<typeof zDecisionAnswer>;

/** Why the centre could not be asked: its words, or the transport's. */
export interface ApiFailure {
  readonly failed: string;
}

/**
 * What an officer's desk asks of the centre, the same for people and for the lab. Answers come by
 * call-back, so that the same officer works in virtual time. Each call is answered exactly once.
 */
export interface OfficerApi {
  tasks(answer: (tasks: readonly TaskView[] | ApiFailure) => void): void;
  /** Takes the image with a lease. A failure also when somebody else has it. */
  lock(
    taskId: string,
    who: { readonly officer: string; readonly station: string },
    answer: (panel: Panel | ApiFailure) => void,
  ): void;
  /** Repeats of a `cmdId` are answered with what became of the first. */
  decide(request: DecisionRequest, answer: (answer: DecisionAnswer | ApiFailure) => void): void;
}

export const isFailure = (answer: object): answer is ApiFailure => "failed" in answer;
