import { z } from "zod";
import { isActiveLow, placed, type PlaceKeys, type Shape } from "../mapped-keys.ts";
import { modbusDeviceKeys, modbusKeys } from "../modbus-places.ts";
import { opcuaKeys, zMapNamespace } from "../opcua-places.ts";
import { lampColours, type LampColour } from "./annunciation.ts";

/** A horn and a stack light that hang on outputs of a controller, as its engineer has placed them. */

const zPollMs = z
  .number()
  .int()
  .min(20)
  .max(500)
  .default(100)
  .describe("The variables that are read are read this often.");

const lamp = <Toggle extends Shape>(toggle: Toggle, colour: LampColour) =>
  z
    .strictObject({
      lit: placed(toggle, {}, "Written: true while it is lit or flashes."),
      flashing: placed(
        toggle,
        {},
        "Written: true while it flashes; without it it is lit instead. The controller flashes.",
      ).optional(),
    })
    .optional()
    .describe(`The outputs of the ${colour} lamp.`);

function outputFields<
  Value extends Shape,
  Flag extends Shape,
  Toggle extends Shape,
  List extends Shape,
>({ value, flag, toggle }: PlaceKeys<Value, Flag, Toggle, List>) {
  return {
    pollMs: zPollMs,
    life: z
      .strictObject({
        fromPlc: placed(value, {}, "Changes at least every 500 ms while the controller runs."),
        toPlc: placed(
          value,
          {},
          "Written: changes every second at least while this agent runs. Positive in 16 bits.",
        ),
      })
      .describe("Signs of life, both ways."),
    horn: placed(toggle, {}, "Written: true while the horn is to sound.").optional(),
    red: lamp(toggle, "red"),
    amber: lamp(toggle, "amber"),
    green: lamp(toggle, "green"),
    blue: lamp(toggle, "blue"),
    white: lamp(toggle, "white"),
    silence: placed(
      flag,
      isActiveLow,
      "Whether the key that silences the horn is pressed. It acknowledges nothing.",
    ).optional(),
  };
}

const hasSignal = (map: Readonly<Record<string, unknown>>): boolean =>
  ["horn", ...lampColours].some((name) => map[name] !== undefined);
const noSignal = { message: "at least one of horn and lamps is wanted" };

export const zAnnunciatorOutputs = z
  .strictObject({
    kind: z.literal("outputs").describe("Outputs of a controller, as variables of OPC UA."),
    namespaceUri: zMapNamespace,
    ...outputFields(opcuaKeys),
  })
  .refine(hasSignal, noSignal);
export type AnnunciatorOutputs = z.infer<typeof zAnnunciatorOutputs>;

export const zAnnunciatorOutputsModbus = z
  .strictObject({
    kind: z
      .literal("outputs-modbus")
      .describe("The same as registers and coils, over Modbus TCP or RTU."),
    ...modbusDeviceKeys,
    ...outputFields(modbusKeys),
  })
  .refine(hasSignal, noSignal);
export type AnnunciatorOutputsModbus = z.infer<typeof zAnnunciatorOutputsModbus>;
