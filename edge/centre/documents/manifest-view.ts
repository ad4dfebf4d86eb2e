import { sumDecimals } from "../../../protocols/ceb/decimal.ts";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import type { ManifestCase } from "../../clearance/state.ts";

/** The declaration as an officer compares it with the image. Money and weights stay exact. */
export function manifestViewOf(each: ManifestCase): ManifestView {
  const { head, list } = each.manifest;
  return {
    waybill: each.waybill,
    manifestGuid: each.guid,
    orderNo: head.orderNo,
    state: each.state ?? "STORED",
    customsStatus: each.record?.customsStatus ?? null,
    sender: head.ebcName,
    platform: head.ebpName,
    destination: head.country,
    tradeMode: head.tradeMode,
    currency: list[0]?.currency ?? "",
    totalValue: sumDecimals(list.map((item) => item.totalPrice)),
    grossWeightKg: head.grossWeight,
    netWeightKg: head.netWeight,
    pieces: head.packNo,
    items: list.map((item) => ({
      gnum: item.gnum,
      hsCode: item.gcode,
      name: item.gname,
      model: item.gmodel,
      qty: item.qty,
      unit: item.unit,
      price: item.price,
      totalPrice: item.totalPrice,
    })),
    openReasons: [...(each.record?.reasons ?? [])],
  };
}
