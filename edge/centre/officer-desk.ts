import type { z } from "zod";
import type { StampedFact } from "../../protocols/facts.ts";
import type { Clock } from "../../protocols/time.ts";
import type { zDecisionAnswer, zDecisionRequest, zLockRequest } from "../../protocols/ui/http.ts";
import type { ManifestView, Panel } from "../../protocols/ui/http.ts";
import type { TaskView } from "../../protocols/ui/scene.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import type { BeltCount, MonotonicMs } from "../../protocols/units.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import type { CentreAct } from "./acts.ts";
import { lastUsefulMm, type CentreConfig, type CentreLineConfig } from "./config.ts";
import { openPassesOf, type PassBook, type PassState } from "./passes.ts";

/**
 * Officers' work on images (HMI S9): one task an image that needs a person, a lock with a lease so
 * that two officers never decide the same parcel (X11), and the decision with its guards (X6). The
 * centre guards by its own knowledge of image and belt; the line has the last word on whether an
 * answer came in time. Every act is journalled before anybody is told of it.
 */
export interface OfficerDesk {
  readonly tasks: ReadonlyMap<string, TaskView>;
  /** With each fact about a pass, after the pass book has taken it. */
  onFact(stamped: StampedFact, pass: PassState): void;
  /** An image is in the store now. Tasks wait for it: a panel without image helps nobody (X10). */
  onImageStored(imageHash: string): void;
  lock(taskId: string, request: LockRequest): Promise<LockAnswer>;
  decide(request: DecisionRequest): Promise<DecisionAnswer>;
  /** A task for any pass on a belt that has an image, because somebody wants to look. */
  openTask(passId: string, by: LockRequest): Promise<OpenTaskAnswer>;
  /** The last panel of a station is gone, and its locks with it. */
  onStationGone(station: string): void;
  /** Several times a second: what is past its last useful point goes, verdicts go again. */
  tick(): void;
  counters(): Readonly<Record<OfficerCounter, number>>;
  /** From the journal, before the facts are told again. */
  restoreDecision(verdict: OfficerVerdict): void;
  restoreAsked(passId: string): void;
  /** The facts have been told: what concerns passes that are over is forgotten. */
  restored(): void;
}

export type LockRequest = z.infer<typeof zLockRequest>;
export type DecisionRequest = z.infer<typeof zDecisionRequest>;
export type DecisionAnswer = z.infer<typeof zDecisionAnswer>;
export type DecisionRefusal = NonNullable<DecisionAnswer["why"]>;

export type LockAnswer =
  | { readonly kind: "panel"; readonly panel: Panel }
  | { readonly kind: "refused"; readonly why: "unknownTask" | "lockedByOther" | "notJournalled" };

export type OpenTaskAnswer =
  | { readonly kind: "opened"; readonly taskId: string }
  | { readonly kind: "refused"; readonly why: OpenTaskRefusal };
export type OpenTaskRefusal = "unknownPass" | "noImage" | "tooLate" | "answered" | "notJournalled";

export interface OfficerDeskOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly passes: PassBook;
  readonly countNow: (lineId: string) => BeltCount | null;
  readonly isLineHeard: (lineId: string) => boolean;
  readonly isImageStored: (imageHash: string) => boolean;
  readonly manifestOf: (waybill: string) => ManifestView | null;
  /** Resolves true once the act is durable. */
  readonly journal: (act: CentreAct, by: LockRequest) => Promise<boolean>;
  readonly sendVerdict: (verdict: OfficerVerdict) => boolean;
  readonly onTaskChanged: (taskId: string) => void;
}

const officerCounters = [
  "tasksTotal",
  "decisionsTotal",
  "expiredTotal",
  "imageChangedTotal",
  "tooLateTotal",
  "lockedByOtherTotal",
  "tooSoonTotal",
  "unknownTaskTotal",
  "lineNotHeardTotal",
] as const;
export type OfficerCounter = (typeof officerCounters)[number];

export const tasksMax = 5_000;
/** Answers kept for repeats of a `cmdId`. */
export const answersKeptMax = 10_000;
/** A verdict that the line has not confirmed goes again so often. */
const verdictEveryMs = 2_000;

interface Lock {
  readonly officer: string;
  readonly station: string;
  expiresAt: MonotonicMs;
}

interface Pending {
  readonly verdict: OfficerVerdict;
  sentAt: MonotonicMs;
}

export function createOfficerDesk(options: OfficerDeskOptions): OfficerDesk {
  const { clock, config } = options;
  const lines = new Map(config.lines.map((line) => [line.id, line]));
  const tasks = new Map<string, TaskView>();
  const locks = new Map<string, Lock>();
  /** Passes whose decision is being journalled. */
  const deciding = new Set<string>();
  const pending = new Map<string, Pending>();
  const answers = new Map<string, Promise<DecisionAnswer>>();
  const asked = new Set<string>();
  const counts = Object.fromEntries(officerCounters.map((name) => [name, 0])) as Record<
    OfficerCounter,
    number
  >;

  const put = (task: TaskView): void => {
    tasks.set(task.taskId, task);
    options.onTaskChanged(task.taskId);
  };

  const drop = (taskId: string): void => {
    locks.delete(taskId);
    if (tasks.delete(taskId)) options.onTaskChanged(taskId);
  };

  const setLock = (taskId: string, lock: Lock | null): void => {
    if (lock === null) locks.delete(taskId);
    else locks.set(taskId, lock);
    const task = tasks.get(taskId);
    if (task !== undefined) put({ ...task, lockedBy: lock?.officer ?? null });
  };

  /** The lock that counts now; one whose lease has run out does not. */
  const lockOf = (taskId: string): Lock | null => {
    const lock = locks.get(taskId);
    if (lock === undefined) return null;
    if (clock.monotonic() < lock.expiresAt) return lock;
    setLock(taskId, null);
    return null;
  };

  const isPast = (lineId: string, lastUsefulCount: BeltCount): boolean => {
    const count = options.countNow(lineId);
    return count !== null && count > lastUsefulCount;
  };

  /** Makes, changes or removes the task of a pass, as its state now demands. */
  const review = (pass: PassState): void => {
    const { passId, lineId, imageHash, frontCount } = pass;
    const line = lines.get(lineId);
    if (line === undefined || pass.isEnded || pending.has(passId) || pass.officer !== null) {
      return drop(passId);
    }
    if (imageHash === null || frontCount === null) return;
    const why = whyOfficer(line, pass, asked.has(passId));
    if (why === null || !options.isImageStored(imageHash)) return;
    const lastUsefulCount = lastUsefulCountOf(line, frontCount);
    const known = tasks.get(passId);
    if (known === undefined && (isPast(lineId, lastUsefulCount) || tasks.size >= tasksMax)) return;
    if (known === undefined) counts.tasksTotal += 1;
    // Whoever looks at the old image has to look again.
    if (known !== undefined && known.imageHash !== imageHash) locks.delete(passId);
    const lockedBy = locks.get(passId)?.officer ?? null;
    const { waybill } = pass;
    put({ taskId: passId, lineId, passId, waybill, imageHash, why, lastUsefulCount, lockedBy });
  };

  const panelOf = (task: TaskView): Panel => {
    const pass = options.passes.byId.get(task.passId);
    const { taskId, lineId, passId, imageHash, lastUsefulCount, waybill } = task;
    return {
      taskId,
      lineId,
      passId,
      imageHash,
      boxes: [...(pass?.algorithm?.boxes ?? [])],
      lastUsefulCount,
      weightG: pass?.weightG ?? null,
      manifest: waybill === null ? null : options.manifestOf(waybill),
      leaseMs: config.officers.lockLeaseMs,
    };
  };

  const lock = async (taskId: string, by: LockRequest): Promise<LockAnswer> => {
    const task = tasks.get(taskId);
    if (task === undefined) return { kind: "refused", why: "unknownTask" };
    const held = lockOf(taskId);
    const isOwn = held?.officer === by.officer && held.station === by.station;
    if (held !== null && !isOwn) return { kind: "refused", why: "lockedByOther" };
    const expiresAt = monotonicMs(clock.monotonic() + config.officers.lockLeaseMs);
    if (held !== null) held.expiresAt = expiresAt;
    else {
      // Taken before it is journalled, so that nobody else can take it meanwhile.
      const taken: Lock = { ...by, expiresAt };
      setLock(taskId, taken);
      const { passId, imageHash } = task;
      if (!(await options.journal({ kind: "lock", taskId, passId, imageHash }, by))) {
        if (locks.get(taskId) === taken) setLock(taskId, null);
        return { kind: "refused", why: "notJournalled" };
      }
    }
    const now = tasks.get(taskId);
    if (now === undefined) return { kind: "refused", why: "unknownTask" };
    return { kind: "panel", panel: panelOf(now) };
  };

  const refusalOf = (request: DecisionRequest): DecisionRefusal | null => {
    const task = tasks.get(request.taskId);
    if (task === undefined || task.passId !== request.passId) return whyNoTask(request);
    const held = lockOf(request.taskId);
    const isOwn = held?.officer === request.officer && held.station === request.station;
    if (deciding.has(task.passId) || (held !== null && !isOwn)) return "lockedByOther";
    if (task.imageHash !== request.imageHash) return "imageChanged";
    const afterShownMs = request.decidedAt - request.shownAt;
    if (afterShownMs < config.officers.decisionAfterShownMsMin) return "tooSoon";
    if (!options.isLineHeard(task.lineId)) return "lineNotHeard";
    return isPast(task.lineId, task.lastUsefulCount) ? "tooLate" : null;
  };

  /** A task that has just gone with its parcel is a late answer, not an unknown one. */
  const whyNoTask = (request: DecisionRequest): DecisionRefusal => {
    const pass = options.passes.byId.get(request.passId);
    const line = pass === undefined ? undefined : lines.get(pass.lineId);
    if (pass === undefined || line === undefined || pass.frontCount === null) return "unknownTask";
    if (pending.has(pass.passId) || pass.officer !== null) return "lockedByOther";
    const isOver = pass.isEnded || isPast(pass.lineId, lastUsefulCountOf(line, pass.frontCount));
    return isOver ? "tooLate" : "unknownTask";
  };

  const judge = async (request: DecisionRequest): Promise<DecisionAnswer> => {
    const { cmdId, taskId, passId, officer, station } = request;
    const refuse = (why: DecisionRefusal): DecisionAnswer => {
      counts[`${why}Total`] += 1;
      return { cmdId, accepted: false, why };
    };
    const why = refusalOf(request);
    const task = tasks.get(taskId);
    if (why !== null || task === undefined) return refuse(why ?? "unknownTask");
    const { imageHash, decision, reason, shownAt, decidedAt } = request;
    const verdict: OfficerVerdict = {
      verdictId: cmdId,
      lineId: task.lineId,
      passId,
      imageHash,
      decision,
      reason,
      officer,
      station,
      shownAt,
      decidedAt,
    };
    deciding.add(passId);
    const isDurable = await options.journal({ kind: "decision", taskId, verdict }, request);
    deciding.delete(passId);
    if (!isDurable) {
      answers.delete(cmdId);
      throw new NotJournalled();
    }
    counts.decisionsTotal += 1;
    pending.set(passId, { verdict, sentAt: clock.monotonic() });
    options.sendVerdict(verdict);
    drop(taskId);
    return { cmdId, accepted: true, why: null };
  };

  const remember = (cmdId: string, answer: Promise<DecisionAnswer>): Promise<DecisionAnswer> => {
    answers.set(cmdId, answer);
    const [oldest] = answers.keys();
    if (answers.size > answersKeptMax && oldest !== undefined) answers.delete(oldest);
    return answer;
  };

  const openTask = async (passId: string, by: LockRequest): Promise<OpenTaskAnswer> => {
    const refuse = (why: OpenTaskRefusal): OpenTaskAnswer => ({ kind: "refused", why });
    const pass = options.passes.byId.get(passId);
    const line = pass === undefined ? undefined : lines.get(pass.lineId);
    if (pass === undefined || line === undefined || pass.isEnded) return refuse("unknownPass");
    if (tasks.has(passId)) return { kind: "opened", taskId: passId };
    if (pass.imageHash === null || pass.frontCount === null) return refuse("noImage");
    if (!options.isImageStored(pass.imageHash)) return refuse("noImage");
    if (pending.has(passId) || pass.officer !== null) return refuse("answered");
    if (isPast(pass.lineId, lastUsefulCountOf(line, pass.frontCount))) return refuse("tooLate");
    if (!(await options.journal({ kind: "taskAsked", passId }, by))) {
      return refuse("notJournalled");
    }
    asked.add(passId);
    review(pass);
    return tasks.has(passId) ? { kind: "opened", taskId: passId } : refuse("tooLate");
  };

  const forget = (passId: string): void => {
    pending.delete(passId);
    asked.delete(passId);
    drop(passId);
  };

  const resend = (now: MonotonicMs): void => {
    for (const waiting of pending.values()) {
      if (now - waiting.sentAt < verdictEveryMs) continue;
      waiting.sentAt = now;
      options.sendVerdict(waiting.verdict);
    }
  };

  return {
    tasks,
    onFact: (stamped, pass) => {
      if (pass.isEnded) return forget(pass.passId);
      switch (stamped.fact.kind) {
        case "officerAnswered":
          pending.delete(pass.passId);
          return drop(pass.passId);
        case "inducted":
        case "identified":
        case "imaged":
        case "algorithmAnswered":
        case "reasonRaised":
          return review(pass);
        case "measured":
        case "notIdentified":
        case "weighed":
        case "claimAnswered":
        case "reasonDischarged":
        case "decided":
        case "commanded":
        case "aborted":
        case "left":
        case "lost":
        case "sessionOpened":
        case "lineState":
        case "deviceHealth":
        case "chute":
        case "alarm":
          return;
      }
    },
    onImageStored: (imageHash) => {
      for (const lineId of lines.keys()) {
        for (const pass of openPassesOf(options.passes, lineId)) {
          if (pass.imageHash === imageHash) review(pass);
        }
      }
    },
    lock,
    decide: (request) => answers.get(request.cmdId) ?? remember(request.cmdId, judge(request)),
    openTask,
    onStationGone: (station) => {
      for (const [taskId, held] of locks) if (held.station === station) setLock(taskId, null);
    },
    tick: () => {
      for (const task of tasks.values()) {
        lockOf(task.taskId);
        if (deciding.has(task.passId) || !isPast(task.lineId, task.lastUsefulCount)) continue;
        counts.expiredTotal += 1;
        drop(task.taskId);
      }
      resend(clock.monotonic());
    },
    counters: () => ({ ...counts }),
    restoreDecision: (verdict) => {
      pending.set(verdict.passId, { verdict, sentAt: clock.monotonic() });
      const answer = { cmdId: verdict.verdictId, accepted: true, why: null };
      void remember(verdict.verdictId, Promise.resolve(answer));
    },
    restoreAsked: (passId) => {
      asked.add(passId);
    },
    restored: () => {
      const isOver = (passId: string): boolean =>
        options.passes.byId.get(passId)?.isEnded !== false;
      for (const passId of pending.keys()) if (isOver(passId)) pending.delete(passId);
      for (const passId of asked) if (isOver(passId)) asked.delete(passId);
    },
  };
}

/** The journal did not take the act, so nothing was done; the caller may ask again. */
export class NotJournalled extends Error {
  constructor() {
    super("the centre's journal did not take the act");
    this.name = "NotJournalled";
  }
}

/** The count at which the front is where the last divert must be decided. */
export const lastUsefulCountOf = (line: CentreLineConfig, frontCount: BeltCount): BeltCount =>
  beltCount(Math.floor(frontCount + lastUsefulMm(line) / line.belt.mmPerCount));

/** Why this image needs a person; null when it does not. */
function whyOfficer(
  line: CentreLineConfig,
  pass: PassState,
  isAsked: boolean,
): TaskView["why"] | null {
  switch (pass.algorithm?.verdict) {
    case "suspect":
      return "suspect";
    case "unknown":
      return "unknown";
    case "clear":
    case undefined:
      break;
  }
  if (line.verdictBy !== "algorithm") return "officerRequired";
  // The algorithm's answer is overdue: only a person can give one now.
  if (pass.reasons.some(({ code }) => code === "verdictMissing")) return "unknown";
  return isAsked ? "sample" : null;
}
