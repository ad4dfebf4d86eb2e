import { debounceTime, distinctUntilChanged, map, merge, Subject, type Observable } from "rxjs";
import { clockScheduler } from "../../../protocols/streams/clock-scheduler.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { CentreView } from "../../../protocols/ui/scene.ts";
import type { EpochMs } from "../../../protocols/units.ts";

/** Which line agents the centre hears: one that says nothing for a while is silent. */
export interface AgentsHeard {
  heard(agentId: string): void;
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
  readonly messages: Subject<void>;
  isHeard: boolean;
  lastHeardAt: EpochMs | null;
}

/** An agent tells its belts' motion at least once a second. */
export const agentSilenceMs = 3_000;

export function createAgentsHeard(clock: Clock, agentIds: readonly string[]): AgentsHeard {
  const scheduler = clockScheduler(clock);
  const newAgent = (): Agent => ({ messages: new Subject(), isHeard: false, lastHeardAt: null });
  const agents = new Map(agentIds.map((id) => [id, newAgent()]));
  const changes = new Subject<AgentHearing>();

  const hearings = [...agents].map(([agentId, { messages }]) =>
    merge(
      messages.pipe(map(() => true)),
      messages.pipe(
        debounceTime(agentSilenceMs, scheduler),
        map(() => false),
      ),
    ).pipe(
      distinctUntilChanged(),
      map((isHeard): AgentHearing => ({ agentId, isHeard })),
    ),
  );
  const listening = merge(...hearings).subscribe((hearing) => {
    const agent = agents.get(hearing.agentId);
    if (agent !== undefined) agent.isHeard = hearing.isHeard;
    changes.next(hearing);
  });

  return {
    heard: (agentId) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      agent.lastHeardAt = clock.wall();
      agent.messages.next();
    },
    isHeard: (agentId) => agents.get(agentId)?.isHeard === true,
    view: () => [...agents].map(([id, { isHeard, lastHeardAt }]) => ({ id, isHeard, lastHeardAt })),
    changes,
    stop: () => listening.unsubscribe(),
  };
}
