import { encodeSorterMessage } from "../../../protocols/sorter/sorter-json.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import type { SorterWire } from "./wire.ts";

/** The sorter dialect as JSON over MQTT: events on `{base}/event`, commands on `{base}/command`. */
export function createSorterMqttWire(bus: MessageBus, base: string): SorterWire {
  return {
    publish(event) {
      // QoS 0: while connected nothing is lost, and what is lost otherwise shows as a gap.
      bus.publish(`${base}/event`, encodeSorterMessage(event));
    },
    onCommand(handler) {
      bus.subscribe(`${base}/command`, (_topic, payload) => {
        handler(payload);
      });
    },
  };
}
