import * as fc from "fast-check";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import { person } from "../../protocols/actor.ts";
import { chinaTimeOfEpoch } from "../../protocols/ceb/calendar.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { epochMs } from "../../protocols/units.ts";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import { parcelCategories } from "../../simulators/documents/declaration.ts";
import { contradictions } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  documentsOf,
  guidOf,
  later,
  minuteMs,
  startAt,
  testConfig,
  testParameters,
  withHead,
} from "../unit/clearance-kit.ts";

/**
 * Random events of every kind over few parcels, few numbers and few companies, so that everything
 * collides with everything: numbers change hands, papers come before and after what they belong to,
 * customs answers under another spelling or under no company's code, and lists are full.
 */
export const eventKinds = [
  // All papers of a parcel that belong together, then the carrier's event.
  "papers",
  "order",
  "moneyReceipt",
  "waybill",
  "manifest",
  "manifest",
  "manifestReturn",
  "manifestReturn",
  "documentReturn",
  "unreadReceipt",
  "acceptance",
  "acceptance",
  "control",
  "release",
  "officerAct",
  "timePassed",
] as const;

/** Of small numbers, so that a failing case shrinks. */
const specFields = {
  parcel: fc.nat({ max: 2 }),
  /** 0: the parcel's own; else one that parcels share. */
  order: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3),
  cop: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3),
  invt: fc.nat({ max: 2 }),
  /** Company codes: the own one, another, or none where a receipt may leave it out. */
  company: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
  carrier: fc.constantFrom(0, 0, 0, 1),
  pay: fc.constantFrom(0, 0, 1, 2, 3),
  spelling: fc.boolean(),
  appType: fc.constantFrom("1" as const, "1" as const, "2" as const, "3" as const),
  guid: fc.nat({ max: 3 }),
  pieces: fc.constantFrom(1, 1, 2),
  category: fc.constantFrom("plain" as const, "plain" as const, ...parcelCategories),
  contradiction: fc.option(fc.constantFrom(...contradictions), { freq: 1 }),
  status: fc.constantFrom(
    "800",
    "100",
    "120",
    "300",
    "399",
    "500",
    "899",
    "2",
    "4",
    "77",
    "-621004",
  ),
  isTimed: fc.boolean(),
  answers: fc.constantFrom("CEB304" as const, "CEB404" as const, "CEB506" as const),
  unread: fc.constantFrom(
    "CEB604" as const,
    "CEB604" as const,
    "CEB606" as const,
    "CEB304" as const,
    "CEB404" as const,
    "CEB506" as const,
  ),
  act: fc.nat({ max: 2 }),
  /** Minutes since the event before. */
  gap: fc.constantFrom(0, 0, 0, 1, 1, 40, 26 * 60),
  /** Minutes by which customs' clock is ahead. */
  ahead: fc.constantFrom(0, 0, 0, -1, -5, -30, -2_000, 90, 300),
  isProved: fc.constantFrom(true, true, true, false),
  atMost: fc.option(fc.constantFrom(1, 2), { freq: 2 }),
  leavesMax: fc.constantFrom(0, 1, 2),
};
type EventKind = (typeof eventKinds)[number];
const specOf = (kinds: readonly EventKind[]) =>
  fc.record({ ...specFields, kind: fc.constantFrom(...kinds) });
type Spec = ReturnType<typeof specOf> extends fc.Arbitrary<infer S> ? S : never;

const pick = <T>(own: T, others: readonly T[], index: number): T =>
  index === 0 ? own : (others[index - 1] ?? own);
const orders = ["ORDER1", "order-1", "ORDER2"];
const cops = ["COP1", "cop-1", "COP2"];
const pays = ["PAY1", "pay-1", ""];
const companies = ["OTHER", ""];
const waybills = ["ST0001", "ST0002", "ST0003"];
const by = person("O1", "officer", "S1");

function papersOf(spec: Spec) {
  const waybill = waybills[spec.parcel] ?? "ST0001";
  const own = documentsOf(waybill, spec.category, spec.contradiction);
  const { head } = own.manifest;
  const orderNo = pick(own.order.head.orderNo, orders, spec.order);
  const copNo = pick(head.copNo, cops, spec.cop);
  const logisticsNo = spec.spelling ? waybill.toLowerCase() : waybill;
  const code = (text: string): string =>
    pick(text, companies, spec.company === 2 ? 0 : spec.company);
  const numbers = {
    orderNo,
    ebpCode: code(head.ebpCode),
    ebcCode: code(head.ebcCode),
    guid: guidOf(spec.guid),
    appType: spec.appType,
    appTime: pick("20261102100000", ["20261101100000", "20991231235959"], spec.guid),
  };
  const logisticsCode = pick(head.logisticsCode, ["CARRIER2"], spec.carrier);
  return {
    order: withHead(own.order, numbers),
    receipt: withHead(own.receipt, {
      ...numbers,
      payNo: pick(own.receipt.head.payNo, pays, spec.pay),
    }),
    waybill: withHead(own.waybill, { ...numbers, logisticsNo, logisticsCode }),
    manifest: withHead(own.manifest, {
      ...numbers,
      copNo,
      agentCode: code(head.agentCode),
      logisticsNo,
      logisticsCode,
      packNo: spec.pieces,
      invtNo: pick(null, ["INVT1", "INVT2"], spec.invt),
    }),
    acceptance: {
      ...own.acceptance,
      acceptanceId: spec.guid === 3 ? "A" : `A-${waybill}-${spec.guid}`,
      carrierCode: logisticsCode,
      pieces: spec.pieces,
    },
  };
}

/** What customs leaves out of its answers. */
const left = (spec: Spec, text: string): string => (spec.company === 2 ? "" : text);

function unreadOf(spec: Spec, at: number): UnreadReceipt {
  const { manifest, receipt, waybill } = papersOf(spec);
  const { head } = manifest;
  return {
    type: spec.unread,
    guid: spec.guid === 0 ? null : guidOf(spec.guid),
    names: {
      agentCode: left(spec, head.agentCode),
      copNo: spec.pay === 3 ? "" : head.copNo,
      invtNo: head.invtNo ?? "",
      ebpCode: left(spec, head.ebpCode),
      ebcCode: left(spec, head.ebcCode),
      orderNo: spec.pay === 2 ? "" : head.orderNo,
      payNo: receipt.head.payNo ?? "",
      logisticsCode: left(spec, waybill.head.logisticsCode),
      logisticsNo: waybill.head.logisticsNo,
    },
    status: spec.act === 0 ? null : spec.status,
    time: spec.isTimed ? chinaTimeOfEpoch(epochMs(at + spec.ahead * minuteMs)) : null,
    info: null,
    why: "fieldMissing",
    field: spec.act === 1 ? "Head.returnTime" : "returnStatus",
  };
}

type Body = DocumentEvent extends infer E
  ? E extends DocumentEvent
    ? Omit<E, "at">
    : never
  : never;

function bodyOf(spec: Spec, index: number, at: number): Body {
  const papers = papersOf(spec);
  const entropy = createSeededEntropy(spec.guid, "receipt");
  const said = { status: spec.status, at: epochMs(at + spec.ahead * minuteMs) };
  const waybill = waybills[spec.parcel] ?? "ST0001";
  switch (spec.kind) {
    case "papers":
    case "order":
      return { kind: "order", order: papers.order };
    case "moneyReceipt":
      return { kind: "moneyReceipt", receipt: papers.receipt };
    case "waybill":
      return { kind: "waybill", waybill: papers.waybill };
    case "manifest":
      return { kind: "manifest", manifest: papers.manifest };
    case "manifestReturn": {
      const { head, ...rest } = manifestReturn(papers.manifest, said, entropy);
      const invtNo = spec.isTimed ? head.invtNo : null;
      const copNo = spec.pay === 3 ? "" : head.copNo;
      return {
        kind: "manifestReturn",
        receipt: {
          ...rest,
          head: { ...head, invtNo, copNo, agentCode: left(spec, head.agentCode) },
        },
      };
    }
    case "documentReturn":
      return { kind: "documentReturn", receipt: answerOf(spec, said) };
    case "unreadReceipt":
      return { kind: "unreadReceipt", receipt: unreadOf(spec, at) };
    case "acceptance":
      return { kind: "acceptance", acceptance: papers.acceptance };
    case "control": {
      const control = { controlId: `C${spec.guid}`, waybill, reason: `risk ${spec.act}`, by };
      return { kind: "control", control };
    }
    case "release": {
      const pass = {
        lineId: "L1",
        passId: `P${spec.guid}`,
        recordVersion: 1,
        decidedAt: epochMs(at),
      };
      return { kind: "release", release: { waybill, ...pass } };
    }
    case "officerAct":
      return { kind: "officerAct", act: actOf(spec, waybill, index) };
    case "timePassed":
      return {
        kind: "timePassed",
        ...(spec.atMost === null ? {} : { atMost: spec.atMost }),
        ...(spec.leavesMax === 0 ? {} : { leavesMax: spec.leavesMax, unnamedMax: spec.leavesMax }),
      };
  }
}

const papersTogether = (spec: Spec): readonly Body[] =>
  (["order", "moneyReceipt", "waybill", "manifest", "acceptance"] as const).map((kind) =>
    bodyOf({ ...spec, kind, contradiction: null, appType: "1" }, 0, startAt),
  );

function answerOf(
  spec: Spec,
  said: { readonly status: string; readonly at: ReturnType<typeof epochMs> },
) {
  const { order, receipt, waybill } = papersOf(spec);
  const entropy = createSeededEntropy(spec.guid, "answer");
  if (spec.answers === "CEB304") {
    return orderReturn(withHead(order, { ebpCode: left(spec, order.head.ebpCode) }), said, entropy);
  }
  return spec.answers === "CEB404"
    ? receiptReturn(withHead(receipt, { ebcCode: left(spec, receipt.head.ebcCode) }), said, entropy)
    : waybillReturn(
        withHead(waybill, { logisticsCode: left(spec, waybill.head.logisticsCode) }),
        said,
        entropy,
      );
}

function actOf(spec: Spec, waybill: string, index: number) {
  const shared = { actId: spec.spelling ? `ACT${spec.guid}` : `ACT-${index}`, waybill, by };
  const licences = [{ code: "x", number: "1", quantity: "1" }];
  if (spec.act === 0) return { ...shared, act: "secondActivation" as const, licences };
  return spec.act === 1
    ? {
        ...shared,
        act: "inspectionResult" as const,
        result: spec.guid === 0 ? ("ERROR" as const) : ("NO_ERROR" as const),
        note: "",
      }
    : { ...shared, act: "monitorTransfer" as const, note: "" };
}

/** Events in the order in which they come, the calendar proved or not. */
export const randomEvents = (
  lengths: { readonly minLength?: number; readonly maxLength: number },
  kinds: readonly EventKind[] = eventKinds,
): fc.Arbitrary<readonly DocumentEvent[]> =>
  fc.array(specOf(kinds), lengths).map((specs) => {
    let at: number = startAt;
    let unprovedMin = 0;
    return specs.flatMap((spec, index): readonly DocumentEvent[] => {
      at += spec.gap * minuteMs;
      unprovedMin += spec.isProved ? 0 : 1;
      const movedMs = unprovedMin * 7_000;
      const times = {
        at: epochMs(at - movedMs),
        passedAt: epochMs(at),
        ...(spec.isProved ? {} : { datesAt: later(0) }),
        ...(movedMs === 0 ? {} : { movedMs }),
      };
      const bodies = spec.kind === "papers" ? papersTogether(spec) : [bodyOf(spec, index, at)];
      return bodies.map((body) => ({ ...times, ...body }));
    });
  });

/** Configurations whose lists are soon full, and such whose are not. */
export const randomConfig: fc.Arbitrary<ClearanceConfig> = fc
  .record({
    authority: fc.constantFrom("site" as const, "customs" as const),
    documentsMax: fc.constantFrom(1, 2, 1_000, 1_000),
    parkedMax: fc.constantFrom(1, 3, 100, 100),
    controlsMax: fc.constantFrom(1, 2, 100),
    inspectionRate: fc.constantFrom(0, 0.5),
    machinePassRatio: fc.constantFrom(0, 1),
    heldMin: fc.constantFrom(1, 30, 3_000),
  })
  .map(({ inspectionRate, machinePassRatio, heldMin, ...changes }) =>
    testConfig({
      ...changes,
      retention: {
        releasedMs: heldMin * minuteMs,
        endedMs: 2 * heldMin * minuteMs,
        handedOverMs: 3 * heldMin * minuteMs,
        unnamedMs: 2 * heldMin * minuteMs,
        archiveMs: 10_000 * minuteMs,
      },
      parameters: [
        testParameters({ inspectionRate, machinePassRatio }),
        testParameters({ version: "rules-2", validFrom: later(120), inspectionRate: 0, rules: [] }),
      ],
    }),
  );
