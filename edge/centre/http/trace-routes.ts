import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import { traceSecondsDefault } from "../../../protocols/trace.ts";
import { zTraceBegun, zTraceRequest, zTraceView } from "../../../protocols/ui/trace.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem, notJournalledWords } from "./problems.ts";
import { asksNothing, jsonAnswer, jsonBody, route, type Route } from "./route.ts";

/**
 * What goes over a device's wire shows whose parcels are on the belt and what was found in them, which
 * is more than the floor is told: so these roles, and each switching-on is an act of theirs.
 */
const whoMay = ["supervisor", "officer", "lab"] as const;

/** The traces of devices, switched on and looked at. */
export const traceRoutes = ({
  centre: { traces },
}: Pick<RouteParts, "centre">): readonly Route[] => [
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/devices/{deviceId}/trace",
    id: "beginTrace",
    summary: "Shows what goes over a device's wire for some minutes; journalled with who asks.",
    whoMay,
    params: z.object({ deviceId: zId }),
    body: jsonBody(zTraceRequest),
    answers: { 200: jsonAnswer("It runs.", zTraceBegun) },
    problems: ["unknownDevice", "agentSilent", "tooManyTraces", "notJournalled"],
    named: ({ startedBy, station }) => ({ name: startedBy, station }),
    handle: async ({ params: { deviceId }, body: { seconds = traceSecondsDefault }, actor }) => {
      const outcome = await traces.begin(deviceId, seconds, actor);
      if (outcome.kind === "refused") return refusalOf(outcome.why);
      const { trace, remainingMs } = outcome;
      return { status: 200, body: { trace, remainingMs } };
    },
  }),
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/devices/{deviceId}/trace",
    id: "viewTrace",
    summary: "What has gone over a device's wire since; ask again for what follows.",
    whoMay,
    params: z.object({ deviceId: zId }),
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    answers: { 200: jsonAnswer("The frames behind `after`, oldest first.", zTraceView) },
    problems: [],
    handle: ({ params: { deviceId }, query: { after } }) => {
      const look = traces.look(deviceId, after) ?? noTrace;
      return { status: 200, body: { ...look, frames: [...look.frames] } };
    },
  }),
];

const noTrace = {
  trace: null,
  remainingMs: 0,
  toldMsAgo: null,
  lastSeq: 0,
  frames: [],
} as const;

const refusals = {
  unknownDevice: ["no line has this device", "deviceId"],
  agentSilent: ["the line's controller is not heard", "deviceId"],
  tooManyTraces: ["as many traces run as may; one of them has to end first", null],
  notJournalled: [notJournalledWords, null],
} as const;

function refusalOf<Code extends keyof typeof refusals>(why: Code): HttpProblem<Code> {
  const [message, field] = refusals[why];
  return new HttpProblem(why, message, field);
}
