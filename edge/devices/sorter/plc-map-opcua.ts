import { z } from "zod";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { SorterHeard } from "./heard.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import { placedVariables } from "./plc-map/placed.ts";
import {
  eventsUntold,
  plcMapFields,
  restartUntold,
  tellsEvents,
  tellsRestart,
} from "./plc-map-schema.ts";
import { wordsOf } from "./session-words.ts";

const nodeKeys = {
  node: z
    .string()
    .max(1_000)
    .regex(/^(?:s=.+|i=\d{1,10}|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/]+=*)$/, "s=, i=, g= or b=")
    .describe("Node id without its namespace: s=text, i=number, g=GUID or b=base64."),
  namespaceUri: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("URI of this node's namespace; default: namespaceUri of the map."),
  element: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("Which element of an array is meant, counted from 0; default: the whole value."),
};

const bit = {
  bit: z
    .number()
    .int()
    .min(0)
    .max(31)
    .optional()
    .describe("Which bit of an integer is meant, 0 being the lowest; default: a Boolean."),
};

/** A sorter behind plain OPC UA variables, as its engineer has named them. */
export const zSorterPlcMapDialect = z
  .strictObject({
    kind: z.literal("plc-map").describe("Variables of an OPC UA server."),
    namespaceUri: z
      .string()
      .min(1)
      .max(500)
      .describe("URI of the nodes' namespace; its index is looked up at each connection."),
    ...plcMapFields({
      value: nodeKeys,
      flag: { ...nodeKeys, ...bit },
      toggle: nodeKeys,
      list: nodeKeys,
    }),
  })
  .refine(tellsRestart, restartUntold)
  .refine(tellsEvents, eventsUntold);
export type SorterPlcMapDialect = z.infer<typeof zSorterPlcMapDialect>;

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapCarriers = (map: SorterPlcMapDialect, countsPerMsMax: number) =>
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
export const opcuaVariablesOf = (map: SorterPlcMapDialect): readonly OpcuaVariable[] =>
  placedVariables(map, (place) => zPlace.parse(place));

const zPlace = z.object({ ...nodeKeys, bit: z.number().optional() });
