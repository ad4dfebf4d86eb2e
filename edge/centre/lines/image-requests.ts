import type { ImageKind } from "../../../protocols/image-kind.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { LinkSending } from "../../../protocols/transport.ts";

/**
 * Images that the lines' facts name and the store does not hold yet. Agents send them unasked; one
 * that does not come is asked for, and given up in the end: the hash stays in the journal. Stills are
 * awaited within a bound of their own, and asked for once their agent owes no X-ray image.
 */
export interface ImageRequests {
  expect(kind: ImageKind, imageHash: string, from: ImageSource): void;
  arrived(imageHash: string): void;
  /** Several times a second. */
  tick(): void;
  /** Of X-ray images, unless it names stills. */
  counters(): Readonly<
    Record<
      | "waiting"
      | "askedTotal"
      | "lostTotal"
      | "stillsWaiting"
      | "stillsAskedTotal"
      | "stillsLostTotal",
      number
    >
  >;
}

export interface ImageSource {
  readonly agentId: string;
  readonly passId: string;
}

/** Images waited for, and stills; beyond, the oldest of their kind are given up. */
export const imagesWaitedForMax = 2_000;
export const stillsWaitedForMax = 2_000;
/** An agent has room for some more that wait. */
const stillsAskedAtOnceMax = 16;
const firstAskAfterMs = 1_000;
const askEveryMs = 2_000;
const asksMax = 30;

interface Waiting {
  readonly from: ImageSource;
  nextAskAt: MonotonicMs;
  asks: number;
}

type Ask = (imageHash: string, from: ImageSource) => LinkSending;

export function createImageRequests(clock: Pick<Clock, "monotonic">, ask: Ask): ImageRequests {
  const images = createWaitingList(clock, ask, imagesWaitedForMax);
  const stills = createWaitingList(clock, ask, stillsWaitedForMax);
  return {
    expect: (kind, imageHash, from) => (kind === "still" ? stills : images).expect(imageHash, from),
    arrived: (imageHash) => {
      images.arrived(imageHash);
      stills.arrived(imageHash);
    },
    tick: () => {
      images.tick(() => true);
      const owing = images.agentIds();
      const asked = new Map<string, number>();
      stills.tick(({ agentId }) => {
        const before = asked.get(agentId) ?? 0;
        if (owing.has(agentId) || before >= stillsAskedAtOnceMax) return false;
        asked.set(agentId, before + 1);
        return true;
      });
    },
    counters: () => {
      const { waiting, askedTotal, lostTotal } = stills.counters();
      return {
        ...images.counters(),
        stillsWaiting: waiting,
        stillsAskedTotal: askedTotal,
        stillsLostTotal: lostTotal,
      };
    },
  };
}

/** Images of one kind. */
function createWaitingList(clock: Pick<Clock, "monotonic">, ask: Ask, waitingMax: number) {
  const waiting = new Map<string, Waiting>();
  let askedTotal = 0;
  let lostTotal = 0;
  const giveUp = (imageHash: string): void => {
    lostTotal += 1;
    waiting.delete(imageHash);
  };
  return {
    expect: (imageHash: string, from: ImageSource): void => {
      if (waiting.has(imageHash)) return;
      const nextAskAt = monotonicMs(clock.monotonic() + firstAskAfterMs);
      waiting.set(imageHash, { from, nextAskAt, asks: 0 });
      const [oldest] = waiting.keys();
      if (waiting.size > waitingMax && oldest !== undefined) giveUp(oldest);
    },
    arrived: (imageHash: string): void => {
      waiting.delete(imageHash);
    },
    /** Those that are due and may be asked now. */
    tick: (mayAsk: (from: ImageSource) => boolean): void => {
      const now = clock.monotonic();
      for (const [imageHash, request] of waiting) {
        if (now < request.nextAskAt || !mayAsk(request.from)) continue;
        request.nextAskAt = monotonicMs(now + askEveryMs);
        if (request.asks >= asksMax) giveUp(imageHash);
        // An agent that cannot be reached has not been asked.
        else if (ask(imageHash, request.from).kind === "sent") {
          request.asks += 1;
          askedTotal += 1;
        }
      }
    },
    agentIds: (): ReadonlySet<string> =>
      new Set([...waiting.values()].map(({ from }) => from.agentId)),
    counters: () => ({ waiting: waiting.size, askedTotal, lostTotal }),
  };
}
