import { z } from "zod";
import { opcuaKeys, zMapNamespace } from "../opcua-places.ts";
import { eventsUntold, plcMapFields, restartUntold, tellsEvents, tellsRestart } from "./plc-map.ts";

/** A sorter behind plain OPC UA variables, as its engineer has named them. */
export const zPlcMap = z
  .strictObject({
    kind: z.literal("plc-map").describe("Variables of an OPC UA server."),
    namespaceUri: zMapNamespace,
    ...plcMapFields(opcuaKeys),
  })
  .refine(tellsRestart, restartUntold)
  .refine(tellsEvents, eventsUntold);
export type PlcMap = z.infer<typeof zPlcMap>;
