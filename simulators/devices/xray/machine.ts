import { createHash } from "node:crypto";
import type { Clock } from "../../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../../protocols/units.ts";
import type { AlgorithmVerdict, ImageBox } from "../../../protocols/verdicts.ts";
import type { XrayAnnounce, XrayItem, XrayLife } from "../../../protocols/xray/xray.ts";
import type { ScannedBody, XraySide } from "../../world/ports.ts";
import { startTicker } from "../ticker.ts";
import type { XraySaid, XrayWire } from "./wire.ts";

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
  readonly wire: XrayWire;
  readonly clock: Clock;
  /** Makes the image of what went through the beam, as one item. */
  readonly take: (bodies: readonly ScannedBody[]) => Picture;
  /** The algorithm behind the machine. It sees what the image shows. */
  readonly judge: (bodies: readonly ScannedBody[], picture: Picture) => Judgement;
  readonly algorithm?: string;
  /** Hears by what name each image is shown, and what was made of it. */
  readonly onShown?: (imageHash: string) => void;
  readonly onJudged?: (imageHash: string, verdict: AlgorithmVerdict) => void;
  /** Default 500. */
  readonly lifePeriodMs?: number;
  /** The world's count at the entry eye, as the sorter's session counts it. Default: the same. */
  readonly beltCountOf?: (worldCount: number) => BeltCount;
  /**
   * False for one that is not told the belt's counts: it takes the pass that was announced last when
   * something enters, and tells no counts. Default true.
   */
  readonly knowsCounts?: boolean;
  /** 1: it shows the high energy alone. Default 2. */
  readonly energies?: 1 | 2;
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
  /** Cuts every message but images in the middle. */
  readonly breaksMessages: boolean;
  /** Cuts every image in the middle. */
  readonly cutsImages: boolean;
  /** Says everything but its life twice. */
  readonly repeatsMessages: boolean;
  /** Says each item after the one that follows it. */
  readonly swapsItems: boolean;
  /** Shows the image of an item before it says that the item has entered. */
  readonly showsImagesFirst: boolean;
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
  breaksMessages: false,
  cutsImages: false,
  repeatsMessages: false,
  swapsItems: false,
  showsImagesFirst: false,
  shiftsByOne: false,
};

export interface SimulatedXray extends XraySide {
  setFaults(faults: Partial<XrayFaults>): void;
  /** It has heard of a pass whose front is to come from there on, and has not seen it yet. */
  awaits(entryFromCount: number): boolean;
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

/** An X-ray machine: it knows announcements and what its eye and beam see, nothing else. */
export function startXray(device: XrayDevice): SimulatedXray {
  const { wire, clock, beltCountOf = beltCount, knowsCounts = true } = device;
  let faults = healthyXray;
  let announced: XrayAnnounce[] = [];
  let inTunnel: ItemInTunnel[] = [];
  let itemSequence = 0;
  let lifeSeq = 0;
  let passBefore: string | null = null;
  let shown: Shown | null = null;
  /** Of what is entering, where that is not told by counts. */
  let enteringPass: string | null = null;
  /** Items that were kept back, to be said in the wrong place. */
  let unsaid: XrayItem[] = [];

  const times = (): number => (faults.repeatsMessages ? 2 : 1);
  const say = (said: XraySaid): void => {
    for (let time = 0; time < times(); time += 1) wire.say(said, faults.breaksMessages);
  };
  const sayItem = (item: XrayItem): void => say({ kind: "item", ...item });

  wire.onAnnounce((announcement) => {
    announced = [...announced, announcement].slice(-announcementsMax);
  });
  wire.onLineLost(() => {
    announced = [];
  });
  const stopLife = startTicker(clock, device.lifePeriodMs ?? 500, () =>
    wire.say(
      { kind: "life", state: faults.state, beamOn: !faults.isBeamOff, seq: lifeSeq++ },
      faults.breaksMessages,
    ),
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

  /** Shows an item's picture, and what the algorithm makes of it. */
  const answer = (present: ItemInTunnel, presentBodies: readonly ScannedBody[]): void => {
    const before = shown;
    shown = { item: present, bodies: presentBodies };
    const due = faults.shiftsByOne ? before : shown;
    if (due === null) return;
    const { item, bodies } = due;
    const picture = device.take(bodies);
    const imageHash = show(item, picture);
    if (faults.showsImagesFirst) for (const late of unsaid.splice(0)) sayItem(late);
    if (imageHash === null || faults.losesVerdicts) return;

    const { verdict, boxes, latencyMs } = device.judge(bodies, picture);
    const { passId, itemSequence: sequence } = item;
    const algorithm = device.algorithm ?? "lab-1";
    const on = { passId, itemSequence: sequence, imageHash: hashInVerdict(imageHash) };
    clock.schedule(monotonicMs(clock.monotonic() + latencyMs + faults.verdictLateByMs), () => {
      // Of what is broken, or said without power, nobody hears a verdict.
      if (!faults.isSilent && !faults.breaksMessages) device.onJudged?.(on.imageHash, verdict);
      say({ kind: "verdict", ...on, verdict, boxes: [...boxes], algorithm });
    });
  };

  /** What a verdict calls the picture; null where there will be no verdict on it. */
  const show = (item: ItemInTunnel, picture: Picture): string | null => {
    const { widthPx, heightPx, high: highEnergy } = picture;
    const lowEnergy = device.energies === 1 ? null : picture.low;
    const { itemSequence: sequence, entryCount, lengthMm } = item;
    const passId = faults.mixesPasses ? passBefore : item.passId;
    passBefore = item.passId;
    if (faults.losesImages) return null;
    const count = knowsCounts ? { entryCount } : {};
    const header = {
      passId,
      itemSequence: sequence,
      widthPx,
      heightPx,
      ...(lowEnergy === null ? { planes: 1 as const } : {}),
      ...count,
      lengthMm,
    };
    let imageHash: string | null = null;
    for (let time = 0; time < times(); time += 1) {
      imageHash = wire.show({ header, highEnergy, lowEnergy }, faults.cutsImages);
    }
    if (imageHash !== null && !faults.isSilent) device.onShown?.(imageHash);
    return imageHash;
  };

  const hashInVerdict = (imageHash: string): string =>
    faults.hashesWrongly
      ? createHash("sha256").update(imageHash).update("something else").digest("hex")
      : imageHash;

  /** Says what has entered, or keeps it back as the faults want it. */
  const enter = (item: XrayItem): void => {
    if (faults.showsImagesFirst) {
      unsaid.push(item);
    } else if (faults.swapsItems && unsaid.length === 0) {
      unsaid.push(item);
    } else {
      sayItem(item);
      for (const late of unsaid.splice(0)) sayItem(late);
    }
  };

  return {
    // The item is known once its rear has cleared the eye.
    itemEntered() {
      enteringPass = announced.at(-1)?.passId ?? null;
      if (!knowsCounts) announced = [];
    },
    itemCleared(worldCount, lengthMm) {
      if (faults.isSilent || faults.missesItems) return;
      const entryCount = beltCountOf(worldCount);
      itemSequence += 1;
      const passId = knowsCounts ? passAt(entryCount) : enteringPass;
      const item = { passId, itemSequence };
      const atBeamCount = worldCount + device.eyeToBeamCounts;
      inTunnel = [...inTunnel, { ...item, entryCount, lengthMm, atBeamCount }].slice(
        -itemsInTunnelMax,
      );
      enter({ ...item, ...(knowsCounts ? { entryCount } : {}), lengthMm });
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
      say({ kind: "left", passId: item.passId, itemSequence: item.itemSequence });
      answer(item, bodies);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
      wire.setPower(!faults.isSilent);
    },
    awaits: (entryFromCount) => announced.some((pass) => pass.entryFromCount === entryFromCount),
    restart() {
      wire.restart();
      announced = [];
      inTunnel = [];
      unsaid = [];
      itemSequence = 0;
      lifeSeq = 0;
    },
    stop() {
      stopLife();
      return wire.close();
    },
  };
}
