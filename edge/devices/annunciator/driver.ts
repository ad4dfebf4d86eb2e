import {
  restingAnnunciation,
  type Annunciation,
} from "../../../protocols/annunciator/annunciation.ts";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { sent, type Sending } from "../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { AnnunciatorPort, SilencePressed } from "./annunciator.ts";
import type { AnnunciatorHeard, AnnunciatorState, SignalsShown } from "./heard.ts";

export interface AnnunciatorDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<AnnunciatorHeard, Annunciation>;
  readonly clock: Clock;
  /** Null for a device without a sign of life: then only its wire is judged. */
  readonly staleAfterMs: number | null;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
}

/** What is shown is told again so often, for a device that has been started anew. */
export const repeatMs = 1_000;
/** How long a device may take to show what it was told. */
const showWithinMs = 2_000;
/** Refused again within so long, it has not been taken in between. */
const refusedForMs = 2.5 * repeatMs;

/**
 * An annunciator, whatever its dialect. A device that says of itself that it shows something else than
 * it was told, or that refuses what it is told, is not received however alive it is: a light that does
 * not change is worse than none.
 */
export function createAnnunciatorDriver(options: AnnunciatorDriverOptions): AnnunciatorPort {
  const { deviceId, wire, clock } = options;
  const outlet = createOutlet<SilencePressed>(options);
  const { health } = outlet;
  let wanted: Annunciation | null = null;
  /** When it was told first of what it is to show now; null: it has not been told. */
  let toldAt: MonotonicMs | null = null;
  let refusedAt: MonotonicMs | null = null;
  let wasPressed = false;
  let isConnected = false;
  let timer: Timer | null = null;

  const tell = (): Sending => {
    if (wanted === null) return sent;
    const sending = wire.send(wanted);
    if (sending.kind === "sent") toldAt ??= clock.monotonic();
    else health.note("notToldTotal");
    return sending;
  };

  const tellOn = (): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + repeatMs), tellOn);
    if (isConnected) tell();
  };

  const isSince = (at: MonotonicMs | null, ms: number): boolean =>
    at !== null && clock.monotonic() >= monotonicMs(at + ms);

  const isRefusing = (): boolean => refusedAt !== null && !isSince(refusedAt, refusedForMs);

  /** A key that is held, or told of twice, is pressed once. */
  const takeKey = ({ isSilencePressed }: AnnunciatorState): void => {
    const isPressed = isSilencePressed === true;
    if (isPressed && !wasPressed) outlet.emit({ kind: "silencePressed" });
    wasPressed = isPressed;
  };

  const take = (heard: AnnunciatorHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    health.note("framesTotal");
    takeKey(heard);
    const other = wanted === null ? null : differenceOf(heard.shows, wanted);
    if (other !== null && isSince(toldAt, showWithinMs)) {
      health.note("showsOtherTotal");
      return health.remark(deviceReason("showsOther", { detail: other }));
    }
    if (!isRefusing()) health.heard();
  };

  return {
    deviceId,
    health: () => health.health(),
    show(annunciation) {
      wanted = annunciation;
      toldAt = null;
      return tell();
    },
    start(sink) {
      outlet.start(sink);
      tellOn();
      wire.open({
        onState(nowConnected, reason) {
          isConnected = nowConnected;
          toldAt = null;
          if (!isConnected) return health.fault(reason ?? deviceReason("notConnected"));
          outlet.wireOpened(reason);
          tell();
        },
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
        onClock: (sample) => health.clock(sample),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed(detail) {
          refusedAt = clock.monotonic();
          health.note("refusalsTotal");
          health.remark(deviceReason("commandRefused", { detail }));
        },
      });
    },
    async stop() {
      outlet.stop();
      timer?.cancel();
      if (isConnected) wire.send(restingAnnunciation);
      await wire.close();
    },
  };
}

/** The first signal that is not as it was told, in words for a technician; null: all are. */
function differenceOf(shows: SignalsShown, wanted: Annunciation): string | null {
  for (const [name, shown] of shows) {
    if (!shown.includes(wanted[name])) {
      return `${name} is ${wordOf(shown[0])}, and was told ${wordOf(wanted[name])}`;
    }
  }
  return null;
}

const wordOf = (signal: Annunciation[keyof Annunciation] | undefined): string =>
  typeof signal === "boolean" ? (signal ? "on" : "off") : String(signal);
