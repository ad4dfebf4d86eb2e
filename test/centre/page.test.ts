// Goal: the built page is served beside the interface, cached as its names allow, and the server
// binds to nothing but loopback. Method: a small folder as the build leaves it; configurations.
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lastUsefulMm, zCentreConfig } from "../../edge/centre/config.ts";
import { createCentreServer } from "../../edge/centre/http/server.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { centreConfig } from "./kit/config.ts";
import { openCentre, removeFolder, temporaryFolder, type RunningCentre } from "./kit/site.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

const clock = createSystemClock();
let folder = "";
let site: RunningCentre;
let server: RunningCentre["server"];

beforeAll(async () => {
  folder = await temporaryFolder();
  const pageFolder = join(folder, "page");
  await mkdir(join(pageFolder, "assets"), { recursive: true });
  await writeFile(join(pageFolder, "index.html"), "<!doctype html><title>Sortline</title>");
  await writeFile(join(pageFolder, "assets", "main-1a2b.js"), "export {};");
  await writeFile(join(folder, "secret"), "not yours");
  site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
  server = await createCentreServer({
    log: silentLog,
    bugs: createBugRecord(silentLog, clock, redactText),
    centre: site.centre,
    refused: site.refused,
    config: site.config,
    clock,
    pageFolder,
  });
});

afterAll(async () => {
  await server.close();
  await site.stop();
  await removeFolder(folder);
});

test("the page is asked for each time, its assets never again", async () => {
  const page = await server.inject("/");
  expect([page.statusCode, page.headers["cache-control"]]).toEqual([200, "no-cache"]);
  expect(page.body).toMatch(/Sortline/);
  expect(page.headers["content-security-policy"]).toMatch(/script-src 'self'/);
  const asset = await server.inject("/assets/main-1a2b.js");
  expect(asset.statusCode).toBe(200);
  expect(asset.headers["cache-control"]).toMatch(/immutable/);
});

test.each(["/../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret"])(
  "%s is not served",
  async (url) => {
    const response = await server.inject(url);
    expect([400, 403, 404]).toContain(response.statusCode);
    expect(response.body).not.toMatch(/not yours/);
  },
);

test("what the server does not know is a problem in JSON, also beside the page", async () => {
  const response = await server.inject("/api/nothing");
  expect(response.json()).toMatchObject({ error: "notFound", field: null });
});

test.each([
  ["another host than loopback", { http: { host: "0.0.0.0" } }, "http.host"],
  ["an unknown key", { htpp: {} }, ""],
  ["a lease of two heartbeats is enough", { clearance: { leaseMs: 2_000 } }, null],
  [
    "a lease shorter than two heartbeats",
    { clearance: { leaseMs: 3_000, heartbeatMs: 2_000 } },
    "clearance.leaseMs",
  ],
])("configuration: %s", (_name, change, path) => {
  const { site, lines } = centreConfig();
  const parsed = zCentreConfig.safeParse({ site, lines, ...change });
  if (path === null) expect(parsed.success).toBe(true);
  else expect(parsed.error?.issues[0]?.path.join(".")).toBe(path);
});

test("configuration: line and device ids are unique, exits stand where parcels leave", () => {
  const { site, lines } = centreConfig();
  const [first] = lines;
  expect(zCentreConfig.safeParse({ site, lines: [first, first] }).success).toBe(false);
  const beltPlaces = first!.beltPlaces.map((place) => ({ ...place, exit: null }));
  const parsed = zCentreConfig.safeParse({ site, lines: [{ ...first, beltPlaces }] });
  expect(parsed.error?.issues[0]?.message).toMatch(/name an exit/);
  expect(lastUsefulMm(first!)).toBe(31_000 - 500);
});
