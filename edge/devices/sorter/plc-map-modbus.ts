import { zModbusPlace } from "../../../protocols/modbus-places.ts";
import { zPlcMapModbus, type PlcMapModbus } from "../../../protocols/sorter/plc-map-modbus.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import { placedVariables, refuseMisfits, type PlacedVariable } from "../mapped-variable.ts";
import type { Reach } from "../reach.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createModbusMapWire, type ModbusMapLink } from "../wires/modbus/map-wire.ts";
import type { ModbusPlace } from "../wires/modbus/places.ts";
import type { VariableWire } from "../wires/modbus/tapped-variables.ts";
import type { SorterHeard } from "./heard.ts";
import { modbusCommandBlock, modbusMisfits } from "./plc-map-modbus-fit.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import type { PlcMeaning } from "./plc-map/meaning.ts";
import { mappedVariables } from "./plc-map/variables.ts";
import { wordsOf } from "./session-words.ts";

/** A sorter behind registers and coils; what cannot fit where it stands is refused. */
export const zSorterPlcMapModbusDialect = zPlcMapModbus.superRefine((map, context) =>
  refuseMisfits(context, () => modbusMisfits(modbusVariablesOf(map))),
);

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapModbusCarriers = (
  map: PlcMapModbus,
  reach: Reach,
  countsPerMsMax: number,
) =>
  ({
    bytes(link, clock, address, tap) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      return speak(machine, openModbusMap(map, reach, { link, clock, address, tap }), clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** The map's registers on that link. */
export const openModbusMap = (map: PlcMapModbus, reach: Reach, on: ModbusMapLink): VariableWire =>
  createModbusMapWire(map, reach, {
    ...on,
    variables: modbusVariablesOf(map),
    together: [modbusCommandBlock],
  });

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const modbusVariablesOf = (map: PlcMeaning): readonly PlacedVariable<ModbusPlace>[] =>
  placedVariables(map, mappedVariables(map), (place) => zModbusPlace.parse(place));
