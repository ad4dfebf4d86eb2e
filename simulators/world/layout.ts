import type { Exit } from "../../protocols/sorting.ts";

/**
 * Where things stand along one belt, in millimetres from the induction eye, in the direction of
 * travel. A plain object, so that a scenario or a configuration file can write it.
 */
export interface WorldLayout {
  /** Belt travel a single encoder count. */
  readonly mmPerCount: number;
  readonly beltSpeedMmPerS: number;
  /** How fast the belt starts and stops; null for at once. */
  readonly rampMmPerS2: number | null;
  /** Eyes across the belt, in belt order. The first stands at 0, the last is the end's. */
  readonly eyes: readonly EyeLayout[];
  /** Where the scanner's beam meets the belt. */
  readonly scannerMm: number;
  /** Null where no scale is fitted. */
  readonly scale: ScaleLayout | null;
  /** Null where no X-ray is fitted. */
  readonly xray: XrayLayout | null;
  /** In belt order. */
  readonly diverters: readonly DiverterLayout[];
  /** What lies at the end of the belt: the exit of everything that no diverter took. */
  readonly endExit: Exit;
  readonly chutes: Readonly<Record<Exit, ChuteLayout>>;
}

export interface EyeLayout {
  readonly eyeId: string;
  readonly positionMm: number;
}

export interface ScaleLayout {
  readonly centreMm: number;
  readonly platformMm: number;
  /** Readings are rounded to it. */
  readonly stepG: number;
}

export interface XrayLayout {
  /** The machine's own entry eye; a sorter's eye usually stands at the same place. */
  readonly entryMm: number;
  /** Where the fan of the beam cuts the belt. */
  readonly beamMm: number;
}

export interface DiverterLayout {
  readonly exit: Exit;
  /** Where the diverter's first wheel stands. */
  readonly mouthMm: number;
  /** From the command to the wheels being turned, and back again. */
  readonly swingMs: number;
  readonly chuteEyeId: string;
  /** Belt travel from the mouth until a diverted front is seen by the chute's eye. */
  readonly chuteEyeAfterMm: number;
}

export interface ChuteLayout {
  /** Parcels that fit until it reports itself full. */
  readonly capacity: number;
  /** Fill at which people are called to empty it. */
  readonly callAtPct: number;
  /** Median time until they have done so. */
  readonly emptiedAfterS: number;
}

/** Longest body the stations can tell apart; the distance from eye to diverter must exceed it. */
export const bodyLengthMmMax = 900;

const chute = { capacity: 120, callAtPct: 40, emptiedAfterS: 10 };

/** @see DESIGN.md, "Default line". */
export const defaultLayout: WorldLayout = {
  mmPerCount: 1,
  beltSpeedMmPerS: 1_000,
  rampMmPerS2: 2_000,
  eyes: [
    { eyeId: "induction", positionMm: 0 },
    { eyeId: "xray-entry", positionMm: 5_000 },
    { eyeId: "pre-red", positionMm: 27_000 },
    { eyeId: "pre-green", positionMm: 30_000 },
    { eyeId: "end", positionMm: 34_000 },
  ],
  scannerMm: 1_500,
  scale: { centreMm: 3_000, platformMm: 800, stepG: 5 },
  xray: { entryMm: 5_000, beamMm: 6_000 },
  diverters: [
    {
      exit: "red",
      mouthMm: 28_000,
      swingMs: 80,
      chuteEyeId: "red-chute",
      chuteEyeAfterMm: 300,
    },
    {
      exit: "green",
      mouthMm: 31_000,
      swingMs: 80,
      chuteEyeId: "green-chute",
      chuteEyeAfterMm: 300,
    },
  ],
  endExit: "inspection",
  chutes: { green: chute, red: chute, inspection: chute },
};
