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
import { placedVariables, refuseMisfits } from "../mapped-variable.ts";
import type { Reach, SerialReach } from "../reach.ts";
import type { Carriers } from "../wires/carriers.ts";
import { sharedNodes } from "../wires/opcua/map-fit.ts";
import { registerMisfits, type MappedRegisters } from "../wires/modbus/map-fit.ts";
import { createModbusMapWire } from "../wires/modbus/map-wire.ts";
import { createReadPlan } from "../wires/modbus/read-plan.ts";
import { charactersOf } from "../wires/modbus/reach-framing.ts";
import { rtuAirMs } from "../wires/modbus/rtu-framing.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { XrayHeard } from "./heard.ts";
import { SignalMachine, trackMaxOf } from "./signals/machine.ts";
import type { SignalMeaning } from "./signals/meaning.ts";
import { signalVariables } from "./signals/variables.ts";
import { createTracks } from "./tracks.ts";

/** Signals in registers and coils; what cannot fit where it stands is refused. */
export const zXraySignalsModbusDialect = zSignalsModbus.superRefine((map, context) =>
  refuseMisfits(context, () => registerMisfits(registersOf(map))),
);

/** The same of nodes. */
export const zXraySignalsDialect = zSignals.superRefine((map, context) =>
  refuseMisfits(context, () => sharedNodes(placedOf(map), map.namespaceUri)),
);

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
      const on = { link, clock, address, tap };
      const wire = createModbusMapWire(map, reach, { variables: registersOf(map), ...on });
      return speak(machineOf(map), wire, clock);
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
