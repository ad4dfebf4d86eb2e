import { chinaTimeOfEpoch } from "../../protocols/ceb/calendar.ts";
import type {
  CebManifest,
  CebManifestReturn,
  CebOrder,
  CebMoneyReceipt,
  CebWaybill,
  ElementOf,
} from "../../protocols/ceb/messages.ts";
import type { Entropy } from "../../protocols/time.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { drawGuid } from "../documents/numbers.ts";
import { writeOrThrow } from "../documents/write-documents.ts";

/** What customs says, and when by customs' own clock. */
export interface CustomsSaying {
  /** `returnStatus`: 1 to 10 characters, for instance 800 or -621004. */
  readonly status: number | string;
  readonly at: EpochMs;
}

const wordsOf: Readonly<Record<string, string>> = {
  "1": "电子口岸已暂存",
  "2": "电子口岸申报中",
  "3": "发送海关成功",
  "4": "发送海关失败",
  "100": "海关退单",
  "120": "海关入库",
  "300": "人工审核",
  "399": "海关审结",
  "500": "查验",
  "800": "放行",
  "899": "结关",
};

/** As customs writes it in the field: `[Code:…;Desc:…]`. */
const infoOf = (status: string): string =>
  `[Code:${status};Desc:${wordsOf[status] ?? (status.startsWith("-") ? "处理异常" : "其他")}]`;

const saying = ({ status, at }: CustomsSaying) => ({
  returnStatus: String(status),
  returnTime: chinaTimeOfEpoch(at),
  returnInfo: infoOf(String(status)),
});

/**
 * Nine digits that are always the same for one text, because customs numbers a manifest once and
 * keeps the number.
 */
function serialOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return String((hash >>> 0) % 1_000_000_000).padStart(9, "0");
}

/** CEB604 for one manifest. Customs' own numbers come from the manifest, so they stay the same. */
export function manifestReturn(
  { head }: CebManifest,
  said: CustomsSaying,
  entropy: Entropy,
): CebManifestReturn {
  const serial = serialOf(`${head.agentCode}/${head.copNo}`);
  const date = head.appTime.slice(0, 8);
  return {
    type: "CEB604",
    head: {
      guid: drawGuid(entropy),
      agentCode: head.agentCode,
      copNo: head.copNo,
      preNo: head.preNo ?? `B${date}${serial}`,
      invtNo: head.invtNo ?? `${head.customsCode}${date.slice(0, 4)}E${serial}`,
      ebcCode: head.ebcCode,
      ebpCode: head.ebpCode,
      orderNo: head.orderNo,
      statisticsFlag: head.statisticsFlag,
      ...saying(said),
    },
    list: [],
  };
}

export const orderReturn = (
  { head }: CebOrder,
  said: CustomsSaying,
  entropy: Entropy,
): ElementOf<"CEB304"> => ({
  type: "CEB304",
  head: {
    guid: drawGuid(entropy),
    ebpCode: head.ebpCode,
    ebcCode: head.ebcCode,
    orderNo: head.orderNo,
    ...saying(said),
  },
  list: [],
});

export const receiptReturn = (
  { head }: CebMoneyReceipt,
  said: CustomsSaying,
  entropy: Entropy,
): ElementOf<"CEB404"> => ({
  type: "CEB404",
  head: {
    guid: drawGuid(entropy),
    ebcCode: head.ebcCode,
    orderNo: head.orderNo,
    payNo: head.payNo,
    ...saying(said),
  },
  list: [],
});

export const waybillReturn = (
  { head }: CebWaybill,
  said: CustomsSaying,
  entropy: Entropy,
): ElementOf<"CEB506"> => ({
  type: "CEB506",
  head: {
    guid: drawGuid(entropy),
    logisticsCode: head.logisticsCode,
    logisticsNo: head.logisticsNo,
    ...saying(said),
  },
  list: [],
});

/** The XML of 1 to 100 receipts for manifests. */
export const writeManifestReturns = (
  elements: readonly CebManifestReturn[],
  entropy: Entropy,
): string => writeOrThrow({ type: "CEB604", guid: drawGuid(entropy), elements, transfer: null });

/** How receipts go wrong on their way: they overtake each other, and some come twice. */
export function disorder<T>(
  receipts: readonly T[],
  repeats: number,
  entropy: Entropy,
): readonly T[] {
  const all = receipts.flatMap((each) => (entropy.next() < repeats ? [each, each] : [each]));
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(entropy.next() * (i + 1));
    const [a, b] = [all[i], all[j]];
    if (a === undefined || b === undefined) continue;
    all[i] = b;
    all[j] = a;
  }
  return all;
}

/** The steps a manifest goes through at customs when all is well, with the milliseconds between. */
export function usualCourse(from: EpochMs, betweenMs: number): readonly CustomsSaying[] {
  return [2, 3, 120, 399, 800].map((status, index) => ({
    status,
    at: epochMs(from + index * betweenMs),
  }));
}
