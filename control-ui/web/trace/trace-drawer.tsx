import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import {
  namedCharsOfHex,
  traceSecondsDefault,
  type SeenOnWire,
  type TraceFrame,
} from "../../../protocols/trace.ts";
import { deviceReasonClause } from "../../../protocols/words/device-reason.ts";
import { seenLine } from "../../../protocols/words/seen-line.ts";
import {
  traceProblemText,
  traceText,
  traceWayText,
  type TraceTextCode,
} from "../../../protocols/words/trace-words.ts";
import type { TemplateParams } from "../../../protocols/words/template.ts";
import { ProfileDialog } from "../shell/profile-dialog.tsx";
import { language, profile, voice } from "../shell/site.ts";
import { timeText } from "../shell/time-text.ts";
import type { TraceRow } from "./trace-rows.ts";
import { TraceWork, type TraceTrouble } from "./trace-work.ts";

const say = (code: TraceTextCode, params?: TemplateParams): string =>
  traceText(language.value, code, params);

/** What goes over a device's wire, beside the running lines; Escape or one tap closes it. */
export function TraceDrawer(props: {
  readonly deviceId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const { deviceId, onClose } = props;
  const work = useMemo(() => new TraceWork(deviceId), [deviceId]);
  const closeButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    work.open(profile.peek() !== null);
    closeButton.current?.focus();
    const onKey = (event: KeyboardEvent): void => {
      // Of a dialog over it, Escape closes that.
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) onClose();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
      work.close();
    };
  }, [work]);
  const title = say("title", { device: deviceId });
  return (
    <aside class="drawer trace" aria-label={title} data-trace={deviceId}>
      <div class="drawer-head">
        <h2>
          {title}
          <TraceStanding work={work} />
        </h2>
        <button type="button" ref={closeButton} onClick={onClose} data-action="close-trace">
          {voice.value.say("ui", "close")}
        </button>
      </div>
      <TraceBar work={work} />
      <TraceList work={work} />
    </aside>
  );
}

interface WorkProps {
  readonly work: TraceWork;
}

function TraceStanding({ work }: WorkProps): JSX.Element {
  const { phase, remainingMs, trouble } = work;
  const seconds = Math.ceil(remainingMs.value / 1_000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <small role="status" data-trace-phase={phase.value}>
      {trouble.value !== null ? (
        <strong data-trace-trouble>{troubleText(trouble.value)}</strong>
      ) : phase.value === "runs" ? (
        say("runs", { time })
      ) : phase.value === "over" ? (
        say("over")
      ) : (
        ""
      )}
    </small>
  );
}

function troubleText(trouble: TraceTrouble): string {
  switch (trouble.kind) {
    case "refused":
      return traceProblemText(language.value, trouble.problem);
    case "unreachable":
      return say("unreachable");
    case "unreadable":
      return say("notUnderstood");
    case "silent":
      return say("silent", { seconds: trouble.seconds });
  }
}

/** What can be done; before it runs, what it is, and that it is written down. */
function TraceBar({ work }: WorkProps): JSX.Element | null {
  const isNamed = profile.value !== null;
  const isAskedWho = useSignal(false);
  const wasCopied = useSignal<boolean | null>(null);
  const { phase, rows, isPaused } = work;
  if (phase.value === "unknown") return null;
  const minutes = traceSecondsDefault / 60;
  const isOff = phase.value !== "runs";
  const copy = (): void => {
    const text = rows.peek().rows.map(lineOf).join("\n");
    navigator.clipboard.writeText(text).then(
      () => (wasCopied.value = true),
      () => (wasCopied.value = false),
    );
  };
  const begin = (): void => {
    const by = profile.peek();
    if (by !== null) void work.begin(by);
  };
  return (
    <div class="trace-bar">
      {isOff && <p>{say(isNamed ? "why" : "whoFirst", { minutes })}</p>}
      {isOff && !isNamed && (
        <button type="button" onClick={() => (isAskedWho.value = true)} data-action="trace-who">
          {say("sayWho")}
        </button>
      )}
      {isOff && isNamed && (
        <button type="button" class="primary" onClick={begin} data-action="trace-begin">
          {say("begin", { minutes })}
        </button>
      )}
      {!isOff && (
        <button
          type="button"
          aria-pressed={isPaused.value}
          onClick={() => (isPaused.value = !isPaused.value)}
          data-action="trace-pause"
        >
          {say(isPaused.value ? "resume" : "pause")}
        </button>
      )}
      <button
        type="button"
        disabled={rows.value.rows.length === 0}
        onClick={copy}
        data-action="trace-copy"
      >
        {say(wasCopied.value === true ? "copied" : "copy")}
      </button>
      <button
        type="button"
        disabled={rows.value.rows.length === 0}
        onClick={() => work.clear()}
        data-action="trace-clear"
      >
        {say("clear")}
      </button>
      {wasCopied.value === false && <p>{say("notCopied")}</p>}
      {isAskedWho.value && <ProfileDialog onClose={() => (isAskedWho.value = false)} />}
    </div>
  );
}

/** How far from its end a list still follows what comes. */
const followPx = 40;

function TraceList({ work }: WorkProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const { rows } = work.rows.value;
  useLayoutEffect(() => {
    if (box.current !== null && isFollowing.current)
      box.current.scrollTop = box.current.scrollHeight;
  }, [rows]);
  const onScroll = (): void => {
    if (box.current === null) return;
    const { scrollTop, clientHeight, scrollHeight } = box.current;
    isFollowing.current = scrollHeight - scrollTop - clientHeight < followPx;
  };
  return (
    <div class="trace-list" ref={box} onScroll={onScroll} tabIndex={0}>
      {rows.length === 0 && work.phase.value === "runs" && <p class="muted">{say("empty")}</p>}
      <ol>
        {rows.map((row) =>
          row.kind === "leftOut" ? (
            <li key={row.key} class="trace-gap" data-left-out={row.total}>
              {say("leftOut", { total: row.total })}
            </li>
          ) : (
            <TraceLine key={row.key} frame={row.frame} />
          ),
        )}
      </ol>
    </div>
  );
}

function TraceLine({ frame }: { readonly frame: TraceFrame }): JSX.Element {
  const { way, name, hex, reason, at } = frame;
  return (
    <li class={`trace-${way}`} data-way={way}>
      <time>{clockText(at)}</time>
      <span class="trace-way">{traceWayText(language.value, way)}</span>
      <span class="trace-what">
        {name !== null && <b>{name} </b>}
        <code>{contentOf(frame)}</code>
        {hex !== null && <samp>{namedCharsOfHex(hex)}</samp>}
        {frame.wholeLength !== null && (
          <small> ({say("wholeLength", { total: frame.wholeLength })})</small>
        )}
        {reason !== null && <em>{deviceReasonClause(reason, voice.value)}</em>}
      </span>
    </li>
  );
}

function contentOf({ way, text, hex }: SeenOnWire): string {
  if (way === "state") return say(text === "open" ? "connected" : "notConnected");
  return hex ?? text ?? "";
}

/** Of the agent, to the millisecond. */
const clockText = (at: number): string => `${timeText(at)}.${String(at % 1_000).padStart(3, "0")}`;

const lineOf = (row: TraceRow): string =>
  row.kind === "leftOut"
    ? `(${say("leftOut", { total: row.total })})`
    : `${clockText(row.frame.at)} ${seenLine(row.frame)}`;
