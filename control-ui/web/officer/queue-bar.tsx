import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { isUsable, profile, voice } from "../shell/site.ts";
import { shortWaybill } from "../shell/short-waybill.ts";
import type { OfficerWork } from "./officer-work.ts";
import type { QueueEntry } from "./queue.ts";

/** Entries shown; the number says how many wait in all. */
const entriesShownMax = 5;

/** Who waits, most urgent first. Any free one can be taken by choice. */
export function QueueBar(props: {
  readonly work: OfficerWork;
  readonly queue: Signal<readonly QueueEntry[]>;
}): JSX.Element {
  const { work } = props;
  const { say } = voice.value;
  const view = work.view.value;
  const shownId = view.kind === "showing" ? view.shown.task.taskId : null;
  const others = props.queue.value.filter(({ task }) => task.taskId !== shownId);
  return (
    <div class="queue">
      <span class="queue-count">
        {say("ui", "queue")} <strong data-queue>{others.length}</strong>
      </span>
      <ol>
        {others.slice(0, entriesShownMax).map((entry) => (
          <li key={entry.task.taskId}>
            <QueueButton entry={entry} work={work} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function QueueButton(props: {
  readonly entry: QueueEntry;
  readonly work: OfficerWork;
}): JSX.Element {
  const { say } = voice.value;
  const { task, left } = props.entry;
  const by = profile.value;
  const isOthers = task.lockedBy !== null && task.lockedBy !== by?.officer;
  const name = task.waybill === null ? "?" : shortWaybill(task.waybill);
  return (
    <button
      type="button"
      disabled={!isUsable.value || isOthers || by === null}
      onClick={() => by !== null && props.work.choose(task, by)}
      data-task={task.taskId}
    >
      <span>
        {task.lineId} · <span class="code">{name}</span>
      </span>
      <small>
        {isOthers
          ? say("ui", "queueLocked", { officer: task.lockedBy ?? "" })
          : left.seconds === null
            ? say("ui", "metres", { m: left.metres.toFixed(0) })
            : say("ui", "queueSeconds", { s: Math.ceil(left.seconds) })}
      </small>
    </button>
  );
}
