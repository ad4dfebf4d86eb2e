import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import type { SorterCommand, SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { notConnected, type Sending } from "../../../protocols/transport.ts";
import { beltCount, monotonicMs } from "../../../protocols/units.ts";
import { noteDiscarded, noteDropped, unreadable } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import { createSilenceWatch } from "../silence-watch.ts";
import type { SorterCommandBody, SorterGap, SorterPort } from "./sorter.ts";
import type { Wire } from "../wire.ts";
import { countOnWire, type CounterWidth } from "../counter.ts";
import { createEventOrder } from "./event-order.ts";
import type { SorterHeard } from "./heard.ts";

export interface SorterDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<SorterHeard, SorterCommand>;
  readonly clock: Clock;
  /** Ages of the last good event; the device sends one at least every `eventEveryMs`. */
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
  /** No belt of this sorter is faster; an event that says so is refused. */
  readonly countsPerMsMax: number;
  /** Of the device's own counter; null for one that never wraps. */
  readonly counter: CounterWidth | null;
  /** See `DriverDeps`. */
  readonly isLifeHeld?: (() => boolean) | undefined;
}

const noSession: Sending = { kind: "refused", why: "noSession" };

/** A sorter says something at least so often. */
export const eventEveryMs = 500;
const lifeEveryMs = 500;

/**
 * The sorter driver, whatever its dialect and wire (contract: `SorterPort`). Sessions, the order of
 * events, gaps and life are kept here, once for all of them.
 *
 * - The first event heard of a session makes it ours, whether or not its `session` event was
 *   heard: an agent may start later than its sorter. Every command carries the epoch of the
 *   session heard last.
 * - Counts are handed on without a wrap, and given back as the device's own counter shows them.
 * - What is refused because no belt can have run so far is believed once it has been told steadily:
 *   as a session anew, in which nothing that was known of the belt still holds.
 * - `life` is sent only while events arrive: an agent that cannot see must not keep diverts alive.
 * - A connected wire that stays silent is renewed; the health says `stale` and `down` meanwhile.
 */
export function createSorterDriver(options: SorterDriverOptions): SorterPort {
  const { deviceId, wire, clock, counter, staleAfterMs } = options;
  const outlet = createOutlet<SorterEvent | SorterGap>(options);
  const { health } = outlet;
  const order = createEventOrder(options);
  let isConnected = false;
  let lifeTimer: Timer | null = null;
  /** As the device told it. */
  let lastTaken: SorterEvent | null = null;
  let advices: { readonly machine: DeviceReason | null; readonly wire: DeviceReason | null } = {
    machine: null,
    wire: null,
  };

  const silence = createSilenceWatch({
    clock,
    // Not before it counts as silent: a wire that delivers as seldom as is allowed is well.
    afterMs: staleAfterMs + eventEveryMs,
    onSilence: () => {
      health.note("revivalsTotal");
      wire.revive();
    },
  });

  const keepLife = (): void => {
    lifeTimer?.cancel();
    const epoch = order.epoch();
    const isHeld = options.isLifeHeld?.() ?? false;
    if (epoch !== null && isConnected && !isHeld && health.health().state === "receiving") {
      wire.send({ kind: "life", epoch });
    }
    lifeTimer = clock.schedule(monotonicMs(clock.monotonic() + lifeEveryMs), keepLife);
  };

  const onState = (next: boolean, reason?: DeviceReason): void => {
    if (!next) health.fault(reason ?? deviceReason("notConnected"));
    if (next === isConnected) return;
    isConnected = next;
    if (next) {
      outlet.wireOpened(reason);
      silence.begin();
    } else {
      silence.end();
    }
  };

  /** Another event under the number of the last one: one of the two is lost to its number. */
  const takeOld = (event: SorterEvent): void => {
    health.note("duplicatesTotal");
    if (event.seq !== lastTaken?.seq || event.epoch !== lastTaken.epoch) return;
    if (JSON.stringify(event) === JSON.stringify(lastTaken)) return;
    health.note("missedTotal");
    outlet.emit({ kind: "gap", missed: 1 });
  };

  const take = (event: SorterEvent): void => {
    const place = order.judge(event, clock.monotonic());
    if (place.kind === "old") return takeOld(event);
    if (place.kind === "early") return health.note("earlyTotal");
    if (place.kind === "wild") return noteDiscarded(health, unreadable(place.detail));
    lastTaken = event;
    silence.heard();
    health.heard();
    if (place.kind === "afterGap") {
      health.note("gapsTotal");
      health.note("missedTotal", place.missed);
      outlet.emit({ kind: "gap", missed: place.missed });
    }
    outlet.emit(place.event);
    if (place.kind === "newSession") {
      health.note("sessionsTotal");
      if (place.isAnew) health.note("sessionsAnewTotal");
      keepLife();
    }
  };

  /** What the machine says comes first: a person at the line can do something about it. */
  const advise = (next: Partial<typeof advices>): void => {
    advices = { ...advices, ...next };
    health.advise(advices.machine ?? advices.wire);
  };

  const takeFailed = (reason: DeviceReason): void => {
    health.note("commandsFailedTotal");
    health.remark(reason);
  };

  const sendInSession = (command: SorterCommandBody): Sending => {
    if (!isConnected) return notConnected;
    const epoch = order.epoch();
    return epoch === null ? noSession : wire.send({ ...onCounter(command), epoch });
  };

  const onCounter = (command: SorterCommandBody): SorterCommandBody => {
    if (counter === null || command.kind !== "divert") return command;
    const { fireAtCount, releaseAtCount, notAfterCount } = command;
    return {
      ...command,
      fireAtCount: beltCount(countOnWire(fireAtCount, counter)),
      releaseAtCount: beltCount(countOnWire(releaseAtCount, counter)),
      notAfterCount: beltCount(countOnWire(notAfterCount, counter)),
    };
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState,
        onMessage(heard) {
          if (heard.kind === "notTaken") return takeFailed(heard.reason);
          if (heard.kind === "machineSays") return advise({ machine: heard.reason });
          health.note("framesTotal");
          if (heard.kind === "discarded") noteDiscarded(health, heard);
          else take(heard);
        },
        onAdvice: (wire) => advise({ wire }),
        onClock: (sample) => health.clock(sample),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed: (detail) => takeFailed(deviceReason("commandRefused", { detail })),
      });
    },
    send(command) {
      const sending = sendInSession(command);
      if (sending.kind === "sent") health.note("commandsTotal");
      else {
        health.note("commandsDroppedTotal");
        health.note(`${sending.why}Total`);
      }
      return sending;
    },
    async stop() {
      outlet.stop();
      isConnected = false;
      lifeTimer?.cancel();
      silence.end();
      await wire.close();
    },
  };
}
