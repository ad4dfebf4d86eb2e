import type { Reason } from "../../../protocols/reasons.ts";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import { errorClassOf, type CustomsSaid } from "../../clearance/customs-status.ts";
import type { ItemDigest } from "../../clearance/digests.ts";
import { stateAsTold } from "../../clearance/standing.ts";
import type { ManifestCase } from "../../clearance/state.ts";

/** The newest error of one transmission, told beside the manifest's own status. */
const transmissionErrorOf = ({ error }: CustomsSaid): ManifestView["transmissionError"] =>
  error === null ? null : { ...error, about: errorClassOf(error.status) };

const itemView = (item: ItemDigest, index: number): ManifestView["items"][number] => ({
  gnum: index + 1,
  hsCode: item.hsCode,
  name: item.name,
  model: item.model,
  qty: item.qty,
  unit: item.unit,
  price: item.price,
  totalPrice: item.totalPrice,
});

/**
 * The declaration as an officer compares it with the image. Money and weights stay exact. What is
 * hidden of its reasons its state does not tell either.
 */
export function manifestViewOf(
  each: ManifestCase,
  isHidden: (reason: Reason) => boolean = () => false,
): ManifestView {
  const { manifest, record, customs } = each;
  const openReasons = (record?.reasons ?? []).filter((reason) => !isHidden(reason));
  return {
    waybill: manifest.waybill,
    manifestGuid: manifest.guid,
    orderNo: manifest.orderNo,
    state: stateAsTold(each, openReasons),
    customsStatus: record?.customsStatus ?? null,
    transmissionError: transmissionErrorOf(customs),
    sender: manifest.merchant.name,
    platform: manifest.platform,
    destination: manifest.destination,
    tradeMode: manifest.tradeMode,
    currency: manifest.currency ?? "",
    totalValue: manifest.total,
    grossWeightKg: manifest.grossWeightKg,
    netWeightKg: manifest.netWeightKg,
    pieces: manifest.pieces,
    items: manifest.items.map(itemView),
    openReasons,
  };
}
