import { z } from "zod";
import { opcuaKeys, zMapNamespace } from "../opcua-places.ts";
import { eventsUntold, plcMapFields, restartUntold, tellsEvents, tellsRestart } from "./plc-map.ts";

const zSubscription = z
  .strictObject({
    samplingMs: z
      .number()
      .int()
      .min(0)
      .max(250)
      .default(10)
      .describe(
        "Milliseconds between two looks of the server at a variable, as it is asked; 0 asks for each write.",
      ),
    queueSize: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe("Values that the server is asked to keep between two publishings; 1 is enough."),
    everyMsMax: z
      .number()
      .int()
      .min(20)
      .max(250)
      .default(100)
      .describe(
        "Milliseconds after which all is read even without news; a server that grants news less often is polled.",
      ),
  })
  .describe(
    "Read when the server tells of news, asked every `reach.publishingIntervalMs`. Without it: every `pollMs`.",
  );

/** A sorter behind plain OPC UA variables, as its engineer has named them. */
export const zPlcMap = z
  .strictObject({
    kind: z.literal("plc-map").describe("Variables of an OPC UA server."),
    namespaceUri: zMapNamespace,
    subscription: zSubscription.optional(),
    ...plcMapFields(opcuaKeys),
  })
  .refine(tellsRestart, restartUntold)
  .refine(tellsEvents, eventsUntold)
  .refine(({ subscription, latches }) => subscription === undefined || latches === undefined, {
    path: ["subscription"],
    message: "latches have to be polled: what they tell must stand still for four polls in a row",
  })
  .refine(
    ({ subscription, pollMs }) => subscription === undefined || subscription.everyMsMax > pollMs,
    { path: ["subscription", "everyMsMax"], message: "must be more than pollMs" },
  );
export type PlcMap = z.infer<typeof zPlcMap>;
