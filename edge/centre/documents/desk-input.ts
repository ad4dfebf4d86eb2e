import { z } from "zod";
import { zAcceptance } from "../../../protocols/ceb/answers.ts";
import { elementsMax } from "../../../protocols/ceb/messages.ts";
import { zUnreadReceipt } from "../../../protocols/ceb/unread-receipts.ts";
import { zSha256 } from "../../../protocols/sorting.ts";
import { zEpochMs } from "../../../protocols/units.ts";
import { zRelease } from "../../clearance/events.ts";
import { zKeptControl, zKeptOfficerAct } from "./kept-inputs.ts";

/** See `EventTimes`. Journals of earlier builds have the calendar only. */
export const zTimes = {
  at: zEpochMs,
  passedAt: zEpochMs.exactOptional(),
  datesAt: zEpochMs.exactOptional(),
  movedMs: z.number().int().min(1).exactOptional(),
};

/** Receipts in one input, so that a record stays far below the largest that a journal takes. */
export const unreadReceiptsMax = 500;

/** One journalled input. `xml` keeps a byte order mark, so its UTF-8 is the body byte for byte. */
export const zDeskInput = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("customsMessage"),
    ...zTimes,
    xml: z.string(),
    /** Places of elements, from 0, that needed a damaged row and were refused; absent: none. */
    leftOut: z.array(z.number().int().min(0)).min(1).max(elementsMax).exactOptional(),
  }),
  /** Receipts of customs out of a message that was refused as a whole. */
  z.strictObject({
    kind: z.literal("unreadReceipts"),
    ...zTimes,
    receipts: z.array(zUnreadReceipt).max(unreadReceiptsMax),
  }),
  z.strictObject({ kind: z.literal("acceptance"), ...zTimes, acceptance: zAcceptance }),
  z.strictObject({ kind: z.literal("control"), ...zTimes, control: zKeptControl }),
  z.strictObject({ kind: z.literal("release"), ...zTimes, release: zRelease }),
  z.strictObject({ kind: z.literal("officerAct"), ...zTimes, act: zKeptOfficerAct }),
  z.strictObject({
    kind: z.literal("timePassed"),
    ...zTimes,
    /** So many waits of each kind ended at once; absent in journals of before there was a bound. */
    atMost: z.number().int().min(1).exactOptional(),
    /** So many cases of each kind could leave for the archive; absent: none. */
    leavesMax: z.number().int().min(1).exactOptional(),
    /** So many numbers of documents that no manifest names could end; absent: none. */
    unnamedMax: z.number().int().min(1).exactOptional(),
  }),
  z.strictObject({ kind: z.literal("calendarConfirmed"), ...zTimes }),
]);
export type DeskInput = z.infer<typeof zDeskInput>;

/** All but messages, which are read before they are judged. */
export type DeskEvent = Exclude<DeskInput, { kind: "customsMessage" }>;

/**
 * What an input was judged to be (law 17), journalled with it: replay derives all of it again and
 * compares, and a restart takes the lots from here of what its rows do not hold yet.
 */
export const zJudged = z.strictObject({
  /** The parameter version that was in force. */
  rules: z.string(),
  /** One an element of a message, else one: `taken`, `refused`, with the code behind a colon. */
  outcomes: z.array(z.string()),
  /** The lots that were drawn between never and always, and whether each was drawn. */
  draws: z.record(z.string(), z.boolean()),
  /** Each clearance record that says something new. Written by us, and read by nothing but replay. */
  records: z.array(z.unknown()),
  /** What has left for the archive, and the hash of what the archive is given; absent: nothing. */
  left: z.array(z.strictObject({ waybill: z.string(), sha256: zSha256 })).exactOptional(),
  /** Numbers of documents that have ended because no manifest named them; absent: none. */
  unnamedEnded: z.array(z.string()).exactOptional(),
});
export type Judged = z.infer<typeof zJudged>;
