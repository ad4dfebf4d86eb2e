import type { JSX } from "preact";
import type { LineView } from "../../../protocols/ui/scene.ts";
import { voice } from "../shell/site.ts";
import { PrioritySymbol } from "../shell/symbols.tsx";
import type { MimicLayout } from "./mimic-layout.ts";

/** Where along the belt the sign stands: right of the devices' leaders and left of the branches. */
const signShare = 0.62;

/** A belt that stands says so right under itself, with sign and word, and hides no parcel. */
export function StopSign(props: {
  readonly line: LineView;
  readonly layout: MimicLayout;
}): JSX.Element {
  const { line, layout } = props;
  const isEmergency = line.motion.emergencyStop;
  return (
    <div
      class="stop-sign"
      style={{
        top: `${layout.beltBottomPx}px`,
        height: `${layout.stripBottomPx - layout.beltBottomPx}px`,
        left: `${layout.beltLeftPx + (layout.beltRightPx - layout.beltLeftPx) * signShare}px`,
      }}
    >
      {isEmergency && <PrioritySymbol priority={1} />}
      <svg class="symbol" viewBox="0 0 20 20" aria-hidden="true">
        <path class="symbol-line" d="M6 3 V17 M14 3 V17" />
      </svg>
      <strong>{voice.value.say("ui", isEmergency ? "emergencyStop" : "beltStopped")}</strong>
    </div>
  );
}
