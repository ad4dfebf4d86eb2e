import { z } from "zod";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import { zDecisionAnswer, zPanel } from "../../protocols/ui/http.ts";
import { zTaskView } from "../../protocols/ui/scene.ts";
import type { ApiFailure, OfficerApi } from "./api.ts";

/** An officer whose centre does not answer in this time asks again. */
const answerMsMax = 5_000;
/** Largest answer that is read. */
const answerBytesMax = 4_000_000;

/** The officer's desk over HTTP, exactly as a browser uses it. */
export function createHttpOfficerApi(centreUrl: string): OfficerApi {
  const ask = <T>(
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    answer: (value: T | ApiFailure) => void,
  ): void => {
    void fetchJson(new URL(path, centreUrl), body, schema).then(answer);
  };
  return {
    tasks: (answer) => ask("/api/officer/tasks", undefined, z.array(zTaskView), answer),
    lock: (taskId, who, answer) =>
      ask(`/api/officer/tasks/${encodeURIComponent(taskId)}/lock`, who, zPanel, answer),
    decide: (request, answer) => ask("/api/officer/decisions", request, zDecisionAnswer, answer),
  };
}

/** Never rejects: whatever goes wrong comes back as words. */
async function fetchJson<T>(
  url: URL,
  body: unknown,
  schema: z.ZodType<T>,
): Promise<T | ApiFailure> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      signal: AbortSignal.timeout(answerMsMax),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) return { failed: `${url.pathname}: HTTP ${response.status}` };
    if (text.length > answerBytesMax) return { failed: `${url.pathname}: answer too long` };
    const parsed = parseJson(text);
    const answer = parsed.kind === "ok" ? checkJson(schema, parsed.value) : parsed;
    return answer.kind === "ok" ? answer.value : { failed: `${url.pathname}: ${answer.why}` };
  } catch (error) {
    return { failed: `${url.pathname}: ${error instanceof Error ? error.message : "no answer"}` };
  }
}
