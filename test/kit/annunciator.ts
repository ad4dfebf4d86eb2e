import type { Annunciation } from "../../protocols/annunciator/annunciation.ts";
import { darkAnnunciation } from "../../protocols/annunciator/annunciation.ts";
import { zAnnunciatorJsonMap } from "../../protocols/annunciator/json-map.ts";
import {
  zAnnunciatorOutputs,
  zAnnunciatorOutputsModbus,
} from "../../protocols/annunciator/outputs.ts";

/** Another maker's light, as somebody might write it down; its white lamp cannot flash. */
export const annunciatorJsonInput = (change: object = {}) => ({
  kind: "json-map",
  set: {
    topic: "cmd",
    horn: { path: "buzzer.on", off: 0, on: 1 },
    red: { path: "lamps.red", off: "OFF", steady: "ON", flashing: "BLINK" },
    amber: { path: "lamps.amber", off: "OFF", steady: "ON", flashing: "BLINK" },
    green: { path: "lamps.green", off: "OFF", steady: "ON", flashing: "BLINK" },
    blue: { path: "lamps.blue", off: "OFF", steady: "ON", flashing: "BLINK" },
    white: { path: "lamps.white", off: "OFF", steady: "ON" },
    fixed: { command: "set" },
  },
  state: {
    topic: "status",
    horn: { path: "buzzer.on", off: 0, on: 1 },
    red: { path: "lamps.red", off: "OFF", steady: "ON", flashing: "BLINK" },
    silence: { path: "button", pressed: "down" },
  },
  ...change,
});
export const annunciatorJsonMap = () => zAnnunciatorJsonMap.parse(annunciatorJsonInput());

const node = (name: string) => ({ node: `s=Light.${name}` });

/** Outputs of a controller at nodes; its white lamp cannot flash either. */
export const annunciatorNodesInput = (change: object = {}) => ({
  kind: "outputs",
  namespaceUri: "urn:example:light",
  pollMs: 20,
  life: { fromPlc: node("LifePlc"), toPlc: node("LifePc") },
  horn: node("Horn"),
  red: { lit: node("Red"), flashing: node("RedFlash") },
  amber: { lit: node("Amber"), flashing: node("AmberFlash") },
  green: { lit: node("Green"), flashing: node("GreenFlash") },
  blue: { lit: node("Blue"), flashing: node("BlueFlash") },
  white: { lit: node("White") },
  silence: { ...node("Key"), isActiveLow: true },
  ...change,
});
export const annunciatorNodes = () => zAnnunciatorOutputs.parse(annunciatorNodesInput());

const coil = (at: number) => ({ area: "coil", at });

/** The same in registers and coils. */
export const annunciatorRegistersInput = (change: object = {}) => ({
  kind: "outputs-modbus",
  unitId: 7,
  pollMs: 20,
  life: {
    fromPlc: { area: "input", at: 0, type: "u16" },
    toPlc: { area: "holding", at: 0, type: "u16" },
  },
  horn: coil(0),
  red: { lit: coil(1), flashing: coil(2) },
  amber: { lit: coil(3), flashing: coil(4) },
  green: { lit: coil(5), flashing: coil(6) },
  blue: { lit: coil(7), flashing: coil(8) },
  white: { lit: { area: "holding", at: 1, type: "u16" } },
  silence: { area: "discrete", at: 0 },
  ...change,
});
export const annunciatorRegisters = () =>
  zAnnunciatorOutputsModbus.parse(annunciatorRegistersInput());

/** Dark but for these. */
export const lit = (some: Partial<Annunciation>): Annunciation => ({
  ...darkAnnunciation,
  ...some,
});
