import type { JSX } from "preact";
import { voices } from "../../../protocols/words/words.ts";
import { live, voice } from "./site.ts";
import { timeText } from "./time-text.ts";

/** Full width, both languages at once: nobody may take frozen values for live ones (S0). */
export function LostBar(): JSX.Element {
  const { lastServerNow } = live.state.value;
  const time = lastServerNow === null ? "—" : timeText(lastServerNow);
  return (
    <div class="lost-bar" role="alert" data-lost>
      <strong>
        <span lang="zh-CN">{voices["zh-CN"].say("ui", "dataLost")}</span>{" "}
        <span lang="en">{voices.en.say("ui", "dataLost")}</span>
      </strong>
      <span>{voice.value.say("ui", "dataLostFrozen", { time })}</span>
      <span class="lost-reconnecting">{voice.value.say("ui", "dataLostReconnecting")}</span>
    </div>
  );
}

/**
 * The letters of what the bar says, set where nobody sees them: a browser fetches a piece of the font
 * when it first meets one of its letters, and from a centre that is gone it cannot.
 */
export function LostLetters(): JSX.Element {
  const { say } = voices["zh-CN"];
  const words = [
    say("ui", "dataLost"),
    say("ui", "dataLostFrozen", { time: "" }),
    say("ui", "dataLostReconnecting"),
  ];
  return (
    <div class="hidden" aria-hidden="true">
      <strong>{words}</strong>
      <span>{words}</span>
    </div>
  );
}
