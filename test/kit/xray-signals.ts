import { zSignals, zSignalsModbus } from "../../protocols/xray/signals.ts";

/** What may be changed in a map of signals. */
export interface SignalMapChange {
  readonly trackBits?: 16 | 32;
  readonly fault?: object;
  readonly pollMs?: number;
  readonly entry?: object;
}

export const signalNamespace = "urn:example:xray";

/** A map of signals as an engineer would write it down, for OPC UA. */
export const signalMapInput = ({ trackBits = 32, ...change }: SignalMapChange = {}) => ({
  kind: "signals",
  namespaceUri: signalNamespace,
  pollMs: change.pollMs ?? 20,
  machine: {
    ready: { node: "s=Xray.State", bit: 0 },
    beamOn: { node: "s=Xray.State", bit: 1 },
    fault: { node: "s=Xray.State", bit: 2, ...change.fault },
    emergencyStop: { node: "s=Xray.State", bit: 3 },
    heartbeat: { node: "s=Xray.State", bit: 4 },
  },
  entry: {
    times: { node: "s=Xray.Entry.Times", bits: 16 },
    track: { node: "s=Xray.Entry.Track" },
    length: { node: "s=Xray.Entry.Length" },
    ...change.entry,
  },
  verdict: {
    times: { node: "s=Xray.Verdict.Times", bits: 16 },
    track: { node: "s=Xray.Verdict.Track" },
    clear: { node: "s=Xray.Verdict.Clear" },
    suspect: { node: "s=Xray.Verdict.Suspect" },
  },
  announce: {
    track: { node: "s=Xray.Next.Track", bits: trackBits },
    times: { node: "s=Xray.Next.Times" },
  },
});

export const signalMap = (change: SignalMapChange = {}) => zSignals.parse(signalMapInput(change));

/** What a machine shows that is well and has seen nothing. */
export const stillSignals = {
  "machine.ready": true,
  "machine.beamOn": true,
  "machine.fault": false,
  "machine.emergencyStop": false,
  "entry.times": 0,
  "entry.track": 0,
  "entry.length": 0,
  "verdict.times": 0,
  "verdict.track": 0,
  "verdict.clear": false,
  "verdict.suspect": false,
} as const;

const long = { type: "u32", wordOrder: "highFirst" };

/** The same in registers and coils. */
export const signalRegistersInput = (change: object = {}) => ({
  kind: "signals-modbus",
  unitId: 5,
  machine: {
    ready: { area: "discrete", at: 0 },
    beamOn: { area: "discrete", at: 1 },
    fault: { area: "discrete", at: 2 },
    emergencyStop: { area: "discrete", at: 3 },
    heartbeat: { area: "discrete", at: 4 },
  },
  entry: {
    times: { area: "input", at: 0, type: "u16", bits: 16 },
    track: { area: "input", at: 1, ...long },
    length: { area: "input", at: 3, type: "u16" },
  },
  verdict: {
    times: { area: "input", at: 4, type: "u16", bits: 16 },
    track: { area: "input", at: 5, ...long },
    clear: { area: "input", at: 7, bit: 0 },
    suspect: { area: "input", at: 7, bit: 1 },
  },
  announce: {
    track: { area: "holding", at: 0, ...long, bits: 32 },
    times: { area: "holding", at: 2, type: "u16" },
  },
  ...change,
});

export const signalRegisters = (change: object = {}) =>
  zSignalsModbus.parse(signalRegistersInput(change));
