import type { Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { Release } from "../../clearance/events.ts";
import type { ActAnswer, DocumentDesk, Then } from "./desk.ts";

/**
 * Releases that lines have told and the documents do not have durably yet. They have happened, so
 * that each is tried until the disk takes it, and counts meanwhile.
 */
export interface ReleaseQueue {
  add(release: Release, by: Actor): void;
  /**
   * So many of this waybill are not in its rows, as whoever looks at it sees them: on their way to be
   * judged, or failed by the disk.
   */
  unjudgedOf(waybill: string): number;
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
  /** Of each waybill those that its rows do not show. */
  const unjudged = new Map<string, number>();
  let added = 0;
  let waiting: { readonly upTo: number; readonly onKept: () => void }[] = [];

  const noteUnjudged = (waybill: string, by: 1 | -1): void => {
    const left = (unjudged.get(waybill) ?? 0) + by;
    if (left === 0) unjudged.delete(waybill);
    else unjudged.set(waybill, left);
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

  const attempt = (number: number, { release, by }: Owed): void => {
    const { waybill } = release;
    let isJudged = false;
    const onJudged = (): void => {
      isJudged = true;
      noteUnjudged(waybill, -1);
    };
    const take: Then<ActAnswer> = (outcome) => {
      if (outcome.kind === "kept") {
        options.onAnswer(outcome.answer);
        return settle(number);
      }
      if (isJudged) noteUnjudged(waybill, 1);
      // It stays owed: no checkpoint passes it, so that a restart hears of it again.
      if (outcome.kind === "bug") return options.onBug(outcome.thrown);
      clock.schedule(monotonicMs(clock.monotonic() + againMs), () =>
        attempt(number, { release, by }),
      );
    };
    desk.applyRelease(release, { by, onJudged }, take);
  };

  return {
    add: (release, by) => {
      added += 1;
      const one = { release, by };
      owed.set(added, one);
      noteUnjudged(release.waybill, 1);
      attempt(added, one);
    },
    unjudgedOf: (waybill) => unjudged.get(waybill) ?? 0,
    whenKept: (then) => {
      if (owed.size === 0) then();
      else waiting.push({ upTo: added, onKept: then });
    },
    owed: () => owed.size,
  };
}
