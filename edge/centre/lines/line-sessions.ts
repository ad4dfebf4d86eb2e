import { nameOfChain } from "../../../protocols/chain-name.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import { isEarlierEpoch, readPassId } from "../../../protocols/pass-id.ts";
import { openPassesPerLineMax, type JournalPlace } from "./passes.ts";

/**
 * Of each line the newest session that its journal has told of, pure: by it and by its number any
 * pass of the line is judged, for ever and in little memory, also one of which every story has long
 * been forgotten. Sessions are in the order of the journal, never in that of a calendar.
 */
export type LineSessions = Map<string, LineSession>;

interface LineSession {
  readonly epoch: string;
  /** Where the journal first told of it, as far as this centre has read. */
  readonly from: JournalPlace;
  /** The highest number of a pass that was told; 0 for none. */
  highest: number;
  /** Those told of whose end was not told. */
  readonly open: Set<number>;
}

/** What a checkpoint keeps of a session: which of its passes are open the journal tells again. */
export interface ToldSession {
  readonly lineId: string;
  readonly epoch: string;
  readonly from: JournalPlace;
  readonly highest: number;
}

/**
 * `open`: on its belt, as far as can be known; also where its journal has not told of it yet, since
 * a claim may come first. `untold`: of a session of which no journal has told; whether that is still
 * to come nobody knows. `over`: it has ended, or is of an earlier session, or no pass of this line.
 */
export type PassStanding = "open" | "untold" | "over";

export const newLineSessions = (): LineSessions => new Map();

/** Takes one fact, in the order of its line's journal. True when a session began with it. */
export function noteFact(
  sessions: LineSessions,
  { fact, lineId }: StampedFact,
  place: JournalPlace,
): boolean {
  const known = sessions.get(lineId);
  if (fact.kind === "sessionOpened") {
    if (!isNewer(known, fact.epoch, place)) return false;
    begin(sessions, lineId, fact.epoch, place);
    return true;
  }
  const passId = "passId" in fact ? fact.passId : null;
  const name = passId === null ? null : readPassId(passId, lineId);
  if (name === null) return false;
  const { epoch, number } = name;
  // Where telling begins in the middle, whatever comes first says which session it is.
  const isBeginning = known === undefined || fact.kind === "inducted";
  const hasBegun = isBeginning && isNewer(known, epoch, place);
  const session = hasBegun ? begin(sessions, lineId, epoch, place) : known;
  if (session?.epoch !== epoch) return false;
  const hasEnded = fact.kind === "left" || fact.kind === "lost";
  // After a restart the inductions of open passes are told again, below the number that was known.
  if (!hasEnded && (number > session.highest || fact.kind === "inducted")) open(session, number);
  if (hasEnded) session.open.delete(number);
  session.highest = Math.max(session.highest, number);
  return hasBegun;
}

/** `isClosed`: nobody writes this chain any more, so that no session in it goes on. */
export function standingOf(
  sessions: LineSessions,
  { lineId, passId }: { readonly lineId: string; readonly passId: string },
  isClosed: (chain: string) => boolean,
): PassStanding {
  const name = readPassId(passId, lineId);
  // Nothing that a line tells would ever end what such a pass holds.
  if (name === null) return "over";
  const session = sessions.get(lineId);
  if (session === undefined) return "untold";
  const { epoch, number } = name;
  if (epoch !== session.epoch) return isEarlierEpoch(epoch, session.epoch) ? "over" : "untold";
  if (isClosed(session.from.chain)) return "over";
  return number > session.highest || session.open.has(number) ? "open" : "over";
}

export const toldSessions = (sessions: LineSessions): readonly ToldSession[] =>
  [...sessions].map(([lineId, { epoch, from, highest }]) => ({ lineId, epoch, from, highest }));

/** Before the journals are told again, which says what is open. */
export function restoreSessions(sessions: LineSessions, told: readonly ToldSession[]): void {
  for (const { lineId, ...session } of told) {
    sessions.set(lineId, { ...session, open: new Set() });
  }
}

/** What is told again of sessions before the newest, or brought in of closed chains, is none. */
function isNewer(known: LineSession | undefined, epoch: string, place: JournalPlace): boolean {
  if (known === undefined) return true;
  if (known.epoch === epoch) return false;
  const [own, before] = [nameOfChain(place.chain), nameOfChain(known.from.chain)];
  // The line has been given to another agent: the former one's journal tells of it no more.
  if (own.agentId !== before.agentId) return true;
  return own.generation === before.generation
    ? place.seq > known.from.seq
    : own.generation > before.generation;
}

function begin(
  sessions: LineSessions,
  lineId: string,
  epoch: string,
  from: JournalPlace,
): LineSession {
  const session: LineSession = { epoch, from, highest: 0, open: new Set() };
  sessions.set(lineId, session);
  return session;
}

/** A line that never tells of its passes' ends must not fill the memory. */
function open(session: LineSession, number: number): void {
  session.open.add(number);
  const [oldest] = session.open;
  if (session.open.size > openPassesPerLineMax && oldest !== undefined) {
    session.open.delete(oldest);
  }
}
