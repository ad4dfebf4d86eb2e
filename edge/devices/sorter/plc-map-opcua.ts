import { zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import { zPlcMap, type PlcMap } from "../../../protocols/sorter/plc-map-opcua.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import { placedVariables } from "../mapped-variable.ts";
import type { Carriers } from "../wires/carriers.ts";
import { sharedNodes } from "../wires/opcua/map-fit.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { SorterHeard } from "./heard.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import { mappedVariables } from "./plc-map/variables.ts";
import { wordsOf } from "./session-words.ts";

export const zSorterPlcMapDialect = zPlcMap.superRefine((map, context) => {
  // What is not even of its kind is said already.
  if (context.issues.length > 0) return;
  for (const { path, why } of sharedNodes(placedOf(map), map.namespaceUri)) {
    context.addIssue({ code: "custom", path: [...path], message: why });
  }
});

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

const placedOf = (map: PlcMap) =>
  placedVariables(map, mappedVariables(map), (place) => zOpcuaPlace.parse(place));

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const opcuaVariablesOf = (map: PlcMap): readonly OpcuaVariable[] => placedOf(map);
