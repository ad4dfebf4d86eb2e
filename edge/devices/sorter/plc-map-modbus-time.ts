import type { PlcMapModbus } from "../../../protocols/sorter/plc-map-modbus.ts";
import type { SerialReach } from "../reach.ts";
import type { ModbusAsk } from "../wires/modbus/pdu.ts";
import { createReadPlan } from "../wires/modbus/read-plan.ts";
import { charactersOf } from "../wires/modbus/reach-framing.ts";
import { rtuAirMs } from "../wires/modbus/rtu-framing.ts";
import { createWritePlan } from "../wires/modbus/write-plan.ts";
import { modbusCommandBlock } from "./plc-map-modbus-fit.ts";
import { modbusVariablesOf } from "./plc-map-modbus.ts";

/** What the bytes alone take on a serial line, in milliseconds; what the controller thinks comes on top. */
export interface ModbusTimes {
  /** From the first question for all variables to the last answer. */
  readonly pollMs: number;
  /** From a command to its sequence number at the controller, behind the longest question. */
  readonly commandMs: number;
}

export function modbusTimesOf(map: PlcMapModbus, reach: SerialReach): ModbusTimes {
  const characters = charactersOf(reach);
  const airMs = (ask: ModbusAsk): number => rtuAirMs(ask, characters);
  const variables = modbusVariablesOf(map);
  const reads = createReadPlan(variables, map.registersMax).asks.map(airMs);
  const plan = createWritePlan(variables, [modbusCommandBlock]);
  const steps = ["command.op", "command.seq"].map((key) => plan.step([{ key, value: 1 }]));
  const asks = steps.flatMap((step) => (step.kind === "asks" ? step.asks : []));
  // The number itself is read back when it has been taken already.
  const writes = asks.map(({ write, check, keys }) =>
    keys === "command.seq" ? airMs(write) : airMs(write) + airMs(check),
  );
  return {
    pollMs: sumOf(reads),
    commandMs: Math.max(...reads) + sumOf(writes),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);
