/**
 * Goal: the sorter driver keeps its contract in virtual time, where the swarm will use it. Method:
 * the contract suite over a broker in memory, between the simulated controller and the driver.
 */
import { sorterJsonCarriers } from "../../edge/devices/sorter/sortline-json.ts";
import { encodeJson } from "../../protocols/json-message.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSorterMqttWire } from "../../simulators/devices/sorter/mqtt-wire.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const base = "L1/sorter";

describeSorterPort(
  "memory",
  async () => {
    const clock = createVirtualClock();
    const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
    const intruder = broker.connect();
    return {
      clock,
      wire: createSorterMqttWire(broker.connect(), base),
      openAgentEnd: () => sorterJsonCarriers.messages({ bus: broker.connect(), base }, clock),
      injectEvent: (event) => intruder.publish(`${base}/event`, encodeJson(event)),
      cut: async () => broker.stop("pulled"),
      restore: async () => broker.start(),
      until: untilVirtual(clock),
      close: async () => broker.stop("end"),
    };
  },
  { cell: null, hasSubscriptions: false },
);
