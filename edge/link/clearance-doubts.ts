import { isDoubt, type ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { recordHeld, type HeldClaims } from "../line/held-claims.ts";
import type { ClearanceStream } from "./clearance-stream.ts";
import type { StreamEvent } from "./stream-events.ts";

/**
 * Which doubt one agent has not confirmed yet, as the centre sees it, pure: beside `ClearanceStream`,
 * whose events it takes before the stream does. An agent confirms with `clearanceTaken`, and by the
 * place in the stream that its hello names.
 *
 * Whether confirmed or not, one lease after the agent's last word before the doubt nothing of it
 * leaves by green any more (law 12): a lease that was granted before counts from that word or an
 * earlier one, and one that is granted later comes in the stream behind the doubt.
 */
export interface ClearanceDoubts {
  readonly leaseMs: number;
  /** The agent's last word that a lease can count from, by our clock. */
  heardAt: MonotonicMs;
  /** Waybills of which the agent may hold a record that lets them go. */
  readonly relieved: Set<string>;
  /** Waybills that the agent may still let go, though their record forbids it. */
  readonly loose: Map<string, LooseDoubt>;
  /** Waybills in doubt, and where the newest of it was told; null: nowhere yet. */
  readonly unconfirmed: Map<string, StreamPlace | null>;
}

interface LooseDoubt {
  /** From when on the agent has time to confirm it. */
  readonly since: MonotonicMs;
  /** No lease that knows nothing of it runs longer. */
  readonly endsAt: MonotonicMs;
  told: StreamPlace | null;
}

export interface StreamPlace {
  readonly stream: string;
  readonly seq: number;
}

type DoubtEvent = StreamEvent | ({ readonly kind: "taken" } & StreamPlace);

/** Agents find a centre that was started again within so long, and confirm what they hold. */
const comeBackMs = 2_000;

/** What is known of an agent whose passes hold a waybill in doubt. */
export type DoubtStanding =
  | "confirmed"
  /** It may let it go. */
  | "loose"
  /** It has not confirmed, but cannot let it go: it has no lease, or never had a record that does. */
  | "harmless";

/** An earlier run may have heard the agent until `startedAt`. */
export const newClearanceDoubts = (leaseMs: number, startedAt: MonotonicMs): ClearanceDoubts => ({
  leaseMs,
  heardAt: startedAt,
  relieved: new Set(),
  loose: new Map(),
  unconfirmed: new Map(),
});

/** Changes `doubts` in place; `stream` is as it was before this event. */
export function stepDoubts(
  doubts: ClearanceDoubts,
  event: DoubtEvent,
  { stream, at }: { readonly stream: ClearanceStream; readonly at: MonotonicMs },
): void {
  switch (event.kind) {
    case "hello":
      doubts.heardAt = at;
      return event.stream === null ? undefined : confirm(doubts, event.stream, event.seq);
    case "alive":
      doubts.heardAt = at;
      return;
    case "taken":
      return confirm(doubts, event.stream, event.seq);
    case "restored": {
      const { waybill, record } = event.claim;
      // What an earlier run has told of it before is not known.
      if (record !== null) doubts.relieved.add(waybill);
      return note(doubts, record, at, comeBackMs);
    }
    case "answered":
      return event.isHeld ? note(doubts, event.record, at) : undefined;
    case "changed":
      for (const record of event.records) {
        if (stream.held.waybills.has(record.waybill)) note(doubts, record, at);
      }
      return;
    case "ended":
      return endPass(doubts, event.passId, stream.held);
    case "sent":
      // What goes a second time, to an agent that has come back, was told in its place before.
      if (event.message.seq > stream.seq) told(doubts, event.message, stream.held);
      return;
    case "snapshotWanted":
    case "snapshotDue":
    case "snapshotTaken":
    case "beat":
    case "leaseRight":
    case "woken":
    case "refused":
    case "streamRenamed":
      return;
  }
}

/** Time alone ends what is loose. Answers the waybills that still are, with since when. */
export function looseAt(
  doubts: ClearanceDoubts,
  at: MonotonicMs,
): readonly { readonly waybill: string; readonly since: MonotonicMs }[] {
  expire(doubts, at);
  return [...doubts.loose].map(([waybill, { since }]) => ({ waybill, since }));
}

/** Null where no pass of the agent holds it, or its record is no doubt. */
export function standingOf(
  doubts: ClearanceDoubts,
  waybill: string,
  { held, at }: { readonly held: HeldClaims; readonly at: MonotonicMs },
): DoubtStanding | null {
  const known = held.waybills.get(waybill);
  if (known === undefined) return null;
  expire(doubts, at);
  if (doubts.loose.has(waybill)) return "loose";
  // Without documents nothing is told, and nothing can be let go.
  if (known.record === null || doubts.unconfirmed.has(waybill)) return "harmless";
  return isDoubt(known.record) ? "confirmed" : null;
}

function note(
  doubts: ClearanceDoubts,
  record: ClearanceRecord | null,
  at: MonotonicMs,
  waitMs = 0,
): void {
  if (record === null) return;
  const { waybill } = record;
  expire(doubts, at);
  if (!isDoubt(record)) {
    doubts.loose.delete(waybill);
    doubts.unconfirmed.delete(waybill);
    return;
  }
  doubts.unconfirmed.set(waybill, null);
  if (!doubts.relieved.has(waybill) || doubts.loose.has(waybill)) return;
  const endsAt = monotonicMs(doubts.heardAt + doubts.leaseMs);
  const since = monotonicMs(at + waitMs);
  if (endsAt > at) doubts.loose.set(waybill, { since, endsAt, told: null });
  else doubts.relieved.delete(waybill);
}

function told(doubts: ClearanceDoubts, message: ClearanceMessage, held: HeldClaims): void {
  const { stream, seq } = message;
  for (const record of recordsIn(message)) {
    const { waybill } = record;
    if (!isDoubt(record)) {
      // In a snapshot that began before the doubt it is old: no lease comes before the change to it.
      const now = recordHeld(held, waybill);
      if (now !== null && !isDoubt(now)) doubts.relieved.add(waybill);
      continue;
    }
    const loose = doubts.loose.get(waybill);
    // The first place will do. In a new stream it is told anew, and the old places are gone.
    if (loose !== undefined && loose.told?.stream !== stream) loose.told = { stream, seq };
    const isNewest = recordHeld(held, waybill) === record;
    if (isNewest && doubts.unconfirmed.has(waybill))
      doubts.unconfirmed.set(waybill, { stream, seq });
  }
}

function recordsIn(message: ClearanceMessage): readonly ClearanceRecord[] {
  switch (message.kind) {
    case "snapshotPart":
      return message.claims.flatMap(({ record }) => record ?? []);
    case "claimAnswer":
      return message.isHeld && message.record !== null ? [message.record] : [];
    case "change":
      return message.records;
    case "snapshotBegin":
    case "snapshotEnd":
    case "heartbeat":
      return [];
  }
}

function confirm(doubts: ClearanceDoubts, stream: string, seq: number): void {
  const isReached = (place: StreamPlace | null): boolean =>
    place !== null && place.stream === stream && place.seq <= seq;
  for (const [waybill, { told: place }] of doubts.loose) {
    if (isReached(place)) holdBack(doubts, waybill);
  }
  for (const [waybill, place] of doubts.unconfirmed) {
    if (isReached(place)) doubts.unconfirmed.delete(waybill);
  }
}

function expire(doubts: ClearanceDoubts, at: MonotonicMs): void {
  for (const [waybill, { endsAt }] of doubts.loose) if (endsAt <= at) holdBack(doubts, waybill);
}

/** Nothing lets it go until it is told anew that it may. */
function holdBack({ loose, relieved }: ClearanceDoubts, waybill: string): void {
  loose.delete(waybill);
  relieved.delete(waybill);
}

function endPass(doubts: ClearanceDoubts, passId: string, held: HeldClaims): void {
  for (const waybill of held.waybillsOf.get(passId) ?? []) {
    // Another pass may hold it, too.
    if (held.waybills.get(waybill)?.hashOfPass.size !== 1) continue;
    holdBack(doubts, waybill);
    doubts.unconfirmed.delete(waybill);
  }
}
