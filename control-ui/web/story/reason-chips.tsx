import type { JSX } from "preact";
import { exitOfReason, reasonTable, type Reason } from "../../../protocols/reasons.ts";
import {
  byWeight,
  reasonClause,
  reasonLabel,
  reasonsNamedMax,
} from "../../../protocols/words/sentence.ts";
import { voice } from "../shell/site.ts";
import { ExitShape } from "../shell/symbols.tsx";

/**
 * Every reason in two words, with the exit it leads to and what discharges it. Those that the
 * sentence above had no room for are said in full.
 */
export function ReasonChips({ reasons }: { readonly reasons: readonly Reason[] }): JSX.Element {
  return (
    <ul class="reasons">
      {byWeight(reasons).map((reason, index) => (
        <li key={reason.code} data-reason={reason.code}>
          <ExitShape exit={exitOfReason(reason.code)} />
          <div>
            <strong>{reasonLabel(reason, voice.value)}</strong>
            {index >= reasonsNamedMax && <small>{reasonClause(reason, voice.value)}</small>}
            <small class="muted">
              {voice.value.say("ui", "storyDischarge", {
                act: voice.value.say("act", reasonTable[reason.code].act),
              })}
            </small>
          </div>
        </li>
      ))}
    </ul>
  );
}
