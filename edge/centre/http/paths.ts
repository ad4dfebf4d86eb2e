import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HttpProblem, quotedCharsMax } from "./problems.ts";
import { socketPath } from "./socket-route.ts";

/** Longer than any name may be, so that the route itself says which name is too long. */
export const paramCharsMax = 1_024;

interface Asked {
  readonly method: string;
  readonly url: string;
}

const pathOf = (url: string): string => url.split("?", 1)[0] ?? "";

/** Nothing stands at this address, whatever the method. */
export function noSuchPath({ method, url }: Asked): HttpProblem {
  const parts = pathOf(url).split("/");
  if (parts.some((part) => part.length > paramCharsMax)) {
    const message = `no part of a path is longer than ${paramCharsMax} characters`;
    return new HttpProblem("pathTooLong", message, "url");
  }
  return new HttpProblem("notFound", `there is no ${method} ${url.slice(0, quotedCharsMax)}`);
}

export function noUpgrade({ url }: Asked): HttpProblem {
  const path = pathOf(url).slice(0, quotedCharsMax);
  const message = `nothing is upgraded at ${path}; a WebSocket is opened at ${socketPath}`;
  return new HttpProblem("notFound", message, "upgrade");
}

/**
 * Called before the routes are added. What it returns says why nothing answers a request: its path
 * has a route, but by other methods, or it has none.
 */
export function watchRoutes(
  server: FastifyInstance,
): (request: FastifyRequest, reply: FastifyReply) => HttpProblem {
  const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook("onRoute", ({ url, method }) => {
    // What stands behind a wildcard is known only by looking: it is found or it is not.
    if (url.includes("*")) return;
    const path = new RegExp(`^${url.replaceAll(/:\w+/g, "[^/]*")}$`);
    routes.push({ path, methods: [method].flat() });
  });
  return (request, reply) => {
    const { method, url } = request;
    const path = pathOf(url);
    const methods = routes.flatMap((route) => (route.path.test(path) ? route.methods : []));
    if (methods.length === 0 || methods.includes(method)) return noSuchPath(request);
    const allow = [...new Set(methods)].toSorted().join(", ");
    void reply.header("allow", allow);
    const message = `${path.slice(0, quotedCharsMax)} takes ${allow}; it was asked by ${method}`;
    return new HttpProblem("wrongMethod", message, "method");
  };
}
