import type { z } from "zod";
import type { zProblem } from "../../../protocols/ui/http.ts";
import { checkJson } from "../../../protocols/json-message.ts";

/** One table of what the server can answer instead of what was asked for. */
export const problems = {
  badField: 400,
  badRequest: 400,
  foreignOrigin: 403,
  notFound: 404,
  unknownTask: 404,
  unknownPass: 404,
  wrongMethod: 405,
  lockedByOther: 409,
  noImage: 409,
  tooLate: 409,
  answered: 409,
  cmdIdReused: 409,
  tooSlow: 408,
  tooBig: 413,
  pathTooLong: 414,
  badMediaType: 415,
  badRange: 416,
  badExpectation: 417,
  upgradeRequired: 426,
  headersTooLong: 431,
  notJournalled: 503,
  stopping: 503,
  internal: 500,
  /** As much is held as may be; nothing that is held gives way. */
  storeFull: 507,
} as const;
export type ProblemCode = keyof typeof problems;
export type Problem = z.infer<typeof zProblem>;

/** What was sent is repeated in an answer no further than this. */
export const quotedCharsMax = 200;

/** Thrown in a route, answered by the server's error handler. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(code: ProblemCode, message: string, field: string | null = null) {
    super(message);
    this.name = "HttpProblem";
    this.status = problems[code];
    this.problem = { error: code, field, message };
  }
}

/** The body as its schema reads it; else a problem that names the first wrong field. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const reading = checkJson(schema, body);
  if (reading.kind === "ok") return reading.value;
  throw new HttpProblem("badField", reading.message, reading.field ?? "body");
}

/** One part of the path, by the same rule. */
export const readParam = <Schema extends z.ZodType>(
  schema: Schema,
  params: Readonly<Record<string, string>>,
  name: string,
): z.infer<Schema> => {
  const parsed = schema.safeParse(params[name]);
  if (parsed.success) return parsed.data;
  throw new HttpProblem("badField", parsed.error.issues[0]?.message ?? "invalid", name);
};
