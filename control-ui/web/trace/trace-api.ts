import { roleHeader } from "../../../protocols/actor.ts";
import { zTraceBegun, zTraceView, type TraceView } from "../../../protocols/ui/trace.ts";
import { ask, type Answer } from "../http/api.ts";
import type { Profile } from "../shell/site.ts";

const pathOf = (deviceId: string): string => `/api/devices/${encodeURIComponent(deviceId)}/trace`;

/** Whoever has said who he is sits at an officer's station. */
const role = { [roleHeader]: "officer" };

export const fetchTrace = (deviceId: string, after: number): Promise<Answer<TraceView>> =>
  ask(`${pathOf(deviceId)}?after=${after}`, zTraceView, { headers: role });

export function beginTrace(
  deviceId: string,
  { officer, station }: Profile,
): Promise<Answer<{ readonly trace: number; readonly remainingMs: number }>> {
  return ask(pathOf(deviceId), zTraceBegun, {
    method: "POST",
    headers: { "content-type": "application/json", ...role },
    body: JSON.stringify({ startedBy: officer, station }),
  });
}
