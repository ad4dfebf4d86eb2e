import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import {
  zDecisionAnswer,
  zDecisionRequest,
  zLockRequest,
  zOpenedTask,
  zPanel,
  zTasksAnswer,
} from "../../../protocols/ui/http.ts";
import type { RouteParts } from "./document-routes.ts";
import { HttpProblem, notJournalledWords } from "./problems.ts";
import { asksNothing, jsonAnswer, jsonBody, route, type Named, type Route } from "./route.ts";

/** Officers' work on images. */
export function officerRoutes({ centre }: RouteParts): readonly Route[] {
  const { officers } = centre.site;
  return [
    route({
      ...asksNothing,
      method: "GET",
      path: "/api/officer/tasks",
      id: "listTasks",
      summary: "The images that wait for an officer.",
      whoMay: ["officer", "supervisor", "auditor", "lab"],
      answers: { 200: jsonAnswer("The tasks.", zTasksAnswer) },
      problems: [],
      handle: () => ({ status: 200, body: [...officers.tasks.values()] }),
    }),
    route({
      ...asksNothing,
      method: "POST",
      path: "/api/officer/tasks/{taskId}/lock",
      id: "lockTask",
      summary: "Takes an image for one officer, or renews the lease on it.",
      whoMay: ["officer", "lab"],
      params: z.object({ taskId: zId }),
      body: jsonBody(zLockRequest),
      answers: { 200: jsonAnswer("Image and declaration together.", zPanel) },
      problems: ["unknownTask", "lockedByOther", "notJournalled"],
      named: namedOfficer,
      handle: async ({ params, actor }) => {
        const answer = await officers.lock(params.taskId, actor);
        if (answer.kind === "panel") return { status: 200, body: answer.panel };
        return new HttpProblem(answer.why, lockWords[answer.why], "taskId");
      },
    }),
    route({
      ...asksNothing,
      method: "POST",
      path: "/api/officer/passes/{passId}/task",
      id: "openTask",
      summary: "Makes a task of any pass on a belt that has an image.",
      whoMay: ["officer", "supervisor", "lab"],
      params: z.object({ passId: zId }),
      body: jsonBody(zLockRequest),
      answers: { 200: jsonAnswer("The task.", zOpenedTask) },
      problems: ["unknownPass", "noImage", "tooLate", "answered", "notJournalled"],
      named: namedOfficer,
      handle: async ({ params, actor }) => {
        const answer = await officers.openTask(params.passId, actor);
        if (answer.kind === "opened") return { status: 200, body: { taskId: answer.taskId } };
        return new HttpProblem(answer.why, openTaskWords[answer.why], "passId");
      },
    }),
    route({
      ...asksNothing,
      method: "POST",
      path: "/api/officer/decisions",
      id: "decide",
      summary: "An officer's decision on an image; the same body again gets the same answer.",
      whoMay: ["officer", "lab"],
      body: jsonBody(zDecisionRequest),
      answers: { 200: jsonAnswer("Whether it was taken, and why not.", zDecisionAnswer) },
      problems: ["badField", "notJournalled"],
      named: namedOfficer,
      handle: async ({ body, actor }) => {
        if (body.decision !== "release" && body.reason === null) {
          return new HttpProblem("badField", "open and review need a reason", "reason");
        }
        const decided = await officers.decide(body, actor);
        if (decided.kind === "answered") return { status: 200, body: decided.answer };
        return new HttpProblem(decided.kind, lockWords[decided.kind]);
      },
    }),
  ];
}

const namedOfficer = ({ officer, station }: z.infer<typeof zLockRequest>): Named => ({
  name: officer,
  station,
});

const lockWords = {
  unknownTask: "this image waits for nobody",
  lockedByOther: "another officer looks at it",
  notJournalled: notJournalledWords,
} as const;

const openTaskWords = {
  unknownPass: "this pass is not on a belt",
  noImage: "there is no image of it yet",
  tooLate: "it is past its last divert",
  answered: "it has an officer's answer already",
  notJournalled: notJournalledWords,
} as const;
