import type { ClientMessage, ServerMessage } from "../../../protocols/ui/socket.ts";
import { noOffset, withRoundTrip, withStamp, type ClockOffset } from "./clock-offset.ts";

/**
 * The conversation with the centre as a pure state machine (HMI W1-W6): no socket, no clock, no
 * scene of its own. Events go in with the page's monotonic time; effects come out in order.
 *
 * `isFrozen`: nothing was heard for two seconds, so what is shown is old and says so.
 * `isVeiled`: the scene is not complete (first connect, a gap, back from a hidden tab), so it is
 * not shown as live until a snapshot or the missing deltas have come.
 */
export interface LiveState {
  readonly link: "waiting" | "opening" | "open";
  /** Server run and last delta applied; null before the first snapshot. */
  readonly position: { readonly epoch: string; readonly seq: number } | null;
  /** A hello is out: when it left and what it asked for. */
  readonly asked: { readonly atMs: number; readonly wants: "snapshot" | "resume" } | null;
  /** Deltas up to this one are still to come after `resumed`. */
  readonly catchUpTo: number | null;
  readonly isVeiled: boolean;
  readonly isFrozen: boolean;
  /** Centre's clock in the newest message: what "frozen at" shows. */
  readonly lastServerNow: number | null;
  readonly lastHeardAtMs: number;
  readonly failures: number;
  /** When to open again (waiting), or to give this socket up (opening, open). */
  readonly deadlineAtMs: number;
  readonly offset: ClockOffset;
  /** Alarm records: highest number shown, so that a repeat changes nothing, and acknowledged. */
  readonly recordSeq: number;
  readonly recordAckSeq: number;
}

export type LiveEvent =
  | { readonly kind: "started" }
  | { readonly kind: "opened" }
  | { readonly kind: "closed"; readonly draw: number }
  | { readonly kind: "received"; readonly message: ServerMessage }
  | { readonly kind: "unreadable" }
  | { readonly kind: "ticked" }
  | { readonly kind: "pageShown" }
  /** Another person or station: the centre ties locks and alarms to the station it was told. */
  | { readonly kind: "stationChanged" };

export type LiveEffect =
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "send"; readonly message: ClientMessage }
  | {
      readonly kind: "replaceScene";
      readonly message: Extract<ServerMessage, { kind: "snapshot" }>;
    }
  | { readonly kind: "applyDelta"; readonly message: Extract<ServerMessage, { kind: "delta" }> }
  | { readonly kind: "addAlarm"; readonly message: Extract<ServerMessage, { kind: "record" }> };

export interface LiveStep {
  readonly state: LiveState;
  readonly effects: readonly LiveEffect[];
}

/** Silent longer than this: the bar (HMI W5). */
export const silentMsMax = 2_000;
/** Silent longer than this on an open socket: it is dead, open another. */
export const deadMsMax = 6_000;
/** An unanswered hello is asked again, as for a whole picture. */
const answerMsMax = 3_000;
const retryMsMin = 250;
const retryMsMax = 5_000;

export const initialLiveState: LiveState = {
  link: "waiting",
  position: null,
  asked: null,
  catchUpTo: null,
  isVeiled: true,
  isFrozen: false,
  lastServerNow: null,
  lastHeardAtMs: 0,
  failures: 0,
  deadlineAtMs: 0,
  offset: noOffset,
  recordSeq: 0,
  recordAckSeq: 0,
};

export function stepLive(
  state: LiveState,
  event: LiveEvent,
  at: { readonly nowMs: number; readonly station: string },
): LiveStep {
  switch (event.kind) {
    case "started":
      return open(state, at.nowMs);
    case "opened": {
      const opened = { ...state, link: "open", deadlineAtMs: at.nowMs + deadMsMax } as const;
      return ask(opened, state.isVeiled ? "snapshot" : "resume", at);
    }
    case "closed":
      return closed(state, event.draw, at.nowMs);
    case "received":
      return received(heard(state, event.message, at.nowMs), event.message, at);
    case "unreadable":
      // A message that cannot be read may have held a change, so a whole snapshot is asked for.
      return ask(state, "snapshot", at);
    case "ticked":
      return ticked(state, at);
    case "pageShown":
      if (state.link !== "open") return { state: { ...state, isVeiled: true }, effects: [] };
      return ask({ ...state, isVeiled: true }, "snapshot", at);
    case "stationChanged":
      return ask(state, "resume", at);
  }
}

function ask(
  state: LiveState,
  wants: "snapshot" | "resume",
  { nowMs, station }: { readonly nowMs: number; readonly station: string },
): LiveStep {
  if (state.link !== "open") return { state, effects: [] };
  const known = wants === "resume" ? state.position : null;
  return {
    state: {
      ...state,
      asked: { atMs: nowMs, wants: known === null ? "snapshot" : "resume" },
      catchUpTo: null,
    },
    effects: [
      {
        kind: "send",
        message: {
          kind: "hello",
          station,
          epoch: known?.epoch ?? null,
          lastSeq: known?.seq ?? null,
        },
      },
    ],
  };
}

function closed(state: LiveState, draw: number, nowMs: number): LiveStep {
  const span = Math.min(retryMsMax, retryMsMin * 2 ** state.failures);
  // Half fixed, half drawn: pages that lost the centre together do not come back together.
  const delayMs = span / 2 + (span / 2) * draw;
  return {
    state: {
      ...state,
      link: "waiting",
      asked: null,
      catchUpTo: null,
      failures: state.failures + 1,
      deadlineAtMs: nowMs + Math.max(retryMsMin, delayMs),
    },
    effects: [],
  };
}

const open = (state: LiveState, nowMs: number): LiveStep => ({
  state: { ...state, link: "opening", deadlineAtMs: nowMs + deadMsMax },
  effects: [{ kind: "open" }],
});

function ticked(
  state: LiveState,
  at: { readonly nowMs: number; readonly station: string },
): LiveStep {
  const isSilent = at.nowMs - state.lastHeardAtMs > silentMsMax;
  const isFrozen = state.position !== null && (state.isFrozen || isSilent);
  const next = isFrozen === state.isFrozen ? state : { ...state, isFrozen };
  if (at.nowMs >= next.deadlineAtMs) {
    if (next.link === "waiting") return open(next, at.nowMs);
    return { state: next, effects: [{ kind: "close" }] };
  }
  if (next.asked !== null && at.nowMs - next.asked.atMs > answerMsMax) {
    return ask(next, "snapshot", at);
  }
  return acknowledged(next);
}

/** Alarms that are on screen need not come again (W3). */
function acknowledged(state: LiveState): LiveStep {
  const isDue = state.recordSeq > state.recordAckSeq;
  if (!isDue || state.link !== "open" || state.asked !== null) return { state, effects: [] };
  return {
    state: { ...state, recordAckSeq: state.recordSeq },
    effects: [{ kind: "send", message: { kind: "recordsSeen", upTo: state.recordSeq } }],
  };
}

function heard(state: LiveState, message: ServerMessage, nowMs: number): LiveState {
  const base = { ...state, lastHeardAtMs: nowMs, deadlineAtMs: nowMs + deadMsMax };
  if (!("now" in message)) return base;
  const isAnswer = message.kind === "snapshot" || message.kind === "resumed";
  const offset =
    isAnswer && state.asked !== null
      ? withRoundTrip(state.offset, {
          sentAtMs: state.asked.atMs,
          receivedAtMs: nowMs,
          serverNow: message.now,
        })
      : withStamp(state.offset, nowMs, message.now);
  return { ...base, offset, lastServerNow: message.now };
}

function received(
  state: LiveState,
  message: ServerMessage,
  at: { readonly nowMs: number; readonly station: string },
): LiveStep {
  switch (message.kind) {
    case "snapshot": {
      const position = { epoch: message.epoch, seq: message.seq };
      const answered = { ...state, position, asked: null, catchUpTo: null };
      // Another run of the centre numbers its alarm records from the beginning.
      const isSameRun = message.epoch === state.position?.epoch;
      const records = isSameRun ? {} : { recordSeq: 0, recordAckSeq: 0 };
      const next = whole({ ...answered, ...records });
      return { state: next, effects: [{ kind: "replaceScene", message }] };
    }
    case "resumed": {
      if (state.asked?.wants !== "resume" || state.position?.epoch !== message.epoch) {
        return ask(state, "snapshot", at);
      }
      const resumed = { ...state, asked: null, catchUpTo: message.seq };
      return { state: caughtUp(resumed), effects: [] };
    }
    case "delta":
      return delta(state, message, at);
    case "heartbeat": {
      const answer: LiveEffect = { kind: "send", message: { kind: "pong", seq: message.seq } };
      if (isWaiting(state)) return { state, effects: [answer] };
      if (message.seq !== state.position?.seq) {
        const { state: next, effects } = ask(state, "snapshot", at);
        return { state: next, effects: [answer, ...effects] };
      }
      // A connection is one once it has lasted: who is closed at each snapshot shall not hurry.
      return { state: { ...whole(state), failures: 0 }, effects: [answer] };
    }
    case "record":
      if (message.recordSeq <= state.recordSeq) {
        // The record came again, so our acknowledgement of it was lost.
        return { state: { ...state, recordAckSeq: 0 }, effects: [] };
      }
      return {
        state: { ...state, recordSeq: message.recordSeq },
        effects: [{ kind: "addAlarm", message }],
      };
    case "refused":
      return { state, effects: [{ kind: "close" }] };
  }
}

function delta(
  state: LiveState,
  message: Extract<ServerMessage, { kind: "delta" }>,
  at: { readonly nowMs: number; readonly station: string },
): LiveStep {
  // While a snapshot is on its way, deltas that come before it would be applied to the wrong scene.
  if (state.position === null || state.asked !== null) return { state, effects: [] };
  if (message.seq <= state.position.seq) return { state, effects: [] };
  if (message.seq !== state.position.seq + 1) return ask(state, "snapshot", at);
  const next = { ...state, position: { ...state.position, seq: message.seq } };
  return { state: caughtUp(next), effects: [{ kind: "applyDelta", message }] };
}

/** Nothing can be said about gaps while an answer is awaited or deltas are still due. */
const isWaiting = (state: LiveState): boolean =>
  state.position === null || state.asked !== null || state.catchUpTo !== null;

const caughtUp = (state: LiveState): LiveState =>
  (state.position?.seq ?? 0) >= (state.catchUpTo ?? 0)
    ? whole({ ...state, catchUpTo: null })
    : state;

/** The scene is complete and fresh: the bar and the veil go. */
const whole = (state: LiveState): LiveState => ({ ...state, isVeiled: false, isFrozen: false });
