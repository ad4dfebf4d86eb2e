import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { plainTools, type ImageTools } from "../xray/colour-table.ts";
import type { PreparedImage } from "../xray/prepared-image.ts";
import { fitted, pan, zoomAt, zoomStep, type Size, type Viewport } from "../xray/viewport.ts";
import { isTyping } from "./is-typing.ts";
import { toolOfKey, withTool, type ToolAction } from "./tool-keys.ts";

/** What is switched on for one image, and the one way to change it: buttons and keys alike. */
export interface ToolSet {
  readonly tools: Signal<ImageTools>;
  readonly areBoxesShown: ReadonlySignal<boolean>;
  readonly viewport: Signal<Viewport>;
  readonly act: (action: ToolAction) => void;
}

/**
 * A fresh set for each image: the last one's tools may hide what matters in this one. `viewSize`
 * is asked when an action needs it.
 */
export function useToolSet(image: PreparedImage, viewSize: () => Size): ToolSet {
  const set = useMemo(() => toolSet(image, viewSize), [image]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = isTyping(event) ? null : toolOfKey(event.key);
      if (action === null) return;
      event.preventDefault();
      set.act(action);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [set]);
  return set;
}

function toolSet(image: PreparedImage, viewSize: () => Size): ToolSet {
  const tools = signal(plainTools);
  const areBoxesShown = signal(true);
  const viewport = signal(fitted(image));
  const act = (action: ToolAction): void => {
    const on = { image, view: viewSize() };
    tools.value = withTool(tools.peek(), action) ?? tools.peek();
    viewport.value = moved(viewport.peek(), action, on);
    if (action.kind === "boxes") areBoxesShown.value = !areBoxesShown.peek();
    if (action.kind === "reset") areBoxesShown.value = true;
  };
  return { tools, areBoxesShown, viewport, act };
}

function moved(
  viewport: Viewport,
  action: ToolAction,
  on: { readonly image: PreparedImage; readonly view: Size },
): Viewport {
  switch (action.kind) {
    case "zoomIn":
      return zoomAt(viewport, zoomStep, on);
    case "zoomOut":
      return zoomAt(viewport, 1 / zoomStep, on);
    case "pan":
      return pan(viewport, action, on);
    case "fit":
    case "reset":
      return fitted(on.image);
    case "view":
    case "negative":
    case "penetrate":
    case "boxes":
    case "brightness":
    case "contrast":
      return viewport;
  }
}
