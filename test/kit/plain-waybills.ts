import type { DocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { WaybillView } from "../../edge/centre/documents/waybill-view.ts";

/** Documents that know every waybill, for tests of claims: of one piece, released or not. */
export function plainWaybills(
  isReleased: (waybill: string) => boolean = () => false,
): Pick<DocumentDesk, "look" | "watch" | "unwatch" | "watched"> {
  const watched = new Map<string, number>();
  const view = (waybill: string): WaybillView => ({
    manifest: { record: null, pieces: 1 },
    passesTotal: isReleased(waybill) ? 1 : 0,
  });
  return {
    look: (waybill, then) => then(view(waybill)),
    watch: (waybill) => watched.set(waybill, (watched.get(waybill) ?? 0) + 1),
    unwatch: (waybill) => {
      const times = (watched.get(waybill) ?? 0) - 1;
      if (times > 0) watched.set(waybill, times);
      else watched.delete(waybill);
    },
    watched: (waybill) => (watched.has(waybill) ? view(waybill) : null),
  };
}
