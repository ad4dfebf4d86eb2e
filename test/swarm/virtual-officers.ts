import type { Centre } from "../../edge/centre/centre.ts";
import { person } from "../../protocols/actor.ts";
import type { OfficerApi } from "../../simulators/officers/api.ts";

/** Who hears what officers said: a release as it is said, a word against once it is taken. */
export interface OfficerListener {
  onReleased(imageHash: string): void;
  onAgainst(imageHash: string): void;
}

/** The officers' API without HTTP: the same desk behind it. */
export function createVirtualOfficerApi(centre: Centre, listener: OfficerListener): OfficerApi {
  const { officers } = centre.site;
  return {
    tasks: (answer) => answer([...officers.tasks.values()]),
    lock: (taskId, who, answer) => {
      void officers
        .lock(taskId, person(who.officer, "officer", who.station))
        .then((lock) => answer(lock.kind === "panel" ? lock.panel : { failed: lock.why }));
    },
    decide: (request, answer) => {
      const { decision, imageHash } = request;
      if (decision === "release") listener.onReleased(imageHash);
      const { officer, station } = request;
      void officers.decide(request, person(officer, "officer", station)).then((decided) => {
        if (decided.kind === "notJournalled") return answer({ failed: decided.kind });
        const { answer: answered } = decided;
        if (decision !== "release" && answered.accepted) listener.onAgainst(imageHash);
        answer(answered);
      });
    },
  };
}
