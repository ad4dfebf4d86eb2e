import { zModbusPlace } from "../../../protocols/modbus-places.ts";
import { zPlcMapModbus, type PlcMapModbus } from "../../../protocols/sorter/plc-map-modbus.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import { placedVariables, type PlacedVariable } from "../mapped-variable.ts";
import type { Reach } from "../reach.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ModbusPlace } from "../wires/modbus/places.ts";
import { framingOf } from "../wires/modbus/reach-framing.ts";
import { tappedVariables } from "../wires/modbus/tapped-variables.ts";
import { createModbusVariableWire, type ModbusWireOptions } from "../wires/modbus/variable-wire.ts";
import type { SorterHeard } from "./heard.ts";
import { modbusCommandBlock, modbusMisfits } from "./plc-map-modbus-fit.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import type { PlcMeaning } from "./plc-map/meaning.ts";
import { mappedVariables } from "./plc-map/variables.ts";
import { wordsOf } from "./session-words.ts";

/** A sorter behind registers and coils; what cannot fit where it stands is refused. */
export const zSorterPlcMapModbusDialect = zPlcMapModbus.superRefine((map, context) => {
  // What is not even of its kind is said already.
  if (context.issues.length > 0) return;
  for (const { path, why } of modbusMisfits(modbusVariablesOf(map))) {
    context.addIssue({ code: "custom", path: [...path], message: why });
  }
});
/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapModbusCarriers = (
  map: PlcMapModbus,
  reach: Reach,
  countsPerMsMax: number,
) =>
  ({
    bytes(link, clock, address, tap) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      const wire = openModbusMap(map, reach, { link, clock, address });
      const seen = tap === undefined ? wire : tappedVariables(wire, modbusVariablesOf(map), tap);
      return speak(machine, seen, clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** The map's registers on that link. */
export function openModbusMap(
  map: PlcMapModbus,
  reach: Reach,
  on: Pick<ModbusWireOptions, "link" | "clock" | "address">,
) {
  const { pollMs, timeoutMs, registersMax } = map;
  const variables = modbusVariablesOf(map);
  const source = { variables, together: [modbusCommandBlock], pollMs, timeoutMs, registersMax };
  return createModbusVariableWire({ ...on, framing: framingOf(map, reach), source });
}

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const modbusVariablesOf = (map: PlcMeaning): readonly PlacedVariable<ModbusPlace>[] =>
  placedVariables(map, mappedVariables(map), (place) => zModbusPlace.parse(place));
