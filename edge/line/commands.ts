import type { BeltCount } from "../../protocols/units.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { XrayAnnounce } from "../../protocols/xray/xray.ts";

/**
 * Everything a line can ask for. Commands wait in the outbox until the batch that holds them is
 * synced; only `abort` and `cancelAll` leave at once, because they can only make an outcome safer (law 5).
 */
export type LineCommand =
  | DivertCommand
  | { readonly kind: "abort"; readonly commandId: string }
  | { readonly kind: "cancelAll" }
  | { readonly kind: "induction"; readonly isPermitted: boolean }
  | { readonly kind: "belt"; readonly run: boolean }
  | { readonly kind: "announce"; readonly announcement: XrayAnnounce }
  | { readonly kind: "claim"; readonly passId: string; readonly waybill: string }
  /** The next parcel is before this reader now. */
  | { readonly kind: "triggerRead"; readonly deviceId: string }
  /** The parcel that it was triggered for has left, and no read has come. */
  | { readonly kind: "endTrigger"; readonly deviceId: string }
  /** For the parcel that is next before this reader: its read must bring the token back. */
  | { readonly kind: "readToken"; readonly deviceId: string; readonly token: string }
  /** A trigger with nothing before the reader; its answer must bring these digits back. */
  | { readonly kind: "testRead"; readonly deviceId: string; readonly test: string };

export interface DivertCommand {
  readonly kind: "divert";
  readonly commandId: string;
  readonly passId: string;
  readonly exit: Exit;
  readonly fireAtCount: BeltCount;
  readonly releaseAtCount: BeltCount;
  readonly notAfterCount: BeltCount;
}
