// Goal: whatever is wrong with a request, and whoever finds it, the answer is a problem in our one
// shape that names what is wrong. Method: the whole centre asked by injection, and by raw bytes on
// a real socket where the request ends before the framework sees it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { zProblem } from "../../protocols/ui/http.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";

const clock = createSystemClock();
let folder = "";
let site: RunningCentre;

beforeAll(async () => {
  folder = await temporaryFolder();
  site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
});

afterAll(async () => {
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
