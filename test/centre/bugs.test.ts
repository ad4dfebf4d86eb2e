import { afterAll, beforeAll, expect, test } from "vitest";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { zProblem } from "../../protocols/ui/http.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";

/**
 * Goal: a bug of ours in a route is told with its stack, shown by `/healthz`, kept from whoever
 * asked, and outlived. Method: the real server, one part of whose centre is broken on purpose.
 */
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

test("a bug in a route is in the log with its stack and in /healthz, and the server serves on", async () => {
  expect((await site.server.inject("/healthz")).json()).not.toHaveProperty("bugs");
  const { byId } = site.centre.site.passes;
  Object.assign(byId, {
    get: () => {
      throw new TypeError("planted");
    },
  });
  for (let time = 0; time < 3; time += 1) {
    const answer = await site.server.inject("/api/passes/L1-1");
    expect(answer.statusCode).toBe(500);
    expect(zProblem.parse(answer.json())).toMatchObject({ error: "internal" });
    expect(answer.body).not.toContain("planted");
  }
  Reflect.deleteProperty(byId, "get");

  const told = site.lines.filter(({ message }) => message === "a bug of ours");
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: "error", fields: { where: "GET /api/passes/:passId" } });
  const { cause } = told[0]!.fields["error"] as Error;
  expect(cause).toBeInstanceOf(TypeError);
  expect((cause as Error).stack).toContain("bugs.test.ts");

  const health = (await site.server.inject("/healthz")).json<{ bugs: unknown }>();
  expect(health.bugs).toEqual({
    total: 3,
    last: {
      message: "GET /api/passes/:passId: planted",
      at: expect.any(Number) as unknown,
    },
  });
  expect((await site.server.inject("/api/lines")).statusCode).toBe(200);
});
