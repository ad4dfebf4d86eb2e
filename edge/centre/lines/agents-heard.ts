import type { Clock } from "../../../protocols/time.ts";
import type { CentreView } from "../../../protocols/ui/scene.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../../protocols/units.ts";

/** Which line agents the centre hears: judged by the age of their last message. */
export interface AgentsHeard {
  heard(agentId: string): void;
  isHeard(agentId: string): boolean;
  view(): CentreView["agents"];
}

/** An agent tells its belts' motion at least once a second. */
const agentSilenceMs = 3_000;

export function createAgentsHeard(clock: Clock, agentIds: readonly string[]): AgentsHeard {
  const never = monotonicMs(Number.NEGATIVE_INFINITY);
  const agents = new Map<string, { at: MonotonicMs; wallAt: EpochMs | null }>(
    agentIds.map((id) => [id, { at: never, wallAt: null }]),
  );
  const isHeard = (agentId: string): boolean => {
    const agent = agents.get(agentId);
    return agent !== undefined && clock.monotonic() - agent.at < agentSilenceMs;
  };
  return {
    heard: (agentId) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      agent.at = clock.monotonic();
      agent.wallAt = clock.wall();
    },
    isHeard,
    view: () =>
      [...agents].map(([id, { wallAt }]) => ({ id, isHeard: isHeard(id), lastHeardAt: wallAt })),
  };
}
