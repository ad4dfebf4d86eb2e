import { zModbusPlace } from "../../../protocols/modbus-places.ts";
import { zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import {
  zSignals,
  zSignalsModbus,
  type Signals,
  type SignalsModbus,
} from "../../../protocols/xray/signals.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { speak } from "../dialect.ts";
import { placedVariables } from "../mapped-variable.ts";
import type { Reach, SerialReach } from "../reach.ts";
import type { Carriers } from "../wires/carriers.ts";
import { sharedNodes } from "../wires/opcua/map-fit.ts";
import { misplacedIn, sharedRegisters, type MappedRegisters } from "../wires/modbus/map-fit.ts";
import { createReadPlan } from "../wires/modbus/read-plan.ts";
import { charactersOf, framingOf } from "../wires/modbus/reach-framing.ts";
import { rtuAirMs } from "../wires/modbus/rtu-framing.ts";
import { tappedVariables } from "../wires/modbus/tapped-variables.ts";
import { createModbusVariableWire } from "../wires/modbus/variable-wire.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { XrayHeard } from "./heard.ts";
import { SignalMachine, trackMaxOf } from "./signals/machine.ts";
import type { SignalMeaning } from "./signals/meaning.ts";
import { signalVariables } from "./signals/variables.ts";
import { createTracks } from "./tracks.ts";

/** Signals in registers and coils; what cannot fit where it stands is refused. */
export const zXraySignalsModbusDialect = zSignalsModbus.superRefine((map, context) => {
  // What is not even of its kind is said already.
  if (context.issues.length > 0) return;
  const variables = registersOf(map);
  const misplaced = misplacedIn(variables);
  const misfits = misplaced.length > 0 ? misplaced : sharedRegisters(variables);
  for (const { path, why } of misfits) {
    context.addIssue({ code: "custom", path: [...path], message: why });
  }
});

/** The same of nodes. */
export const zXraySignalsDialect = zSignals.superRefine((map, context) => {
  if (context.issues.length > 0) return;
  for (const { path, why } of sharedNodes(placedOf(map), map.namespaceUri)) {
    context.addIssue({ code: "custom", path: [...path], message: why });
  }
});

/** No image comes from such a machine, whatever carries its signals. */
export const hasSignalsOnly = ({ kind }: { readonly kind: string }): boolean =>
  kind === "signals" || kind === "signals-modbus";

export const xraySignalCarriers = (map: Signals) =>
  ({
    opcuaVariables(endpoint, clock) {
      const { namespaceUri, pollMs } = map;
      const variables = nodesOf(map);
      const wire = createOpcuaVariableWire(endpoint, { variables, namespaceUri, pollMs });
      return speak(machineOf(map), wire, clock);
    },
  }) satisfies Carriers<XrayHeard, XrayAnnounce>;

export const xraySignalModbusCarriers = (map: SignalsModbus, reach: Reach) =>
  ({
    bytes(link, clock, address, tap) {
      const { pollMs, timeoutMs, registersMax } = map;
      const variables = registersOf(map);
      const wire = createModbusVariableWire({
        link,
        clock,
        address,
        framing: framingOf(map, reach),
        source: { variables, together: [], pollMs, timeoutMs, registersMax },
      });
      const seen = tap === undefined ? wire : tappedVariables(wire, variables, tap);
      return speak(machineOf(map), seen, clock);
    },
  }) satisfies Carriers<XrayHeard, XrayAnnounce>;

/** How long the bytes of one look at all signals take on a serial line, without what the controller thinks. */
export function signalReadMs(map: SignalsModbus, reach: SerialReach): number {
  const characters = charactersOf(reach);
  const { asks } = createReadPlan(registersOf(map), map.registersMax);
  return asks.reduce((sum, ask) => sum + rtuAirMs(ask, characters), 0);
}

const machineOf = (map: SignalMeaning): SignalMachine =>
  new SignalMachine({ map, tracks: createTracks(trackMaxOf(map)) });

const placedOf = (map: Signals) =>
  placedVariables(map, signalVariables(map), (place) => zOpcuaPlace.parse(place));
const nodesOf = (map: Signals): readonly OpcuaVariable[] => placedOf(map);

const registersOf = (map: SignalMeaning): readonly MappedRegisters[] =>
  placedVariables(map, signalVariables(map), (place) => zModbusPlace.parse(place));
