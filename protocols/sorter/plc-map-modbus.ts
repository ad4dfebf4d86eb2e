import { z } from "zod";
import { modbusDeviceKeys, modbusKeys } from "../modbus-places.ts";
import { eventsUntold, plcMapFields, restartUntold, tellsEvents, tellsRestart } from "./plc-map.ts";

/**
 * A sorter behind registers and coils, as its engineer has placed its variables. Whether they fit
 * where they stand, each side finds out by itself.
 */
export const zPlcMapModbus = z
  .strictObject({
    kind: z
      .literal("plc-map-modbus")
      .describe("Registers and coils; over TCP as Modbus TCP, over a serial line as Modbus RTU."),
    ...modbusDeviceKeys,
    ...plcMapFields(modbusKeys),
  })
  .refine(tellsRestart, restartUntold)
  .refine(tellsEvents, eventsUntold);
export type PlcMapModbus = z.infer<typeof zPlcMapModbus>;
