import type { Entropy } from "../../protocols/time.ts";
import { createSeededEntropy, uniform } from "../world/chance.ts";
import {
  footprintMm,
  isForbidden,
  type ContentKind,
  type TrueContents,
} from "../world/contents.ts";
import { forbiddenThings } from "./forbidden-things.ts";
import type { DrawThing } from "./draw-thing.ts";
import { harmlessThings } from "./harmless-things.ts";
import { airReading, scatterReading } from "./materials.ts";
import { createPlate, type Plate, type Pose } from "./plate.ts";
import { box, frame } from "./shapes.ts";
import { sketch } from "./sketches.ts";

export interface ImageSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What the detector reads, rows from the top: 0 nothing came through, 65,535 everything. */
export interface XrayPicture extends ImageSize {
  readonly low: Uint16Array<ArrayBuffer>;
  readonly high: Uint16Array<ArrayBuffer>;
  /** Where things lie. For the algorithm's and the officers' eyes only: never sent to anybody. */
  readonly things: readonly ThingInPicture[];
}

export interface ThingInPicture {
  readonly kind: ContentKind;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A parcel as the beam met it. */
export interface InBeam {
  readonly lengthMm: number;
  readonly contents: TrueContents;
}

/** Free belt shown around an item, and the shortest stretch of belt shown. */
const marginMm = 25;
const fieldMmMin = 260;
/** Things of one parcel that are drawn; more would only hide each other. */
const thingsMax = 8;
/** Below this width nobody could recognise a thing, so only its outline is drawn. */
const detailWidthPxMin = 160;
/** Places tried for each thing; the one that covers least of the others is taken. */
const triesMax = 12;

/**
 * The shadow of everything that passed the beam together, seen from above with the belt running to
 * the left. Depends on the contents and their seed alone.
 */
export function renderXray(items: readonly InBeam[], size: ImageSize): XrayPicture {
  const lengthMm = items.reduce((sum, item) => sum + item.lengthMm, 0);
  const widthMm = Math.max(...items.map((item) => item.contents.widthMm), 1);
  const mmPerPx = Math.max(
    fieldMmMin / size.widthPx,
    (lengthMm + 2 * marginMm) / size.widthPx,
    (widthMm + 2 * marginMm) / size.heightPx,
  );
  const plate = createPlate(size.widthPx, size.heightPx, mmPerPx);
  const things: ThingInPicture[] = [];
  let fromMm = (size.widthPx * mmPerPx - lengthMm) / 2;
  for (const item of items) {
    drawParcel(plate, item, fromMm, things);
    fromMm += item.lengthMm;
  }
  const noise = createSeededEntropy(items[0]?.contents.seed ?? 0, "beam");
  return { ...size, ...expose(plate, noise), things };
}

function drawParcel(plate: Plate, item: InBeam, fromMm: number, things: ThingInPicture[]): void {
  const { contents, lengthMm } = item;
  const chance = createSeededEntropy(contents.seed, "arrangement");
  const middle: Pose = {
    xMm: fromMm + lengthMm / 2,
    yMm: (plate.heightPx * plate.mmPerPx) / 2,
    angleRad: uniform(chance, -0.04, 0.04),
    scale: 1,
  };
  drawWrapping(plate, middle, item);
  const taken: Pose[] = [];
  for (const kind of contents.items.slice(0, thingsMax)) {
    const pose = findPlace(middle, item, kind, { chance, taken });
    taken.push(pose);
    if (plate.widthPx < detailWidthPxMin) sketch(plate, pose, kind);
    else drawerOf(kind)(plate, pose, chance);
    things.push({ kind, ...outlineOf(plate, kind, pose) });
  }
}

const drawerOf = (kind: ContentKind): DrawThing =>
  isForbidden(kind) ? forbiddenThings[kind] : harmlessThings[kind];

function drawWrapping(plate: Plate, pose: Pose, { lengthMm, contents }: InBeam): void {
  const outline = { of: "organic", lengthMm, widthMm: contents.widthMm } as const;
  if (plate.widthPx < detailWidthPxMin) return box(plate, pose, { ...outline, thickMm: 3 });
  if (contents.wrapping === "bag") {
    box(plate, pose, { ...outline, thickMm: 0.8, cornerMm: 24 });
    frame(plate, pose, { ...outline, thickMm: 2.5, cornerMm: 24, wallMm: 6 });
    return;
  }
  box(plate, pose, { ...outline, thickMm: 3, cornerMm: 2 });
  frame(plate, pose, { ...outline, thickMm: 22, cornerMm: 2, wallMm: 4 });
  // The flaps meet along the middle, under a strip of tape.
  box(plate, pose, { ...outline, widthMm: 50, thickMm: 0.9 });
  box(plate, pose, { ...outline, widthMm: 2.5, thickMm: 4 });
}

/** Lays a thing where it covers the others least; one that is too large is drawn smaller. */
function findPlace(
  middle: Pose,
  { lengthMm, contents }: InBeam,
  kind: ContentKind,
  { chance, taken }: { readonly chance: Entropy; readonly taken: readonly Pose[] },
): Pose {
  const [alongMm, acrossMm] = footprintMm[kind];
  const insideMm = 12;
  const roomX = lengthMm - 2 * insideMm;
  const roomY = contents.widthMm - 2 * insideMm;
  const scale = Math.min(1, roomX / alongMm, roomY / acrossMm);
  let best: Pose | null = null;
  let bestDistance = -1;
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    const isUpright = chance.next() < 0.3 && roomY >= alongMm && roomX >= acrossMm;
    const turn = (isUpright ? Math.PI / 2 : 0) + (chance.next() < 0.5 ? Math.PI : 0);
    const freeX = Math.max(0, roomX - (isUpright ? acrossMm : alongMm) * scale);
    const freeY = Math.max(0, roomY - (isUpright ? alongMm : acrossMm) * scale);
    const pose: Pose = {
      xMm: middle.xMm + uniform(chance, -0.5, 0.5) * freeX,
      yMm: middle.yMm + uniform(chance, -0.5, 0.5) * freeY,
      angleRad: middle.angleRad + turn + uniform(chance, -0.09, 0.09),
      scale: scale * 0.97,
    };
    const distance = Math.min(
      ...taken.map((other) => Math.hypot(other.xMm - pose.xMm, other.yMm - pose.yMm)),
      Infinity,
    );
    if (distance > bestDistance) {
      best = pose;
      bestDistance = distance;
    }
    if (taken.length === 0) break;
  }
  return best ?? middle;
}

/** The thing's bounding rectangle in whole pixels, inside the picture. */
function outlineOf(plate: Plate, kind: ContentKind, pose: Pose): Omit<ThingInPicture, "kind"> {
  const [alongMm, acrossMm] = footprintMm[kind];
  const cos = Math.abs(Math.cos(pose.angleRad));
  const sin = Math.abs(Math.sin(pose.angleRad));
  const halfX = (pose.scale * (cos * alongMm + sin * acrossMm)) / 2;
  const halfY = (pose.scale * (sin * alongMm + cos * acrossMm)) / 2;
  const x = Math.max(0, Math.floor((pose.xMm - halfX) / plate.mmPerPx));
  const y = Math.max(0, Math.floor((pose.yMm - halfY) / plate.mmPerPx));
  const right = Math.min(plate.widthPx, Math.ceil((pose.xMm + halfX) / plate.mmPerPx));
  const bottom = Math.min(plate.heightPx, Math.ceil((pose.yMm + halfY) / plate.mmPerPx));
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}

/** Standard normal deviates, drawn once: a detector's noise does not need fresh ones. */
const deviates = (() => {
  const chance = createSeededEntropy(1, "deviates");
  const table = new Float32Array(4_096);
  for (let index = 0; index < table.length; index += 1) {
    const radius = Math.sqrt(-2 * Math.log(1 - chance.next()));
    table[index] = radius * Math.cos(2 * Math.PI * chance.next());
  }
  return table;
})();

/**
 * How many photons one step of the reading stands for. The fewer they are, the grainier the
 * picture.
 */
const photonsPerReading = 0.12;

function expose(
  plate: Plate,
  noise: Entropy,
): { readonly low: Uint16Array<ArrayBuffer>; readonly high: Uint16Array<ArrayBuffer> } {
  let state = Math.floor(noise.next() * 0x7fff_fffe) + 1;
  const read = (attenuation: Float32Array): Uint16Array<ArrayBuffer> => {
    const readings = new Uint16Array(attenuation.length);
    for (let index = 0; index < readings.length; index += 1) {
      const clean = scatterReading + airReading * Math.exp(-(attenuation[index] ?? 0));
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const deviate = deviates[state & 4_095] ?? 0;
      const reading = clean + Math.sqrt(clean / photonsPerReading) * deviate;
      readings[index] = reading < 0 ? 0 : reading > 65_535 ? 65_535 : reading;
    }
    return readings;
  };
  return { low: read(plate.low), high: read(plate.high) };
}
