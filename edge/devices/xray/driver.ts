import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { XrayAnnounce, XrayItem, XrayLife } from "../../../protocols/xray/xray.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { XrayHeard } from "./heard.ts";
import type { XrayEvent, XrayPort } from "./xray.ts";

export interface XrayDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<XrayHeard, XrayAnnounce>;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/**
 * An X-ray machine, whatever its dialect. Health is the age of the last good message; the machine's
 * own "ready" is told at its first sign of life and at each change. Gaps in its numbers are
 * counted: what they mean for the parcels in the tunnel is the core's to say.
 */
export function createXrayDriver(options: XrayDriverOptions): XrayPort {
  const { deviceId, wire, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<XrayEvent>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let lastItemSequence: number | null = null;
  let lastLifeSeq: number | null = null;
  let saidReady: { readonly isReady: boolean; readonly reason: DeviceReason | null } | null = null;

  const takeLife = (life: XrayLife): void => {
    if (lastLifeSeq !== null && life.seq < lastLifeSeq) {
      // The machine began anew, and so do its numbers.
      health.note("machineRestartsTotal");
      lastItemSequence = null;
    }
    lastLifeSeq = life.seq;
    const said = readinessOf(life);
    if (said.isReady === saidReady?.isReady && isSameDeviceReason(said.reason, saidReady.reason))
      return;
    saidReady = said;
    outlet.emit({ kind: "ready", ...said });
  };

  const takeItem = (item: { readonly kind: "item" } & XrayItem): void => {
    if (item.itemSequence === lastItemSequence) return health.note("repeatedItemsTotal");
    if (lastItemSequence !== null && item.itemSequence !== lastItemSequence + 1) {
      health.note("itemGapsTotal");
    }
    lastItemSequence = item.itemSequence;
    outlet.emit(item);
  };

  const take = (heard: XrayHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    health.note("framesTotal");
    // After a silence "ready" is news even if the machine says the same as before it.
    if (health.health().state === "down") saidReady = null;
    health.heard();
    if (heard.kind === "life") takeLife(heard);
    else if (heard.kind === "item") takeItem(heard);
    else outlet.emit(heard);
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState(isConnected, reason) {
          if (isConnected) outlet.wireOpened(reason);
          else health.fault(reason ?? deviceReason("notConnected"));
        },
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed() {},
      });
    },
    announce(announcement) {
      const sending = wire.send(announcement);
      if (sending.kind === "sent") health.note("announcedTotal");
      else {
        health.note("notAnnouncedTotal");
        health.note(`${sending.why}Total`);
      }
      return sending;
    },
    stop() {
      outlet.stop();
      return wire.close();
    },
  };
}

function readinessOf(life: XrayLife): { isReady: boolean; reason: DeviceReason | null } {
  if (life.state === "fault") return { isReady: false, reason: deviceReason("machineFault") };
  if (life.state === "notReady") return { isReady: false, reason: deviceReason("machineNotReady") };
  return life.beamOn
    ? { isReady: true, reason: null }
    : { isReady: false, reason: deviceReason("beamOff") };
}
