import type { JSX } from "preact";
import type { AlarmView } from "../../../protocols/ui/scene.ts";
import { alarmPriority } from "../../../protocols/words/alarm-priority.ts";
import { inWords } from "../../../protocols/words/sentence.ts";
import { Dialog } from "./dialog.tsx";
import { go } from "./router.ts";
import { live, voice } from "./site.ts";
import { PrioritySymbol, type Priority } from "./symbols.tsx";
import { timeText } from "./time-text.ts";

export const priorityOf = (alarm: AlarmView): Priority => alarmPriority(alarm.code);

export const alarmText = (alarm: AlarmView): string =>
  voice.value.find("alarm", alarm.code, inWords(alarm.params, voice.value)) ??
  voice.value.say("ui", "alarmUnknown", { code: alarm.code });

export const alarmAction = (alarm: AlarmView): string =>
  voice.value.find("alarmAction", alarm.code) ?? voice.value.say("ui", "alarmActionUnknown");

export function AlarmListDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { say } = voice.value;
  const entries = live.alarms.entries.value;
  return (
    <Dialog title={say("ui", "alarmList")} onClose={onClose} isWide>
      {entries.length === 0 && <p class="muted">{say("ui", "alarmListEmpty")}</p>}
      <ul class="alarm-list">
        {entries.map(({ alarm }) => (
          <li key={alarm.id}>
            <PrioritySymbol priority={priorityOf(alarm)} />
            <time>{timeText(alarm.at)}</time>
            <span class="alarm-words">
              <strong>
                {say("ui", "alarmLine", { line: alarm.lineId })} · {alarmText(alarm)}
              </strong>
              <small>{alarmAction(alarm)}</small>
            </span>
            {alarm.passId !== null && <StoryButton passId={alarm.passId} onClose={onClose} />}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function StoryButton(props: {
  readonly passId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const show = (): void => {
    props.onClose();
    go({ name: "lines", story: { passId: props.passId } });
  };
  return (
    <button type="button" onClick={show}>
      {voice.value.say("ui", "alarmGo")}
    </button>
  );
}
