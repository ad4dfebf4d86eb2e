import type { Clock } from "../../protocols/time.ts";
import type { JournalRefusal } from "../../protocols/link.ts";
import {
  newJournalStanding,
  standingAt,
  stepStanding,
  type JournalStanding,
  type Standing,
} from "./journal-standing.ts";

/** Which agents' journals are taken: the one place that claims, leases, health and alarms ask. */
export interface JournalStandings {
  hello(agentId: string, told: HelloOfJournal): void;
  /** The agent has written so far. */
  written(agentId: string, lastSeq: number): void;
  held(agentId: string, seq: number, isProof: boolean): void;
  gap(agentId: string): void;
  refused(agentId: string, code: JournalRefusal, why: string): void;
  /** The agent begins another chain: what was known of the old one says nothing of it. */
  forget(agentId: string): void;
  of(agentId: string): Standing;
  /** What it says is whole, whether or not anybody may be taken now. */
  isWhole(agentId: string): boolean;
  /** Several times a second: that something is late shows only by time. */
  tick(): void;
}

interface HelloOfJournal {
  readonly lastSeq: number;
  readonly lastHash: string;
  readonly held: { readonly seq: number; readonly hash: string };
}

export interface JournalStandingsOptions {
  readonly clock: Pick<Clock, "monotonic">;
  readonly agentIds: readonly string[];
  /** False while the centre itself waits: then nobody is taken. */
  readonly mayBeTaken: (agentId: string) => boolean;
  readonly onChanged: (agentId: string, standing: Standing, before: Standing) => void;
}

export function createJournalStandings(options: JournalStandingsOptions): JournalStandings {
  const { clock } = options;
  const agents = new Map<string, { state: JournalStanding; told: Standing }>(
    options.agentIds.map((id) => [id, { state: newJournalStanding(), told: { kind: "awaited" } }]),
  );

  const now = (agentId: string, { state }: { readonly state: JournalStanding }): Standing => {
    const standing = standingAt(state, clock.monotonic());
    const isHeldUp = standing.kind === "taken" && !options.mayBeTaken(agentId);
    return isHeldUp ? { kind: "awaited" } : standing;
  };

  const look = (agentId: string): void => {
    const agent = agents.get(agentId);
    if (agent === undefined) return;
    const [standing, before] = [now(agentId, agent), agent.told];
    if (isSame(standing, before)) return;
    agent.told = standing;
    options.onChanged(agentId, standing, before);
  };

  const step = (agentId: string, event: Parameters<typeof stepStanding>[1]): void => {
    const agent = agents.get(agentId);
    if (agent === undefined) return;
    stepStanding(agent.state, event);
    look(agentId);
  };

  return {
    hello: (agentId, told) => step(agentId, { kind: "hello", ...told, at: clock.monotonic() }),
    written: (agentId, lastSeq) =>
      step(agentId, { kind: "written", lastSeq, at: clock.monotonic() }),
    held: (agentId, seq, isProof) => step(agentId, { kind: "held", seq, isProof }),
    gap: (agentId) => step(agentId, { kind: "gap" }),
    refused: (agentId, code, why) => step(agentId, { kind: "refused", code, why }),
    forget: (agentId) => {
      const agent = agents.get(agentId);
      if (agent !== undefined) agent.state = newJournalStanding();
      look(agentId);
    },
    of: (agentId) => {
      const agent = agents.get(agentId);
      return agent === undefined ? { kind: "awaited" } : now(agentId, agent);
    },
    isWhole: (agentId) => {
      const agent = agents.get(agentId);
      return agent !== undefined && standingAt(agent.state, clock.monotonic()).kind === "taken";
    },
    tick: () => {
      for (const agentId of agents.keys()) look(agentId);
    },
  };
}

/** That it is refused for the same reason with another number in it is no news. */
const isSame = (a: Standing, b: Standing): boolean =>
  a.kind === b.kind && (a.kind !== "refused" || (b.kind === "refused" && a.code === b.code));
