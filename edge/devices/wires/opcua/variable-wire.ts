import { notConnected, sent, type Sending } from "../../../../protocols/transport.ts";
import type { NotWritten, VariableReadings, VariableWrites } from "../../variables.ts";
import type { Wire, WireHandlers } from "../../wire.ts";
import type { OpcuaEndpoint, OpcuaVariableWatch } from "./endpoint.ts";
import type { OpcuaVariableSource } from "./variables.ts";

/**
 * Variables of an OPC UA server: what they show comes in again and again, values go out while they
 * can be read. Closes its endpoint.
 */
export function createOpcuaVariableWire(
  endpoint: OpcuaEndpoint,
  source: OpcuaVariableSource,
): Wire<VariableReadings | NotWritten, VariableWrites> {
  let watch: OpcuaVariableWatch | null = null;
  let told: WireHandlers<VariableReadings | NotWritten> | null = null;
  let isUp = false;

  const write = ({ id, steps }: VariableWrites): Sending => {
    if (watch === null) return notConnected;
    if (steps.length === 0) return sent;
    return watch.write(steps, (step, why) => {
      told?.onSendFailed(why);
      told?.onMessage({ kind: "notWritten", id, step, why });
    });
  };

  return {
    open(handlers) {
      told = handlers;
      watch = endpoint.watchVariables(source, {
        onState(next, reason) {
          isUp = next;
          handlers.onState(next, reason);
        },
        onAdvice: (advice) => handlers.onAdvice(advice),
        onClock: (sample) => handlers.onClock?.(sample),
        onReadings: (readings) => handlers.onMessage(readings),
      });
    },
    send: (writes) => (isUp ? write(writes) : notConnected),
    revive: () => watch?.revive(),
    async close() {
      isUp = false;
      watch?.stop();
      await endpoint.close();
    },
  };
}
