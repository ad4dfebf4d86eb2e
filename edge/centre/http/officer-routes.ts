// The rule speaks of Express; Fastify hands a rejection to its error handler.
/* oxlint-disable oxc/no-async-endpoint-handlers */
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { person, type Actor } from "../../../protocols/actor.ts";
import { zId } from "../../../protocols/sorting.ts";
import { zDecisionRequest, zLockRequest } from "../../../protocols/ui/http.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem, readBody, readParam } from "./problems.ts";

export function addOfficerRoutes(server: FastifyInstance, { centre }: RouteParts): void {
  const { officers } = centre.site;

  server.get("/api/officer/tasks", () => [...officers.tasks.values()]);

  server.post<{ Params: { taskId: string } }>(
    "/api/officer/tasks/:taskId/lock",
    async (request) => {
      const taskId = readParam(zId, request.params, "taskId");
      const answer = await officers.lock(taskId, officerOf(readBody(zLockRequest, request.body)));
      if (answer.kind === "panel") return answer.panel;
      throw new HttpProblem(answer.why, lockWords[answer.why], "taskId");
    },
  );

  server.post<{ Params: { passId: string } }>(
    "/api/officer/passes/:passId/task",
    async (request) => {
      const passId = readParam(zId, request.params, "passId");
      const answer = await officers.openTask(
        passId,
        officerOf(readBody(zLockRequest, request.body)),
      );
      if (answer.kind === "opened") return { taskId: answer.taskId };
      throw new HttpProblem(answer.why, openTaskWords[answer.why], "passId");
    },
  );

  server.post("/api/officer/decisions", async (request) => {
    const body = readBody(zDecisionRequest, request.body);
    if (body.decision !== "release" && body.reason === null) {
      throw new HttpProblem("badField", "open and review need a reason", "reason");
    }
    const decided = await officers.decide(body, officerOf(body));
    if (decided.kind === "answered") return decided.answer;
    throw new HttpProblem("notJournalled", "the journal did not take it; ask again");
  });
}

const officerOf = ({ officer, station }: z.infer<typeof zLockRequest>): Actor =>
  person(officer, "officer", station);

const lockWords = {
  unknownTask: "this image waits for nobody",
  lockedByOther: "another officer looks at it",
  notJournalled: "the journal did not take it; ask again",
} as const;

const openTaskWords = {
  unknownPass: "this pass is not on a belt",
  noImage: "there is no image of it yet",
  tooLate: "it is past its last divert",
  answered: "it has an officer's answer already",
  notJournalled: "the journal did not take it; ask again",
} as const;
