import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import { decodeSorterEvent } from "../../../protocols/sorter/sorter-json.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { unreadable, type Discarded } from "../dialect.ts";
import type { MachineSays } from "./plc-map/packml.ts";

/** What a sorter's dialect makes of its messages: numbered events, in the order of the wire. */
export type SorterHeard = SorterEvent | Discarded | NotTaken | MachineSays;

/** The device is not known to have what it was told, however often it was said. */
interface NotTaken {
  readonly kind: "notTaken";
  readonly reason: DeviceReason;
}

/** For the dialects whose events are JSON. */
export function sorterHeardOf(payload: Uint8Array): SorterHeard {
  const decoded = decodeSorterEvent(payload);
  return decoded.kind === "ok" ? decoded.value : unreadable(decoded.why);
}
