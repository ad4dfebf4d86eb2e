import type { JournalRefusal } from "../../protocols/link.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import {
  isLate,
  noteEnd,
  noteHeld,
  noteWritten,
  nothingUnacknowledged,
  type Unacknowledged,
} from "./unacknowledged.ts";

/**
 * Whether the centre takes one agent's journal, pure. Claims and leases are for an agent that is
 * heard whole: whoever decides what nobody is told of must not go on doing so (laws 1 and 12).
 *
 * `awaited`: nothing is proved yet, or a record is missing that was asked for: claims wait for their
 * answer and no lease is renewed. `refused`: what was leased ends at once.
 */
export type Standing =
  | { readonly kind: "awaited" }
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly code: JournalRefusal; readonly why: string };

export interface JournalStanding {
  /** Its end is known to continue what is held. */
  isProved: boolean;
  refusal: { readonly code: JournalRefusal; readonly why: string } | null;
  readonly unacknowledged: Unacknowledged;
}

export type StandingEvent =
  /** What the agent says of its journal, beside what is held of that chain. */
  | {
      readonly kind: "hello";
      readonly lastSeq: number;
      readonly lastHash: string;
      readonly held: { readonly seq: number; readonly hash: string };
      readonly at: MonotonicMs;
    }
  /** The agent has written so far. */
  | { readonly kind: "written"; readonly lastSeq: number; readonly at: MonotonicMs }
  /** `isProof`: a record was taken, or found to be the one held, that reaches as far as the copy. */
  | { readonly kind: "held"; readonly seq: number; readonly isProof: boolean }
  | { readonly kind: "gap" }
  | { readonly kind: "refused"; readonly code: JournalRefusal; readonly why: string };

export const newJournalStanding = (): JournalStanding => ({
  isProved: false,
  refusal: null,
  unacknowledged: nothingUnacknowledged(),
});

/** Changes `state` in place. */
export function stepStanding(state: JournalStanding, event: StandingEvent): void {
  switch (event.kind) {
    case "hello":
      return greet(state, event);
    case "written":
      return noteWritten(state.unacknowledged, event.lastSeq, event.at);
    case "held":
      noteHeld(state.unacknowledged, event.seq);
      if (!event.isProof) return;
      state.isProved = true;
      // That what came is whole does not open what is being closed.
      if (state.refusal?.code !== "journalClosed") state.refusal = null;
      return;
    case "gap":
      state.isProved = false;
      return;
    case "refused":
      state.isProved = false;
      state.refusal = { code: event.code, why: event.why };
  }
}

export function standingAt(state: JournalStanding, at: MonotonicMs): Standing {
  if (state.refusal !== null) return { kind: "refused", ...state.refusal };
  if (isLate(state.unacknowledged, at)) {
    return { kind: "refused", code: "journalLate", why: `record ${firstLate(state)} is not here` };
  }
  return state.isProved ? { kind: "taken" } : { kind: "awaited" };
}

const firstLate = ({ unacknowledged }: JournalStanding): number =>
  unacknowledged.marks[0]?.seq ?? 0;

function greet(
  state: JournalStanding,
  { lastSeq, lastHash, held, at }: Extract<StandingEvent, { kind: "hello" }>,
): void {
  state.isProved = false;
  noteEnd(state.unacknowledged, lastSeq);
  noteHeld(state.unacknowledged, held.seq);
  if (lastSeq < held.seq) {
    const why = `it ends at ${lastSeq}, ${held.seq} are held here`;
    state.refusal = { code: "journalShortened", why };
    return;
  }
  if (lastSeq === held.seq) {
    const isSame = lastSeq === 0 || lastHash === held.hash;
    state.isProved = isSame;
    state.refusal = isSame
      ? null
      : { code: "journalFork", why: `another record ${lastSeq} is held here` };
    return;
  }
  noteWritten(state.unacknowledged, lastSeq, at);
  // One that was another history is still another when it has grown: only a record that continues
  // what is held shows that it is not.
  const isOther =
    state.refusal?.code === "journalFork" || state.refusal?.code === "journalShortened";
  if (!isOther) state.refusal = null;
}
