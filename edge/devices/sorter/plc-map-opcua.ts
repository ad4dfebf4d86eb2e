import { zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import type { PlcMap } from "../../../protocols/sorter/plc-map-opcua.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import { placedVariables } from "../mapped-variable.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { SorterHeard } from "./heard.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import { mappedVariables } from "./plc-map/variables.ts";
import { wordsOf } from "./session-words.ts";

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapCarriers = (map: PlcMap, countsPerMsMax: number) =>
  ({
    opcuaVariables(endpoint, clock) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      const { namespaceUri, pollMs } = map;
      const variables = opcuaVariablesOf(map);
      return speak(
        machine,
        createOpcuaVariableWire(endpoint, { variables, namespaceUri, pollMs }),
        clock,
      );
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const opcuaVariablesOf = (map: PlcMap): readonly OpcuaVariable[] =>
  placedVariables(map, mappedVariables(map), (place) => zOpcuaPlace.parse(place));
