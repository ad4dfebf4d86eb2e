import type { Reason } from "../../../protocols/reasons.ts";
import type { ArchivedCase, ManifestView, Papers } from "../../../protocols/ui/http.ts";
import { fileOfDay } from "../../archive/port.ts";
import { errorClassOf, type CustomsSaid } from "../../clearance/customs-status.ts";
import type { ItemDigest } from "../../clearance/digests.ts";
import { stateAsTold } from "../../clearance/standing.ts";
import type { DocumentState, ManifestCase } from "../../clearance/state.ts";

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

/** What the documents say of a waybill: a declaration, or that its case is in the archive. */
export function papersOf(
  { cases, releases }: Pick<DocumentState, "cases" | "releases">,
  waybill: string,
  isHidden?: (reason: Reason) => boolean,
): Papers {
  const each = cases.get(waybill);
  if (each?.left === undefined) {
    return { manifest: each === undefined ? null : manifestViewOf(each, isHidden) };
  }
  const passesTotal = releases.get(waybill)?.length ?? 0;
  return { manifest: null, archived: archivedOf(each, { ...each.left, passesTotal }) };
}

const archivedOf = (
  { manifest, state, endedAt }: ManifestCase,
  left: { readonly at: ArchivedCase["archivedAt"]; readonly passesTotal: number },
): ArchivedCase => ({
  waybill: manifest.waybill,
  manifestGuid: manifest.guid,
  orderNo: manifest.orderNo,
  // It has ended, so that no open reason tells its state.
  state: state ?? "",
  carrierCode: manifest.carrierCode,
  pieces: manifest.pieces,
  piecesReleased: left.passesTotal,
  endedAt: endedAt ?? null,
  archivedAt: left.at,
  archiveFile: fileOfDay(left.at),
});
