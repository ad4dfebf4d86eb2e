// Goal: a doubt ends when something readable is newer than it, and not before; and it does end.
// Method: receipts, in bytes, to a document desk, whole and damaged.
import { describe, expect, test } from "vitest";
import type { ElementOf } from "../../protocols/ceb/messages.ts";
import { epochMs } from "../../protocols/units.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later, minuteMs, testConfig } from "./clearance-kit.ts";

const waybill = "CG0001";
const entropy = createSeededEntropy(6, "doubt");
const documents = documentsOf(waybill);
const byCustoms = testConfig({ authority: "customs" });
const said = (status: number, minute: number, ms = 0): ElementOf<"CEB604"> =>
  manifestReturn(documents.manifest, { status, at: epochMs(later(minute) + ms) }, entropy);
const withoutFlag = (element: ElementOf<"CEB604">): string =>
  xmlOf(element).replace(/<ceb:statisticsFlag>.*?<\/ceb:statisticsFlag>/, "");
const withTime = (xml: string, time: string): string =>
  xml.replace(/(<ceb:returnTime>)\d+/, `$1${time}`);
const taken = (of: ParcelDocuments, config = testConfig()): CustomsPost =>
  new CustomsPost(config).take(of);

describe("what ends a doubt is newer than it", () => {
  test.each([
    ["site", 120],
    ["customs", 800],
  ] as const)("not a receipt of the same second (%s, %i)", (authority, status) => {
    const post = taken(documents, testConfig({ authority }));
    post.post(withoutFlag(said(500, 1, 900)));
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
