// Goal: customs' times order what customs has said only where they can be true.
// Method: what it says for and against a parcel, in any order of coming, with times that were, times
// that cannot be yet and times before anything was declared. What holds the parcel is never masked by
// a word whose time cannot be.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chinaTimeOfEpoch } from "../../protocols/ceb/calendar.ts";
import type { CebDocumentReturn } from "../../protocols/ceb/messages.ts";
import { unreadReceiptFrom } from "../../protocols/ceb/unread-receipts.ts";
import { epochMs } from "../../protocols/units.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { Documents, documentsOf, guidOf, later, testConfig } from "../unit/clearance-kit.ts";

const waybill = "AN0001";
const entropy = createSeededEntropy(8, "customs-time");
const papers = documentsOf(waybill);

/** Minutes of a receipt's time against its coming: hours ahead to a century. */
const ahead = fc.constantFrom(121, 180, 24 * 60, 366 * 24 * 60, 70 * 366 * 24 * 60);
const adverse = fc.constantFrom("300", "500", "501", "700", "100", "899", "1399", "unread");
const harmless = fc.constantFrom("1", "120", "399", "800");

interface Saying {
  readonly status: string;
  /** Minute of its coming. */
  readonly minute: number;
  readonly aheadMinutes: number;
}

function say(documents: Documents, { status, minute, aheadMinutes }: Saying): void {
  const comesAt = later(minute);
  const saidAt = epochMs(comesAt + aheadMinutes * 60_000);
  if (status !== "unread") {
    const receipt = manifestReturn(papers.manifest, { status, at: saidAt }, entropy);
    documents.apply({ kind: "manifestReturn", receipt }, comesAt);
    return;
  }
  const { agentCode, copNo } = papers.manifest.head;
  const texts = { agentcode: agentCode, copno: copNo, returntime: chinaTimeOfEpoch(saidAt) };
  const refusal = { code: "fieldMissing" as const, field: "returnStatus", message: "is missing" };
  const receipt = unreadReceiptFrom("CEB604", new Map(Object.entries(texts)), refusal);
  documents.apply({ kind: "unreadReceipt", receipt }, comesAt);
}

const isHeld = (documents: Documents): boolean =>
  documents.recordOf(waybill).standing === "notReleasable";

describe("INV: a time that cannot be orders nothing", () => {
  test("what holds the parcel is never masked by what customs claims to have said in our future", () => {
    fc.assert(
      fc.property(
        adverse,
        fc.constantFrom(0, -1, 5, 60, 180, 366 * 24 * 60),
        fc.integer({ min: 1, max: 20 }),
        fc.array(
          fc.record({ status: harmless, minute: fc.integer({ min: 1, max: 20 }), by: ahead }),
          { minLength: 1, maxLength: 4 },
        ),
        fc.boolean(),
        (status, aheadMinutes, minute, others, isParked) => {
          const documents = new Documents(testConfig());
          if (!isParked) documents.take(papers);
          const sayings = [
            { status, minute, aheadMinutes },
            ...others.map((each) => ({ ...each, aheadMinutes: each.by })),
          ].toSorted((a, b) => a.minute - b.minute);
          for (const each of sayings) say(documents, each);
          if (isParked) documents.take(papers, later(21));
          expect(isHeld(documents)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("nor by a time that is ahead by little, if the hold comes before it", () => {
    fc.assert(
      fc.property(
        adverse,
        harmless,
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 1, max: 119 }),
        (status, other, by, after) => {
          fc.pre(after < by);
          const documents = new Documents(testConfig()).take(papers);
          say(documents, { status: other, minute: 1, aheadMinutes: by });
          say(documents, { status, minute: 1 + after, aheadMinutes: 0 });
          expect(isHeld(documents)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a hold whose time cannot be stands until customs says something after it came", () => {
    fc.assert(
      fc.property(adverse, ahead, fc.integer({ min: -30, max: 30 }), (status, by, minute) => {
        const isForGood = status === "100" || status === "899";
        const documents = new Documents(testConfig()).take(papers);
        say(documents, { status, minute: 40, aheadMinutes: by });
        expect(isHeld(documents)).toBe(true);
        say(documents, { status: "800", minute: 80, aheadMinutes: minute - 40 });
        expect(isHeld(documents)).toBe(isForGood || minute <= 0);
      }),
      { numRuns: 200 },
    );
  });

  test("the same receipt again is no truer when its time has come", () => {
    const documents = new Documents(testConfig()).take(papers);
    const receipt = manifestReturn(papers.manifest, { status: 800, at: later(180) }, entropy);
    documents.apply({ kind: "manifestReturn", receipt }, later(1));
    documents.apply(
      {
        kind: "manifestReturn",
        receipt: manifestReturn(papers.manifest, { status: 500, at: later(1) }, entropy),
      },
      later(1),
    );
    const { outcome } = documents.apply({ kind: "manifestReturn", receipt }, later(181));
    expect(outcome).toMatchObject({ accepted: true, code: "repeated" });
    expect(isHeld(documents)).toBe(true);
  });

  test("a hold from before the manifest was declared is doubt, whatever came first", () => {
    const documents = new Documents(testConfig()).take(papers);
    say(documents, { status: "120", minute: 1, aheadMinutes: 0 });
    say(documents, { status: "500", minute: 2, aheadMinutes: -366 * 24 * 60 });
    expect(documents.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("a clock of customs that is a little fast orders as it always did", () => {
    const documents = new Documents(testConfig()).take(papers);
    say(documents, { status: "500", minute: 1, aheadMinutes: 9 });
    expect(documents.codesOf(waybill)).toEqual(["inspectionOrdered"]);
    say(documents, { status: "800", minute: 2, aheadMinutes: 9 });
    expect(documents.codesOf(waybill)).toEqual([]);
  });
});

const answers = ["CEB304", "CEB404", "CEB506"] as const;

function answer(type: (typeof answers)[number], status: string, saidAt: number): CebDocumentReturn {
  const { order, receipt, waybill: carried } = papers;
  const saying = {
    guid: guidOf(saidAt % 1_000_003),
    returnStatus: status,
    returnTime: chinaTimeOfEpoch(epochMs(saidAt)),
    returnInfo: "",
  };
  const { ebpCode, ebcCode, orderNo } = order.head;
  if (type === "CEB304") return { type, head: { ebpCode, ebcCode, orderNo, ...saying }, list: [] };
  if (type === "CEB404") {
    const { ebcCode: sellerCode, payNo } = receipt.head;
    return { type, head: { ebcCode: sellerCode, orderNo, payNo, ...saying }, list: [] };
  }
  const { logisticsCode, logisticsNo } = carried.head;
  return { type, head: { logisticsCode, logisticsNo, ...saying }, list: [] };
}

describe("INV: nor does it order the answers to an order, a receipt of money or a waybill", () => {
  test("a refusal is never masked by an acceptance of the future", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...answers),
        ahead,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 5, 60, 180),
        (type, by, order, refusedAhead) => {
          const documents = new Documents(testConfig()).take(papers);
          const tell = (status: string, minute: number, aheadMinutes: number): void => {
            const saidAt = later(minute) + aheadMinutes * 60_000;
            const receipt = answer(type, status, saidAt);
            documents.apply({ kind: "documentReturn", receipt }, later(minute));
          };
          for (const [index, isBefore] of order.entries()) {
            if (isBefore) tell("120", 1 + index, by);
          }
          // Ahead by less than is believed, and its hour has not come yet.
          if (order.length > 2) tell("120", 9, 100);
          tell("100", 10, refusedAhead);
          for (const [index, isBefore] of order.entries()) {
            if (!isBefore) tell("120", 11 + index, by);
          }
          expect(isHeld(documents)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("what customs says of it after that counts", () => {
    for (const type of answers) {
      const documents = new Documents(testConfig()).take(papers);
      const ahead = answer(type, "120", later(180));
      const { outcome } = documents.apply({ kind: "documentReturn", receipt: ahead }, later(1));
      expect(outcome).toMatchObject({ accepted: false, code: "timeAhead", field: "returnTime" });
      expect(isHeld(documents)).toBe(true);
      const receipt = answer(type, "120", later(2));
      documents.apply({ kind: "documentReturn", receipt }, later(2));
      expect(isHeld(documents)).toBe(false);
    }
  });
});
