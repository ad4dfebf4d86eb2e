import type { JSX } from "preact";
import type { LineView } from "../../../protocols/ui/scene.ts";
import { voice } from "../shell/site.ts";
import { ExitShape, PrioritySymbol } from "../shell/symbols.tsx";
import type { Branch, MimicLayout } from "./mimic-layout.ts";

/** A column a chute, under its branch: shape, word, count, fill (80 % is marked). */
export function Chutes(props: {
  readonly line: LineView;
  readonly layout: MimicLayout;
}): JSX.Element {
  return (
    <ul class="chutes" aria-label={voice.value.say("ui", "exits")}>
      {props.layout.branches.map((branch) => (
        <Chute key={branch.exit} branch={branch} line={props.line} />
      ))}
    </ul>
  );
}

function Chute({
  branch,
  line,
}: {
  readonly branch: Branch;
  readonly line: LineView;
}): JSX.Element {
  const { say } = voice.value;
  const { count, state, fillPct } = line.exits[branch.exit];
  const pct = Math.round(fillPct);
  return (
    <li
      class={`chute chute-${state}`}
      style={{ left: `${branch.chuteLeftPx}px`, width: `${branch.chuteWidthPx}px` }}
      data-exit={branch.exit}
      data-count={count}
    >
      <div class="chute-name">
        <ExitShape exit={branch.exit} />
        <span>{say("exit", branch.exit)}</span>
      </div>
      <div class="chute-body">
        <div class="chute-words">
          <strong class="chute-count">{count}</strong>
          <span class="chute-state">
            {state === "ready" ? (
              `${pct} %`
            ) : (
              <>
                <PrioritySymbol priority={2} />
                <strong>{say("chute", state)}</strong>
              </>
            )}
          </span>
        </div>
        <div
          class="chute-fill"
          role="meter"
          aria-label={say("ui", "fill")}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={pct}
          aria-valuetext={say("ui", "fillValue", { pct })}
        >
          <i style={{ height: `${Math.min(100, pct)}%` }} />
          <b />
        </div>
      </div>
    </li>
  );
}
