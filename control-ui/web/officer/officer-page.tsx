import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Quiet } from "../shell/connecting.tsx";
import { ProfileDialog } from "../shell/profile-dialog.tsx";
import { isUsable, live, profile, voice } from "../shell/site.ts";
import { ControlDialog } from "./control-dialog.tsx";
import { DecisionBar } from "./decision-bar.tsx";
import { DeadlineBar } from "./deadline-bar.tsx";
import { OfficerWork } from "./officer-work.ts";
import { PanelView } from "./panel-view.tsx";
import { QueueBar } from "./queue-bar.tsx";
import { queueOf, type QueueEntry } from "./queue.ts";

/** How often the queue's order, the bar and the work are brought up to date. */
const tendMs = 100;

/** The officer's screen: queue and time above, image beside declaration, decisions below (X1). */
export function OfficerPage(): JSX.Element {
  const work = useMemo(() => new OfficerWork(), []);
  const queue = useSignal<readonly QueueEntry[]>([]);
  const dialog = useSignal<"none" | "profile" | "control">(
    profile.peek() === null ? "profile" : "none",
  );
  useEffect(() => {
    const tend = (): void => {
      if (!isUsable.peek()) return;
      queue.value = queueOf(live.scene.task.peekAll(), {
        line: (lineId) => live.scene.line.peek(lineId),
        parcel: (passId) => live.scene.parcel.peek(passId),
        now: live.now(),
      });
      const by = profile.peek();
      if (by !== null) work.tend(queue.peek(), by);
    };
    tend();
    const timer = setInterval(tend, tendMs);
    return () => clearInterval(timer);
  }, [work]);
  const close = (): void => {
    dialog.value = "none";
  };
  return (
    <div class="officer">
      <div class="officer-top">
        <DeadlineBar work={work} queue={queue} />
        <QueueBar work={work} queue={queue} />
        <button
          type="button"
          class="control-button"
          onClick={() => (dialog.value = profile.peek() === null ? "profile" : "control")}
          disabled={!isUsable.value}
          data-action="control"
        >
          {voice.value.say("ui", "controlTitle")}
        </button>
      </div>
      <Middle work={work} onProfile={() => (dialog.value = "profile")} />
      <DecisionBar work={work} />
      {dialog.value === "profile" && <ProfileDialog onClose={close} />}
      {dialog.value === "control" && <ControlDialog onClose={close} />}
    </div>
  );
}

function Middle(props: {
  readonly work: OfficerWork;
  readonly onProfile: () => void;
}): JSX.Element {
  const { say } = voice.value;
  const view = props.work.view.value;
  if (profile.value === null) {
    return (
      <Quiet title={say("ui", "profileTitle")} why={say("ui", "profileWhy")}>
        <button type="button" onClick={props.onProfile}>
          {say("ui", "notSignedIn")}
        </button>
      </Quiet>
    );
  }
  switch (view.kind) {
    case "empty":
      return <Quiet title={say("ui", "queueEmpty")} why={say("ui", "queueEmptyWhy")} />;
    case "taking":
      return <Quiet title={say("ui", "taskLoading")} />;
    case "expired":
      return (
        <Quiet title={say("ui", "taskExpired")} why={say("ui", "taskExpiredWhy")}>
          <button type="button" onClick={() => props.work.next()} data-action="next">
            {say("ui", "taskNext")}
          </button>
        </Quiet>
      );
    case "failed":
      return (
        <Quiet title={say("ui", "taskLockFailed", { why: view.why })}>
          <button type="button" onClick={() => props.work.next()} data-action="next">
            {say("ui", "taskNext")}
          </button>
        </Quiet>
      );
    case "showing":
      return <PanelView work={props.work} shown={view.shown} />;
  }
}
