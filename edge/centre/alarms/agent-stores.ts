import type { Condition } from "../../../protocols/alarms.ts";
import type { LastWord } from "../../../protocols/link.ts";
import { storageReasons, storageWarnings, type StorageReport } from "../../../protocols/storage.ts";
import { createConditionTeller, leftCondition, storageConditions } from "./storage-conditions.ts";

/**
 * What each line agent has said of its disk, and its last word where it has left. Both stand until it
 * says otherwise: silence makes no room.
 */
export interface AgentStores {
  storage(agentId: string, report: StorageReport): void;
  leaving(agentId: string, word: LastWord): void;
  /** It has said hello. */
  back(agentId: string): void;
  /** Why its lines should not be relied on, for `/healthz`. */
  reasons(): readonly string[];
  warnings(): readonly string[];
}

export interface AgentStoresOptions {
  readonly agentIds: readonly string[];
  /** Of every line of the agent, each change once. */
  readonly tell: (agentId: string, condition: Condition, holds: boolean) => void;
  /** What the page says of the agent's lines: codes, with their detail behind a colon. */
  readonly onShown: (agentId: string, conditions: readonly string[]) => void;
}

interface Agent {
  report: StorageReport | null;
  word: LastWord | null;
  readonly tell: (holding: readonly Condition[]) => void;
  shown: string;
}

export function createAgentStores(options: AgentStoresOptions): AgentStores {
  const agents = new Map<string, Agent>(
    options.agentIds.map((agentId) => {
      const tell = createConditionTeller((condition, holds) =>
        options.tell(agentId, condition, holds),
      );
      return [agentId, { report: null, word: null, tell, shown: "" }];
    }),
  );

  const change = (agentId: string, news: Partial<Pick<Agent, "report" | "word">>): void => {
    const agent = agents.get(agentId);
    if (agent === undefined) return;
    Object.assign(agent, news);
    const { report, word } = agent;
    const holding = [
      ...(word === null ? [] : [leftCondition(word)]),
      ...(report === null ? [] : storageConditions(agentId, report)),
    ];
    agent.tell(holding);
    const shown = shownOf(holding);
    if (shown.join() === agent.shown) return;
    agent.shown = shown.join();
    options.onShown(agentId, shown);
  };

  const each = (sentences: (agent: Agent) => readonly string[]): readonly string[] =>
    [...agents].flatMap(([agentId, agent]) =>
      sentences(agent).map((sentence) => `agent ${agentId}: ${sentence}`),
    );

  return {
    storage: (agentId, report) => change(agentId, { report }),
    leaving: (agentId, word) => change(agentId, { word }),
    back: (agentId) => change(agentId, { word: null }),
    reasons: () =>
      each(({ report, word }) => [
        ...(word === null ? [] : [`left: ${word.code}: ${word.why}`]),
        ...(report === null ? [] : storageReasons(report)),
      ]),
    warnings: () => each(({ report }) => (report === null ? [] : storageWarnings(report))),
  };
}

/** What is said of a line beside its state; the rest is for the list of alarms. */
const shownOf = (holding: readonly Condition[]): readonly string[] =>
  holding.flatMap((one) => {
    if (one.code === "controllerLeft") return [`${one.code}:${one.params.why}`];
    return one.code === "diskFull" || one.code === "imagesNotKept" ? [one.code] : [];
  });
