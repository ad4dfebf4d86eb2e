import { decodeSorterEvent } from "../../../protocols/sorter-json.ts";
import type { SorterEvent } from "../../../protocols/sorter.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { createHealthTracker } from "../health.ts";
import type { DeviceHealthChanged } from "../port.ts";
import type { SorterGap, SorterPort } from "../sorter.ts";
import { createEventOrder } from "./event-order.ts";
import type { SorterTransport } from "./transport.ts";

export interface SorterDriverOptions {
  readonly deviceId: string;
  readonly transport: SorterTransport;
  readonly clock: Clock;
  /** Age of the last good event. The device sends one at least every 500 ms. Default 1,500. */
  readonly staleAfterMs?: number;
  /** Default 5,000. */
  readonly downAfterMs?: number;
}

const lifeEveryMs = 500;
/** Silence on a connected wire after which its delivery is renewed, growing from try to try. */
const reviveAfterMs = 2_000;
const reviveAfterMsMax = 30_000;

type Sink = (event: SorterEvent | SorterGap | DeviceHealthChanged) => void;

/**
 * The sorter driver, whatever its wire (contract: `SorterPort`).
 *
 * - The first event heard of a session makes it ours, whether or not its `session` event was
 *   heard: an agent may start later than its sorter. Everything heard from then on carries the
 *   new epoch, and so does every command.
 * - `life` is sent only while events arrive: an agent that cannot see must not keep diverts alive.
 * - A connected wire that stays silent is renewed; the health says `stale` and `down` meanwhile.
 */
export function createSorterDriver(options: SorterDriverOptions): SorterPort {
  const { deviceId, transport, clock } = options;
  const order = createEventOrder();
  let sink: Sink | null = null;
  let isConnected = false;
  let lifeTimer: Timer | null = null;
  let reviveTimer: Timer | null = null;
  let heardAt: MonotonicMs | null = null;
  let connectionsTotal = 0;

  const tracker = createHealthTracker({
    clock,
    staleAfterMs: options.staleAfterMs ?? 1_500,
    downAfterMs: options.downAfterMs ?? 5_000,
    onChange: (health) => sink?.({ kind: "healthChanged", health }),
  });

  const after = (delayMs: number, fire: () => void): Timer =>
    clock.schedule(monotonicMs(clock.monotonic() + delayMs), fire);

  const keepLife = (): void => {
    lifeTimer?.cancel();
    const epoch = order.epoch();
    if (epoch !== null && isConnected && tracker.health().state === "receiving") {
      transport.send({ kind: "life", epoch });
    }
    lifeTimer = after(lifeEveryMs, keepLife);
  };

  /** Looks at the age when it fires, so that hearing need not re-arm it. */
  const watchSilence = (quietSince: MonotonicMs, limitMs: number): void => {
    reviveTimer?.cancel();
    reviveTimer = after(quietSince + limitMs - clock.monotonic(), () => {
      if (heardAt !== null && heardAt > quietSince) return watchSilence(heardAt, reviveAfterMs);
      tracker.note("revivalsTotal");
      transport.revive();
      watchSilence(clock.monotonic(), Math.min(limitMs * 2, reviveAfterMsMax));
    });
  };

  const onState = (next: boolean, reason?: string): void => {
    if (next === isConnected) {
      if (!next && reason !== undefined) tracker.fault(reason);
      return;
    }
    isConnected = next;
    if (next) {
      connectionsTotal += 1;
      if (connectionsTotal > 1) tracker.note("reconnectsTotal");
      watchSilence(clock.monotonic(), reviveAfterMs);
    } else {
      reviveTimer?.cancel();
      tracker.fault(reason ?? "not connected");
    }
  };

  const onPayload = (payload: Uint8Array | string): void => {
    tracker.note("framesTotal");
    const decoded = decodeSorterEvent(payload);
    if (!decoded.isOk) {
      tracker.note("discardedTotal");
      tracker.fault(`unreadable event: ${decoded.why}`);
      return;
    }
    const event = decoded.value;
    const place = order.judge(event);
    if (place.kind === "old" || place.kind === "early") {
      tracker.note(place.kind === "old" ? "duplicatesTotal" : "earlyTotal");
      return;
    }
    heardAt = clock.monotonic();
    tracker.heard();
    if (place.kind === "afterGap") {
      tracker.note("gapsTotal");
      tracker.note("missedTotal", place.missed);
      sink?.({ kind: "gap", missed: place.missed });
    }
    sink?.(event);
    if (place.kind === "newSession") {
      tracker.note("sessionsTotal");
      keepLife();
    }
  };

  return {
    deviceId,
    start(given) {
      sink = given;
      transport.open({
        onState,
        onPayload,
        onCommandFailed(reason) {
          tracker.note("commandsFailedTotal");
          tracker.fault(`command failed: ${reason}`);
        },
      });
    },
    send(command) {
      const epoch = order.epoch();
      if (sink === null || epoch === null || !isConnected) return false;
      const isSent = transport.send({ ...command, epoch });
      tracker.note(isSent ? "commandsTotal" : "commandsRefusedTotal");
      return isSent;
    },
    health: () => tracker.health(),
    async stop() {
      sink = null;
      isConnected = false;
      lifeTimer?.cancel();
      reviveTimer?.cancel();
      tracker.stop();
      await transport.close();
    },
  };
}
