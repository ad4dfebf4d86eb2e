import type { ManifestView } from "../../../protocols/ui/http.ts";
import type { ManifestCase } from "../../clearance/state.ts";

/** The declaration as an officer compares it with the image. Money and weights stay exact. */
export function manifestViewOf({ manifest, state, record }: ManifestCase): ManifestView {
  return {
    waybill: manifest.waybill,
    manifestGuid: manifest.guid,
    orderNo: manifest.orderNo,
    state: state ?? "STORED",
    customsStatus: record?.customsStatus ?? null,
    sender: manifest.sender,
    platform: manifest.platform,
    destination: manifest.destination,
    tradeMode: manifest.tradeMode,
    currency: manifest.currency ?? "",
    totalValue: manifest.total,
    grossWeightKg: manifest.grossWeightKg,
    netWeightKg: manifest.netWeightKg,
    pieces: manifest.pieces,
    items: manifest.items.map((item, index) => ({ gnum: index + 1, ...item })),
    openReasons: [...(record?.reasons ?? [])],
  };
}
