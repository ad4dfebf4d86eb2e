import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { LineView } from "../../../protocols/ui/scene.ts";
import { BeltPosition, positionMm } from "../motion/belt-motion.ts";
import { onEachFrame } from "../motion/frame-loop.ts";
import { go, route } from "../shell/router.ts";
import { shortWaybills } from "../shell/short-waybill.ts";
import { live, voice } from "../shell/site.ts";
import { pickParcel, type DrawnParcel } from "./drawn-parcel.ts";
import { placeOf, unknownStretch, type MimicLayout } from "./mimic-layout.ts";
import { lookOf } from "./parcel-look.ts";
import { ParcelList } from "./parcel-list.tsx";
import { drawStrip, hatchPattern, type StripInk } from "./parcel-strip.ts";

/** A finger's reach: a target of 20 mm on a 21.5-inch panel (4.03 pixels a millimetre). */
const reachPx = 40;

/** The moving part of one line: one canvas, one finger-wide target, one list for readers. */
export function ParcelLayer(props: {
  readonly lineId: string;
  readonly layout: MimicLayout;
}): JSX.Element {
  const { lineId, layout } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<readonly DrawnParcel[]>([]);
  const focused = useSignal<string | null>(null);
  useEffect(
    () => drawOnEachFrame({ canvas, drawn, focused, lineId, layout }),
    [lineId, layout.widthPx, layout.heightPx, layout.pxPerMm],
  );
  const tap = (event: MouseEvent): void => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return;
    const at = { xPx: event.clientX - box.left, yPx: event.clientY - box.top };
    const picked = pickParcel(drawn.current, at, reachPx);
    if (picked !== null) go({ name: "lines", story: { passId: picked.passId } });
  };
  return (
    <>
      <canvas
        ref={canvas}
        class="strip"
        style={{ width: `${layout.widthPx}px`, height: `${layout.stripBottomPx}px` }}
        onClick={tap}
        data-strip={lineId}
        aria-label={voice.value.say("ui", "parcels", { line: lineId })}
        role="img"
      />
      <ParcelList lineId={lineId} drawn={drawn} focused={focused} />
    </>
  );
}

interface Strip {
  readonly canvas: { readonly current: HTMLCanvasElement | null };
  readonly drawn: { current: readonly DrawnParcel[] };
  readonly focused: Signal<string | null>;
  readonly lineId: string;
  readonly layout: MimicLayout;
}

function drawOnEachFrame({ canvas, drawn, focused, lineId, layout }: Strip): () => void {
  const element = canvas.current;
  const pen = element?.getContext("2d") ?? null;
  if (element === null || pen === null) return () => {};
  const ratio = devicePixelRatio;
  element.width = Math.round(layout.widthPx * ratio);
  element.height = Math.round(layout.stripBottomPx * ratio);
  pen.scale(ratio, ratio);
  const belt = new BeltPosition();
  const ink = readInk(element);
  const hatch = hatchPattern(pen, ink);
  let hadLabel: ReadonlySet<string> = new Set();
  return onEachFrame(() => {
    const line = live.scene.line.peek(lineId);
    if (line === undefined) return;
    const beltCount = belt.draw(line.motion, line.mmPerCount, live.now());
    drawn.current = drawnParcels(line, beltCount, layout);
    const highlighted = focused.peek() ?? openedPassId();
    const beltMm = beltCount * line.mmPerCount;
    const { isRunning } = line.motion;
    const unknown = unknownStretch(line, beltCount, layout);
    const parcels = drawn.current;
    hadLabel = drawStrip(
      pen,
      { layout, parcels, unknown, beltMm, isRunning, highlighted, hatch, hadLabel },
      ink,
    );
  });
}

function drawnParcels(
  line: LineView,
  beltCount: number,
  layout: MimicLayout,
): readonly DrawnParcel[] {
  const awaited = new Set(live.scene.task.peekAll().map(({ passId }) => passId));
  const parcels = live.scene.parcel.peekAll().filter(({ lineId }) => lineId === line.id);
  const labels = shortWaybills(parcels.flatMap(({ waybill }) => waybill ?? []));
  return parcels.flatMap((parcel) => {
    const frontMm = positionMm(parcel.frontCount, beltCount, line.mmPerCount);
    const place = placeOf(frontMm - parcel.lengthMm / 2, parcel.decided, layout);
    if (place === null) return [];
    const isAwaited = awaited.has(parcel.passId);
    const look = lookOf(parcel, line, { isAwaited, label: labels.get(parcel.waybill ?? "") });
    return [{ passId: parcel.passId, look, place, lengthPx: parcel.lengthMm * layout.pxPerMm }];
  });
}

/** The parcel whose story is open beside the lines. */
function openedPassId(): string | null {
  const here = route.peek();
  return here.name === "lines" && here.story !== null && "passId" in here.story
    ? here.story.passId
    : null;
}

function readInk(element: HTMLElement): StripInk {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink"),
    paper: token("--paper"),
    hatch: token("--hatch"),
    chevron: token("--chevron"),
    act: token("--act"),
    font: style.fontFamily,
  };
}
