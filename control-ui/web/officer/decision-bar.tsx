import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { OfficerDecision } from "../../../protocols/verdicts.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import { isUsable, profile, voice } from "../shell/site.ts";
import { ExitShape } from "../shell/symbols.tsx";
import { choiceOfKey, choicesOf, type Choice } from "./decision-keys.ts";
import { isTyping } from "./is-typing.ts";
import type { OfficerWork } from "./officer-work.ts";

/** The three decisions in their fixed places, each with a shape of its own (C2, X5). */
export function DecisionBar({ work }: { readonly work: OfficerWork }): JSX.Element {
  const decide = (choice: Choice): void => {
    const by = profile.peek();
    if (by !== null && isUsable.peek()) work.decide(choice, by);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.repeat) return;
      const choice = choiceOfKey(event.key);
      if (choice !== null) decide(choice);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [work]);
  const view = work.view.value;
  const isOff = view.kind !== "showing" || view.isSending || !isUsable.value;
  return (
    <footer class="decisions" aria-label={voice.value.say("ui", "decisions")}>
      <Release isOff={isOff} onDecide={decide} />
      <WithReasons decision="open" exit="inspection" isOff={isOff} onDecide={decide} />
      <WithReasons decision="review" exit="red" isOff={isOff} onDecide={decide} />
      <Notes work={work} />
    </footer>
  );
}

interface DecisionProps {
  readonly isOff: boolean;
  readonly onDecide: (choice: Choice) => void;
}

function Release({ isOff, onDecide }: DecisionProps): JSX.Element {
  return (
    <>
      {choicesOf("release").map((choice) => (
        <button
          key={choice.key}
          type="button"
          class="decide decide-release"
          disabled={isOff}
          onClick={() => onDecide(choice)}
          data-decide="release"
        >
          <ExitShape exit="green" />
          <span>{voice.value.say("decision", "release")}</span>
          <kbd>{choice.key}</kbd>
        </button>
      ))}
    </>
  );
}

/** These two need a reason, so the reasons are the buttons: one tap says both. */
function WithReasons(
  props: DecisionProps & {
    readonly decision: Exclude<OfficerDecision, "release">;
    readonly exit: Exit;
  },
): JSX.Element {
  const { decision, exit, isOff, onDecide } = props;
  const { say } = voice.value;
  return (
    <fieldset class={`decide-group decide-${decision}`} disabled={isOff}>
      <legend>
        <ExitShape exit={exit} /> {say("decision", decision)}
      </legend>
      {choicesOf(decision).map((choice) => (
        <button
          key={choice.key}
          type="button"
          class="decide"
          onClick={() => onDecide(choice)}
          data-decide={decision}
          data-reason={choice.reason}
        >
          <span>{choice.reason !== null && say("officerReason", choice.reason)}</span>
          <kbd>{choice.key}</kbd>
        </button>
      ))}
    </fieldset>
  );
}

/** What became of the last decision, and presses that were ignored (X6). */
function Notes({ work }: { readonly work: OfficerWork }): JSX.Element {
  const { say } = voice.value;
  const view = work.view.value;
  const note = work.note.value;
  const guarded = work.guardedTotal.value;
  const isSending = view.kind === "showing" && view.isSending;
  return (
    <div class="notes" role="status">
      {isSending && <p>{say("ui", "decisionSending")}…</p>}
      {!isSending && note !== null && (
        <p class={note.isGood ? "" : "note-bad"} data-note={note.isGood ? "good" : "bad"}>
          {note.text}
        </p>
      )}
      {guarded > 0 && (
        <p class="muted" data-guarded={guarded}>
          {say("ui", "guarded", { n: guarded })}
        </p>
      )}
    </div>
  );
}
