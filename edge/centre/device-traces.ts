import type { Actor } from "../../protocols/actor.ts";
import type { Clock } from "../../protocols/time.ts";
import {
  traceBytesMax,
  traceBytesOf,
  traceFramesMax,
  tracesMax,
  type TraceFrame,
  type TraceTold,
  type TraceWanted,
} from "../../protocols/trace.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { writeDurably, type ActLog } from "./acts/act-log.ts";

/**
 * The traces that people have switched on (`protocols/trace.ts`). An agent is asked for frames only
 * while somebody looks, and not before it has answered or could have; what it tells is kept for all who
 * look, as long as the trace runs and a while longer. A restart of the centre ends them.
 */
export interface DeviceTraces {
  /** Resolves once the act is durable: a trace that nobody can be named for does not run. */
  begin(deviceId: string, seconds: number, by: Actor): Promise<BeginOutcome>;
  /** What was told behind `afterSeq`; null: no trace of this device runs or has just ended. */
  look(deviceId: string, afterSeq: number): TraceLook | null;
  take(agentId: string, told: TraceTold): void;
}

export type BeginOutcome =
  | { readonly kind: "begun"; readonly trace: number; readonly remainingMs: number }
  | {
      readonly kind: "refused";
      readonly why: "unknownDevice" | "agentSilent" | "tooManyTraces" | "notJournalled";
    };

export interface TraceLook {
  readonly trace: number;
  /** 0: it is over. */
  readonly remainingMs: number;
  /** Since the line's controller has answered last; null: it has not yet. */
  readonly toldMsAgo: number | null;
  /** Of the newest frame that the controller has seen. */
  readonly lastSeq: number;
  readonly frames: readonly TraceFrame[];
}

export interface DeviceTracesOptions {
  readonly clock: Pick<Clock, "monotonic" | "wall">;
  readonly acts: Pick<ActLog, "offer">;
  /** Null for a device of no line. */
  readonly agentOf: (deviceId: string) => string | null;
  readonly isHeard: (agentId: string) => boolean;
  /** What does not leave is asked for again. */
  readonly ask: (agentId: string, wanted: TraceWanted) => void;
}

/** However often pages look. */
export const traceAskEveryMs = 400;
/** What a trace has seen can be looked at for so long after its end. */
export const traceKeptMs = 60_000;

interface Trace {
  readonly agentId: string;
  readonly number: number;
  readonly endsAt: MonotonicMs;
  frames: TraceFrame[];
  bytes: number;
  lastSeq: number;
  askedAt: MonotonicMs | null;
  toldAt: MonotonicMs | null;
}

export function createDeviceTraces(options: DeviceTracesOptions): DeviceTraces {
  const { clock, acts, agentOf, isHeard } = options;
  const traces = new Map<string, Trace>();
  let lastNumber = 0;

  const remainingMs = ({ endsAt }: Trace): number => Math.max(0, endsAt - clock.monotonic());
  /** Of the device, and not too long over. */
  const traceOf = (deviceId: string): Trace | null => {
    for (const [id, { endsAt }] of traces) {
      if (clock.monotonic() - endsAt > traceKeptMs) traces.delete(id);
    }
    return traces.get(deviceId) ?? null;
  };
  const runningBeside = (deviceId: string): number =>
    [...traces].filter(([id, trace]) => id !== deviceId && remainingMs(trace) > 0).length;

  const ask = (deviceId: string, trace: Trace): void => {
    const now = clock.monotonic();
    if (trace.askedAt !== null && now - trace.askedAt < traceAskEveryMs) return;
    trace.askedAt = now;
    options.ask(trace.agentId, {
      kind: "traceWanted",
      deviceId,
      trace: trace.number,
      remainingMs: Math.floor(remainingMs(trace)),
      afterSeq: trace.frames.at(-1)?.seq ?? 0,
    });
  };

  return {
    begin: async (deviceId, seconds, by) => {
      const refused = (why: Extract<BeginOutcome, { kind: "refused" }>["why"]): BeginOutcome => ({
        kind: "refused",
        why,
      });
      const agentId = agentOf(deviceId);
      if (agentId === null) return refused("unknownDevice");
      if (!isHeard(agentId)) return refused("agentSilent");
      traceOf(deviceId);
      if (runningBeside(deviceId) >= tracesMax) return refused("tooManyTraces");
      const act = { kind: "traceBegun", deviceId, seconds } as const;
      if (!(await writeDurably(acts, { act, actor: by }))) return refused("notJournalled");
      // Later than each before it, also of a centre that was started anew.
      lastNumber = Math.max(lastNumber + 1, clock.wall());
      const trace: Trace = {
        agentId,
        number: lastNumber,
        endsAt: monotonicMs(clock.monotonic() + seconds * 1_000),
        frames: [],
        bytes: 0,
        lastSeq: 0,
        askedAt: null,
        toldAt: null,
      };
      traces.set(deviceId, trace);
      ask(deviceId, trace);
      return { kind: "begun", trace: trace.number, remainingMs: seconds * 1_000 };
    },
    look: (deviceId, afterSeq) => {
      const trace = traceOf(deviceId);
      if (trace === null) return null;
      ask(deviceId, trace);
      return {
        trace: trace.number,
        remainingMs: remainingMs(trace),
        toldMsAgo: trace.toldAt === null ? null : clock.monotonic() - trace.toldAt,
        lastSeq: trace.lastSeq,
        frames: trace.frames.filter(({ seq }) => seq > afterSeq),
      };
    },
    take: (agentId, { deviceId, trace: number, lastSeq, frames }) => {
      const trace = traces.get(deviceId);
      if (trace === undefined || trace.agentId !== agentId || trace.number !== number) return;
      trace.toldAt = clock.monotonic();
      // A controller that was started anew counts from 1: what it told before is another trace's.
      if (lastSeq < trace.lastSeq) Object.assign(trace, { frames: [], bytes: 0 });
      trace.lastSeq = lastSeq;
      add(trace, frames);
    },
  };
}

function add(trace: Trace, frames: readonly TraceFrame[]): void {
  const heldSeq = trace.frames.at(-1)?.seq ?? 0;
  for (const frame of frames) {
    // A message that came twice.
    if (frame.seq <= heldSeq) continue;
    trace.frames.push(frame);
    trace.bytes += traceBytesOf(frame);
  }
  while (trace.frames.length > traceFramesMax || trace.bytes > traceBytesMax) {
    const oldest = trace.frames.shift();
    if (oldest === undefined) return;
    trace.bytes -= traceBytesOf(oldest);
  }
}
