// Goal: what customs said of one manifest frees no other, and what ended a parcel's way stays with
// the parcel. Method: receipts and declarations, in bytes, to a document desk.
import { describe, expect, test } from "vitest";
import type { ElementOf } from "../../protocols/ceb/messages.ts";
import { sender } from "../../protocols/actor.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost } from "../kit/customs-post.ts";
import { documentsOf, later } from "./clearance-kit.ts";

const waybill = "CF0001";
const entropy = createSeededEntropy(5, "former");
const said = (documents: ParcelDocuments, status: number, minute = 1): ElementOf<"CEB604"> =>
  manifestReturn(documents.manifest, { status, at: later(minute) }, entropy);
const withHead = <E extends { readonly head: object }>(
  element: E,
  change: Partial<E["head"]>,
): E => ({
  ...element,
  head: { ...element.head, ...change },
});
const guid = (last: number): string => `00000000-0000-0000-0000-${String(last).padStart(12, "0")}`;

/** The same parcel under new numbers. */
const anew = (documents: ParcelDocuments): ParcelDocuments => ({
  ...documents,
  order: withHead(documents.order, { guid: guid(1), orderNo: "ORDER2" }),
  receipt: withHead(documents.receipt, { guid: guid(2), orderNo: "ORDER2" }),
  manifest: withHead(documents.manifest, {
    guid: guid(3),
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
    expect(post.recordOf(waybill).manifestGuid).toBe(guid(3));
    expect(post.codesOf(waybill)).toEqual(["alreadyClosed"]);
    expect(post.desk.manifestView(waybill)?.state).toBe("CLOSED");
    const acceptance = { ...documents.acceptance, acceptanceId: "AGAIN" };
    post.desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"));
    expect(post.codesOf(waybill)).toEqual(["alreadyClosed"]);
  });
});
