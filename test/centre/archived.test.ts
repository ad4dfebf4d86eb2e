// Goal: a case that has left for the archive is told as what it is by every route that tells of
// documents, and is no unknown waybill. Method: the whole centre on real stores, by a clock that is
// set on, asked by injection.
import { afterEach, beforeEach, expect, test } from "vitest";
import { centreItself } from "../../edge/centre/acts/act-log.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { Clock } from "../../protocols/time.ts";
import { zStory } from "../../protocols/ui/http.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import {
  documentRules,
  documentsOf,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
} from "./kit/site.ts";

const hourMs = 3_600_000;
const [released, held] = ["99000000011", "99000000012"];
const documents = {
  ...documentRules,
  retention: { ...documentRules.retention, releasedMs: hourMs },
};

const system = createSystemClock();
let aheadMs = 0;
const clock: Clock = {
  wall: () => epochMs(system.wall() + aheadMs),
  monotonic: () => monotonicMs(system.monotonic() + aheadMs),
  schedule: (dueAt, fire) => system.schedule(monotonicMs(dueAt - aheadMs), fire),
};

let folder = "";
let site: RunningCentre;
const open = (): Promise<RunningCentre> =>
  openCentre({ folder, clock, link: createMemoryLink({ clock }), documents, mayLeave: () => true });
beforeEach(async () => {
  aheadMs = 0;
  folder = await temporaryFolder();
  site = await open();
});
afterEach(async () => {
  await site.stop();
  await removeFolder(folder);
});

const storyOf = async (waybill: string, role = "officer") => {
  const { status, body } = await site.get(`/api/parcels/${waybill}`, role);
  return status === 200 ? zStory.parse(body) : null;
};
const proveCalendar = () =>
  site.post("/api/calendar/confirmations", { confirmedBy: "SUN", station: "S1" });

test("a released case that has left is told as released, when, by whom carried, and where it is", async () => {
  await proveCalendar();
  await sendDocuments(site, [released, held]);
  const releasedAt = clock.wall();
  const release = { waybill: released, lineId: "L1", passId: "L1.s.1", recordVersion: 1 };
  await new Promise((resolve) =>
    site.centre.site.desk.applyRelease(
      { ...release, decidedAt: releasedAt },
      { by: centreItself },
      resolve,
    ),
  );
  expect((await storyOf(released))?.manifest?.state).toBe("RELEASED");

  aheadMs = hourMs + 1_000;
  await proveCalendar();
  await until("it has left", async () => (await storyOf(released))?.archived !== undefined);
  const [acceptance] = documentsOf([released]).acceptances;
  for (const role of ["officer", "floor", "logistics"]) {
    const story = await storyOf(released, role);
    expect(story).toMatchObject({
      waybill: released,
      manifest: null,
      archived: {
        waybill: released,
        state: "RELEASED",
        carrierCode: acceptance?.carrierCode,
        pieces: 1,
        piecesReleased: 1,
      },
    });
    const { endedAt, archivedAt, archiveFile } = story!.archived!;
    expect(endedAt! - releasedAt).toBeLessThan(20_000);
    expect(archivedAt - endedAt!).toBeGreaterThanOrEqual(hourMs);
    expect(archiveFile).toMatch(/^\d{4}-\d\d-\d\d\.jsonl$/);
  }
  expect((await storyOf(held))?.manifest?.waybill).toBe(held);
  expect((await storyOf(held))?.archived).toBeUndefined();
  expect((await site.get("/api/parcels/99000000013", "officer")).status).toBe(404);

  await site.stop();
  site = await open();
  expect((await storyOf(released))?.archived?.state).toBe("RELEASED");
});
