import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import {
  AlarmListDialog,
  alarmAction,
  alarmEntries,
  alarmText,
  isActive,
  overText,
  priorityOf,
} from "./alarm-list.tsx";
import { graverFirst } from "../live/alarm-log.ts";
import { ageText } from "./age-text.ts";
import { Legend } from "./legend.tsx";
import { live, voice } from "./site.ts";
import { CalmSymbol, PrioritySymbol } from "./symbols.tsx";

/** On every screen: the alarm that matters most (A9), and what the shapes mean. */
export function BottomStrip(): JSX.Element {
  return (
    <footer class="bottom">
      <AlarmBanner />
      <Legend />
    </footer>
  );
}

function AlarmBanner(): JSX.Element {
  const isOpen = useSignal(false);
  const { say } = voice.value;
  const entries = alarmEntries();
  const unread = live.alarms.unread.value;
  const standing = entries.filter(({ alarm }) => isActive(alarm));
  // What nobody has seen yet comes first; what was seen and still stands is not calm either.
  const [top] = [unread, standing].flatMap((some) => some.toSorted(graverFirst(isActive)));
  const open = (): void => {
    isOpen.value = true;
    live.alarms.markAllRead();
  };
  return (
    <>
      <button
        type="button"
        class={`alarm-banner ${unread.length === 0 ? "" : "alarm-active"}`}
        onClick={open}
        data-action="alarms"
      >
        {top === undefined ? (
          <>
            <CalmSymbol />
            <span>{say("ui", entries.length === 0 ? "alarmNone" : "alarmNoneNew")}</span>
          </>
        ) : (
          <>
            <PrioritySymbol priority={priorityOf(top.alarm)} />
            <span class="alarm-words">
              <strong>
                {say("ui", "alarmLine", { line: top.alarm.lineId })} · {alarmText(top.alarm)}
                {overText(top.alarm)}
              </strong>
              <small>
                {alarmAction(top.alarm)}
                <span class="alarm-age">
                  {" · "}
                  {ageText(live.second.value - top.alarm.at, voice.value)}
                </span>
              </small>
            </span>
          </>
        )}
        {entries.length > 0 && (
          <span class="alarm-more">
            {unread.length === 0 && <small>{say("ui", "alarmSeen", { n: entries.length })}</small>}
            {unread.length > 1 && (
              <strong>{say("ui", "alarmMore", { n: unread.length - 1 })}</strong>
            )}
            <span>{say("ui", "alarmAll")}</span>
          </span>
        )}
      </button>
      <span class="hidden" role="alert">
        {top !== undefined && priorityOf(top.alarm) === 1 ? alarmText(top.alarm) : ""}
      </span>
      {isOpen.value && <AlarmListDialog onClose={() => (isOpen.value = false)} />}
    </>
  );
}
