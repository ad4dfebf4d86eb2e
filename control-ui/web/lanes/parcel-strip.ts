import type { Exit } from "../../../protocols/sorting.ts";
import type { DrawnParcel } from "./drawn-parcel.ts";
import { placeLabels } from "./label-places.ts";
import { branchAngle, type MimicLayout, type Stretch } from "./mimic-layout.ts";
import { traceExitShape } from "../shell/exit-shape.ts";

/** Colours of the strip, read from the token file once: canvases know no stylesheets. */
export interface StripInk {
  readonly ink: string;
  readonly paper: string;
  readonly hatch: string;
  readonly chevron: string;
  readonly act: string;
  readonly font: string;
}

type Pen = CanvasRenderingContext2D;

/** How much of the belt's width a parcel covers. */
const acrossShare = 0.58;
const lengthPxMin = 9;
/**
 * A label's height as a share of the belt's width; it is never smaller than what can be read
 * standing at the panel.
 */
const labelShare = 0.21;
const labelPxMin = 14;

/** Draws what moves on one belt, its chevrons and its parcels; returns whose label it drew. */
export function drawStrip(
  pen: Pen,
  drawn: {
    readonly layout: MimicLayout;
    readonly parcels: readonly DrawnParcel[];
    readonly unknown: Stretch | null;
    readonly beltMm: number;
    readonly isRunning: boolean;
    readonly highlighted: string | null;
    /** From `hatchPattern`, for simulated parcels. */
    readonly hatch: CanvasPattern | null;
    /** Passes whose label was drawn in the frame before. */
    readonly hadLabel: ReadonlySet<string>;
  },
  ink: StripInk,
): ReadonlySet<string> {
  const { layout, parcels, hatch } = drawn;
  pen.clearRect(0, 0, layout.widthPx, layout.stripBottomPx);
  if (drawn.isRunning) drawChevrons(pen, layout, drawn.beltMm, ink);
  const acrossPx = (layout.beltBottomPx - layout.beltTopPx) * acrossShare;
  if (drawn.unknown !== null) drawUnknown(pen, layout, drawn.unknown, { acrossPx, ink });
  for (const parcel of parcels) drawParcel(pen, parcel, { acrossPx, ink, hatch });
  const labelled = drawLabels(pen, parcels, layout, { ink, hadLabel: drawn.hadLabel });
  const highlighted = parcels.find(({ passId }) => passId === drawn.highlighted);
  if (highlighted !== undefined) drawRing(pen, highlighted, { acrossPx, ink, hatch });
  return labelled;
}

const chevronMm = 2_000;

/** Marks on the belt itself: they move because the belt does, and only then. */
function drawChevrons(pen: Pen, layout: MimicLayout, beltMm: number, ink: StripInk): void {
  const middleY = (layout.beltTopPx + layout.beltBottomPx) / 2;
  const lengthMm = (layout.beltRightPx - layout.beltLeftPx) / layout.pxPerMm;
  pen.strokeStyle = ink.chevron;
  pen.lineWidth = 2;
  pen.beginPath();
  for (let mm = ((beltMm % chevronMm) + chevronMm) % chevronMm; mm < lengthMm; mm += chevronMm) {
    const x = layout.beltLeftPx + mm * layout.pxPerMm;
    pen.moveTo(x - 5, middleY - 8);
    pen.lineTo(x + 3, middleY);
    pen.lineTo(x - 5, middleY + 8);
  }
  pen.stroke();
}

const unknownMarkEveryPx = 96;

/** As one unknown parcel in the legend is drawn: there may be many, or none. */
function drawUnknown(
  pen: Pen,
  layout: MimicLayout,
  { leftPx, rightPx }: Stretch,
  { acrossPx, ink }: Pick<Brush, "acrossPx" | "ink">,
): void {
  const middleY = (layout.beltTopPx + layout.beltBottomPx) / 2;
  pen.save();
  pen.lineWidth = 2;
  pen.strokeStyle = ink.ink;
  pen.fillStyle = ink.paper;
  pen.setLineDash([4, 3]);
  pen.beginPath();
  pen.rect(leftPx, middleY - acrossPx / 2, rightPx - leftPx, acrossPx);
  pen.fill();
  pen.stroke();
  pen.fillStyle = ink.ink;
  pen.font = `600 ${acrossPx * 0.6}px ${ink.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  // The marks are fixed to the belt, so that they move with it.
  for (let x = leftPx + unknownMarkEveryPx / 2; x < rightPx; x += unknownMarkEveryPx) {
    pen.fillText("?", x, middleY + 1);
  }
  pen.restore();
}

interface Brush {
  readonly acrossPx: number;
  readonly ink: StripInk;
  readonly hatch: CanvasPattern | null;
}

function drawParcel(
  pen: Pen,
  { look, place, lengthPx }: DrawnParcel,
  { acrossPx, ink, hatch }: Brush,
): void {
  const length = Math.max(lengthPxMin, lengthPx);
  pen.save();
  pen.translate(place.xPx, place.yPx);
  if (place.isOnBranch) pen.rotate(branchAngle);
  pen.lineWidth = 2;
  pen.strokeStyle = ink.ink;
  if (look.kind === "unknown") {
    pen.setLineDash([4, 3]);
    pen.fillStyle = ink.paper;
    box(pen, length, acrossPx);
    pen.fill();
    pen.stroke();
  } else {
    pen.fillStyle = (look.isSimulated ? hatch : null) ?? ink.ink;
    box(pen, length, acrossPx);
    pen.fill();
    if (look.isSimulated) {
      pen.lineWidth = 1.5;
      pen.stroke();
      pen.lineWidth = 2;
    }
    if (look.isHeld) {
      pen.strokeStyle = ink.paper;
      box(pen, length + 3, acrossPx + 3);
      pen.stroke();
      pen.strokeStyle = ink.ink;
      box(pen, length + 7, acrossPx + 7);
      pen.stroke();
    }
  }
  pen.restore();
}

function box(pen: Pen, length: number, across: number): void {
  pen.beginPath();
  pen.roundRect(-length / 2, -across / 2, length, across, 2.5);
}

const hatchTilePx = 6;

/** A tile of 45° lines, made once a strip: filling with it costs no more than filling plain. */
export function hatchPattern(pen: Pen, ink: StripInk): CanvasPattern | null {
  const tile = new OffscreenCanvas(hatchTilePx, hatchTilePx);
  const tilePen = tile.getContext("2d");
  if (tilePen === null) return null;
  tilePen.fillStyle = ink.ink;
  tilePen.fillRect(0, 0, hatchTilePx, hatchTilePx);
  tilePen.strokeStyle = ink.hatch;
  tilePen.lineWidth = 1.25;
  tilePen.beginPath();
  // Three lines are drawn, so that they go on from one tile to the next.
  for (const shift of [-hatchTilePx, 0, hatchTilePx]) {
    tilePen.moveTo(shift, hatchTilePx);
    tilePen.lineTo(shift + hatchTilePx, 0);
  }
  tilePen.stroke();
  return pen.createPattern(tile, "repeat");
}

/** Labels stand above the belt; where parcels stand too close for that, marks on its edge. */
function drawLabels(
  pen: Pen,
  parcels: readonly DrawnParcel[],
  layout: MimicLayout,
  { ink, hadLabel }: { readonly ink: StripInk; readonly hadLabel: ReadonlySet<string> },
): ReadonlySet<string> {
  const labelPx = Math.max(labelPxMin, (layout.beltBottomPx - layout.beltTopPx) * labelShare);
  pen.font = `600 ${labelPx}px ${ink.font}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  const shapeWidth = ({ look }: DrawnParcel): number =>
    look.exit === null && !look.isAwaited ? 0 : labelPx + 3;
  const widthOf = (parcel: DrawnParcel): number =>
    pen.measureText(parcel.look.label).width + shapeWidth(parcel);
  const places = placeLabels(parcels, widthOf, hadLabel);
  for (const { parcel, leftX } of places) {
    if (leftX === null) {
      drawMark(pen, parcel, layout.beltTopPx, ink);
      continue;
    }
    const { look } = parcel;
    if (look.isAwaited) drawAwaited(pen, { x: leftX + 6, y: layout.labelYPx, radius: 6 }, ink);
    else if (look.exit !== null) {
      drawExit(pen, look.exit, { x: leftX, y: layout.labelYPx - 6, size: 12 }, ink);
    }
    pen.fillStyle = ink.ink;
    pen.fillText(look.label, leftX + shapeWidth(parcel), layout.labelYPx + 1);
  }
  return new Set(places.flatMap(({ parcel, leftX }) => (leftX === null ? [] : parcel.passId)));
}

/** Instead of a label: its shape alone, or a dot, full where the waybill is known. */
function drawMark(pen: Pen, { look, place }: DrawnParcel, y: number, ink: StripInk): void {
  const at = { x: place.xPx, y };
  if (look.isAwaited) return drawAwaited(pen, { ...at, radius: 4.5 }, ink);
  if (look.exit !== null) {
    return drawExit(pen, look.exit, { x: at.x - 4.5, y: y - 4.5, size: 9 }, ink);
  }
  drawDot(pen, { ...at, radius: 3 }, look.label === "?" ? ink.paper : ink.ink, ink);
}

interface DotPlace {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

function drawDot(pen: Pen, { x, y, radius }: DotPlace, fill: string, ink: StripInk): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fillStyle = fill;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = ink.ink;
  pen.stroke();
}

function drawExit(
  pen: Pen,
  exit: Exit,
  place: { readonly x: number; readonly y: number; readonly size: number },
  ink: StripInk,
): void {
  pen.lineWidth = 1.75;
  pen.strokeStyle = ink.ink;
  pen.fillStyle = ink.ink;
  traceExitShape(pen, exit, place);
}

/** "A person must act": a blue disc with a dark outline, as in the legend. */
const drawAwaited = (pen: Pen, place: DotPlace, ink: StripInk): void =>
  drawDot(pen, place, ink.act, ink);

function drawRing(pen: Pen, { place, lengthPx }: DrawnParcel, { acrossPx, ink }: Brush): void {
  pen.lineWidth = 3;
  pen.strokeStyle = ink.ink;
  pen.beginPath();
  pen.arc(place.xPx, place.yPx, Math.max(lengthPx, acrossPx) / 2 + 10, 0, Math.PI * 2);
  pen.stroke();
}
