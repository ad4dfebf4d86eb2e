import type { z } from "zod";
import { roleHeader, type PersonRole } from "../../../protocols/actor.ts";
import {
  zControlAnswer,
  zControlRequest,
  zDecisionAnswer,
  zDecisionRequest,
  zLockRequest,
  zPanel,
  zProblem,
  zStory,
} from "../../../protocols/ui/http.ts";
import type { ToldProblem } from "../../../protocols/words/problem-text.ts";

/**
 * What became of a request. `unreachable`: no answer within three seconds, so nothing is known.
 * `unreadable`: nor is anything by an answer that is not the centre's.
 */
export type Answer<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "refused"; readonly status: number; readonly problem: ToldProblem }
  | { readonly kind: "unreachable" }
  | { readonly kind: "unreadable" };

const answerMsMax = 3_000;
/** Images are larger, and a lost one can simply be asked for again. */
const imageMsMax = 15_000;

type Input<Schema extends z.ZodType> = z.input<Schema>;
type Output<Schema extends z.ZodType> = z.output<Schema>;

export const fetchStory = (
  key: { readonly waybill: string } | { readonly passId: string },
  role: PersonRole,
): Promise<Answer<Output<typeof zStory>>> =>
  ask(
    "waybill" in key
      ? `/api/parcels/${encodeURIComponent(key.waybill)}`
      : `/api/passes/${encodeURIComponent(key.passId)}`,
    zStory,
    { headers: { [roleHeader]: role } },
  );

export const lockTask = (
  taskId: string,
  body: Input<typeof zLockRequest>,
): Promise<Answer<Output<typeof zPanel>>> =>
  ask(`/api/officer/tasks/${encodeURIComponent(taskId)}/lock`, zPanel, post(body));

export const postDecision = (
  body: Input<typeof zDecisionRequest>,
): Promise<Answer<Output<typeof zDecisionAnswer>>> =>
  ask("/api/officer/decisions", zDecisionAnswer, post(body));

export const postControl = (
  body: Input<typeof zControlRequest>,
): Promise<Answer<Output<typeof zControlAnswer>>> =>
  ask("/api/controls", zControlAnswer, post(body));

/** Image bytes by their hash, so that they can be kept for as long as they are wanted. */
export async function fetchImage(imageHash: string): Promise<Answer<Uint8Array<ArrayBuffer>>> {
  try {
    const response = await fetch(`/api/images/${imageHash}`, {
      signal: AbortSignal.timeout(imageMsMax),
    });
    if (!response.ok) return await refusal(response);
    return { kind: "ok", value: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return { kind: "unreachable" };
  }
}

export async function ask<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  request: RequestInit,
): Promise<Answer<Output<Schema>>> {
  try {
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await fetch(path, { ...request, signal });
    if (!response.ok) return await refusal(response);
    const parsed = schema.safeParse(await response.json());
    return parsed.success ? { kind: "ok", value: parsed.data } : { kind: "unreadable" };
  } catch {
    return { kind: "unreachable" };
  }
}

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function refusal(response: Response): Promise<Answer<never>> {
  const problem = zProblem.safeParse(await response.json().catch(() => null));
  return problem.success
    ? { kind: "refused", status: response.status, problem: problem.data }
    : { kind: "unreadable" };
}
