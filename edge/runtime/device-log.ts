import { createFactLog, type LogFact } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import type { DeviceHealth } from "../devices/port.ts";

/** Each change of a device's health, by the device's id; what its wire does, the wire tells. */
export interface DeviceLog {
  tell(deviceId: string, health: DeviceHealth): void;
  stop(): void;
}

/**
 * Given to each device once, from when its wire was first open: that it has not spoken yet is no news
 * before. The line waits for it all the same.
 */
export const firstWordMs = 10_000;

/** Its wire is there, and nothing has come over it so far. */
const unheard: ReadonlySet<string | undefined> = new Set(["neverHeard", "nothingHeardOn"]);

export function createDeviceLog(log: Log, clock: Clock): DeviceLog {
  const facts = createFactLog({ log, clock });
  /** From when silence is news, by device. */
  const newsFrom = new Map<string, MonotonicMs>();
  const waiting = new Map<string, Timer>();

  const tellSilence = (fact: LogFact): void => {
    const now = clock.monotonic();
    const dueAt = newsFrom.get(fact.subject) ?? monotonicMs(now + firstWordMs);
    newsFrom.set(fact.subject, dueAt);
    if (now >= dueAt) return facts.tell(fact);
    const timer = clock.schedule(dueAt, () => {
      waiting.delete(fact.subject);
      facts.tell(fact);
    });
    waiting.set(fact.subject, timer);
  };

  return {
    tell: (deviceId, { state, reason }) => {
      waiting.get(deviceId)?.cancel();
      waiting.delete(deviceId);
      // Its wire has not been tried yet.
      if (reason?.code === "notConnected") return;
      const fact: LogFact = {
        subject: deviceId,
        is: state,
        level: state === "receiving" ? "info" : "warn",
        message: `device ${state}`,
        fields: { deviceId, ...(reason === null ? {} : { why: deviceReasonLogText(reason) }) },
      };
      if (unheard.has(reason?.code)) tellSilence(fact);
      else facts.tell(fact);
    },
    stop: () => {
      for (const timer of waiting.values()) timer.cancel();
      waiting.clear();
      facts.stop();
    },
  };
}
