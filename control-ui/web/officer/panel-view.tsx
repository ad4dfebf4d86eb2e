import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Scroller } from "../shell/scroller.tsx";
import { voice } from "../shell/site.ts";
import { PapersView } from "../story/papers-view.tsx";
import { ImageView } from "../xray/image-view.tsx";
import { useToolSet } from "./image-tools.ts";
import type { OfficerWork, Shown } from "./officer-work.ts";
import { ToolBar } from "./tool-bar.tsx";

interface PanelProps {
  readonly work: OfficerWork;
  readonly shown: Shown;
}

/** Image and declaration of one parcel, side by side (同屏比对). */
export function PanelView({ work, shown }: PanelProps): JSX.Element {
  const { panel } = shown;
  useLayoutEffect(() => {
    const painted = requestAnimationFrame(() => work.painted(shown));
    return () => cancelAnimationFrame(painted);
  }, [panel.taskId, panel.imageHash]);
  return (
    <div class="panel" data-panel={panel.taskId} data-shown-at={shown.shownAt}>
      <PanelImage shown={shown} />
      <PanelWords shown={shown} />
    </div>
  );
}

const noBoxes: Shown["panel"]["boxes"] = [];

function PanelImage({ shown }: { readonly shown: Shown }): JSX.Element {
  const { panel, image } = shown;
  const frame = useRef<HTMLDivElement>(null);
  const set = useToolSet(image, () => ({
    widthPx: frame.current?.clientWidth ?? 1,
    heightPx: frame.current?.clientHeight ?? 1,
  }));
  return (
    <section class="panel-image">
      <div class="panel-frame" ref={frame}>
        <ImageView
          image={image}
          imageHash={panel.imageHash}
          boxes={set.areBoxesShown.value ? panel.boxes : noBoxes}
          tools={set.tools.value}
          viewport={set.viewport}
          label={voice.value.say("ui", "imageOf", { waybill: waybillOf(shown) ?? panel.passId })}
        />
      </div>
      <ToolBar set={set} />
    </section>
  );
}

function PanelWords({ shown }: { readonly shown: Shown }): JSX.Element {
  const { panel, task } = shown;
  const { say } = voice.value;
  return (
    <section class="panel-words" aria-label={say("ui", "storyManifest")}>
      <Scroller key={panel.taskId} class="panel-scroll">
        <div class="panel-head">
          <h2 class="code">{waybillOf(shown) ?? say("ui", "storyUnread")}</h2>
          <p>
            {say("ui", "alarmLine", { line: panel.lineId })} · {say("taskWhy", task.why)}
          </p>
        </div>
        <PapersView papers={panel} weighing={panel} />
      </Scroller>
    </section>
  );
}

const waybillOf = ({ panel, task }: Shown): string | null =>
  panel.manifest?.waybill ?? panel.archived?.waybill ?? task.waybill;
