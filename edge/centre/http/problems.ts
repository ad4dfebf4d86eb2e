import type { z } from "zod";
import type { CebRefusalCode } from "../../../protocols/ceb/refusals.ts";
import type { zProblem } from "../../../protocols/ui/http.ts";

/** One table of what the server can answer instead of what was asked for. */
const ownProblems = {
  badField: 400,
  badRequest: 400,
  foreignOrigin: 403,
  notAllowed: 403,
  notFound: 404,
  unknownTask: 404,
  unknownPass: 404,
  unknownAgent: 404,
  unknownDevice: 404,
  notUnsettled: 404,
  notAwaited: 404,
  nothingLost: 404,
  wrongMethod: 405,
  lockedByOther: 409,
  noImage: 409,
  tooLate: 409,
  answered: 409,
  cmdIdReused: 409,
  generationUnderWay: 409,
  chainNotClosed: 409,
  recordsUnfit: 409,
  noSigningKey: 409,
  agentSilent: 409,
  tooManyTraces: 409,
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
  storiesUnread: 503,
  internal: 500,
  /** Rows that the centre needs for it are not as they were written. */
  documentsDamaged: 500,
  /** As much is held as may be; nothing that is held gives way. */
  storeFull: 507,
} as const;

/** Why nothing of a customs message was taken; each code that stands for the whole of one. */
const customsProblems = {
  tooLarge: 413,
  notUtf8: 415,
  encodingDeclared: 415,
  empty: 400,
  notWellFormed: 400,
  doctypeForbidden: 400,
  xmlVersion: 400,
} as const satisfies Partial<Record<CebRefusalCode, number>>;

const problems: Readonly<Partial<Record<ProblemCode, number>>> = {
  ...ownProblems,
  ...customsProblems,
};

export type ProblemCode = keyof typeof ownProblems | CebRefusalCode;
export type Problem = z.infer<typeof zProblem>;

/** All other codes are customs' own and say that a message was read and makes no sense. */
export const statusOf = (code: ProblemCode): number => problems[code] ?? 422;

/** What was sent is repeated in an answer no further than this. */
export const quotedCharsMax = 200;

export const notJournalledWords = "the journal did not take it; ask again";

/** A route's answer, or thrown before any route: answered by the server's error handler. */
export class HttpProblem<Code extends ProblemCode = ProblemCode> extends Error {
  readonly code: Code;
  readonly status: number;
  readonly problem: Problem;
  constructor(code: Code, message: string, field: string | null = null) {
    super(message);
    this.name = "HttpProblem";
    this.code = code;
    this.status = statusOf(code);
    this.problem = { error: code, field, message };
  }
}

/** Nobody is told "accepted" of what a crash could take back. */
export const notJournalled = (): HttpProblem<"notJournalled"> =>
  new HttpProblem("notJournalled", notJournalledWords);

/** What was over before the centre was started last may be what was asked for. */
export const storiesUnread = (): HttpProblem<"storiesUnread"> =>
  new HttpProblem("storiesUnread", "the stories of before the start are not read yet; ask again");

/** Nothing of it was done, and it would be the same again. `why` names the file and the row. */
export const documentsDamaged = (why: string): HttpProblem<"documentsDamaged"> =>
  new HttpProblem(
    "documentsDamaged",
    `documents cannot be read, call the centre's technician: ${why}`,
  );
