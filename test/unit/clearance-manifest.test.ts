// Goal: the manifest machine from stored to released, guard by guard. Method: one
// parcel's documents and events at a time, looking at the record that the line would get.
import { person } from "../../protocols/actor.ts";
import { describe, expect, test } from "vitest";
import type { OfficerAct } from "../../edge/clearance/events.ts";
import { nextDueAt } from "../../edge/clearance/expiry.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  Documents,
  documentsOf,
  eventsOf,
  guidOf,
  later,
  startAt,
  testConfig,
  testParameters,
} from "./clearance-kit.ts";

const waybill = "CM0001";
const by = person("officer-7", "reviewer", "desk-2");
const entropy = createSeededEntropy(9, "manifest");

const receiptOf = (documents: ReturnType<typeof documentsOf>, status: number, minute: number) => ({
  kind: "manifestReturn" as const,
  receipt: manifestReturn(documents.manifest, { status, at: later(minute) }, entropy),
});

const act = (body: object) => ({
  kind: "officerAct" as const,
  act: { actId: "A1", waybill, by, ...body } as OfficerAct,
});
const secondActivation = (codes: string, actId = "A1") =>
  act({
    act: "secondActivation",
    actId,
    licences: codes.split("").map((code) => ({ code, number: `N-${code}`, quantity: "2" })),
  });
const inspected = (result: "NO_ERROR" | "ERROR", actId = "A1") =>
  act({ act: "inspectionResult", actId, result, note: "" });

const release = (passId: string, ofWaybill = waybill) => ({
  kind: "release" as const,
  release: { waybill: ofWaybill, lineId: "L1", passId, recordVersion: 1, decidedAt: startAt },
});

describe("ZJG-17: activation by the carrier's acceptance", () => {
  test("without an acceptance nothing is activated", () => {
    const documents = new Documents();
    for (const event of eventsOf(documentsOf(waybill)).slice(0, 4)) documents.apply(event);
    expect(documents.caseOf(waybill).state).toBe("STORED");
    expect(documents.codesOf(waybill)).toEqual(["notActivated"]);
  });

  test("an acceptance without a manifest is parked, and activates it when it comes", () => {
    const documents = new Documents();
    const [order, receipt, carried, manifest, acceptance] = eventsOf(documentsOf(waybill));
    expect(documents.apply(acceptance!).outcome).toMatchObject({ accepted: true, code: "parked" });
    expect(documents.apply(acceptance!).outcome).toMatchObject({ code: "repeated" });
    for (const event of [order!, receipt!, carried!, manifest!]) documents.apply(event);
    expect(documents.caseOf(waybill).state).toBe("AWAITING_MACHINE_PASS");
    expect(documents.state.parkedAcceptances.size).toBe(0);
  });

  test("exactly one activation, however often the carrier says so", () => {
    const documents = new Documents();
    const each = documentsOf(waybill);
    const facts = [...eventsOf(each), ...eventsOf(each).slice(4), ...eventsOf(each).slice(4)]
      .flatMap((event) => documents.apply(event).facts)
      .filter(({ code }) => code === "activated");
    expect(facts).toHaveLength(1);
  });

  test("another carrier's acceptance of the same number does not activate", () => {
    const documents = new Documents();
    const each = documentsOf(waybill);
    for (const event of eventsOf(each).slice(0, 4)) documents.apply(event);
    const acceptance = { ...each.acceptance, carrierCode: "OTHER" };
    expect(documents.apply({ kind: "acceptance", acceptance }).outcome.code).toBe("parked");
    expect(documents.caseOf(waybill).state).toBe("STORED");
  });

  test.each([
    ["waybill", { waybill: "BO0009" }],
    ["carrierCode", { carrierCode: "OTHER" }],
    ["pieces", { pieces: 2 }],
    ["weightG", { weightG: 1 }],
    ["acceptedAt", { acceptedAt: later(1) }],
  ])("its number with another %s is refused, waiting or activated", (field, change) => {
    const documents = new Documents();
    const each = documentsOf(waybill);
    const { acceptance } = each;
    const say = (said: typeof acceptance) =>
      documents.apply({ kind: "acceptance", acceptance: said }).outcome;
    const refused = { accepted: false, code: "acceptanceIdReused", field };
    say(acceptance);
    expect(say({ ...acceptance, ...change })).toMatchObject(refused);
    documents.take(each);
    expect(say({ ...acceptance, ...change })).toMatchObject(refused);
    expect(say({ ...acceptance })).toMatchObject({ accepted: true, code: "repeated" });
    expect(documents.state.parkedAcceptances.size).toBe(0);
  });

  test("its number is known as long as it waits or its manifest is the newest, and no longer", () => {
    const documents = new Documents();
    const { acceptance } = documentsOf(waybill);
    documents.apply({ kind: "acceptance", acceptance });
    documents.apply({ kind: "timePassed" }, later(24 * 60));
    expect(documents.state.acceptances.size).toBe(0);
    documents.take(documentsOf(waybill), later(24 * 60));
    documents.apply({ kind: "acceptance", acceptance: { ...acceptance } }, later(24 * 60));
    expect(documents.state.acceptances.size).toBe(1);
    documents.apply({ kind: "timePassed" }, later(72 * 60));
    expect([...documents.state.acceptances.keys()]).toEqual([acceptance.acceptanceId]);
  });

  test.each([
    [24 * 60, null],
    [24 * 60 + 1, "timeAhead"],
  ])("accepted %i minutes ahead of the centre's clock: %s", (minutes, code) => {
    const documents = new Documents();
    const each = documentsOf(waybill);
    for (const event of eventsOf(each).slice(0, 4)) documents.apply(event);
    const acceptance = { ...each.acceptance, acceptedAt: later(minutes) };
    const { outcome } = documents.apply({ kind: "acceptance", acceptance });
    expect(outcome).toMatchObject({ code, field: code === null ? null : "acceptedAt" });
  });

  test("a stored manifest may be changed and deleted, an activated one may not", () => {
    const each = documentsOf(waybill);
    const changed = {
      ...each.manifest,
      head: { ...each.manifest.head, appType: "2" as const, note: "changed" },
    };
    const documents = new Documents();
    documents.apply({ kind: "manifest", manifest: each.manifest });
    const before = documents.caseOf(waybill).manifest.hash;
    expect(documents.apply({ kind: "manifest", manifest: changed }).outcome.accepted).toBe(true);
    expect(documents.caseOf(waybill).manifest.hash).not.toBe(before);
    const deletion = { ...changed, head: { ...changed.head, appType: "3" as const } };
    expect(documents.apply({ kind: "manifest", manifest: deletion }).outcome.accepted).toBe(true);
    expect(documents.caseOf(waybill).state).toBe("VOID");
    const activated = new Documents().take(each);
    for (const manifest of [changed, deletion]) {
      expect(activated.apply({ kind: "manifest", manifest }).outcome).toMatchObject({
        accepted: false,
        code: "frozen",
      });
    }
  });
});

describe("ZJG-19: comparison of the three documents", () => {
  test("a missing receipt of money is waited for, then the manifest is returned until it comes", () => {
    const each = documentsOf(waybill);
    const documents = new Documents();
    for (const event of eventsOf(each)) if (event.kind !== "moneyReceipt") documents.apply(event);
    expect(documents.recordOf(waybill).reasons).toEqual([
      { code: "comparisonPending", params: { missing: "receipt" } },
    ]);
    expect(nextDueAt(documents.state)).toBe(later(30));
    documents.apply({ kind: "timePassed" }, later(29));
    expect(documents.caseOf(waybill).state).toBe("ACTIVATED");
    documents.apply({ kind: "timePassed" }, later(30));
    expect(documents.caseOf(waybill).state).toBe("RETURNED");
    expect(documents.recordOf(waybill).reasons).toEqual([
      { code: "comparisonFailed", params: { missing: "receipt" } },
    ]);
    documents.apply({ kind: "moneyReceipt", receipt: each.receipt }, later(31));
    expect(documents.caseOf(waybill).state).toBe("AWAITING_MACHINE_PASS");
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("a trade mode that needs no receipt of money does not wait for one", () => {
    const each = documentsOf(waybill);
    const manifest = {
      ...each.manifest,
      head: { ...each.manifest.head, tradeMode: "9710" as const },
    };
    const documents = new Documents();
    for (const event of eventsOf({ ...each, manifest })) {
      if (event.kind !== "moneyReceipt") documents.apply(event);
    }
    expect(documents.caseOf(waybill).state).toBe("AWAITING_MACHINE_PASS");
  });

  test.each([
    ["charge", "receiptAmount", "71.8 ≠ 72.8"],
    ["currency", "currency", "142 ≠ 502 (CEB403)"],
    ["goodsValue", "amount", "59.81 ≠ 59.8"],
    ["weight", "weight", "220 ≠ 940"],
    ["pieces", "pieces", "1 ≠ 2"],
  ] as const)(
    "contradicting %s returns the manifest, and says how",
    (contradiction, differs, how) => {
      const documents = new Documents().take(documentsOf(waybill, "plain", contradiction));
      expect(documents.recordOf(waybill).reasons).toEqual([
        { code: "comparisonFailed", params: { differs, [differs]: how } },
      ]);
    },
  );

  test("weights may differ by the tolerance and no more", () => {
    const each = documentsOf(waybill); // 220 g declared; 20 g are allowed.
    const accepted = (weightG: number) =>
      new Documents().take({ ...each, acceptance: { ...each.acceptance, weightG } });
    expect(accepted(240).codesOf(waybill)).toEqual([]);
    expect(accepted(241).codesOf(waybill)).toEqual(["comparisonFailed"]);
  });

  test("a second receipt of money for the order is refused and told, and changes nothing", () => {
    const each = documentsOf(waybill);
    const documents = new Documents().take(each);
    const guid = "00000000-0000-0000-0000-00000000000A";
    const receipt = { ...each.receipt, head: { ...each.receipt.head, guid } };
    const { outcome, facts, changed } = documents.apply({ kind: "moneyReceipt", receipt });
    expect(outcome).toMatchObject({ accepted: false, code: "duplicateReceipt", field: "orderNo" });
    expect(facts.map(({ code }) => code)).toEqual(["duplicateReceipt"]);
    expect(changed).toEqual([]);
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("a document that an activated manifest relies on is not replaced", () => {
    const each = documentsOf(waybill);
    const documents = new Documents().take(each);
    const order = {
      ...each.order,
      head: { ...each.order.head, appType: "2" as const, goodsValue: "1" },
    };
    expect(documents.apply({ kind: "order", order }).outcome).toMatchObject({
      accepted: false,
      code: "frozen",
    });
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("a returned manifest stays returned when its documents are changed; a new one may follow", () => {
    const each = documentsOf(waybill, "plain", "charge");
    const right = documentsOf(waybill);
    const documents = new Documents().take(each);
    const receipt = {
      ...right.receipt,
      head: { ...right.receipt.head, guid: each.receipt.head.guid, appType: "2" as const },
    };
    expect(documents.apply({ kind: "moneyReceipt", receipt }).outcome.accepted).toBe(true);
    expect(documents.caseOf(waybill).state).toBe("RETURNED");
    const next = {
      ...each.manifest,
      head: {
        ...each.manifest.head,
        guid: "00000000-0000-0000-0000-00000000000B",
        appTime: "20261102110000",
      },
    };
    const version = documents.recordOf(waybill).version;
    const { outcome } = documents.apply({ kind: "manifest", manifest: next }, later(60));
    expect(outcome.accepted).toBe(true);
    // The carrier has taken the parcel over already, so the new manifest is activated at once, and
    // what was found of the parcel stays to be looked at.
    expect(documents.caseOf(waybill).activation?.comparison.outcome).toBe("matched");
    expect(documents.caseOf(waybill).state).toBe("CONTROLLED");
    expect(documents.recordOf(waybill).version).toBeGreaterThan(version);
    // A receipt from before it, under the number of both, speaks of the returned one.
    const former = manifestReturn(next, { status: 100, at: startAt }, entropy);
    expect(documents.apply({ kind: "manifestReturn", receipt: former }).outcome.code).toBe(
      "olderVersion",
    );
    expect(documents.codesOf(waybill)).toEqual(["comparisonFailed"]);
  });
});

describe("ZJG-20 to ZJG-23: channels and the acts that end them", () => {
  test.each([
    ["plain", [], "AWAITING_MACHINE_PASS"],
    ["licence", ["licenceRequired"], "ONSITE_REVIEW"],
    ["ledger", ["quarantineLedgerRequired"], "ONSITE_REVIEW"],
    ["taxable", ["taxRelated"], "CONVERTED_TO_DECLARATION"],
    ["prohibited", ["prohibitedGoods", "licenceRequired"], "CONTROLLED"],
  ] as const)("%s goods", (category, codes, state) => {
    const documents = new Documents().take(documentsOf(waybill, category));
    expect(documents.codesOf(waybill)).toEqual(codes);
    expect(documents.caseOf(waybill).state).toBe(state);
  });

  test("ZJG-21: a second activation needs a paper for every code, and then releases", () => {
    const documents = new Documents().take(documentsOf(waybill, "licence"));
    expect(documents.apply(secondActivation("4")).outcome).toMatchObject({
      accepted: false,
      code: "licenceMissing",
    });
    const { outcome, facts } = documents.apply(secondActivation("4xy"));
    expect(outcome.accepted).toBe(true);
    expect(documents.codesOf(waybill)).toEqual([]);
    // Law 14: who, where, under which rules.
    expect(facts[0]).toMatchObject({
      code: "secondActivation",
      params: {
        officer: by.name,
        role: by.role,
        station: by.station,
        rules: "rules-1",
        discharged: "licenceRequired",
      },
    });
    expect(documents.apply(secondActivation("4xy")).outcome.code).toBe("repeated");
    expect(documents.apply(secondActivation("4xy", "A2")).outcome.code).toBe("nothingToDischarge");
  });

  test("ZJG-22: no act of ours releases taxable goods", () => {
    const documents = new Documents().take(documentsOf(waybill, "taxable"));
    expect(documents.apply(secondActivation("4")).outcome.code).toBe("nothingToDischarge");
    documents.apply(inspected("NO_ERROR"));
    documents.apply(receiptOf(documentsOf(waybill, "taxable"), 800, 5));
    expect(documents.codesOf(waybill)).toEqual(["taxRelated"]);
  });

  test("an inspection does not discharge a licence, nor papers a control", () => {
    const documents = new Documents().take(documentsOf(waybill, "licence"));
    const control = { controlId: "C1", waybill, reason: "risk", by };
    documents.apply({ kind: "control", control });
    documents.apply(inspected("NO_ERROR"));
    expect(documents.codesOf(waybill)).toEqual(["licenceRequired"]);
    documents.apply({ kind: "control", control: { ...control, controlId: "C2" } });
    documents.apply(secondActivation("4xy", "A2"));
    expect(documents.codesOf(waybill)).toEqual(["manualControl"]);
  });

  test("ZJG-23: the monitoring post's transfer stands until a second activation after it", () => {
    const documents = new Documents().take(documentsOf(waybill));
    documents.apply(act({ act: "monitorTransfer", actId: "T1", note: "" }));
    expect(documents.codesOf(waybill)).toEqual(["onsiteReview"]);
    documents.apply(secondActivation("", "A2"));
    expect(documents.codesOf(waybill)).toEqual([]);
    documents.apply(act({ act: "monitorTransfer", actId: "T2", note: "" }));
    expect(documents.codesOf(waybill)).toEqual(["onsiteReview"]);
  });

  test("many transfers are one reason in the record, which one second activation discharges", () => {
    const documents = new Documents().take(documentsOf(waybill));
    for (let number = 1; number <= 25; number += 1) {
      documents.apply(act({ act: "monitorTransfer", actId: `T${number}`, note: "" }));
    }
    expect(documents.codesOf(waybill)).toEqual(["onsiteReview"]);
    documents.apply(secondActivation("", "A2"));
    expect(documents.codesOf(waybill)).toEqual([]);
  });

  test("ZJG-34: ERROR hands the parcel over, and nothing brings it back", () => {
    const documents = new Documents().take(documentsOf(waybill));
    documents.apply(inspected("ERROR"));
    expect(documents.caseOf(waybill).state).toBe("TRANSFERRED");
    expect(documents.apply(inspected("NO_ERROR", "A2")).outcome.code).toBe("manifestEnded");
    expect(documents.recordOf(waybill).standing).toBe("notReleasable");
  });
});

describe("ZJG-25: manual control", () => {
  const control = { controlId: "C1", waybill, reason: "tip", by };

  test("is effective at once, also before anything is known of the waybill", () => {
    const before = new Documents();
    expect(before.apply({ kind: "control", control }).changed).toEqual([]);
    before.take(documentsOf(waybill));
    expect(before.codesOf(waybill)).toEqual(["manualControl"]);
    const after = new Documents().take(documentsOf(waybill));
    const { changed } = after.apply({ kind: "control", control });
    expect(changed.map(({ standing }) => standing)).toEqual(["notReleasable"]);
  });

  test("the same control twice is one", () => {
    const documents = new Documents().take(documentsOf(waybill));
    documents.apply({ kind: "control", control });
    const { outcome, changed } = documents.apply({ kind: "control", control });
    expect(outcome.code).toBe("repeated");
    expect(changed).toEqual([]);
  });
});

describe("ZJG-08: machine-pass ratio", () => {
  test.each([
    [1, true, "releasableIfMachinePassOk", "AWAITING_MACHINE_PASS"],
    [0, false, "releasable", "RELEASE_ELIGIBLE"],
  ] as const)("ratio %d", (machinePassRatio, machineInspectionRequired, standing, state) => {
    const config = testConfig({ parameters: [testParameters({ machinePassRatio })] });
    const documents = new Documents(config).take(documentsOf(waybill));
    expect(documents.recordOf(waybill)).toMatchObject({ machineInspectionRequired, standing });
    expect(documents.caseOf(waybill).state).toBe(state);
  });
});

describe("law 13: release is one act", () => {
  test("the line's decision releases, once a pass, and nothing is discharged afterwards", () => {
    const documents = new Documents().take(documentsOf(waybill));
    expect(documents.apply(release("P1")).outcome).toMatchObject({ accepted: true, code: null });
    expect(documents.caseOf(waybill).state).toBe("RELEASED");
    // The pass is still on its belt: its own release is no reason against it.
    expect(documents.codesOf(waybill)).toEqual([]);
    expect(documents.apply(release("P1")).outcome.code).toBe("repeated");
    expect(documents.apply(secondActivation("4")).outcome.code).toBe("alreadyReleased");
  });

  test("a release that crossed a control is applied, and told as a conflict", () => {
    const documents = new Documents().take(documentsOf(waybill));
    const control = { controlId: "C1", waybill, reason: "late", by };
    documents.apply({ kind: "control", control });
    const { outcome, facts } = documents.apply(release("P1"));
    expect(outcome.code).toBe("releaseConflict");
    expect(facts.find(({ code }) => code === "releaseConflict")?.params).toEqual({
      against: "manualControl",
      passId: "P1",
    });
    expect(documents.codesOf(waybill)).toEqual(["manualControl"]);
  });

  test("ZJG-19: a returned manifest never becomes released", () => {
    const documents = new Documents().take(documentsOf(waybill, "plain", "charge"));
    documents.apply(release("P1"));
    expect(documents.caseOf(waybill).state).toBe("RETURNED");
    expect(documents.recordOf(waybill).standing).toBe("notReleasable");
  });

  test("of several pieces each is released on its own", () => {
    const each = documentsOf(waybill);
    const documents = new Documents().take({
      ...each,
      manifest: { ...each.manifest, head: { ...each.manifest.head, packNo: 2 } },
      waybill: { ...each.waybill, head: { ...each.waybill.head, packNo: 2 } },
      acceptance: { ...each.acceptance, pieces: 2 },
    });
    documents.apply(release("P1"));
    expect(documents.recordOf(waybill).standing).toBe("releasableIfMachinePassOk");
    documents.apply(release("P2"));
    expect(documents.caseOf(waybill).state).toBe("RELEASED");
  });

  test("what customs says after the release is told, and still reaches the line", () => {
    const each = documentsOf(waybill);
    const documents = new Documents().take(each);
    documents.apply(release("P1"));
    const { facts } = documents.apply(receiptOf(each, 500, 9));
    expect(facts.map(({ code }) => code)).toContain("receiptAfterRelease");
    expect(documents.caseOf(waybill).state).toBe("RELEASED");
    expect(documents.recordOf(waybill)).toMatchObject({ customsStatus: 500 });
    expect(documents.codesOf(waybill)).toEqual(["inspectionOrdered"]);
  });
});

const withHeadOf = (
  event: ReturnType<typeof receiptOf>,
  invtNo: string,
): ReturnType<typeof receiptOf> => ({
  ...event,
  receipt: { ...event.receipt, head: { ...event.receipt.head, invtNo } },
});

describe("bounds: nothing grows without end", () => {
  const config = testConfig({ documentsMax: 2, parkedMax: 2, controlsMax: 2 });
  const names = ["BO0001", "BO0002", "BO0003"];

  test("manifests, orders and waybills beyond the most are refused, those held are kept", () => {
    const documents = new Documents(config);
    const last = names.map((name) =>
      eventsOf(documentsOf(name)).map((event) => documents.apply(event).outcome.code),
    );
    expect(last[1]).toEqual([null, null, null, null, null]);
    expect(last[2]).toEqual(["storeFull", "storeFull", "storeFull", "storeFull", "parked"]);
    expect(documents.state.cases.size).toBe(2);
  });

  test("parked acceptances, parked receipts and controls beyond the most are refused", () => {
    const documents = new Documents(config);
    const codes = names.map((name) => {
      const each = documentsOf(name);
      return [
        documents.apply({ kind: "acceptance", acceptance: each.acceptance }).outcome.code,
        documents.apply(receiptOf(each, 800, 5)).outcome.code,
        documents.apply({
          kind: "control",
          control: { controlId: name, waybill: name, reason: "x", by },
        }).outcome.code,
      ];
    });
    expect(codes).toEqual([
      ["parked", "parked", null],
      ["parked", "parked", null],
      ["storeFull", "storeFull", "storeFull"],
    ]);
  });

  test("customs' numbers of a manifest: one for which there is no room is doubt, and ends nothing", () => {
    const each = documentsOf("BO0001");
    const documents = new Documents(testConfig({ documentsMax: 2 })).take(each);
    const said = (status: number, minute: number, invtNo: string) =>
      withHeadOf(receiptOf(each, status, minute), invtNo);
    const codes = Array.from({ length: 20 }, (_, minute) => {
      return documents.apply(said(120, minute, `INVT${minute}`)).outcome.code;
    });
    expect(codes[0]).toBeNull();
    expect(codes.at(-1)).toBe("storeFull");
    expect(documents.state.waybillByKey.size).toBe(16);
    expect(documents.codesOf("BO0001")).toEqual(["receiptUnread"]);
    // Neither is a further manifest taken, nor is what there is room for refused.
    expect(documents.apply(eventsOf(documentsOf("BO0002"))[3]!).outcome.code).toBe("storeFull");
    expect(documents.apply(said(120, 30, "INVT0")).outcome.code).toBeNull();
    expect(documents.codesOf("BO0001")).toEqual([]);
  });

  test("manifests that one number finds: one more is refused, and the others are kept", () => {
    const documents = new Documents();
    const { manifest } = documentsOf("BO0001");
    const codes = Array.from({ length: 201 }, (_, count) => {
      const numbers = { guid: guidOf(count), copNo: `C${count}`, logisticsNo: `BO1${count}` };
      const head = { ...manifest.head, ...numbers, ebpCode: `P${count}` };
      return documents.apply({ kind: "manifest", manifest: { ...manifest, head } }).outcome.code;
    });
    expect(codes.slice(0, 200)).toEqual(Array(200).fill(null));
    expect(codes[200]).toBe("storeFull");
  });

  test("orders that are paid are as many as the receipts of money that are held", () => {
    const documents = new Documents();
    const { receipt } = documentsOf("BO0001");
    const other = { ...receipt, head: { ...receipt.head, ebpCode: "3702980003" } };
    const filed = (appType: "1" | "3", each = receipt) =>
      documents.apply({
        kind: "moneyReceipt",
        receipt: { ...each, head: { ...each.head, appType } },
      });
    const paid = () => [...documents.state.ordersPaid.values()].map(({ size }) => size);
    filed("1");
    filed("1", other);
    expect(paid()).toEqual([2]);
    filed("3");
    expect(paid()).toEqual([1]);
    filed("3", other);
    expect(paid()).toEqual([]);
    expect(documents.state.moneyReceipts.size).toBe(0);
  });

  test("a receipt of money that is changed to another seller's is paid to that one alone", () => {
    const documents = new Documents();
    const { receipt } = documentsOf("BO0001");
    const filed = (appType: "1" | "2" | "3", ebcCode: string) =>
      documents.apply({
        kind: "moneyReceipt",
        receipt: { ...receipt, head: { ...receipt.head, appType, ebcCode } },
      });
    filed("1", "SELLER1");
    for (const ebcCode of ["SELLER2", "SELLER3", "SELLER2"]) {
      expect(filed("2", ebcCode).outcome.accepted).toBe(true);
      expect([...documents.state.ordersPaid.keys()]).toEqual([
        expect.stringContaining(ebcCode) as string,
      ]);
    }
    filed("3", "SELLER1");
    expect(documents.state.ordersPaid.size).toBe(0);
  });

  test("what was parked or stored too long goes", () => {
    const documents = new Documents();
    const [first, second] = [documentsOf("BO0001"), documentsOf("BO0002")];
    documents.apply({ kind: "acceptance", acceptance: first.acceptance });
    documents.apply(receiptOf(first, 800, 5), startAt);
    documents.apply({ kind: "manifest", manifest: second.manifest });
    documents.apply({ kind: "timePassed" }, later(24 * 60));
    expect(documents.state.parkedAcceptances.size).toBe(0);
    expect(documents.state.parkedReceipts.size).toBe(0);
    expect(documents.state.parkedReceiptsByKey.size).toBe(0);
    expect(documents.caseOf("BO0002").state).toBe("VOID");
    expect(nextDueAt(documents.state)).toBeNull();
  });
});
