/**
 * Goal: a controller with registers keeps the sorter's contract in virtual time, framed as on TCP and
 * as on a serial line, with a ring and with latches, in places of its own and in those of a map.
 * Method: the contract suite over the registers of a simulated controller, whose bytes go through a
 * cable in memory, cut into pieces by chance.
 */
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import type { Clock } from "../../protocols/time.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { attachSlave } from "../../simulators/devices/sorter/plc-modbus-server.ts";
import { createMemoryWire, type MemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { plcModbusLatches } from "../kit/plc-map-modbus.ts";
import { oddMapModbus, pageMapModbus } from "../kit/site-maps.ts";
import {
  agentEndsOf,
  createAgentEnds,
  createPlcSlave,
  createPlcSlaveOf,
  serialReach,
  tcpReach,
  type ModbusKind,
} from "./modbus-rig.ts";
import { untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const inOwnPlaces = (change: object) => ({
  isExclusive: false,
  slaveOf: createPlcSlave,
  endsOf: (clock: Clock) => createAgentEnds(clock, change),
});
const laidOutBy = (map: PlcMapModbus) => ({
  isExclusive: map.echo !== undefined,
  slaveOf: (kind: ModbusKind, clock: Clock) => createPlcSlaveOf(map, kind, clock),
  endsOf: (clock: Clock) => agentEndsOf(map, clock),
});

const ring = inOwnPlaces({});
const latches = inOwnPlaces(plcModbusLatches(["eye1"]));
const ways = [
  ["tcp", "a ring", ring],
  ["rtu", "a ring", ring],
  ["tcp", "latches", latches],
  ["rtu", "latches", latches],
  ["tcp", "the map of the page", laidOutBy(pageMapModbus())],
  ["rtu", "an odd map", laidOutBy(oddMapModbus())],
] as const;

for (const [kind, way, { slaveOf, endsOf, isExclusive }] of ways) {
  describeSorterPort(
    `registers in memory with ${way}, framed as ${kind}`,
    async () => {
      const clock = createVirtualClock();
      const { memory, slave } = slaveOf(kind, clock);
      const agents = endsOf(clock);
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
    { cell: null, hasSubscriptions: false, isPolled: true, isExclusive },
  );
}
