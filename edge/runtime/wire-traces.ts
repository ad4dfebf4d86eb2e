import { monotonicMs } from "../../protocols/units.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import {
  charsOfHex,
  traceAnswerBytesMax,
  traceAnswerFramesMax,
  traceBytesMax,
  traceBytesOf,
  traceFrameBytesMax,
  traceFramesMax,
  traceTextCharsMax,
  tracesMax,
  type SeenOnWire,
  type TraceFrame,
  type TraceTold,
  type TraceWanted,
} from "../../protocols/trace.ts";
import type { DeviceTap } from "../devices/device-tap.ts";
import { createNewsShown, type NewsShown } from "../devices/news-shown.ts";
import { addressAtEnd, redacted, redactText, secretsOnWires } from "./log-secrets.ts";

/**
 * The traces of a line agent's devices (`protocols/trace.ts`). Each device has a tap from the start;
 * while its trace is off the tap is asked one question a message and told nothing.
 */
export interface WireTraces {
  /** For the one device of this id; asked once for each, before any trace. */
  tapOf(deviceId: string): DeviceTap;
  /** What the centre is answered; null where there is no such device, or another trace has followed. */
  wanted(wanted: TraceWanted): TraceTold | null;
  stop(): void;
}

export interface WireTracesOptions {
  readonly clock: Clock;
  /** A bug of ours while somebody looked on: that trace is over, and the device goes on. */
  readonly onBug: (thrown: unknown, where: string) => void;
}

/** One device's tap, and its trace once there has been one. */
interface Traced extends DeviceTap {
  isLooking: boolean;
  trace: Trace | null;
}

interface Trace {
  readonly number: number;
  readonly frames: FrameRing;
  readonly shown: NewsShown;
  timer: Timer | null;
}

export function createWireTraces({ clock, onBug }: WireTracesOptions): WireTraces {
  const devices = new Map<string, Traced>();

  const newTraced = (deviceId: string): Traced => {
    /** Nothing of a trace reaches the device's own way, a bug in here least of all. */
    const keep = (see: (shown: NewsShown) => readonly SeenOnWire[]): void => {
      const { trace } = traced;
      if (trace === null || !traced.isLooking) return;
      try {
        const at = clock.wall();
        for (const seen of see(trace.shown)) trace.frames.add(withoutSecrets(seen), at);
      } catch (error) {
        switchOff(traced);
        onBug(error, `the trace of ${deviceId}`);
      }
    };
    const traced: Traced = {
      isLooking: false,
      trace: null,
      onWire: (news) => keep((shown) => shown.wire(news, clock.monotonic())),
      onDialect: (direction, message) => keep((shown) => shown.dialect(direction, message)),
    };
    return traced;
  };

  const begin = (traced: Traced, number: number, remainingMs: number): Trace => {
    switchOff(traced);
    makeRoom(devices);
    const max = { bytes: traceFrameBytesMax, chars: traceTextCharsMax };
    const trace: Trace = {
      number,
      frames: new FrameRing(),
      shown: createNewsShown(max),
      timer: clock.schedule(monotonicMs(clock.monotonic() + remainingMs), () => switchOff(traced)),
    };
    traced.trace = trace;
    traced.isLooking = true;
    return trace;
  };

  return {
    tapOf: (deviceId) => {
      const traced = newTraced(deviceId);
      devices.set(deviceId, traced);
      return traced;
    },
    wanted: ({ deviceId, trace: number, remainingMs, afterSeq }) => {
      const traced = devices.get(deviceId);
      if (traced === undefined || number < (traced.trace?.number ?? 0)) return null;
      const isKnown = traced.trace?.number === number;
      // What came late, behind its time, begins nothing.
      if (!isKnown && remainingMs === 0) return null;
      const trace = isKnown ? traced.trace : begin(traced, number, remainingMs);
      if (trace === null) return null;
      const frames = trace.frames.after(afterSeq);
      const { lastSeq } = trace.frames;
      return { kind: "traceTold", deviceId, trace: number, lastSeq, frames };
    },
    stop: () => {
      for (const traced of devices.values()) switchOff(traced);
    },
  };
}

/** What it has seen stays, for whoever looks a moment later. */
function switchOff(traced: Traced): void {
  traced.isLooking = false;
  traced.trace?.timer?.cancel();
  if (traced.trace !== null) traced.trace.timer = null;
}

/** The traces that are off go first, then those that began first. */
function makeRoom(devices: ReadonlyMap<string, Traced>): void {
  const held = [...devices.values()].filter(({ trace }) => trace !== null);
  const order = held.toSorted(
    (one, other) =>
      Number(one.isLooking) - Number(other.isLooking) ||
      (one.trace?.number ?? 0) - (other.trace?.number ?? 0),
  );
  for (const traced of order.slice(0, Math.max(0, held.length - (tracesMax - 1)))) {
    switchOff(traced);
    traced.trace = null;
  }
}

/** The last frames, bounded by number and by bytes. */
class FrameRing {
  #frames: TraceFrame[] = [];
  #bytes = 0;
  lastSeq = 0;

  add(seen: SeenOnWire, at: TraceFrame["at"]): void {
    this.lastSeq += 1;
    this.#frames.push({ ...seen, seq: this.lastSeq, at });
    this.#bytes += traceBytesOf(seen);
    while (this.#frames.length > traceFramesMax || this.#bytes > traceBytesMax) {
      const oldest = this.#frames.shift();
      if (oldest === undefined) return;
      this.#bytes -= traceBytesOf(oldest);
    }
  }

  /** The oldest behind `seq`, as many as one answer carries. */
  after(seq: number): TraceFrame[] {
    const told: TraceFrame[] = [];
    let bytes = 0;
    for (const frame of this.#frames) {
      if (frame.seq <= seq) continue;
      bytes += traceBytesOf(frame);
      if (told.length >= traceAnswerFramesMax || bytes > traceAnswerBytesMax) break;
      told.push(frame);
    }
    return told;
  }
}

/** Credentials have no place on these wires; what looks like one is shown to nobody all the same. */
function withoutSecrets(seen: SeenOnWire): SeenOnWire {
  const { text, hex, wholeLength, reason } = seen;
  const safe = (shown: string): string => {
    const known = redactText(shown, secretsOnWires);
    // What shows that it is one may lie behind the cut.
    return wholeLength === null ? known : known.replace(addressAtEnd, `$1${redacted}`);
  };
  const detail = reason?.detail;
  const told =
    reason === null || detail === undefined
      ? seen
      : { ...seen, reason: { ...reason, detail: safe(detail) } };
  if (text !== null) return { ...told, text: safe(text).slice(0, traceTextCharsMax) };
  if (hex === null) return told;
  const chars = charsOfHex(hex);
  const shown = safe(chars);
  return shown === chars ? told : { ...told, hex: null, text: shown };
}
