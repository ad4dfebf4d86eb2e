import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";

/**
 * The centre's end of the clearance stream (law 12): keeps every line agent's mirror equal
 * to the source. One stream an agent; after a snapshot every change, and a heartbeat that renews
 * the lease. An agent that says hello with a place in its stream that is still held is resumed
 * from there; any other gets a snapshot.
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
  /** Called with each change of the source, after the source itself has changed. */
  changed(records: readonly ClearanceRecord[], removed?: readonly string[]): void;
  counters(): ClearanceSenderCounters;
  stop(): void;
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
  readonly send: (agentId: string, message: ClearanceMessage) => boolean;
  /** Every record there is; called when a snapshot begins. */
  readonly records: () => Iterable<ClearanceRecord>;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /**
   * Calls back once whatever has changed so far has been given to `changed`; never, when it cannot
   * be. A lease is renewed only then. Default: at once.
   */
  readonly whenTold?: (then: () => void) => void;
}

interface ClearanceSenderCounters {
  readonly snapshotsTotal: number;
  readonly resumesTotal: number;
  readonly changesTotal: number;
}

/** Records in one message, as the wire's schema has it. */
export const recordsPerMessageMax = 500;
/** Messages held for agents that come back; older places in the stream need a snapshot. */
export const resendMessagesMax = 1_000;
/** Changed waybills waiting for an agent that is away; beyond it, it gets a snapshot. */
export const pendingRecordsMax = 50_000;
/**
 * One part is sent at each tick, so that the snapshot of a large site does not take the whole wire.
 */
const snapshotTickMs = 10;
/** Snapshots of one agent begin at most this often, however often it asks. */
const snapshotEveryMsMin = 1_000;

interface AgentStream {
  readonly agentId: string;
  stream: string;
  /** Of the last message made, sent or not. */
  seq: number;
  /** `away`: not heard yet, or its wire refused a message. */
  phase: "away" | "snapshot" | "current";
  /** The stream has had its whole snapshot, so an agent may return to it. */
  isResumable: boolean;
  resend: ClearanceMessage[];
  snapshot: readonly ClearanceRecord[];
  snapshotSent: number;
  snapshotBeganAt: MonotonicMs;
  isSnapshotWanted: boolean;
  /** Changed since the last message; null for a waybill no longer known. */
  pending: Map<string, ClearanceRecord | null>;
  timer: Timer | null;
}

type Unsequenced = ClearanceMessage extends infer M
  ? M extends ClearanceMessage
    ? Omit<M, "stream" | "seq">
    : never
  : never;

export function createClearanceSender(options: ClearanceSenderOptions): ClearanceSender {
  const { clock, whenTold = (then) => then() } = options;
  const agents = new Map(
    options.agentIds.map((agentId) => [agentId, newAgentStream(agentId, options.newStreamId())]),
  );
  const heardAt = new Map<string, number>();
  const totals = { snapshotsTotal: 0, resumesTotal: 0, changesTotal: 0 };
  let isStopped = false;

  const after = (delayMs: number, fire: () => void): Timer =>
    clock.schedule(monotonicMs(clock.monotonic() + delayMs), fire);

  const lease = (agent: AgentStream, leaseMs = options.leaseMs) => ({
    leaseMs,
    heardAt: heardAt.get(agent.agentId) ?? 0,
  });

  /** Numbers and sends one message. A refusing wire takes no number and makes the agent `away`. */
  const send = (agent: AgentStream, body: Unsequenced): boolean => {
    const message: ClearanceMessage = { ...body, stream: agent.stream, seq: agent.seq + 1 };
    if (!options.send(agent.agentId, message)) {
      goAway(agent);
      return false;
    }
    agent.seq += 1;
    agent.resend.push(message);
    if (agent.resend.length > resendMessagesMax) agent.resend.shift();
    return true;
  };

  const beginSnapshot = (agent: AgentStream): void => {
    const now = clock.monotonic();
    if (now - agent.snapshotBeganAt < snapshotEveryMsMin) {
      agent.isSnapshotWanted = true;
      return;
    }
    totals.snapshotsTotal += 1;
    agent.timer?.cancel();
    Object.assign(agent, newAgentStream(agent.agentId, options.newStreamId()));
    agent.snapshot = [...options.records()];
    agent.snapshotBeganAt = now;
    agent.phase = "snapshot";
    const begin: ClearanceMessage = {
      kind: "snapshotBegin",
      stream: agent.stream,
      seq: 0,
      recordsTotal: agent.snapshot.length,
    };
    if (options.send(agent.agentId, begin)) sendPart(agent);
    else giveUp(agent);
  };

  /** Half a snapshot is of no use. A stream id that the agent does not know makes it say hello. */
  const giveUp = (agent: AgentStream): void => {
    goAway(agent);
    agent.stream = options.newStreamId();
    agent.pending.clear();
  };

  const sendPart = (agent: AgentStream): void => {
    agent.timer = null;
    if (isStopped || agent.phase !== "snapshot") return;
    if (agent.snapshotSent < agent.snapshot.length) {
      const until = agent.snapshotSent + recordsPerMessageMax;
      const records = agent.snapshot.slice(agent.snapshotSent, until);
      agent.snapshotSent += records.length;
      if (!send(agent, { kind: "snapshotPart", records })) return giveUp(agent);
      agent.timer = after(snapshotTickMs, () => sendPart(agent));
      return;
    }
    // What changed while the snapshot was sent is still to come, and the lease must not begin
    // before that has been told.
    const leaseMs = agent.pending.size === 0 ? options.leaseMs : 0;
    if (!send(agent, { kind: "snapshotEnd", ...lease(agent, leaseMs) })) return giveUp(agent);
    agent.snapshot = [];
    // The parts are not kept: an agent that comes back in the middle of a snapshot gets a new one.
    agent.resend = [];
    agent.isResumable = true;
    agent.phase = "current";
    if (agent.pending.size > 0) beat(agent);
  };

  /** Everything that changed since the last flush. False when the wire refused. */
  const flush = (agent: AgentStream): boolean => {
    agent.timer?.cancel();
    agent.timer = null;
    const changes = [...agent.pending];
    for (let from = 0; from < changes.length; from += recordsPerMessageMax) {
      const part = changes.slice(from, from + recordsPerMessageMax);
      const isSent = send(agent, {
        kind: "change",
        records: part.flatMap(([, record]) => (record === null ? [] : [record])),
        removed: part.flatMap(([waybill, record]) => (record === null ? [waybill] : [])),
      });
      if (!isSent) return false;
      totals.changesTotal += 1;
      for (const [waybill] of part) agent.pending.delete(waybill);
    }
    return true;
  };

  const flushSoon = (agent: AgentStream): void => {
    agent.timer ??= after(0, () => {
      agent.timer = null;
      if (!isStopped && agent.phase === "current") flush(agent);
    });
  };

  const note = (agent: AgentStream, waybill: string, record: ClearanceRecord | null): void => {
    if (agent.phase === "away" && !agent.isResumable) return;
    agent.pending.set(waybill, record);
    if (agent.phase !== "away" || agent.pending.size <= pendingRecordsMax) return;
    agent.isResumable = false;
    agent.pending.clear();
  };

  const resume = (agent: AgentStream, seq: number): boolean => {
    const missed = agent.resend.filter((message) => message.seq > seq);
    if (missed.length !== agent.seq - seq) return false;
    totals.resumesTotal += 1;
    for (const message of missed) {
      if (options.send(agent.agentId, message)) continue;
      goAway(agent);
      return true;
    }
    agent.phase = "current";
    beat(agent);
    return true;
  };

  /**
   * A heartbeat also shows whether a wire that refused carries again, and then the stream goes on.
   * Changes are sent before it, because a lease must not cover what the agent has not been told.
   */
  const beat = (agent: AgentStream): void => {
    if (agent.phase === "snapshot") return;
    if (!agent.isResumable) return knock(agent);
    agent.phase = "current";
    if (flush(agent)) send(agent, { kind: "heartbeat", ...lease(agent) });
  };

  /**
   * A heartbeat of a stream that the agent cannot know. Its only use is to make the agent say
   * hello.
   */
  const knock = (agent: AgentStream): void => {
    const { agentId, stream } = agent;
    options.send(agentId, { kind: "heartbeat", stream, seq: 0, ...lease(agent, 0) });
  };

  const beatAll = (): void => {
    if (isStopped) return;
    for (const agent of agents.values()) if (agent.isSnapshotWanted) beginSnapshot(agent);
    whenTold(() => {
      if (isStopped) return;
      for (const agent of agents.values()) if (!agent.isSnapshotWanted) beat(agent);
    });
    after(options.heartbeatMs, beatAll);
  };
  after(0, beatAll);

  return {
    hello: (agentId, { stream, seq, at }) => {
      const agent = agents.get(agentId);
      if (agent === undefined) return;
      heardAt.set(agentId, at);
      const isHeld = agent.isResumable && stream === agent.stream && seq <= agent.seq;
      if (!isHeld || !resume(agent, seq)) beginSnapshot(agent);
    },
    alive: (agentId, at) => {
      if (agents.has(agentId)) heardAt.set(agentId, at);
    },
    snapshotWanted: (agentId) => {
      const agent = agents.get(agentId);
      if (agent !== undefined) beginSnapshot(agent);
    },
    changed: (records, removed = []) => {
      for (const agent of agents.values()) {
        for (const waybill of removed) note(agent, waybill, null);
        for (const record of records) note(agent, record.waybill, record);
        // Sent in the clock's next turn, so that a burst of changes makes few messages.
        if (agent.phase === "current") flushSoon(agent);
      }
    },
    counters: () => ({ ...totals }),
    stop: () => {
      isStopped = true;
      for (const agent of agents.values()) agent.timer?.cancel();
    },
  };
}

function newAgentStream(agentId: string, stream: string): AgentStream {
  return {
    agentId,
    stream,
    seq: 0,
    phase: "away",
    isResumable: false,
    resend: [],
    snapshot: [],
    snapshotSent: 0,
    snapshotBeganAt: monotonicMs(Number.NEGATIVE_INFINITY),
    isSnapshotWanted: false,
    pending: new Map(),
    timer: null,
  };
}

function goAway(agent: AgentStream): void {
  agent.phase = "away";
  agent.snapshot = [];
  agent.timer?.cancel();
  agent.timer = null;
}
