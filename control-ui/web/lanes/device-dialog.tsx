import type { JSX } from "preact";
import type { DeviceView } from "../../../protocols/ui/scene.ts";
import { deviceReasonClause } from "../../../protocols/words/device-reason.ts";
import { Dialog } from "../shell/dialog.tsx";
import { voice } from "../shell/site.ts";
import { openTrace } from "../trace/trace-desk.ts";
import { timeText } from "../shell/time-text.ts";
import { HealthSymbol } from "./health-symbol.tsx";

const secondsOf = (ms: number): string => (ms / 1_000).toFixed(2);

/** All that is known of a device: what its tile has no room for, what to do, and its wire. */
export function DeviceDialog(props: {
  readonly device: DeviceView;
  readonly onClose: () => void;
}): JSX.Element {
  const { device, onClose } = props;
  const { say } = voice.value;
  const { reason } = device;
  const look = (): void => {
    onClose();
    void openTrace(device.id);
  };
  return (
    <Dialog title={`${say("device", device.kind)} ${device.id}`} onClose={onClose} isWide>
      <p class="device-state">
        <HealthSymbol health={device.health} />
        <strong>{say("health", device.health)}</strong>
        <span>{say("ui", "healthSince", { time: timeText(device.since) })}</span>
      </p>
      {device.clock !== undefined && (
        <dl class="device-facts" data-device-clock>
          <dt>{say("ui", "deviceClock")}</dt>
          <dd>
            {say("ui", "deviceClockOff", {
              byS: secondsOf(device.clock.offsetMs),
              boundS: secondsOf(device.clock.boundMs),
            })}
          </dd>
        </dl>
      )}
      {reason !== null && (
        <dl class="device-facts" data-device-facts>
          <dt>{say("ui", "deviceReason")}</dt>
          <dd>{deviceReasonClause(reason, voice.value)}</dd>
          <dt>{say("ui", "deviceAction")}</dt>
          <dd>{say("deviceAction", reason.code)}</dd>
          {reason.detail !== undefined && (
            <>
              <dt>{say("ui", "deviceDetail")}</dt>
              <dd class="code muted" lang="en">
                {reason.detail}
              </dd>
            </>
          )}
        </dl>
      )}
      <button type="button" onClick={look} data-action="trace">
        {say("ui", "deviceWire")}
      </button>
    </Dialog>
  );
}
