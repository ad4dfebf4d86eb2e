import { roleHeader } from "../../protocols/actor.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import type { Clock } from "../../protocols/time.ts";
import { zProblem } from "../../protocols/ui/http.ts";
import { zTraceBegun, zTraceView, type TraceView } from "../../protocols/ui/trace.ts";
import { monotonicMs, type EpochMs } from "../../protocols/units.ts";
import { seenLine } from "../../protocols/words/seen-line.ts";
import { traceProblemText, traceText } from "../../protocols/words/trace-words.ts";
import type { Language } from "../../protocols/words/words.ts";
import { addressOfUrl } from "../devices/network-reason.ts";
import type { z } from "zod";

export interface TraceCommand {
  readonly centreUrl: string;
  readonly deviceId: string;
  readonly seconds: number;
  /** Who looks, and where: written down by the centre. */
  readonly startedBy: string;
  readonly station: string;
  readonly language: Language;
  readonly clock: Clock;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Resolves when a person has seen enough. */
  readonly enough: Promise<void>;
}

const askEveryMs = 500;
const answerMsMax = 10_000;
/** From which on it is said that the line's controller does not answer. */
const silentMs = 5_000;

/**
 * Switches the trace of one device of a running agent on, by way of its centre, and writes down what goes
 * over its wire until the time is over. False: it could not be looked at, of which the reason was told.
 */
export async function trace(command: TraceCommand): Promise<boolean> {
  const { deviceId, seconds, startedBy, station, language, clock, out, err } = command;
  const begun = await ask(command, zTraceBegun, { startedBy, station, seconds });
  if (begun.kind === "failed") {
    err(`${deviceId}: ${begun.why}`);
    return false;
  }
  out(`${deviceId}: ${runsText(language, begun.value.remainingMs)}`);
  let isEnough = false;
  void command.enough.then(() => (isEnough = true));
  const told = createTold(command);
  for (;;) {
    const answer = await ask(command, zTraceView, null, told.after());
    if (answer.kind === "failed") {
      err(`${deviceId}: ${answer.why}`);
      return false;
    }
    // None: the centre was started anew.
    if (answer.value.trace === null) break;
    told.take(answer.value);
    if (isEnough || answer.value.remainingMs === 0) break;
    await Promise.race([passed(clock, askEveryMs), command.enough]);
  }
  out(`${deviceId}: ${traceText(language, "over")}`);
  return true;
}

/** What has been written down so far. */
function createTold({ language, out, err, deviceId }: TraceCommand) {
  let afterSeq = 0;
  let trace: number | null = null;
  let isSilenceTold = false;
  return {
    after: (): number => afterSeq,
    take(view: TraceView): void {
      // A trace that another has switched on since, or a controller that was started anew, counts anew.
      const isAnew = view.trace !== trace || view.lastSeq < afterSeq;
      trace = view.trace;
      if (isAnew && afterSeq > 0) {
        afterSeq = 0;
        return;
      }
      for (const { seq, at, ...seen } of view.frames) {
        const left = seq - afterSeq - 1;
        if (left > 0) out(`(${traceText(language, "leftOut", { total: left })})`);
        out(`${timeText(at)} ${seenLine(seen)}`);
        afterSeq = seq;
      }
      const isSilent = view.toldMsAgo !== null && view.toldMsAgo > silentMs;
      if (isSilent && !isSilenceTold) {
        const silent = { seconds: Math.round((view.toldMsAgo ?? 0) / 1_000) };
        err(`${deviceId}: ${traceText(language, "silent", silent)}`);
      }
      isSilenceTold = isSilent;
    },
  };
}

const runsText = (language: Language, remainingMs: number): string => {
  const seconds = Math.round(remainingMs / 1_000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return traceText(language, "runs", { time });
};

/** By the agent's calendar, in UTC as its log has it. */
const timeText = (at: EpochMs): string => new Date(at).toISOString().slice(11, 23);

type Asked<Value> =
  | { readonly kind: "answered"; readonly value: Value }
  | { readonly kind: "failed"; readonly why: string };

/** A body switches it on; without one what was seen behind `afterSeq` is asked for. */
async function ask<Value>(
  { centreUrl, deviceId, language }: TraceCommand,
  schema: z.ZodType<Value>,
  body: object | null,
  afterSeq = 0,
): Promise<Asked<Value>> {
  const path = `/api/devices/${encodeURIComponent(deviceId)}/trace`;
  const request =
    body === null
      ? { headers: { [roleHeader]: "supervisor" } }
      : {
          method: "POST",
          headers: { "content-type": "application/json", [roleHeader]: "supervisor" },
          body: JSON.stringify(body),
        };
  let response: Response;
  try {
    const url = new URL(`${path}${body === null ? `?after=${afterSeq}` : ""}`, centreUrl);
    response = await fetch(url, { ...request, signal: AbortSignal.timeout(answerMsMax) });
  } catch {
    return {
      kind: "failed",
      why: `${addressOfUrl(centreUrl)}: ${traceText(language, "unreachable")}`,
    };
  }
  const json = parseJson(new Uint8Array(await response.arrayBuffer()));
  const content = json.kind === "ok" ? json.value : null;
  const answer = checkJson(schema, content);
  if (response.ok && answer.kind === "ok") return { kind: "answered", value: answer.value };
  const problem = checkJson(zProblem, content);
  const why =
    problem.kind === "ok"
      ? traceProblemText(language, problem.value)
      : traceText(language, "notUnderstood");
  return { kind: "failed", why };
}

const passed = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + ms), resolve);
  });
