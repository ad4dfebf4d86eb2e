import type { Centre } from "../../edge/centre/centre.ts";
import type { OfficerApi } from "../../simulators/officers/api.ts";

/** The officers' API without HTTP: the same desk behind it. */
export function createVirtualOfficerApi(
  centre: Centre,
  hears: { readonly onReleased: (imageHash: string) => void },
): OfficerApi {
  const { officers } = centre.site;
  return {
    tasks: (answer) => answer([...officers.tasks.values()]),
    lock: (taskId, who, answer) => {
      void officers
        .lock(taskId, who)
        .then((lock) => answer(lock.kind === "panel" ? lock.panel : { failed: lock.why }));
    },
    decide: (request, answer) => {
      if (request.decision === "release") hears.onReleased(request.imageHash);
      void officers.decide(request).then(answer);
    },
  };
}
