/**
 * Goal: the sorter driver keeps its contract over OPC UA. Method: the contract suite against a real
 * server on loopback, stopped and started again on its port for the cut wire, and with
 * subscriptions that die while their connection lives.
 */
import { silentLog } from "../../protocols/log.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { OpcuaReach } from "../../edge/devices/reach.ts";
import { createOpcuaPool } from "../../edge/devices/wires/opcua/pool.ts";
import { sorterOpcuaCarriers } from "../../edge/devices/sorter/sortline-opcua.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { createSorterOpcuaServer } from "../../simulators/devices/sorter/opcua-server.ts";
import { untilReal } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const clock = createSystemClock();
const entropy = { next: Math.random };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sorter-opcua-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describeSorterPort(
  "OPC UA",
  async () => {
    const server = createSorterOpcuaServer({
      sorterIds: ["sorter", "neighbour"],
      port: 0,
      certificatesFolder: join(folder, "server"),
    });
    await server.start();
    const pool = createOpcuaPool({
      log: silentLog,
      clock,
      entropy,
      certificatesFolder: join(folder, "client"),
    });
    const wire = server.wire("sorter");
    return {
      clock,
      wire,
      openAgentEnd() {
        const reach: OpcuaReach = {
          kind: "opcua",
          endpointUrl: server.endpointUrl(),
          security: { mode: "none", allowBeyondLoopback: false },
          publishingIntervalMs: 10,
        };
        const endpoint = pool.acquire(reach, 1_000);
        return sorterOpcuaCarriers("sorter").opcua(endpoint, clock);
      },
      injectEvent: (event) => wire.publish(event as SorterEvent),
      cut: () => server.stop(),
      restore: () => server.start(),
      silence: () => server.silenceSubscriptions(),
      until: untilReal,
      close: () => server.stop(),
    };
  },
  { cell: "sorter/sortline-opcua/opcua", hasSubscriptions: true },
);
