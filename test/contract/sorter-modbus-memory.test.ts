/**
 * Goal: a controller with registers keeps the sorter's contract in virtual time, framed as on TCP and
 * as on a serial line, with a ring and with latches. Method: the contract suite over the registers of a simulated controller, whose
 * bytes go through a cable in memory, cut into pieces by chance.
 */
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { attachSlave } from "../../simulators/devices/sorter/plc-modbus-server.ts";
import { createMemoryWire, type MemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { plcModbusLatches } from "../kit/plc-map-modbus.ts";
import { createAgentEnds, createPlcSlave, serialReach, tcpReach } from "./modbus-rig.ts";
import { untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const ways = [
  ["a ring", {}],
  ["latches", plcModbusLatches(["eye1"])],
] as const;
const kinds = ["tcp", "rtu"] as const;

for (const [kind, [way, change]] of kinds.flatMap((kind) =>
  ways.map((way) => [kind, way] as const),
)) {
  describeSorterPort(
    `registers in memory with ${way}, framed as ${kind}`,
    async () => {
      const clock = createVirtualClock();
      const { memory, slave } = createPlcSlave(kind, clock);
      const agents = createAgentEnds(clock, change);
      const reach = kind === "tcp" ? tcpReach(502) : serialReach("/dev/ttyS0");
      const cables: MemoryWire[] = [];
      let turn = 0;
      return {
        clock,
        wire: memory.wire,
        openAgentEnd() {
          const chunkBytes = () => 1 + ((turn += 1) % 7) * 13;
          const cable = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes });
          cables.push(cable);
          attachSlave(slave, cable.b);
          return agents.open(cable.a, reach);
        },
        injectEvent: (event) => agents.say(event),
        cut: async () => cables.forEach((cable) => cable.cut("pulled")),
        restore: async () => cables.forEach((cable) => cable.restore()),
        until: untilVirtual(clock),
        close: async () => cables.forEach((cable) => cable.cut("over")),
      };
    },
    { hasSubscriptions: false, isPolled: true },
  );
}
