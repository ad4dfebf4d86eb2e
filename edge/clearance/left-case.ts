import type { EpochMs } from "../../protocols/units.ts";
import type { MoneyReceiptDigest, OrderDigest, WaybillDigest } from "./digests.ts";
import type { DocumentWord } from "./document-refusals.ts";
import type { ManualControl } from "./events.ts";
import type { ManifestCase } from "./state.ts";

/**
 * Cases that have ended leave the documents for an archive once they are old enough. What stays is
 * the case without its goods: waybill, carrier, end, draw, controls, releases and findings, and every
 * number under which it was known. With that the waybill is never released again, whatever comes: a
 * new manifest, documents and officers' acts are refused, and customs' receipts change nothing. Its
 * numbers stay taken as if it were still held, so that no other waybill gets what was refused before.
 */
export interface LeftCase {
  readonly waybill: string;
  /** When it left. */
  readonly at: EpochMs;
  readonly case: ManifestCase;
  readonly order: OrderDigest | null;
  readonly moneyReceipt: MoneyReceiptDigest | null;
  readonly carriage: WaybillDigest | null;
  /** What customs said of these three, by the keys under which it stood. */
  readonly answers: readonly (readonly [key: string, word: DocumentWord])[];
  readonly controls: readonly ManualControl[];
  /** Passes by which its pieces have left. */
  readonly releases: readonly string[];
}
