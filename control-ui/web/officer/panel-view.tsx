import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { voice } from "../shell/site.ts";
import { ManifestSummary } from "../story/manifest-view.tsx";
import { plainTools, type ImageTools } from "../xray/colour-table.ts";
import { ImageView } from "../xray/image-view.tsx";
import { fitted, pan, zoomAt, zoomStep } from "../xray/viewport.ts";
import { isTyping } from "./is-typing.ts";
import type { OfficerDesk, Shown } from "./officer-desk.ts";
import { ToolBar } from "./tool-bar.tsx";
import { toolOfKey, withTool, type ToolAction } from "./tool-keys.ts";

const noBoxes: Shown["panel"]["boxes"] = [];

/** Image and declaration of one parcel, side by side (同屏比对). */
export function PanelView(props: {
  readonly desk: OfficerDesk;
  readonly shown: Shown;
}): JSX.Element {
  const { desk, shown } = props;
  const { panel, image, task } = shown;
  const tools = useSignal<ImageTools>(plainTools);
  const areBoxesShown = useSignal(true);
  const viewport = useMemo(() => signal(fitted(image)), [image]);
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Another parcel starts with plain colours: the last one's tools may hide what matters here.
    tools.value = plainTools;
    areBoxesShown.value = true;
    const painted = requestAnimationFrame(() => desk.painted(shown));
    return () => cancelAnimationFrame(painted);
  }, [panel.taskId, panel.imageHash]);
  const act = (action: ToolAction): void => {
    const box = frame.current;
    const on = { image, view: { widthPx: box?.clientWidth ?? 1, heightPx: box?.clientHeight ?? 1 } };
    const changed = withTool(tools.peek(), action);
    if (changed !== null) tools.value = changed;
    if (action.kind === "boxes") areBoxesShown.value = !areBoxesShown.peek();
    if (action.kind === "zoomIn") viewport.value = zoomAt(viewport.peek(), zoomStep, on);
    if (action.kind === "zoomOut") viewport.value = zoomAt(viewport.peek(), 1 / zoomStep, on);
    if (action.kind === "pan") viewport.value = pan(viewport.peek(), action, on);
    if (action.kind === "fit" || action.kind === "reset") viewport.value = fitted(image);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event)) return;
      const action = toolOfKey(event.key);
      if (action === null) return;
      event.preventDefault();
      act(action);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [image]);
  const waybill = panel.manifest?.waybill ?? task.waybill;
  const { say } = voice.value;
  return (
    <div class="panel" data-panel={panel.taskId}>
      <section class="panel-image">
        <div class="panel-frame" ref={frame}>
          <ImageView
            image={image}
            imageHash={panel.imageHash}
            boxes={areBoxesShown.value ? panel.boxes : noBoxes}
            tools={tools.value}
            viewport={viewport}
            label={say("ui", "imageOf", { waybill: waybill ?? panel.passId })}
          />
        </div>
        <ToolBar tools={tools} areBoxesShown={areBoxesShown} viewport={viewport} onAction={act} />
      </section>
      <section class="panel-words" aria-label={say("ui", "storyManifest")}>
        <div class="panel-head">
          <h2 class="code">{waybill ?? say("ui", "storyUnread")}</h2>
          <p>
            {say("ui", "alarmLine", { line: panel.lineId })} · {say("taskWhy", task.why)}
          </p>
        </div>
        {panel.manifest === null ? (
          <p class="muted">{say("ui", "storyNoManifest")}</p>
        ) : (
          <ManifestSummary manifest={panel.manifest} weightG={panel.weightG} />
        )}
      </section>
    </div>
  );
}
