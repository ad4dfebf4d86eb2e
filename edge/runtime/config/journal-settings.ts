import { z } from "zod";
import { dayMs } from "../../../protocols/civil-date.ts";

const yearsMax = 30;
const zKeptMs = z
  .number()
  .int()
  .min(1_000)
  .max(yearsMax * 366 * dayMs);

/** How much of its journals a program keeps in their files, and how much of what has left them. */
export const zJournalSettings = z.strictObject({
  /** Records stay in the file for so long at least; what somebody still needs stays longer. */
  keepMs: zKeptMs.default(30 * dayMs),
  /** So many records leave together, as one segment; as many stay in any case. */
  segmentRecords: z.number().int().min(100).max(100_000).default(10_000),
  /** Segments are kept for so long after they were written. */
  segmentsKeptMs: zKeptMs.default(1_096 * dayMs),
  /** Of each journal: beyond this its oldest segments go earlier. Null: never. */
  segmentBytesMax: z.number().int().min(0).nullable().default(null),
});
