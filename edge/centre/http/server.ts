import staticFiles from "@fastify/static";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { clientMessageBytesMax } from "../../../protocols/ui/socket.ts";
import { addJsonReader, jsonBytesMax, refusalOfCoding, type RawBodies } from "./bodies.ts";
import type { RouteParts } from "./document-routes.ts";
import { recallUnread } from "./recall-unread.ts";
import { createErrorAnswers } from "./error-answers.ts";
import { noUpgrade, paramCharsMax, watchRoutes } from "./paths.ts";
import { createRefusalKeeper } from "./keep-refused.ts";
import { HttpProblem } from "./problems.ts";
import { registerRoutes, takeOnlyRows } from "./register-routes.ts";
import type { Route } from "./route.ts";
import { centreRoutes } from "./routes.ts";
import { socketPath } from "./socket-route.ts";

/**
 * The centre's HTTP server: documents in, stories and images out, officers' acts, the page, `/ws`.
 * Until there are accounts it binds to loopback only, and answers only what was asked of a
 * loopback name by a page of its own: another site's page in the same browser is refused.
 */
export interface CentreServer {
  /** Where it listens, with the port that was found free. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface CentreServerOptions extends RouteParts {
  /** Folder of the built page; null serves none. */
  readonly pageFolder: string | null;
}

const connectionsMax = 512;
const requestMsMax = 30_000;

/** Rejects when the port is taken. */
export async function listenCentreServer(options: CentreServerOptions): Promise<CentreServer> {
  const server = await createCentreServer(options);
  const { host, port } = options.config.http;
  const url = await server.listen({ host, port });
  const address = server.server.address();
  return {
    url,
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () => server.close(),
  };
}

/** The same, not listening: for `inject`. */
export async function createCentreServer(options: CentreServerOptions): Promise<FastifyInstance> {
  const { pageFolder } = options;
  const errors = createErrorAnswers(options);
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, problem } = errors.of(error, request);
    setSecurityHeaders(reply);
    void reply.code(status).send(problem);
  };
  const routes: Route[] = [];
  const raw: RawBodies = new WeakMap();
  await recallUnread(options.centre.unreadMessages, options.refused, options.clock);
  const keeper = createRefusalKeeper(
    { refused: options.refused, unread: options.centre.unreadMessages },
    () => routes,
    raw,
  );
  const server = fastify({
    bodyLimit: jsonBytesMax,
    requestTimeout: requestMsMax,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: paramCharsMax },
    // What these would answer by themselves has another shape: we say it.
    http: { requireHostHeader: false },
    return503OnClosing: false,
    frameworkErrors: answerError,
    clientErrorHandler: (error, socket) => errors.endSocket(error, socket),
  });
  server.server.maxConnections = connectionsMax;
  addJsonReader(server, raw);

  // Before our own hooks, so that it knows the upgrades that they refuse, and closes them.
  await server.register(websocket, {
    // Longer messages are cut by the wire; shorter ones that are still too long, by the hub.
    options: { maxPayload: 4 * clientMessageBytesMax, perMessageDeflate: false },
  });
  errors.listen(server.server, server.websocketServer);
  server.addHook("onClose", (_server, done) => {
    errors.stop();
    done();
  });
  const whyNothing = watchRoutes(server);
  addDoor(server, whyNothing);
  server.setErrorHandler(async (error, request, reply) => {
    const { status, problem } = errors.of(error, request);
    await keeper.keepRequest(error, problem, request);
    setSecurityHeaders(reply);
    return reply.code(status).send(problem);
  });
  server.setNotFoundHandler((request, reply) => {
    throw whyNothing(request, reply);
  });

  if (pageFolder !== null) await addPageFiles(server, pageFolder);
  const hasPage = pageFolder !== null;
  takeOnlyRows(server);
  routes.push(...centreRoutes(options, { problemCounts: errors.counts, hasPage, keeper }));
  registerRoutes(server, routes, raw);
  return server;
}

/** Who comes in at all. */
function addDoor(server: FastifyInstance, whyNothing: ReturnType<typeof watchRoutes>): void {
  let isStopping = false;
  server.addHook("preClose", (done) => {
    isStopping = true;
    done();
  });
  server.addHook("onRequest", (request, reply, done) => {
    setSecurityHeaders(reply);
    if (isStopping) return done(new HttpProblem("stopping", "the centre stops"));
    const refusal = refusalOfOrigin(request);
    if (refusal !== null) return done(refusal);
    if (request.ws && request.routeOptions.url !== socketPath) return done(noUpgrade(request));
    // Before its body is read, which is not what is wrong.
    if (request.is404) return done(whyNothing(request, reply));
    done(refusalOfCoding(request) ?? undefined);
  });
}

/** How files of the page are sent; which ones are, the table says. */
async function addPageFiles(server: FastifyInstance, root: string): Promise<void> {
  await server.register(staticFiles, {
    root,
    serve: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Assets have their hash in their name; the page that names them is asked for each time.
      const isHashed = path.includes("/assets/");
      void reply.header(
        "cache-control",
        isHashed ? "private, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function setSecurityHeaders(reply: FastifyReply): void {
  void reply.headers({
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
}

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A foreign name that leads here, or a page from elsewhere, is not ours to answer. */
function refusalOfOrigin(request: FastifyRequest): HttpProblem | null {
  const host = request.headers.host ?? "";
  if (!loopbackNames.has(host.replace(/:\d{1,5}$/, ""))) {
    return new HttpProblem("foreignOrigin", "asked by another name than loopback", "host");
  }
  const { origin } = request.headers;
  if (origin === undefined || origin === `http://${host}`) return null;
  return new HttpProblem("foreignOrigin", "asked by a page of another site", "origin");
}
