// Goal: what customs said of one manifest frees no other, and what ended a parcel's way stays with
// the parcel. Method: receipts and declarations, in bytes, to a document desk.
import { describe, expect, test } from "vitest";
import type { ElementOf } from "../../protocols/ceb/messages.ts";
import { person, sender } from "../../protocols/actor.ts";
import { chinaTimeOfEpoch } from "../../protocols/ceb/calendar.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import { epochMs } from "../../protocols/units.ts";
import { documentsOf, guidOf, later, minuteMs, testConfig, withHead } from "./clearance-kit.ts";

const waybill = "CF0001";
const entropy = createSeededEntropy(5, "former");
const said = (documents: ParcelDocuments, status: number, minute = 1): ElementOf<"CEB604"> =>
  manifestReturn(documents.manifest, { status, at: later(minute) }, entropy);

/** The same parcel under new numbers. */
const anew = (documents: ParcelDocuments): ParcelDocuments => ({
  ...documents,
  order: withHead(documents.order, { guid: guidOf(1), orderNo: "ORDER2" }),
  receipt: withHead(documents.receipt, { guid: guidOf(2), orderNo: "ORDER2" }),
  manifest: withHead(documents.manifest, {
    guid: guidOf(3),
    copNo: "COP2",
    orderNo: "ORDER2",
    appTime: "20261102100500",
    invtNo: null,
  }),
});

describe("closed by customs (899) stays with the parcel", () => {
  test("a sender does not delete a closed manifest", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost();
    post.send(documents.manifest);
    post.send(said(documents, 899));
    expect(post.send(withHead(documents.manifest, { appType: "3" }))).toMatchObject({
      accepted: false,
      code: "frozen",
    });
    expect(post.codesOf(waybill)).toEqual(["alreadyClosed"]);
  });

  test.each([
    ["then returned", [899, 100]],
    ["after it was returned", [100, 899]],
  ])("declared anew, %s, the parcel is closed still", (_, statuses) => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    for (const [index, status] of statuses.entries()) {
      post.send(said(documents, status, 1 + index));
    }
    post.take(anew(documents));
    expect(post.recordOf(waybill).manifestGuid).toBe(guidOf(3));
    expect(post.codesOf(waybill)).toEqual(["alreadyClosed"]);
    expect(post.desk.manifestView(waybill)?.state).toBe("CLOSED");
    const acceptance = { ...documents.acceptance, acceptanceId: "AGAIN" };
    post.desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"));
    expect(post.codesOf(waybill)).toEqual(["alreadyClosed"]);
  });
});

describe("a receipt relieves only the manifest that it names with all of its numbers", () => {
  const byCustoms = testConfig({ authority: "customs" });
  const doubtful = ["customsReleaseMissing"];

  test("the manifest before it had the same order: its release frees nothing", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost(byCustoms).take(documents);
    post.send(said(documents, 100, 2));
    const head = { guid: guidOf(4), copNo: "COPNEW", appTime: "20261102100230" };
    const next = { ...documents, manifest: withHead(documents.manifest, head) };
    expect(post.send(next.manifest)).toMatchObject({ accepted: true });
    expect(post.send(said(documents, 800, 4))).toMatchObject({ code: "olderVersion" });
    expect(post.codesOf(waybill)).toEqual(doubtful);
    // What it finds is found of the parcel.
    post.send(said(documents, 500, 5));
    expect(post.codesOf(waybill)).toContain("inspectionOrdered");
    post.send(said(next, 800, 6));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("a copNo that nobody knows, with the right order, is doubt and waits for its own", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost(byCustoms).take(documents);
    const other = withHead(documents.manifest, { guid: guidOf(5), copNo: "OTHER" });
    const receipt = manifestReturn(other, { status: 800, at: later(1) }, entropy);
    expect(post.send(receipt)).toMatchObject({ code: "parked" });
    expect(post.send(receipt)).toMatchObject({ code: "repeated" });
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.send(said(documents, 100, 2));
    expect(post.send(other)).toMatchObject({ accepted: true });
    expect(post.codesOf(waybill)).toEqual([]);
  });

  const [one, two] = [documentsOf(waybill), documentsOf("CF0002")];
  const both = (status: number) => {
    const { orderNo, ebpCode } = two.manifest.head;
    return withHead(said(one, status), { orderNo, ebpCode, invtNo: "" });
  };
  const orders = [
    ["receipt", "one", "two"],
    ["receipt", "two", "one"],
    ["one", "receipt", "two"],
    ["two", "receipt", "one"],
    ["one", "two", "receipt"],
    ["two", "one", "receipt"],
  ];

  test.each([120, 500, 800])(
    "%i with numbers of two makes both doubtful, in any order",
    (status) => {
      for (const order of orders) {
        const post = new CustomsPost(byCustoms);
        for (const step of order) {
          if (step === "receipt") post.send(both(status));
          else post.take(step === "one" ? one : two);
        }
        expect([post.codesOf(waybill), post.codesOf("CF0002")]).toEqual([
          ["receiptUnread"],
          ["receiptUnread"],
        ]);
        post.send(said(one, 800, 2));
        post.send(said(two, 800, 2));
        expect([post.codesOf(waybill), post.codesOf("CF0002")]).toEqual([[], []]);
        expect(post.desk.counters()["receiptsParked"]).toBe(0);
      }
    },
  );

  test("it is one doubt, told in the same words whichever comes first", () => {
    for (const order of [
      ["receipt", "one"],
      ["one", "receipt"],
    ]) {
      const post = new CustomsPost();
      for (const step of order) {
        if (step === "receipt") post.send(both(500));
        else post.take(one);
      }
      expect(post.recordOf(waybill).reasons).toMatchObject([
        { code: "receiptUnread", params: { field: "copNo", status: "500" } },
      ]);
      expect(post.facts.filter(({ code }) => code === "receiptUnread")).toHaveLength(1);
    }
  });

  test("a receipt that cannot be read does the same", () => {
    for (const order of orders) {
      const post = new CustomsPost();
      for (const step of order) {
        if (step === "receipt") {
          post.post(withoutFlag(xmlOf(both(500))));
        } else post.take(step === "one" ? one : two);
      }
      expect([post.codesOf(waybill), post.codesOf("CF0002")]).toEqual([
        ["receiptUnread"],
        ["receiptUnread"],
      ]);
    }
  });

  test("what names a manifest by a number that no former one had is said of it, whatever its time", () => {
    for (const status of [100, 300, 500, 899]) {
      const documents = documentsOf(waybill);
      const post = new CustomsPost().take(documents);
      post.send(said(documents, 100, 1));
      post.clock.runFor(6 * minuteMs);
      const next = anew(documents);
      post.take(next);
      post.send(said(next, status, 4));
      post.send(said(next, 120, status === 300 || status === 500 ? 3 : 8));
      expect(post.isReleasable(waybill)).toBe(false);
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    }
  });

  test("of a number that a former one had as well, its time tells of which it is said", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(said(documents, 100, 1));
    post.clock.runFor(6 * minuteMs);
    const { copNo } = documents.manifest.head;
    const next = anew(documents);
    const same = { ...next, manifest: withHead(next.manifest, { copNo }) };
    post.take(same);
    expect(post.send(said(same, 100, 4))).toMatchObject({ code: "olderVersion" });
    expect(post.isReleasable(waybill)).toBe(true);
  });

  const ways = [{}, { copNo: "COP2" }, { appTime: "20261101000000" }];
  const slept = [0, 8].flatMap((hours) => ways.map((way) => ({ hours, way })));

  test.each(slept)("after $hours h of sleep a former release is one ($way)", ({ hours, way }) => {
    const post = new CustomsPost(byCustoms);
    post.desk.start();
    post.clock.sleep(hours * 60 * minuteMs);
    post.clock.runFor(2_000);
    const from = post.clock.wall();
    const documents = documentsOf(waybill);
    const say = (status: number, minutes: number) => {
      const at = epochMs(from + minutes * minuteMs);
      return manifestReturn(documents.manifest, { status, at }, entropy);
    };
    post.take(documents);
    post.send(say(800, 1));
    post.send(say(100, 2));
    post.clock.runFor(60 * minuteMs);
    const appTime = chinaTimeOfEpoch(post.clock.wall()).slice(0, 14);
    const { copNo } = documents.manifest.head;
    const next = anew(documents);
    post.take({ ...next, manifest: withHead(next.manifest, { appTime, copNo, ...way }) });
    expect(post.recordOf(waybill).manifestGuid).toBe(guidOf(3));
    post.send(say(800, 1));
    expect(post.codesOf(waybill)).toEqual(doubtful);
  });

  test("a stored manifest that is changed after customs' release waits for its own", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost(byCustoms);
    post.send(documents.manifest);
    post.send(said(documents, 800, 1));
    const change = { appType: "2" as const, copNo: "COP2", appTime: "20261102100500" };
    post.take({ ...documents, manifest: withHead(documents.manifest, change) });
    expect(post.codesOf(waybill)).toEqual(doubtful);
  });
});

describe("another acceptance is no repeat", () => {
  const documents = documentsOf(waybill);
  const by = sender(documents.acceptance.carrierCode, "http");
  const other = { ...documents.acceptance, acceptanceId: "OTHER" };

  test("one with other content is refused, and names what differs", () => {
    const post = new CustomsPost().take(documents);
    const before = post.recordOf(waybill);
    const heavy = { ...other, weightG: other.weightG * 20 };
    expect(post.desk.takeAcceptance(heavy, by)).toMatchObject({
      reason: expect.stringMatching(/^frozen: weightG /) as string,
    });
    const pieces = { ...other, pieces: 3 };
    expect(post.desk.takeAcceptance(pieces, by)).toMatchObject({
      reason: expect.stringMatching(/^frozen: pieces /) as string,
    });
    expect(post.desk.takeAcceptance(other, by)).toMatchObject({ outcome: "repeated" });
    expect(post.recordOf(waybill)).toBe(before);
  });

  test("one for a manifest that was returned waits for the next", () => {
    const post = new CustomsPost().take(documents);
    post.send(said(documents, 100));
    expect(post.desk.takeAcceptance(other, by)).toMatchObject({ outcome: "parked" });
    expect(post.desk.manifestView(waybill)?.state).toBe("RETURNED");
  });
});

describe("what could not be read of a manifest stays with the parcel that is declared anew", () => {
  const documents = documentsOf(waybill);
  const next = anew(documents);
  /** The first one is returned, by what cannot end the doubt, and declared anew. */
  const declaredAnew = (config = testConfig()): CustomsPost => {
    const post = new CustomsPost(config).take(documents);
    post.clock.runFor(2 * minuteMs);
    post.post(withoutFlag(xmlOf(said(documents, 500, 2))));
    post.send(said(documents, 100, 1));
    post.clock.runFor(8 * minuteMs);
    return post.take(next);
  };
  const inspected = (actId: string) => ({
    act: "inspectionResult",
    actId,
    waybill,
    by: person("Officer", "inspector", "bench-1"),
    result: "NO_ERROR",
    note: "",
  });

  test.each([120, 399, 500])("whatever customs says of the new one (%i)", (status) => {
    const post = declaredAnew();
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(next, status, 12));
    expect(post.codesOf(waybill)).toContain("receiptUnread");
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
  });

  test("until customs says something readable of the old one", () => {
    const post = declaredAnew();
    const { orderNo } = next.manifest.head;
    post.send(withHead(said(documents, 120, 1), { orderNo, invtNo: "" }));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(withHead(said(documents, 120, 3), { orderNo, invtNo: "" }));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("until customs releases the parcel, after it", () => {
    const post = declaredAnew(testConfig({ authority: "customs" }));
    post.send(said(next, 800, 12));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("until it was opened; so does what cannot be read of its own", () => {
    const post = declaredAnew();
    expect(post.desk.takeOfficerAct(inspected("A1"))).toMatchObject({ accepted: true });
    expect(post.codesOf(waybill)).toEqual([]);
    post.post(withoutFlag(xmlOf(said(next, 500, 12))));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.desk.takeOfficerAct(inspected("A2"));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("also where it comes after the new one, and over a third", () => {
    const post = new CustomsPost().take(documents);
    post.send(said(documents, 100, 1));
    post.clock.runFor(10 * minuteMs);
    post.take(next);
    const { orderNo, ebpCode } = next.manifest.head;
    const late = xmlOf(withHead(said(documents, 500, 9), { orderNo, ebpCode, invtNo: "" }));
    post.post(withoutFlag(late));
    post.post(withoutFlag(late));
    post.send(said(next, 120, 12));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(next, 100, 13));
    post.clock.runFor(10 * minuteMs);
    const third = { guid: guidOf(8), copNo: "COP3", appTime: "20261102101900" };
    const manifest = withHead(next.manifest, third);
    post.send(manifest);
    post.send(manifestReturn(manifest, { status: 120, at: later(20) }, entropy));
    expect(post.recordOf(waybill).manifestGuid).toBe(guidOf(8));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  describe("however many come after it", () => {
    const many = 40;
    const third = {
      ...next,
      manifest: withHead(next.manifest, {
        guid: guidOf(9),
        copNo: "COP3",
        appTime: "20261102102000",
      }),
    };
    /** Two former ones; customs speaks of each by its `copNo`. */
    const declaredTwiceAnew = (): CustomsPost => {
      const post = new CustomsPost().take(documents);
      post.send(said(documents, 100, 1));
      post.clock.runFor(10 * minuteMs);
      post.take(next).send(said(next, 100, 12));
      post.clock.runFor(20 * minuteMs);
      post.take(third);
      post.clock.runFor(60 * minuteMs);
      return post;
    };
    const ofFormer = (former: ParcelDocuments, status: number, minute: number) => {
      const { orderNo, ebpCode } = third.manifest.head;
      return withHead(said(former, status, minute), { orderNo, ebpCode, invtNo: "" });
    };

    test("older ones of the same manifest", () => {
      const post = declaredTwiceAnew();
      post.post(withoutFlag(xmlOf(ofFormer(documents, 500, 80))));
      for (let n = 0; n < many; n += 1) {
        post.post(withoutFlag(xmlOf(ofFormer(documents, 120, 20 + n))));
      }
      post.send(ofFormer(documents, 120, 70));
      expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
      post.send(ofFormer(documents, 120, 81));
      expect(post.codesOf(waybill)).toEqual([]);
    });

    test("newer ones of another one", () => {
      const post = declaredTwiceAnew();
      post.post(withoutFlag(xmlOf(ofFormer(documents, 500, 2))));
      for (let n = 0; n < many; n += 1) {
        post.post(withoutFlag(xmlOf(ofFormer(next, 120, 20 + n))));
      }
      post.send(ofFormer(next, 120, 80));
      expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
      post.send(ofFormer(documents, 120, 3));
      expect(post.codesOf(waybill)).toEqual([]);
    });
  });

  test("also where a stored one is changed and given another number", () => {
    const post = new CustomsPost();
    post.send(documents.manifest);
    post.post(withoutFlag(xmlOf(said(documents, 500, 1))));
    const change = { appType: "2" as const, copNo: "COP2", appTime: "20261102100500" };
    const changed = { ...documents, manifest: withHead(documents.manifest, change) };
    post.take(changed);
    post.send(said(changed, 120, 6));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });
});
