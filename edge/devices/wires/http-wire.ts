import { asBug, Bug } from "../../../protocols/bug.ts";
import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import { notConnected, sent, wireFull } from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { addressOfUrl, networkReason } from "../network-reason.ts";
import type { HttpReach } from "../reach.ts";
import { createRefusedLogin, type OfferedFile } from "../refused-login.ts";
import { createWireLog } from "../wire-log.ts";
import type { Wire, WireHandlers } from "../wire.ts";
import { askHttp, HttpLoginRefusal, type HttpAnswer } from "./http-request.ts";

/** What has come of a request. */
export type HttpNews =
  /** `id` is the request's; null: it was asked only to see whether it lives. */
  | ({ readonly kind: "answer"; readonly id: string | null } & HttpAnswer)
  | { readonly kind: "unanswered"; readonly id: string };

/** A request for what the reach's URL names, now. */
export interface HttpAsk {
  readonly id: string;
}

/** Requests under way at once: a device that answers late is not asked more and more. */
export const httpAsksMax = 4;
/** One that did not answer is asked again so soon. */
const againMs = 2_000;
const atOnceMs = 50;
/** No line waits for it, and no maker's device locks an account for so few wrong passwords. */
const againAfterRefusalMs = 600_000;
const httpAnswerBytesMax = 8 * 1_024 * 1_024;

export interface HttpOptions {
  readonly reach: HttpReach;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/**
 * A device that answers requests. It has no connection that could be open: it is up since its last
 * answer was one, and one that nobody asks is asked now and then.
 */
export function openHttpWire({ reach, clock, entropy, log }: HttpOptions): Wire<HttpNews, HttpAsk> {
  const { url, user, lookEveryMs, answerMsMax } = reach;
  const address = addressOfUrl(url);
  const wireLog = createWireLog({ log: log.child("http", { address }), clock });
  const underWay = new Set<AbortController>();
  const asking = new Set<Promise<void>>();
  const login = createRefusedLogin({
    clock,
    passwordFile: user?.passwordFile ?? null,
    *delaysMs() {
      for (;;) yield againAfterRefusalMs;
    },
  });
  let handlers: WireHandlers<HttpNews> | null = null;
  let timer: Timer | null = null;
  let isUp = false;
  let hasFailed = false;
  let isClosed = false;

  const lose = (reason: DeviceReason): void => {
    isUp = false;
    wireLog.closed(reason);
    handlers?.onState(false, reason);
  };

  const lookIn = (ms: number): void => {
    timer?.cancel();
    if (isClosed) return;
    timer = clock.schedule(monotonicMs(clock.monotonic() + ms), look);
  };

  /** What is under way shows as well whether it lives, and with its end the next look is due. */
  const look = (): void => {
    if (underWay.size < httpAsksMax) begin(null);
  };

  const answered = (id: string | null, answer: HttpAnswer): void => {
    if (isClosed) return;
    hasFailed = false;
    login.stop();
    if (!isUp) {
      isUp = true;
      wireLog.opened();
      handlers?.onState(true);
    }
    handlers?.onMessage({ kind: "answer", id, ...answer });
    lookIn(lookEveryMs);
  };

  /** One that has answered so far may have failed once: it is lost if it fails again at once. */
  const failed = (id: string | null, reason: DeviceReason): void => {
    if (isClosed) return;
    if (id !== null) handlers?.onMessage({ kind: "unanswered", id });
    // It is lost already, by a refusal that stands.
    if (login.isWaiting()) return;
    if (isUp && !hasFailed) {
      hasFailed = true;
      handlers?.onDropped(reason);
      return lookIn(atOnceMs);
    }
    lose(reason);
    lookIn(againMs);
  };

  const refused = (id: string | null, reason: DeviceReason, offered: OfferedFile): void => {
    if (isClosed) return;
    if (id !== null) handlers?.onMessage({ kind: "unanswered", id });
    if (login.isWaiting()) return;
    timer?.cancel();
    login.wait(offered, () => begin(null));
    lose(reason);
    // Each of them would offer the same password once more.
    for (const abort of underWay) abort.abort();
  };

  const ask = async (id: string | null): Promise<void> => {
    const abort = new AbortController();
    underWay.add(abort);
    let isLate = false;
    const late = clock.schedule(monotonicMs(clock.monotonic() + answerMsMax), () => {
      isLate = true;
      abort.abort();
    });
    const { signal } = abort;
    const clientNonce = Math.floor(entropy.next() * 2 ** 52).toString(16);
    const options = { bytesMax: httpAnswerBytesMax, signal, clientNonce };
    const offered = await login.offering();
    const came = await askHttp(reach, options)
      .then(
        (answer) => () => answered(id, answer),
        (error: unknown) => {
          if (error instanceof HttpLoginRefusal) return () => refused(id, error.reason, offered);
          if (isOurs(error)) throw asBug(error, `asking ${address}`);
          const noAnswer = deviceReason("noAnswer", { address, seconds: answerMsMax / 1_000 });
          return () => failed(id, isLate ? noAnswer : networkReason(error, address));
        },
      )
      .finally(() => {
        late.cancel();
        underWay.delete(abort);
      });
    // What is thrown from here on is ours, and no word on the device.
    came();
  };

  const begin = (id: string | null): void => {
    const asked = ask(id).finally(() => asking.delete(asked));
    asking.add(asked);
  };

  return {
    open(given) {
      handlers = given;
      begin(null);
    },
    send({ id }) {
      if (!isUp || isClosed) return notConnected;
      if (underWay.size >= httpAsksMax) return wireFull;
      begin(id);
      return sent;
    },
    // Each request is a new one.
    revive() {},
    async close() {
      isClosed = true;
      timer?.cancel();
      login.stop();
      for (const abort of underWay) abort.abort();
      await Promise.all(asking);
      wireLog.stop();
    },
  };
}

/** The language's own errors come of our code; whatever the network or Node says of it has a code. */
const isOurs = (error: unknown): boolean =>
  error instanceof Bug ||
  ((error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError) &&
    !("code" in error));
