import type { WaybillRules } from "../../protocols/barcode/waybill.ts";
import type { DecisionRules } from "../decision/rules.ts";
import type { Exit, LineMode } from "../../protocols/sorting.ts";

/**
 * One line as the pure core needs it. Made from the agent's configuration file, which is checked
 * there; all positions are millimetres from the induction eye, along the belt.
 */
export interface LineConfig {
  readonly lineId: string;
  readonly mode: LineMode;
  readonly belt: BeltConfig;
  readonly layout: LineLayout;
  readonly tracking: TrackingConfig;
  readonly commit: CommitConfig;
  readonly rules: DecisionRules;
  /** Which barcodes count as waybills. */
  readonly waybills: WaybillRules;
}

export interface BeltConfig {
  readonly speedMmPerS: number;
  readonly mmPerCount: number;
}

export interface LineLayout {
  readonly inductionEyeId: string;
  readonly scanner: ReaderLayout;
  /**
   * A second reader with a trigger, optics and wire of its own, which proves itself: whatever the
   * scanner has read counts only if this one has read the same. Null: there is none.
   */
  readonly witness: ReaderLayout | null;
  /** Null: no scale is fitted and weight proves nothing. */
  readonly scale: ScaleLayout | null;
  /** Null: no X-ray is fitted, so whatever needs machine inspection can never be green. */
  readonly xray: XrayLayout | null;
  /** Eyes beside the belt, between induction and end, in belt order. */
  readonly trackingEyes: readonly { readonly eyeId: string; readonly atMm: number }[];
  /** Diverters in belt order, at most one an exit. */
  readonly diverters: readonly DiverterConfig[];
  /** The end of the belt: where a parcel goes when nothing is commanded. */
  readonly end: { readonly eyeId: string; readonly atMm: number; readonly exit: Exit };
  readonly sorterId: string;
  /** Horn and stack light: that they are not heard is told, and changes nothing. Left out: none. */
  readonly annunciatorId?: string;
  /** Cameras: that one is not heard is told, and changes nothing. Left out: none. */
  readonly cameraIds?: readonly string[];
  /** Stretches that a hand can reach without reaching the others; what lies in none, reaches all. */
  readonly zones: readonly HandZone[];
}

export interface ScaleLayout extends BeltSpan {
  readonly binding: WeightBinding;
  /**
   * Within so much the length that the scale has measured must agree with what the induction eye saw,
   * or its weight is not this parcel's. Left out: what it measures is told and not compared.
   */
  readonly lengthToleranceMm?: number;
}

export interface XrayLayout extends BeltSpan {
  readonly binding: ImageBinding;
  /**
   * The machine knows no belt counts: an item of its own is a pass that the eye at `fromMm` has seen
   * enter, if it is told when that pass's rear has just entered. Each pass is announced `announceMm`
   * before, and the machine takes the one that was announced last. With `withPicture` the machine
   * tells of an item only by its picture, which comes as long as the pass is in the tunnel and no other
   * could be on it. A beam `pictureFromMm` behind `fromMm` (0 without it) has seen the rear before.
   */
  readonly entryByEye?: {
    readonly announceMm: number;
    readonly itemIsTold?: "atEntry" | "withPicture";
    readonly pictureFromMm?: number;
  };
  /**
   * False: the machine has a word on each item, and no image. Left out: an image is awaited of each.
   */
  readonly hasImages?: false;
}

/** A reader, where its reading plane crosses the belt, and what tells whose read a read is. */
export interface ReaderLayout {
  readonly deviceId: string;
  readonly atMm: number;
  /**
   * The line triggers it when a front is as far before the reading plane. Left out: it has a trigger
   * of its own.
   */
  readonly triggerMm?: number;
  /**
   * The line ends that trigger when a rear is as far behind the reading plane and nothing was read.
   * Left out: the reader ends it by itself.
   */
  readonly triggerOffMm?: number;
  readonly binding: ReadBinding;
  /** It answers a test trigger that the line sends: the only way to pay a debt without a person. */
  readonly canTest: boolean;
}

/** What on its wire binds a read to a parcel (law 16). `none`: that it came next, which is nothing. */
export type ReadBinding =
  /** It sends back the token that it held at its trigger; sent `sendMm` before the reading plane. */
  | { readonly kind: "echo"; readonly sendMm: number }
  /**
   * Its own encoder at the trigger; added to it, `offsetCounts` give the belt's count, as long as a
   * test trigger agrees, at the beginning of each session of the sorter. Null: the test alone tells.
   */
  | { readonly kind: "ticks"; readonly offsetCounts: number | null; readonly bits: CounterBits }
  /** It numbers its triggers. */
  | { readonly kind: "counter"; readonly bits: CounterBits }
  /** Its good-read and no-read outputs, latched with a count by the sorter's I/O. */
  | { readonly kind: "pulse"; readonly goodInputId: string; readonly noReadInputId: string }
  | { readonly kind: "none" };

/** Width of a counter, which wraps behind its last number. */
export type CounterBits = 16 | 24 | 32;

/** `track`: the scale sends back the token that it was sent; `extent`: the length it has seen. */
export type WeightBinding =
  | { readonly kind: "track"; readonly sendMm: number }
  | { readonly kind: "extent" }
  | { readonly kind: "none" };

/** By what of its own an image agrees with its item: pass, count at entry, or length. */
export type ImageBinding = { readonly kind: "track" | "header" | "extent" | "none" };

export interface HandZone {
  readonly zoneId: string;
  readonly fromMm: number;
  readonly toMm: number;
  /** Guards that open to it, and eyes at which a jam is cleared by hand. */
  readonly guardIds: readonly string[];
  readonly eyeIds: readonly string[];
}

export interface BeltSpan {
  readonly deviceId: string;
  readonly fromMm: number;
  readonly toMm: number;
}

export interface DiverterConfig {
  readonly exit: Exit;
  readonly atMm: number;
  /** From the device's firing until the diverter is out. */
  readonly swingMs: number;
  /** The eye in the chute's mouth; a front reaches it `chuteTravelMm` of belt after `atMm`. */
  readonly chuteEyeId: string;
  readonly chuteTravelMm: number;
}

export interface TrackingConfig {
  /** How far before and after its expected place a front still counts as this parcel's. */
  readonly earlyMm: number;
  readonly lateMm: number;
  /** Parcels closer than this are both doubtful. */
  readonly gapMmMin: number;
  readonly lengthMmMin: number;
  readonly lengthMmMax: number;
  /** Two measurements of one parcel's length may differ by this much. */
  readonly lengthToleranceMm: number;
  /** Neighbours within this distance of a lost or extra parcel become unknown. */
  readonly neighbourMm: number;
  /** An event may reach the agent this much later than it happened. */
  readonly eventLateMs: number;
  /** A read may come this long after the rear has left the reading plane. */
  readonly readLateMm: number;
  /** A sign of confusion at a reader makes the reads within this distance of it doubtful. */
  readonly resyncMm: number;
  readonly passesOnBeltMax: number;
}

export interface CommitConfig {
  /** From decision to diverter: journal sync, wire and device, at the 99.9th percentile. */
  readonly leadMs: number;
  /**
   * A decision that is complete may be committed this far before the commit point; what changes
   * it later still takes it back. 0: always as late as can be.
   */
  readonly windowMm: number;
  /** The device refuses a command that has less than this left. */
  readonly deviceLeadMs: number;
}

export const countsOf = (mm: number, config: LineConfig): number =>
  Math.round(mm / config.belt.mmPerCount);

export const mmOf = (counts: number, config: LineConfig): number => counts * config.belt.mmPerCount;

/** Counts that the belt runs in `ms` at its nominal speed. */
export const countsIn = (ms: number, config: LineConfig): number =>
  countsOf((config.belt.speedMmPerS * ms) / 1_000, config);

/**
 * What is asked for at every event and every pass is worked out once for its key. All passes of one
 * event belong to the same line, so the key is nearly always the one of before.
 */
export function onceFor<Key extends object, Given, T>(
  workOut: (key: Key, given: Given) => T,
): (key: Key, given: Given) => T {
  const known = new WeakMap<Key, T>();
  let last: { readonly key: Key; readonly value: T } | null = null;
  return (key, given) => {
    if (last?.key === key) return last.value;
    let value = known.get(key);
    if (value === undefined) {
      value = workOut(key, given);
      known.set(key, value);
    }
    last = { key, value };
    return value;
  };
}

/** For what follows from a configuration alone. */
export const oncePerLine = <T>(workOut: (config: LineConfig) => T) =>
  onceFor<LineConfig, void, T>(workOut);
