// Goal: customs' answers find what they speak of by what they name, and what they may name is in
// doubt. Method: answers whose company is missing, empty, another one or spelt in another way, to
// a document desk, before and after the documents.
import { describe, expect, test } from "vitest";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later, testConfig, withHead } from "./clearance-kit.ts";

const waybill = "CC0001";
const entropy = createSeededEntropy(4, "loose-names");

/** Companies whose codes have letters. */
function lettered(): ParcelDocuments {
  const documents = documentsOf(waybill);
  const codes = { ebpCode: "EBPABC", ebcCode: "EBCABC" };
  const { order, receipt, waybill: carried, manifest } = documents;
  return {
    ...documents,
    order: withHead(order, codes),
    receipt: withHead(receipt, codes),
    waybill: withHead(carried, { ebcCode: "EBCABC" }),
    manifest: withHead(manifest, { ...codes, agentCode: "AGENTX" }),
  };
}

const without = (xml: string, field: string): string =>
  xml.replace(new RegExp(`<ceb:${field}>[^<]*</ceb:${field}>`), "");
const withText = (xml: string, field: string, change: (text: string) => string): string =>
  xml.replace(
    new RegExp(`(<ceb:${field}>)([^<]*)(</ceb:${field}>)`),
    (_, open: string, text: string, close: string) => `${open}${change(text)}${close}`,
  );

/** In how many ways a company can be written that nobody here has. */
const spoilt: readonly (readonly [string, (xml: string, field: string) => string])[] = [
  ["missing", without],
  ["empty", (xml, field) => withText(xml, field, () => "")],
  ["blank", (xml, field) => withText(xml, field, () => " ")],
  ["another one", (xml, field) => withText(xml, field, () => "OTHER")],
];
const respelt: typeof spoilt = [
  ["in small letters", (xml, field) => withText(xml, field, (text) => text.toLowerCase())],
  ["with a blank behind it", (xml, field) => withText(xml, field, (text) => `${text} `)],
];

type Answer = (documents: ParcelDocuments, status: number, minute: number) => string;
const answers: readonly (readonly [string, string, Answer])[] = [
  [
    "CEB304",
    "ebpCode",
    ({ order }, status, minute) =>
      xmlOf(orderReturn(order, { status, at: later(minute) }, entropy)),
  ],
  [
    "CEB404",
    "ebcCode",
    ({ receipt }, status, minute) =>
      xmlOf(receiptReturn(receipt, { status, at: later(minute) }, entropy)),
  ],
  [
    "CEB506",
    "logisticsCode",
    (documents, status, minute) =>
      xmlOf(waybillReturn(documents.waybill, { status, at: later(minute) }, entropy)),
  ],
];

describe.each(answers)("a refusal by %s whose %s is", (_, field, answer) => {
  test.each([...spoilt, ...respelt])(
    "%s still counts, and a later answer ends it",
    (_how, spoil) => {
      const documents = lettered();
      const post = new CustomsPost().take(documents);
      expect(post.isReleasable(waybill)).toBe(true);
      post.post(spoil(answer(documents, 100, 5), field));
      expect(post.isReleasable(waybill)).toBe(false);
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
      post.post(answer(documents, 120, 6));
      expect(post.isReleasable(waybill)).toBe(true);
    },
  );

  test.each([...spoilt, ...respelt])("%s counts when it comes first", (_how, spoil) => {
    const documents = lettered();
    const post = new CustomsPost();
    post.post(spoil(answer(documents, 100, -5), field));
    post.take(documents);
    expect(post.isReleasable(waybill)).toBe(false);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.post(answer(documents, 120, 6));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test.each([...spoilt, ...respelt])(
    "%s counts when it comes before the manifest, after the documents beside it",
    (_how, spoil) => {
      const documents = lettered();
      const post = new CustomsPost();
      for (const each of [documents.order, documents.receipt, documents.waybill]) post.send(each);
      post.post(spoil(answer(documents, 100, -5), field));
      post.take(documents);
      expect(post.isReleasable(waybill)).toBe(false);
      post.post(answer(documents, 120, 6));
      expect(post.isReleasable(waybill)).toBe(true);
    },
  );

  test("right is an error of one transmission that an acceptance outweighs, before the document", () => {
    const documents = lettered();
    const post = new CustomsPost();
    post.post(answer(documents, -301_010, 5));
    post.post(answer(documents, 120, 4));
    expect(post.take(documents).isReleasable(waybill)).toBe(true);
  });

  test.each([...spoilt, ...respelt])("%s takes nothing as an early acceptance", (_how, spoil) => {
    const documents = lettered();
    const post = new CustomsPost();
    post.post(answer(documents, 100, -6));
    post.post(spoil(answer(documents, 120, -5), field));
    post.take(documents);
    expect(post.isReleasable(waybill)).toBe(respelt.some(([, each]) => each === spoil));
  });

  test.each(spoilt)("%s doubts nothing and takes nothing as an acceptance", (_how, spoil) => {
    const documents = lettered();
    const post = new CustomsPost().take(documents);
    post.post(spoil(answer(documents, 120, 4), field));
    // One that misses the field altogether cannot be read whole, and is doubt.
    expect(post.isReleasable(waybill)).toBe(spoil !== without);
    post.post(answer(documents, 100, 5));
    post.post(spoil(answer(documents, 120, 6), field));
    expect(post.isReleasable(waybill)).toBe(false);
  });
});

test("a waybill's number with a blank behind it is that number", () => {
  const documents = documentsOf(waybill);
  const post = new CustomsPost().take(documents);
  const xml = xmlOf(waybillReturn(documents.waybill, { status: 100, at: later(5) }, entropy));
  post.post(withText(xml, "logisticsNo", (text) => `${text} `));
  expect(post.isReleasable(waybill)).toBe(false);
});

test.each(answers.slice(0, 2))(
  "a refusal by %s of an order in small letters is doubt",
  (...each) => {
    const [, , answer] = each;
    const documents = lettered();
    const small = withText(answer(documents, 100, 5), "orderNo", (text) => text.toLowerCase());
    const isFirst = [false, true];
    for (const post of isFirst.map((first) => (first ? new CustomsPost() : taken(documents)))) {
      post.post(small);
      post.take(documents);
      expect(post.isReleasable(waybill)).toBe(false);
      post.post(answer(documents, 120, 6));
      expect(post.isReleasable(waybill)).toBe(true);
    }
  },
);

const taken = (documents: ParcelDocuments): CustomsPost => new CustomsPost().take(documents);

test.each([
  ["in small letters", "pay1", "PAY1"],
  ["of a receipt that has none", "PAY1", null],
  ["missing, of a receipt that has one", null, "PAY1"],
])("a refused payment's number %s is doubt, whichever comes first", (_, named, payNo) => {
  const documents = lettered();
  const receipt = withHead(documents.receipt, { payNo });
  const paid = { ...documents, receipt };
  const answer = (status: number, minute: number, number: string | null) =>
    withHead(receiptReturn(receipt, { status, at: later(minute) }, entropy), { payNo: number });
  for (const post of [new CustomsPost(), taken(paid)]) {
    post.send(answer(100, 5, named));
    post.take(paid);
    expect(post.isReleasable(waybill)).toBe(false);
    post.send(answer(120, 6, payNo));
    expect(post.isReleasable(waybill)).toBe(true);
  }
});

test("an order's number that two have: an answer that names none of them doubts both", () => {
  const [one, two] = [documentsOf("CC0001"), documentsOf("CC0002")];
  const { orderNo } = one.order.head;
  const change = { orderNo, ebpCode: "EBP2" };
  const other = {
    ...two,
    order: withHead(two.order, change),
    receipt: withHead(two.receipt, change),
    manifest: withHead(two.manifest, change),
  };
  const post = new CustomsPost().take(one).take(other);
  const answer = orderReturn(one.order, { status: 100, at: later(5) }, entropy);
  post.post(withText(xmlOf(answer), "ebpCode", () => ""));
  expect(["CC0001", "CC0002"].map((each) => post.isReleasable(each))).toEqual([false, false]);
  post.send(orderReturn(one.order, { status: 120, at: later(6) }, entropy));
  expect(["CC0001", "CC0002"].map((each) => post.isReleasable(each))).toEqual([true, false]);
});

/** In how many ways a number can be spelled that people take for the same. */
const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ["in small letters", (text) => text.toLowerCase()],
  [
    "in full width",
    (text) =>
      text.replaceAll(/[!-~]/g, (each) =>
        String.fromCodePoint((each.codePointAt(0) ?? 0) + 0xfee0),
      ),
  ],
  ["with a hyphen", (text) => `${text.slice(0, 4)}-${text.slice(4)}`],
  ["with a blank", (text) => `${text.slice(0, 4)} ${text.slice(4)}`],
];
const respeltAll = (xml: string, fields: readonly string[], spell: (text: string) => string) =>
  fields.reduce((each, field) => withText(each, field, spell), xml);

describe.each(spellings)("a number %s", (_, spell) => {
  test.each([
    ["CEB304", ["orderNo"], answers[0]],
    ["CEB404", ["orderNo"], answers[1]],
    ["CEB404", ["payNo"], answers[1]],
    ["CEB506", ["logisticsNo"], answers[2]],
  ] as const)("of a refusal by %s (%j) still counts", (_type, fields, row) => {
    const documents = lettered();
    const answer = row?.[2];
    if (answer === undefined) throw new Error("no such answer");
    for (const isFirst of [true, false]) {
      const post = new CustomsPost();
      if (!isFirst) post.take(documents);
      post.post(respeltAll(answer(documents, 100, 5), fields, spell));
      if (isFirst) post.take(documents);
      expect(post.isReleasable(waybill)).toBe(false);
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
      post.post(answer(documents, 120, 6));
      expect(post.isReleasable(waybill)).toBe(true);
    }
  });

  test("of an order to inspect is named where it may be wrong", () => {
    const documents = lettered();
    const order = manifestReturn(documents.manifest, { status: 500, at: later(5) }, entropy);
    const post = new CustomsPost().take(documents);
    post.post(respeltAll(spoiltAll(xmlOf(order), ["invtNo"], ""), ["copNo", "orderNo"], spell));
    expect(post.recordOf(waybill).reasons).toMatchObject([
      { code: "receiptUnread", params: { field: "copNo", status: "500" } },
    ]);
  });
});

/** Changes to a receipt's names, by which it no longer names its manifest in full. */
const loose: readonly (readonly [string, (xml: string) => string])[] = [
  [
    "agentCode and ebpCode in small letters",
    (xml) => respeltAll(xml, ["agentCode", "ebpCode"], (text) => text.toLowerCase()),
  ],
  ...spellings.map(
    ([how, spell]) =>
      [
        `copNo and orderNo ${how}`,
        (xml: string) => respeltAll(xml, ["copNo", "orderNo"], spell),
      ] as const,
  ),
  ["only its order", (xml) => spoiltAll(xml, ["agentCode", "copNo", "ebpCode"], "")],
  ["no company", (xml) => spoiltAll(xml, ["agentCode", "ebpCode"], "")],
  ["no company's field", (xml) => without(without(xml, "agentCode"), "ebpCode")],
  ["another agent and platform", (xml) => spoiltAll(xml, ["agentCode", "ebpCode"], "OTHER")],
  [
    "another agent and no order",
    (xml) => spoiltAll(spoiltAll(xml, ["agentCode"], "OTHER"), ["orderNo"], ""),
  ],
];
function spoiltAll(xml: string, fields: readonly string[], text: string): string {
  return fields.reduce((each, field) => withText(each, field, () => text), xml);
}

describe.each(loose)("a receipt that names %s", (_, spoil) => {
  const receiptOf = (documents: ParcelDocuments, status: number, minute: number): string =>
    withText(
      xmlOf(manifestReturn(documents.manifest, { status, at: later(minute) }, entropy)),
      "invtNo",
      () => "",
    );

  test("still holds the parcel until another receipt names it", () => {
    const documents = lettered();
    const post = new CustomsPost().take(documents);
    post.post(spoil(receiptOf(documents, 500, 5)));
    expect(post.isReleasable(waybill)).toBe(false);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.post(receiptOf(documents, 120, 6));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("holds it when it comes before the manifest", () => {
    const documents = lettered();
    const post = new CustomsPost();
    post.post(spoil(receiptOf(documents, 500, 5)));
    post.take(documents);
    expect(post.isReleasable(waybill)).toBe(false);
  });
});

test("a release of a manifest that another agent has under the same number releases nothing", () => {
  const documents = lettered();
  const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
  const release = xmlOf(manifestReturn(documents.manifest, { status: 800, at: later(5) }, entropy));
  post.post(spoiltAll(spoiltAll(release, ["agentCode", "ebpCode"], "OTHER"), ["invtNo"], ""));
  expect(post.isReleasable(waybill)).toBe(false);
  expect(post.codesOf(waybill)).not.toContain("receiptUnread");
});
