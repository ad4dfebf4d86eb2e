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
  /**
   * So many of this waybill have not happened for the documents: the disk has failed them. One that is
   * under way is there for whoever looks at its waybill behind it.
   */
  failedOf(waybill: string): number;
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
  /** Of each waybill those that the disk has failed and that are not tried again yet. */
  const failed = new Map<string, number>();
  let added = 0;
  let waiting: { readonly upTo: number; readonly onKept: () => void }[] = [];

  const noteFailed = (waybill: string, by: 1 | -1): void => {
    const left = (failed.get(waybill) ?? 0) + by;
    if (left === 0) failed.delete(waybill);
    else failed.set(waybill, left);
  };

  const settle = (number: number): void => {
    owed.delete(number);
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
        noteFailed(release.waybill, 1);
        clock.schedule(monotonicMs(clock.monotonic() + againMs), () => {
          noteFailed(release.waybill, -1);
          attempt(number, { release, by });
        });
        return;
      }
      if (outcome.kind === "kept") options.onAnswer(outcome.answer);
      else options.onBug(outcome.thrown);
      settle(number);
    });

  return {
    add: (release, by) => {
      added += 1;
      const one = { release, by };
      owed.set(added, one);
      attempt(added, one);
    },
    failedOf: (waybill) => failed.get(waybill) ?? 0,
    whenKept: (then) => {
      if (owed.size === 0) then();
      else waiting.push({ upTo: added, onKept: then });
    },
    owed: () => owed.size,
  };
}
