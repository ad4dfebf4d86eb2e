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
  /** Of a second scanner, which witnesses for the first; null where none is fitted. */
  readonly witnessMm: number | null;
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

interface EyeLayout {
  readonly eyeId: string;
  readonly positionMm: number;
}

interface ScaleLayout {
  readonly centreMm: number;
  readonly platformMm: number;
  /** Readings are rounded to it. */
  readonly stepG: number;
}

interface XrayLayout {
  /** The machine's own entry eye; a sorter's eye usually stands at the same place. */
  readonly entryMm: number;
  /** Where the fan of the beam cuts the belt. */
  readonly beamMm: number;
  /** Between entry and here nobody can reach the belt. */
  readonly exitMm: number;
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

/** Longest body that the devices can tell apart; the distance from eye to diverter must exceed it. */
const bodyLengthMmMax = 900;

const chute = { capacity: 120, callAtPct: 40, emptiedAfterS: 10 };

/** The default line: 34 m of belt, scanner, scale and X-ray, then the red and the green diverter. */
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
  witnessMm: null,
  scale: { centreMm: 3_000, platformMm: 800, stepG: 5 },
  xray: { entryMm: 5_000, beamMm: 6_000, exitMm: 7_000 },
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

/** Every eye that is wired to the sorter, those of the chutes too. */
export const eyeIdsOf = (layout: WorldLayout): readonly string[] => [
  ...layout.eyes.map(({ eyeId }) => eyeId),
  ...layout.diverters.map(({ chuteEyeId }) => chuteEyeId),
];

/** Where each eye stands behind the induction's, in counts, and whether a parcel leaves there. */
export function eyePlacesOf({
  eyes,
  diverters,
  mmPerCount,
}: WorldLayout): Record<string, { readonly atCount: number; readonly isExit: boolean }> {
  const place = (atMm: number, isExit: boolean) => ({ atCount: atMm / mmPerCount, isExit });
  const [first] = eyes;
  return Object.fromEntries([
    ...eyes.map(({ eyeId, positionMm }, index) => [
      eyeId,
      place(positionMm - (first?.positionMm ?? 0), index === eyes.length - 1),
    ]),
    ...diverters.map(({ chuteEyeId, mouthMm, chuteEyeAfterMm }) => [
      chuteEyeId,
      place(mouthMm + chuteEyeAfterMm - (first?.positionMm ?? 0), true),
    ]),
  ]);
}

/** Why a layout cannot work, in a sentence that names the key; null when it can. */
export function explainLayout(layout: WorldLayout): string | null {
  const positions = layout.eyes.map((eye) => eye.positionMm);
  const endMm = positions.at(-1) ?? 0;
  if (positions[0] !== 0) return "eyes[0].positionMm: the induction eye stands at 0";
  const unordered = positions.findIndex(
    (at, index) => index > 0 && at <= (positions[index - 1] ?? 0),
  );
  if (unordered > 0) return `eyes[${unordered}].positionMm: eyes are listed in belt order`;
  const late = layout.diverters.findIndex(({ mouthMm }) => mouthMm + bodyLengthMmMax >= endMm);
  if (late >= 0) return `diverters[${late}].mouthMm: less than a body's length before the end eye`;
  const exits = layout.diverters.map(({ exit }) => exit);
  if (new Set([...exits, layout.endExit]).size <= exits.length) {
    return "diverters: each exit, the end's too, is reached in one way only";
  }
  return null;
}
