import { STATUS_CODES, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyRequest } from "fastify";
import type { WebSocketServer } from "ws";
import type { BugRecord } from "../../../protocols/bug.ts";
import { createFactLog } from "../../../protocols/fact-log.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock } from "../../../protocols/time.ts";
import { badMediaType, tooBig } from "./bodies.ts";
import { noSuchPath } from "./paths.ts";
import {
  HttpProblem,
  quotedCharsMax,
  statusOf,
  type Problem,
  type ProblemCode,
} from "./problems.ts";

/**
 * Every error in the one shape of `zProblem`, whoever found it: a route, the framework before any
 * route, or the HTTP and WebSocket readers below both. Each is counted by its code. What is our own
 * fault is a bug, which whoever asked is told nothing of; the server serves on, because it judges
 * nothing itself, and an act is answered only after its record is durable.
 */
export interface ErrorAnswers {
  readonly counts: ReadonlyMap<string, number>;
  of(error: unknown, request: FastifyRequest): ErrorAnswer;
  /** What came is no request, or no handshake: the answer is the connection's last word. */
  endSocket(error: Error, socket: Duplex): void;
  /** Takes the words that the readers would otherwise say themselves. */
  listen(server: Server, sockets: WebSocketServer): void;
  /** What was left out of the log so far stays untold. */
  stop(): void;
}

interface ErrorAnswer {
  readonly status: number;
  readonly problem: Problem;
}

export interface ErrorAnswersOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly bugs: BugRecord;
}

export function createErrorAnswers({ clock, log, bugs }: ErrorAnswersOptions): ErrorAnswers {
  const counts = new Map<string, number>();
  const facts = createFactLog({ log, clock });

  /** What was asked has no part in it: it may hold what is not for a log. */
  const tell = (answer: ErrorAnswer, error: unknown, request: FastifyRequest): ErrorAnswer => {
    const { error: code } = answer.problem;
    const route = `${request.method} ${request.routeOptions.url ?? "(no route)"}`;
    if (code === "internal") bugs.report(error, route);
    else if (answer.status >= 500) {
      facts.tell({
        subject: code,
        is: code,
        level: "warn",
        message: "a request cannot be served",
        fields: { code, route },
      });
    }
    return answer;
  };

  const counted = (answer: ErrorAnswer): ErrorAnswer => {
    const { error } = answer.problem;
    counts.set(error, (counts.get(error) ?? 0) + 1);
    return answer;
  };

  const endSocket = (error: Error, socket: Duplex): void => {
    if (codeOf(error) === "ECONNRESET" || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const { status, problem } = counted(wireAnswerOf(error));
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  };

  return {
    counts,
    of: (error, request) => counted(tell(answerOf(error, request), error, request)),
    endSocket,
    stop: () => facts.stop(),
    listen: (server, sockets) => {
      sockets.on("wsClientError", endSocket);
      server.on("checkExpectation", (_request, response) => {
        const unmet = new HttpProblem("badExpectation", "nothing is promised", "expect");
        const { status, problem } = counted(unmet);
        response.writeHead(status, { "content-type": "application/json", connection: "close" });
        response.end(JSON.stringify(problem));
      });
    },
  };
}

function answerOf(error: unknown, request: FastifyRequest): ErrorAnswer {
  if (error instanceof HttpProblem) return error;
  const code = problemCodeOf(error);
  if (code === "badMediaType") return badMediaType(request);
  if (code === "tooBig") return tooBig(request);
  if (code === "notFound" || code === "pathTooLong") return noSuchPath(request);
  // What went wrong inside is not for whoever asked.
  const isOurs = code === "internal" || !(error instanceof Error);
  const message = isOurs ? "it failed inside" : error.message.slice(0, quotedCharsMax);
  const field = fieldByFrameworkCode.get(codeOf(error)) ?? null;
  return { status: statusOf(code), problem: { error: code, field, message } };
}

const codeByStatus: Readonly<Record<number, ProblemCode>> = {
  // Such as a path that would lead out of the page's folder.
  403: "notFound",
  404: "notFound",
  413: "tooBig",
  414: "pathTooLong",
  415: "badMediaType",
  416: "badRange",
};

function problemCodeOf(error: unknown): ProblemCode {
  const hasStatus = typeof error === "object" && error !== null && "statusCode" in error;
  const status = hasStatus ? Number(error.statusCode) : 500;
  return codeByStatus[status] ?? (status >= 400 && status < 500 ? "badRequest" : "internal");
}

/** The part of the request that the framework's own errors are about. */
const fieldByFrameworkCode: ReadonlyMap<unknown, string> = new Map([
  ["FST_ERR_BAD_URL", "url"],
  ["FST_ERR_CTP_EMPTY_JSON_BODY", "body"],
  ["FST_ERR_CTP_INVALID_JSON_BODY", "body"],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", "content-length"],
]);

/** @see https://nodejs.org/api/http.html#event-clienterror for the codes. */
function wireAnswerOf(error: Error): ErrorAnswer {
  switch (codeOf(error)) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpProblem("tooSlow", "the request did not come in time");
    case "HPE_HEADER_OVERFLOW":
      return new HttpProblem("headersTooLong", "the headers are longer than is read", "headers");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new HttpProblem("tooBig", "the body's chunk extensions are too long", "body");
    default:
      return new HttpProblem("badRequest", error.message.slice(0, quotedCharsMax));
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : null;
