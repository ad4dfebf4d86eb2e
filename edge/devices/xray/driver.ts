import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { beltCount, type BeltCount } from "../../../protocols/units.ts";
import type { XrayAnnounce, XrayItem, XrayLife } from "../../../protocols/xray/xray.ts";
import { countOnWire, countsBetween, isOnCounter, type CounterWidth } from "../counter.ts";
import { noteDiscarded, noteDropped, unreadable } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import { createSilenceWatch } from "../silence-watch.ts";
import type { Wire } from "../wire.ts";
import type { XrayHeard } from "./heard.ts";
import { forgetOldest } from "./tracks.ts";
import type { XrayEvent, XrayPort } from "./xray.ts";

export interface XrayDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<XrayHeard, XrayAnnounce>;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
  /** See `HealthTrackerOptions`. */
  readonly clockOffsetMsMax?: number;
  /** Of the sorter's counter, in whose counts the machine is told of passes and tells of items. */
  readonly counter: CounterWidth | null;
}

/** A machine says that it lives at least so often. */
export const lifeEveryMs = 500;
/** An image and a verdict, each of them twice, may come before their item. */
const aheadMax = 4;
const suspectedMax = 64;

/**
 * An X-ray machine, whatever its dialect. Health is the age of the last good message; the machine's
 * own "ready" is told at its first sign of life and at each change. Gaps in its numbers are
 * counted: what they mean for the parcels in the tunnel is the core's to say. Where the sorter's
 * counter wraps, the machine is told counts as that counter shows them, and what it tells is handed
 * on without a wrap. An image that comes before its item, and a verdict on it, wait for the next
 * item that is told, and are handed on behind it, whether it was theirs or not; one that says suspect
 * is handed on at once as well (law 2). A connected wire that stays silent is renewed.
 */
export function createXrayDriver(options: XrayDriverOptions): XrayPort {
  const { deviceId, wire, clock, counter, staleAfterMs } = options;
  const outlet = createOutlet<XrayEvent>(options);
  const { health } = outlet;
  let isConnected = false;
  let lastItem: XrayItem | null = null;
  let lastLifeSeq: number | null = null;
  /** Of the item that has not been told yet, in the order in which it came. */
  const ahead: (XrayEvent & { readonly kind: "image" | "verdict" })[] = [];
  /** Images that a verdict has spoken against: one may come yet, under whatever number. */
  const suspected = new Map<string, XrayEvent & { readonly kind: "verdict" }>();
  let saidReady: { readonly isReady: boolean; readonly reason: DeviceReason | null } | null = null;

  /** Of the last pass that was announced: its neighbours come into the tunnel near it. */
  let announcedCount: number = beltCount(0);

  const silence = createSilenceWatch({
    clock,
    // Not before it counts as silent: a wire that delivers as seldom as is allowed is well.
    afterMs: staleAfterMs + lifeEveryMs,
    onSilence: () => {
      health.note("revivalsTotal");
      wire.revive();
    },
  });

  const onState = (next: boolean, reason?: DeviceReason): void => {
    if (!next) health.fault(reason ?? deviceReason("notConnected"));
    if (next === isConnected) return;
    isConnected = next;
    if (next) {
      outlet.wireOpened(reason);
      silence.begin();
    } else silence.end();
  };

  const unwrapped = (count: BeltCount): BeltCount => {
    const before = countOnWire(announcedCount, counter);
    return beltCount(announcedCount + countsBetween(before, count, counter));
  };

  /** With its count, where it has one, handed on without a wrap. */
  const withoutWrap = <T extends { readonly entryCount?: BeltCount }>(told: T): T =>
    told.entryCount === undefined ? told : { ...told, entryCount: unwrapped(told.entryCount) };

  const takeLife = (life: XrayLife): void => {
    if (lastLifeSeq !== null && life.seq < lastLifeSeq) {
      // The machine began anew, and so do its numbers.
      health.note("machineRestartsTotal");
      lastItem = null;
    }
    lastLifeSeq = life.seq;
    const said = readinessOf(life);
    if (said.isReady === saidReady?.isReady && isSameDeviceReason(said.reason, saidReady.reason))
      return;
    saidReady = said;
    outlet.emit({ kind: "ready", ...said });
  };

  /** A number that comes again with something else is no repeat: the core sees it out of order. */
  const takeItem = (item: { readonly kind: "item" } & XrayItem): void => {
    if (lastItem !== null && isSameItem(item, lastItem)) return health.note("repeatedItemsTotal");
    if (lastItem !== null && item.itemSequence !== lastItem.itemSequence + 1) {
      health.note("itemGapsTotal");
    }
    lastItem = item;
    outlet.emit(item);
    for (const event of ahead.splice(0)) outlet.emit(event);
  };

  /** An image, or a verdict on one. */
  const takeSeen = (event: XrayEvent & { readonly kind: "image" | "verdict" }): void => {
    const isNext = lastItem === null || event.itemSequence === lastItem.itemSequence + 1;
    if (!isNext || ahead.length >= aheadMax) return outlet.emit(event);
    ahead.push(event);
    health.note("aheadOfItemTotal");
    // Its item may never be told; and behind its item it says as well on which image it is.
    if (event.kind === "verdict" && event.verdict === "suspect") outlet.emit(event);
  };

  const takeVerdict = (verdict: XrayEvent & { readonly kind: "verdict" }): void => {
    if (verdict.verdict === "suspect") {
      suspected.set(verdict.imageHash, verdict);
      forgetOldest(suspected, suspectedMax);
    }
    takeSeen(verdict);
  };

  const takeImage = (image: XrayEvent & { readonly kind: "image" }): void => {
    takeSeen(image);
    const against = suspected.get(image.imageHash);
    const { passId, itemSequence } = image;
    if (against !== undefined) takeSeen({ ...against, passId, itemSequence });
  };

  const noteAll = (counts: Readonly<Record<string, number>>): void => {
    for (const [counter, by] of Object.entries(counts)) health.note(counter, by);
  };

  /** The item of an announcement that was not taken comes as one that nobody has announced. */
  const noteNotTaken = (reason: DeviceReason): void => {
    health.note("commandsFailedTotal");
    health.remark(reason);
  };

  const take = (heard: XrayHeard): void => {
    if (heard.kind === "discarded") return noteDiscarded(health, heard);
    if (heard.kind === "notTaken") return noteNotTaken(heard.reason);
    const entryCount = "entryCount" in heard ? heard.entryCount : undefined;
    if (entryCount !== undefined && !isOnCounter(entryCount, counter)) {
      const detail = `count ${entryCount} of a counter too narrow for it`;
      return noteDiscarded(health, unreadable(detail));
    }
    health.note("framesTotal");
    // After a silence "ready" is news even if the machine says the same as before it.
    if (health.health().state === "down") saidReady = null;
    health.heard();
    silence.heard();
    switch (heard.kind) {
      case "noted":
        return noteAll(heard.counts);
      case "life":
        return takeLife(heard);
      case "item":
        return takeItem(withoutWrap(heard));
      case "image":
        return takeImage(withoutWrap(heard));
      case "verdict":
        return takeVerdict(heard);
      case "signal":
        return outlet.emit(heard);
    }
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState,
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
        onClock: (sample) => health.clock(sample),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed: (detail) => noteNotTaken(deviceReason("commandRefused", { detail })),
      });
    },
    announce(announcement) {
      const { entryFromCount, entryToCount } = announcement;
      announcedCount = entryFromCount;
      const sending = wire.send({
        ...announcement,
        entryFromCount: beltCount(countOnWire(entryFromCount, counter)),
        entryToCount: beltCount(countOnWire(entryToCount, counter)),
      });
      if (sending.kind === "sent") health.note("announcedTotal");
      else {
        health.note("notAnnouncedTotal");
        health.note(`${sending.why}Total`);
      }
      return sending;
    },
    stop() {
      outlet.stop();
      silence.end();
      return wire.close();
    },
  };
}

const isSameItem = (one: XrayItem, other: XrayItem): boolean =>
  one.itemSequence === other.itemSequence &&
  one.passId === other.passId &&
  one.entryCount === other.entryCount &&
  one.lengthMm === other.lengthMm;

function readinessOf(life: XrayLife): { isReady: boolean; reason: DeviceReason | null } {
  if (life.state === "fault") return { isReady: false, reason: deviceReason("machineFault") };
  if (life.state === "notReady") return { isReady: false, reason: deviceReason("machineNotReady") };
  return life.beamOn
    ? { isReady: true, reason: null }
    : { isReady: false, reason: deviceReason("beamOff") };
}
