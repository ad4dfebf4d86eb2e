import type { DeviceTap } from "../../device-tap.ts";
import type { Reach } from "../../reach.ts";
import { framingOf, type ModbusAsked } from "./reach-framing.ts";
import { tappedVariables, type VariableWire } from "./tapped-variables.ts";
import {
  createModbusVariableWire,
  type ModbusVariableSource,
  type ModbusWireOptions,
} from "./variable-wire.ts";

/** What a map of registers says of how they are asked for. */
type ModbusMap = ModbusAsked & Pick<ModbusVariableSource, "pollMs" | "timeoutMs" | "registersMax">;

/** The controller's line, and whoever looks on. */
export interface ModbusMapLink extends Pick<ModbusWireOptions, "link" | "clock" | "address"> {
  readonly tap?: DeviceTap | undefined;
}

interface MapVariables extends Pick<ModbusVariableSource, "variables"> {
  /** Default: each variable is written by itself. */
  readonly together?: ModbusVariableSource["together"];
}

/** The registers of a map on that line. */
export function createModbusMapWire(
  map: ModbusMap,
  reach: Reach,
  { variables, together = [], tap, ...on }: ModbusMapLink & MapVariables,
): VariableWire {
  const { pollMs, timeoutMs, registersMax } = map;
  const source = { variables, together, pollMs, timeoutMs, registersMax };
  const wire = createModbusVariableWire({ ...on, framing: framingOf(map, reach), source });
  return tap === undefined ? wire : tappedVariables(wire, variables, tap);
}
