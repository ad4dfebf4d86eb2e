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
  /** Where the scanner's reading plane crosses the belt, and its device id. */
  readonly scanner: { readonly deviceId: string; readonly atMm: number };
  /** Null: no scale is fitted and weight proves nothing. */
  readonly scale: StationSpan | null;
  /** Null: no X-ray is fitted, so whatever needs machine inspection can never be green. */
  readonly xray: StationSpan | null;
  /** Eyes beside the belt, between induction and end, in belt order. */
  readonly trackingEyes: readonly { readonly eyeId: string; readonly atMm: number }[];
  /** Diverters in belt order, at most one an exit. */
  readonly diverters: readonly DiverterConfig[];
  /** The end of the belt: where a parcel goes when nothing is commanded. */
  readonly end: { readonly eyeId: string; readonly atMm: number; readonly exit: Exit };
  readonly sorterId: string;
}

export interface StationSpan {
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
  /** An empty stretch this long at the scanner brings reads and parcels back in step. */
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
 * What follows from a configuration alone is worked out once for it, because it is asked for at
 * every event and every pass. All passes of one event have the same configuration.
 */
export function oncePerLine<T>(workOut: (config: LineConfig) => T): (config: LineConfig) => T {
  const known = new WeakMap<LineConfig, T>();
  let last: { readonly config: LineConfig; readonly value: T } | null = null;
  return (config) => {
    if (last?.config === config) return last.value;
    const value = known.get(config) ?? workOut(config);
    known.set(config, value);
    last = { config, value };
    return value;
  };
}
