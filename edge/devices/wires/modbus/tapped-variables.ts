import type { DeviceTap } from "../../device-tap.ts";
import type {
  FoundVariable,
  NotWritten,
  VariableReadings,
  VariableWrites,
} from "../../variables.ts";
import type { Wire } from "../../wire.ts";
import { placeText, turnedAbout, typeText } from "./places.ts";
import type { ModbusVariable } from "./read-plan.ts";

export type VariableWire = Wire<VariableReadings | NotWritten, VariableWrites>;

/** The same registers, with somebody who looks on at what they show and at what is written. */
export function tappedVariables(
  wire: VariableWire,
  variables: readonly ModbusVariable[],
  tap: DeviceTap,
): VariableWire {
  let isFound = false;
  const look = ({ values }: VariableReadings): void => {
    // Whoever begins to look is told first where the variables are.
    if (!tap.isLooking) {
      isFound = false;
      return;
    }
    if (!isFound) {
      const found = variables.map((variable) => foundIn(values, variable));
      tap.onWire({ kind: "found", variables: found });
    }
    isFound = true;
    tap.onWire({ kind: "readings", values });
  };
  return {
    open: (handlers) =>
      wire.open({
        ...handlers,
        onState(isConnected, reason) {
          isFound = false;
          handlers.onState(isConnected, reason);
        },
        onMessage(message) {
          if (message.kind === "readings") look(message);
          handlers.onMessage(message);
        },
      }),
    send(writes) {
      const sending = wire.send(writes);
      if (tap.isLooking && sending.kind === "sent" && writes.steps.length > 0) {
        const values = writes.steps.flat().map(({ key, value }) => [key, value] as const);
        tap.onWire({ kind: "write", values });
      }
      return sending;
    },
    revive: () => wire.revive(),
    close: () => wire.close(),
  };
}

function foundIn(
  values: VariableReadings["values"],
  { key, place, need }: ModbusVariable,
): FoundVariable {
  const value = values.get(key) ?? null;
  return {
    key,
    place: placeText(place, need),
    type: typeText(place),
    value,
    turned: typeof value === "number" ? turnedAbout(place, value) : null,
  };
}
