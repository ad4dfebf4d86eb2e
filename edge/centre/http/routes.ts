import {
  calendarRoutes,
  controlRoutes,
  senderRoutes,
  storyRoutes,
  type RouteParts,
} from "./document-routes.ts";
import { journalRoutes } from "./journal-routes.ts";
import { officerRoutes } from "./officer-routes.ts";
import type { RefusalKeeper } from "./keep-refused.ts";
import { openApiOf } from "./openapi.ts";
import { recordRoutes } from "./record-routes.ts";
import { refusedRoutes } from "./refused-routes.ts";
import type { Route } from "./route.ts";
import { documentRoute, pageRoutes, socketRoute, healthRoutes } from "./service-routes.ts";
import { traceRoutes } from "./trace-routes.ts";

/**
 * The one table of routes. Whatever the server answers stands here: who may ask, what is taken,
 * what is answered. The server registers these rows and nothing else.
 */
export function centreRoutes(
  parts: RouteParts,
  options: {
    readonly problemCounts: ReadonlyMap<string, number>;
    readonly hasPage: boolean;
    readonly keeper: Pick<RefusalKeeper, "keepRead">;
  },
): readonly Route[] {
  let openApi: ReturnType<typeof openApiOf> | null = null;
  const routes: readonly Route[] = [
    ...healthRoutes(parts, options.problemCounts),
    documentRoute(() => (openApi ??= openApiOf(routes))),
    ...senderRoutes(parts, options.keeper),
    ...refusedRoutes(parts),
    ...controlRoutes(parts),
    ...calendarRoutes(parts),
    ...storyRoutes(parts),
    ...officerRoutes(parts),
    ...journalRoutes(parts),
    ...recordRoutes(parts),
    ...traceRoutes(parts),
    socketRoute(parts),
    ...(options.hasPage ? pageRoutes() : []),
  ];
  return routes;
}
