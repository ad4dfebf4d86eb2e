import { storageReasons } from "../../protocols/storage.ts";
import { conditionsLogText } from "../../protocols/words/condition.ts";
import type { Journal } from "../journal/journal.ts";
import type { AgentSession } from "../link/agent-session.ts";
import type { LineAgent } from "./line-agent.ts";
import type { LineHost } from "./line-host.ts";

/** What an agent's readiness is told from. */
interface ReadinessParts {
  readonly hosts: readonly Pick<LineHost, "config" | "state">[];
  readonly session: Pick<AgentSession, "journalDoubt" | "isCentreHeard">;
  readonly storage: LineAgent["storage"];
}

/** Why the lines of this agent release nothing now. */
export function notReadyReasons(
  { hosts, session, storage }: ReadinessParts,
  journal: Pick<Journal, "health">,
): readonly string[] {
  const health = journal.health();
  const doubt = session.journalDoubt();
  return [
    ...(health.state === "writing" ? [] : [`journal: ${health.why ?? health.state}`]),
    ...storageReasons(storage()),
    ...(session.isCentreHeard() ? [] : ["centre: not heard"]),
    ...(doubt === null ? [] : [`journal: not taken: ${doubt.code}: ${doubt.why}`]),
    ...hosts.flatMap(withheldBy),
  ];
}

/** What the line itself withholds induction for: nobody else decides that a second time. */
function withheldBy({ config, state: { machine } }: ReadinessParts["hosts"][number]): string[] {
  if (machine.isInductionPermitted) return [];
  const why =
    machine.conditions.length === 0
      ? "the sorter has begun no session"
      : conditionsLogText(machine.conditions);
  return [`line ${config.lineId}: ${why}`];
}
