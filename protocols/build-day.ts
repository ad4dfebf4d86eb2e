import { epochMs } from "./units.ts";

/**
 * No calendar that shows an earlier day is right: this program did not exist then. Raised with each
 * release.
 */
export const buildDayAt = epochMs(Date.UTC(2026, 10, 28));
