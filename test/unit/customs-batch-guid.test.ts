// Goal: senders give a whole batch one guid, so a guid alone settles no doubt and makes nothing a
// repeat. Method: receipts of one guid, in bytes, to a document desk.
import { describe, expect, test } from "vitest";
import type { CebElement, ElementOf } from "../../protocols/ceb/messages.ts";
import { manifestReturn, orderReturn, receiptReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, guidOf, later, minuteMs, testConfig, withHead } from "./clearance-kit.ts";

const waybill = "CJ0001";
const entropy = createSeededEntropy(9, "batch");
const documents = documentsOf(waybill);
const guid = guidOf(77);
const byCustoms = testConfig({ authority: "customs" });
const said = (status: number, minute: number): ElementOf<"CEB604"> =>
  withHead(manifestReturn(documents.manifest, { status, at: later(minute) }, entropy), { guid });
const order = (status: number, minute: number): ElementOf<"CEB304"> =>
  withHead(orderReturn(documents.order, { status, at: later(minute) }, entropy), { guid });
const money = (status: number, minute: number): ElementOf<"CEB404"> =>
  withHead(receiptReturn(documents.receipt, { status, at: later(minute) }, entropy), { guid });
const withField = (xml: string, field: string, text: string): string =>
  xml.replace(new RegExp(`(<ceb:${field}>)[^<]*`), `$1${text}`);

/** Cut off before its status. */
const cut = (element: CebElement): string => xmlOf(element).replace(/<ceb:returnStatus>.*/s, "");

/** Customs' desk at a quarter past, so that what it hears now may have been said before. */
const atQuarterPast = (config = testConfig()): CustomsPost => {
  const post = new CustomsPost(config).take(documents);
  post.clock.runFor(15 * minuteMs);
  return post;
};

describe("another receipt of the same guid settles no doubt", () => {
  test("of an order to inspect, in the same message or a later one", () => {
    const unread = withoutFlag(xmlOf(said(500, 10)));
    const element = /<ceb:InventoryReturn>.*<\/ceb:InventoryReturn>/s;
    const other = element.exec(xmlOf(said(120, 5)))?.[0] ?? "";
    const apart = atQuarterPast();
    apart.post(unread);
    apart.send(said(120, 5));
    const together = atQuarterPast();
    together.post(unread.replace(element, (first) => first + other));
    for (const post of [apart, together]) {
      expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
      post.send(said(120, 12));
      expect(post.codesOf(waybill)).toEqual([]);
    }
  });

  test.each([
    ["order", (xml: string) => xml, order],
    ["receipt of money", (xml: string) => xml, money],
    ["receipt of money, without payNo", (xml: string) => withField(xml, "payNo", ""), money],
  ] as const)("of a refused %s whose time is none", (_, spoil, answer) => {
    const post = atQuarterPast();
    post.post(spoil(withField(xmlOf(answer(100, 14)), "returnTime", "x")));
    post.send(answer(120, 5));
    expect(post.isReleasable(waybill)).toBe(false);
  });

  test("of one that has neither status nor time, in the same message", () => {
    const post = atQuarterPast();
    const whole = xmlOf(said(120, 5));
    const element = /<ceb:InventoryReturn>.*<\/ceb:InventoryReturn>/s;
    const empty = withField(withField(whole, "returnTime", "x"), "returnStatus", "");
    post.post(whole.replace(element, (each) => (element.exec(empty)?.[0] ?? "") + each));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("of one that was cut before its status, whatever came before that one", () => {
    const post = atQuarterPast();
    post.post(cut(said(500, 14)));
    post.clock.runFor(minuteMs);
    post.send(said(120, 5));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.clock.runFor(4 * minuteMs);
    post.post(cut(said(100, 19)));
    post.send(said(120, 17));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, 21));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("of an answer to an order that was cut before its status", () => {
    const post = atQuarterPast();
    post.post(cut(order(100, 14)));
    post.clock.runFor(minuteMs);
    post.send(order(120, 5));
    expect(post.isReleasable(waybill)).toBe(false);
    post.send(order(120, 16));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("an error of the transmission settles none of a receipt of money without its payment", () => {
    const post = atQuarterPast();
    post.send(money(120, 4));
    const xml = xmlOf(money(100, 5));
    post.post(xml.slice(0, xml.indexOf("<ceb:payNo>")));
    post.clock.runFor(minuteMs);
    post.send(money(-404_001, 5));
    expect(post.isReleasable(waybill)).toBe(false);
  });
});

describe("the same receipt settles its doubt", () => {
  test("whole, after it came without its time", () => {
    const post = atQuarterPast();
    post.post(withField(xmlOf(said(120, 5)), "returnTime", "x"));
    post.send(said(120, 5));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("with its time put right, and counts", () => {
    const post = atQuarterPast(byCustoms);
    expect(post.send(said(800, 8 * 60))).toMatchObject({ code: "timeAhead" });
    expect(post.send(said(800, 8 * 60))).toMatchObject({ code: "timeAhead" });
    expect(post.send(said(800, 5))).toMatchObject({ accepted: true, code: null });
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("but not where customs has said something newer that it would free", () => {
    const post = atQuarterPast();
    post.send(said(120, 5));
    post.post(withField(xmlOf(said(500, 10)), "returnTime", "x"));
    post.send(said(500, 1));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });
});

test("a return is heard that comes under the guid of a receipt from the future", () => {
  const post = atQuarterPast();
  post.send(said(300, 8 * 60));
  expect(post.send(said(100, 14))).toMatchObject({ accepted: true, code: null });
  post.send(said(120, 16));
  expect(post.isReleasable(waybill)).toBe(false);
  expect(post.desk.manifestView(waybill)?.state).toBe("RETURNED");
});

test("so is a refusal of an order", () => {
  const post = atQuarterPast();
  post.send(order(120, 8 * 60));
  post.send(order(100, 14));
  post.send(order(120, 13));
  expect(post.isReleasable(waybill)).toBe(false);
});

test("manifests of one guid are each taken, and each is found by its own numbers", () => {
  const post = new CustomsPost(byCustoms);
  const parcels = ["CJ0002", "CJ0003", "CJ0004"].map((each) => documentsOf(each));
  for (const each of parcels) post.take({ ...each, manifest: withHead(each.manifest, { guid }) });
  const states = (): readonly (boolean | undefined)[] =>
    parcels.map(({ manifest }) => post.isReleasable(manifest.head.logisticsNo));
  expect(states()).toEqual([false, false, false]);
  const [, second] = parcels;
  if (second === undefined) throw new Error("no second parcel");
  post.send(manifestReturn(second.manifest, { status: 800, at: later(1) }, entropy));
  expect(states()).toEqual([false, true, false]);
  // One that its sender deletes takes no other one with it.
  const [first] = parcels;
  if (first === undefined) throw new Error("no first parcel");
  const manifest = withHead(first.manifest, { guid, appType: "3" });
  expect(post.send(manifest)).toMatchObject({ code: "frozen" });
  expect(states()).toEqual([false, true, false]);
  expect(post.restarted().recordOf("CJ0003")).toEqual(post.recordOf("CJ0003"));
});
