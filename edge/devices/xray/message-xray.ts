import { hash } from "node:crypto";
import type { z } from "zod";
import {
  deviceReason,
  isSameDeviceReason,
  type DeviceReason,
} from "../../../protocols/device-reasons.ts";
import { decodeJson, encodeJson } from "../../../protocols/json-message.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import { checkXrayImage } from "../../../protocols/xray/xray-image.ts";
import {
  zXrayItem,
  zXrayLife,
  zXrayVerdict,
  type XrayItem,
  type XrayLife,
} from "../../../protocols/xray/xray.ts";
import type { XrayEvent, XrayPort } from "./xray.ts";
import { createOutlet } from "../outlet.ts";

export interface MessageXrayOptions {
  readonly deviceId: string;
  readonly bus: MessageBus;
  /** Topics are `{base}/announce`, `life`, `item`, `image` and `verdict`. */
  readonly base: string;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** A verdict with 32 boxes stays below this. */
const messageBytesMax = 32 * 1024;

/**
 * An X-ray machine on MQTT (`protocols/xray/xray.ts`). Health is the age of the last good message; the
 * machine's own "ready" is told at its first sign of life and at each change. Gaps in its numbers
 * are counted: what they mean for the parcels in the tunnel is the core's to say.
 */
export function createMessageXray(options: MessageXrayOptions): XrayPort {
  const { deviceId, bus, base, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<XrayEvent>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let lastItemSequence: number | null = null;
  let lastLifeSeq: number | null = null;
  let saidReady: { readonly isReady: boolean; readonly reason: DeviceReason | null } | null = null;

  const accept = (): void => {
    health.note("framesTotal");
    // After a silence "ready" is news even if the machine says the same as before it.
    if (health.health().state === "down") saidReady = null;
    health.heard();
  };

  const refuse = (topic: string, why: string): void => {
    health.note("discardedTotal");
    health.remark(deviceReason("badMessage", { detail: `${topic} ${why}` }));
  };

  /** A handler of one JSON topic: what does not fit its schema is refused by name. */
  const taking =
    <T>(schema: z.ZodType<T>, take: (message: T) => void) =>
    (topic: string, payload: Uint8Array): void => {
      const decoded = decodeJson(schema, payload, messageBytesMax);
      if (decoded.kind === "invalid") return refuse(topic, decoded.why);
      accept();
      take(decoded.value);
    };

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

  const takeItem = (item: XrayItem): void => {
    if (item.itemSequence === lastItemSequence) return health.note("repeatedItemsTotal");
    if (lastItemSequence !== null && item.itemSequence !== lastItemSequence + 1) {
      health.note("itemGapsTotal");
    }
    lastItemSequence = item.itemSequence;
    outlet.emit({ kind: "item", ...item });
  };

  const takeImage = (topic: string, bytes: Uint8Array): void => {
    const checked = checkXrayImage(bytes);
    if (checked.kind === "invalid") return refuse(topic, checked.why);
    accept();
    const { passId, itemSequence } = checked.header;
    const imageHash = hash("sha256", bytes, "hex");
    const pictureHash = hash("sha256", bytes.subarray(checked.pixelsFrom), "hex");
    outlet.emit({ kind: "image", passId, itemSequence, imageHash, pictureHash, bytes });
  };

  const handlers = new Map([
    ["life", taking(zXrayLife, takeLife)],
    ["item", taking(zXrayItem, takeItem)],
    ["verdict", taking(zXrayVerdict, (verdict) => outlet.emit({ kind: "verdict", ...verdict }))],
    ["image", takeImage],
    // Our own words, come back to us.
    ["announce", () => {}],
  ]);

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      bus.subscribe(`${base}/+`, (topic, payload) => {
        const handler = handlers.get(topic.slice(base.length + 1));
        if (handler === undefined) refuse(topic, "unknown topic");
        else handler(topic, payload);
      });
      bus.onState((isConnected, reason) => {
        if (isConnected) outlet.wireOpened();
        else health.fault(reason ?? deviceReason("notConnected"));
      });
    },
    announce(announcement) {
      const sending = bus.publish(`${base}/announce`, encodeJson(announcement), { qos: 1 });
      if (sending.kind === "sent") health.note("announcedTotal");
      else {
        health.note("notAnnouncedTotal");
        health.note(`${sending.why}Total`);
      }
      return sending;
    },
    stop() {
      outlet.stop();
      return bus.close();
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
