// Goal: a restart reads only what stands behind its restore point, and one that cannot be read is
// refused by name (law 17). Method: real stores on disk, and whoever reads the journal is watched.
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pointKey } from "../../edge/centre/restore-point.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { forwarding } from "../../edge/store/forwarding.ts";
import { rewriteRow, tamper } from "../journal/support.ts";
import {
  openCentre,
  recordOf,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  type RunningCentre,
  type SlowDisk,
} from "./kit/site.ts";

const clock = createSystemClock();
const waybills = ["99000000001", "99000000002", "99000000003", "99000000004"];
let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => removeFolder(folder));

const open = (disk?: Pick<SlowDisk, "before">): Promise<RunningCentre> =>
  openCentre({ folder, clock, link: createMemoryLink({ clock }), ...(disk && { disk }) });

/** Notes behind which records anybody reads. */
function watchReads(): Pick<SlowDisk, "before"> & { readonly fromSeqs: number[] } {
  const fromSeqs: number[] = [];
  return {
    fromSeqs,
    before: (journal) => ({
      ...forwarding(journal),
      readAfter: (afterSeq, recordsMax) => {
        fromSeqs.push(afterSeq);
        return journal.readAfter(afterSeq, recordsMax);
      },
      tail: () => journal.tail(),
      health: () => journal.health(),
    }),
  };
}

describe("the restore point", () => {
  test("is where a restart begins to read, and documents stand as they were", async () => {
    const first = await open();
    await sendDocuments(first, waybills);
    const records = await Promise.all(waybills.map((waybill) => recordOf(first, waybill)));
    await first.stop();
    const disk = watchReads();
    const second = await open(disk);
    // Four messages and an acceptance of each manifest: nothing of them is read again.
    expect(Math.min(...disk.fromSeqs)).toBeGreaterThanOrEqual(4 + waybills.length);
    expect(await Promise.all(waybills.map((waybill) => recordOf(second, waybill)))).toEqual(
      records,
    );
    expect(second.centre.counters()["acts"]?.["unreadableTotal"]).toBe(0);
    await second.stop();
  });

  test("controls are told oldest first, over a restart too", async () => {
    const first = await open();
    const place = (site: RunningCentre, cmdId: string, waybill: string) =>
      site.post("/api/controls", {
        cmdId,
        waybill,
        reason: "tip",
        placedBy: "li",
        station: "risk",
      });
    await place(first, "c2", "99000000009");
    await place(first, "c1", "99000000001");
    await first.stop();
    const second = await open();
    await place(second, "c0", "99000000005");
    const { body } = await second.get("/api/controls", "risk");
    expect((body as { cmdId: string }[]).map(({ cmdId }) => cmdId)).toEqual(["c2", "c1", "c0"]);
    await second.stop();
  });

  test("of another version is refused by name", async () => {
    const first = await open();
    await sendDocuments(first, waybills.slice(0, 1));
    await first.stop();
    const file = join(folder, "centre.sqlite");
    await rewriteRow(file, pointKey, (text) => text.replace('"version":1', '"version":2'));
    await expect(open()).rejects.toThrow(/restart begins cannot be read: it is of version 2/);
  });
});

describe("rows of documents", () => {
  const file = (): string => join(folder, "centre.sqlite");

  test.each([
    ["with all others", "DELETE FROM kept_row"],
    ["alone", "DELETE FROM kept_row WHERE kind < 100"],
  ])("that are gone, %s, refuse the start: no hold is forgotten", async (_which, sql) => {
    const first = await open();
    await sendDocuments(first, waybills.slice(0, 1));
    await first.stop();
    await tamper(file(), sql);
    await expect(open()).rejects.toThrow(
      /^fileDamaged: record \d+ tells of documents, and all their rows are gone; put back/,
    );
  });

  test.each([
    ["controls", 16],
    ["controlsByWaybill", 17],
    ["cases", 2],
  ])("of the table %s that are gone refuse the start", async (table, kind) => {
    const first = await open();
    await sendDocuments(first, waybills.slice(0, 2));
    const [waybill = ""] = waybills;
    const control = { cmdId: "c1", waybill, reason: "tip", placedBy: "li", station: "risk" };
    expect((await first.post("/api/controls", control)).status).toBeLessThan(300);
    await first.stop();
    await tamper(
      file(),
      `DELETE FROM kept_row WHERE rowid IN (SELECT rowid FROM kept_row WHERE kind = ${kind} LIMIT 1)`,
    );
    await expect(open()).rejects.toThrow(
      new RegExp(`^fileDamaged: the table ${table} has \\d+ rows, and \\d+ were written$`),
    );
  });

  test("that are gone behind records that have left refuse the start", async () => {
    const first = await open();
    await sendDocuments(first, waybills.slice(0, 1));
    await first.stop();
    await tamper(
      file(),
      "DELETE FROM kept_row; DELETE FROM rows_applied; DELETE FROM record WHERE seq < 3",
    );
    await expect(open()).rejects.toThrow(
      /^fileDamaged: the records before 3 have left, and there are no rows of documents; put back/,
    );
  });

  test("are made anew from the journal where it is said that none was written", async () => {
    const first = await open();
    await sendDocuments(first, waybills.slice(0, 1));
    const [waybill = ""] = waybills;
    const record = await recordOf(first, waybill);
    await first.stop();
    await tamper(file(), "DELETE FROM kept_row; DELETE FROM rows_applied");
    const second = await open();
    expect(await recordOf(second, waybill)).toEqual(record);
    await second.stop();
  });

  test("need not be there before the first document", async () => {
    // It has written where a restart begins, and nothing else.
    await (await open()).stop();
    const second = await open();
    await sendDocuments(second, waybills.slice(0, 1));
    expect(await recordOf(second, waybills[0]!)).not.toBeNull();
    await second.stop();
  });
});
