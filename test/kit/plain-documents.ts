import type { Acceptance } from "../../protocols/ceb/answers.ts";
import type { Entropy } from "../../protocols/time.ts";
import { epochMs } from "../../protocols/units.ts";
import { manifestReturn, writeManifestReturns } from "../../simulators/customs/receipts.ts";
import { documentsFor, type ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { catalogue } from "../../simulators/scenarios/goods.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

/** One moment for all: what is written once more is the same, also when a second has passed. */
const writtenAt = epochMs(Date.now());

/**
 * The documents of up to 100 parcels of plain goods, as the customs' side and the carriers send them.
 */
export function documentsOf(waybills: readonly string[]): {
  readonly xmls: readonly string[];
  readonly acceptances: readonly Acceptance[];
} {
  const entropy = createSeededEntropy(1, waybills.join());
  const parcels = parcelsOf(waybills, entropy);
  return {
    xmls: writeDocuments(parcels, entropy),
    acceptances: parcels.map(({ acceptance }) => acceptance),
  };
}

/** What customs answers to the manifest that `documentsOf` writes of this one waybill. */
export function receiptOf(waybill: string, status: number): string {
  const [documents] = parcelsOf([waybill], createSeededEntropy(1, waybill));
  const said = { status, at: epochMs(Date.now()) };
  const entropy = createSeededEntropy(2, waybill);
  return writeManifestReturns([manifestReturn(documents!.manifest, said, entropy)], entropy);
}

function parcelsOf(waybills: readonly string[], entropy: Entropy): readonly ParcelDocuments[] {
  const [goods] = catalogue;
  return waybills.map((waybill) =>
    documentsFor(
      {
        waybill,
        category: "plain",
        items: [
          {
            hsCode: goods!.hsCode,
            name: goods!.name,
            model: goods!.model,
            qty: 1,
            unitWeightG: 400,
            unitPriceCents: 2_000,
            material: goods!.material,
          },
        ],
        grossWeightG: 500,
      },
      { entropy, at: writtenAt, contradiction: null },
    ),
  );
}
