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
  keepMs: zKeptMs
    .default(30 * dayMs)
    .describe(
      "Milliseconds that records stay in the file at least; what somebody still needs stays longer.",
    ),
  segmentRecords: z
    .number()
    .int()
    .min(100)
    .max(100_000)
    .default(10_000)
    .describe("So many records leave the file together, as one segment; as many stay in any case."),
  segmentsKeptMs: zKeptMs
    .default(1_096 * dayMs)
    .describe("Milliseconds that a segment is kept after it was written."),
  segmentBytesMax: z
    .number()
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      "Bytes of one journal's segments beyond which its oldest go earlier; null where none does.",
    ),
});
