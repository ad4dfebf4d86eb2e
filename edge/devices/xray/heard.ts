import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import type { XraySignal } from "../../../protocols/xray/signals.ts";
import type { XrayItem, XrayLife, XrayVerdict } from "../../../protocols/xray/xray.ts";
import type { Discarded } from "../dialect.ts";
import type { XrayImageArrived } from "./xray.ts";

/** What an X-ray machine's dialect makes of its messages. */
export type XrayHeard =
  | ({ readonly kind: "life" } & XrayLife)
  | ({ readonly kind: "item" } & XrayItem)
  | XrayImageArrived
  | ({ readonly kind: "verdict" } & XrayVerdict)
  | ({ readonly kind: "signal" } & XraySignal)
  /** A good message of which the line is told nothing: it is counted under these names. */
  | { readonly kind: "noted"; readonly counts: Readonly<Record<string, number>> }
  /** The machine did not take what it was told. */
  | { readonly kind: "notTaken"; readonly reason: DeviceReason }
  | Discarded;
