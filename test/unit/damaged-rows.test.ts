/**
 * Goal: rows that are not as they were written refuse whoever needs them by name and nobody else, are
 * told to people, and release nothing (bad input of the store). Method: the whole centre in virtual
 * time, on rows that were damaged while it was down.
 */
import { describe, expect, test } from "vitest";
import type { Centre } from "../../edge/centre/centre.ts";
import type { Seen, UntakenMessage, WaybillStory } from "../../edge/centre/documents/desk.ts";
import { problemOf } from "../../edge/centre/http/answered.ts";
import { parseEntry } from "../../edge/journal/entries.ts";
import { person, sender } from "../../protocols/actor.ts";
import { slowCentre } from "../centre/kit/slow-centre.ts";
import { documentsOf, receiptOf } from "../kit/plain-documents.ts";

const [broken, whole] = ["HB000000014CN", "HB000000028CN"] as const;
type Rig = ReturnType<typeof slowCentre>;

/** A centre that was started again, with damage at one row of the first waybill. */
async function damagedAt(rig: Rig, row: string): Promise<Centre> {
  await rig.open();
  const [one] = await rig.openLines();
  for (const waybill of [broken, whole]) await rig.sendPapers(waybill);
  for (const [index, waybill] of [broken, whole].entries()) {
    one.induct(index + 1);
    one.claim(index + 1, waybill);
  }
  await rig.runFor(1_000);
  rig.kill(true);
  rig.disk.isDamaged = (each) => each === row;
  return rig.open();
}

const casesRow = `cases ${broken}`;
const why = `centre: row cases ${broken} is not as it was written`;
const alarmsOf = ({ site }: Centre): readonly string[] =>
  [...site.scene.alarms.values()].map(({ code, state }) => `${code} ${state}`);

test("a centre with parcels on its belts starts: of the one nothing is known, the other is at hand", async () => {
  const rig = slowCentre();
  const { desk } = (await damagedAt(rig, casesRow)).site;
  expect(desk.watched(broken)).toBeNull();
  expect(desk.watched(whole)?.manifest?.record?.waybill).toBe(whole);
  // Asked for again and again it stays so, and the other one is not lost with it.
  rig.disk.failures = 1;
  rig.placeControl("c1", "99000000001");
  await rig.runFor(5_000);
  expect([desk.watched(broken), desk.watched(whole)?.passIds]).toEqual([null, []]);
});

test("people are told: the alarm, why the centre is not ready, the story of the parcel", async () => {
  const rig = slowCentre();
  const centre = await damagedAt(rig, casesRow);
  await rig.runFor(2_000);
  expect(alarmsOf(centre)).toContain("documentsDamaged active");
  expect(centre.notReadyReasons()).toContain(`documents: ${why}`);
  expect(centre.counters()["documents"]).toMatchObject({ damageFound: 1 });
  const stories: Seen<WaybillStory>[] = [];
  centre.site.desk.story(broken, (story) => stories.push(story));
  await rig.runFor(1_000);
  expect(stories).toEqual([{ kind: "notKept", code: "fileDamaged", why }]);
});

describe("a message with an element that needs the row", () => {
  const manifestOf = (waybill: string): string =>
    documentsOf([waybill]).xmls.find((xml) => xml.includes("CEB603Message")) ?? "";
  const element = /<ceb:Inventory>[\s\S]*<\/ceb:Inventory>/;
  const both = (): string =>
    manifestOf(broken).replace(
      element,
      (own) => `${own}${element.exec(manifestOf(whole))?.[0] ?? ""}`,
    );

  test("is taken without it, and journalled so that its replay leaves it out, too", async () => {
    const rig = slowCentre();
    await damagedAt(rig, casesRow);
    const before = (await rig.backup()).at(-1)?.seq ?? 0;
    const sent = rig.sendMessage(both());
    await rig.runFor(1_000);
    expect(sent.outcome).toMatchObject({
      kind: "kept",
      answer: {
        kind: "results",
        results: [
          { accepted: false, code: "documentsDamaged", field: null },
          { accepted: true, code: "repeated" },
        ],
      },
    });
    const records = (await rig.backup()).filter(({ seq }) => seq > before);
    const inputs = records.flatMap(({ body }) => {
      const read = parseEntry(body);
      return read.kind === "unreadable" ? [] : [JSON.stringify(read.entry)];
    });
    const told = inputs.filter((text) => text.includes("customsMessage"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"leftOut":[0]');
    expect(told[0]).toContain("refused:documentsDamaged");
  });

  test("customs' own word on it is one that nobody has read", async () => {
    const rig = slowCentre();
    const { desk } = (await damagedAt(rig, casesRow)).site;
    const untaken: UntakenMessage[] = [];
    const bytes = new TextEncoder().encode(receiptOf(broken, 600));
    const by = sender("customs", "http");
    desk.takeCustomsMessage({ bytes, by, onUntaken: (each) => untaken.push(each) }, () => {});
    await rig.runFor(1_000);
    expect(untaken).toMatchObject([{ code: "documentsDamaged", isUnread: true }]);
  });
});

test("whoever asks over HTTP is told not to ask again, and the row", () => {
  const failed = problemOf({ kind: "notKept", code: "fileDamaged", why });
  expect([failed.status, failed.code]).toEqual([500, "documentsDamaged"]);
  expect(failed.message).toContain(why);
  const busy = problemOf({ kind: "notKept", code: "busy", why: "1000 transactions are under way" });
  expect([busy.status, busy.code]).toEqual([503, "notJournalled"]);
});

test("a control that needs it is refused by name, and one on another parcel is placed", async () => {
  const rig = slowCentre();
  await damagedAt(rig, casesRow);
  const refused = rig.placeControl("c1", broken);
  const placed = rig.placeControl("c2", whole);
  await rig.runFor(1_000);
  expect(refused.outcome).toEqual({ kind: "notKept", code: "fileDamaged", why });
  expect(placed.outcome).toMatchObject({ kind: "kept", answer: { accepted: true } });
});

describe("law 1: nothing is released on any line", () => {
  /** Both waybills are granted, and their lines are leased. */
  async function leased(rig: Rig) {
    await rig.open();
    const [one, two] = await rig.openLines();
    for (const waybill of [broken, whole]) await rig.sendPapers(waybill);
    for (const [index, waybill] of [broken, whole].entries()) {
      one.induct(index + 1);
      one.claim(index + 1, waybill);
    }
    await rig.runFor(1_000);
    expect(one.answers()).toMatchObject([{ granted: true }, { granted: true }]);
    expect(Math.min(one.leases().at(-1) ?? 0, two.leases().at(-1) ?? 0)).toBeGreaterThan(0);
    return { one, two };
  }
  const runLong = (rig: Rig) => rig.runFor(40_000, 50);

  test.each(["orders", "waybills", "moneyReceipts", "waybillByKey"])(
    "from the moment on at which a hold fails on a row of %s, and over a restart",
    async (table) => {
      const rig = slowCentre();
      const { one, two } = await leased(rig);
      rig.kill(true);
      // It is found by nobody but the control: looking at all rows takes its time.
      let isLookedAt = false;
      rig.disk.isDamaged = (row) => isLookedAt && row.startsWith(`${table} `);
      await rig.open();
      await rig.runFor(5_000);
      expect(one.leases().at(-1)).toBeGreaterThan(0);
      isLookedAt = true;
      const control = rig.placeControl("c1", broken);
      await rig.runFor(10, 1);
      expect(control.outcome).toMatchObject({ kind: "notKept", code: "fileDamaged" });
      for (const line of [one, two]) expect(line.leases().at(-1)).toBe(0);
      const told = one.leases().length;
      await runLong(rig);
      rig.kill(true);
      // That it was found is not forgotten before anybody meets the row again.
      isLookedAt = false;
      const again = await rig.open();
      expect(again.notReadyReasons().join()).toContain(`row ${table}`);
      isLookedAt = true;
      await rig.runFor(5_000);
      expect(
        one
          .leases()
          .slice(told)
          .filter((leaseMs) => leaseMs > 0),
      ).toEqual([]);
      expect(one.leases().length).toBeGreaterThan(told + 5);
    },
  );

  test("until all rows have been looked at and none is damaged any more", async () => {
    const rig = slowCentre();
    const { one } = await leased(rig);
    rig.kill(true);
    rig.disk.isDamaged = (row) => row === `controlsByWaybill ${whole}` || row === casesRow;
    const damaged = await rig.open();
    await runLong(rig);
    expect(alarmsOf(damaged)).toContain("documentsDamaged active");
    expect(one.leases().at(-1)).toBe(0);
    // As after a backup that is whole was put back.
    rig.kill(true);
    rig.disk.isDamaged = () => false;
    for (const run of ["first", "second"]) {
      const centre = await rig.open();
      await rig.runFor(5_000);
      expect([run, centre.notReadyReasons()]).toEqual([run, []]);
      expect(alarmsOf(centre)).not.toContain("documentsDamaged active");
      expect(one.leases().at(-1)).toBeGreaterThan(0);
      await runLong(rig);
      rig.kill(true);
    }
  });
});

test("the doubt of a broken message is kept for the receipts that need no damaged row", async () => {
  const rig = slowCentre();
  const centre = await damagedAt(rig, casesRow);
  const [first, second] = [receiptOf(broken, 500), receiptOf(whole, 500)];
  const element = /<ceb:InventoryReturn>[\s\S]*<\/ceb:InventoryReturn>/;
  const torn = first
    .replace(element, (own) => `${own}${element.exec(second)?.[0] ?? ""}`)
    .replace("</ceb:CEB604Message>", "");
  const sent = rig.sendMessage(torn);
  await rig.runFor(1_000);
  expect(sent.outcome).toMatchObject({ kind: "notKept", code: "fileDamaged" });
  expect(centre.site.desk.watched(whole)?.manifest?.record).toMatchObject({
    standing: "notReleasable",
    reasons: [{ code: "receiptUnread" }],
  });
});

test("waits that cannot be read do not end, and that is told", async () => {
  const rig = slowCentre();
  const late = "HB000000031CN";
  const first = await rig.open();
  const [order = "", , ...others] = documentsOf([late]).xmls;
  for (const xml of [order, ...others]) rig.sendMessage(xml);
  await rig.runFor(50);
  rig.sendAcceptances(late);
  await rig.runFor(1_000);
  expect(alarmsOf(first)).not.toContain("documentsDamaged active");
  rig.kill(true);
  rig.disk.isDamaged = (row) => row === `waitingUntil ${late}`;
  const centre = await rig.open();
  const proved = { outcome: null as unknown };
  centre.site.desk.confirmCalendar(person("wu", "supervisor", "desk"), (outcome) => {
    proved.outcome = outcome;
  });
  await rig.runFor(3_000);
  expect(proved.outcome).toMatchObject({ kind: "kept" });
  expect(alarmsOf(centre)).toContain("documentsDamaged active");
  expect(centre.notReadyReasons()).toContain(
    `documents: centre: row waitingUntil ${late} is not as it was written`,
  );
});
