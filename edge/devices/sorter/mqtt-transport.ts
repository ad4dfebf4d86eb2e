import { encodeSorterMessage } from "../../../protocols/sorter/sorter-json.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import type { SorterTransport } from "./transport.ts";

/**
 * The dialect as JSON: events on `{base}/event`, commands on `{base}/command`, never retained.
 * The bus drops what is published while it is not connected, and keeps its subscriptions over
 * reconnects, so there is nothing to renew. Closes the bus.
 */
export function createSorterMqttTransport(bus: MessageBus, base: string): SorterTransport {
  let isClosed = false;
  return {
    open(handlers) {
      bus.subscribe(`${base}/event`, (_topic, payload) => {
        if (!isClosed) handlers.onPayload(payload);
      });
      bus.onState((isConnected, reason) => {
        if (!isClosed) handlers.onState(isConnected, reason);
      });
    },
    send(command) {
      const qos = command.kind === "life" ? 0 : 1;
      return bus.publish(`${base}/command`, encodeSorterMessage(command), { qos });
    },
    revive() {},
    async close() {
      isClosed = true;
      await bus.close();
    },
  };
}
