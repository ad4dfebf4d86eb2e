// Goal: the server answers what its table of routes says and nothing else, only to whom the table
// says, and the table's document is true. Method: the table itself is walked: each row by each role
// through HTTP, each documented operation against its own schemas, and planted rows that are wrong.
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import fastify from "fastify";
import { centreItself } from "../../edge/centre/acts/act-log.ts";
import { problemsOf } from "../../edge/centre/http/openapi.ts";
import { zNamedRole } from "../../edge/centre/http/callers.ts";
import { createRefusalKeeper } from "../../edge/centre/http/keep-refused.ts";
import { registerRoutes } from "../../edge/centre/http/register-routes.ts";
import type { Route } from "../../edge/centre/http/route.ts";
import { centreRoutes } from "../../edge/centre/http/routes.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { isAllowed, roleHeader } from "../../protocols/actor.ts";
import { traceProblemCodes, traceProblemText } from "../../protocols/words/trace-words.ts";
import { dictionaries, languages } from "../../protocols/words/words.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

const clock = createSystemClock();
let folder = "";
let site: RunningCentre;
let routes: readonly Route[];

beforeAll(async () => {
  folder = await temporaryFolder();
  site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
  const bugs = createBugRecord(silentLog, clock, redactText);
  const { centre, config, refused } = site;
  const keeper = createRefusalKeeper(
    { refused, unread: centre.unreadMessages },
    () => routes,
    new WeakMap(),
  );
  routes = centreRoutes(
    { centre, config, refused, clock, bugs, log: silentLog },
    { problemCounts: new Map(), hasPage: false, keeper },
  );
});

afterAll(async () => {
  await site.stop();
  await removeFolder(folder);
});

const li = { officer: "li", station: "desk-1" };
const hash = "a".repeat(64);
const decision = {
  cmdId: "c1",
  taskId: "t1",
  passId: "p1",
  imageHash: hash,
  ...li,
  decision: "release",
  reason: null,
  shownAt: 1,
  decidedAt: 2_000,
};
const control = { cmdId: "k1", waybill: "99012340001", reason: "tip" };
const acceptance = {
  acceptanceId: "A1",
  carrierCode: "3202W6K001",
  waybill: "99012340001",
  weightG: 500,
  pieces: 1,
  acceptedAt: 1_000,
};

/** What each operation is asked with, and the statuses that this brings about, in order. */
const asked: Readonly<Record<string, readonly (readonly [object | string | null, number])[]>> = {
  health: [[null, 503]],
  metrics: [[null, 200]],
  describe: [[null, 200]],
  postCustomsMessage: [
    ["<x/>", 422],
    ["", 400],
  ],
  postAcceptance: [
    [acceptance, 200],
    [{ ...acceptance, pieces: 2 }, 422],
    [{}, 400],
  ],
  placeControl: [
    [{ ...control, placedBy: "zhao", station: "risk-1" }, 200],
    [{ ...control, placedBy: "qian", station: "risk-1" }, 409],
    [{}, 400],
  ],
  listControls: [[null, 200]],
  listRefused: [[null, 200]],
  readRefused: [[null, 404]],
  confirmCalendar: [
    [{ confirmedBy: "sun", station: "desk-1" }, 200],
    [{}, 400],
  ],
  tellParcel: [[null, 200]],
  tellPass: [[null, 404]],
  readImage: [[null, 404]],
  listLines: [[null, 200]],
  listTasks: [[null, 200]],
  lockTask: [
    [li, 404],
    [{}, 400],
  ],
  openTask: [[li, 404]],
  decide: [
    [decision, 200],
    [{}, 400],
  ],
  listAgents: [[null, 200]],
  beginGeneration: [
    [{ askedBy: "zhou", station: "office", reason: "new disk" }, 202],
    [{ askedBy: "zhou", station: "office", reason: "new disk" }, 409],
    [{}, 400],
  ],
  bringInRecords: [
    [{ broughtBy: "zhou", station: "office", records: [], isComplete: false }, 409],
    [{}, 400],
  ],
  listUnsettled: [[null, 200]],
  settleWaybill: [
    [{ settledBy: "zhou", station: "office", outcome: "released", reason: "seen" }, 404],
    [{}, 400],
  ],
  viewRecords: [[null, 200]],
  nameMissing: [
    [{ namedBy: "zhou", station: "office", reason: "burnt" }, 404],
    [{}, 400],
  ],
  seeLostRecords: [
    [{ seenBy: "zhou", station: "office", reason: "sent again" }, 404],
    [{}, 400],
  ],
  beginTrace: [
    [{ startedBy: "zhou", station: "office", seconds: 60 }, 409],
    [{ startedBy: "zhou", station: "office", seconds: 0 }, 400],
  ],
  viewTrace: [[null, 200]],
  openSocket: [[null, 426]],
};
const named: Readonly<Record<string, string>> = {
  waybill: "99012340001",
  passId: "p1",
  taskId: "t1",
  sha256: hash,
  refusedId: "000000000000001-000000001",
  agentId: "agent-L1",
  chain: "agent-L1",
  deviceId: "L1-xray",
};

async function ask(route: Route, body: object | string | null, role: string | null = null) {
  const url = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => named[name] ?? "");
  const type = route.body.mediaTypes[0];
  return site.server.inject({
    method: route.method,
    url,
    headers: {
      ...(role === null ? {} : { [roleHeader]: role }),
      ...(type === undefined ? {} : { "content-type": type }),
    },
    ...(body === null ? {} : { payload: body }),
  });
}

interface Response {
  readonly content: Readonly<Record<string, { readonly schema: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly components: object;
  readonly paths: Readonly<
    Record<string, Record<string, { operationId: string; responses: Record<string, Response> }>>
  >;
}
const documented = async (): Promise<Document> =>
  (await site.server.inject("/openapi.json")).json<Document>();
const validityOf = async (document: object): Promise<boolean> => {
  const validator = new Validator();
  const { valid } = await validator.validate(structuredClone(document) as Record<string, unknown>);
  return valid && validator.version === "3.1";
};

describe("GET /openapi.json", () => {
  test("is OpenAPI 3.1, and names every documented row once", async () => {
    const document = await documented();
    expect(await validityOf(document)).toBe(true);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    const rows = routes.filter(({ isDocumented }) => isDocumented);
    expect(ids.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    ["no responses' description", { responses: { 200: {} } }],
    ["a parameter nowhere", { parameters: [{ name: "x", schema: {} }], responses: {} }],
    ["responses by name", { responses: { fine: { description: "x" } } }],
  ])("a document with a planted fault is refused: %s", async (_name, operation) => {
    const document = await documented();
    const broken = { ...document, paths: { ...document.paths, "/planted": { get: operation } } };
    expect(await validityOf(broken)).toBe(false);
  });

  test("every operation answers a status and a body as it is documented", async () => {
    const document = await documented();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "doc", components: document.components });
    const rows = routes.filter(({ isDocumented }) => isDocumented);
    expect(Object.keys(asked).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    for (const route of rows) {
      for (const [body, status] of asked[route.id] ?? []) {
        // Of this waybill there is a control only, and not everybody may know of it.
        const answer = await ask(route, body, route.id === "tellParcel" ? "officer" : null);
        const response =
          document.paths[route.path]?.[route.method.toLowerCase()]?.responses[status];
        const where = `${route.id} ${status}: ${answer.body.slice(0, 200)}`;
        expect(answer.statusCode, where).toBe(status);
        expect(response, where).toBeDefined();
        const type = String(answer.headers["content-type"]).split(";")[0] ?? "";
        const content = Object.entries(response?.content ?? {}).find(
          ([name]) => name.split(";")[0] === type,
        );
        expect(content, where).toBeDefined();
        if (type !== "application/json") continue;
        const text = JSON.stringify(content?.[1].schema).replaceAll('"#/', '"doc#/');
        const isAsSaid = ajv.validate(JSON.parse(text) as object, answer.json());
        expect(isAsSaid, `${where} ${ajv.errorsText()}`).toBe(true);
        // The document itself is any object; nothing else is.
        const isAnything = ajv.validate(JSON.parse(text) as object, { planted: true });
        expect(isAnything, where).toBe(route.id === "describe");
      }
    }
  });
});

test("the document is made once, when it is first asked for", async () => {
  const [describing] = routes.filter(({ id }) => id === "describe");
  const actorOf = () => centreItself;
  const paths = async () => {
    const answer = await describing?.answer({
      params: {},
      query: {},
      body: null,
      came: { bytesTotal: 0, coding: "identity", problem: null, isCutOff: false },
      bytes: new Uint8Array(),
      actorOf,
    });
    const payload = answer !== undefined && "payload" in answer ? answer.payload : null;
    return payload?.kind === "json" ? (payload.body as { paths: unknown }).paths : null;
  };
  const first = await paths();
  expect(first).not.toBeNull();
  expect(await paths()).toBe(first);
});

describe("who may ask (law 18)", () => {
  test("every row is asked in every role, and refused where its rule does not name it", async () => {
    for (const route of routes) {
      for (const role of zNamedRole.options) {
        const answer = await ask(route, null, role);
        const where = `${route.id} as ${role}`;
        if (isAllowed(route.whoMay, role)) expect(answer.statusCode, where).not.toBe(403);
        else {
          expect(answer.statusCode, where).toBe(403);
          expect(answer.json(), where).toMatchObject({ error: "notAllowed", field: roleHeader });
        }
      }
    }
  });

  test.each(["system", "king", ""])("nobody is taken in the role %j", async (role) => {
    const answer = await site.server.inject({ url: "/api/lines", headers: { [roleHeader]: role } });
    expect([answer.statusCode, answer.json<{ field: string }>().field]).toEqual([400, roleHeader]);
  });

  test("a role that may do nothing is refused before its body is read", async () => {
    const headers = { [roleHeader]: "floor", "content-type": "application/json" };
    const url = "/api/officer/decisions";
    const answer = await site.server.inject({ method: "POST", url, headers, payload: "{" });
    expect(answer.json()).toMatchObject({ error: "notAllowed" });
  });

  test.each([
    ["without a rule", undefined],
    ["with a rule that names nobody", []],
  ])("a planted route %s is not registered", (_name, whoMay) => {
    const [row] = routes;
    const planted = { ...row, path: "/planted", id: "planted", whoMay } as unknown as Route;
    expect(() => registerRoutes(fastify(), [planted], new WeakMap())).toThrow(
      /planted does not say who may ask/,
    );
  });

  test("what the page can be refused with has words, and only that", () => {
    const file = join(import.meta.dirname, "../../control-ui/web/http/api.ts");
    const named = readFileSync(file, "utf8").matchAll(/["`](\/api\/[^"`]*)["`]/g);
    const paths = [...named].map(([, path = ""]) => path.replaceAll(/\$\{[^}]*\}/g, "{}"));
    const rows = routes.filter(
      ({ method, path }) => method === "POST" && paths.includes(path.replaceAll(/\{\w+\}/g, "{}")),
    );
    expect(rows.map(({ id }) => id).toSorted()).toEqual(["decide", "lockTask", "placeControl"]);
    const codes = new Set<string>(rows.flatMap((row) => problemsOf(row)));
    for (const language of languages) {
      expect(Object.keys(dictionaries[language].problem).toSorted()).toEqual([...codes].toSorted());
    }
  });

  test("what a trace can be refused with has words, and only that", () => {
    const rows = routes.filter(({ path }) => path.endsWith("/trace"));
    expect(rows.map(({ id }) => id).toSorted()).toEqual(["beginTrace", "viewTrace"]);
    const codes = new Set<string>(rows.flatMap((row) => problemsOf(row)));
    expect(traceProblemCodes.filter((code) => !codes.has(code))).toEqual([]);
    for (const language of languages) {
      const unknown = traceProblemText(language, { error: "none", field: null });
      for (const error of codes) {
        const text = traceProblemText(language, { error, field: null });
        expect(text, error).not.toBe(unknown.replace("none", error));
      }
    }
  });

  test("routes are registered from the table, and from nowhere else", () => {
    const folder = join(import.meta.dirname, "../../edge/centre/http");
    const registers =
      /\b(server|scope|fastify)\.(get|post|put|patch|delete|head|options|all|route)\(/;
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
    const found = files.filter((name) => registers.test(readFileSync(join(folder, name), "utf8")));
    expect(files.length).toBeGreaterThan(10);
    expect(found).toEqual(["register-routes.ts"]);
    expect(registers.test('server.get("/planted", () => 1)')).toBe(true);
  });

  test("a route that is added to the server beside the table is refused, by its path", async () => {
    const folder = await temporaryFolder();
    const clock = createSystemClock();
    const other = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
    expect(() => other.server.get("/planted", () => 1)).toThrow(/route \/planted is in no table/);
    await other.stop();
    await removeFolder(folder);
  });
});
