import type { FastifyRequest } from "fastify";
import { isAllowed } from "../../../protocols/actor.ts";
import type { NewRefusal, RefusedMessages } from "../refused-messages.ts";
import type { UnreadMessages } from "../unread-messages.ts";
import { customsPath, hasBody, type RawBodies } from "./bodies.ts";
import type { Problem, ProblemCode } from "./problems.ts";
import type { Route } from "./route.ts";

/**
 * Keeps what senders' routes refuse: what a route has read and refused itself, and what never came
 * as far as its handler.
 */
export interface RefusalKeeper {
  /** Of a body that a handler has read; `problem` is not kept again on its way out. */
  keepRead(problem: object, refused: NewRefusal): Promise<void>;
  /** Of whatever ends in an error. */
  keepRequest(error: unknown, problem: Problem, request: FastifyRequest): Promise<void>;
}

/** These say that nobody has looked at the message, or that it has to be sent again. */
const aboutNoMessage: ReadonlySet<string> = new Set<ProblemCode>([
  "foreignOrigin",
  "notAllowed",
  "notJournalled",
  "stopping",
  "upgradeRequired",
]);

export function createRefusalKeeper(
  {
    refused,
    unread,
  }: {
    readonly refused: Pick<RefusedMessages, "keep">;
    readonly unread: Pick<UnreadMessages, "note">;
  },
  routes: () => readonly Route[],
  raw: RawBodies,
): RefusalKeeper {
  const kept = new WeakSet<object>();
  const isSendersRoute = ({ routeOptions }: FastifyRequest): boolean =>
    routes().some(
      ({ method, path, whoMay }) =>
        method === "POST" &&
        path === routeOptions.url &&
        whoMay !== "public" &&
        isAllowed(whoMay, "sender"),
    );
  return {
    keepRead: (problem, one) => {
      kept.add(problem);
      return refused.keep(one);
    },
    keepRequest: async (error, problem, request) => {
      const isKept = typeof error === "object" && error !== null && kept.has(error);
      if (isKept || aboutNoMessage.has(problem.error) || !isSendersRoute(request)) return;
      const bytes = raw.get(request) ?? bytesOf(request.body);
      const bytesTotal = Number(request.headers["content-length"]) || bytes.length;
      // Whatever of customs has not come as far as its handler nobody has looked at.
      const isUnread = request.routeOptions.url === customsPath && hasBody(request, bytesTotal);
      if (isUnread) unread.note(bytesTotal);
      await refused.keep({
        path: request.routeOptions.url ?? request.url,
        sender: "unnamed",
        station: request.socket.remoteAddress ?? "gone",
        code: problem.error,
        field: problem.field,
        message: problem.message,
        bytes,
        bytesTotal,
        isUnread,
      });
    },
  };
}

/** Of what was never read nothing is left. */
const bytesOf = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array();
