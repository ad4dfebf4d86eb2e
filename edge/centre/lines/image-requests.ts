import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { LinkSending } from "../../../protocols/transport.ts";

/**
 * Images that the lines' facts name and the store does not hold yet. Agents send them unasked; one
 * that does not come is asked for, and given up in the end: the hash stays in the journal.
 */
export interface ImageRequests {
  expect(imageHash: string, from: ImageSource): void;
  arrived(imageHash: string): void;
  /** Several times a second. */
  tick(): void;
  counters(): { readonly waiting: number; readonly askedTotal: number; readonly lostTotal: number };
}

export interface ImageSource {
  readonly agentId: string;
  readonly passId: string;
}

/** Images waited for; beyond, the oldest are given up. */
const imagesWaitedForMax = 2_000;
const firstAskAfterMs = 1_000;
const askEveryMs = 2_000;
const asksMax = 30;

interface Waiting {
  readonly from: ImageSource;
  nextAskAt: MonotonicMs;
  asks: number;
}

export function createImageRequests(
  clock: Pick<Clock, "monotonic">,
  ask: (imageHash: string, from: ImageSource) => LinkSending,
): ImageRequests {
  const waiting = new Map<string, Waiting>();
  let askedTotal = 0;
  let lostTotal = 0;
  const giveUp = (imageHash: string): void => {
    lostTotal += 1;
    waiting.delete(imageHash);
  };
  return {
    expect: (imageHash, from) => {
      if (waiting.has(imageHash)) return;
      const nextAskAt = monotonicMs(clock.monotonic() + firstAskAfterMs);
      waiting.set(imageHash, { from, nextAskAt, asks: 0 });
      const [oldest] = waiting.keys();
      if (waiting.size > imagesWaitedForMax && oldest !== undefined) giveUp(oldest);
    },
    arrived: (imageHash) => {
      waiting.delete(imageHash);
    },
    tick: () => {
      const now = clock.monotonic();
      for (const [imageHash, request] of waiting) {
        if (now < request.nextAskAt) continue;
        request.nextAskAt = monotonicMs(now + askEveryMs);
        if (request.asks >= asksMax) giveUp(imageHash);
        // An agent that cannot be reached has not been asked.
        else if (ask(imageHash, request.from).kind === "sent") {
          request.asks += 1;
          askedTotal += 1;
        }
      }
    },
    counters: () => ({ waiting: waiting.size, askedTotal, lostTotal }),
  };
}
