import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { isUsable, profile, voice } from "../shell/site.ts";
import { shortWaybill } from "../shell/short-waybill.ts";
import type { OfficerDesk } from "./officer-desk.ts";
import type { QueueEntry } from "./queue.ts";

/** Entries shown; the number says how many wait in all. */
const entriesShownMax = 5;

/** Who waits, most urgent first. Any free one can be taken by choice. */
export function QueueBar(props: {
  readonly desk: OfficerDesk;
  readonly queue: Signal<readonly QueueEntry[]>;
}): JSX.Element {
  const { desk } = props;
  const { say } = voice.value;
  const view = desk.view.value;
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
            <QueueButton entry={entry} desk={desk} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function QueueButton(props: {
  readonly entry: QueueEntry;
  readonly desk: OfficerDesk;
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
      onClick={() => by !== null && props.desk.choose(task, by)}
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
