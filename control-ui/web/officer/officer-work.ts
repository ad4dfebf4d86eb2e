import { batch, signal, type Signal } from "@preact/signals";
import type { TaskView } from "../../../protocols/ui/scene.ts";
import type { Panel } from "../../../protocols/ui/http.ts";
import { epochMs } from "../../../protocols/units.ts";
import { problemText } from "../../../protocols/words/problem-text.ts";
import { lockTask, postDecision, type Answer } from "../http/api.ts";
import { randomId } from "../shell/random-id.ts";
import { live, voice, type Profile } from "../shell/site.ts";
import { loadImage } from "../xray/image-cache.ts";
import type { PreparedImage } from "../xray/prepared-image.ts";
import type { Choice } from "./decision-keys.ts";
import type { QueueEntry } from "./queue.ts";

/**
 * One officer's work, one parcel at a time. Image and declaration are one value and are shown or
 * removed together, so no frame can show one parcel's image beside another's words (HMI X10).
 */
export type WorkView =
  | { readonly kind: "empty" }
  | { readonly kind: "taking"; readonly taskId: string }
  | { readonly kind: "showing"; readonly shown: Shown; readonly isSending: boolean }
  | { readonly kind: "expired"; readonly waybill: string | null }
  | { readonly kind: "failed"; readonly taskId: string; readonly why: string };

export interface Shown {
  readonly panel: Panel;
  readonly task: TaskView;
  readonly image: PreparedImage;
  /** The centre's clock when both were first painted; null until then. */
  readonly shownAt: number | null;
  /** The same moment by the page's own clock, which nobody sets. */
  readonly paintedAtMs: number | null;
}

/** What became of the last decision, kept on screen beside the next image. */
export interface Note {
  readonly isGood: boolean;
  readonly text: string;
}

/** Presses this soon after an image came were meant for the one before (HMI X6). */
export const pressGuardMs = 400;
const expiredShownMs = 3_000;
/** A task that could not be taken is not tried again for this long. */
const failedRestMs = 3_000;
/**
 * With less time than this left nobody can judge an image. The task is then not taken by itself,
 * but somebody may still choose it.
 */
const secondsMin = 3;

export class OfficerWork {
  readonly view: Signal<WorkView> = signal({ kind: "empty" });
  readonly note: Signal<Note | null> = signal(null);
  readonly guardedTotal = signal(0);
  readonly #resting = new Map<string, number>();
  #renewAt = 0;
  /** The site has told that the image on screen is held for us. */
  #isHeld = false;

  /** Called often with the queue as it is: takes, renews, and notices what has gone. */
  tend(queue: readonly QueueEntry[], profile: Profile): void {
    const view = this.view.peek();
    switch (view.kind) {
      case "empty": {
        const next = this.#mostUrgent(queue, profile);
        if (next !== null) void this.#take(next.task, profile);
        const following = queue.find((entry) => entry !== next);
        if (following !== undefined) void loadImage(following.task.imageHash);
        return;
      }
      case "showing":
        return this.#watch(view, queue, profile);
      case "taking":
      case "expired":
      case "failed":
        return;
    }
  }

  /** Takes another waiting image by choice; the present one goes back when its lease runs out. */
  choose(task: TaskView, profile: Profile): void {
    const view = this.view.peek();
    if (view.kind === "taking" || (view.kind === "showing" && view.isSending)) return;
    void this.#take(task, profile);
  }

  next(): void {
    this.view.value = { kind: "empty" };
  }

  /** The image and its declaration have just been painted. */
  painted(shown: Shown): void {
    const view = this.view.peek();
    if (view.kind !== "showing" || view.shown !== shown || shown.shownAt !== null) return;
    const now = { shownAt: Math.round(live.now()), paintedAtMs: performance.now() };
    this.view.value = { ...view, shown: { ...shown, ...now } };
  }

  decide(choice: Choice, profile: Profile): void {
    const view = this.view.peek();
    if (view.kind !== "showing" || view.isSending) return;
    const { paintedAtMs } = view.shown;
    const shownMs = paintedAtMs === null ? 0 : Math.floor(performance.now() - paintedAtMs);
    if (shownMs < pressGuardMs) {
      this.guardedTotal.value += 1;
      return;
    }
    // The centre's calendar may have been set since it was painted; time that passed is the same.
    const decidedAt = Math.round(live.now());
    void this.#send(view.shown, choice, { profile, shownAt: decidedAt - shownMs, decidedAt });
  }

  #mostUrgent(queue: readonly QueueEntry[], profile: Profile): QueueEntry | null {
    const nowMs = performance.now();
    const isFree = ({ task, left }: QueueEntry): boolean =>
      (left.seconds ?? Infinity) >= secondsMin &&
      (task.lockedBy === null || task.lockedBy === profile.officer) &&
      nowMs >= (this.#resting.get(task.taskId) ?? 0);
    return queue.find(isFree) ?? null;
  }

  async #take(task: TaskView, profile: Profile): Promise<void> {
    const { taskId } = task;
    this.view.value = { kind: "taking", taskId };
    this.#isHeld = false;
    const [lock, image] = await Promise.all([lockTask(taskId, profile), loadImage(task.imageHash)]);
    const isStill = (): boolean => {
      const view = this.view.peek();
      return view.kind === "taking" && view.taskId === taskId;
    };
    if (!isStill()) return;
    if (lock.kind !== "ok") return this.#fail(taskId, whyNot(lock));
    // The image may have been replaced while the lock was asked for.
    const panel = lock.value;
    const shownImage =
      panel.imageHash === task.imageHash ? image : await loadImage(panel.imageHash);
    if (!isStill()) return;
    if (shownImage === null) {
      return this.#fail(taskId, voice.peek().say("ui", "taskImageFailed"));
    }
    this.#renewAt = performance.now() + panel.leaseMs / 2;
    const shown = { panel, task, image: shownImage, shownAt: null, paintedAtMs: null };
    this.view.value = { kind: "showing", shown, isSending: false };
  }

  #fail(taskId: string, why: string): void {
    this.#rest(taskId);
    this.view.value = { kind: "failed", taskId, why };
    setTimeout(() => {
      const view = this.view.peek();
      if (view.kind === "failed" && view.taskId === taskId) this.next();
    }, failedRestMs);
  }

  #rest(taskId: string): void {
    const nowMs = performance.now();
    for (const [id, until] of this.#resting) if (until < nowMs) this.#resting.delete(id);
    this.#resting.set(taskId, nowMs + failedRestMs);
  }

  #watch(
    view: Extract<WorkView, { kind: "showing" }>,
    queue: readonly QueueEntry[],
    profile: Profile,
  ): void {
    const { task, panel } = view.shown;
    const now = queue.find((entry) => entry.task.taskId === task.taskId);
    if (now === undefined) {
      // Our own decision removes the task as well; in that case the decision's answer says what
      // happened.
      if (!view.isSending) this.#expire(task);
      return;
    }
    const isLost = this.#isHeld && now.task.lockedBy === null;
    // A centre that was started anew holds nothing; an algorithm that objects asks for a new look.
    if ((now.task.imageHash !== panel.imageHash || isLost) && !view.isSending) {
      return void this.#take(now.task, profile);
    }
    this.#isHeld = now.task.lockedBy !== null;
    if (performance.now() < this.#renewAt) return;
    this.#renewAt = performance.now() + panel.leaseMs / 2;
    void lockTask(task.taskId, profile);
  }

  #expire(task: TaskView): void {
    this.view.value = { kind: "expired", waybill: task.waybill };
    setTimeout(() => {
      if (this.view.peek().kind === "expired") this.next();
    }, expiredShownMs);
  }

  async #send(
    shown: Shown,
    choice: Choice,
    by: { readonly profile: Profile; readonly shownAt: number; readonly decidedAt: number },
  ): Promise<void> {
    this.view.value = { kind: "showing", shown, isSending: true };
    const { taskId, passId, imageHash } = shown.panel;
    const answer = await postDecision({
      cmdId: randomId(),
      taskId,
      passId,
      imageHash,
      decision: choice.decision,
      reason: choice.reason,
      officer: by.profile.officer,
      station: by.profile.station,
      shownAt: epochMs(by.shownAt),
      decidedAt: epochMs(by.decidedAt),
    });
    batch(() => {
      this.note.value = noteOf(answer, shown, choice);
      this.#rest(taskId);
      this.next();
    });
  }
}

function noteOf(
  answer: Awaited<ReturnType<typeof postDecision>>,
  shown: Shown,
  choice: Choice,
): Note {
  const { say } = voice.peek();
  const waybill = shown.panel.manifest?.waybill ?? shown.task.waybill ?? shown.panel.passId;
  const text = (words: string): string => `${waybill} · ${words}`;
  if (answer.kind === "unreachable" || answer.kind === "unreadable") {
    return { isGood: false, text: text(say("ui", "decisionNoAnswer")) };
  }
  if (answer.kind === "refused") {
    return { isGood: false, text: text(say("ui", "notDecided", { why: whyNot(answer) })) };
  }
  const { accepted, why } = answer.value;
  if (accepted) {
    const decision = say("decision", choice.decision);
    return { isGood: true, text: text(say("ui", "decided", { decision })) };
  }
  const words = why === null ? "" : say("decisionRefusal", why);
  return { isGood: false, text: text(say("ui", "notDecided", { why: words })) };
}

/** A failed request in words, for whoever waits for it. */
export function whyNot(answer: Exclude<Answer<unknown>, { kind: "ok" }>): string {
  const { say } = voice.peek();
  switch (answer.kind) {
    case "refused":
      return problemText(answer.problem, voice.peek());
    case "unreachable":
      return say("ui", "centreUnreachable");
    case "unreadable":
      return say("ui", "answerInvalid");
  }
}
