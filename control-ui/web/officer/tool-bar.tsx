import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { voice } from "../shell/site.ts";
import type { ImageTools } from "../xray/colour-table.ts";
import type { ToolSet } from "./image-tools.ts";

const views = [
  { view: "colour", word: "toolColour", key: "C" },
  { view: "grey", word: "toolGrey", key: "B" },
  { view: "organic", word: "toolOrganic", key: "O" },
  { view: "metal", word: "toolMetal", key: "M" },
] as const;

/** Every tool with its key; what is switched on is pressed in. */
export function ToolBar({ set }: { readonly set: ToolSet }): JSX.Element {
  const { say } = voice.value;
  const onAction = set.act;
  const tools = set.tools.value;
  return (
    <div class="tools" role="toolbar" aria-label={say("ui", "tools")}>
      <div class="tool-group">
        {views.map(({ view, word, key }) => (
          <Tool
            key={view}
            label={say("ui", word)}
            hint={key}
            isOn={tools.view === view}
            onClick={() => onAction({ kind: "view", view })}
          />
        ))}
      </div>
      <div class="tool-group">
        <Tool
          label={say("ui", "toolNegative")}
          hint="N"
          isOn={tools.isNegative}
          onClick={() => onAction({ kind: "negative" })}
        />
        <Tool
          label={say("ui", "toolPenetrate")}
          hint="H"
          isOn={tools.isPenetrating}
          onClick={() => onAction({ kind: "penetrate" })}
        />
        <Tool
          label={say("ui", "toolBoxes")}
          hint="K"
          isOn={set.areBoxesShown.value}
          onClick={() => onAction({ kind: "boxes" })}
        />
      </div>
      <div class="tool-group">
        <Tool
          label="−"
          name={say("ui", "toolZoomOut")}
          hint="Z"
          onClick={() => onAction({ kind: "zoomOut" })}
        />
        <output class="tool-zoom">{set.viewport.value.zoom.toFixed(1)}×</output>
        <Tool
          label="+"
          name={say("ui", "toolZoomIn")}
          hint="X"
          onClick={() => onAction({ kind: "zoomIn" })}
        />
        <Tool label={say("ui", "toolFit")} hint="F" onClick={() => onAction({ kind: "fit" })} />
      </div>
      <div class="tool-group tool-levels">
        <Level kind="brightness" label={say("ui", "toolBrightness")} tools={set.tools} />
        <Level kind="contrast" label={say("ui", "toolContrast")} tools={set.tools} />
        <Tool label={say("ui", "toolReset")} hint="R" onClick={() => onAction({ kind: "reset" })} />
      </div>
    </div>
  );
}

function Tool(props: {
  readonly label: string;
  /** For readers, where the label is a sign. */
  readonly name?: string;
  readonly hint: string;
  readonly isOn?: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="tool"
      aria-label={props.name}
      title={props.name}
      aria-pressed={props.isOn}
      aria-keyshortcuts={props.hint}
      onClick={props.onClick}
    >
      {props.label} <kbd>{props.hint}</kbd>
    </button>
  );
}

function Level(props: {
  readonly kind: "brightness" | "contrast";
  readonly label: string;
  readonly tools: Signal<ImageTools>;
}): JSX.Element {
  const { kind, tools } = props;
  return (
    <label class="tool-level">
      <span>{props.label}</span>
      <input
        type="range"
        min="-1"
        max="1"
        step="0.05"
        value={tools.value[kind]}
        onInput={(event) => {
          tools.value = { ...tools.peek(), [kind]: Number(event.currentTarget.value) };
        }}
      />
    </label>
  );
}
