/**
 * Goal: a controller with plain variables, laid out by the map that reads it, keeps the sorter's
 * contract over OPC UA, with a ring and with latches. Method: the contract suite against a real server
 * on loopback, through a relay whose plug can be pulled while the server goes on.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { sorterPlcMapCarriers } from "../../edge/devices/sorter/plc-map-opcua.ts";
import type { VariableReadings } from "../../edge/devices/variables.ts";
import type { OpcuaEndpoint } from "../../edge/devices/wires/opcua/endpoint.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { createPlcOpcuaServer } from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { unreadableReadings } from "../kit/plc-map.ts";
import { oddMap, pageMap, plcOfMap, sealedPageMap } from "../kit/site-maps.ts";
import { agentWires } from "./device-rig.ts";
import { openRelay } from "./relay.ts";
import { untilReal } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const clock = createSystemClock();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sorter-plc-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

for (const [way, form, map] of [
  ["a ring, laid out by the map of the page", "ring", pageMap()],
  ["a ring whose entries prove themselves", "ring", sealedPageMap()],
  ["latches, laid out by an odd map", "latches", oddMap()],
] as const) {
  describeSorterPort(
    `variables of OPC UA with ${way} (DEV1-40)`,
    async () => {
      const { memory, nodes } = plcOfMap(map);
      const server = createPlcOpcuaServer({
        nodes,
        port: 0,
        certificatesFolder: join(folder, "server"),
      });
      await server.start();
      const relay = await openRelay(Number(new URL(server.endpointUrl()).port));
      const wires = agentWires(clock, join(folder, "client"));
      let hear: ((readings: VariableReadings) => void) | null = null;
      /** So that something can be said in the server's place. */
      const listenedTo = (endpoint: OpcuaEndpoint): OpcuaEndpoint => ({
        ...endpoint,
        watchVariables(source, handlers) {
          hear = (readings) => handlers.onReadings(readings);
          return endpoint.watchVariables(source, handlers);
        },
      });
      return {
        clock,
        wire: memory.wire,
        openAgentEnd() {
          const endpoint = wires.opcuaEndpoint(
            {
              kind: "opcua",
              endpointUrl: `opc.tcp://127.0.0.1:${relay.port}`,
              security: { mode: "none", allowBeyondLoopback: false },
              publishingIntervalMs: 10,
            },
            null,
          );
          return sorterPlcMapCarriers(map, 10).opcuaVariables(listenedTo(endpoint), clock);
        },
        injectEvent: (event) => hear?.(unreadableReadings(event, clock)),
        cut: () => relay.pull(),
        restore: () => relay.plugIn(),
        until: untilReal,
        async close() {
          await relay.pull();
          await server.stop();
        },
      };
    },
    {
      cell: `sorter/plc-map ${form}/opcua`,
      hasSubscriptions: false,
      isPolled: true,
      isExclusive: map.echo !== undefined,
      tellsTracks: form === "latches",
    },
  );
}
