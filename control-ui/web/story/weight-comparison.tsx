import type { JSX } from "preact";
import { voice } from "../shell/site.ts";
import { kgText } from "../shell/time-text.ts";

/** Declared against measured weight, with the difference in per cent; it judges nothing. */
export function WeightComparison(props: {
  readonly declaredKg: string;
  readonly weightG: number | null;
}): JSX.Element {
  const { say } = voice.value;
  const { declaredKg, weightG } = props;
  const declared = Number(declaredKg);
  const delta = weightG === null ? null : deltaText(weightG / 1_000, declared);
  return (
    <dl class="weights">
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
    </dl>
  );
}

/** "+3.4 %" of the declared weight; null where nothing was declared. */
export function deltaText(measuredKg: number, declaredKg: number): string | null {
  if (!(declaredKg > 0)) return null;
  const pct = ((measuredKg - declaredKg) / declaredKg) * 100;
  return `${pct >= 0 ? "+" : "−"}${Math.abs(pct).toFixed(1)} %`;
}
