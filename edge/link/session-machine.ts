import type { ClearanceMessage, DownMessage, LastWord, UpMessage } from "../../protocols/link.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import type { JournalDoubt } from "./journal-doubt.ts";
import { leavingOf } from "./last-word.ts";
import { createLinkCuts, type LinkCuts, type SentImage } from "./link-cuts.ts";

/**
 * A line agent's side of its conversation with the centre, judged without wire, disk and timers:
 * when hello is said, what each message means, which grants and leases count. Events go in with the
 * moment they came; what is to be done comes out in order.
 */
export interface SessionState {
  readonly chain: string;
  readonly startedAt: MonotonicMs;
  readonly cuts: LinkCuts;
  isConnected: boolean;
  heardAt: MonotonicMs;
  helloAt: MonotonicMs;
  askedAt: MonotonicMs;
  /** When the centre was last seen to take the journal and to tell of the documents. */
  settledAt: MonotonicMs;
  stream: string | null;
  /** As it was told last; null: not yet. */
  toldHeard: boolean | null;
  toldDoubt: JournalDoubt | null;
  /** Why the agent is about to end; null while it is not. */
  lastWord: LastWord | null;
}

/** What the core has to know; the rest of the conversation is kept here. */
export type SessionDown =
  | { readonly kind: "clearance"; readonly message: ClearanceMessage }
  | { readonly kind: "officerVerdict"; readonly verdict: OfficerVerdict }
  /** At each change. */
  | { readonly kind: "journalDoubted"; readonly doubt: JournalDoubt | null };

export type SessionEvent =
  | { readonly kind: "connection"; readonly isConnected: boolean }
  | { readonly kind: "message"; readonly message: DownMessage }
  /** What is thought of the journal may have changed. */
  | { readonly kind: "doubtStirred" }
  /** The core met a gap in the clearance stream. */
  | { readonly kind: "gapMet"; readonly why: string }
  /** The mirror holds back what the message at this place put in doubt. */
  | {
      readonly kind: "doubtTaken";
      readonly place: { readonly stream: string; readonly seq: number };
    }
  | { readonly kind: "leave"; readonly word: LastWord }
  | { readonly kind: "lookDue" };

export interface SessionMoment {
  readonly now: MonotonicMs;
  /** Why the journal is not one that the centre takes, as far as is known here. */
  readonly doubt: () => JournalDoubt | null;
  /** The centre has answered the last hello, and its clearance stream is followed. */
  readonly isSettled: () => boolean;
  /** The core has all of this clearance stream so far. */
  readonly isFollowed: (stream: string) => boolean;
}

type Word<K extends DownMessage["kind"]> = Extract<DownMessage, { kind: K }>;

export type SessionEffect =
  /** Made by whoever knows where journal and stream end. */
  | { readonly kind: "hello" }
  | { readonly kind: "alive"; readonly link: ReturnType<LinkCuts["report"]> }
  | { readonly kind: "send"; readonly message: UpMessage }
  | { readonly kind: "handDown"; readonly message: SessionDown }
  | Word<"journalAck">
  | Word<"journalRefused">
  | Word<"journalWanted">
  | Word<"centreReached">
  | Word<"generationBegun">
  | Word<"imageWanted">
  | Word<"traceWanted">
  /** Nothing of the journal goes up until the next hello is answered. */
  | { readonly kind: "holdJournal" }
  | { readonly kind: "tellDoubt"; readonly doubt: JournalDoubt | null }
  | { readonly kind: "tellHeard"; readonly isHeard: boolean }
  | { readonly kind: "tellGivenUp"; readonly image: SentImage };

/** The centre sends a heartbeat a second; after three it counts as silent. */
export const centreSilenceMs = 3_000;
/** Between two hellos, and between two requests for a snapshot. */
const askEveryMsMin = 2_000;
/** A hello unanswered for so long, while the centre is heard, is said again. */
const unsettledMsMax = 30_000;
const never = monotonicMs(Number.NEGATIVE_INFINITY);

export const newSession = (chain: string, now: MonotonicMs): SessionState => ({
  chain,
  startedAt: now,
  cuts: createLinkCuts(),
  isConnected: false,
  heardAt: never,
  helloAt: never,
  askedAt: never,
  settledAt: now,
  stream: null,
  toldHeard: null,
  toldDoubt: null,
  lastWord: null,
});

/** Something came from the centre within the last `centreSilenceMs`. */
export const isHeard = ({ heardAt }: SessionState, now: MonotonicMs): boolean =>
  now - heardAt <= centreSilenceMs;

interface Turn {
  readonly state: SessionState;
  readonly at: SessionMoment;
  readonly effects: SessionEffect[];
}

export function stepSession(
  state: SessionState,
  event: SessionEvent,
  at: SessionMoment,
): readonly SessionEffect[] {
  const turn: Turn = { state, at, effects: [] };
  take(turn, event);
  return turn.effects;
}

function take(turn: Turn, event: SessionEvent): void {
  switch (event.kind) {
    case "connection":
      return connection(turn, event.isConnected);
    case "message":
      return heard(turn, event.message);
    case "doubtStirred":
      return tellDoubt(turn);
    case "gapMet":
      return askSnapshot(turn, event.why);
    case "doubtTaken":
      return void turn.effects.push({
        kind: "send",
        message: { kind: "clearanceTaken", ...event.place },
      });
    case "leave":
      turn.state.lastWord ??= event.word;
      return sayLastWord(turn);
    case "lookDue":
      return look(turn);
  }
}

function connection(turn: Turn, isConnected: boolean): void {
  const { state, at, effects } = turn;
  if (state.isConnected && !isConnected) {
    const image = state.cuts.cut(at.now);
    if (image !== null) effects.push({ kind: "tellGivenUp", image });
  }
  state.isConnected = isConnected;
  state.helloAt = never;
  // It may have been lost with the connection before.
  sayLastWord(turn);
  if (isConnected) hello(turn);
  else effects.push({ kind: "holdJournal" });
}

function hello({ state, at, effects }: Turn): void {
  // Behind its last word a hello would say that it is here again.
  if (!state.isConnected || state.lastWord !== null) return;
  if (at.now - state.helloAt < askEveryMsMin) return;
  state.helloAt = at.now;
  effects.push({ kind: "hello" });
}

function sayLastWord({ state: { isConnected, lastWord }, effects }: Turn): void {
  if (isConnected && lastWord !== null)
    effects.push({ kind: "send", message: leavingOf(lastWord) });
}

function askSnapshot({ state, at, effects }: Turn, why: string): void {
  // Not now if a snapshot was asked for, or a hello said, a moment ago: a hello asks for a snapshot
  // as well.
  if (at.now - Math.max(state.askedAt, state.helloAt) < askEveryMsMin) return;
  state.askedAt = at.now;
  effects.push({ kind: "send", message: { kind: "snapshotWanted", why: why.slice(0, 200) } });
}

function heard(turn: Turn, message: DownMessage): void {
  const { state, at, effects } = turn;
  const wasHeard = isHeard(state, at.now);
  state.heardAt = at.now;
  state.cuts.heard(at.now);
  if (!wasHeard && at.now - state.helloAt > centreSilenceMs) hello(turn);
  switch (message.kind) {
    case "clearance":
      return clearance(turn, message.message);
    case "officerVerdict":
      effects.push({ kind: "handDown", message });
      return;
    case "journalAck":
    case "journalWanted":
      if (message.chain === state.chain) effects.push(message);
      return;
    case "journalRefused":
      effects.push(message);
      // What is refused is not sent again and again: the next hello asks anew.
      if (!isStillTaken(state, message)) effects.push({ kind: "holdJournal" });
      return;
    case "generationBegun":
      if (isNext(state.chain, message.begun)) effects.push(message);
      return;
    case "centreReached":
    case "imageWanted":
    case "traceWanted":
      effects.push(message);
  }
}

function clearance(turn: Turn, message: ClearanceMessage): void {
  const { state, at, effects } = turn;
  if (message.kind === "snapshotBegin") state.stream = message.stream;
  // The beginning that came last may be a late copy, of a stream that the core has left.
  else if (message.stream !== state.stream && !at.isFollowed(message.stream)) hello(turn);
  // Nobody that is not heard relies on a lease.
  const isLeaseless = "leaseMs" in message && at.doubt() !== null;
  const leased = isLeaseless ? { ...message, leaseMs: 0 } : message;
  effects.push({ kind: "handDown", message: { kind: "clearance", message: leased } });
}

/** What comes late is taken all the same, and a chain that is being closed to its last record. */
const isStillTaken = (state: SessionState, { code, chain }: Word<"journalRefused">): boolean =>
  code === "journalLate" || (code === "journalClosed" && chain === state.chain);

function isNext(chain: string, begun: GenerationBegun): boolean {
  const [own, next] = [nameOfChain(chain), nameOfChain(begun.chain)];
  return next.agentId === own.agentId && next.generation > own.generation;
}

function look(turn: Turn): void {
  const { state, at, effects } = turn;
  if (state.isConnected) effects.push({ kind: "alive", link: state.cuts.report(at.now) });
  tellDoubt(turn);
  tellHeard(turn);
  if (at.isSettled()) state.settledAt = at.now;
  if (at.now - state.settledAt > unsettledMsMax && isHeard(state, at.now)) {
    state.settledAt = at.now;
    hello(turn);
  }
}

function tellDoubt({ state, at, effects }: Turn): void {
  const doubt = at.doubt();
  if (doubt?.code === state.toldDoubt?.code) return;
  state.toldDoubt = doubt;
  effects.push({ kind: "tellDoubt", doubt });
}

function tellHeard({ state, at, effects }: Turn): void {
  const isNow = isHeard(state, at.now);
  // It is given the time to say its first word.
  const isEarly = state.toldHeard === null && at.now - state.startedAt <= centreSilenceMs;
  if (isNow === state.toldHeard || (!isNow && isEarly)) return;
  state.toldHeard = isNow;
  effects.push({ kind: "tellHeard", isHeard: isNow });
}
