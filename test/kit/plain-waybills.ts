import type { DocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { WaybillView } from "../../edge/centre/documents/waybill-view.ts";

/** Documents that know every waybill, for tests of claims: of one piece, released or not. */
export function plainWaybills(
  isReleased: (waybill: string) => boolean = () => false,
): Pick<DocumentDesk, "look" | "watch" | "watchAll" | "unwatch" | "watched"> {
  const watched = new Map<string, number>();
  const view = (waybill: string): WaybillView => ({
    manifest: { record: null, pieces: 1 },
    passIds: isReleased(waybill) ? ["P-released"] : [],
  });
  const watch = (waybill: string): void =>
    void watched.set(waybill, (watched.get(waybill) ?? 0) + 1);
  return {
    look: (waybill, then) => then(view(waybill)),
    watch,
    watchAll: (waybills) => {
      for (const waybill of waybills) watch(waybill);
      return Promise.resolve(true);
    },
    unwatch: (waybill) => {
      const times = (watched.get(waybill) ?? 0) - 1;
      if (times > 0) watched.set(waybill, times);
      else watched.delete(waybill);
    },
    watched: (waybill) => (watched.has(waybill) ? view(waybill) : null),
  };
}
