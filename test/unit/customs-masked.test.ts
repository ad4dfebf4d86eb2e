// Goal: nothing that is not customs' own newer word takes back what customs has said: not the
// e-port's word on the way, not a time that has not come yet, not an acceptance of the same moment.
// Method: receipts and answers, in bytes, to a document desk.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CebElement } from "../../protocols/ceb/messages.ts";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later, testConfig } from "./clearance-kit.ts";

const waybill = "CK0001";
const entropy = createSeededEntropy(8, "masked");
const documents = documentsOf(waybill);
const said = (status: number, minute: number) =>
  manifestReturn(documents.manifest, { status, at: later(minute) }, entropy);
const dayMinutes = 24 * 60;

describe("the e-port's word on the way (1 to 4)", () => {
  test.each([1, 2, 3, 4])("%i takes back no order of customs, whichever comes first", (status) => {
    for (const hold of [300, 500, 501, 700]) {
      for (const words of [
        [said(hold, 1), said(status, 5)],
        [said(status, 5), said(hold, 1)],
      ]) {
        const post = new CustomsPost().take(documents);
        const alone = new CustomsPost().take(documents);
        alone.send(said(hold, 1));
        for (const word of words) post.send(word);
        expect(post.codesOf(waybill)).toEqual(alone.codesOf(waybill));
        expect(post.isReleasable(waybill)).toBe(false);
      }
    }
  });

  test.each([1, 2, 3, 4])("%i undoes no release of customs either", (status) => {
    const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
    post.send(said(800, 1));
    post.send(said(status, 5));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test.each([1, 2, 3])("%i settles no receipt that could not be read", (status) => {
    const post = new CustomsPost().take(documents);
    post.post(withoutFlag(xmlOf(said(500, 1))));
    post.send(said(status, 5));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, 6));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});

const answers = {
  manifest: (status: number, minute: number): CebElement => said(status, minute),
  order: (status: number, minute: number): CebElement =>
    orderReturn(documents.order, { status, at: later(minute) }, entropy),
  receipt: (status: number, minute: number): CebElement =>
    receiptReturn(documents.receipt, { status, at: later(minute) }, entropy),
  waybill: (status: number, minute: number): CebElement =>
    waybillReturn(documents.waybill, { status, at: later(minute) }, entropy),
};
const kinds = Object.keys(answers) as (keyof typeof answers)[];

describe("an error of a transmission", () => {
  test("is older than a newer error only, whatever else customs has said by then", () => {
    const words = [said(2, 4), said(-621_004, 5), said(-621_004, 6), said(800, 6)];
    const codes = [
      [0, 1, 2, 3],
      [0, 2, 1, 3],
      [3, 2, 1, 0],
    ].map((order) => {
      const post = new CustomsPost().take(documents);
      for (const index of order) post.send(words[index]!);
      return post.codesOf(waybill);
    });
    expect(codes).toEqual([[], [], []]);
  });
});

describe("a time that has not come yet", () => {
  test.each(kinds)("of a word on the %s hides nothing that customs says after it", (kind) => {
    const post = new CustomsPost().take(documents);
    post.send(answers[kind](kind === "manifest" ? 399 : 120, 8 * 60));
    expect(post.isReleasable(waybill)).toBe(false);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.send(answers[kind](kind === "manifest" ? 500 : 100, 5));
    expect(post.isReleasable(waybill)).toBe(false);
    post.send(answers[kind](120, 6));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("of a release by customs releases nothing", () => {
    const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
    post.send(said(800, 40 * dayMinutes));
    expect(post.codesOf(waybill)).toContain("receiptUnread");
    post.send(said(800, 5));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("counts before the manifest comes, too", () => {
    const post = new CustomsPost();
    post.send(said(399, 40 * dayMinutes));
    post.send(said(500, 1));
    expect(post.take(documents).isReleasable(waybill)).toBe(false);
    post.send(said(120, 2));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("of an hour is a clock that differs", () => {
    const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
    post.send(said(800, 60));
    expect(post.isReleasable(waybill)).toBe(true);
  });
});

test.each(["order", "receipt", "waybill"] as const)(
  "of an acceptance and a refusal of one moment on the %s the refusal counts",
  (kind) => {
    for (const status of [120, 800, 899]) {
      for (const both of [
        [status, 100],
        [100, status],
      ]) {
        const post = new CustomsPost().take(documents);
        for (const each of both) post.send(answers[kind](each, 5));
        expect(post.isReleasable(waybill)).toBe(false);
      }
    }
  },
);

test("whatever else comes, in whatever order: customs' newest word decides, and what is not read", () => {
  const word = fc.record({
    status: fc.constantFrom(1, 2, 3, 4, 120, 300, 399, 500, 600, 800, 77, -621_004),
    minute: fc.constantFrom(1, 2, 3, 30, 9 * 60, 30 * dayMinutes),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.boolean(), (words, isFirst) => {
      const post = new CustomsPost(testConfig({ authority: "customs" }));
      if (!isFirst) post.take(documents);
      for (const { status, minute, isRead } of words) {
        const xml = xmlOf(said(status, minute));
        post.post(isRead ? xml : withoutFlag(xml));
      }
      if (isFirst) post.take(documents);
      if (!post.isReleasable(waybill)) return;
      const own = words.filter(({ status, minute, isRead }) => {
        return isRead && status > 4 && minute < 120;
      });
      const newest = Math.max(...own.map(({ minute }) => minute));
      const last = own.filter(({ minute }) => minute === newest);
      expect(last.length).toBeGreaterThan(0);
      expect(last.every(({ status }) => [120, 399, 800].includes(status))).toBe(true);
      expect(last.some(({ status }) => status === 800)).toBe(true);
      const unread = words.filter(({ isRead, status, minute }) => {
        return !isRead && status > 0 && minute < 120;
      });
      expect(unread.every(({ minute, status }) => minute < newest || status === 800)).toBe(true);
    }),
    { numRuns: 400 },
  );
});
