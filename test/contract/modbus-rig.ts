import { speak } from "../../edge/devices/dialect.ts";
import { zReach, type Reach } from "../../edge/devices/reach.ts";
import { openModbusMap } from "../../edge/devices/sorter/plc-map-modbus.ts";
import { PlcMachine } from "../../edge/devices/sorter/plc-map/machine.ts";
import type { VariableReadings } from "../../edge/devices/variables.ts";
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { createModbusSlave } from "../../simulators/devices/sorter/modbus-slave.ts";
import { createPlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcRegisterTable } from "../../simulators/devices/sorter/plc-register-table.ts";
import { createPlcRegisters } from "../../simulators/devices/sorter/plc-registers.ts";
import { plcMapModbus, plcModbusUnitId } from "../kit/plc-map-modbus.ts";
import { plcOfMapModbus } from "../kit/site-maps.ts";
import { plcRingSize, unreadableReadings } from "../kit/plc-map.ts";

export type ModbusKind = "tcp" | "rtu";

export const serialReach = (path: string): Reach =>
  zReach.parse({ kind: "serial", path, baudRate: 115_200, parity: "even" });
export const tcpReach = (port: number): Reach =>
  zReach.parse({ kind: "tcp", host: "127.0.0.1", port });

/** A controller with registers, whatever its bytes go over. */
export function createPlcSlave(framing: ModbusKind, clock: Clock) {
  const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
  const registers = createPlcRegisters(plcRegisterTable(memory, "low"));
  const slave = createModbusSlave({ registers, unitId: plcModbusUnitId, framing, clock });
  return { memory, registers, slave };
}

/** A controller that is laid out by such a map. */
export function createPlcSlaveOf(map: PlcMapModbus, framing: ModbusKind, clock: Clock) {
  const { memory, placed } = plcOfMapModbus(map);
  const registers = createPlcRegisters(placed);
  const slave = createModbusSlave({ registers, unitId: map.unitId, framing, clock });
  return { memory, slave };
}

/** Agents' ends over links of their own, and a voice in the controller's place. */
export function createAgentEnds(clock: Clock, change: object = {}) {
  return agentEndsOf(plcMapModbus(["eye1"], change), clock);
}

/** The same for any map. */
export function agentEndsOf(map: PlcMapModbus, clock: Clock) {
  const ears = new Set<(readings: VariableReadings) => void>();
  let word = 0;
  return {
    open(link: ByteLink, reach: Reach) {
      const wire = openModbusMap(map, reach, { link, clock, address: "plc" });
      const nextWord = () => (word += 1);
      const heard: typeof wire = {
        open(handlers) {
          ears.add((readings) => handlers.onMessage(readings));
          wire.open(handlers);
        },
        send: (writes) => wire.send(writes),
        revive: () => wire.revive(),
        close: () => wire.close(),
      };
      return speak(new PlcMachine({ map, countsPerMsMax: 10, nextWord }), heard, clock);
    },
    say(event: unknown) {
      for (const hear of ears) hear(unreadableReadings(event, clock));
    },
  };
}
