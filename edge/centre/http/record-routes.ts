import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import { zLostSeenRequest, zMissingRequest, zRecordsView } from "../../../protocols/ui/http.ts";
import type { NameOutcome, OlderStore, SeeOutcome } from "../records/older-store.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem, notJournalledWords } from "./problems.ts";
import { asksNothing, jsonAnswer, jsonBody, route, type Route } from "./route.ts";

/** The centre's own records: whether a backup was put back, and what a supervisor does about it. */
export const recordRoutes = ({ centre }: Pick<RouteParts, "centre">): readonly Route[] => {
  const { older } = centre.journals;
  return [viewRoute(older), missingRoute(older), lostSeenRoute(older)];
};

function viewOf(older: OlderStore): z.infer<typeof zRecordsView> {
  const { isOlder, lostActs, awaited } = older.view();
  return {
    isOlder,
    lostRecords: lostActs,
    awaited: awaited.map(({ missing, ...agent }) => ({ ...agent, missing: [...missing] })),
  };
}

const viewRoute = (older: OlderStore): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/records",
    id: "viewRecords",
    summary: "Whether the centre's records are older than what its agents were told, and by what.",
    whoMay: ["supervisor", "officer", "auditor", "lab"],
    answers: { 200: jsonAnswer("The records, and the agents that are awaited.", zRecordsView) },
    problems: [],
    handle: () => ({ status: 200, body: viewOf(older) }),
  });

const missingRoute = (older: OlderStore): Route =>
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/agents/{agentId}/missing",
    id: "nameMissing",
    summary: "This agent will not come: what it did since the backup stays unknown.",
    whoMay: ["supervisor", "lab"],
    params: z.object({ agentId: zId }),
    body: jsonBody(zMissingRequest),
    answers: { 200: jsonAnswer("Named, and who is awaited still.", zRecordsView) },
    problems: ["unknownAgent", "notAwaited", "notJournalled"],
    named: ({ namedBy, station }) => ({ name: namedBy, station }),
    handle: async ({ params: { agentId }, body: { reason }, actor }) => {
      const outcome = await older.nameMissing(agentId, actor, reason);
      if (outcome.kind === "refused") return refusalOf(outcome.why);
      return { status: 200, body: viewOf(older) };
    },
  });

const lostSeenRoute = (older: OlderStore): Route =>
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/records/lost/seen",
    id: "seeLostRecords",
    summary: "The papers and controls that were lost with the centre's records were sent again.",
    whoMay: ["supervisor", "lab"],
    body: jsonBody(zLostSeenRequest),
    answers: { 200: jsonAnswer("Seen to.", zRecordsView) },
    problems: ["nothingLost", "notJournalled"],
    named: ({ seenBy, station }) => ({ name: seenBy, station }),
    handle: async ({ body: { reason }, actor }) => {
      const outcome = await older.seeLost(actor, reason);
      if (outcome.kind === "refused") return refusalOf(outcome.why);
      return { status: 200, body: viewOf(older) };
    },
  });

type Why<Outcome> =
  Extract<Outcome, { kind: "refused" }> extends { readonly why: infer Code } ? Code : never;

const refusals = {
  unknownAgent: ["no line is run by this agent", "agentId"],
  notAwaited: ["nothing waits for this agent", "agentId"],
  nothingLost: ["no record of the centre is known to be lost", null],
  notJournalled: [notJournalledWords, null],
} as const satisfies Record<
  Why<NameOutcome> | Why<SeeOutcome>,
  readonly [message: string, field: string | null]
>;

function refusalOf<Code extends keyof typeof refusals>(why: Code): HttpProblem<Code> {
  const [message, field] = refusals[why];
  return new HttpProblem(why, message, field);
}
