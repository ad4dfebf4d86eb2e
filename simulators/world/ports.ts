import type { DimensionsMm } from "../../protocols/scale/dimensions.ts";
import type { ChuteState, Exit } from "../../protocols/sorting.ts";
import type { Timer } from "../../protocols/time.ts";
import type { TrueContents } from "./contents.ts";

/**
 * What the physical world and the things around it say to each other. Devices sit between the
 * world and the agent's wires: the world tells them what physically reaches them and never what a
 * parcel truly is. Only the oracle hears truth ids, and it sits outside every wire (law 15).
 */

/** A parcel before it is put on the belt. */
export interface PhysicalParcel {
  /** Known to the oracle alone. */
  readonly truthId: string;
  readonly lengthMm: number;
  /** Free belt in front of it, from the rear of the one before. */
  readonly gapMm: number;
  readonly weightG: number;
  /** Every code a scanner can read from it; none when its label is spoilt. */
  readonly labels: readonly string[];
  readonly contents: TrueContents;
}

/** Where parcels come from. Null: none at present; call `LineWorld.infeedChanged` when there is. */
export interface ParcelSource {
  next(): PhysicalParcel | null;
}

/** The sorter's cabinet as the world sees it: what its inputs are wired to. */
export interface SorterSide {
  /** The edge of an eye, with the encoder's count at the edge itself. */
  eyeChanged(eyeId: string, isBlocked: boolean, count: number): void;
  chuteChanged(exit: Exit, state: ChuteState, fillPct: number): void;
  /** The belt started, halted or reached another speed, or the emergency stop changed. */
  beltChanged(): void;
}

/** The same cabinet's outputs and the encoder it counts: what it may do to the world. */
export interface LineMachinery {
  /** Encoder counts since the world began. */
  count(): number;
  /** Calls once, when the encoder shows `count`. */
  whenCount(count: number, fire: () => void): Timer;
  belt(): BeltStatus;
  chute(exit: Exit): { readonly state: ChuteState; readonly fillPct: number };
  isEyeBlocked(eyeId: string): boolean;
  swing(exit: Exit, isOut: boolean): void;
  permitInduction(isPermitted: boolean): void;
  runBelt(run: boolean): void;
}

export interface BeltStatus {
  readonly speedMmPerS: number;
  readonly isRunning: boolean;
  readonly emergencyStop: boolean;
}

export interface ScannerSide {
  /** One trigger: every code in the beam, in belt order; empty for a no-read. */
  read(labels: readonly string[]): void;
}

export interface ScaleSide {
  /** A settled load, grams; and its edges for what measures too: along the belt, across it, and up. */
  settled(weightG: number, edgesMm?: DimensionsMm): void;
}

/** The X-ray machine has an entry eye of its own and calls what passes it between two edges an item. */
export interface XraySide {
  itemEntered(entryCount: number): void;
  itemCleared(entryCount: number, lengthMm: number): void;
  /**
   * The item's rear has left the beam, which its front had reached at `frontCount`. `contents` are
   * what the beam went through, front first.
   */
  itemScanned(contents: readonly ScannedBody[], frontCount: number): void;
}

export interface ScannedBody {
  readonly lengthMm: number;
  readonly contents: TrueContents;
}

export interface LineDevices {
  readonly sorter: SorterSide;
  readonly scanner: ScannerSide;
  /** Only where a second scanner is fitted. */
  readonly witness?: ScannerSide;
  readonly scale: ScaleSide;
  readonly xray: XraySide;
}

/** How a body's journey over the belt ended. */
export type BodyEnd =
  | { readonly kind: "exit"; readonly exit: Exit; readonly why: "diverted" | "endOfBelt" }
  | { readonly kind: "removedByHand" }
  | { readonly kind: "stillOnBelt" };

/** Hears the truth. Whoever implements it must keep it from every agent. */
export interface WorldOracle {
  onInducted(truthId: string): void;
  /** Which bodies a device looked at when it said what it said. */
  onRead(truthIds: readonly string[], labels: readonly string[]): void;
  onWeighed(truthIds: readonly string[], weightG: number): void;
  onScanned(truthIds: readonly string[]): void;
  /** The body has come before this eye; `count` is the encoder's then. */
  onEyeCovered(truthId: string, eyeId: string, count: number): void;
  /** The diverter's wheels are asked to turn out, or back. */
  onSwing(exit: Exit, isOut: boolean): void;
  /** Something has befallen the line here and now. */
  onMishap(mishap: Mishap): void;
  onParcelEnded(truthId: string, end: BodyEnd): void;
}

/** What befell whom, and where along the belt. */
export interface Mishap {
  readonly kind: WorldFaultSite;
  /** Null where it was no body's: a diverter, an eye, the scanner. */
  readonly truthId: string | null;
  readonly positionMm: number;
}

export const deafOracle: WorldOracle = {
  onInducted: () => {},
  onRead: () => {},
  onWeighed: () => {},
  onScanned: () => {},
  onEyeCovered: () => {},
  onSwing: () => {},
  onMishap: () => {},
  onParcelEnded: () => {},
};

/** Chance disturbances that the world asks about at each opportunity; see `simulators/faults`. */
export interface WorldFaults {
  fires(site: WorldFaultSite): boolean;
  /** How strong this one is, uniform in [0, 1). */
  strength(): number;
}

export const worldFaultSites = [
  "parcelTooClose",
  "parcelRemovedByHand",
  "foreignParcel",
  "parcelSlips",
  "diverterDead",
  "diverterLate",
  "eyeBounce",
  "scanLost",
] as const;
export type WorldFaultSite = (typeof worldFaultSites)[number];

export const noFaults: WorldFaults = { fires: () => false, strength: () => 0 };
