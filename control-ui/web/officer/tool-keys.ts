import { plainTools, type ImageTools } from "../xray/colour-table.ts";

/** Every image tool has a button and a letter; letters never decide anything. */
export type ToolAction =
  | { readonly kind: "view"; readonly view: ImageTools["view"] }
  | { readonly kind: "negative" | "penetrate" | "boxes" | "reset" }
  | { readonly kind: "zoomIn" | "zoomOut" | "fit" }
  | { readonly kind: "brightness" | "contrast"; readonly by: number }
  | { readonly kind: "pan"; readonly x: number; readonly y: number };

const panPx = 60;
const levelStep = 0.1;

const actions: Readonly<Record<string, ToolAction>> = {
  c: { kind: "view", view: "colour" },
  b: { kind: "view", view: "grey" },
  o: { kind: "view", view: "organic" },
  m: { kind: "view", view: "metal" },
  n: { kind: "negative" },
  h: { kind: "penetrate" },
  k: { kind: "boxes" },
  f: { kind: "fit" },
  r: { kind: "reset" },
  x: { kind: "zoomIn" },
  z: { kind: "zoomOut" },
  "[": { kind: "brightness", by: -levelStep },
  "]": { kind: "brightness", by: levelStep },
  ";": { kind: "contrast", by: -levelStep },
  "'": { kind: "contrast", by: levelStep },
  ArrowLeft: { kind: "pan", x: panPx, y: 0 },
  ArrowRight: { kind: "pan", x: -panPx, y: 0 },
  ArrowUp: { kind: "pan", x: 0, y: panPx },
  ArrowDown: { kind: "pan", x: 0, y: -panPx },
};

export const toolOfKey = (key: string): ToolAction | null => {
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(actions, name) ? (actions[name] ?? null) : null;
};

/** What an action does to the colours; null when it is about the viewport or the marks. */
export function withTool(tools: ImageTools, action: ToolAction): ImageTools | null {
  switch (action.kind) {
    case "view":
      return { ...tools, view: action.view };
    case "negative":
      return { ...tools, isNegative: !tools.isNegative };
    case "penetrate":
      return { ...tools, isPenetrating: !tools.isPenetrating };
    case "brightness":
    case "contrast":
      return { ...tools, [action.kind]: level(tools[action.kind] + action.by) };
    case "reset":
      return plainTools;
    case "boxes":
    case "zoomIn":
    case "zoomOut":
    case "fit":
    case "pan":
      return null;
  }
}

const level = (value: number): number => Math.round(Math.min(1, Math.max(-1, value)) * 100) / 100;
