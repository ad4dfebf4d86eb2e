import { debounceTime, map, merge, Subject, type Observable } from "rxjs";
import { clockScheduler } from "../../../protocols/streams/clock-scheduler.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { CentreView } from "../../../protocols/ui/scene.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { createInlet, type Inlet } from "./inlet.ts";

/** Which line agents the centre hears: one that says nothing for a while is silent. */
export interface AgentsHeard {
  heard(agentId: string): void;
  /** It has said its last word: nothing that it told of its lines is so any more. */
  left(agentId: string): void;
  isHeard(agentId: string): boolean;
  view(): CentreView["agents"];
  /** Each agent that is heard for the first time or again, or has just fallen silent. */
  readonly changes: Observable<AgentHearing>;
  stop(): void;
}

export interface AgentHearing {
  readonly agentId: string;
  readonly isHeard: boolean;
}

interface Agent {
  readonly messages: Inlet<void>;
  isHeard: boolean;
  lastHeardAt: EpochMs | null;
}

/** An agent tells its belts' motion at least once a second. */
export const agentSilenceMs = 3_000;

export function createAgentsHeard(clock: Clock, agentIds: readonly string[]): AgentsHeard {
  const scheduler = clockScheduler(clock);
  const newAgent = (): Agent => ({ messages: createInlet(), isHeard: false, lastHeardAt: null });
  const agents = new Map(agentIds.map((id) => [id, newAgent()]));
  const changes = new Subject<AgentHearing>();

  const change = (agentId: string, agent: Agent, isHeard: boolean): void => {
    agent.isHeard = isHeard;
    changes.next({ agentId, isHeard });
  };
  const silences = [...agents].map(([agentId, agent]) =>
    agent.messages.stream.pipe(
      debounceTime(agentSilenceMs, scheduler),
      map(() => ({ agentId, agent })),
    ),
  );
  const listening = merge(...silences).subscribe(({ agentId, agent }) =>
    change(agentId, agent, false),
  );

  return {
    heard: (agentId) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      agent.lastHeardAt = clock.wall();
      agent.messages.tell();
      if (!agent.isHeard) change(agentId, agent, true);
    },
    left: (agentId) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      agent.lastHeardAt = clock.wall();
      if (agent.isHeard) change(agentId, agent, false);
    },
    isHeard: (agentId) => agents.get(agentId)?.isHeard === true,
    view: () => [...agents].map(([id, { isHeard, lastHeardAt }]) => ({ id, isHeard, lastHeardAt })),
    changes,
    stop: () => listening.unsubscribe(),
  };
}
