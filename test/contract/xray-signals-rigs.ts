import type { XrayPort } from "../../edge/devices/xray/xray.ts";
import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { createModbusSlave } from "../../simulators/devices/sorter/modbus-slave.ts";
import { nodesOfMap } from "../../simulators/devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../../simulators/devices/sorter/plc-map-registers.ts";
import { createPlcModbusServer } from "../../simulators/devices/sorter/plc-modbus-server.ts";
import {
  createPlcOpcuaServer,
  type PlcOpcuaStart,
} from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { createPlcRegisters } from "../../simulators/devices/sorter/plc-registers.ts";
import { startXray, type SimulatedXray } from "../../simulators/devices/xray/machine.ts";
import {
  createSignalMemory,
  type SignalMemory,
} from "../../simulators/devices/xray/signal-memory.ts";
import { signalMap, signalRegisters } from "../kit/xray-signals.ts";
import type { CellId } from "./cells.ts";
import { agentWires, realTime, type TimeRig } from "./device-rig.ts";
import { openRelay } from "./relay.ts";

/** A machine of signals and the shipped driver, with a real server and a real wire between them. */
export interface SignalRig extends TimeRig {
  readonly port: XrayPort;
  readonly memory: SignalMemory;
  readonly device: SimulatedXray;
  /** Pulls the plug; the machine goes on. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

interface SignalCell {
  readonly cell: CellId;
  readonly wire: string;
  readonly open: (folder: (name: string) => string, as?: PlcOpcuaStart) => Promise<SignalRig>;
}

const ages = { staleAfterMs: 700, downAfterMs: 1_000 };

/** What is suspect is longer than half a metre. */
const suspectFromMm = 500;

function machineOn(memory: SignalMemory, { clock }: TimeRig): SimulatedXray {
  const plate = { widthPx: 1, heightPx: 1, high: new Uint16Array(1), low: new Uint16Array(1) };
  return startXray({
    wire: memory.wire,
    clock,
    knowsCounts: false,
    lifePeriodMs: 100,
    eyeToBeamCounts: 1_000,
    take: () => plate,
    judge: ([body]) => ({
      verdict: (body?.lengthMm ?? 0) >= suspectFromMm ? "suspect" : "clear",
      boxes: [],
      latencyMs: 20,
    }),
  });
}

interface Served {
  readonly port: number;
  stop(): Promise<void>;
}

async function rigOf(
  time: TimeRig,
  memory: SignalMemory,
  served: Served,
  openPort: (relayPort: number) => XrayPort,
): Promise<SignalRig> {
  const device = machineOn(memory, time);
  const relay = await openRelay(served.port);
  const port = openPort(relay.port);
  return {
    ...time,
    port,
    memory,
    device,
    cut: () => relay.pull(),
    restore: () => relay.plugIn(),
    async close() {
      await port.stop();
      await device.stop();
      await relay.pull();
      await served.stop();
    },
  };
}

async function overOpcua(
  folder: (name: string) => string,
  as: PlcOpcuaStart = {},
): Promise<SignalRig> {
  const time = realTime();
  const map = signalMap();
  const memory = createSignalMemory(map);
  const { nodes, misfits } = nodesOfMap(map, memory.variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  const server = createPlcOpcuaServer({ nodes, port: 0, certificatesFolder: folder("server") });
  await server.start(as);
  const served = {
    port: Number(new URL(server.endpointUrl()).port),
    stop: () => server.stop(),
  };
  return rigOf(time, memory, served, (port) => {
    const reach = { kind: "opcua", endpointUrl: `opc.tcp://127.0.0.1:${port}` };
    const config = zXrayConfig.parse({ id: "xray-1", reach, dialect: map, ...ages });
    const wires = agentWires(time.clock, folder("client"));
    return createXray(config, { counter: null }, { wires, clock: time.clock });
  });
}

async function overModbus(): Promise<SignalRig> {
  const time = realTime();
  const map = signalRegisters();
  const memory = createSignalMemory(map);
  const { placed, misfits } = registersOfMap(map, memory.variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  const registers = createPlcRegisters(placed);
  const { unitId } = map;
  const server = createPlcModbusServer(
    createModbusSlave({ registers, unitId, framing: "tcp", clock: time.clock }),
  );
  await server.start();
  const served = { port: server.port(), stop: () => server.stop() };
  return rigOf(time, memory, served, (port) => {
    const reach = { kind: "tcp", host: "127.0.0.1", port };
    const config = zXrayConfig.parse({ id: "xray-1", reach, dialect: map, ...ages });
    const wires = agentWires(time.clock);
    return createXray(config, { counter: null }, { wires, clock: time.clock });
  });
}

export const signalCells: readonly SignalCell[] = [
  { cell: "xray/signals/opcua", wire: "variables of OPC UA", open: overOpcua },
  { cell: "xray/signals-modbus/tcp", wire: "registers of Modbus TCP", open: overModbus },
];
