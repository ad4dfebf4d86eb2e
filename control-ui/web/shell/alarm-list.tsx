import type { JSX } from "preact";
import { alarmPriority, type AlarmPriority } from "../../../protocols/alarms.ts";
import type { AlarmView } from "../../../protocols/ui/scene.ts";
import { inWords } from "../../../protocols/words/sentence.ts";
import type { AlarmEntry } from "../live/alarm-log.ts";
import { Dialog } from "./dialog.tsx";
import { go } from "./router.ts";
import { live, voice } from "./site.ts";
import { PrioritySymbol } from "./symbols.tsx";
import { timeText } from "./time-text.ts";

export const priorityOf = (alarm: AlarmView): AlarmPriority => alarmPriority(alarm.code);

export const alarmText = (alarm: AlarmView): string =>
  voice.value.find("alarm", alarm.code, inWords(alarm.params, voice.value)) ??
  voice.value.say("ui", "alarmUnknown", { code: alarm.code });

export const alarmAction = (alarm: AlarmView): string =>
  voice.value.find("alarmAction", alarm.code) ?? voice.value.say("ui", "alarmActionUnknown");

const alarmConsequence = (alarm: AlarmView): string | null =>
  voice.value.find("alarmConsequence", alarm.code);

/** Whether it stands now: the scene tells, whatever this page was told of it before. */
export const isActive = ({ id }: AlarmView): boolean => live.scene.alarm.get(id) !== undefined;

/** What has come to this page, newest first; then what stands and came before the page did. */
export function alarmEntries(): readonly AlarmEntry[] {
  const entries = live.alarms.entries.value;
  const known = new Set(entries.map(({ alarm }) => alarm.id));
  const older = live.scene.alarm.all().filter(({ id }) => !known.has(id));
  return [...entries, ...older.map((alarm) => ({ alarm, isRead: true }))];
}

const stateText = (alarm: AlarmView): string =>
  isActive(alarm) ? ` · ${voice.value.say("ui", "alarmStands")}` : overText(alarm);

/** Since when it no longer stands; nothing for what still does, and for what was of a moment only. */
export function overText(alarm: AlarmView): string {
  const { say } = voice.value;
  if (isActive(alarm) || alarm.state === "notice") return "";
  const ended = alarm.endedAt === null ? {} : { time: timeText(alarm.endedAt) };
  return ` · ${say("ui", "alarmOver", ended)}`;
}

export function AlarmListDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { say } = voice.value;
  const entries = alarmEntries();
  return (
    <Dialog title={say("ui", "alarmList")} onClose={onClose} isWide>
      {entries.length === 0 && <p class="muted">{say("ui", "alarmListEmpty")}</p>}
      <ul class="alarm-list">
        {entries.map(({ alarm }) => (
          <li key={alarm.id} data-active={isActive(alarm)}>
            <PrioritySymbol priority={priorityOf(alarm)} />
            <time>{timeText(alarm.at)}</time>
            <span class="alarm-words">
              <strong>
                {say("ui", "alarmLine", { line: alarm.lineId })} · {alarmText(alarm)}
                {stateText(alarm)}
              </strong>
              <small>{alarmConsequence(alarm)}</small>
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
