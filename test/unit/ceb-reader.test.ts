// Goal: a body of any bytes is answered with a typed refusal or read, within its limits, and never
// costs a good element beside it. Method: one message from the lab's generator, changed in one way.
import { describe, expect, test } from "vitest";
import { messageBytesMax, wrapMessage } from "../../protocols/ceb/envelope.ts";
import { readMessage, type MessageReading } from "../../protocols/ceb/read-message.ts";
import {
  xmlAttributeCharsMax,
  xmlAttributesMax,
  xmlDepthMax,
  xmlNodesMax,
  xmlTextCharsMax,
} from "../../protocols/ceb/xml-tree.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { documentsOf } from "./clearance-kit.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (xml: string): MessageReading => readMessage(bytesOf(xml));

const [, , , manifestXml = ""] = writeDocuments(
  [documentsOf("RD0001"), documentsOf("RD0002")],
  createSeededEntropy(1, "reader"),
);
const element = /<ceb:Inventory>[\s\S]*?<\/ceb:Inventory>/.exec(manifestXml)?.[0] ?? "";

function refusalOf(reading: MessageReading): string {
  if (reading.kind !== "refused") throw new Error("was read");
  return reading.refusal.code;
}

function elementsOf(reading: MessageReading): readonly (string | null)[] {
  if (reading.kind !== "read") throw new Error(JSON.stringify(reading.refusal));
  return reading.elements.map((each) => (each.kind === "refused" ? each.refusal.code : null));
}

describe("bad input: limits of a message", () => {
  test("100 elements are read, 101 are refused as a whole", () => {
    const withElements = (count: number): string =>
      manifestXml.replace(/<ceb:Inventory>[\s\S]*<\/ceb:Inventory>/, element.repeat(count));
    expect(elementsOf(read(withElements(100)))).toHaveLength(100);
    expect(refusalOf(read(withElements(101)))).toBe("tooManyElements");
  });

  test("100 rows of goods are read, 101 cost the element", () => {
    const row = /<ceb:InventoryList>[\s\S]*?<\/ceb:InventoryList>/.exec(element)?.[0] ?? "";
    const withRows = (count: number): string =>
      manifestXml.replace(
        row,
        Array.from({ length: count }, (_, i) =>
          row.replace(/<ceb:gnum>\d+/, `<ceb:gnum>${i + 1}`),
        ).join(""),
      );
    expect(elementsOf(read(withRows(100)))).toEqual([null, null]);
    expect(elementsOf(read(withRows(101)))).toEqual(["tooManyElements", null]);
  });

  test("the largest body is looked at, one byte more is not", () => {
    const padded = (bytes: number): string =>
      `${manifestXml}<!--${" ".repeat(bytes - bytesOf(manifestXml).length - 7)}-->`;
    expect(bytesOf(padded(messageBytesMax))).toHaveLength(messageBytesMax);
    expect(elementsOf(read(padded(messageBytesMax)))).toEqual([null, null]);
    expect(refusalOf(read(padded(messageBytesMax + 1)))).toBe("tooLarge");
  });

  test("deep nesting is refused before it is built", () => {
    const nested = (depth: number): string =>
      manifestXml.replace(
        "<ceb:BaseTransfer>",
        `${"<ceb:x>".repeat(depth)}${"</ceb:x>".repeat(depth)}<ceb:BaseTransfer>`,
      );
    expect(elementsOf(read(nested(xmlDepthMax - 1)))).toEqual([null, null, "fieldUnknown"]);
    expect(refusalOf(read(nested(xmlDepthMax)))).toBe("tooDeep");
    expect(refusalOf(read(nested(200_000)))).toBe("tooDeep");
  });

  test("a flood of tiny elements is refused", () => {
    const flood = manifestXml.replace("<ceb:BaseTransfer>", "<ceb:x/>".repeat(xmlNodesMax));
    expect(refusalOf(read(flood))).toBe("tooManyNodes");
  });

  test("a huge attribute and too many attributes are refused", () => {
    const with_ = (attributes: string): string =>
      manifestXml.replace("<ceb:Inventory>", `<ceb:Inventory ${attributes}>`);
    expect(refusalOf(read(with_(`a="${"x".repeat(xmlAttributeCharsMax + 1)}"`)))).toBe(
      "textTooLong",
    );
    const many = Array.from({ length: xmlAttributesMax + 1 }, (_, i) => `a${i}="1"`).join(" ");
    expect(read(with_(many))).toMatchObject({
      refusal: { code: "tooManyAttributes", message: "element Inventory has over 32 attributes" },
    });
  });

  test("a huge text is refused, also inside an envelope", () => {
    const huge = manifestXml.replace("连裤袜", "袜".repeat(xmlTextCharsMax + 1));
    expect(refusalOf(read(huge))).toBe("textTooLong");
    expect(refusalOf(read(inEnvelope(huge)))).toBe("textTooLong");
  });

  test("a number of a million digits is refused at once", () => {
    const long = manifestXml.replace(/<ceb:freight>12/, `<ceb:freight>${"0".repeat(60_000)}x`);
    const startedAt = performance.now();
    expect(elementsOf(read(long))).toEqual(["digitsTooMany", null]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

const inEnvelope = (xml: string): string =>
  wrapMessage(xml, {
    copMsgId: "1",
    senderId: "S",
    receiverIds: ["R"],
    createdAt: "2026-11-02T10:00:00",
    msgType: "CEB603Message",
  });

describe("bad input: spelling", () => {
  test("an envelope larger than a text may be elsewhere is opened", () => {
    const many = manifestXml.replace(element, element.repeat(60));
    const reading = read(inEnvelope(many));
    expect(elementsOf(reading)).toHaveLength(61);
    expect(reading).toMatchObject({ isWrapped: true });
  });

  test("a signature and a subscription behind the transfer are let pass", () => {
    const tail =
      "<ceb:BaseSubscribe><ceb:status>ALL</ceb:status></ceb:BaseSubscribe>" +
      '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>';
    const signed = manifestXml.replace("</ceb:BaseTransfer>", `</ceb:BaseTransfer>${tail}`);
    expect(elementsOf(read(signed))).toEqual([null, null]);
  });

  test("lengths count characters, not UTF-16 units", () => {
    // 鿿 is one unit, 𠮷 two: 250 of either fit into a goods' name, 251 do not.
    const named = (name: string): string =>
      manifestXml.replace("连裤袜</ceb:gname>", `${name}</ceb:gname>`);
    expect(elementsOf(read(named("𠮷".repeat(250))))).toEqual([null, null]);
    expect(elementsOf(read(named("𠮷".repeat(251))))).toEqual(["lengthWrong", null]);
  });

  test("decimals are exact and have one spelling", () => {
    const reading = read(
      manifestXml.replace(/<ceb:grossWeight>[^<]*/, "<ceb:grossWeight> +0220.10000 "),
    );
    if (reading.kind !== "read") throw new Error("refused");
    const [first] = reading.elements;
    if (first?.kind !== "read" || first.element.type !== "CEB603") throw new Error("refused");
    expect(first.element.head.grossWeight).toBe("220.1");
  });

  test("a waybill number of dashes alone is none, as at every other border", () => {
    const numbered = (text: string): string =>
      manifestXml.replace(/<ceb:logisticsNo>[^<]*/, `<ceb:logisticsNo>${text}`);
    expect(elementsOf(read(numbered("---1234")))).toEqual([null, null]);
    expect(elementsOf(read(numbered("-----")))).toEqual([expect.any(String), null]);
  });

  test("every prefix of a message is answered", () => {
    const bytes = bytesOf(manifestXml);
    for (let length = 0; length < bytes.length - 1; length += 97) {
      expect(readMessage(bytes.subarray(0, length)).kind).toBe("refused");
    }
  });
});
