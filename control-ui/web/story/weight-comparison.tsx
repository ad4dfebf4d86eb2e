import type { JSX } from "preact";
import type { Panel } from "../../../protocols/ui/http.ts";
import { voice } from "../shell/site.ts";
import { kgText } from "../shell/time-text.ts";
import { sizeText } from "./size-text.ts";

/** What the scale says of a parcel; null where it has said nothing of the kind. */
export type Weighing = Pick<Panel, "weightG" | "dimensionsMm">;

/**
 * Declared against measured weight, with the difference in per cent; it judges nothing. Beside them
 * the size, where the scale measures too.
 */
export function WeightComparison(props: {
  readonly declaredKg: string;
  readonly weighing: Weighing;
}): JSX.Element {
  const { say } = voice.value;
  const { declaredKg, weighing } = props;
  const { weightG, dimensionsMm } = weighing;
  const declared = Number(declaredKg);
  const delta = weightG === null ? null : deltaText(weightG / 1_000, declared);
  return (
    <dl class={dimensionsMm === null ? "weights" : "weights measured"}>
      <div>
        <dt>{say("ui", "declaredWeight")}</dt>
        <dd>{say("ui", "weightKg", { kg: declared.toFixed(3) })}</dd>
      </div>
      <div>
        <dt>{say("ui", "scaleWeight")}</dt>
        <dd>
          {weightG === null
            ? say("ui", "notWeighed")
            : say("ui", "weightKg", { kg: kgText(weightG) })}
        </dd>
      </div>
      <div>
        <dt>{say("ui", "weightDelta")}</dt>
        <dd>{delta ?? "—"}</dd>
      </div>
      {dimensionsMm !== null && (
        <div class="size" data-size>
          <dt>{say("ui", "measuredSize")}</dt>
          <dd>{sizeText(dimensionsMm, voice.value)}</dd>
        </div>
      )}
    </dl>
  );
}

/** "+3.4 %" of the declared weight; null where nothing was declared. */
export function deltaText(measuredKg: number, declaredKg: number): string | null {
  if (!(declaredKg > 0)) return null;
  const pct = ((measuredKg - declaredKg) / declaredKg) * 100;
  return `${pct >= 0 ? "+" : "−"}${Math.abs(pct).toFixed(1)} %`;
}
