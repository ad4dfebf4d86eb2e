import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { ClaimAnswer } from "../../../protocols/link.ts";
import { centreItself, type ActLog } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";
import {
  contestClaim,
  endPass,
  isContested,
  judgeClaim,
  noClaims,
  openClaim,
  type ClaimRequest,
} from "./claims.ts";

/**
 * Answers the lines' claims (law 1): judged and taken at once, told only when the grant is
 * durable. A contested waybill is told to all lines as not releasable, so that the pass that holds
 * the claim is doubted too as long as it can still be helped.
 */
export interface ClaimDesk {
  ask(request: ClaimRequest): void;
  /** The pass is over, in the order of its line's journal. */
  passEnded(passId: string): void;
  /** The record as the lines have to see it. */
  seenByLines(record: ClearanceRecord): ClearanceRecord;
  restore(act: CentreActOf<"claim"> | CentreActOf<"claimEnded">): void;
  counters(): ClaimCounters;
}

export interface ClaimDeskOptions {
  readonly documents: {
    isKnown(waybill: string): boolean;
    isReleased(waybill: string): boolean;
  };
  readonly acts: Pick<ActLog, "write">;
  /** A pass that is over can hold nothing, however late its claim arrives. */
  readonly isPassOver: (passId: string) => boolean;
  readonly answer: (answer: ClaimAnswer) => void;
  /** What the lines see of this waybill has changed. */
  readonly onContestChanged: (waybill: string) => void;
}

interface ClaimCounters {
  readonly grantedTotal: number;
  readonly refusedTotal: number;
  readonly contestedTotal: number;
  readonly open: number;
}

/** As many as a clearance record may name. */
const recordReasonsMax = 20;

export function createClaimDesk(options: ClaimDeskOptions): ClaimDesk {
  const { documents, acts } = options;
  const claims = noClaims();
  const totals = { grantedTotal: 0, refusedTotal: 0, contestedTotal: 0 };

  const answer = (request: ClaimRequest, why: ClaimAnswer["why"]): void => {
    if (why === null) totals.grantedTotal += 1;
    else totals.refusedTotal += 1;
    const { lineId, passId, waybill } = request;
    options.answer({ kind: "claimAnswer", lineId, passId, waybill, granted: why === null, why });
  };

  const standingOf = (waybill: string): "unknown" | "released" | "open" => {
    if (!documents.isKnown(waybill)) return "unknown";
    return documents.isReleased(waybill) ? "released" : "open";
  };

  /** A grant that is not durable is not told; the pass may ask again. */
  const writeAndAnswer = (request: ClaimRequest, why: ClaimAnswer["why"]): void => {
    const { lineId, passId, waybill } = request;
    const act = { kind: "claim", lineId, passId, waybill, granted: why === null, why } as const;
    acts.write(act, centreItself, (isDurable) => {
      if (isDurable) answer(request, why);
    });
  };

  /** While the released pass is on its belt, its own release is no reason against it. */
  const reasonOf = (waybill: string): "claimedElsewhere" | "alreadyReleased" | null => {
    if (isContested(claims, waybill)) return "claimedElsewhere";
    const isOver = documents.isReleased(waybill) && !claims.openByWaybill.has(waybill);
    return isOver ? "alreadyReleased" : null;
  };

  return {
    ask: (request) => {
      if (options.isPassOver(request.passId)) return answer(request, "claimedElsewhere");
      const outcome = judgeClaim(claims, request, standingOf(request.waybill));
      if (outcome.kind === "granted") {
        if (!outcome.isRepeat) openClaim(claims, request);
        return writeAndAnswer(request, null);
      }
      // The other refusals change nothing, so there is nothing to keep.
      if (outcome.why !== "claimedElsewhere") return answer(request, outcome.why);
      if (contestClaim(claims, request)) {
        totals.contestedTotal += 1;
        options.onContestChanged(request.waybill);
      }
      writeAndAnswer(request, outcome.why);
    },
    passEnded: (passId) => {
      if (!claims.openByPass.has(passId) && !claims.contestedByPass.has(passId)) return;
      const freed = endPass(claims, passId);
      acts.write({ kind: "claimEnded", passId }, centreItself);
      for (const waybill of freed) options.onContestChanged(waybill);
    },
    seenByLines: (record) => {
      const code = reasonOf(record.waybill);
      if (code === null) return record;
      const reasons = [{ code }, ...record.reasons.slice(0, recordReasonsMax - 1)];
      return { ...record, standing: "notReleasable", reasons };
    },
    restore: (act) => {
      if (act.kind === "claimEnded") endPass(claims, act.passId);
      else if (act.granted) openClaim(claims, act);
      else if (act.why === "claimedElsewhere") contestClaim(claims, act);
    },
    counters: () => ({ ...totals, open: claims.openByPass.size }),
  };
}
