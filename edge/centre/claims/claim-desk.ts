import type { Actor } from "../../../protocols/actor.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { ClaimAnswer } from "../../../protocols/link.ts";
import { centreItself, type ActLog } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";
import {
  contestClaim,
  endPass,
  isContested,
  judgeClaim,
  leaveUnsettled,
  noClaims,
  noteAsked,
  openClaim,
  settleWaybill,
  type ClaimRequest,
  type WaybillState,
} from "./claims.ts";

/**
 * Answers the lines' claims (law 1): judged and taken at once, told only when the grant is
 * durable. A contested waybill is told to all lines as not releasable, so that the pass that holds
 * the claim is doubted too as long as it can still be helped.
 */
export interface ClaimDesk {
  ask(request: ClaimRequest): void;
  /** More is heard of these lines: what they asked meanwhile is judged now, as far as it may be. */
  answerWaiting(isOf: (lineId: string) => boolean): void;
  /** The pass is over, in the order of its line's journal, or by the word of `by`. */
  passEnded(passId: string, by?: Actor): void;
  /** Nobody will hear how the passes in these chains end: see `claims.ts`. */
  leaveUnsettled(isOver: (chain: string) => boolean): void;
  /** A person knows what became of it. */
  settle(waybill: string): void;
  unsettled(): readonly UnsettledWaybill[];
  /** The record as the lines have to see it. */
  seenByLines(record: ClearanceRecord): ClearanceRecord;
  restore(act: RestoredClaimAct): void;
  counters(): ClaimCounters;
}

export interface UnsettledWaybill {
  readonly waybill: string;
  readonly passes: readonly { readonly passId: string; readonly lineId: string }[];
}

type RestoredClaimAct =
  | CentreActOf<"claim">
  | CentreActOf<"claimAsked">
  | CentreActOf<"claimEnded">
  | CentreActOf<"settled">;

export interface ClaimDeskOptions {
  readonly documents: {
    isKnown(waybill: string): boolean;
    isReleased(waybill: string): boolean;
  };
  readonly acts: Pick<ActLog, "write">;
  /** A pass that is over can hold nothing, however late its claim arrives. */
  readonly isPassOver: (pass: AskingPass) => boolean;
  /** False while nobody hears what the line does, or has heard of the pass's session: it waits. */
  readonly mayClaim: (pass: AskingPass) => boolean;
  /** The journal that tells how a pass of this line ends; for acts of before they said so. */
  readonly chainOf: (lineId: string) => string;
  readonly answer: (answer: ClaimAnswer) => void;
  /** What the lines see of this waybill has changed. */
  readonly onContestChanged: (waybill: string) => void;
}

type AskingPass = Pick<ClaimRequest, "lineId" | "passId">;

interface ClaimCounters {
  readonly grantedTotal: number;
  readonly refusedTotal: number;
  readonly contestedTotal: number;
  readonly open: number;
  readonly waiting: number;
  readonly unsettled: number;
}

/** As many as a clearance record may name. */
const recordReasonsMax = 20;
/** Passes whose claim waits until their line is heard again; the oldest give way, unanswered. */
const waitingMax = 4_000;

export function createClaimDesk(options: ClaimDeskOptions): ClaimDesk {
  const { documents, acts } = options;
  const claims = noClaims();
  const waiting = new Map<string, ClaimRequest>();
  const totals = { grantedTotal: 0, refusedTotal: 0, contestedTotal: 0 };

  const answer = (request: ClaimRequest, why: ClaimAnswer["why"]): void => {
    if (why === null) totals.grantedTotal += 1;
    else totals.refusedTotal += 1;
    const { lineId, passId, waybill } = request;
    options.answer({ kind: "claimAnswer", lineId, passId, waybill, granted: why === null, why });
  };

  const standingOf = (waybill: string): WaybillState => {
    if (!documents.isKnown(waybill)) return "unknown";
    return documents.isReleased(waybill) ? "released" : "open";
  };

  /** A grant that is not durable is not told; the pass may ask again. */
  const writeAndAnswer = (request: ClaimRequest, why: ClaimAnswer["why"]): void => {
    acts.write(
      { kind: "claim", ...request, granted: why === null, why },
      centreItself,
      (isDurable) => {
        if (isDurable) answer(request, why);
      },
    );
  };

  /** While the released pass is on its belt, its own release is no reason against it. */
  const reasonOf = (
    waybill: string,
  ): "claimedElsewhere" | "alreadyReleased" | "outcomeUnknown" | null => {
    if (claims.unsettled.has(waybill)) return "outcomeUnknown";
    if (isContested(claims, waybill)) return "claimedElsewhere";
    const isOver = documents.isReleased(waybill) && !claims.openByWaybill.has(waybill);
    return isOver ? "alreadyReleased" : null;
  };

  /** That it was asked for outlives the centre, whatever the answer is. */
  const note = (request: ClaimRequest): void => {
    if (noteAsked(claims, request)) acts.write({ kind: "claimAsked", ...request }, centreItself);
  };

  const judge = (request: ClaimRequest): void => {
    const outcome = judgeClaim(claims, request, standingOf(request.waybill));
    if (outcome.kind === "granted") {
      noteAsked(claims, request);
      if (!outcome.isRepeat) openClaim(claims, request);
      return writeAndAnswer(request, null);
    }
    if (outcome.why !== "claimedElsewhere") {
      note(request);
      return answer(request, outcome.why);
    }
    noteAsked(claims, request);
    if (contestClaim(claims, request)) {
      totals.contestedTotal += 1;
      options.onContestChanged(request.waybill);
    }
    writeAndAnswer(request, outcome.why);
  };

  const wait = (request: ClaimRequest): void => {
    note(request);
    waiting.delete(request.passId);
    waiting.set(request.passId, request);
    const [oldest] = waiting.keys();
    if (waiting.size > waitingMax && oldest !== undefined) waiting.delete(oldest);
  };

  return {
    ask: (request) => {
      if (options.isPassOver(request)) return answer(request, "claimedElsewhere");
      if (options.mayClaim(request)) judge(request);
      else wait(request);
    },
    answerWaiting: (isOf) => {
      for (const request of waiting.values()) {
        if (!isOf(request.lineId)) continue;
        const isOver = options.isPassOver(request);
        if (!isOver && !options.mayClaim(request)) continue;
        waiting.delete(request.passId);
        if (!isOver) judge(request);
      }
    },
    passEnded: (passId, by = centreItself) => {
      if (!claims.asked.has(passId) && !claims.unsettledByPass.has(passId)) return;
      waiting.delete(passId);
      const freed = endPass(claims, passId);
      acts.write({ kind: "claimEnded", passId }, by);
      for (const waybill of freed) options.onContestChanged(waybill);
    },
    leaveUnsettled: (isOver) => {
      for (const [passId, { chain }] of waiting) if (isOver(chain)) waiting.delete(passId);
      for (const waybill of leaveUnsettled(claims, isOver)) options.onContestChanged(waybill);
    },
    settle: (waybill) => {
      settleWaybill(claims, waybill);
      options.onContestChanged(waybill);
    },
    unsettled: () =>
      [...claims.unsettled].map(([waybill, passIds]) => ({
        waybill,
        passes: [...passIds].flatMap((passId) => {
          const asked = claims.unsettledByPass.get(passId);
          return asked === undefined ? [] : [{ passId, lineId: asked.lineId }];
        }),
      })),
    seenByLines: (record) => {
      const code = reasonOf(record.waybill);
      if (code === null) return record;
      const reasons = [{ code }, ...record.reasons.slice(0, recordReasonsMax - 1)];
      return { ...record, standing: "notReleasable", reasons };
    },
    restore: (act) => {
      if (act.kind === "claimEnded") return void endPass(claims, act.passId);
      if (act.kind === "settled") return settleWaybill(claims, act.waybill);
      const request = { ...act, chain: act.chain ?? options.chainOf(act.lineId) };
      noteAsked(claims, request);
      if (act.kind === "claimAsked") return;
      if (act.granted) openClaim(claims, request);
      else if (act.why === "claimedElsewhere") contestClaim(claims, request);
    },
    counters: () => ({
      ...totals,
      open: claims.openByPass.size,
      waiting: waiting.size,
      unsettled: claims.unsettled.size,
    }),
  };
}
