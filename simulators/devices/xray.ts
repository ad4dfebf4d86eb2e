import { createHash } from "node:crypto";
import { decodeJson, encodeJson } from "../../protocols/json-message.ts";
import type { Clock } from "../../protocols/time.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../protocols/units.ts";
import type { AlgorithmVerdict, ImageBox } from "../../protocols/verdicts.ts";
import { encodeXrayImage } from "../../protocols/xray/xray-image.ts";
import {
  zXrayAnnounce,
  type XrayAnnounce,
  type XrayItem,
  type XrayLife,
  type XrayVerdict,
} from "../../protocols/xray/xray.ts";
import type { ScannedBody, XraySide } from "../world/ports.ts";
import { startTicker } from "./ticker.ts";

/** What the detector saw: rows from the top, 0 to 65,535. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly high: Uint16Array;
  readonly low: Uint16Array;
}

export interface Judgement {
  readonly verdict: AlgorithmVerdict;
  readonly boxes: readonly ImageBox[];
  /** From the image to the verdict. */
  readonly latencyMs: number;
}

export interface XrayDevice {
  readonly bus: MessageBus;
  readonly base: string;
  readonly clock: Clock;
  /** Makes the image of what went through the beam, as one item. */
  readonly take: (bodies: readonly ScannedBody[]) => Picture;
  /** The algorithm behind the machine. It sees what the image shows. */
  readonly judge: (bodies: readonly ScannedBody[], picture: Picture) => Judgement;
  readonly algorithm?: string;
  /** Default 500. */
  readonly lifePeriodMs?: number;
  /** The world's count at the entry eye, as the sorter's session counts it. Default: the same. */
  readonly beltCountOf?: (worldCount: number) => BeltCount;
  /** Belt from the entry eye to the beam: what the beam sees belongs to the item so far on. */
  readonly eyeToBeamCounts: number;
}

export interface XrayFaults {
  /** Without power: nothing is said, and what passes is not seen. */
  readonly isSilent: boolean;
  readonly state: XrayLife["state"];
  readonly isBeamOff: boolean;
  /** The entry eye does not see items; the beam does. */
  readonly missesItems: boolean;
  readonly losesImages: boolean;
  /** Names another pass than the item's own on each image: that of the item before. */
  readonly mixesPasses: boolean;
  /** The algorithm looked at other bytes than were sent. */
  readonly hashesWrongly: boolean;
  readonly verdictLateByMs: number;
  readonly losesVerdicts: boolean;
  /** Cuts every JSON message in the middle. */
  readonly breaksJson: boolean;
  /** Each item gets the picture of the one before, with that picture's own header. */
  readonly shiftsByOne: boolean;
}

export const healthyXray: XrayFaults = {
  isSilent: false,
  state: "ready",
  isBeamOff: false,
  missesItems: false,
  losesImages: false,
  mixesPasses: false,
  hashesWrongly: false,
  verdictLateByMs: 0,
  losesVerdicts: false,
  breaksJson: false,
  shiftsByOne: false,
};

export interface SimulatedXray extends XraySide {
  setFaults(faults: Partial<XrayFaults>): void;
  /** Forgets its announcements and numbers its items from 1 again. */
  restart(): void;
  stop(): Promise<void>;
}

/** Announcements of passes that never came are dropped, the oldest first. */
const announcementsMax = 64;
const itemsInTunnelMax = 32;
/**
 * An item may slip by this much between eye and beam. Beyond it, what the beam sees is another
 * item.
 */
const slipCountsMax = 120;
const messageBytesMax = 4_096;

interface Item {
  readonly passId: string | null;
  readonly itemSequence: number;
}

interface ItemInTunnel extends Item {
  readonly entryCount: BeltCount;
  readonly lengthMm: number;
  /** The world's count at which its front should reach the beam. */
  readonly atBeamCount: number;
}

interface Shown {
  readonly item: ItemInTunnel;
  readonly bodies: readonly ScannedBody[];
}

/** An X-ray machine on MQTT: it knows announcements and what its eye and beam see, nothing else. */
export function startXray(device: XrayDevice): SimulatedXray {
  const { bus, base, clock, beltCountOf = beltCount } = device;
  let faults = healthyXray;
  let announced: XrayAnnounce[] = [];
  let inTunnel: ItemInTunnel[] = [];
  let itemSequence = 0;
  let lifeSeq = 0;
  let passBefore: string | null = null;
  let shown: Shown | null = null;
  let isStopped = false;

  const publish = (topic: string, payload: Uint8Array): void => {
    if (!isStopped && !faults.isSilent) bus.publish(`${base}/${topic}`, payload, { qos: 1 });
  };
  const say = (topic: string, message: XrayItem | XrayVerdict | XrayLife): void => {
    const json = encodeJson(message);
    publish(topic, faults.breaksJson ? json.subarray(0, json.length >> 1) : json);
  };

  bus.subscribe(`${base}/announce`, (_topic, payload) => {
    const decoded = decodeJson(zXrayAnnounce, payload, messageBytesMax);
    if (decoded.kind === "invalid" || faults.isSilent) return;
    announced = [...announced, decoded.value].slice(-announcementsMax);
  });
  const stopLife = startTicker(clock, device.lifePeriodMs ?? 500, () =>
    say("life", { state: faults.state, beamOn: !faults.isBeamOff, seq: lifeSeq++ }),
  );

  /**
   * The announced pass in whose window this front came. Each is found once, and announcements whose
   * window lies behind the count are dropped.
   */
  const passAt = (entryCount: number): string | null => {
    const match = announced.find(
      (pass) => pass.entryFromCount <= entryCount && entryCount <= pass.entryToCount,
    );
    announced = announced.filter((pass) => pass !== match && pass.entryToCount >= entryCount);
    return match?.passId ?? null;
  };

  const answer = (present: ItemInTunnel, presentBodies: readonly ScannedBody[]): void => {
    const before = shown;
    shown = { item: present, bodies: presentBodies };
    const due = faults.shiftsByOne ? before : shown;
    if (due === null) return;
    const { item, bodies } = due;
    const picture = device.take(bodies);
    const { widthPx, heightPx, high, low } = picture;
    const { passId, itemSequence: sequence, entryCount, lengthMm } = item;
    const key: Item = { passId, itemSequence: sequence };
    const header = { ...key, widthPx, heightPx, entryCount, lengthMm };
    const bytes = encodeXrayImage(faults.mixesPasses ? { ...header, passId: passBefore } : header, {
      highEnergy: high,
      lowEnergy: low,
    });
    passBefore = passId;
    if (bytes === null || faults.losesImages) return;
    publish("image", bytes);
    if (faults.losesVerdicts) return;

    const { verdict, boxes, latencyMs } = device.judge(bodies, picture);
    const hash = createHash("sha256").update(bytes);
    if (faults.hashesWrongly) hash.update("something else");
    const message: XrayVerdict = {
      ...key,
      imageHash: hash.digest("hex"),
      verdict,
      boxes: [...boxes],
      algorithm: device.algorithm ?? "lab-1",
    };
    clock.schedule(monotonicMs(clock.monotonic() + latencyMs + faults.verdictLateByMs), () =>
      say("verdict", message),
    );
  };

  return {
    // Nothing to do yet: the item is known once its rear has cleared the eye.
    itemEntered() {},
    itemCleared(worldCount, lengthMm) {
      if (faults.isSilent || faults.missesItems) return;
      const entryCount = beltCountOf(worldCount);
      itemSequence += 1;
      const item = { passId: passAt(entryCount), itemSequence };
      const atBeamCount = worldCount + device.eyeToBeamCounts;
      inTunnel = [...inTunnel, { ...item, entryCount, lengthMm, atBeamCount }].slice(
        -itemsInTunnelMax,
      );
      say("item", { ...item, entryCount, lengthMm });
    },
    itemScanned(bodies, frontCount) {
      const item = inTunnel.find(
        ({ atBeamCount }) => Math.abs(atBeamCount - frontCount) <= slipCountsMax,
      );
      // Items that should have reached the beam before this one have been lifted out of the tunnel
      // and get no picture.
      inTunnel = inTunnel.filter(({ atBeamCount }) => atBeamCount > frontCount + slipCountsMax);
      const isLooking = !faults.isSilent && faults.state === "ready" && !faults.isBeamOff;
      if (!isLooking || item === undefined) return;
      answer(item, bodies);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    restart() {
      announced = [];
      inTunnel = [];
      itemSequence = 0;
      lifeSeq = 0;
    },
    stop() {
      isStopped = true;
      stopLife();
      return bus.close();
    },
  };
}
