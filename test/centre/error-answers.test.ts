// Goal: whatever is wrong with a request, and whoever finds it, the answer is a problem in our one
// shape that names what is wrong. Method: the whole centre asked by injection, and by raw bytes on
// a real socket where the request ends before the framework sees it.
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCentreServer } from "../../edge/centre/http/server.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { zProblem } from "../../protocols/ui/http.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

const clock = createSystemClock();
let folder = "";
let site: RunningCentre;
let server: RunningCentre["server"];
let port = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
  const pageFolder = join(folder, "page");
  await mkdir(join(pageFolder, "assets"), { recursive: true });
  await writeFile(join(pageFolder, "assets", "main-1a2b.js"), "export {};");
  server = await createCentreServer({
    log: silentLog,
    bugs: createBugRecord(silentLog, clock, redactText),
    centre: site.centre,
    refused: site.refused,
    config: site.config,
    clock,
    pageFolder,
  });
  port = Number(new URL(await server.listen({ host: "127.0.0.1", port: 0 })).port);
});

afterAll(async () => {
  await server.close();
  await site.stop();
  await removeFolder(folder);
});

const jsonPaths = [
  "/api/carrier/acceptances",
  "/api/controls",
  "/api/officer/decisions",
  "/api/officer/tasks/t1/lock",
  "/api/officer/passes/p1/task",
];
const customsPath = "/api/customs/messages";

async function post(url: string, type: string | null, payload: string) {
  const headers =
    type === null ? { "content-length": `${payload.length}` } : { "content-type": type };
  const response = await site.server.inject({ method: "POST", url, headers, payload });
  return { status: response.statusCode, problem: zProblem.parse(response.json()) };
}

describe.each(jsonPaths)("POST %s", (path) => {
  test.each(["text/plain", "application/xml", "nonsense", null])(
    "a body of %s is refused with the media type that is taken",
    async (type) => {
      const { status, problem } = await post(path, type, "{}");
      expect([status, problem.error, problem.field]).toEqual([415, "badMediaType", "content-type"]);
      expect(problem.message).toContain("application/json");
      if (type !== null) expect(problem.message).toContain(type);
    },
  );

  test.each(["[]", "null", "7", '"text"'])("the body %s is wrong as a whole", async (payload) => {
    const { status, problem } = await post(path, "application/json", payload);
    expect([status, problem.error, problem.field]).toEqual([400, "badField", "body"]);
  });

  test("without a body it is the body that is missing", async () => {
    const response = await site.server.inject({ method: "POST", url: path });
    expect(response.statusCode).toBe(400);
    expect(zProblem.parse(response.json()).field).toBe("body");
  });

  test.each(["", "{"])("%j is not JSON that can be read", async (payload) => {
    const { status, problem } = await post(path, "application/json", payload);
    expect([status, problem.error, problem.field]).toEqual([400, "badRequest", "body"]);
  });

  test.each([
    ['{"__proto__": 1}', "the key __proto__ is forbidden"],
    ['{"a": [{"\\u005f_proto__": 1}]}', "the key __proto__ is forbidden"],
    ['{"constructor": {"prototype": 1}}', "the key constructor is forbidden"],
  ])("the body %s is refused for its key", async (payload, message) => {
    const { status, problem } = await post(path, "application/json", payload);
    expect([status, problem]).toEqual([400, { error: "badRequest", field: "body", message }]);
  });

  test("an unknown field and a missing one are named", async () => {
    const { status, problem } = await post(path, "application/json", '{"officer": 5}');
    expect(status).toBe(400);
    expect(problem.field).toMatch(/^(acceptanceId|cmdId|officer)$/);
  });

  test("a body that is too long is refused", async () => {
    const { status, problem } = await post(path, "application/json", " ".repeat(70_000));
    expect([status, problem.error, problem.field]).toEqual([413, "tooBig", "body"]);
    expect(problem.message).toBe("a body here is at most 65536 bytes");
  });
});

describe("POST /api/customs/messages", () => {
  test.each(["application/json", "application/soap+xml", "nonsense", null])(
    "a body of %s is refused with the media types that are taken",
    async (type) => {
      const { status, problem } = await post(customsPath, type, "<x/>");
      expect([status, problem.error, problem.field]).toEqual([415, "badMediaType", "content-type"]);
      expect(problem.message).toContain("application/xml, text/xml, text/plain");
    },
  );

  test.each([
    ["", 400, "empty"],
    ["hello", 400, "notWellFormed"],
    ["<x/>", 422, "notCeb"],
  ])("the body %j is wrong as a whole", async (payload, status, error) => {
    const answer = await post(customsPath, "application/xml", payload);
    expect(answer).toMatchObject({ status, problem: { error, field: "body" } });
  });

  test("a body that is too long is refused with the length that is taken", async () => {
    const { status, problem } = await post(customsPath, "text/xml", " ".repeat(8 * 1_024 ** 2 + 2));
    expect([status, problem.error, problem.field]).toEqual([413, "tooLarge", "body"]);
    expect(problem.message).toBe("message is over 8388608 bytes");
  });

  test("a route with a length of its own names that", async () => {
    const tooLong = " ".repeat(8 * 1_024 ** 2 + 1);
    const answer = await post("/api/chains/agent-L1/records", "application/json", tooLong);
    const message = "a body here is at most 8388608 bytes";
    expect(answer).toEqual({ status: 413, problem: { error: "tooBig", field: "body", message } });
  });
});

const packed = gzipSync("{}");

describe.each([...jsonPaths, customsPath])("how a body comes to %s", (url) => {
  const type = url === customsPath ? "application/xml" : "application/json";
  const sent = async (headers: Record<string, string>, payload: string | Buffer = packed) => {
    const response = await server.inject({ method: "POST", url, headers, payload });
    return { status: response.statusCode, problem: zProblem.parse(response.json()) };
  };

  test.each(["gzip", "br", "identity, gzip"])("packed as %s it is refused", async (coding) => {
    expect(await sent({ "content-type": type, "content-encoding": coding })).toEqual({
      status: 415,
      problem: {
        error: "badMediaType",
        field: "content-encoding",
        message: `a body is taken without Content-Encoding; it came as ${coding}`,
      },
    });
  });

  test.each(["utf-16", '"GBK"'])("in the charset %s it is refused", async (charset) => {
    const problem = {
      error: "badMediaType",
      field: "content-type",
      message: `the only charset is utf-8; it came as ${charset.replaceAll('"', "")}`,
    };
    expect(await sent({ "content-type": `${type}; charset=${charset}` })).toEqual({
      status: 415,
      problem,
    });
  });

  test("unpacked and in UTF-8 it is read", async () => {
    const headers = { "content-type": `${type}; charset="UTF-8"`, "content-encoding": "identity" };
    expect((await sent(headers, "{}")).problem.error).not.toBe("badMediaType");
  });
});

const badEscape = "%E0%A4%A";

describe("what the framework refuses", () => {
  test.each([
    ["GET", `/api/parcels/${badEscape}`, 400, "badRequest", "url"],
    ["GET", `/api/passes/${badEscape}`, 400, "badRequest", "url"],
    ["POST", `/api/officer/tasks/${badEscape}/lock`, 400, "badRequest", "url"],
    ["GET", `/${badEscape}`, 400, "badRequest", "url"],
    ["GET", `/api/parcels/${"9".repeat(200)}`, 400, "badField", "waybill"],
    ["POST", `/api/officer/tasks/${"9".repeat(2_000)}/lock`, 414, "pathTooLong", "url"],
    ["GET", "/api/nothing", 404, "notFound", null],
    ["POST", "/api/nothing", 404, "notFound", null],
    ["DELETE", "/api/lines", 405, "wrongMethod", "method"],
    ["PUT", "/api/controls?x=1", 405, "wrongMethod", "method"],
    ["PROPFIND", "/api/lines", 405, "wrongMethod", "method"],
    ["GET", "/assets/../../secret", 404, "notFound", null],
    ["GET", "/assets/%2e%2e/%2e%2e/secret", 404, "notFound", null],
    ["GET", "/assets/", 404, "notFound", null],
    ["GET", "/ws", 426, "upgradeRequired", "upgrade"],
  ])("%s %s: %i %s", async (method, url, status, error, field) => {
    const response = await server.inject({ method: method as "GET", url });
    expect(response.statusCode).toBe(status);
    expect(zProblem.parse(response.json())).toMatchObject({ error, field });
    expect(response.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });

  test.each([
    "/api//lines",
    "//",
    "/index.html%00",
    "/%00",
    "/..%2f..%2fetc/passwd",
    "/assets/..%5c..%5csecret",
    "/assets/nothing.js",
  ])("%s: that there is no such thing", async (url) => {
    const response = await server.inject({ url });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({
      error: "notFound",
      field: null,
      message: `there is no GET ${url}`,
    });
  });

  test.each(["/api/parcels/", "/parcel/", "/", "/api/officer/tasks/"])(
    "%s and 5,000 characters: how long a part of a path may be",
    async (path) => {
      const response = await server.inject({ url: `${path}${"9".repeat(5_000)}` });
      expect(response.statusCode).toBe(414);
      expect(response.json()).toEqual({
        error: "pathTooLong",
        field: "url",
        message: "no part of a path is longer than 1024 characters",
      });
    },
  );

  test.each(["%00", "AB%00CDEF", "袋"])(
    "%s for a waybill: which characters it has",
    async (text) => {
      const { statusCode, json } = await server.inject({ url: `/api/parcels/${text}` });
      expect([statusCode, json()]).toEqual([
        400,
        {
          error: "badField",
          field: "waybill",
          message: "letters and digits, with '-', '.', '/' or blanks between them",
        },
      ]);
    },
  );

  test.each([
    ["POST", "/", "GET, HEAD"],
    ["POST", "/index.html", "GET, HEAD"],
    ["PUT", "/officer", "GET, HEAD"],
    ["DELETE", "/parcel/AB123", "GET, HEAD"],
    ["OPTIONS", "/api/controls", "GET, HEAD, POST"],
    ["GET", customsPath, "POST"],
    ["GET", "/api/officer/tasks/t1/lock", "POST"],
    ["POST", "/ws", "GET, HEAD"],
  ])("%s %s: which methods are taken there", async (method, url, allow) => {
    // A body that is not taken anywhere does not hide that the method is wrong.
    const headers = { "content-type": "nonsense" };
    const payload = method === "GET" ? "" : "x";
    const response = await server.inject({ method: method as "GET", url, headers, payload });
    expect([response.statusCode, response.headers.allow]).toEqual([405, allow]);
    expect(response.json()).toEqual({
      error: "wrongMethod",
      field: "method",
      message: `${url} takes ${allow}; it was asked by ${method}`,
    });
  });

  test("a body to a path that is not there is not what is wrong", async () => {
    const headers = { "content-type": "nonsense" };
    const response = await server.inject({ method: "POST", url: "/api/x", headers, payload: "x" });
    expect(zProblem.parse(response.json()).error).toBe("notFound");
  });

  test("a part of a file that it does not have", async () => {
    const headers = { range: "bytes=900-" };
    const response = await server.inject({ url: "/assets/main-1a2b.js", headers });
    expect(response.statusCode).toBe(416);
    expect(zProblem.parse(response.json()).error).toBe("badRange");
  });

  test("each refusal is counted by its code", async () => {
    await server.inject(`/api/parcels/${badEscape}`);
    const { body } = await server.inject("/metrics");
    expect(body).toMatch(/sortline_centre_count\{part="http",name="badRequest"\} [1-9]/);
    expect(body).toMatch(/sortline_centre_count\{part="http",name="notFound"\} [1-9]/);
  });

  test("a request that comes while the server closes", async () => {
    const closing = await createCentreServer({
      log: silentLog,
      bugs: createBugRecord(silentLog, clock, redactText),
      centre: site.centre,
      refused: site.refused,
      config: site.config,
      clock,
      pageFolder: null,
    });
    let late: Response | null = null;
    closing.addHook("preClose", async () => {
      late = await fetch(`${url}/api/lines`);
    });
    const url = await closing.listen({ host: "127.0.0.1", port: 0 });
    await closing.close();
    expect(late!.status).toBe(503);
    expect(zProblem.parse(await late!.json())).toMatchObject({ error: "stopping" });
  });
});

const rawGet = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`;

/** Everything that the server says to these bytes until it closes the connection. */
async function say(bytes: string): Promise<{ status: number; problem: { error: string } }> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
  const text = Buffer.concat(chunks).toString("utf8");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  expect(head.toLowerCase()).toContain("content-type: application/json");
  const json = body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1);
  return { status: Number(head.split(" ")[1]), problem: zProblem.parse(JSON.parse(json)) };
}

describe("what never reaches the framework", () => {
  const upgrade = (...headers: readonly string[]): string => upgradeOf("/ws", ...headers);
  const upgradeOf = (path: string, ...headers: readonly string[]): string =>
    [`GET ${path} HTTP/1.1`, "host: 127.0.0.1", "connection: upgrade", ...headers, "", ""].join(
      "\r\n",
    );

  test.each([
    ["no HTTP", "hello\r\n\r\n", 400, "badRequest"],
    ["an unknown method", "SORT / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", 400, "badRequest"],
    [
      "headers without an end",
      `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"x".repeat(40_000)}\r\n\r\n`,
      431,
      "headersTooLong",
    ],
    ["no host", "GET /api/lines HTTP/1.1\r\nconnection: close\r\n\r\n", 403, "foreignOrigin"],
    [
      "an expectation",
      "GET /api/lines HTTP/1.1\r\nhost: 127.0.0.1\r\nexpect: tea\r\n\r\n",
      417,
      "badExpectation",
    ],
    ["a handshake without a key", upgrade("upgrade: websocket"), 400, "badRequest"],
    ["an upgrade to something else", upgrade("upgrade: h2c"), 400, "badRequest"],
    ["a way out of the page's folder", rawGet("/../../etc/passwd"), 404, "notFound"],
    ["the same, hidden", rawGet("/assets/%2e%2e/%2e%2e/secret"), 404, "notFound"],
  ])("%s", async (_name, bytes, status, error) => {
    expect(await say(bytes)).toMatchObject({ status, problem: { error } });
  });

  test.each(["/", "/ws/", "/api/lines", "/api/nothing", "/assets/main-1a2b.js"])(
    "a WebSocket at %s is refused before it is one",
    async (path) => {
      const key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
      const bytes = upgradeOf(path, "upgrade: websocket", "sec-websocket-version: 13", key);
      expect(await say(bytes)).toEqual({
        status: 404,
        problem: {
          error: "notFound",
          field: "upgrade",
          message: `nothing is upgraded at ${path}; a WebSocket is opened at /ws`,
        },
      });
    },
  );
});
