// Goal: a case that has ended leaves for the archive when its time has come, whole, and what stays
// answers everything that comes later. Method: the pure core, one parcel or two, one fact a test.
import { describe, expect, test } from "vitest";
import type { OfficerAct } from "../../edge/clearance/events.ts";
import { nextLeaveAt } from "../../edge/clearance/expiry.ts";
import type { Effects } from "../../edge/clearance/outcome.ts";
import {
  casesHeld,
  isDocumentStateFull,
  releasesHeld,
  sizesOf,
} from "../../edge/clearance/room.ts";
import { person } from "../../protocols/actor.ts";
import { zAcceptance } from "../../protocols/ceb/answers.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  Documents,
  documentsOf,
  guidOf,
  later,
  minuteMs,
  startAt,
  testConfig,
  withHead,
} from "./clearance-kit.ts";

const waybill = "RT0001";
const other = "RT0002";
const by = person("O1", "officer", "S1");
const entropy = createSeededEntropy(3, "retention");
const hours = (count: number) => later(count * 60);
const retention = {
  releasedMs: 60 * minuteMs,
  endedMs: 180 * minuteMs,
  handedOverMs: 600 * minuteMs,
  unnamedMs: 300 * minuteMs,
  archiveMs: 10_000 * minuteMs,
};
const config = testConfig({ retention });

const release = (documents: Documents, passId = "P1", of = waybill): Effects =>
  documents.apply(
    {
      kind: "release",
      release: { waybill: of, lineId: "L1", passId, recordVersion: 1, decidedAt: startAt },
    },
    later(1),
  );
const act = (kind: "ERROR" | "monitorTransfer"): OfficerAct =>
  kind === "ERROR"
    ? { act: "inspectionResult", actId: "A1", waybill, by, result: kind, note: "" }
    : { act: kind, actId: "A2", waybill, by, note: "" };
const passTime = (documents: Documents, at: ReturnType<typeof later>, leavesMax = 5): Effects =>
  documents.apply({ kind: "timePassed", leavesMax }, at);
const leftOf = ({ left }: Effects): readonly string[] => left.map((each) => each.waybill);

/** Released, and in the archive. */
function gone(): { readonly documents: Documents; readonly effects: Effects } {
  const documents = new Documents(config).take(documentsOf(waybill));
  release(documents);
  return { documents, effects: passTime(documents, hours(2)) };
}

describe("what leaves", () => {
  test("a released case, an hour after its release and not a moment earlier", () => {
    const documents = new Documents(config).take(documentsOf(waybill));
    release(documents);
    expect(nextLeaveAt(documents.state)).toBe(later(61));
    expect(leftOf(passTime(documents, later(60)))).toEqual([]);
    expect(leftOf(passTime(documents, later(61)))).toEqual([waybill]);
    expect(nextLeaveAt(documents.state)).toBeNull();
  });

  test("with everything that was held of it", () => {
    const documents = new Documents(config).take(documentsOf(waybill));
    const control = { controlId: "C1", waybill, reason: "risk", by };
    documents.apply({ kind: "control", control }, startAt);
    const whole = documents.caseOf(waybill);
    release(documents);
    const [left] = passTime(documents, hours(2)).left;
    expect(left?.case.manifest).toEqual(whole.manifest);
    expect(left?.case.manifest.items).toHaveLength(1);
    expect(left?.order?.items).toHaveLength(1);
    expect(left?.moneyReceipt?.charge).toBe("71.8");
    expect(left?.carriage?.pieces).toBe(1);
    expect(left?.controls).toEqual([control]);
    expect(left?.releases).toEqual(["P1"]);
  });

  test("and of the rows only those stay that answer for it", () => {
    const { documents } = gone();
    const { state } = documents;
    for (const table of [
      state.orders,
      state.moneyReceipts,
      state.waybills,
      state.documentWords,
      state.waybillsByNumber,
      state.releasedUntil,
      state.waitingUntil,
      state.storedUntil,
    ]) {
      expect(table.size).toBe(0);
    }
    expect(documents.caseOf(waybill).manifest.items).toEqual([]);
    expect(state.releases.get(waybill)).toEqual(["P1"]);
    expect(state.waybillByKey.size).toBe(2);
  });

  test.each([
    ["returned by customs", 180, "RETURNED"],
    ["deleted before it was activated", 180, "VOID"],
    ["handed over after opening", 600, "TRANSFERRED"],
    ["closed by customs", 180, "CLOSED"],
  ] as const)("one that was %s, after %i minutes", (how, minutes, state) => {
    const documents = new Documents(config);
    const papers = documentsOf(waybill);
    const manifest = withHead(papers.manifest, { appType: "3" });
    if (state === "VOID") {
      documents.apply({ kind: "manifest", manifest: papers.manifest }, startAt);
      documents.apply({ kind: "manifest", manifest }, startAt);
    } else documents.take(papers);
    if (state === "TRANSFERRED") {
      documents.apply({ kind: "officerAct", act: act("ERROR") }, startAt);
    }
    const status = how === "returned by customs" ? 100 : 899;
    if (state === "RETURNED" || state === "CLOSED") {
      const receipt = manifestReturn(papers.manifest, { status, at: startAt }, entropy);
      documents.apply({ kind: "manifestReturn", receipt }, startAt);
    }
    expect(documents.caseOf(waybill).state).toBe(state);
    expect(leftOf(passTime(documents, later(minutes - 1)))).toEqual([]);
    expect(leftOf(passTime(documents, later(minutes)))).toEqual([waybill]);
    // It is as unreleasable as it was.
    documents.apply({ kind: "control", control: { controlId: "C", waybill, reason: "r", by } });
    expect(documents.recordOf(waybill).standing).toBe("notReleasable");
  });

  test("no case that has not ended, however old", () => {
    const documents = new Documents(config).take(documentsOf(waybill));
    expect(leftOf(passTime(documents, hours(10_000)))).toEqual([]);
    expect(documents.recordOf(waybill).standing).toBe("releasableIfMachinePassOk");
  });

  test("nothing where time passes and nobody says that cases may leave, or nothing is said of it", () => {
    const documents = new Documents(config).take(documentsOf(waybill));
    release(documents);
    expect(leftOf(documents.apply({ kind: "timePassed" }, hours(5)))).toEqual([]);
    const { retention: _, ...earlier } = testConfig();
    const former = new Documents(earlier as typeof config).take(documentsOf(waybill));
    release(former);
    expect(leftOf(passTime(former, hours(24 * 366)))).toEqual([]);
  });

  test("nothing while nobody knows what day it is", () => {
    const documents = new Documents(config).take(documentsOf(waybill));
    release(documents);
    const unproved = { kind: "timePassed", leavesMax: 5, datesAt: startAt } as const;
    expect(leftOf(documents.apply(unproved, hours(5)))).toEqual([]);
    expect(leftOf(passTime(documents, hours(5)))).toEqual([waybill]);
  });

  test("no more at once than may, the oldest first", () => {
    const documents = new Documents(config);
    for (const each of ["RTN1", "RTN2", "RTN3"]) {
      documents.take(documentsOf(each));
      release(documents, `P-${each}`, each);
    }
    expect(leftOf(passTime(documents, hours(2), 2))).toEqual(["RTN1", "RTN2"]);
    expect(leftOf(passTime(documents, hours(2), 2))).toEqual(["RTN3"]);
    expect(leftOf(passTime(documents, hours(2), 2))).toEqual([]);
  });

  test("makes room for others", () => {
    const documents = new Documents(testConfig({ retention, documentsMax: 1 }));
    const settings = testConfig({ documentsMax: 1 });
    documents.take(documentsOf(waybill));
    release(documents);
    expect(isDocumentStateFull(sizesOf(documents.state), settings)).toBe(true);
    const manifest = documentsOf(other).manifest;
    const refused = documents.apply({ kind: "manifest", manifest }, later(2));
    expect(refused.outcome.code).toBe("storeFull");
    passTime(documents, hours(2));
    expect([...documents.state.leftReleased]).toEqual([[waybill, hours(2)]]);
    expect([casesHeld, releasesHeld].map((held) => held(sizesOf(documents.state)))).toEqual([0, 0]);
    expect(isDocumentStateFull(sizesOf(documents.state), settings)).toBe(false);
    documents.take(documentsOf(other), hours(3));
    expect(documents.recordOf(other).standing).toBe("releasableIfMachinePassOk");
    expect(release(documents, "P2", other).outcome.accepted).toBe(true);
  });
});

describe("what stays of a case answers", () => {
  test("papers that come again or changed: refused, and nothing of them is held", () => {
    const { documents } = gone();
    const { order, receipt, waybill: carriage } = documentsOf(waybill);
    for (const appType of ["1", "2", "3"] as const) {
      const outcomes = [
        documents.apply({ kind: "order", order: withHead(order, { appType }) }),
        documents.apply({ kind: "moneyReceipt", receipt: withHead(receipt, { appType }) }),
        documents.apply({ kind: "waybill", waybill: withHead(carriage, { appType }) }),
      ].map(({ outcome }) => outcome);
      expect(outcomes.map(({ code }) => code)).toEqual(["frozen", "frozen", "frozen"]);
      expect(outcomes[0]?.message).toContain("in the archive");
    }
    expect(documents.state.orders.size + documents.state.moneyReceipts.size).toBe(0);
  });

  test("the same manifest: a repeat; any other, and its deletion: refused", () => {
    const { documents } = gone();
    const { manifest } = documentsOf(waybill);
    const codeOf = (change: Partial<typeof manifest.head>) =>
      documents.apply({ kind: "manifest", manifest: withHead(manifest, change) }).outcome.code;
    expect(codeOf({})).toBe("repeated");
    expect(codeOf({ guid: guidOf(9), appTime: "20261103100000" })).toBe("frozen");
    expect(codeOf({ guid: guidOf(9), logisticsCode: "CARRIER2" })).toBe("frozen");
    expect(codeOf({ appType: "3" })).toBe("frozen");
  });

  test("a second draw: there is none, since nothing is declared anew", () => {
    const { documents } = gone();
    const before = documents.caseOf(waybill).activation;
    const { manifest } = documentsOf(waybill);
    documents.apply({ kind: "manifest", manifest: withHead(manifest, { guid: guidOf(9) }) });
    expect(documents.caseOf(waybill).activation).toEqual(before);
  });

  const takesNumbersOf = (documents: Documents) => {
    const { copNo, agentCode, orderNo, ebpCode } = documentsOf(waybill).manifest.head;
    const { manifest } = documentsOf(other);
    const codeOf = (change: Partial<typeof manifest.head>) =>
      documents.apply({ kind: "manifest", manifest: withHead(manifest, change) }).outcome.code;
    return [codeOf({ copNo, agentCode }), codeOf({ orderNo, ebpCode })];
  };

  test("another waybill that takes one of its numbers: refused as before", () => {
    const { documents } = gone();
    expect(takesNumbersOf(documents)).toEqual(["copNoReused", "orderHasManifest"]);
  });

  test("mutant numbers-forgotten: another waybill is given them", () => {
    const { documents } = gone();
    documents.state.waybillByKey.clear();
    expect(takesNumbersOf(documents)).not.toContain("copNoReused");
  });

  test("mutant mark-forgotten: papers that come again are held anew", () => {
    const { documents } = gone();
    const { left: _, ...unmarked } = documents.caseOf(waybill);
    documents.state.cases.set(waybill, unmarked);
    const { order } = documentsOf(waybill);
    expect(documents.apply({ kind: "order", order }).outcome.code).toBeNull();
  });

  test("the carrier's acceptance: a repeat, or another one, refused; its number stays its own", () => {
    const { documents } = gone();
    const acceptance = zAcceptance.parse(documentsOf(waybill).acceptance);
    const codeOf = (change: Partial<typeof acceptance>) =>
      documents.apply({ kind: "acceptance", acceptance: { ...acceptance, ...change } }).outcome
        .code;
    expect(codeOf({})).toBe("repeated");
    expect(codeOf({ acceptanceId: "NEW" })).toBe("repeated");
    expect(codeOf({ acceptanceId: "NEW", pieces: 2 })).toBe("frozen");
    expect(codeOf({ waybill: other })).toBe("acceptanceIdReused");
    expect(documents.state.parkedAcceptances.size).toBe(0);
  });

  test("an acceptance of one that was void: refused, and nothing is activated", () => {
    const documents = new Documents(config);
    const { manifest, acceptance } = documentsOf(waybill);
    documents.apply({ kind: "manifest", manifest }, startAt);
    documents.apply({ kind: "timePassed" }, hours(25));
    expect(leftOf(passTime(documents, hours(30)))).toEqual([waybill]);
    const { outcome } = documents.apply({ kind: "acceptance", acceptance }, hours(31));
    expect(outcome.code).toBe("frozen");
    expect(documents.caseOf(waybill).activation).toBeNull();
  });

  test("customs' receipts: they change nothing and are told", () => {
    const { documents } = gone();
    const before = documents.caseOf(waybill);
    const { manifest } = documentsOf(waybill);
    for (const status of [800, 100, 899, 500]) {
      const receipt = manifestReturn(manifest, { status, at: hours(3) }, entropy);
      const { outcome, facts, changed } = documents.apply(
        { kind: "manifestReturn", receipt },
        hours(3),
      );
      expect(outcome).toMatchObject({ accepted: true, code: "archived" });
      expect(facts.map(({ code }) => code)).toEqual(["receiptAfterLeaving"]);
      expect(changed).toEqual([]);
    }
    expect(documents.caseOf(waybill)).toBe(before);
    expect(documents.state.parkedReceipts.size).toBe(0);
  });

  test("a receipt that names it and another one: that one is doubtful", () => {
    const { documents } = gone();
    documents.take(documentsOf(other), hours(3));
    const { head } = documentsOf(waybill).manifest;
    const receipt = manifestReturn(
      withHead(documentsOf(other).manifest, { copNo: head.copNo, agentCode: head.agentCode }),
      { status: 800, at: hours(3) },
      entropy,
    );
    documents.apply({ kind: "manifestReturn", receipt }, hours(3));
    expect(documents.codesOf(other)).toEqual(["receiptUnread"]);
  });

  test("customs' number of it: by that no other one is released", () => {
    const { documents } = gone();
    const invtNo = "232520261234567890";
    const of = (each: string) => withHead(documentsOf(each).manifest, { invtNo });
    const say = (each: string) => {
      const receipt = manifestReturn(of(each), { status: 800, at: hours(3) }, entropy);
      documents.apply({ kind: "manifestReturn", receipt }, hours(3));
    };
    say(waybill);
    documents.take(documentsOf(other), hours(3));
    say(other);
    expect(documents.codesOf(other)).toEqual(["receiptUnread"]);
  });

  test("a control: it is placed, and an officer's act: refused", () => {
    const { documents } = gone();
    const control = { controlId: "C1", waybill, reason: "risk", by };
    expect(documents.apply({ kind: "control", control }).outcome.accepted).toBe(true);
    expect(documents.codesOf(waybill)).toContain("manualControl");
    const codeOf = (each: OfficerAct) =>
      documents.apply({ kind: "officerAct", act: each }).outcome.code;
    expect(codeOf(act("monitorTransfer"))).toBe("alreadyReleased");
    expect(codeOf(act("ERROR"))).toBe("alreadyReleased");
  });

  test("its release: a repeat; a second one is a conflict", () => {
    const { documents } = gone();
    expect(release(documents).outcome.code).toBe("repeated");
    const second = release(documents, "P2");
    expect(second.outcome.code).toBe("releaseConflict");
    expect(second.facts.at(-1)?.params).toMatchObject({ against: "archived" });
    expect(documents.state.releases.get(waybill)).toEqual(["P1"]);
  });
});

describe("documents that no manifest names", () => {
  const { order, receipt, waybill: carriage, manifest, acceptance } = documentsOf(waybill);
  const sent = (documents: Documents, at = startAt): Documents => {
    documents.apply({ kind: "order", order }, at);
    documents.apply({ kind: "moneyReceipt", receipt }, at);
    documents.apply({ kind: "waybill", waybill: carriage }, at);
    return documents;
  };
  const pass = (documents: Documents, at: ReturnType<typeof later>, unnamedMax = 5): Effects =>
    documents.apply({ kind: "timePassed", unnamedMax }, at);
  const heldOf = ({ state }: Documents): readonly number[] => [
    state.orders.size,
    state.moneyReceipts.size,
    state.ordersPaid.size,
    state.waybills.size,
  ];
  const codeOf = ({ outcome }: Effects): string => `${outcome.code} ${outcome.field}`;

  test("end when their time has come and not a moment earlier, and are named", () => {
    const documents = sent(new Documents(config));
    expect(pass(documents, later(299)).unnamedEnded).toEqual([]);
    expect(heldOf(documents)).toEqual([1, 1, 1, 1]);
    const { unnamedEnded, facts } = pass(documents, later(300));
    expect(unnamedEnded.toSorted()).toEqual([
      expect.stringContaining(order.head.orderNo),
      expect.stringContaining(waybill),
    ]);
    expect(facts.map(({ code }) => code)).toEqual(["documentsEnded", "documentsEnded"]);
    expect(heldOf(documents)).toEqual([0, 0, 0, 0]);
    expect(documents.state.unnamedUntil.size).toBe(0);
  });

  test("do not where time passes and nobody says that they may, or nothing is said of it", () => {
    const documents = sent(new Documents(config));
    documents.apply({ kind: "timePassed", leavesMax: 5 }, later(1_000));
    expect(heldOf(documents)).toEqual([1, 1, 1, 1]);
    const { unnamedMs: _, ...before } = retention;
    const silent = new Documents(testConfig({ retention: before as typeof retention }));
    expect(pass(sent(silent), later(1_000)).unnamedEnded).toEqual([]);
  });

  test("nothing is taken under their numbers any more, and nothing is released by them", () => {
    const documents = sent(new Documents(config));
    pass(documents, later(300));
    expect(codeOf(documents.apply({ kind: "order", order }, later(301)))).toBe("frozen orderNo");
    expect(codeOf(documents.apply({ kind: "moneyReceipt", receipt }, later(301)))).toBe(
      "frozen orderNo",
    );
    expect(codeOf(documents.apply({ kind: "waybill", waybill: carriage }, later(301)))).toBe(
      "frozen logisticsNo",
    );
    documents.apply({ kind: "acceptance", acceptance }, later(301));
    expect(codeOf(documents.apply({ kind: "manifest", manifest }, later(301)))).toBe(
      "frozen orderNo",
    );
    expect(documents.state.cases.size).toBe(0);
    const orderNo = "ANOTHER";
    const renamed = withHead(manifest, { orderNo });
    expect(codeOf(documents.apply({ kind: "manifest", manifest: renamed }, later(301)))).toBe(
      "frozen logisticsNo",
    );
  });

  test("none that a manifest has named, whichever came first", () => {
    const documents = sent(new Documents(config));
    documents.apply({ kind: "manifest", manifest }, later(299));
    expect(pass(documents, later(400)).unnamedEnded).toEqual([]);
    const reversed = new Documents(config);
    reversed.apply({ kind: "manifest", manifest }, startAt);
    expect(pass(sent(reversed), later(400)).unnamedEnded).toEqual([]);
  });

  test("those that a manifest names no more, from then on", () => {
    const documents = sent(new Documents(config));
    documents.apply({ kind: "manifest", manifest }, startAt);
    const orderNo = "ANOTHER";
    const changed = withHead(manifest, { orderNo, appType: "2" as const });
    expect(documents.apply({ kind: "manifest", manifest: changed }, later(100)).outcome.code).toBe(
      null,
    );
    expect(pass(documents, later(399)).unnamedEnded).toEqual([]);
    expect(pass(documents, later(400)).unnamedEnded).toHaveLength(1);
    expect(heldOf(documents)).toEqual([0, 0, 0, 1]);
  });

  test("one that was deleted by whoever sent it takes no number", () => {
    const documents = new Documents(config);
    documents.apply({ kind: "order", order }, startAt);
    const deleted = withHead(order, { appType: "3" as const });
    documents.apply({ kind: "order", order: deleted }, later(1));
    expect(pass(documents, later(300)).unnamedEnded).toEqual([]);
    expect(documents.state.endedNumbers.size).toBe(0);
  });

  test("a few at a time, the oldest first, and none while nobody knows what day it is", () => {
    const documents = sent(new Documents(config));
    documents.apply({ kind: "order", order: withHead(order, { orderNo: "SECOND" }) }, later(1));
    const unproved = { kind: "timePassed", unnamedMax: 5, datesAt: startAt } as const;
    expect(documents.apply(unproved, later(400)).unnamedEnded).toEqual([]);
    expect(pass(documents, later(400), 1).unnamedEnded[0]).toContain(order.head.orderNo);
    expect(pass(documents, later(400), 1).unnamedEnded[0]).toContain(waybill);
    expect(pass(documents, later(400), 1).unnamedEnded[0]).toContain("SECOND");
  });
});
