import { notConnected } from "../../../../protocols/transport.ts";
import type { Wire } from "../../wire.ts";
import type { OpcuaEndpoint, OpcuaWatch } from "./endpoint.ts";
import type { OpcuaCall, OpcuaEventSource } from "./session.ts";

/**
 * One node of an OPC UA server: the wanted fields of its events come in, calls go out while the
 * events are granted. Closes its endpoint.
 */
export function createOpcuaEventWire(
  endpoint: OpcuaEndpoint,
  source: OpcuaEventSource,
): Wire<readonly unknown[], OpcuaCall> {
  let watch: OpcuaWatch | null = null;
  let onCallFailed: (detail: string) => void = () => {};
  let isUp = false;

  return {
    open(handlers) {
      onCallFailed = (detail) => handlers.onSendFailed(detail);
      watch = endpoint.watchEvents(source, {
        onState(next, reason) {
          isUp = next;
          handlers.onState(next, reason);
        },
        onAdvice: (advice) => handlers.onAdvice(advice),
        onClock: (sample) => handlers.onClock?.(sample),
        onFields: (values) => handlers.onMessage(values),
      });
    },
    send: (call) => (isUp ? endpoint.call(call, onCallFailed) : notConnected),
    revive: () => watch?.revive(),
    async close() {
      isUp = false;
      watch?.stop();
      await endpoint.close();
    },
  };
}
