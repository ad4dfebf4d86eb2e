import type { JSX } from "preact";
import { exits } from "../../../protocols/sorting.ts";
import { voice } from "./site.ts";
import { ActSymbol, ExitShape, PrioritySymbol } from "./symbols.tsx";

/** Always on screen, from the same symbols that the lines draw (C4). */
export function Legend(): JSX.Element {
  const { say } = voice.value;
  return (
    <ul class="legend" aria-label={say("ui", "legend")}>
      <li>
        <i class="swatch swatch-known" /> {say("ui", "legendKnown")}
      </li>
      <li>
        <i class="swatch swatch-held" /> {say("ui", "legendHeld")}
      </li>
      <li>
        <i class="swatch swatch-unknown">?</i> {say("ui", "legendUnknown")}
      </li>
      <li>
        <i class="swatch swatch-simulated" /> {say("ui", "legendSimulated")}
      </li>
      {exits.map((exit) => (
        <li key={exit}>
          <ExitShape exit={exit} /> {say("exit", exit)}
        </li>
      ))}
      <li>
        <ActSymbol /> {say("ui", "legendAct")}
      </li>
      <li>
        <PrioritySymbol priority={1} /> {say("ui", "legendAlarm1")}
      </li>
      <li>
        <PrioritySymbol priority={2} /> {say("ui", "legendAlarm2")}
      </li>
      <li>
        <PrioritySymbol priority={3} /> {say("ui", "legendAlarm3")}
      </li>
    </ul>
  );
}
