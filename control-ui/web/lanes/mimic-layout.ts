import type { LineView } from "../../../protocols/ui/scene.ts";
import type { Exit } from "../../../protocols/sorting.ts";

/**
 * The line to scale, in pixels: one scale for everything along the belt, the belt's end and every
 * diverter where they are. Pure, so that drawing, picking and tests agree on one geometry.
 */
export interface MimicLayout {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pxPerMm: number;
  readonly beltLeftPx: number;
  readonly beltRightPx: number;
  readonly rulerYPx: number;
  readonly labelYPx: number;
  readonly beltTopPx: number;
  readonly beltBottomPx: number;
  /** Bottom of the strip in which parcels are drawn: the chutes' mouths. */
  readonly stripBottomPx: number;
  readonly branchHalfPx: number;
  readonly branches: readonly Branch[];
  readonly beltPlaces: readonly PlaceBox[];
  readonly ticks: readonly {
    readonly mm: number;
    readonly xPx: number;
    readonly isMajor: boolean;
  }[];
}

/** Where the belt leaves to a chute: a diverter, or the end. */
export interface Branch {
  readonly exit: Exit;
  readonly isEnd: boolean;
  readonly atMm: number;
  readonly xPx: number;
  readonly mouthXPx: number;
  /** Width that the chute below may take. */
  readonly chuteLeftPx: number;
  readonly chuteWidthPx: number;
}

export interface PlaceBox {
  readonly id: string;
  readonly kind: LineView["beltPlaces"][number]["kind"];
  readonly leftPx: number;
  readonly rightPx: number;
}

const marginPx = 24;
const rulerHeightPx = 20;
const labelHeightPx = 24;
/** Across the belt the scale is free: it takes the room there is, within these bounds. */
const beltHeightPxMin = 40;
const beltHeightPxMax = 96;
const beltShare = 0.25;
const branchDropPxMin = 32;
const branchDropPxMax = 60;
const branchDropShare = 0.16;
/**
 * Half of what a branch takes up along the belt, as a share of the belt's width or of the distance
 * between branches.
 */
const branchHalfShare = 0.36;
const branchHalfShareOfGap = 0.28;
const chuteGapPx = 8;
const chuteWidthPxMax = 150;
/** Holds the exit's word in both languages. */
const chuteWidthPxWanted = 114;
/** Share of the last chute's width that lies to the right of its mouth. */
const endChuteShare = 0.75;

export function layoutMimic(
  line: LineView,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): MimicLayout {
  const beltHeightPx = clamp(heightPx * beltShare, beltHeightPxMin, beltHeightPxMax);
  const branchDropPx = clamp(heightPx * branchDropShare, branchDropPxMin, branchDropPxMax);
  // A wheel diverter turns parcels by 45°: as far along as down, from the belt's middle.
  const branchDepthPx = beltHeightPx / 2 + branchDropPx;
  const beltTopPx = rulerHeightPx + labelHeightPx;
  const beltBottomPx = beltTopPx + beltHeightPx;
  const beltLeftPx = marginPx;
  const reservePx = branchDepthPx + chuteWidthPxWanted * endChuteShare;
  const pxPerMm = Math.max(0, widthPx - marginPx * 2 - reservePx) / Math.max(1, line.lengthMm);
  const toX = (mm: number): number => beltLeftPx + mm * pxPerMm;
  const gapPx = smallestGap(exitPlaces(line).map(({ fromMm }) => toX(fromMm)));
  const branchHalfPx = Math.min(beltHeightPx * branchHalfShare, gapPx * branchHalfShareOfGap);
  return {
    widthPx,
    heightPx,
    pxPerMm,
    beltLeftPx,
    beltRightPx: toX(line.lengthMm),
    rulerYPx: 14,
    labelYPx: rulerHeightPx + labelHeightPx / 2,
    beltTopPx,
    beltBottomPx,
    stripBottomPx: beltBottomPx + branchDropPx,
    branchHalfPx,
    branches: branchesOf(line, { toX, branchHalfPx, branchDepthPx }),
    beltPlaces: line.beltPlaces.map(({ id, kind, fromMm, toMm }) => ({
      id,
      kind,
      leftPx: toX(fromMm),
      rightPx: toX(toMm),
    })),
    ticks: ticksOf(line.lengthMm, toX),
  };
}

export interface Stretch {
  readonly leftPx: number;
  readonly rightPx: number;
}

/**
 * Where on the belt lies what nobody has seen coming: all that was on it when its count began to
 * be known. It runs out with the belt; null once it has.
 */
export function unknownStretch(
  { knownFromCount, mmPerCount }: Pick<LineView, "knownFromCount" | "mmPerCount">,
  beltNowCount: number,
  layout: MimicLayout,
): Stretch | null {
  if (knownFromCount === null) return null;
  const fromMm = Math.max(0, (beltNowCount - knownFromCount) * mmPerCount);
  const leftPx = layout.beltLeftPx + fromMm * layout.pxPerMm;
  return leftPx < layout.beltRightPx ? { leftPx, rightPx: layout.beltRightPx } : null;
}

const clamp = (value: number, min: number, max: number): number =>
  Math.round(Math.min(max, Math.max(min, value)));

interface BranchScale {
  readonly toX: (mm: number) => number;
  readonly branchHalfPx: number;
  readonly branchDepthPx: number;
}

type BeltPlace = LineView["beltPlaces"][number];

const exitPlaces = (line: LineView): readonly (BeltPlace & { readonly exit: Exit })[] =>
  line.beltPlaces.filter(
    (place): place is BeltPlace & { exit: Exit } =>
      place.exit !== null && (place.kind === "diverter" || place.kind === "end"),
  );

function branchesOf(line: LineView, scale: BranchScale): readonly Branch[] {
  const { toX, branchDepthPx } = scale;
  const exits = exitPlaces(line);
  const mouths = exits.map((place) => toX(place.fromMm) + branchDepthPx);
  const chuteWidthPx = chuteWidth(mouths, scale);
  // Chutes that are wider than the distance between their mouths fan out from the middle, and each
  // stays under its own mouth.
  const middlePx = mouths.reduce((sum, mouth) => sum + mouth, 0) / Math.max(1, mouths.length);
  const isFanned = chuteWidthPx + chuteGapPx > smallestGap(mouths);
  return exits.map((place, index) => {
    const mouthXPx = mouths[index] ?? 0;
    const steps = index - (mouths.length - 1) / 2;
    const centrePx = isFanned ? middlePx + steps * (chuteWidthPx + chuteGapPx) : mouthXPx;
    return {
      exit: place.exit,
      isEnd: place.kind === "end",
      atMm: place.fromMm,
      xPx: toX(place.fromMm),
      mouthXPx,
      chuteLeftPx: centrePx - chuteWidthPx / 2,
      chuteWidthPx,
    };
  });
}

/** As wide as wanted, unless a fan that wide would leave a mouth beside its chute. */
function chuteWidth(mouths: readonly number[], { branchHalfPx }: BranchScale): number {
  const roomPx = smallestGap(mouths) - chuteGapPx;
  const fannedPx = Math.min(chuteWidthPxWanted, 2 * (roomPx - branchHalfPx));
  return Math.max(0, Math.min(chuteWidthPxMax, Math.max(roomPx, fannedPx)));
}

const smallestGap = (mouths: readonly number[]): number =>
  Math.min(Infinity, ...mouths.slice(1).map((mouth, index) => mouth - (mouths[index] ?? 0)));

const tickMm = 1_000;
const majorTickMm = 5_000;

function ticksOf(lengthMm: number, toX: (mm: number) => number): MimicLayout["ticks"] {
  const count = Math.floor(lengthMm / tickMm) + 1;
  return Array.from({ length: count }, (_, index) => {
    const mm = index * tickMm;
    return { mm, xPx: toX(mm), isMajor: mm % majorTickMm === 0 };
  });
}

export interface DrawnPlace {
  readonly xPx: number;
  readonly yPx: number;
  /** Turned onto a branch. */
  readonly isOnBranch: boolean;
}

/**
 * Where a parcel's middle is drawn. A parcel that was decided for a diverter's exit turns onto its
 * branch there; anything else stays on the belt to its end. Null once it is in a chute.
 */
export function placeOf(
  middleMm: number,
  decided: Exit | null,
  layout: MimicLayout,
): DrawnPlace | null {
  const middleY = (layout.beltTopPx + layout.beltBottomPx) / 2;
  const branch =
    layout.branches.find(({ exit, isEnd }) => !isEnd && exit === decided) ??
    layout.branches.find(({ isEnd }) => isEnd);
  const xPx = layout.beltLeftPx + middleMm * layout.pxPerMm;
  if (branch === undefined || xPx <= branch.xPx) return { xPx, yPx: middleY, isOnBranch: false };
  // On the branch, too, the belt's millimetres are drawn to scale, at 45°.
  const alongPx = (xPx - branch.xPx) * Math.SQRT1_2;
  if (alongPx > layout.stripBottomPx - middleY) return null;
  return { xPx: branch.xPx + alongPx, yPx: middleY + alongPx, isOnBranch: true };
}

/** Of a branch against the belt. */
export const branchAngle = Math.PI / 4;
