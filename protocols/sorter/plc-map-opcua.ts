import { z } from "zod";
import { eventsUntold, plcMapFields, restartUntold, tellsEvents, tellsRestart } from "./plc-map.ts";

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
export const zPlcMap = z
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
export type PlcMap = z.infer<typeof zPlcMap>;

/** Where a variable is, out of what stands beside it. */
export const zOpcuaPlace = z.object({ ...nodeKeys, ...bit });
