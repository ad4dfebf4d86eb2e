import type { Actor } from "../../../protocols/actor.ts";
import type { StampedFact } from "../../../protocols/facts.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { Panel, Papers } from "../../../protocols/ui/http.ts";
import type { TaskView } from "../../../protocols/ui/scene.ts";
import type { BeltCount } from "../../../protocols/units.ts";
import type { OfficerVerdict } from "../../../protocols/verdicts.ts";
import type { OfferedAct } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";
import { lastUsefulCountOf, type CentreConfig, type CentreLineConfig } from "../config.ts";
import {
  createDecisionAnswers,
  type DecideAnswer,
  type DecisionAnswer,
  type DecisionAnswers,
  type DecisionRequest,
} from "./decision-answers.ts";
import { createImageLocks, type ImageLocks } from "./image-locks.ts";
import { openPassesOf, type PassBook, type PassState } from "../lines/passes.ts";
import { createVerdictOutbox, type VerdictOutbox } from "./verdict-outbox.ts";

/**
 * Officers' work on images (HMI S9): one task an image that needs a person, a lock with a lease so
 * that two officers never decide the same parcel (X11), and the decision with its guards (X6). Only
 * who holds the lock has seen image and declaration together, so only that decision counts. The
 * centre guards by its own knowledge of image, lock and belt; the line has the last word on whether
 * an answer came in time. Every act is journalled before anybody is told of it.
 */
export interface OfficerDesk {
  readonly tasks: ReadonlyMap<string, TaskView>;
  /** With each fact about a pass, after the pass book has taken it. */
  onFact(stamped: StampedFact, pass: PassState): void;
  /** It is on no belt any more, whatever became of it: there is nothing left to decide. */
  passGone(passId: string): void;
  /** An image is in the store now. Tasks wait for it: a panel without image helps nobody (X10). */
  onImageStored(imageHash: string): void;
  lock(taskId: string, by: Actor): Promise<LockAnswer>;
  decide(request: DecisionRequest, by: Actor): Promise<DecideAnswer>;
  /** A task for any pass on a belt that has an image, because somebody wants to look. */
  openTask(passId: string, by: Actor): Promise<OpenTaskAnswer>;
  /** The last panel of a station is gone, and its locks with it. */
  onStationGone(station: string): void;
  /** Several times a second: what is past its last useful point goes, verdicts go again. */
  tick(): void;
  counters(): Readonly<Record<OfficerCounter, number>>;
  /** From the journal, before the facts are told again. */
  restoreDecision(act: CentreActOf<"decision">): void;
  restoreAsked(passId: string): void;
  /** The facts have been told: what concerns passes that are over is forgotten. */
  restored(): void;
}

type DecisionRefusal = NonNullable<DecisionAnswer["why"]>;

type LockAnswer =
  | { readonly kind: "panel"; readonly panel: Panel }
  | { readonly kind: "refused"; readonly why: "unknownTask" | "lockedByOther" | "notJournalled" };

type OpenTaskAnswer =
  | { readonly kind: "opened"; readonly taskId: string }
  | { readonly kind: "refused"; readonly why: OpenTaskRefusal };
type OpenTaskRefusal = "unknownPass" | "noImage" | "tooLate" | "answered" | "notJournalled";

export interface OfficerDeskOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly passes: PassBook;
  readonly countNow: (lineId: string) => BeltCount | null;
  readonly isLineHeard: (lineId: string) => boolean;
  readonly isImageStored: (imageHash: string) => boolean;
  /** Null for one that is unknown, or cannot be read now. */
  readonly papersOf: (waybill: string) => Promise<Papers>;
  /** Resolves true once the act is durable. */
  readonly journal: (offered: OfferedAct) => Promise<boolean>;
  /** Resolves true once everything journalled before is durable. */
  readonly settled: () => Promise<boolean>;
  readonly sendVerdict: (verdict: OfficerVerdict) => void;
  readonly onTaskChanged: (taskId: string) => void;
}

const officerCounters = [
  "tasksTotal",
  "decisionsTotal",
  "expiredTotal",
  "imageChangedTotal",
  "tooLateTotal",
  "lockedByOtherTotal",
  "notLockedTotal",
  "tooSoonTotal",
  "unknownTaskTotal",
  "lineNotHeardTotal",
  "cmdIdReusedTotal",
  "alreadyDecidedTotal",
] as const;
type OfficerCounter = (typeof officerCounters)[number];

const tasksMax = 5_000;

export const createOfficerDesk = (options: OfficerDeskOptions): OfficerDesk => new Desk(options);

class Desk implements OfficerDesk {
  readonly tasks = new Map<string, TaskView>();
  readonly #options: OfficerDeskOptions;
  readonly #lines: ReadonlyMap<string, CentreLineConfig>;
  readonly #locks: ImageLocks;
  readonly #verdicts: VerdictOutbox;
  /** Passes whose decision is being journalled. */
  readonly #deciding = new Set<string>();
  readonly #answers: DecisionAnswers = createDecisionAnswers();
  /** Passes that somebody wants to look at. */
  readonly #asked = new Set<string>();
  readonly #totals = Object.fromEntries(officerCounters.map((name) => [name, 0])) as Record<
    OfficerCounter,
    number
  >;

  constructor(options: OfficerDeskOptions) {
    this.#options = options;
    this.#lines = new Map(options.config.lines.map((line) => [line.id, line]));
    this.#locks = createImageLocks(options.clock, options.config.officers.lockLeaseMs);
    this.#verdicts = createVerdictOutbox(options.clock, options.sendVerdict);
  }

  onFact({ fact }: StampedFact, pass: PassState): void {
    const { passId } = pass;
    if (pass.isEnded) this.passGone(passId);
    else if (fact.kind === "officerAnswered") {
      this.#verdicts.remove(passId);
      this.#drop(passId);
    } else if (factsThatMatter.has(fact.kind)) this.#review(pass);
  }

  passGone(passId: string): void {
    this.#verdicts.remove(passId);
    this.#asked.delete(passId);
    this.#drop(passId);
  }

  onImageStored(imageHash: string): void {
    for (const lineId of this.#lines.keys()) {
      for (const pass of openPassesOf(this.#options.passes, lineId)) {
        if (pass.imageHash === imageHash) this.#review(pass);
      }
    }
  }

  async lock(taskId: string, by: Actor): Promise<LockAnswer> {
    const task = this.tasks.get(taskId);
    if (task === undefined) return { kind: "refused", why: "unknownTask" };
    if (!this.#locks.isFree(taskId, by)) return { kind: "refused", why: "lockedByOther" };
    const isRenewal = this.#locks.holder(taskId) !== null;
    // Taken before it is journalled, so that nobody else can take it meanwhile.
    this.#locks.take(taskId, by);
    this.#tellLock(taskId);
    const { passId, imageHash } = task;
    // A renewal tells of a lock whose own record may still be under way.
    const isKept = isRenewal
      ? await this.#options.settled()
      : await this.#journal({ act: { kind: "lock", taskId, passId, imageHash }, actor: by });
    if (!isKept) {
      if (!isRenewal) this.#locks.free(taskId);
      this.#tellLock(taskId);
      return { kind: "refused", why: "notJournalled" };
    }
    const { waybill } = this.tasks.get(taskId) ?? task;
    const papers = waybill === null ? { manifest: null } : await this.#options.papersOf(waybill);
    const now = this.tasks.get(taskId);
    if (now === undefined) return { kind: "refused", why: "unknownTask" };
    // A new image or another label came meanwhile: the lock is taken anew.
    const isOther = this.#locks.heldMs(taskId, by) === null || now.waybill !== waybill;
    if (isOther) return this.lock(taskId, by);
    return { kind: "panel", panel: this.#panelOf(now, papers) };
  }

  async decide(request: DecisionRequest, by: Actor): Promise<DecideAnswer> {
    const known = this.#answers.recall(request);
    if (known === "reused") return this.#refuse(request.cmdId, "cmdIdReused");
    return known ?? this.#answers.keep(request, this.#judge(request, by));
  }

  async openTask(passId: string, by: Actor): Promise<OpenTaskAnswer> {
    const pass = this.#options.passes.byId.get(passId);
    if (pass === undefined) return { kind: "refused", why: "unknownPass" };
    const why = this.#whyNoTask(pass);
    if (why !== null) return { kind: "refused", why };
    if (this.tasks.has(passId)) return { kind: "opened", taskId: passId };
    if (!(await this.#journal({ act: { kind: "taskAsked", passId }, actor: by }))) {
      return { kind: "refused", why: "notJournalled" };
    }
    this.#asked.add(passId);
    // Stories of before a restart may have been read meanwhile: then the book has it as another object.
    this.#review(this.#options.passes.byId.get(passId) ?? pass);
    if (this.tasks.has(passId)) return { kind: "opened", taskId: passId };
    return { kind: "refused", why: "tooLate" };
  }

  onStationGone(station: string): void {
    for (const taskId of this.#locks.freeStation(station)) this.#tellLock(taskId);
  }

  tick(): void {
    for (const taskId of this.#locks.expire()) this.#tellLock(taskId);
    for (const { taskId, passId, lineId, lastUsefulCount } of this.tasks.values()) {
      if (this.#deciding.has(passId) || !this.#isPast(lineId, lastUsefulCount)) continue;
      this.#totals.expiredTotal += 1;
      this.#drop(taskId);
    }
    this.#verdicts.tick();
  }

  counters(): Readonly<Record<OfficerCounter, number>> {
    return { ...this.#totals };
  }

  restoreDecision({ taskId, verdict }: CentreActOf<"decision">): void {
    this.#verdicts.restore(verdict);
    const cmdId = verdict.verdictId;
    void this.#answers.keep({ ...verdict, cmdId, taskId }, Promise.resolve(accepted(cmdId)));
  }

  restoreAsked(passId: string): void {
    this.#asked.add(passId);
  }

  restored(): void {
    const isOver = (passId: string): boolean =>
      this.#options.passes.byId.get(passId)?.isEnded !== false;
    this.#verdicts.removeWhere(isOver);
    for (const passId of this.#asked) if (isOver(passId)) this.#asked.delete(passId);
  }

  /** Makes, changes or removes the task of a pass, as its state now demands. */
  #review(pass: PassState): void {
    const { passId, lineId, imageHash, frontCount, waybill } = pass;
    const line = this.#lines.get(lineId);
    if (line === undefined || pass.isEnded || this.#isAnswered(pass)) return this.#drop(passId);
    if (imageHash === null || frontCount === null) return;
    const why = whyOfficer(line, pass, this.#asked.has(passId));
    if (why === null || !this.#options.isImageStored(imageHash)) return;
    const lastUsefulCount = lastUsefulCountOf(line, frontCount);
    const known = this.tasks.get(passId);
    if (known === undefined) {
      if (this.#isPast(lineId, lastUsefulCount) || this.tasks.size >= tasksMax) return;
      this.#totals.tasksTotal += 1;
    } else if (known.imageHash !== imageHash || known.why !== why) {
      // Whoever looks at the old image, or does not know what the algorithm says, looks again.
      this.#locks.free(passId);
    }
    const lockedBy = this.#locks.holder(passId)?.name ?? null;
    this.#put({
      taskId: passId,
      lineId,
      passId,
      waybill,
      imageHash,
      why,
      lastUsefulCount,
      lockedBy,
    });
  }

  async #judge(request: DecisionRequest, by: Actor): Promise<DecideAnswer> {
    const { cmdId, taskId, passId } = request;
    const task = this.tasks.get(taskId);
    const why = this.#refusalOf(request, by, task);
    if (why !== null || task === undefined) {
      return this.#refuse(cmdId, why ?? "unknownTask");
    }
    const verdict = verdictOf(request, task.lineId);
    this.#deciding.add(passId);
    const isDurable = await this.#journal({
      act: { kind: "decision", taskId, verdict },
      actor: by,
      onFound: () => this.#countFound(request, verdict),
    });
    this.#deciding.delete(passId);
    if (!isDurable) {
      this.#answers.forget(cmdId);
      return { kind: "notJournalled" };
    }
    this.#count(taskId, verdict);
    return accepted(cmdId);
  }

  #count(taskId: string, verdict: OfficerVerdict): void {
    this.#totals.decisionsTotal += 1;
    this.#verdicts.post(verdict);
    this.#drop(taskId);
  }

  /** A decision that was said to be lost is in the journal: it counts, as it would after a restart. */
  #countFound(request: DecisionRequest, verdict: OfficerVerdict): void {
    const { cmdId, taskId, passId } = request;
    const pass = this.#options.passes.byId.get(passId);
    if (pass === undefined || pass.isEnded || this.#isAnswered(pass)) return;
    // What is being journalled will stand behind it, and is the officer's newer word.
    if (this.#deciding.has(passId)) return;
    void this.#answers.keep(request, Promise.resolve(accepted(cmdId)));
    this.#count(taskId, verdict);
  }

  #refuse(cmdId: string, why: DecisionRefusal): DecideAnswer {
    this.#totals[`${why}Total`] += 1;
    return { kind: "answered", answer: { cmdId, accepted: false, why } };
  }

  #refusalOf(
    request: DecisionRequest,
    by: Actor,
    task: TaskView | undefined,
  ): DecisionRefusal | null {
    if (task === undefined || task.passId !== request.passId) return this.#whyTaskIsGone(request);
    if (this.#deciding.has(task.passId)) return "alreadyDecided";
    if (!this.#locks.isFree(task.taskId, by)) return "lockedByOther";
    if (task.imageHash !== request.imageHash) return "imageChanged";
    const heldMs = this.#locks.heldMs(task.taskId, by);
    if (heldMs === null) return "notLocked";
    // The panel tells when it was painted; it cannot have been before it was handed out.
    const shownMs = Math.min(heldMs, request.decidedAt - request.shownAt);
    if (shownMs < this.#options.config.officers.decisionAfterShownMsMin) return "tooSoon";
    if (!this.#options.isLineHeard(task.lineId)) return "lineNotHeard";
    return this.#isPast(task.lineId, task.lastUsefulCount) ? "tooLate" : null;
  }

  /** A task that has just gone with its parcel makes a late answer, not an unknown one. */
  #whyTaskIsGone({ passId }: DecisionRequest): DecisionRefusal {
    const pass = this.#options.passes.byId.get(passId);
    const line = this.#lines.get(pass?.lineId ?? "");
    if (pass === undefined || line === undefined || pass.frontCount === null) return "unknownTask";
    if (this.#isAnswered(pass)) return "alreadyDecided";
    if (pass.isEnded) return "tooLate";
    const isPast = this.#isPast(pass.lineId, lastUsefulCountOf(line, pass.frontCount));
    return isPast ? "tooLate" : "unknownTask";
  }

  #whyNoTask(pass: PassState): OpenTaskRefusal | null {
    const line = this.#lines.get(pass.lineId);
    if (line === undefined || pass.isEnded) return "unknownPass";
    const { imageHash, frontCount } = pass;
    if (imageHash === null || frontCount === null) return "noImage";
    if (!this.#options.isImageStored(imageHash)) return "noImage";
    if (this.#isAnswered(pass)) return "answered";
    return this.#isPast(pass.lineId, lastUsefulCountOf(line, frontCount)) ? "tooLate" : null;
  }

  #isAnswered(pass: PassState): boolean {
    return pass.officer !== null || this.#verdicts.has(pass.passId);
  }

  #isPast(lineId: string, lastUsefulCount: BeltCount): boolean {
    const count = this.#options.countNow(lineId);
    return count !== null && count > lastUsefulCount;
  }

  #panelOf(task: TaskView, papers: Papers): Panel {
    const { taskId, lineId, passId, imageHash, lastUsefulCount } = task;
    const pass = this.#options.passes.byId.get(passId);
    return {
      taskId,
      lineId,
      passId,
      imageHash,
      boxes: [...(pass?.algorithm?.boxes ?? [])],
      lastUsefulCount,
      weightG: pass?.weightG ?? null,
      dimensionsMm: pass?.dimensionsMm ?? null,
      ...papers,
      leaseMs: this.#options.config.officers.lockLeaseMs,
    };
  }

  #tellLock(taskId: string): void {
    const task = this.tasks.get(taskId);
    const lockedBy = this.#locks.holder(taskId)?.name ?? null;
    if (task !== undefined && task.lockedBy !== lockedBy) this.#put({ ...task, lockedBy });
  }

  #put(task: TaskView): void {
    this.tasks.set(task.taskId, task);
    this.#options.onTaskChanged(task.taskId);
  }

  #drop(taskId: string): void {
    this.#locks.free(taskId);
    if (this.tasks.delete(taskId)) this.#options.onTaskChanged(taskId);
  }

  #journal(offered: OfferedAct): Promise<boolean> {
    return this.#options.journal(offered);
  }
}

const accepted = (cmdId: string): DecideAnswer => ({
  kind: "answered",
  answer: { cmdId, accepted: true, why: null },
});

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

const verdictOf = (request: DecisionRequest, lineId: string): OfficerVerdict => ({
  verdictId: request.cmdId,
  lineId,
  passId: request.passId,
  imageHash: request.imageHash,
  decision: request.decision,
  reason: request.reason,
  officer: request.officer,
  station: request.station,
  shownAt: request.shownAt,
  decidedAt: request.decidedAt,
});

/** After these a pass may need an officer, or need one for another reason. */
const factsThatMatter: ReadonlySet<string> = new Set([
  "inducted",
  "identified",
  "imaged",
  "algorithmAnswered",
  "reasonRaised",
]);
