// Goal: whatever is wrong with a request, and whoever finds it, the answer is a problem in our one
// shape that names what is wrong. Method: the whole centre asked by injection, and by raw bytes on
// a real socket where the request ends before the framework sees it.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCentreServer } from "../../edge/centre/http/server.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { zProblem } from "../../protocols/ui/http.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";

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
    centre: site.centre,
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

  test.each(["", "{", '{"__proto__": 1}'])("%j is not JSON that can be read", async (payload) => {
    const { status, problem } = await post(path, "application/json", payload);
    expect([status, problem.error, problem.field]).toEqual([400, "badRequest", "body"]);
  });

  test("an unknown field and a missing one are named", async () => {
    const { status, problem } = await post(path, "application/json", '{"officer": 5}');
    expect(status).toBe(400);
    expect(problem.field).toMatch(/^(acceptanceId|cmdId|officer)$/);
  });

  test("a body that is too long is refused", async () => {
    const { status, problem } = await post(path, "application/json", " ".repeat(70_000));
    expect([status, problem.error, problem.field]).toEqual([413, "tooBig", "body"]);
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
    ["DELETE", "/api/lines", 404, "notFound", null],
    ["PUT", "/api/controls", 404, "notFound", null],
    ["PROPFIND", "/api/lines", 404, "notFound", null],
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
      centre: site.centre,
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
  const upgrade = (...headers: readonly string[]): string =>
    ["GET /ws HTTP/1.1", "host: 127.0.0.1", "connection: upgrade", ...headers, "", ""].join("\r\n");

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
  ])("%s", async (_name, bytes, status, error) => {
    expect(await say(bytes)).toMatchObject({ status, problem: { error } });
  });
});
