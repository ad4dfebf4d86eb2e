// Goal: a draw and an open finding belong to the parcel, so no way of declaring it anew sheds one.
// Method: random findings on a first manifest, random ways to end it and to declare the parcel
// again with papers that agree; whatever was open before is open after.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownReasons } from "../../edge/clearance/findings.ts";
import { endOf } from "../../edge/clearance/state.ts";
import { person } from "../../protocols/actor.ts";
import { unreadReceiptAs } from "../../protocols/ceb/unread-receipts.ts";
import { parcelCategories } from "../../simulators/documents/declaration.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  Documents,
  documentsOf,
  guidOf,
  later,
  startAt,
  testConfig,
  testParameters,
  withHead,
} from "../unit/clearance-kit.ts";

const waybill = "AN0001";
const entropy = createSeededEntropy(8, "anew");
const by = person("O1", "officer", "S1");
/** Two parameter versions, so that a parcel may be declared again under rates that draw nobody. */
const config = fc.nat({ max: 255 }).map((key) => {
  const drawSecretHex = key.toString(16).padStart(2, "0").repeat(32);
  return testConfig({
    parameters: [
      testParameters({ inspectionRate: 0.5, machinePassRatio: 0.5, drawSecretHex }),
      testParameters({
        version: "rules-2",
        validFrom: later(60),
        inspectionRate: 0,
        machinePassRatio: 0,
        rules: [],
      }),
    ],
  });
});

/** A first manifest, some of whose papers may contradict each other about the parcel. */
const first = fc
  .record({
    category: fc.constantFrom(...parcelCategories),
    contradiction: fc.constantFrom("none", "goods", "merchant", "quantity", "charge", "weight"),
  })
  .map(({ category, contradiction }): ParcelDocuments => {
    const isOfKit = contradiction === "charge" || contradiction === "weight";
    const documents = documentsOf(waybill, category, isOfKit ? contradiction : null);
    const { order } = documents;
    const list = order.list.map((row) => ({
      ...row,
      ...(contradiction === "goods" ? { itemName: "玻璃杯" } : {}),
      ...(contradiction === "quantity" ? { qty: "77" } : {}),
    }));
    const ebcCode = contradiction === "merchant" ? "OTHERSHOP" : order.head.ebcCode;
    return { ...documents, order: { ...order, head: { ...order.head, ebcCode }, list } };
  });

const findings = fc.array(
  fc.constantFrom("300", "500", "501", "899", "1399", "unread", "transfer", "control", "none"),
  { maxLength: 4 },
);

function find(documents: Documents, each: ParcelDocuments, what: string, index: number): void {
  const at = later(2 + index);
  if (what === "control") {
    const control = { controlId: `C${index}`, waybill, reason: "risk", by };
    documents.apply({ kind: "control", control }, at);
  } else if (what === "transfer") {
    const act = { act: "monitorTransfer" as const, actId: `T${index}`, waybill, by, note: "" };
    documents.apply({ kind: "officerAct", act }, at);
  } else if (what === "unread") {
    const { agentCode, copNo } = each.manifest.head;
    const child = (name: string, text: string) => ({
      name,
      text,
      namespace: "",
      attributes: [],
      children: [],
    });
    const element = {
      ...child("InventoryReturn", ""),
      children: [child("agentCode", agentCode), child("copNo", copNo)],
    };
    const refusal = { code: "fieldMissing" as const, field: "returnTime", message: "is missing" };
    const receipt = unreadReceiptAs("CEB604", element, refusal);
    documents.apply({ kind: "unreadReceipt", receipt }, at);
  } else if (what !== "none") {
    const receipt = manifestReturn(each.manifest, { status: Number(what), at }, entropy);
    documents.apply({ kind: "manifestReturn", receipt }, at);
  }
}

/** How the first manifest comes to its end, if it has none yet. */
const ending = fc.constantFrom("returnedByCustoms", "orderRefusedAndWaitOver");

function end(documents: Documents, each: ParcelDocuments, how: string): void {
  if (endOf(documents.caseOf(waybill)) !== null) return;
  if (how === "orderRefusedAndWaitOver") {
    const { guid, ebpCode, ebcCode, orderNo } = each.order.head;
    const saying = { returnStatus: "100", returnTime: "20261102101500000", returnInfo: "" };
    const head = { guid, ebpCode, ebcCode, orderNo, ...saying };
    documents.apply(
      { kind: "documentReturn", receipt: { type: "CEB304", head, list: [] } },
      later(20),
    );
    documents.apply({ kind: "timePassed" }, later(60));
    return;
  }
  // Older than everything that customs has said, so that it takes none of it back.
  const receipt = manifestReturn(each.manifest, { status: 100, at: startAt }, entropy);
  documents.apply({ kind: "manifestReturn", receipt }, later(20));
}

/** Long ago, before it comes, and in the far future. */
const times: readonly string[] = ["20260101000000", "20261102105959", "20991231235959"];

const anew = fc.record({
  isNewOrder: fc.boolean(),
  isOtherCarrier: fc.boolean(),
  isSmall: fc.boolean(),
  isNewCopNo: fc.boolean(),
  appType: fc.constantFrom("1" as const, "2" as const),
  appTime: fc.constantFrom(...times),
  tradeMode: fc.constantFrom("9610" as const, "9810" as const),
  minute: fc.integer({ min: 59, max: 300 }),
});

type Way = typeof anew extends fc.Arbitrary<infer W> ? W : never;

/** The numbers by which a receipt finds the manifest of a round. */
const numbersOf = (
  { state }: Documents,
  { isNewOrder, isNewCopNo }: Way,
  round: number,
): { readonly copNo: string; readonly orderNo: string; readonly invtNo: string } => {
  const { head } = documentsOf(waybill).manifest;
  return {
    copNo: isNewCopNo ? `COP${round}` : head.copNo,
    orderNo: isNewOrder ? `ANEW${round}` : head.orderNo,
    invtNo: `INVT${round}${state.cases.size}`,
  };
};

/** Declares the parcel again as plain goods, with papers that agree with each other. */
function declareAnew(documents: Documents, way: Way, round: number): void {
  const plain = documentsOf(waybill);
  const at = later(way.minute + round * 300);
  const logisticsNo = way.isSmall ? waybill.toLowerCase() : waybill;
  const logisticsCode = way.isOtherCarrier ? `OTHER${round}` : plain.waybill.head.logisticsCode;
  const orderNo = way.isNewOrder ? `ANEW${round}` : plain.order.head.orderNo;
  const copNo = way.isNewCopNo ? `COP${round}` : plain.manifest.head.copNo;
  const guid = guidOf(round + 1);
  const shared = { guid, appType: way.appType, appTime: way.appTime };
  documents.apply({ kind: "order", order: withHead(plain.order, { ...shared, orderNo }) }, at);
  const receipt = withHead(plain.receipt, { ...shared, orderNo });
  documents.apply({ kind: "moneyReceipt", receipt }, at);
  const carried = withHead(plain.waybill, { ...shared, logisticsNo, logisticsCode });
  documents.apply({ kind: "waybill", waybill: carried }, at);
  const head = { ...shared, orderNo, copNo, logisticsNo, logisticsCode, tradeMode: way.tradeMode };
  documents.apply({ kind: "manifest", manifest: withHead(plain.manifest, head) }, at);
  const acceptanceId = `ANEW-${round}`;
  const acceptance = { ...plain.acceptance, acceptanceId, carrierCode: logisticsCode };
  documents.apply({ kind: "acceptance", acceptance }, at);
  documents.apply({ kind: "acceptance", acceptance: { ...acceptance, waybill: logisticsNo } }, at);
}

/** What somebody still has to look at, and whether the machine has to see the parcel. */
function openOn(documents: Documents): {
  readonly codes: readonly string[];
  readonly isSeen: boolean;
} {
  const each = documents.caseOf(waybill);
  const comparison = each.activation?.comparison;
  const differs = comparison?.outcome === "differs";
  const codes = ownReasons(each).map(({ reason }) => reason.code);
  const closed = documents.codesOf(waybill).filter((code) => code === "alreadyClosed");
  const controls = documents.state.controlsByWaybill.has(waybill) ? ["manualControl"] : [];
  return {
    codes: [...codes, ...closed, ...controls, ...(differs ? ["comparisonFailed"] : [])],
    isSeen: documents.recordOf(waybill).machineInspectionRequired,
  };
}

describe("INV: what was found of a parcel stays with it", () => {
  test("no way of declaring anew sheds a draw or an open finding", () => {
    let declaredAnew = 0;
    fc.assert(
      fc.property(
        config,
        first,
        findings,
        ending,
        fc.array(anew, { minLength: 1, maxLength: 3 }),
        (config, papers, found, how, ways) => {
          const documents = new Documents(config).take(papers);
          const mustBeSeen = documents.caseOf(waybill).activation?.machineInspectionRequired;
          for (const [index, what] of found.entries()) find(documents, papers, what, index);
          const before = openOn(documents).codes;
          end(documents, papers, how);
          for (const [round, way] of ways.entries()) {
            declareAnew(documents, way, round);
            const after = openOn(documents);
            // A readable receipt, as customs' return is one, ends the doubt of an unreadable one.
            const isReadSince = how === "returnedByCustoms" || round > 0;
            const stays = before.filter((code) => !isReadSince || code !== "receiptUnread");
            expect(after.codes).toEqual(expect.arrayContaining(stays));
            if (mustBeSeen === true) expect(after.isSeen).toBe(true);
            if (stays.length > 0) {
              expect(documents.recordOf(waybill).standing).toBe("notReleasable");
            }
            if (documents.caseOf(waybill).generation > 0) declaredAnew += 1;
            // The next one needs this one ended, too.
            const saying = { status: 100, at: later(290 + round * 300) };
            const returned = withHead(papers.manifest, numbersOf(documents, way, round));
            const receipt = manifestReturn(returned, saying, entropy);
            documents.apply({ kind: "manifestReturn", receipt }, saying.at);
          }
        },
      ),
      { numRuns: 300 },
    );
    // Most of the ways lead to a manifest of its own, or nothing would have been tried.
    expect(declaredAnew).toBeGreaterThan(200);
  });

  test.each([
    ["charge", "receiptAmount"],
    ["goodsValue", "amount"],
    ["weight", "weight"],
    ["pieces", "pieces"],
    ["currency", "currency"],
  ] as const)("papers that contradicted in %s: better ones settle nothing", (kind, field) => {
    const documents = new Documents(testConfig()).take(documentsOf(waybill, "plain", kind));
    const [before] = documents.recordOf(waybill).reasons;
    const told = String(before?.params?.[field]);
    expect(told).toMatch(/ ≠ /);
    const way = { isNewOrder: true, isOtherCarrier: false, isSmall: false, isNewCopNo: true };
    const at = { appType: "2" as const, appTime: "20261102105959", tradeMode: "9610" as const };
    declareAnew(documents, { ...way, ...at, minute: 60 }, 0);
    expect(documents.caseOf(waybill).activation?.comparison).toEqual({ outcome: "matched" });
    expect(documents.recordOf(waybill)).toMatchObject({
      standing: "notReleasable",
      reasons: [{ code: "comparisonFailed", params: { [field]: told } }],
    });
    expect(documents.caseOf(waybill).state).toBe("CONTROLLED");
    const act = { act: "inspectionResult" as const, actId: "I1", waybill, note: "" };
    const result = { ...act, by: person("O2", "inspector", "S2"), result: "NO_ERROR" as const };
    documents.apply({ kind: "officerAct", act: result }, later(61));
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("customs' own release takes back what customs said of an earlier manifest", () => {
    const papers = documentsOf(waybill);
    const documents = new Documents(testConfig()).take(papers);
    find(documents, papers, "501", 0);
    end(documents, papers, "returnedByCustoms");
    const way = { isNewOrder: true, isOtherCarrier: false, isSmall: false, isNewCopNo: false };
    const at = { appType: "1" as const, appTime: "20261102105959", tradeMode: "9610" as const };
    declareAnew(documents, { ...way, ...at, minute: 60 }, 0);
    expect(documents.codesOf(waybill)).toEqual(["customsHold"]);
    const saying = { status: 800, at: later(70) };
    const { copNo, agentCode } = papers.manifest.head;
    const released = withHead(papers.manifest, {
      copNo,
      agentCode,
      orderNo: "ANEW0",
      invtNo: null,
    });
    documents.apply({ kind: "manifestReturn", receipt: manifestReturn(released, saying, entropy) });
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("an inspection finds it settled: NO_ERROR on the new manifest discharges what was found", () => {
    const papers = documentsOf(waybill);
    const drawing = testConfig({ parameters: [testParameters({ inspectionRate: 1 })] });
    const documents = new Documents(drawing).take(papers);
    end(documents, papers, "returnedByCustoms");
    const way = { isNewOrder: true, isOtherCarrier: false, isSmall: false, isNewCopNo: true };
    const at = { appType: "1" as const, appTime: "20261102105959", tradeMode: "9610" as const };
    declareAnew(documents, { ...way, ...at, minute: 60 }, 0);
    expect(documents.codesOf(waybill)).toEqual(["randomControl"]);
    const act = { act: "inspectionResult" as const, actId: "I1", waybill, note: "" };
    const result = { ...act, by: person("O2", "inspector", "S2"), result: "NO_ERROR" as const };
    documents.apply({ kind: "officerAct", act: result }, later(61));
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("what customs said of the manifest before, and comes late, is found of the parcel", () => {
    const papers = documentsOf(waybill);
    const documents = new Documents(testConfig()).take(papers);
    end(documents, papers, "returnedByCustoms");
    const way = { isNewOrder: false, isOtherCarrier: false, isSmall: false, isNewCopNo: false };
    // A manifest that claims to be of the far future is as old as its coming.
    const at = { appType: "2" as const, appTime: "20991231235959", tradeMode: "9610" as const };
    declareAnew(documents, { ...way, ...at, minute: 60 }, 0);
    find(documents, papers, "500", 8);
    expect(documents.codesOf(waybill)).toEqual(["inspectionOrdered"]);
    const receipt = manifestReturn(papers.manifest, { status: 100, at: later(61) }, entropy);
    documents.apply({ kind: "manifestReturn", receipt }, later(61));
    expect(documents.caseOf(waybill).state).toBe("RETURNED");
  });
});
