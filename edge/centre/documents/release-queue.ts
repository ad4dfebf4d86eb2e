import type { Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { Release } from "../../clearance/events.ts";
import type { ActAnswer, DocumentDesk } from "./desk.ts";

/**
 * Releases that lines have told and the documents do not have durably yet. They have happened, so
 * that each is tried until the disk takes it, and counts meanwhile.
 */
export interface ReleaseQueue {
  add(release: Release, by: Actor): void;
  /** One of this waybill is owed. */
  isOwed(waybill: string): boolean;
  /** Called once when all that were added before are durable. */
  whenKept(then: () => void): void;
  owed(): number;
}

export interface ReleaseQueueOptions {
  readonly desk: Pick<DocumentDesk, "applyRelease">;
  readonly clock: Clock;
  readonly onAnswer: (answer: ActAnswer) => void;
  readonly onBug: (thrown: unknown) => void;
}

/** So long the disk is left alone after it has failed one. */
const againMs = 1_000;

interface Owed {
  readonly release: Release;
  readonly by: Actor;
}

export function createReleaseQueue(options: ReleaseQueueOptions): ReleaseQueue {
  const { desk, clock } = options;
  const owed = new Map<number, Owed>();
  /** Of each waybill how many. */
  const byWaybill = new Map<string, number>();
  let added = 0;
  let waiting: { readonly upTo: number; readonly onKept: () => void }[] = [];

  const settle = (number: number, { waybill }: Release): void => {
    owed.delete(number);
    const left = (byWaybill.get(waybill) ?? 1) - 1;
    if (left === 0) byWaybill.delete(waybill);
    else byWaybill.set(waybill, left);
    // They are numbered as they came, and the oldest stands first.
    const [oldest = Number.POSITIVE_INFINITY] = owed.keys();
    const due = waiting.filter(({ upTo }) => upTo < oldest);
    if (due.length === 0) return;
    waiting = waiting.filter(({ upTo }) => upTo >= oldest);
    for (const { onKept } of due) onKept();
  };

  const attempt = (number: number, { release, by }: Owed): void =>
    desk.applyRelease(release, by, (outcome) => {
      if (outcome.kind === "notKept") {
        const again = monotonicMs(clock.monotonic() + againMs);
        clock.schedule(again, () => attempt(number, { release, by }));
        return;
      }
      if (outcome.kind === "kept") options.onAnswer(outcome.answer);
      else options.onBug(outcome.thrown);
      settle(number, release);
    });

  return {
    add: (release, by) => {
      added += 1;
      const one = { release, by };
      owed.set(added, one);
      byWaybill.set(release.waybill, (byWaybill.get(release.waybill) ?? 0) + 1);
      attempt(added, one);
    },
    isOwed: (waybill) => byWaybill.has(waybill),
    whenKept: (then) => {
      if (owed.size === 0) then();
      else waiting.push({ upTo: added, onKept: then });
    },
    owed: () => owed.size,
  };
}
