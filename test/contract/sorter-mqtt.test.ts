/**
 * Goal: the sorter driver keeps its contract over a real broker. Method: the contract suite over
 * aedes on loopback, which is stopped and started again on its port for the cut wire.
 */
import { silentLog } from "../../protocols/log.ts";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { sorterJsonCarriers } from "../../edge/devices/sorter/sortline-json.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { encodeJson } from "../../protocols/json-message.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { createSorterMqttWire } from "../../simulators/devices/sorter/mqtt-wire.ts";
import { untilReal } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const base = "L1/sorter";
const entropy = { next: Math.random };

/** A broker that can be taken away and brought back on the same port. */
async function openBroker() {
  let aedes: Aedes;
  let server: Server;
  let port = 0;
  const sockets = new Set<Socket>();
  const start = async () => {
    aedes = await Aedes.createBroker();
    server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      aedes.handle(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const address = server.address();
    if (address !== null && typeof address === "object") port = address.port;
  };
  await start();
  return {
    url: () => `mqtt://127.0.0.1:${port}`,
    start,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describeSorterPort("MQTT", async () => {
  const clock = createSystemClock();
  const broker = await openBroker();
  const deviceBus = openDeviceBus(broker.url(), "sorter-device");
  const intruder = openDeviceBus(broker.url(), "intruder");
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
        brokerUrl: broker.url(),
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
});
