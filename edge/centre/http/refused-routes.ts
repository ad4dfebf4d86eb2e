import { z } from "zod";
import { zRefusedMessage, zRefusedMessages } from "../../../protocols/ui/http.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem } from "./problems.ts";
import { asksNothing, bytesAnswer, jsonAnswer, route, type Route } from "./route.ts";

const whoMay = ["supervisor", "officer", "risk", "auditor", "lab"] as const;

/** What other parties sent and got nothing taken of. */
export const refusedRoutes = ({ refused }: Pick<RouteParts, "refused">): readonly Route[] => [
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/customs/refused",
    id: "listRefused",
    summary: "The messages of other parties that were refused, newest first.",
    whoMay,
    answers: { 200: jsonAnswer("Who sent each, when, and why it was refused.", zRefusedMessages) },
    problems: [],
    handle: () => ({ status: 200, body: [...refused.list()] }),
  }),
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/customs/refused/{refusedId}",
    id: "readRefused",
    summary: "A refused message as it came, as far as it is kept.",
    whoMay,
    params: z.object({ refusedId: zRefusedMessage.shape.id }),
    answers: { 200: bytesAnswer("The message's bytes.") },
    problems: ["notFound"],
    handle: async ({ params }) => {
      const bytes = await refused.read(params.refusedId);
      if (bytes !== null) return { status: 200, body: bytes };
      return new HttpProblem("notFound", "this message is not kept", "refusedId");
    },
  }),
];
