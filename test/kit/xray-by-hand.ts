import type { CounterWidth } from "../../edge/devices/counter.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import { createXrayDriver } from "../../edge/devices/xray/driver.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import type { XrayEvent } from "../../edge/devices/xray/xray.ts";
import { sent } from "../../protocols/transport.ts";
import type { XrayAnnounce } from "../../protocols/xray/xray.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/** The X-ray's driver on a wire on which a test says what the machine does. */
export function createXrayByHand(counter: CounterWidth | null = null) {
  const announced: XrayAnnounce[] = [];
  const told: XrayEvent[] = [];
  let handlers: WireHandlers<XrayHeard> | null = null;
  const driver = createXrayDriver({
    deviceId: "x",
    clock: createVirtualClock(),
    staleAfterMs: 2_500,
    downAfterMs: 5_000,
    counter,
    wire: {
      open: (opened) => {
        handlers = opened;
      },
      send: (announcement) => {
        announced.push(announcement);
        return sent;
      },
      revive: () => {},
      close: async () => {},
    },
  });
  driver.start((event) => {
    if (event.kind !== "healthChanged") told.push(event);
  });
  return { driver, announced, told, say: (heard: XrayHeard) => handlers?.onMessage(heard) };
}
