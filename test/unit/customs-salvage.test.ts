// Goal: a receipt of customs in a message that cannot be read is doubt, however the message is
// broken. Method: one receipt with status 500, broken as bytes in every way a transport or a writer
// may break it, to a document desk; and bytes made to cost time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wrapMessage } from "../../protocols/ceb/envelope.ts";
import { readMessage } from "../../protocols/ceb/read-message.ts";
import { mayHoldMore, salvageReceipts } from "../../protocols/ceb/salvage.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later } from "./clearance-kit.ts";

const waybill = "CC0001";
const entropy = createSeededEntropy(4, "salvage");
const documents = documentsOf(waybill);
const receipt = xmlOf(manifestReturn(documents.manifest, { status: 500, at: later(1) }, entropy));
const readable = xmlOf(manifestReturn(documents.manifest, { status: 120, at: later(2) }, entropy));
const undeclared = receipt.replace(/<\?xml.*?\?>/, "");

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const declared = (encoding: string): string =>
  receipt.replace('encoding="UTF-8"', `encoding="${encoding}"`);

/** The receipt with two Chinese characters as GBK has them. */
function inGbk(xml: string): Uint8Array {
  const [before = "", behind = ""] = xml.replace(/(<ceb:returnInfo>)[^<]*/, "$1@@").split("@@");
  return Buffer.concat([bytesOf(before), Buffer.from([0xb2, 0xe9, 0xd1, 0xe9]), bytesOf(behind)]);
}

const wrapped = (xml: string): string =>
  wrapMessage(xml, {
    copMsgId: "M1",
    senderId: "DXPEDCCEB0000003",
    receiverIds: ["DXPENT0000000001"],
    createdAt: "2026-11-02T10:00:00",
    msgType: "CEB604Message",
  });
const withData = (change: (data: string) => string): string =>
  wrapped(receipt).replace(
    /(<Data>)([^<]*)/,
    (_, open: string, data: string) => open + change(data),
  );

const broken: Readonly<Record<string, string | Uint8Array>> = {
  "GBK declared": declared("GBK"),
  "GB18030 declared": declared("GB18030"),
  "GB2312 declared": declared("GB2312"),
  "UTF-16 declared": declared("UTF-16"),
  "GBK declared and written": inGbk(declared("GBK")),
  "GBK written": inGbk(receipt),
  "UTF-16, little end first": Buffer.from(`\uFEFF${receipt}`, "utf16le"),
  "UTF-16, big end first": Buffer.from(`\uFEFF${receipt}`, "utf16le").swap16(),
  "UTF-16 without a mark": Buffer.from(receipt, "utf16le"),
  "a blank before the declaration": ` ${receipt}`,
  "a line before the declaration": `\n${receipt}`,
  "a text before the declaration": `x${receipt}`,
  "a DOCTYPE": receipt.replace("?>", "?>\n<!DOCTYPE x>"),
  "XML 1.1": receipt.replace('version="1.0" enc', 'version="1.1" enc'),
  "its namespace lost": receipt.replace(/ xmlns:ceb="[^"]*"/, ""),
  "its element in a list": receipt
    .replace("<ceb:InventoryReturn>", "<ceb:list><ceb:InventoryReturn>")
    .replace("</ceb:InventoryReturn>", "</ceb:InventoryReturn></ceb:list>"),
  "its element in small letters": receipt.replaceAll("InventoryReturn", "inventoryreturn"),
  "its fields in other letters": receipt
    .replaceAll("copNo", "copNO")
    .replaceAll("orderNo", "OrderNo"),
  "a broken receipt before it": receipt.replace(
    "<ceb:InventoryReturn>",
    "<ceb:InventoryReturn><ceb:copNo>X</ceb:oops></ceb:InventoryReturn><ceb:InventoryReturn>",
  ),
  "an envelope, GBK inside": wrapped(declared("GBK")),
  "an envelope, a blank inside": wrapped(` ${receipt}`),
  "an envelope, one character too few at the end": withData((data) => data.slice(0, -1)),
  "an envelope, one character too few": withData((data) => data.slice(0, 40) + data.slice(41)),
  "an envelope, one character too many": withData((data) => `${data.slice(0, 4)}*${data.slice(4)}`),
  "an envelope, padding inside": withData((data) => `${data.slice(0, 41)}=${data.slice(41)}`),
  "an envelope, XML in its place": withData(() => undeclared),
  "an envelope, CDATA in its place": withData(() => `<![CDATA[${undeclared}]]>`),
  "an envelope, XML written as text": withData(() => undeclared.replaceAll("<", "&lt;")),
  "an envelope in an envelope": wrapped(wrapped(receipt)),
  "two envelopes": `<DxpMsgSv xmlns="http://www.chinaport.gov.cn/dxp" ver="1.0">${wrapped(receipt)
    .replace(/<\?xml.*?\?>/, "")
    .repeat(2)}</DxpMsgSv>`,
  "an unknown envelope": wrapped(receipt).replaceAll("DxpMsg", "DxpMessage"),
};

describe("a receipt that cannot be read holds the parcel until one can", () => {
  test.each(Object.entries(broken))("%s", (_, body) => {
    const post = new CustomsPost().take(documents);
    expect(post.isReleasable(waybill)).toBe(true);
    expect(post.post(body)).not.toMatchObject({ accepted: true });
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.post(readable);
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("customs' words are told where they are in GBK", () => {
    const post = new CustomsPost().take(documents);
    post.post(inGbk(declared("GBK")));
    expect(post.recordOf(waybill).reasons).toMatchObject([
      { params: { status: "500", info: "查验" } },
    ]);
  });
});

test("what an earlier build took of a message that is refused by now is doubt", () => {
  const post = new CustomsPost().take(documents);
  const two = wrapped(receipt).replace(/<Data>.*<\/Data>/s, (data) => data.repeat(2));
  expect(post.post(two)).not.toMatchObject({ accepted: true });
  // As that build has journalled it: the message, and not what could be told of it.
  const taken = post.inputs.map(({ input }) =>
    input.kind === "unreadReceipts"
      ? { kind: "customsMessage" as const, at: input.at, xml: two }
      : input,
  );
  const upgraded = new CustomsPost();
  for (const input of taken) upgraded.desk.apply(input);
  expect(upgraded.codesOf(waybill)).toEqual(["receiptUnread"]);
  upgraded.post(readable);
  expect(upgraded.codesOf(waybill)).toEqual([]);
});

describe("a break at any place", () => {
  const end = receipt.indexOf("<ceb:statisticsFlag>");

  test("behind the numbers, whatever comes then, is doubt", () => {
    const anywhere = fc.integer({ min: end, max: receipt.length - 1 });
    fc.assert(
      fc.property(anywhere, fc.constantFrom("<", "&", "\u0000", "]]>"), (at, stray) => {
        const reading = readMessage(bytesOf(receipt.slice(0, at) + stray));
        expect(reading).toMatchObject({ kind: "refused" });
        const told = reading.kind === "refused" ? reading.unread : [];
        expect(told[0]?.names.copNo).toBe(documents.manifest.head.copNo);
      }),
    );
  });

  test("a number that was cut off names nothing", () => {
    const cut = receipt.slice(0, receipt.indexOf("</ceb:copNo>") - 2);
    const reading = readMessage(bytesOf(cut));
    const told = reading.kind === "refused" ? reading.unread : [];
    expect(told.map(({ names }) => names.copNo)).toEqual([""]);
  });
});

test("what enterprises send is no receipt, however broken it is", () => {
  const order = xmlOf(documents.order).replace("UTF-8", "GBK");
  expect(readMessage(bytesOf(order))).toMatchObject({ kind: "refused", unread: [] });
});

describe("what is not looked at is told to be unread", () => {
  const one = "<InventoryReturn><copNo>1</copNo></InventoryReturn>";
  const enveloped = (xml: string): string => `<Data>${Buffer.from(xml).toString("base64")}</Data>`;
  const told = (xml: string): number =>
    salvageReceipts(bytesOf(xml), { code: "notUtf8", field: null, message: "" }).length;

  test.each<[string, string, number, boolean]>([
    ["10,000 receipts", one.repeat(10_000), 10_000, false],
    ["one more", one.repeat(10_001), 10_000, true],
    ["1,000 envelopes", `<x>${enveloped(one).repeat(1_000)}`, 1_000, false],
    ["one more", `<x>${enveloped(one).repeat(1_001)}`, 1_000, true],
    ["three layers", enveloped(enveloped(enveloped(one))), 1, false],
    ["four layers", one + enveloped(enveloped(enveloped(enveloped(one)))), 1, true],
  ])("of %s", (_, xml, receipts, isMore) => {
    expect(told(xml)).toBe(receipts);
    expect(mayHoldMore(bytesOf(xml), isMore ? 1 : receipts)).toBe(isMore);
  });

  test("whatever stands before the first element, in any length", () => {
    const order = xmlOf(documents.order).replace(/<\?xml.*?\?>/, "");
    for (const part of ["<!x>", "<!-- x -->\n", "<?x?>", " \n"]) {
      const few = bytesOf(part.repeat(100) + order);
      expect([part, mayHoldMore(few, 0)]).toEqual([part, false]);
      const many = bytesOf(part.repeat(1_900_000).slice(0, 7_600_000) + order);
      expect([part, mayHoldMore(many, 0)]).toEqual([part, part.trim() !== ""]);
    }
  });
});

describe("bytes that are made to cost time are looked through once", () => {
  const size = 2 * 1_024 * 1_024;
  const filled = (piece: string): Uint8Array =>
    bytesOf(piece.repeat(Math.ceil(size / piece.length)).slice(0, size));
  const refusal = { code: "notUtf8", field: null, message: "" } as const;

  test.each([
    "<",
    "<a",
    "<copNo",
    "<copNo>",
    "<copNo \n",
    "<InventoryReturn>",
    "<Data>",
    "<Data>PGNvcE5v",
    "<Data>A",
    "<!x>",
    "<?x?> ",
    "a:",
    " ",
  ])("%j over and over", (piece) => {
    const bytes = filled(piece);
    const before = process.cpuUsage();
    salvageReceipts(bytes, refusal);
    mayHoldMore(bytes, 0);
    // The processor's own time: on a busy machine the clock tells more of its neighbours.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  });
});
