import type { FastifyRequest } from "fastify";
import { mediaTypesOf } from "./document-routes.ts";
import { HttpProblem, problems, type Problem, type ProblemCode } from "./problems.ts";

export interface ErrorAnswer {
  readonly status: number;
  readonly problem: Problem;
}

/** The one shape of every error, whether a route found it or the framework. */
export function errorAnswerOf(error: unknown, request: FastifyRequest): ErrorAnswer {
  if (error instanceof HttpProblem) return error;
  const code = codeByStatus[statusOf(error)] ?? "internal";
  const status = problems[code];
  if (code === "badMediaType") {
    const taken = mediaTypesOf(request.routeOptions.url).join(", ");
    const came = (request.headers["content-type"] ?? "no media type").slice(0, sentCharsMax);
    const message = `a body here is ${taken}; it came as ${came}`;
    return { status, problem: { error: code, field: "content-type", message } };
  }
  // What went wrong inside is not for whoever asked.
  const message =
    code === "internal" || !(error instanceof Error) ? "it failed inside" : error.message;
  return { status, problem: { error: code, field: fieldOf(error), message } };
}

/** What was sent is repeated in an answer no further than this. */
const sentCharsMax = 200;

const codeByStatus: Readonly<Record<number, ProblemCode>> = {
  400: "badRequest",
  // Such as a path that would lead out of the page's folder.
  403: "notFound",
  404: "notFound",
  413: "tooBig",
  415: "badMediaType",
};

function statusOf(error: unknown): number {
  const hasStatus = typeof error === "object" && error !== null && "statusCode" in error;
  return hasStatus ? Number(error.statusCode) : 500;
}

/** The part of the request that the framework's own errors are about. */
const fieldByFrameworkCode: ReadonlyMap<unknown, string> = new Map([
  ["FST_ERR_CTP_EMPTY_JSON_BODY", "body"],
  ["FST_ERR_CTP_INVALID_JSON_BODY", "body"],
  ["FST_ERR_CTP_BODY_TOO_LARGE", "body"],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", "content-length"],
]);

function fieldOf(error: unknown): string | null {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return fieldByFrameworkCode.get(code) ?? null;
}
