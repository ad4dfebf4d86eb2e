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
