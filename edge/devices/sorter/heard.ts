import { decodeSorterEvent } from "../../../protocols/sorter/sorter-json.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { unreadable, type Discarded } from "../dialect.ts";

/** What a sorter's dialect makes of its messages: numbered events, in the order of the wire. */
export type SorterHeard = SorterEvent | Discarded;

/** For the dialects whose events are JSON. */
export function sorterHeardOf(payload: Uint8Array): SorterHeard {
  const decoded = decodeSorterEvent(payload);
  return decoded.kind === "ok" ? decoded.value : unreadable(decoded.why);
}
