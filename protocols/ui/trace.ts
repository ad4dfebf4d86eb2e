import { z } from "zod";
import { zName } from "../sorting.ts";
import { traceSecondsMax, zTraceFrame } from "../trace.ts";

/** HTTP bodies about traces of devices, between a page or a command and the centre. */

/** `POST /api/devices/{deviceId}/trace` */
export const zTraceRequest = z.strictObject({
  startedBy: zName,
  station: zName,
  /** Left out: five minutes. */
  seconds: z.number().int().min(1).max(traceSecondsMax).optional(),
});

const zRemainingMs = z.number().min(0);
/** Another number is another trace, whose frames are counted from 1. */
const zTraceNumber = z.number().int().min(1);

export const zTraceBegun = z.strictObject({ trace: zTraceNumber, remainingMs: zRemainingMs });

/** `GET /api/devices/{deviceId}/trace?after=N`: what is missing between two frames was let go. */
export const zTraceView = z.strictObject({
  /** Null: nobody has looked at this device of late. */
  trace: zTraceNumber.nullable(),
  /** 0: it is over. */
  remainingMs: zRemainingMs,
  /** Since the line's controller has answered last; null: it has not yet. */
  toldMsAgo: z.number().min(0).nullable(),
  /** Of the newest frame that the controller has seen; below `after`, it counts anew. */
  lastSeq: z.number().int().min(0),
  frames: z.array(zTraceFrame),
});
export type TraceView = z.infer<typeof zTraceView>;
