import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { voice } from "../shell/site.ts";
import type { OfficerWork } from "./officer-work.ts";
import { urgentShare, type QueueEntry } from "./queue.ts";

/** Metres and seconds to the last divert point: grey, blue from 30 % left, never red (X8). */
export function DeadlineBar(props: {
  readonly work: OfficerWork;
  readonly queue: Signal<readonly QueueEntry[]>;
}): JSX.Element {
  const { say } = voice.value;
  const view = props.work.view.value;
  const taskId = view.kind === "showing" ? view.shown.task.taskId : null;
  const entry = props.queue.value.find(({ task }) => task.taskId === taskId);
  const share = entry?.share ?? 0;
  const isUrgent = entry !== undefined && share <= urgentShare;
  return (
    <div class={`deadline ${isUrgent ? "deadline-urgent" : ""}`} data-deadline={taskId ?? ""}>
      <span class="deadline-words">
        {entry === undefined ? say("ui", "deadlineLabel") : leftText(entry)}
      </span>
      <div
        class="deadline-bar"
        role="meter"
        aria-label={say("ui", "deadlineLabel")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

function leftText({ left }: QueueEntry): string {
  const { say } = voice.value;
  const m = left.metres.toFixed(1);
  if (left.seconds === null) return say("ui", "deadlineStopped", { m });
  return say("ui", "deadline", { m, s: Math.ceil(left.seconds) });
}
