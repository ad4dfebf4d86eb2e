import type { Wires } from "./wires.ts";
import { notConnected, type MessageBus } from "../../../protocols/transport.ts";

/**
 * One broker connection for all devices of an agent, under `name`, except those with a will. Lighter by far where there are hundreds; the
 * price is that a large message of one device delays the small ones of the others.
 */
export function sharedWires(wires: Wires, name: string): Wires {
  const shared = new Map<string, { readonly bus: MessageBus; users: number }>();
  return {
    ...wires,
    messageBus: (reach, deviceId, will) => {
      // A connection has one will, which is spoken when it alone is lost.
      if (will !== undefined) return wires.messageBus(reach, deviceId, will);
      const { brokerUrl, tls, user } = reach;
      const key = JSON.stringify([brokerUrl, tls, user]);
      const entry = shared.get(key) ?? {
        bus: wires.messageBus(reach, name),
        users: 0,
      };
      shared.set(key, entry);
      entry.users += 1;
      let isClosed = false;
      return {
        onState: (handler) =>
          entry.bus.onState((isConnected, reason) => {
            if (!isClosed) handler(isConnected, reason);
          }),
        subscribe: (filter, handler) =>
          entry.bus.subscribe(filter, (topic, payload, isRetained) => {
            if (!isClosed) handler(topic, payload, isRetained);
          }),
        publish: (topic, payload, options) =>
          isClosed ? notConnected : entry.bus.publish(topic, payload, options),
        close: async () => {
          if (isClosed) return;
          isClosed = true;
          entry.users -= 1;
          if (entry.users > 0) return;
          shared.delete(key);
          await entry.bus.close();
        },
      };
    },
  };
}
