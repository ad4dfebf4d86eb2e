import { zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import { zPlcMap, type PlcMap } from "../../../protocols/sorter/plc-map-opcua.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import { placedVariables, refuseMisfits } from "../mapped-variable.ts";
import type { Carriers } from "../wires/carriers.ts";
import { sharedNodes } from "../wires/opcua/map-fit.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { SorterHeard } from "./heard.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import { mappedVariables } from "./plc-map/variables.ts";
import { wordsOf } from "./session-words.ts";

export const zSorterPlcMapDialect = zPlcMap.superRefine((map, context) =>
  refuseMisfits(context, () => sharedNodes(placedOf(map), map.namespaceUri)),
);

/**
 * What tells of news: numbers that only grow, so that a sampling that misses some of their values
 * shows a later one. What stands in the flags is seen by the readings that follow.
 */
const newsKeys = ["count", "events.written", "ack.seq"] as const;

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapCarriers = (map: PlcMap, countsPerMsMax: number) =>
  ({
    opcuaVariables(endpoint, clock) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      const { namespaceUri, pollMs, subscription } = map;
      const source = {
        variables: opcuaVariablesOf(map),
        namespaceUri,
        pollMs,
        ...(subscription === undefined
          ? {}
          : { subscription: { ...subscription, keys: newsKeys } }),
      };
      return speak(machine, createOpcuaVariableWire(endpoint, source), clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

const placedOf = (map: PlcMap) =>
  placedVariables(map, mappedVariables(map), (place) => zOpcuaPlace.parse(place));

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const opcuaVariablesOf = (map: PlcMap): readonly OpcuaVariable[] => placedOf(map);
