import type { Acceptance } from "../../../protocols/ceb/answers.ts";
import { person, sender } from "../../../protocols/actor.ts";
import type { CebElement } from "../../../protocols/ceb/messages.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import type { ManualControl, OfficerAct, Release } from "../../../edge/clearance/events.ts";
import { manifestReturn } from "../../../simulators/customs/receipts.ts";
import {
  documentsFor,
  type ParcelDocuments,
} from "../../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { Bug } from "../../../protocols/bug.ts";
import { xmlOf } from "../../kit/customs-post.ts";
import type { SyncDesk } from "../../kit/sync-desk.ts";

/**
 * What has become of a parcel of a full centre. Each puts other rows into other tables: together they
 * fill all that a centre goes through in order, and every table that a start counts.
 */
export type Fate =
  /** Declared, accepted and let go by customs: it is awaited at a line. */
  | "awaited"
  | "released"
  /** Without the carrier's acceptance. */
  | "stored"
  /** Accepted, without its receipt of money. */
  | "waiting"
  /** Awaited, and another order of the same seller has no manifest. */
  | "unnamedOrder"
  /** By customs. */
  | "returned"
  | "controlled"
  /** Controlled, opened and handed over. */
  | "handedOver"
  /** Awaited, and another parcel was accepted whose manifest has not come. */
  | "acceptedEarly";

/** Few of many are controlled or accepted too early; there may be 10,000 controls at most. */
const rare: readonly Fate[] = ["controlled", "handedOver", "acceptedEarly"];
const rareEvery = 500;
const usual: readonly Fate[] = [
  ...Array.from({ length: 9 }, () => "released" as const),
  ...Array.from({ length: 6 }, () => "awaited" as const),
  ...(["stored", "stored", "waiting", "unnamedOrder", "returned"] as const),
];
export const allFates: readonly Fate[] = [...new Set([...rare, ...usual])];

export const fateOf = (index: number): Fate =>
  rare[index % rareEvery] ?? usual[index % usual.length] ?? "awaited";

/** All numbers of a parcel have this in them, and nothing else of a parcel has. */
export const waybillOf = (index: number): string => `BN${String(index).padStart(8, "0")}`;

const item = {
  hsCode: "6115299000",
  name: "连裤袜",
  model: "样品",
  qty: 2,
  unitWeightG: 80,
  unitPriceCents: 2_990,
  material: "organic",
} as const;

/** Equal for all waybills but for their numbers. */
export const papersOf = (waybill: string, at: EpochMs): ParcelDocuments =>
  documentsFor(
    { waybill, category: "plain", items: [item], grossWeightG: 220 },
    { entropy: createSeededEntropy(7, "bench"), at, contradiction: null },
  );

/** What customs answers to the manifest; it numbers it by the waybill. */
export function receiptOf({ manifest }: ParcelDocuments, status: number, at: EpochMs) {
  const receipt = manifestReturn(manifest, { status, at }, createSeededEntropy(7, "receipt"));
  const invtNo = `${manifest.head.customsCode}2026${manifest.head.logisticsNo}`;
  return { ...receipt, head: { ...receipt.head, invtNo } };
}

/** One thing that comes to a desk. */
type Input =
  | { readonly kind: "message"; readonly element: CebElement }
  | { readonly kind: "acceptance"; readonly acceptance: Acceptance }
  | { readonly kind: "control"; readonly control: ManualControl }
  | { readonly kind: "release"; readonly release: Release }
  | { readonly kind: "officerAct"; readonly act: OfficerAct };

export interface Parcel {
  readonly waybill: string;
  readonly fate: Fate;
}

const message = (element: CebElement): Input => ({ kind: "message", element });
const officer = person("bench", "inspector", "bench-1");

/** In the order in which they come. */
function inputsOf({ waybill, fate }: Parcel, at: EpochMs): readonly Input[] {
  const papers = papersOf(waybill, at);
  const { order, receipt, manifest, acceptance } = papers;
  const said = (status: number): Input => message(receiptOf(papers, status, at));
  const money = fate === "waiting" ? [] : [message(receipt)];
  const declared = [message(order), ...money, message(papers.waybill), message(manifest)];
  if (fate === "stored") return declared;
  const accepted: readonly Input[] = [...declared, { kind: "acceptance", acceptance }];
  const control: Input = {
    kind: "control",
    control: { controlId: `C-${waybill}`, waybill, reason: "bench", by: officer },
  };
  const pass = { lineId: "L1", passId: `P-${waybill}`, recordVersion: null, decidedAt: at };
  switch (fate) {
    case "waiting":
      return accepted;
    case "awaited":
      return [...accepted, said(800)];
    case "released":
      return [...accepted, said(800), { kind: "release", release: { waybill, ...pass } }];
    case "unnamedOrder": {
      const head = { ...order.head, orderNo: `${order.head.orderNo}X` };
      return [...accepted, said(800), message({ ...order, head })];
    }
    case "returned":
      return [...accepted, said(100)];
    case "controlled":
      return [...accepted, control];
    case "handedOver": {
      const opened = { act: "inspectionResult", result: "ERROR", note: "" } as const;
      const act = { ...opened, actId: `A-${waybill}`, waybill, by: officer };
      return [...accepted, control, { kind: "officerAct", act }];
    }
    case "acceptedEarly": {
      const early = { acceptanceId: `${acceptance.acceptanceId}X`, waybill: `${waybill}X` };
      const other: Input = { kind: "acceptance", acceptance: { ...acceptance, ...early } };
      return [...accepted, said(800), other];
    }
  }
}

const bringer = sender("customs", "http");

function give(desk: SyncDesk, input: Input): boolean {
  switch (input.kind) {
    case "message": {
      const answer = desk.takeCustomsMessage(Buffer.from(xmlOf(input.element)), bringer);
      return answer.kind === "results" && answer.results.every(({ accepted }) => accepted);
    }
    case "acceptance":
      return desk.takeAcceptance(input.acceptance, sender("carrier", "http")).accepted;
    case "control":
      return desk.placeControl(input.control).accepted;
    case "release":
      return desk.applyRelease(input.release, bringer).accepted;
    case "officerAct":
      return desk.takeOfficerAct(input.act).accepted;
  }
}

/** Brings a desk everything of one parcel; throws where it refuses something. */
export function bring(desk: SyncDesk, parcel: Parcel, at: EpochMs): void {
  for (const input of inputsOf(parcel, at)) {
    if (!give(desk, input))
      throw new Bug(`${input.kind} of a parcel that is ${parcel.fate}: refused`);
  }
}
