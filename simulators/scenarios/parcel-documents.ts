import type { EpochMs } from "../../protocols/units.ts";
import { documentsFor, type ParcelDocuments } from "../documents/parcel-documents.ts";
import { createSeededEntropy } from "../world/chance.ts";
import type { DocumentPlan } from "./parcel-stream.ts";

/**
 * The documents of a planned parcel. Drawn from a stream of the parcel's own, so that they are the
 * same in whatever order they are sent.
 */
export const documentsOf = (plan: DocumentPlan, seed: number, at: EpochMs): ParcelDocuments =>
  documentsFor(plan.declaration, {
    entropy: createSeededEntropy(seed, `documents ${plan.declaration.waybill}`),
    at,
    contradiction: plan.contradiction,
  });
