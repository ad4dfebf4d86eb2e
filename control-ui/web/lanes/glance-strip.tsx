import type { JSX } from "preact";
import type { LineView } from "../../../protocols/ui/scene.ts";
import { conditionsText } from "../../../protocols/words/condition.ts";
import { live, voice } from "../shell/site.ts";
import { CalmSymbol, PrioritySymbol } from "../shell/symbols.tsx";
import { isBeltTold, isJournalTaken, isTold } from "./is-told.ts";

/** Read from three metres: which line, what state, and why nothing is inducted. */
export function GlanceStrip({ line }: { readonly line: LineView }): JSX.Element {
  const { say } = voice.value;
  const onBelt = live.scene.parcel.keys.value.filter(
    (passId) => live.scene.parcel.peek(passId)?.lineId === line.id,
  ).length;
  const word = say("lineState", line.state);
  return (
    <header class="glance">
      <h2 class="glance-id">{line.id}</h2>
      <div class="glance-state">
        <strong>{isTold(line) ? word : say("ui", "lineStateUnknown")}</strong>
        {!isTold(line) && <small>{say("ui", "lineStateLast", { state: word })}</small>}
        {isTold(line) && word !== line.state && <small lang="en">{line.state}</small>}
      </div>
      <Induction line={line} />
      <div class="glance-number">
        <small>{say("ui", "onBelt")}</small>
        <strong data-on-belt>{onBelt}</strong>
      </div>
      <BeltSpeed line={line} />
    </header>
  );
}

/** What its controller said last of itself, which is why nothing more is heard. */
const ofController = (conditions: readonly string[]): readonly string[] =>
  conditions.filter((one) => /^(controllerLeft|diskFull)(:|$)/.test(one));

function Induction({ line }: { readonly line: LineView }): JSX.Element {
  const { say } = voice.value;
  if (!isTold(line)) {
    const why = isJournalTaken(line) ? "lineNotHeard" : "lineNotTaken";
    return (
      <div class="glance-induction">
        <PrioritySymbol priority={2} />
        <div>
          <strong>{say("ui", why)}</strong>
          <small>{conditionsText(ofController(line.conditions), voice.value)}</small>
        </div>
      </div>
    );
  }
  if (line.inductionPermitted) {
    return (
      <div class="glance-induction">
        <CalmSymbol />
        <div>
          <span>{say("ui", "inductionPermitted")}</span>
        </div>
      </div>
    );
  }
  return (
    <div class="glance-induction">
      <PrioritySymbol priority={line.motion.emergencyStop ? 1 : 2} />
      <div>
        <strong>{say("ui", "inductionWithheld")}</strong>
        <small>{conditionsText(line.conditions, voice.value)}</small>
      </div>
    </div>
  );
}

/** The right end of the speed meter: no belt is driven faster. */
const speedMmPerSMax = 2_000;

function BeltSpeed({ line }: { readonly line: LineView }): JSX.Element {
  const { say } = voice.value;
  const { isRunning, speedMmPerS, emergencyStop } = line.motion;
  const speed = (isRunning ? speedMmPerS / 1_000 : 0).toFixed(2);
  const toldWord = emergencyStop ? "emergencyStop" : isRunning ? null : "beltStopped";
  const isKnown = isBeltTold(line, live.scene.device.all());
  const word = isKnown ? toldWord : "lineStateUnknown";
  return (
    <div class="glance-number glance-speed" data-kind="measure">
      <small>{say("ui", "belt")}</small>
      <strong>{word === null ? say("ui", "beltSpeedValue", { speed }) : say("ui", word)}</strong>
      <meter
        aria-label={say("ui", "beltSpeed")}
        min={0}
        max={speedMmPerSMax / 1_000}
        value={isKnown ? Number(speed) : 0}
      />
    </div>
  );
}
