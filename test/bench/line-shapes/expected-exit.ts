import type { PlannedParcel } from "../../../simulators/scenarios/parcel-stream.ts";
import type { Exit } from "../../../protocols/sorting.ts";

/**
 * Where a parcel of the bench belongs, from what is true of it and what its papers say. Nothing here
 * is left to chance: the bench's scenario has an algorithm that sees everything, and a centre that
 * draws nobody for inspection.
 */
export function expectedExit({ physical, documents, hidden }: PlannedParcel): Exit {
  const isDoubtful = physical.labels.length === 0 || documents === null;
  if (isDoubtful || hidden !== null) return "inspection";
  switch (documents.declaration.category) {
    case "plain":
      return "green";
    case "licence":
    case "ledger":
    case "taxable":
      return "red";
    case "prohibited":
      return "inspection";
  }
}
