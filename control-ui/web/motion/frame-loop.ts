import { signal } from "@preact/signals";
import { initialFrameWatch, watchFrame } from "./weak-mode.ts";

/** True while this display is too slow for 60 Hz; shown in the header. */
export const isWeakDisplay = signal(false);

type Draw = () => void;
const draws = new Set<Draw>();
let watch = initialFrameWatch;
let lastFrameAtMs = 0;
let isOddFrame = false;

/** Calls `draw` once a frame until the returned function is called. One loop serves all strips. */
export function onEachFrame(draw: Draw): () => void {
  if (draws.size === 0) {
    lastFrameAtMs = performance.now();
    requestAnimationFrame(frame);
  }
  draws.add(draw);
  return () => draws.delete(draw);
}

function frame(atMs: number): void {
  if (draws.size === 0) return;
  watch = watchFrame(watch, atMs, atMs - lastFrameAtMs);
  lastFrameAtMs = atMs;
  isWeakDisplay.value = watch.isWeak;
  isOddFrame = !isOddFrame;
  if (!watch.isWeak || isOddFrame) for (const draw of draws) draw();
  requestAnimationFrame(frame);
}
