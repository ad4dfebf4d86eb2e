import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { WebSocket } from "ws";
import { invariant } from "../../../protocols/bug.ts";
import { bodyCame, readBeginning, type RawBodies } from "./bodies.ts";
import { actorOf, refusalOfRole } from "./callers.ts";
import { HttpProblem } from "./problems.ts";
import type { RawAnswer, Route } from "./route.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    readonly isOfTable?: boolean;
  }
}

/** From now on a route that is no row of the table is a bug of ours, wherever it is added. */
export const takeOnlyRows = (server: FastifyInstance): void =>
  void server.addHook("onRoute", ({ config, url }) => {
    invariant(
      config?.isOfTable === true,
      `route ${url} is in no table, so nobody says who may ask`,
    );
  });

/** Puts the table's rows into the server. A row that does not say who may ask is a bug of ours. */
export function registerRoutes(
  server: FastifyInstance,
  routes: readonly Route[],
  raw: RawBodies,
): void {
  for (const route of routes) {
    const { whoMay, id } = route;
    const hasRule = whoMay === "public" || (Array.isArray(whoMay) && whoMay.length > 0);
    invariant(hasRule, `route ${id} does not say who may ask`);
    if (route.body.schema !== null || route.body.mediaTypes.length === 0) {
      server.route(optionsOf(route, { raw }));
    } else registerBytes(server, route);
  }
}

/** Bodies in bytes are read by no other parser than their own; the route says what is wrong with one. */
function registerBytes(server: FastifyInstance, route: Route): void {
  const { bytesMax } = route.body;
  const cutOff = new WeakSet<FastifyRequest>();
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (request: FastifyRequest, payload: IncomingMessage) =>
      readBeginning(payload, { bytesMax, onCutOff: () => cutOff.add(request) }),
    );
    scope.route(optionsOf(route, { cutOff }));
    done();
  });
}

function optionsOf(
  route: Route,
  read: { readonly raw?: RawBodies; readonly cutOff?: WeakSet<FastifyRequest> },
): RouteOptions {
  const { method, path, whoMay, body, onSocket } = route;
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await route.answer({
      params: request.params,
      query: request.query,
      body: request.body,
      came: bodyCame(request, read.cutOff?.has(request)),
      bytes: read.raw?.get(request) ?? new Uint8Array(),
      actorOf: (named) => actorOf(whoMay, request, named),
    });
    if (answer instanceof HttpProblem) throw answer;
    return send(reply, answer);
  };
  return {
    method,
    url: urlOf(path),
    config: { isOfTable: true },
    ...(body.bytesMax > 0 ? { bodyLimit: body.bytesMax } : {}),
    onRequest: (request, _reply, done) => done(refusalOfRole(whoMay, request) ?? undefined),
    handler,
    ...(onSocket === null
      ? {}
      : {
          wsHandler: (socket: WebSocket, request: FastifyRequest) =>
            onSocket(socket, actorOf(whoMay, request, null)),
        }),
  };
}

/** As the framework writes them: `/api/parcels/:waybill`, `/*`. */
const urlOf = (path: string): string => path.replaceAll("{*}", "*").replaceAll(/\{(\w+)\}/g, ":$1");

function send(reply: FastifyReply, answer: RawAnswer): FastifyReply {
  const { status, payload, mediaType, headers } = answer;
  void reply.code(status).headers(headers);
  switch (payload.kind) {
    case "json":
      return reply.send(payload.body);
    case "raw":
      return reply
        .type(payload.mediaType ?? mediaType ?? "application/octet-stream")
        .send(payload.body);
    case "file":
      return reply.sendFile(payload.name);
  }
}
