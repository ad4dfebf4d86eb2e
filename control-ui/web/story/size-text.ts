import type { DimensionsMm } from "../../../protocols/scale/dimensions.ts";
import type { Voice } from "../../../protocols/words/words.ts";

/** Length, width and height of a parcel that was measured. */
export const sizeText = (dimensionsMm: DimensionsMm, { say }: Voice): string =>
  say("ui", "sizeMm", dimensionsMm);
