/**
 * Goal: the sorter driver keeps its contract over a real broker. Method: the contract suite over
 * a broker on loopback, which is stopped and started again on its port for the cut wire.
 */
import { silentLog } from "../../protocols/log.ts";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { sorterJsonCarriers } from "../../edge/devices/sorter/sortline-json.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { encodeJson } from "../../protocols/json-message.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { createSorterMqttWire } from "../../simulators/devices/sorter/mqtt-wire.ts";
import { startBroker } from "./device-rig.ts";
import { untilReal } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const base = "L1/sorter";
const entropy = { next: Math.random };

describeSorterPort(
  "MQTT",
  async () => {
    const clock = createSystemClock();
    const broker = await startBroker();
    const deviceBus = openDeviceBus(broker.url, "sorter-device");
    const intruder = openDeviceBus(broker.url, "intruder");
    for (const bus of [deviceBus, intruder]) {
      let isUp = false;
      bus.onState((next) => {
        isUp = next;
      });
      await untilReal(() => isUp, "a device at the broker");
    }
    let agents = 0;
    let isStopped = false;
    return {
      clock,
      wire: createSorterMqttWire(deviceBus, base),
      openAgentEnd() {
        agents += 1;
        const clientId = `agent-${agents}`;
        const bus = openMqttBus({
          log: silentLog,
          brokerUrl: broker.url,
          clientId,
          clock,
          entropy,
        });
        return sorterJsonCarriers.messages({ bus, base }, clock);
      },
      injectEvent: (event) => intruder.publish(`${base}/event`, encodeJson(event)),
      async cut() {
        isStopped = true;
        await broker.stop();
      },
      async restore() {
        isStopped = false;
        await broker.start();
      },
      until: untilReal,
      async close() {
        await deviceBus.close();
        await intruder.close();
        if (!isStopped) await broker.stop();
      },
    };
  },
  { cell: "sorter/sortline-json/mqtt", hasSubscriptions: false, tellsTracks: true },
);
