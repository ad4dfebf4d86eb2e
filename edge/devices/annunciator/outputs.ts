import {
  lampColours,
  type Annunciation,
  type LampState,
} from "../../../protocols/annunciator/annunciation.ts";
import {
  zAnnunciatorOutputs,
  zAnnunciatorOutputsModbus,
  type AnnunciatorOutputs,
  type AnnunciatorOutputsModbus,
} from "../../../protocols/annunciator/outputs.ts";
import { zModbusPlace } from "../../../protocols/modbus-places.ts";
import { zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import { speak, unreadable, type Dialect } from "../dialect.ts";
import {
  flagNeed,
  numberMax,
  placedVariables,
  readOf,
  refuseMisfits,
  upTo,
  wordNeed,
  writtenOf,
  type MappedVariable,
} from "../mapped-variable.ts";
import type { Reach } from "../reach.ts";
import { VariableValues } from "../variable-values.ts";
import type { NotWritten, VariableReadings, VariableWrites } from "../variables.ts";
import type { Carriers } from "../wires/carriers.ts";
import { registerMisfits, type MappedRegisters } from "../wires/modbus/map-fit.ts";
import { createModbusMapWire } from "../wires/modbus/map-wire.ts";
import { sharedNodes } from "../wires/opcua/map-fit.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaVariable } from "../wires/opcua/variables.ts";
import type { AnnunciatorHeard } from "./heard.ts";

/** Outputs at nodes; two at one node are refused. */
export const zAnnunciatorOutputsDialect = zAnnunciatorOutputs.superRefine((map, context) =>
  refuseMisfits(context, () => sharedNodes(nodesOf(map), map.namespaceUri)),
);

/** Outputs in registers and coils; what cannot fit where it stands is refused. */
export const zAnnunciatorOutputsModbusDialect = zAnnunciatorOutputsModbus.superRefine(
  (map, context) => refuseMisfits(context, () => registerMisfits(registersOf(map))),
);

export const annunciatorOutputCarriers = (map: AnnunciatorOutputs) =>
  ({
    opcuaVariables(endpoint, clock) {
      const { namespaceUri, pollMs } = map;
      const variables: readonly OpcuaVariable[] = nodesOf(map);
      const wire = createOpcuaVariableWire(endpoint, { variables, namespaceUri, pollMs });
      return speak(createDialect(map), wire, clock);
    },
  }) satisfies Carriers<AnnunciatorHeard, Annunciation>;

export const annunciatorOutputModbusCarriers = (map: AnnunciatorOutputsModbus, reach: Reach) =>
  ({
    bytes(link, clock, address, tap) {
      const on = { link, clock, address, tap };
      const wire = createModbusMapWire(map, reach, { variables: registersOf(map), ...on });
      return speak(createDialect(map), wire, clock);
    },
  }) satisfies Carriers<AnnunciatorHeard, Annunciation>;

type AnyOutputs = Omit<AnnunciatorOutputs | AnnunciatorOutputsModbus, "kind">;

/** Our sign of life is a number that begins anew behind this one. */
const lifeMax = numberMax(16);

/** All variables that a map names, in one order. */
function outputVariables(map: AnyOutputs): readonly MappedVariable[] {
  return [
    readOf("life.fromPlc", wordNeed),
    writtenOf("life.toPlc", upTo(lifeMax)),
    ...(map.silence === undefined ? [] : [readOf("silence", flagNeed)]),
    ...(map.horn === undefined ? [] : [writtenOf("horn", flagNeed)]),
    ...lampColours.flatMap((colour) => {
      const lamp = map[colour];
      if (lamp === undefined) return [];
      const lit = writtenOf(`${colour}.lit`, flagNeed);
      return lamp.flashing === undefined ? [lit] : [lit, writtenOf(`${colour}.flashing`, flagNeed)];
    }),
  ];
}

const nodesOf = (map: AnnunciatorOutputs) =>
  placedVariables(map, outputVariables(map), (place) => zOpcuaPlace.parse(place));
const registersOf = (map: AnnunciatorOutputsModbus): readonly MappedRegisters[] =>
  placedVariables(map, outputVariables(map), (place) => zModbusPlace.parse(place));

type OutputDialect = Dialect<
  VariableReadings | NotWritten,
  VariableWrites,
  AnnunciatorHeard,
  Annunciation
>;

/** A controller is heard when its sign of life has changed; its key is told of with every look. */
function createDialect(map: AnyOutputs): OutputDialect {
  let life: string | number | null = null;
  let wasPressed: boolean | null = null;
  let lifeSent = 0;
  let writes = 0;
  return {
    read(shown, _at, out) {
      // That it was not written has been said by the wire.
      if (shown.kind === "notWritten") return;
      const values = new VariableValues(shown);
      const now = values.word("life.fromPlc");
      const isPressed = map.silence === undefined ? null : values.flag("silence", map.silence);
      if (values.why !== null) return out.tell(unreadable(values.why));
      const isAlive = life !== null && now !== life;
      const isKeyNews = wasPressed !== null && isPressed !== wasPressed;
      life = now;
      wasPressed = isPressed;
      if (isAlive || isKeyNews) {
        out.tell({ kind: "state", shows: new Map(), isSilencePressed: isPressed });
      }
    },
    lose() {
      life = null;
      wasPressed = null;
    },
    /** The sign of life comes last: whoever sees that it has changed finds the lamps as they are. */
    write(annunciation) {
      lifeSent = (lifeSent % lifeMax) + 1;
      writes += 1;
      return {
        id: writes,
        steps: [outputsFor(map, annunciation), [{ key: "life.toPlc", value: lifeSent }]],
      };
    },
  };
}

const outputsFor = (map: AnyOutputs, annunciation: Annunciation) => [
  ...(map.horn === undefined ? [] : [{ key: "horn", value: annunciation.horn }]),
  ...lampColours.flatMap((colour) => {
    const lamp = map[colour];
    if (lamp === undefined) return [];
    const state: LampState = annunciation[colour];
    const lit = { key: `${colour}.lit`, value: state !== "off" };
    return lamp.flashing === undefined
      ? [lit]
      : [lit, { key: `${colour}.flashing`, value: state === "flashing" }];
  }),
];
