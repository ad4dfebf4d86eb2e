import type { ImageVerdictSource } from "../../protocols/verdicts.ts";

/** What the site demands before a parcel may be green. Journalled by content; `version` names it. */
export interface DecisionRules {
  readonly version: string;
  /** Whose word an image needs: the algorithm's, an officer's, or both (law 1). */
  readonly imageVerdictBy: ImageVerdictSource;
  /** `customs`: only receipt 800 releases (law 13). */
  readonly authority: "site" | "customs";
  /**
   * Plausible weight: within `toleranceG` or `tolerancePct` of the declared one, whichever is
   * wider. Null where no scale is fitted.
   */
  readonly weight: { readonly toleranceG: number; readonly tolerancePct: number } | null;
  /** A held belt does not keep evidence fresh: a pass may be green this long after induction. */
  readonly passAgeMsMax: number;
}
