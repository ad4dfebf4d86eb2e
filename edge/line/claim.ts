import type { AnswerMessage, ClaimAnswer } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { Evidence } from "../decision/evidence.ts";
import { applyClearance, isNextAnswer } from "./clearance-mirror.ts";
import { oncePerLine, type LineConfig } from "./config.ts";
import type { Pass } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * A pass's right to its waybill, which only the centre can give (law 1). The line never waits for
 * the answer (law 12): what is not answered is asked again, until the last commit point at which a
 * parcel can still be sent to green. So is a waybill that the centre does not know: its papers may be
 * on their way, and nobody else would tell the line that they have come.
 */
export function askClaim(turn: Turn, pass: Pass, waybill: string): void {
  pass.claim = "asked";
  pass.claimAsks = { lastAt: turn.event.at, total: 1 };
  turn.commands.push({ kind: "claim", passId: pass.passId, waybill });
  noteNextAsk(turn, pass);
}

/** Asked after every event. While the belt stands nothing is urgent, and it may stand all night. */
export function askClaimsAgain(turn: Turn): void {
  const { state, config, event } = turn;
  if (event.at < state.due.claimAt || !state.belt.isRunning) return;
  state.due.claimAt = never;
  for (const pass of state.passes) {
    const { claimAsks, identity } = pass;
    const isDue = event.at >= askAgainAt(pass, config);
    if (isDue && claimAsks !== null && identity.kind === "one") {
      pass.claimAsks = { lastAt: event.at, total: claimAsks.total + 1 };
      turn.commands.push({ kind: "claim", passId: pass.passId, waybill: identity.waybill });
    }
    noteNextAsk(turn, pass);
  }
}

/**
 * The answer and the record that came with it are one event. Out of its place it is nothing to the
 * line: whoever keeps the mirror has to see to the gap.
 */
export function takeAnswerTold(turn: Turn, message: AnswerMessage): void {
  const { mirror } = turn.state;
  if (!isNextAnswer(mirror, message)) return;
  applyClearance(mirror, message, turn.event.at);
  takeClaimAnswer(turn, message.answer);
}

/**
 * A refusal for good beats a grant, whichever is heard first, as long as the parcel can be helped:
 * answers to one question may overtake each other, and what another pass did since is told so, too.
 */
export function takeClaimAnswer(turn: Turn, answer: ClaimAnswer): void {
  const pass = turn.state.byId.get(answer.passId);
  if (pass === undefined || pass.claim === "notAsked" || isFinal(pass.claim)) return;
  // An answer to another question than the one this pass asked proves nothing.
  if (pass.identity.kind !== "one" || pass.identity.waybill !== answer.waybill) return;
  const claim = claimOf(answer);
  if (claim === pass.claim) return;
  pass.claim = claim;
  noteNextAsk(turn, pass);
  turn.facts.push({ kind: "claimAnswered", passId: pass.passId });
}

/** A grant that names a refusal contradicts itself. */
function claimOf({ granted, why }: ClaimAnswer): Evidence["claim"] {
  if (granted && why === null) return "granted";
  return why === "unknownWaybill" ? "unknown" : (why ?? "claimedElsewhere");
}

const isFinal = (claim: Evidence["claim"]): boolean =>
  claim === "claimedElsewhere" || claim === "alreadyReleased" || claim === "outcomeUnknown";

/** Waits of a second, then of two; each pass a little later than its neighbours. */
const askAgainMs = { first: 1_000, later: 2_000, scatter: 256 } as const;

const never = monotonicMs(Number.POSITIVE_INFINITY);

/** When this pass asks once more, if nothing is heard until then. */
export function askAgainAt(pass: Pass, config: LineConfig): MonotonicMs {
  const { claim, claimAsks, commitment, identity, inductedAt, nextCommit } = pass;
  const isOpen = identity.kind === "one" && (claim === "asked" || claim === "unknown");
  const isInTime = commitment === null && nextCommit <= lastUsefulCommit(config);
  if (!isOpen || !isInTime || claimAsks === null) return never;
  const waitMs = claimAsks.total === 1 ? askAgainMs.first : askAgainMs.later;
  return monotonicMs(claimAsks.lastAt + waitMs + (Math.floor(inductedAt) % askAgainMs.scatter));
}

function noteNextAsk({ state, config }: Turn, pass: Pass): void {
  const at = askAgainAt(pass, config);
  if (at < state.due.claimAt) state.due.claimAt = at;
}

/** Index of the diverter behind which no answer can help any more; -1 for a line without green. */
const lastUsefulCommit = oncePerLine(({ layout }) =>
  layout.diverters.findIndex(({ exit }) => exit === "green"),
);
