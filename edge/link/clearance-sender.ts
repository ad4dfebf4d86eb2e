import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { HeldClaim, HeldClaims } from "../line/held-claims.ts";
import {
  looseAt,
  newClearanceDoubts,
  standingOf,
  stepDoubts,
  type ClearanceDoubts,
  type DoubtStanding,
  type StreamPlace,
} from "./clearance-doubts.ts";
import {
  newClearanceStream,
  nextMessage,
  stepStream,
  type ClearanceStream,
} from "./clearance-stream.ts";
import type { LinkSending } from "../../protocols/transport.ts";
import type { LeaseRight, StreamEffect, StreamEvent } from "./stream-events.ts";

/**
 * The centre's end of the clearance stream (law 12): answers claims with the record, and tells each
 * line agent of every change to what its open passes have asked for. Each agent has one stream: a
 * snapshot, then every answer and change, with heartbeats that renew the lease. An agent that says
 * hello with a place in its stream that is still held is resumed from there; any other gets a
 * snapshot.
 *
 * A heartbeat also goes to an agent that has not said hello: one that lived through the centre's
 * restart finds the stream unknown, and says hello.
 */
export interface ClearanceSender {
  /** The agent has applied `stream` up to `seq`; null when it holds nothing it may use. */
  hello(agentId: string, place: ClearancePlace): void;
  /** The agent spoke; `at` is its own clock, from which its leases count. */
  alive(agentId: string, at: number): void;
  snapshotWanted(agentId: string): void;
  /** The agent has applied its stream as far as this. */
  taken(agentId: string, place: StreamPlace): void;
  /** Until it is called, each agent is granted its lease. */
  setLease(agentId: string, lease: LeaseRight): void;
  /** What a pass has asked for in an earlier run; before the agent's first word. */
  restore(agentId: string, claim: HeldClaim): void;
  /** `isHeld`: from now on the agent is told of every change, until `ended`. */
  answered(agentId: string, told: ToldAnswer): void;
  /** The agent's journal has ended this pass. */
  ended(agentId: string, passId: string): void;
  /** Called with each change, whoever has asked for it or not. */
  changed(records: readonly ClearanceRecord[]): void;
  /** Passes that an agent may still release, though the record of what they asked for forbids it. */
  loosePasses(): readonly LoosePass[];
  /** What is known of each agent whose passes hold this waybill, while its record is a doubt. */
  doubted(waybill: string): readonly DoubtedAtAgent[];
  counters(): ClearanceSenderCounters;
  stop(): void;
}

export interface LoosePass {
  readonly passId: string;
  readonly waybill: string;
  readonly since: MonotonicMs;
}

export interface DoubtedAtAgent {
  readonly passIds: readonly string[];
  readonly standing: DoubtStanding;
}

export interface ToldAnswer {
  readonly answer: ClaimAnswer;
  readonly isHeld: boolean;
  readonly record: ClearanceRecord | null;
}

export interface ClearancePlace {
  readonly stream: string | null;
  readonly seq: number;
  /** The agent's monotonic clock when it said so. */
  readonly at: number;
}

export interface ClearanceSenderOptions {
  readonly clock: Clock;
  readonly agentIds: readonly string[];
  /** A new stream id at each call, never one used before, also by an earlier run. */
  readonly newStreamId: () => string;
  readonly send: (agentId: string, message: ClearanceMessage) => LinkSending;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /**
   * Calls back once whatever has changed so far has been given to `changed`; never, when it cannot
   * be. A lease is granted and renewed only then. Default: at once.
   */
  readonly whenTold?: (then: () => void) => void;
}

interface ClearanceSenderCounters {
  readonly snapshotsTotal: number;
  readonly resumesTotal: number;
  readonly changesTotal: number;
}

interface Agent {
  readonly agentId: string;
  readonly state: ClearanceStream;
  readonly doubts: ClearanceDoubts;
  timer: Timer | null;
}

export function createClearanceSender(options: ClearanceSenderOptions): ClearanceSender {
  const { clock, leaseMs, newStreamId, whenTold = (then) => then() } = options;
  const agents = new Map<string, Agent>(
    options.agentIds.map((agentId) => {
      const state = newClearanceStream(newStreamId(), leaseMs);
      const doubts = newClearanceDoubts(leaseMs, clock.monotonic());
      return [agentId, { agentId, state, doubts, timer: null }];
    }),
  );
  let isStopped = false;

  const after = (delayMs: number, fire: () => void): Timer =>
    clock.schedule(monotonicMs(clock.monotonic() + delayMs), () => {
      if (!isStopped) fire();
    });

  const step = (agent: Agent, event: StreamEvent): void => {
    stepDoubts(agent.doubts, event, { stream: agent.state, at: clock.monotonic() });
    for (const effect of stepStream(agent.state, event)) carryOut(agent, effect);
  };

  const carryOut = (agent: Agent, effect: StreamEffect): void => {
    switch (effect.kind) {
      case "wake":
        agent.timer?.cancel();
        agent.timer = after(effect.afterMs, () => tell(agent, { kind: "woken" }));
        return;
      case "sleep":
        agent.timer?.cancel();
        return;
      case "takeSnapshot": {
        const stream = newStreamId();
        return step(agent, { kind: "snapshotTaken", stream, at: clock.monotonic() });
      }
      case "renameStream":
        return step(agent, { kind: "streamRenamed", stream: newStreamId() });
      case "askBeat":
        return whenTold(() => {
          if (!isStopped) tell(agent, { kind: "beat" });
        });
    }
  };

  /** One event, and every message that is due after it. */
  const tell = (agent: Agent, event: StreamEvent): void => {
    step(agent, event);
    for (;;) {
      const message = nextMessage(agent.state);
      if (message === null) return;
      const { kind } = options.send(agent.agentId, message);
      step(agent, kind === "sent" ? { kind, message } : { kind });
    }
  };

  const tellOne = (agentId: string, event: StreamEvent): void => {
    const agent = agents.get(agentId);
    if (agent !== undefined) tell(agent, event);
  };

  const tellAll = (event: StreamEvent): void => {
    for (const agent of agents.values()) tell(agent, event);
  };

  const beatAll = (): void => {
    tellAll({ kind: "snapshotDue", at: clock.monotonic() });
    whenTold(() => {
      if (!isStopped) tellAll({ kind: "beat" });
    });
    after(options.heartbeatMs, beatAll);
  };
  after(0, beatAll);

  return {
    hello: (agentId, { stream, seq, at }) =>
      tellOne(agentId, { kind: "hello", stream, seq, heardAt: at, at: clock.monotonic() }),
    alive: (agentId, at) => tellOne(agentId, { kind: "alive", heardAt: at }),
    snapshotWanted: (agentId) =>
      tellOne(agentId, { kind: "snapshotWanted", at: clock.monotonic() }),
    setLease: (agentId, lease) => tellOne(agentId, { kind: "leaseRight", lease }),
    restore: (agentId, claim) => tellOne(agentId, { kind: "restored", claim }),
    answered: (agentId, told) => tellOne(agentId, { kind: "answered", ...told }),
    ended: (agentId, passId) => tellOne(agentId, { kind: "ended", passId }),
    changed: (records) => tellAll({ kind: "changed", records }),
    taken: (agentId, { stream, seq }) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      const now = { stream: agent.state, at: clock.monotonic() };
      stepDoubts(agent.doubts, { kind: "taken", stream, seq }, now);
    },
    loosePasses: () =>
      [...agents.values()].flatMap((agent) => loosePassesOf(agent, clock.monotonic())),
    doubted: (waybill) =>
      [...agents.values()].flatMap(({ doubts, state: { held } }) => {
        const standing = standingOf(doubts, waybill, { held, at: clock.monotonic() });
        return standing === null ? [] : [{ passIds: passesWith(held, waybill), standing }];
      }),
    counters: () => sumOfTotals([...agents.values()].map(({ state }) => state.totals)),
    stop: () => {
      isStopped = true;
      for (const agent of agents.values()) agent.timer?.cancel();
    },
  };
}

const loosePassesOf = ({ doubts, state }: Agent, at: MonotonicMs): readonly LoosePass[] =>
  looseAt(doubts, at).flatMap((loose) =>
    passesWith(state.held, loose.waybill).map((passId) => ({ passId, ...loose })),
  );

const passesWith = ({ waybills }: HeldClaims, waybill: string): readonly string[] => [
  ...(waybills.get(waybill)?.hashOfPass.keys() ?? []),
];

function sumOfTotals(all: readonly ClearanceSenderCounters[]): ClearanceSenderCounters {
  const sum = (name: keyof ClearanceSenderCounters): number =>
    all.reduce((total, totals) => total + totals[name], 0);
  return {
    snapshotsTotal: sum("snapshotsTotal"),
    resumesTotal: sum("resumesTotal"),
    changesTotal: sum("changesTotal"),
  };
}
