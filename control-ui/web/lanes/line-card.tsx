import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { live, voice } from "../shell/site.ts";
import { Chutes } from "./chutes.tsx";
import { DeviceTiles } from "./device-tiles.tsx";
import { GlanceStrip } from "./glance-strip.tsx";
import { layoutMimic } from "./mimic-layout.ts";
import { Mimic } from "./mimic.tsx";
import { StopSign } from "./stop-sign.tsx";
import { isTold } from "./is-told.ts";
import { ParcelLayer } from "./parcel-layer.tsx";
import { useSize } from "./use-size.ts";

/** One line: what to see from three metres, the belt to scale, its devices and its chutes. */
export function LineCard({ lineId }: { readonly lineId: string }): JSX.Element {
  const field = useRef<HTMLDivElement>(null);
  const size = useSize(field);
  const line = live.scene.line.get(lineId);
  if (line === undefined) return <></>;
  const layout = layoutMimic(line, size);
  return (
    <section
      class={`line-card ${isTold(line) ? "" : "line-untold"}`}
      aria-label={voice.value.say("ui", "alarmLine", { line: line.id })}
      data-line={line.id}
    >
      <GlanceStrip line={line} />
      <div class="field" ref={field}>
        {size.widthPx > 0 && (
          <>
            <Mimic line={line} layout={layout} />
            <ParcelLayer lineId={line.id} layout={layout} />
            <div class="under-belt" style={{ top: `${layout.stripBottomPx}px` }}>
              <DeviceTiles line={line} layout={layout} />
              <Chutes line={line} layout={layout} />
            </div>
            {!line.motion.isRunning && <StopSign line={line} layout={layout} />}
          </>
        )}
      </div>
    </section>
  );
}
