import type { JSX } from "preact";
import { Quiet } from "../shell/connecting.tsx";
import { Scroller } from "../shell/scroller.tsx";
import { live, voice } from "../shell/site.ts";
import { LineCard } from "./line-card.tsx";

/** All lines, one card each (S2). Two fill the screen; more scroll. */
export function LinesPage(): JSX.Element {
  const lineIds = live.scene.line.keys.value;
  if (lineIds.length === 0) {
    return (
      <Quiet title={voice.value.say("ui", "noLines")} why={voice.value.say("ui", "noLinesWhy")} />
    );
  }
  return (
    <div class="lines-scroll">
      <Scroller class="lines">
        {lineIds.map((lineId) => (
          <LineCard key={lineId} lineId={lineId} />
        ))}
      </Scroller>
    </div>
  );
}
