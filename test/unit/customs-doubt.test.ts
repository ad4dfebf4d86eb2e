// Goal: a doubt ends when something readable is newer than it, and not before; and it does end.
// Method: receipts, in bytes, to a document desk, whole and damaged.
import { describe, expect, test } from "vitest";
import { person } from "../../protocols/actor.ts";
import type { ElementOf } from "../../protocols/ceb/messages.ts";
import { epochMs } from "../../protocols/units.ts";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later, minuteMs, testConfig, withHead } from "./clearance-kit.ts";

const waybill = "CG0001";
const entropy = createSeededEntropy(6, "doubt");
const documents = documentsOf(waybill);
const byCustoms = testConfig({ authority: "customs" });
const said = (status: number, minute: number, ms = 0): ElementOf<"CEB604"> =>
  manifestReturn(documents.manifest, { status, at: epochMs(later(minute) + ms) }, entropy);
const withTime = (xml: string, time: string): string =>
  xml.replace(/(<ceb:returnTime>)\d+/, `$1${time}`);
/** Cut off before its status. */
const cut = (xml: string): string => xml.replace(/<ceb:returnStatus>.*/s, "");
const taken = (of: ParcelDocuments, config = testConfig()): CustomsPost =>
  new CustomsPost(config).take(of);

describe("what ends a doubt is newer than it", () => {
  test.each([
    ["site", 120],
    ["customs", 800],
  ] as const)("not a receipt of the same second (%s, %i)", (authority, status) => {
    const post = taken(documents, testConfig({ authority }));
    post.post(withoutFlag(xmlOf(said(500, 1, 900))));
    for (const ms of [100, 900, 999]) {
      post.send(said(status, 1, ms));
      expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    }
    post.send(said(status, 1, 1_000));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("not one that is older than the coming of a receipt without a time", () => {
    const post = taken(documents, byCustoms);
    post.send(said(120, 1));
    post.clock.runFor(9 * minuteMs);
    const unread = withTime(xmlOf(said(500, 9)), "soon");
    post.post(unread);
    post.send(said(800, 5));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    // The same one again is not another one.
    post.clock.runFor(9 * minuteMs);
    post.post(unread);
    post.send(said(800, 10));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});

describe("an inspection result ends what could not be read", () => {
  const inspect = (post: CustomsPost, actId = "A1"): void => {
    const by = person("Officer", "inspector", "bench-1");
    const act = { act: "inspectionResult", actId, waybill, by, result: "NO_ERROR", note: "" };
    expect(post.desk.takeOfficerAct(act)).toMatchObject({ accepted: true });
  };

  test("also where a release that is held came once more and was cut", () => {
    const post = taken(documents, byCustoms);
    post.clock.runFor(9 * minuteMs);
    const release = xmlOf(said(800, 5));
    for (const body of [release, cut(release), release]) {
      post.clock.runFor(minuteMs);
      post.post(body);
    }
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    inspect(post);
    expect(post.codesOf(waybill)).toEqual([]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
  });

  test("but is no release of customs", () => {
    const post = taken(documents, byCustoms);
    post.post(cut(xmlOf(said(500, 1))));
    inspect(post);
    expect(post.codesOf(waybill)).toEqual(["customsReleaseMissing"]);
  });

  test.each([
    ["cut", cut],
    ["without a time", (xml: string) => withTime(xml, "soon")],
  ])("and not what comes after it (%s)", (_, spoil) => {
    const post = taken(documents);
    const unread = spoil(xmlOf(said(500, 1)));
    post.post(unread);
    inspect(post);
    expect(post.codesOf(waybill)).toEqual([]);
    post.clock.runFor(minuteMs);
    post.post(unread);
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    inspect(post, "A2");
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test.each([100, 899])("but not a %i, which is of the papers", (status) => {
    const post = taken(documents);
    post.post(withoutFlag(xmlOf(said(status, 1))));
    inspect(post);
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, 2));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("also a return under a number that only looks like its own", () => {
    const named = withHead(documents.manifest, { copNo: "2026-1-12" });
    const post = taken({ ...documents, manifest: named });
    const other = withHead(named, { copNo: "2026-11-2", orderNo: "OTHER", invtNo: null });
    post.send(manifestReturn(other, { status: 100, at: later(1) }, entropy));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    inspect(post);
    expect(post.codesOf(waybill)).toEqual([]);
  });
});

test.each([true, false])("a cut receipt that comes once more may be another one", (isFirst) => {
  const post = new CustomsPost();
  if (isFirst) post.take(documents);
  const unread = cut(xmlOf(said(500, 1)));
  post.clock.runFor(5 * minuteMs);
  post.post(unread);
  post.clock.runFor(10 * minuteMs);
  post.post(unread);
  post.send(said(120, 10));
  if (!isFirst) post.take(documents);
  expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  post.send(said(120, 16));
  expect(post.codesOf(waybill)).toEqual([]);
});

test("a receipt that can neither be read nor be from then is as old as its coming", () => {
  const post = taken(documents, byCustoms);
  post.post(withoutFlag(withTime(xmlOf(said(500, 9)), "20271102100900000")));
  expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  post.send(said(800, 5));
  expect(post.codesOf(waybill)).toEqual([]);
});

describe("receipts that there was no room for are doubt", () => {
  const full = (config = testConfig()): CustomsPost => {
    const post = new CustomsPost(config);
    post.clock.runFor(60 * minuteMs);
    for (let minute = 1; minute <= 50; minute += 1) post.send(said(120, minute));
    return post;
  };

  test("the 51st of one number is refused, and its manifest is doubtful until a newer one", () => {
    const post = full();
    expect(post.send(said(500, 60))).toMatchObject({ accepted: false, code: "storeFull" });
    for (const each of [post, post.restarted()]) {
      each.clock.runFor(60 * minuteMs);
      each.take(documents);
      expect(each.codesOf(waybill)).toEqual(["receiptUnread"]);
      each.send(said(120, 59));
      expect(each.codesOf(waybill)).toEqual(["receiptUnread"]);
      each.send(said(120, 61));
      expect(each.codesOf(waybill)).toEqual([]);
    }
  });

  test("also one that cannot be read", () => {
    const post = full();
    post.post(withTime(xmlOf(said(500, 60)), "soon"));
    expect(post.take(documents).codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("also where the whole room is full; another parcel is not doubtful", () => {
    const other = documentsOf("CG0002");
    const post = full(testConfig({ parkedMax: 50 }));
    const receipt = manifestReturn(other.manifest, { status: 500, at: later(60) }, entropy);
    expect(post.send(receipt)).toMatchObject({ code: "storeFull" });
    expect(post.take(other).codesOf("CG0002")).toEqual(["receiptUnread"]);
    expect(post.take(documentsOf("CG0003")).codesOf("CG0003")).toEqual([]);
  });

  test("where too many numbers lost some, every manifest that comes is doubtful, for a time", () => {
    const config = testConfig({ parkedMax: 1, documentsMax: 6 });
    const post = new CustomsPost(config);
    for (let count = 0; count < 8; count += 1) {
      const { manifest } = documentsOf(`CG1${count}`);
      post.send(manifestReturn(manifest, { status: 500, at: later(1) }, entropy));
    }
    expect(post.take(documents).codesOf(waybill)).toEqual(["receiptUnread"]);
    post.desk.start();
    post.clock.runFor(config.storedWaitMs + minuteMs);
    const next = documentsOf("CG0004");
    const late = { ...next.acceptance, acceptedAt: post.clock.wall() };
    post.take({ ...next, acceptance: late });
    expect(post.codesOf("CG0004")).toEqual([]);
  });
});

describe("answers to documents that there was no room for are doubt", () => {
  const answers = {
    order: (each: ParcelDocuments, status: number, minute: number) =>
      orderReturn(each.order, { status, at: later(minute) }, entropy),
    receipt: (each: ParcelDocuments, status: number, minute: number) =>
      receiptReturn(each.receipt, { status, at: later(minute) }, entropy),
    waybill: (each: ParcelDocuments, status: number, minute: number) =>
      waybillReturn(each.waybill, { status, at: later(minute) }, entropy),
  };
  const kinds = Object.keys(answers) as (keyof typeof answers)[];

  /** Three answers for each document that may be held, all of them to others. */
  const full = (): CustomsPost => {
    const post = new CustomsPost(testConfig({ documentsMax: 4 }));
    for (let count = 0; count < 12; count += 1) {
      post.send(answers.order(documentsOf(`CG2${count}`), 120, 1));
    }
    return post;
  };

  test.each(kinds)("a refused %s, before or after it comes, until customs takes it", (kind) => {
    for (const isFirst of [true, false]) {
      const post = full();
      if (!isFirst) post.take(documents);
      expect(post.send(answers[kind](documents, 100, 5))).toMatchObject({
        accepted: false,
        code: "storeFull",
      });
      if (isFirst) post.take(documents);
      expect(post.recordOf(waybill).reasons).toMatchObject([
        { code: "comparisonPending", params: { missing: kind, unread: kind } },
      ]);
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
      // Nor is there room for what would end it.
      expect(post.send(answers[kind](documents, 120, 6))).toMatchObject({ code: "storeFull" });
      expect(post.isReleasable(waybill)).toBe(false);
      expect(post.desk.isFull()).toBe(true);
      expect(post.take(documentsOf("CG0003")).isReleasable("CG0003")).toBe(true);
    }
  });

  test.each(kinds)("one on a %s that cannot be read, too", (kind) => {
    const post = full().take(documents);
    post.post(withTime(xmlOf(answers[kind](documents, 100, 5)), "soon"));
    expect(post.isReleasable(waybill)).toBe(false);
  });

  test("an acceptance that is not kept leaves no doubt, and neither does a word on the way", () => {
    const post = full().take(documents);
    expect(post.send(answers.order(documents, 120, 5))).toMatchObject({ code: "storeFull" });
    expect(post.send(answers.order(documents, 2, 5))).toMatchObject({ accepted: true });
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("where too many numbers lost some, every document is doubtful that customs takes no later", () => {
    const post = full();
    for (let count = 0; count < 5; count += 1) {
      post.send(answers.order(documentsOf(`CG3${count}`), 100, 5));
    }
    expect(post.take(documents).isReleasable(waybill)).toBe(false);
  });
});

describe("a status below zero that can be read speaks of one transmission, whatever else cannot", () => {
  test.each([
    ["a time of 14 digits", "20261102100500"],
    ["a time that is none", "soon"],
  ])("with %s, after customs' release", (_, time) => {
    const post = taken(documents, byCustoms);
    post.send(said(800, 1));
    const before = post.recordOf(waybill);
    expect(post.post(withTime(xmlOf(said(-621_004, 5)), time))).toMatchObject({ accepted: false });
    expect(post.recordOf(waybill)).toBe(before);
    expect(post.facts.map(({ code }) => code)).toContain("transmissionFailed");
    expect(post.restarted().recordOf(waybill)).toEqual(before);
  });

  test("before customs has had the manifest it is doubt, and ends with customs' word", () => {
    const post = taken(documents);
    post.post(withTime(xmlOf(said(-621_004, 5)), "20261102100500"));
    expect(post.codesOf(waybill)).toEqual(["unknownStatus"]);
    post.send(said(120, 1));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("of an order that customs has taken", () => {
    const post = taken(documents);
    const answer = (status: number) =>
      orderReturn(documents.order, { status, at: later(2) }, entropy);
    post.send(answer(120));
    post.post(withTime(xmlOf(answer(-301_004)), "20261102100500"));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("a status that is written twice is not read", () => {
    const post = taken(documents);
    const twice = xmlOf(said(500, 5)).replace(
      "<ceb:returnStatus>",
      "<ceb:returnStatus>-621004</ceb:returnStatus><ceb:returnStatus>",
    );
    post.post(twice);
    post.send(said(120, 1));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });
});

describe("answers to a receipt of money with and without its payment are answers to one", () => {
  const answer = (status: number, minute: number, isNamed: boolean) => {
    const whole = receiptReturn(documents.receipt, { status, at: later(minute) }, entropy);
    return isNamed ? whole : { ...whole, head: { ...whole.head, payNo: null } };
  };

  test.each([true, false])("a newer one ends a refusal (named first: %s)", (isNamed) => {
    const post = taken(documents);
    post.send(answer(100, 5, isNamed));
    post.send(answer(120, 4, !isNamed));
    expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
    post.send(answer(120, 9, !isNamed));
    expect(post.codesOf(waybill)).toEqual([]);
    post.send(answer(100, 10, isNamed));
    expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
  });

  test("one that was cut before its status is doubt until one is said after its coming", () => {
    const post = taken(documents);
    post.clock.runFor(9 * minuteMs);
    const xml = xmlOf(answer(120, 5, true));
    post.post(xml.slice(0, xml.indexOf("<ceb:payNo>")));
    post.clock.runFor(1_000);
    post.post(xml);
    expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
    post.send(answer(120, 10, true));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("one that was cut is no doubt once a newer one is there", () => {
    const post = taken(documents);
    const xml = xmlOf(answer(120, 5, true));
    post.post(xml.slice(0, xml.indexOf("<ceb:payNo>")));
    post.send(answer(120, 9, true));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});
