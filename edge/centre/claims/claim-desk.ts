import type { Actor } from "../../../protocols/actor.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { ClaimAnswer } from "../../../protocols/link.ts";
import { centreItself, type ActLog } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";
import type { DocumentDesk } from "../documents/desk.ts";
import { claimsHeld, restoreClaimsHeld, type ClaimsHeld } from "./claims-held.ts";
import { isReleasedIn, viewBefore, type WaybillView } from "../documents/waybill-view.ts";
import {
  contestClaim,
  endPass,
  isContested,
  judgeClaim,
  leaveUnsettled,
  noClaims,
  noteAsked as noteAskedIn,
  openClaim,
  settleWaybill,
  unsettledPassesOf,
  type ClaimRequest,
  type WaybillState,
} from "./claims.ts";

/**
 * Answers the lines' claims (law 1): judged and taken at once. A grant is told only when it is
 * durable, a refusal at once (law 12). A contested waybill is told to all lines that ask for it as
 * not releasable, so that the pass that holds the claim is doubted too as long as it can be helped.
 */
export interface ClaimDesk {
  ask(request: ClaimRequest): void;
  /** More is heard of these lines: what they asked meanwhile is judged now, as far as it may be. */
  answerWaiting(isOf: (lineId: string) => boolean): void;
  /**
   * A line's journal tells what it was answered, in order. What is not known here was answered before
   * a backup of the centre's records was put back, and it holds all the same. `isChainOver`: nobody
   * will hear how the pass ends.
   */
  learn(request: ClaimRequest, why: LearntAnswer, isChainOver: boolean): void;
  /** Something that was learnt waits for its documents: it has had no effect yet. */
  isLearning(): boolean;
  /** Several times a second: what could not be read is read again. */
  tick(): void;
  /** The pass is over, in the order of its line's journal, or by the word of `by`. */
  passEnded(passId: string, by?: Actor): void;
  /** Nobody will hear how the passes in these chains end: see `claims.ts`. */
  leaveUnsettled(isOver: (chain: string) => boolean): void;
  /** A person knows what became of it. */
  settle(waybill: string): void;
  unsettled(): readonly UnsettledWaybill[];
  unsettledPassesOf(chain: string): readonly string[];
  /** What passes that are not over have asked for. */
  asked(): readonly AskedClaim[];
  /** Of a pass that has asked and is not over. */
  lineOf(passId: string): string | null;
  /** The record as the lines have to see it. */
  seenByLines(record: ClearanceRecord): ClearanceRecord;
  /** All that it holds, for `restoreHeld`. */
  held(): ClaimsHeld;
  /** Before any act is restored. */
  restoreHeld(held: ClaimsHeld): void;
  restore(act: RestoredClaimAct): void;
  /** All that the lines had told by then has had its effect in what was restored so far. */
  restoredUpTo(): void;
  /** Reads what the documents say of all that was asked; false where the disk fails. */
  restored(): Promise<boolean>;
  counters(): ClaimCounters;
}

export type AskedClaim = Pick<ClaimRequest, "lineId" | "passId" | "waybill">;

export interface UnsettledWaybill {
  readonly waybill: string;
  readonly passes: readonly { readonly passId: string; readonly lineId: string }[];
}

/** Null for a grant; other refusals leave nothing behind. */
export type LearntAnswer = "claimedElsewhere" | null;

type RestoredClaimAct =
  | CentreActOf<"claim">
  | CentreActOf<"claimAsked">
  | CentreActOf<"claimEnded">
  | CentreActOf<"settled">;

export interface ClaimDeskOptions {
  readonly documents: Pick<DocumentDesk, "look" | "watch" | "watchAll" | "unwatch" | "watched">;
  /** So many releases of the waybill were told, beside those that its documents show. */
  readonly releasesUnjudged: (waybill: string) => number;
  readonly acts: Pick<ActLog, "write">;
  /** A pass that is over can hold nothing, however late its claim arrives. */
  readonly isPassOver: (pass: AskingPass) => boolean;
  /** False while nobody hears what the line does, or has heard of the pass's session: it waits. */
  readonly mayClaim: (pass: AskingPass) => boolean;
  /** The journal that tells how a pass of this line ends; for acts of before they said so. */
  readonly chainOf: (lineId: string) => string;
  /** `isHeld`: its line is told of every change to this waybill, until `onPassEnded`. */
  readonly answer: (answer: ClaimAnswer, isHeld: boolean) => void;
  /** A pass that has asked is over: its line needs to hear no more of what it asked for. */
  readonly onPassEnded: (lineId: string, passId: string) => void;
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
  /** Answers that only a line's journal told of. */
  readonly learnedTotal: number;
}

/** What a line's journal has told, until its documents are read. */
interface Learnt {
  readonly request: ClaimRequest;
  readonly why: LearntAnswer;
  readonly isChainOver: boolean;
  /** Its pass ended meanwhile, by whose word. */
  ended: Actor | null;
}

/** As many as a clearance record may name. */
const recordReasonsMax = 20;
/** Passes whose claim waits until their line is heard again; the oldest give way, unanswered. */
const waitingMax = 4_000;

export function createClaimDesk(options: ClaimDeskOptions): ClaimDesk {
  const { documents, acts } = options;
  const claims = noClaims();
  const waiting = new Map<string, ClaimRequest>();
  const totals = { grantedTotal: 0, refusedTotal: 0, contestedTotal: 0, learnedTotal: 0 };
  const learning: Learnt[] = [];
  let isLookedAt = false;
  /** Passes that ended in an earlier run, of whose claims the lines may tell once more. */
  const over = new Set<string>();
  /** Waybills of which a person has said what became. */
  const settled = new Set<string>();

  const answer = (request: ClaimRequest, why: ClaimAnswer["why"], isHeld = true): void => {
    if (why === null) totals.grantedTotal += 1;
    else totals.refusedTotal += 1;
    const { lineId, passId, waybill } = request;
    const granted = why === null;
    options.answer({ kind: "claimAnswer", lineId, passId, waybill, granted, why }, isHeld);
  };

  const isReleased = (waybill: string, view: WaybillView | null): boolean =>
    view !== null && isReleasedIn(view, options.releasesUnjudged(waybill));

  const standingIn = (waybill: string, view: WaybillView): WaybillState => {
    if (view.manifest === null) return "unknown";
    return isReleased(waybill, view) ? "released" : "open";
  };

  /** True when this pass had not asked for it before. */
  const noteAsked = (request: ClaimRequest, view: WaybillView): boolean => {
    const isNew = noteAskedIn(claims, request);
    if (isNew) documents.watch(request.waybill, view);
    return isNew;
  };

  const forgetAsked = (asked: { readonly waybills: ReadonlySet<string> } | undefined): void => {
    for (const waybill of asked?.waybills ?? []) documents.unwatch(waybill);
  };

  /** A grant that is not durable is not told, nor one whose pass is over by then. */
  const grant = (request: ClaimRequest): void => {
    acts.write(
      { kind: "claim", ...request, granted: true, why: null },
      centreItself,
      (isDurable) => {
        if (isDurable && claims.asked.has(request.passId)) answer(request, null);
      },
    );
  };

  /** While the released pass is on its belt, its own release is no reason against it. */
  const reasonOf = (
    waybill: string,
  ): "claimedElsewhere" | "alreadyReleased" | "outcomeUnknown" | null => {
    if (claims.unsettled.has(waybill)) return "outcomeUnknown";
    if (isContested(claims, waybill)) return "claimedElsewhere";
    if (claims.openByWaybill.has(waybill)) return null;
    return isReleased(waybill, documents.watched(waybill)) ? "alreadyReleased" : null;
  };

  /** That it was asked for outlives the centre, whatever the answer is. */
  const note = (request: ClaimRequest, view: WaybillView): void => {
    if (noteAsked(request, view)) acts.write({ kind: "claimAsked", ...request }, centreItself);
  };

  const judge = (request: ClaimRequest, view: WaybillView): void => {
    const outcome = judgeClaim(claims, request, standingIn(request.waybill, view));
    if (outcome.kind === "granted") {
      noteAsked(request, view);
      if (!outcome.isRepeat) openClaim(claims, request);
      return grant(request);
    }
    if (outcome.why !== "claimedElsewhere") {
      note(request, view);
      return answer(request, outcome.why);
    }
    noteAsked(request, view);
    contest(request);
    answer(request, outcome.why);
    acts.write({ kind: "claim", ...request, granted: false, why: outcome.why }, centreItself);
  };

  /** True when the waybill was not contested before. */
  const contest = (request: ClaimRequest): boolean => {
    const isNews = contestClaim(claims, request);
    if (isNews) totals.contestedTotal += 1;
    if (isNews) options.onContestChanged(request.waybill);
    return isNews;
  };

  const isKnown = ({ passId, waybill }: ClaimRequest, why: LearntAnswer): boolean =>
    claims.unsettledByPass.get(passId)?.waybills.has(waybill) === true ||
    (why === null
      ? claims.openByPass.get(passId)?.waybill === waybill
      : claims.contestedByPass.get(passId)?.has(waybill) === true);

  const take = (request: ClaimRequest, answered: LearntAnswer, view: WaybillView): void => {
    // Papers may be lost as well: that they are unknown here is no reason against a grant. Its own
    // release was told behind it, and so was any that is not judged yet.
    const state = isReleasedIn(viewBefore(view, request.passId)) ? "released" : "open";
    const outcome = answered === null ? judgeClaim(claims, request, state) : null;
    if (outcome?.kind === "refused" && outcome.why !== "claimedElsewhere") {
      return note(request, view);
    }
    const why = outcome?.kind === "granted" ? null : "claimedElsewhere";
    noteAsked(request, view);
    if (why === null) openClaim(claims, request);
    else if (!contest(request) && !isKnown(request, why)) return;
    totals.learnedTotal += 1;
    acts.write({ kind: "claim", ...request, granted: why === null, why }, centreItself);
    if (why === null) options.onContestChanged(request.waybill);
  };

  const wait = (request: ClaimRequest, view: WaybillView): void => {
    note(request, view);
    waiting.delete(request.passId);
    waiting.set(request.passId, request);
    const [oldest] = waiting.keys();
    if (waiting.size > waitingMax && oldest !== undefined) waiting.delete(oldest);
  };

  /** What came meanwhile counts, and a pass that cannot be judged now asks again. */
  const ask = (request: ClaimRequest): void =>
    documents.look(request.waybill, (view) => {
      if (options.isPassOver(request)) return answer(request, "claimedElsewhere", false);
      if (view === null) return;
      if (options.mayClaim(request) && !isBeingLearnt(request.waybill)) judge(request, view);
      else wait(request, view);
    });

  /** A line's journal has told who was granted it, or to whom it was refused: that comes first. */
  const isBeingLearnt = (waybill: string): boolean =>
    learning.some(({ request }) => request.waybill === waybill);

  const answerThose = (isOne: (request: ClaimRequest) => boolean): void => {
    for (const request of [...waiting.values()].filter(isOne)) {
      const isOver = options.isPassOver(request);
      if (!isOver && !options.mayClaim(request)) continue;
      waiting.delete(request.passId);
      if (!isOver) ask(request);
    }
  };

  const learnNow = (told: Learnt, view: WaybillView): void => {
    const { request, why, isChainOver } = told;
    const { waybill, chain } = request;
    take(request, why, view);
    if (!isChainOver) return;
    leave((each) => each === chain);
    options.onContestChanged(waybill);
  };

  /** One after the other, because what the first leaves is known to the next. */
  const learnNext = (): void => {
    const [told] = learning;
    if (told === undefined || isLookedAt) return;
    isLookedAt = true;
    documents.look(told.request.waybill, (view) => {
      isLookedAt = false;
      // Read again with the next tick: nothing that was told is left out.
      if (view === null || learning[0] !== told) return;
      learning.shift();
      const { passId } = told.request;
      if (!isKnown(told.request, told.why)) learnNow(told, view);
      if (told.ended !== null && !learning.some(({ request }) => request.passId === passId)) {
        passEnded(passId, told.ended);
      }
      const { waybill } = told.request;
      if (!isBeingLearnt(waybill)) answerThose((request) => request.waybill === waybill);
      learnNext();
    });
  };

  const leave = (isOver: (chain: string) => boolean): void => {
    for (const [passId, { chain }] of waiting) if (isOver(chain)) waiting.delete(passId);
    const before = [...claims.asked];
    const waybills = leaveUnsettled(claims, isOver);
    for (const [passId, asked] of before) {
      if (claims.asked.has(passId)) continue;
      forgetAsked(asked);
      options.onPassEnded(asked.lineId, passId);
    }
    for (const waybill of waybills) options.onContestChanged(waybill);
  };

  const passEnded = (passId: string, by: Actor): void => {
    const told = learning.findLast(({ request }) => request.passId === passId);
    if (told !== undefined) {
      told.ended = by;
      return;
    }
    if (!claims.asked.has(passId) && !claims.unsettledByPass.has(passId)) return;
    waiting.delete(passId);
    const asked = claims.asked.get(passId);
    const freed = endPass(claims, passId);
    acts.write({ kind: "claimEnded", passId }, by);
    forgetAsked(asked);
    if (asked !== undefined) options.onPassEnded(asked.lineId, passId);
    for (const waybill of freed) options.onContestChanged(waybill);
  };

  return {
    ask,
    answerWaiting: (isOf) => answerThose(({ lineId }) => isOf(lineId)),
    learn: (request, why, isChainOver) => {
      const { passId, waybill } = request;
      // A journal tells of an answer before it tells how its pass ended, and each of them once: that the
      // session is over by now, and its chain, says nothing of how that pass ended.
      if (isKnown(request, why) || over.has(passId)) return;
      if (isChainOver && settled.has(waybill)) return;
      learning.push({ request, why, isChainOver, ended: null });
      if (learning.length === 1) learnNext();
    },
    isLearning: () => learning.length > 0,
    tick: learnNext,
    passEnded: (passId, by = centreItself) => passEnded(passId, by),
    leaveUnsettled: leave,
    settle: (waybill) => {
      settled.add(waybill);
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
    unsettledPassesOf: (chain) => unsettledPassesOf(claims, chain),
    asked: () =>
      [...claims.asked].flatMap(([passId, { lineId, waybills }]) =>
        [...waybills].map((waybill) => ({ lineId, passId, waybill })),
      ),
    lineOf: (passId) => claims.asked.get(passId)?.lineId ?? null,
    seenByLines: (record) => {
      const code = reasonOf(record.waybill);
      if (code === null) return record;
      const reasons = [{ code }, ...record.reasons.slice(0, recordReasonsMax - 1)];
      return { ...record, standing: "notReleasable", reasons };
    },
    held: () => claimsHeld(claims, settled),
    restoreHeld: (held) => {
      restoreClaimsHeld(claims, held);
      for (const waybill of held.settled) settled.add(waybill);
    },
    restore: (act) => {
      if (act.kind === "claimEnded") {
        over.add(act.passId);
        return void endPass(claims, act.passId);
      }
      if (act.kind === "settled") {
        settled.add(act.waybill);
        return settleWaybill(claims, act.waybill);
      }
      const { lineId, passId, waybill, chain = options.chainOf(lineId) } = act;
      const request = { lineId, passId, waybill, chain };
      noteAskedIn(claims, request);
      if (act.kind === "claimAsked") return;
      if (act.granted) openClaim(claims, request);
      else if (act.why === "claimedElsewhere") contestClaim(claims, request);
    },
    restoredUpTo: () => over.clear(),
    restored: () =>
      documents.watchAll([...claims.asked.values()].flatMap((asked) => [...asked.waybills])),
    counters: () => ({
      ...totals,
      open: claims.openByPass.size,
      waiting: waiting.size,
      unsettled: claims.unsettled.size,
    }),
  };
}
