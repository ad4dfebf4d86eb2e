import { z } from "zod";
import { zChain } from "../../../protocols/chain-name.ts";
import { zWaybill } from "../../../protocols/clearance.ts";
import { zId } from "../../../protocols/sorting.ts";
import {
  zAgentsAnswer,
  zBringInAnswer,
  zBringInRequest,
  zGenerationAnswer,
  zGenerationRequest,
  zSettled,
  zSettleRequest,
  zUnsettled,
} from "../../../protocols/ui/http.ts";
import { writeDurably } from "../acts/act-log.ts";
import type { Centre } from "../centre.ts";
import type { ActAnswer } from "../documents/desk.ts";
import { isReleasedIn, type WaybillView } from "../documents/waybill-view.ts";
import type { AskOutcome } from "../generation-change.ts";
import { answered, deskProblems } from "./answered.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem, notJournalled, notJournalledWords, type ProblemCode } from "./problems.ts";
import { asksNothing, jsonAnswer, jsonBody, route, type Route } from "./route.ts";

/** Records of a journal are long, and a request brings several. */
const recordsBytesMax = 8 * 1024 * 1024;

/** The agents' journals: which is taken, and what a supervisor does about one that is not. */
export const journalRoutes = (parts: RouteParts): readonly Route[] => [
  agentsRoute(parts),
  generationRoute(parts),
  bringInRoute(parts),
  unsettledRoute(parts),
  settleRoute(parts),
];

const agentsRoute = ({ centre }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/agents",
    id: "listAgents",
    summary: "Every line agent with its journal: which generation, and whether it is taken.",
    whoMay: ["supervisor", "auditor", "lab"],
    answers: { 200: jsonAnswer("The agents.", zAgentsAnswer) },
    problems: [],
    handle: () => ({
      status: 200,
      body: centre.journals.view().map((view) => ({
        ...view,
        lineIds: [...centre.site.linesOf(view.agentId)],
      })),
    }),
  });

const generationRoute = ({ centre, clock }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/agents/{agentId}/generation",
    id: "beginGeneration",
    summary: "The agent's journal is another one from now on: its disk is new, or was restored.",
    whoMay: ["supervisor", "lab"],
    params: z.object({ agentId: zId }),
    body: jsonBody(zGenerationRequest),
    answers: { 202: jsonAnswer("Asked for; it begins by itself.", zGenerationAnswer) },
    problems: ["unknownAgent", "generationUnderWay", "noSigningKey", "notJournalled"],
    named: ({ askedBy, station }) => ({ name: askedBy, station }),
    handle: async ({ params: { agentId }, body, actor }) => {
      const outcome = await centre.journals.change.ask(agentId, actor, body.reason);
      if (outcome.kind === "refused") return refusalOfGeneration(outcome.why);
      const { generation, beginsAt } = outcome.asked;
      const beginsInMs = Math.max(0, Math.ceil(beginsAt - clock.monotonic()));
      return { status: 202, body: { agentId, generation, beginsInMs } };
    },
  });

const generationRefusals = {
  unknownAgent: ["unknownAgent", "no line is run by this agent", "agentId"],
  underWay: ["generationUnderWay", "a new generation has been asked for already", "agentId"],
  noKey: ["noSigningKey", "the centre has no key of anchors to sign this with", null],
  notJournalled: ["notJournalled", notJournalledWords, null],
} as const satisfies Record<
  Extract<AskOutcome, { kind: "refused" }>["why"],
  readonly [ProblemCode, string, string | null]
>;

function refusalOfGeneration(why: keyof typeof generationRefusals) {
  const [code, message, field] = generationRefusals[why];
  return new HttpProblem(code, message, field);
}

const bringInRoute = ({ centre }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/chains/{chain}/records",
    id: "bringInRecords",
    summary: "Records of a closed generation that the centre never got, from the agent's old file.",
    whoMay: ["supervisor", "lab"],
    params: z.object({ chain: zChain }),
    body: { ...jsonBody(zBringInRequest), bytesMax: recordsBytesMax },
    answers: { 200: jsonAnswer("Held, and told.", zBringInAnswer) },
    problems: ["chainNotClosed", "recordsUnfit", "notJournalled"],
    named: ({ broughtBy, station }) => ({ name: broughtBy, station }),
    handle: async ({ params: { chain }, body, actor }) => {
      const outcome = await centre.journals.bringIn(chain, body, actor);
      if (outcome.kind === "unfit")
        return new HttpProblem("recordsUnfit", outcome.detail, "records");
      if (outcome.kind === "refused") {
        return outcome.why === "notClosed"
          ? new HttpProblem("chainNotClosed", "its agent brings this chain in itself", "chain")
          : notJournalled();
      }
      const { held, added } = outcome;
      return { status: 200, body: { held, added, unsettled: unsettledTotal(centre) } };
    },
  });

const unsettledTotal = ({ site }: Centre): number => site.claims.counters().unsettled;

const unsettledRoute = ({ centre }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/unsettled",
    id: "listUnsettled",
    summary: "Waybills that a lost journal held or asked for, and that nobody has settled.",
    whoMay: ["supervisor", "officer", "auditor", "lab"],
    answers: { 200: jsonAnswer("The waybills, with their passes.", zUnsettled) },
    problems: [],
    handle: () => ({
      status: 200,
      body: centre.site.claims
        .unsettled()
        .map(({ waybill, passes }) => ({ waybill, passIds: passes.map(({ passId }) => passId) })),
    }),
  });

const settleRoute = ({ centre, clock }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/waybills/{waybill}/settle",
    id: "settleWaybill",
    summary: "A person has found out where an unsettled parcel went.",
    whoMay: ["supervisor", "lab"],
    params: z.object({ waybill: zWaybill }),
    body: jsonBody(zSettleRequest),
    answers: { 200: jsonAnswer("Settled, and what the centre holds of it now.", zSettled) },
    problems: ["notUnsettled", "storeFull", ...deskProblems],
    named: ({ settledBy, station }) => ({ name: settledBy, station }),
    handle: async ({ params: { waybill }, body: { outcome, reason }, actor }) => {
      const { claims, desk } = centre.site;
      const known = claims.unsettled().find((each) => each.waybill === waybill);
      if (known === undefined) {
        return new HttpProblem(
          "notUnsettled",
          "nothing is unsettled about this waybill",
          "waybill",
        );
      }
      const [pass] = known.passes;
      if (outcome === "released" && pass !== undefined) {
        const done = { waybill, ...pass, recordVersion: null, decidedAt: clock.wall() };
        const release = await answered<ActAnswer>((then) =>
          desk.applyRelease(done, { by: actor }, then),
        );
        if (release instanceof HttpProblem) return release;
        // Settled without its release it could be released once more.
        if (!release.accepted)
          return new HttpProblem("storeFull", "it holds all the releases that it may", "waybill");
      }
      const act = { kind: "settled", waybill, outcome, reason } as const;
      const settle = (): void => claims.settle(waybill);
      // What allows is done when it is durable: the waybill stays refused until then.
      const isDurable = await writeDurably(centre.acts, { act, actor, onFound: settle });
      if (!isDurable) return notJournalled();
      settle();
      const view = await new Promise<WaybillView | null>((resolve) => desk.look(waybill, resolve));
      if (view === null) return notJournalled();
      return { status: 200, body: { waybill, isReleased: isReleasedIn(view) } };
    },
  });
