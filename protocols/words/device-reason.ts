import type { DeviceReason } from "../device-reasons.ts";
import { voices, type Voice } from "./words.ts";

/** Why a device is not received: a clause with what is known of the place. */
export const deviceReasonClause = ({ code, params }: DeviceReason, voice: Voice): string =>
  voice.find("deviceReason", code, { ...params, state: stateWord(params, voice) }) ?? code;

/** The same without the place, which may be long: for a tile, where nothing may be cut off. */
export const deviceReasonLabel = ({ code, params }: DeviceReason, voice: Voice): string =>
  voice.find("deviceReason", code, {
    seconds: params?.seconds,
    state: stateWord(params, voice),
  }) ?? code;

const stateWord = (params: DeviceReason["params"], voice: Voice): string | undefined =>
  params?.state && voice.say("machineState", params.state);

/** In English with everything that is known: for logs and `/healthz`. */
export function deviceReasonLogText(reason: DeviceReason): string {
  const clause = deviceReasonClause(reason, voices.en);
  if (reason.detail === undefined) return clause;
  const isOneOfSeveral = reason.params?.total !== undefined;
  return `${clause} (${isOneOfSeveral ? "last: " : ""}${reason.detail})`;
}
