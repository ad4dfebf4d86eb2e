import type { XrayItem, XrayLife, XrayVerdict } from "../../../protocols/xray/xray.ts";
import type { Discarded } from "../dialect.ts";
import type { XrayImageArrived } from "./xray.ts";

/** What an X-ray machine's dialect makes of its messages. */
export type XrayHeard =
  | ({ readonly kind: "life" } & XrayLife)
  | ({ readonly kind: "item" } & XrayItem)
  | XrayImageArrived
  | ({ readonly kind: "verdict" } & XrayVerdict)
  | Discarded;
