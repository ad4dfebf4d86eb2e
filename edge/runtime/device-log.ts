import { createFactLog } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import type { DeviceHealth } from "../devices/port.ts";

/** Each change of a device's health, by the device's id; what its wire does, the wire tells. */
export interface DeviceLog {
  tell(deviceId: string, health: DeviceHealth): void;
  stop(): void;
}

export function createDeviceLog(log: Log, clock: Clock): DeviceLog {
  const facts = createFactLog({ log, clock });
  return {
    tell: (deviceId, { state, reason }) => {
      // Its wire has not been tried yet.
      if (reason?.code === "notConnected") return;
      facts.tell({
        subject: deviceId,
        is: state,
        level: state === "receiving" ? "info" : "warn",
        message: `device ${state}`,
        fields: { deviceId, ...(reason === null ? {} : { why: deviceReasonLogText(reason) }) },
      });
    },
    stop: () => facts.stop(),
  };
}
