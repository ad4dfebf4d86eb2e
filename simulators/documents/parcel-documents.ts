import type { Acceptance } from "../../protocols/ceb/answers.ts";
import { chinaTimeOfEpoch } from "../../protocols/ceb/calendar.ts";
import type {
  CebManifest,
  CebOrder,
  CebMoneyReceipt,
  CebWaybill,
} from "../../protocols/ceb/messages.ts";
import type { Entropy } from "../../protocols/time.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";
import type { DeclaredItem, ParcelDeclaration } from "./declaration.ts";
import { drawDigits, drawFrom, drawGuid } from "./numbers.ts";
import { carrierOf, declarant, destinations, payer, platforms, shippers } from "./parties.ts";
import type { Destination, Party } from "./parties.ts";

/** Everything that is said of one parcel before it comes to the line. */
export interface ParcelDocuments {
  readonly order: CebOrder;
  readonly receipt: CebMoneyReceipt;
  readonly waybill: CebWaybill;
  readonly manifest: CebManifest;
  readonly acceptance: Acceptance;
}

/** How one of the documents contradicts the others. */
export const contradictions = ["charge", "currency", "goodsValue", "weight", "pieces"] as const;
export type Contradiction = (typeof contradictions)[number];

export interface DocumentOptions {
  readonly entropy: Entropy;
  /** When the carrier takes the parcel over; the papers are older. */
  readonly at: EpochMs;
  /** Null: all documents agree. */
  readonly contradiction: Contradiction | null;
}

/** Codes of JGS-20: CNY, the piece and the kilogram. */
const cny = "142";
const usd = "502";
const pieceUnit = "011";
const kilogramUnit = "035";
/** A customs office of the lab's own choosing. */
const customsOffice = "2325";
const freightCents = 1_200;

const decimalOf = (value: number, scale: number): string => {
  const digits = String(value).padStart(scale + 1, "0");
  const fraction = digits.slice(-scale).replace(/0+$/, "");
  return fraction === "" ? digits.slice(0, -scale) : `${digits.slice(0, -scale)}.${fraction}`;
};
const money = (cents: number): string => decimalOf(cents, 2);
const kilograms = (grams: number): string => decimalOf(grams, 3);

const totalCents = (items: readonly DeclaredItem[]): number =>
  items.reduce((sum, item) => sum + item.qty * item.unitPriceCents, 0);
const netG = (items: readonly DeclaredItem[]): number =>
  items.reduce((sum, item) => sum + item.qty * item.unitWeightG, 0);

/** What all documents of a parcel share, drawn once. */
interface Draft {
  readonly parcel: ParcelDeclaration;
  readonly entropy: Entropy;
  readonly at: EpochMs;
  readonly contradiction: Contradiction | null;
  readonly shipper: Party;
  readonly platform: Party;
  readonly carrier: Party;
  readonly destination: Destination;
  readonly orderNo: string;
  readonly isSimplified: boolean;
}

/** Times run from order to manifest; each document is filed some minutes after the one before. */
const filedAt = (draft: Draft, minutesBefore: number): string =>
  chinaTimeOfEpoch(epochMs(draft.at - minutesBefore * 60_000)).slice(0, 14);

function orderOf(draft: Draft): CebOrder {
  const { parcel, entropy, shipper, platform } = draft;
  return {
    type: "CEB303",
    head: {
      guid: drawGuid(entropy),
      appType: "1",
      appTime: filedAt(draft, 90),
      appStatus: "2",
      orderType: "E",
      orderNo: draft.orderNo,
      ebpCode: platform.code,
      ebpName: platform.name,
      ebcCode: shipper.code,
      ebcName: shipper.name,
      goodsValue: money(totalCents(parcel.items)),
      freight: money(freightCents),
      currency: cny,
      note: null,
    },
    list: parcel.items.map((item, index) => ({
      gnum: index + 1,
      itemNo: `SKU${item.hsCode}`,
      itemName: item.name,
      itemDescribe: item.model,
      barCode: null,
      unit: pieceUnit,
      currency: cny,
      qty: String(item.qty),
      price: money(item.unitPriceCents),
      totalPrice: money(item.qty * item.unitPriceCents),
      note: null,
    })),
  };
}

function receiptOf(draft: Draft): CebMoneyReceipt {
  const { parcel, entropy, shipper, platform, contradiction } = draft;
  const wrongCents = contradiction === "charge" ? 100 : 0;
  return {
    type: "CEB403",
    head: {
      guid: drawGuid(entropy),
      appType: "1",
      appTime: filedAt(draft, 80),
      appStatus: "2",
      ebpCode: platform.code,
      ebpName: platform.name,
      ebcCode: shipper.code,
      ebcName: shipper.name,
      orderNo: draft.orderNo,
      payCode: payer.code,
      payName: payer.name,
      payNo: `PAY${drawDigits(entropy, 12)}`,
      charge: money(totalCents(parcel.items) + freightCents + wrongCents),
      currency: contradiction === "currency" ? usd : cny,
      accountingDate: filedAt(draft, 85),
      note: null,
    },
    list: [],
  };
}

function waybillOf(draft: Draft): CebWaybill {
  const { parcel, entropy, carrier, shipper, contradiction } = draft;
  const grossG = contradiction === "weight" ? parcel.grossWeightG * 2 + 500 : parcel.grossWeightG;
  return {
    type: "CEB505",
    head: {
      guid: drawGuid(entropy),
      appType: "1",
      appTime: filedAt(draft, 60),
      appStatus: "2",
      logisticsCode: carrier.code,
      logisticsName: carrier.name,
      logisticsNo: parcel.waybill,
      freight: money(freightCents),
      insuredFee: "0",
      currency: cny,
      grossWeight: kilograms(grossG),
      packNo: contradiction === "pieces" ? 2 : 1,
      goodsInfo: parcel.items
        .map((item) => item.name)
        .join(",")
        .slice(0, 200),
      ebcCode: shipper.code,
      ebcName: shipper.name,
      ebcTelephone: null,
      note: null,
    },
    list: [],
  };
}

/** Simplified declarations need only the heading right; some shippers pad the rest with zeros. */
const declaredCode = (draft: Draft, item: DeclaredItem): string =>
  draft.isSimplified && draft.entropy.next() < 0.25
    ? `${item.hsCode.slice(0, 4)}000000`
    : item.hsCode;

function manifestItemOf(
  draft: Draft,
  item: DeclaredItem,
  index: number,
): CebManifest["list"][number] {
  const wrongCents = draft.contradiction === "goodsValue" && index === 0 ? 1 : 0;
  return {
    gnum: index + 1,
    itemNo: `SKU${item.hsCode}`,
    itemRecordNo: null,
    itemName: item.name,
    gcode: declaredCode(draft, item),
    gname: item.name,
    gmodel: item.model,
    barCode: "无",
    country: draft.destination.country,
    currency: cny,
    qty: String(item.qty),
    qty1: kilograms(item.qty * item.unitWeightG),
    qty2: null,
    unit: pieceUnit,
    unit1: kilogramUnit,
    unit2: null,
    price: money(item.unitPriceCents),
    totalPrice: money(item.qty * item.unitPriceCents + wrongCents),
    note: null,
  };
}

function manifestOf(draft: Draft): CebManifest {
  const { parcel, entropy, carrier, shipper, platform, destination } = draft;
  return {
    type: "CEB603",
    head: {
      guid: drawGuid(entropy),
      appType: "1",
      appTime: filedAt(draft, 30),
      appStatus: "1",
      customsCode: customsOffice,
      ebpCode: platform.code,
      ebpName: platform.name,
      orderNo: draft.orderNo,
      logisticsCode: carrier.code,
      logisticsName: carrier.name,
      logisticsNo: parcel.waybill,
      copNo: `COP${parcel.waybill}`.slice(0, 30),
      preNo: null,
      invtNo: null,
      ieFlag: "E",
      portCode: customsOffice,
      ieDate: filedAt(draft, 0).slice(0, 8),
      statisticsFlag: draft.isSimplified ? "A" : "B",
      agentCode: declarant.code,
      agentName: declarant.name,
      ebcCode: shipper.code,
      ebcName: shipper.name,
      ownerCode: "NO",
      ownerName: "NO",
      iacCode: null,
      iacName: null,
      emsNo: null,
      tradeMode: "9610",
      trafMode: "5",
      trafName: null,
      voyageNo: null,
      billNo: null,
      totalPackageNo: null,
      loctNo: null,
      licenseNo: null,
      country: destination.country,
      POD: destination.port,
      freight: money(freightCents),
      fCurrency: cny,
      fFlag: "3",
      insuredFee: "0",
      iCurrency: cny,
      iFlag: "3",
      wrapType: "2",
      packNo: 1,
      grossWeight: kilograms(parcel.grossWeightG),
      netWeight: kilograms(Math.min(netG(parcel.items), parcel.grossWeightG)),
      note: null,
    },
    list: parcel.items.map((item, index) => manifestItemOf(draft, item, index)),
  };
}

/**
 * The documents of one parcel. They agree with each other and with the declaration, but for the one
 * contradiction that is asked for. The same declaration, entropy and time give the same documents.
 */
export function documentsFor(
  parcel: ParcelDeclaration,
  { entropy, at, contradiction }: DocumentOptions,
): ParcelDocuments {
  const draft: Draft = {
    parcel,
    entropy,
    at,
    contradiction,
    shipper: drawFrom(entropy, shippers),
    platform: drawFrom(entropy, platforms),
    carrier: carrierOf(parcel.waybill),
    destination: drawFrom(entropy, destinations),
    orderNo: `ORD${chinaTimeOfEpoch(at).slice(0, 8)}${parcel.waybill}`,
    // Goods under licence or duty may not be declared in the simplified way.
    isSimplified: parcel.category === "plain" && entropy.next() < 0.5,
  };
  return {
    order: orderOf(draft),
    receipt: receiptOf(draft),
    waybill: waybillOf(draft),
    manifest: manifestOf(draft),
    acceptance: {
      acceptanceId: `ACC-${parcel.waybill}`,
      carrierCode: draft.carrier.code,
      waybill: parcel.waybill,
      weightG: parcel.grossWeightG,
      pieces: 1,
      acceptedAt: at,
    },
  };
}
