import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ImageBox } from "../../../protocols/verdicts.ts";
import type { Voice } from "../../../protocols/words/words.ts";
import { voice } from "../shell/site.ts";
import type { ImageTools } from "./colour-table.ts";
import { colouredImage, drawImage } from "./image-canvas.ts";
import { imageNotes, type PreparedImage } from "./prepared-image.ts";
import { pan, zoomAt, zoomStep, type Viewport } from "./viewport.ts";

interface ImageViewProps {
  readonly image: PreparedImage;
  readonly boxes: readonly ImageBox[];
  readonly tools: ImageTools;
  readonly viewport: Signal<Viewport>;
  readonly label: string;
  /** Hash of the message shown, for whoever checks that image and words belong together. */
  readonly imageHash: string;
}

/** One X-ray image: dragged to pan, wheel to zoom; keys and buttons are the caller's. */
export function ImageView(props: ImageViewProps): JSX.Element {
  const { image, boxes, tools, viewport } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useMemo(() => inLanguage(boxes, voice.value), [boxes, voice.value]);
  const coloured = useMemo(() => colouredImage(image, tools), [image, tools]);
  const notes = imageNotes(image).map((each) => voice.value.say("ui", each));
  const note = notes.length === 0 ? null : notes.join(" · ");
  const shown = viewport.value;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = (): void => drawImage(element, { coloured, boxes: marks, viewport: shown, note });
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [coloured, marks, shown, note]);
  return (
    <canvas
      ref={canvas}
      class="xray"
      role="img"
      aria-label={props.label}
      data-image={props.imageHash}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const by = { x: event.movementX, y: event.movementY };
        viewport.value = pan(viewport.peek(), by, { image, view: sizeOf(event.currentTarget) });
      }}
      onWheel={(event) => {
        event.preventDefault();
        const box = event.currentTarget.getBoundingClientRect();
        const at = {
          x: event.clientX - box.left - box.width / 2,
          y: event.clientY - box.top - box.height / 2,
        };
        const factor = event.deltaY < 0 ? zoomStep : 1 / zoomStep;
        const view = sizeOf(event.currentTarget);
        viewport.value = zoomAt(viewport.peek(), factor, { image, view, at });
      }}
    />
  );
}

const inLanguage = (boxes: readonly ImageBox[], { find }: Voice): readonly ImageBox[] =>
  boxes.map((box) => ({ ...box, label: find("mark", box.label) ?? box.label }));

const sizeOf = (element: HTMLElement): { widthPx: number; heightPx: number } => ({
  widthPx: element.clientWidth,
  heightPx: element.clientHeight,
});
