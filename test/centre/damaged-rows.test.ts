// Goal: whoever asks the centre for what stands on damaged rows is told so, by file, table and key, and
// nothing is taken or told as if they were not there (bad input of the store). Method: the whole centre
// on real files whose rows were changed while it was down, over HTTP.
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { tamper } from "../journal/support.ts";
import { documentsOf, receiptOf } from "../kit/plain-documents.ts";
import {
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
} from "./kit/site.ts";

const clock = createSystemClock();
const [broken, whole] = ["HB000000014CN", "HB000000028CN"] as const;
let folder = "";
let site: RunningCentre;
const open = (): Promise<RunningCentre> =>
  openCentre({ folder, clock, link: createMemoryLink({ clock }) });
const control = (cmdId: string, waybill: string) =>
  site.post("/api/controls", { cmdId, waybill, reason: "tip", placedBy: "li", station: "desk" });

const message = (payload: string) =>
  site.server.inject({
    method: "POST",
    url: "/api/customs/messages",
    headers: { "content-type": "application/xml" },
    payload,
  });

/** A centre with the papers of both and a control on another, started again on changed rows. */
async function changed(sql: string): Promise<string> {
  site = await open();
  await sendDocuments(site, [broken, whole]);
  expect((await control("c0", "HB000000031CN")).status).toBe(200);
  await site.stop();
  const file = join(folder, "centre.sqlite");
  await tamper(file, sql);
  site = await open();
  return file;
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await site.stop();
  await removeFolder(folder);
});

test("its own routes answer 500 with the row, and those of other parcels as ever", async () => {
  const file = await changed(
    `UPDATE kept_row SET text = text || ' ' WHERE kind = 2 AND key = '${broken}'`,
  );
  const problem = { error: "documentsDamaged", field: null };
  const why = `${file}: row cases ${broken} is not as it was written`;
  const asked = [
    await site.get(`/api/parcels/${broken}`),
    await control("c1", broken),
    await site.post("/api/carrier/acceptances", documentsOf([broken]).acceptances[0]),
  ];
  for (const { status, body } of asked) {
    expect([status, body]).toMatchObject([500, problem]);
    expect((body as { message: string }).message).toContain(why);
  }
  expect((await site.get(`/api/parcels/${whole}`)).status).toBe(200);
  expect((await control("c2", whole)).status).toBe(200);
  const health = await site.get("/healthz");
  expect(health).toMatchObject({ status: 503, body: { status: "notReady" } });
  expect((health.body as { reasons: string[] }).reasons).toContain(`documents: ${why}`);
  expect((await site.get("/api/lines")).status).toBe(200);
});

test("of a message the element is refused, and customs' word on it is one that nobody has read", async () => {
  await changed(`UPDATE kept_row SET text = text || ' ' WHERE kind = 2 AND key = '${broken}'`);
  const response = await message(receiptOf(broken, 500));
  expect(response.statusCode).toBe(200);
  expect(JSON.parse(response.body)).toMatchObject({
    results: [{ accepted: false, code: "documentsDamaged" }],
  });
  await until("told", () =>
    [...site.centre.site.scene.alarms.values()].some(({ code }) => code === "messageUnread"),
  );
  expect(await site.get("/api/customs/refused")).toMatchObject({ status: 200 });
});

test("a broken message whose doubt cannot be kept is one that nobody has read", async () => {
  await changed(`UPDATE kept_row SET text = text || ' ' WHERE kind = 2 AND key = '${broken}'`);
  const torn = receiptOf(broken, 500).replace("</ceb:CEB604Message>", "");
  expect((await message(torn)).statusCode).toBe(500);
  expect(site.centre.unreadMessages.latest()).not.toBeNull();
});

test("a list of controls with a damaged one is told to nobody as whole", async () => {
  await changed(`UPDATE kept_row SET text = text || ' ' WHERE kind = 16`);
  expect(await site.get("/api/controls")).toMatchObject({
    status: 500,
    body: { error: "documentsDamaged" },
  });
});

test.each([
  ["a key", `UPDATE kept_row SET key = 'HB999999999CN' WHERE kind = 17`],
  ["a place", `UPDATE kept_row SET place = NULL WHERE kind = 16`],
])("%s that was changed is found though nobody needs the row", async (_what, sql) => {
  await changed(sql);
  await until("found", () =>
    site.centre.notReadyReasons().some((why) => why.includes("row control")),
  );
  expect((await site.get("/healthz")).status).toBe(503);
});
