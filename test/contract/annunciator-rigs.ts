import type { AnnunciatorPort } from "../../edge/devices/annunciator/annunciator.ts";
import {
  createAnnunciator,
  zAnnunciatorConfig,
} from "../../edge/devices/annunciator/open-annunciator.ts";
import {
  restingAnnunciation,
  type Annunciation,
} from "../../protocols/annunciator/annunciation.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import type { SimulatedAnnunciator } from "../../simulators/devices/annunciator/light.ts";
import { startMessageLight } from "../../simulators/devices/annunciator/message-light.ts";
import {
  createOutputMemory,
  type OutputMemory,
} from "../../simulators/devices/annunciator/output-memory.ts";
import { callTcpLine } from "../../simulators/devices/byte-links.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { createModbusSlave } from "../../simulators/devices/sorter/modbus-slave.ts";
import { nodesOfMap } from "../../simulators/devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../../simulators/devices/sorter/plc-map-registers.ts";
import {
  attachSlave,
  createPlcModbusServer,
} from "../../simulators/devices/sorter/plc-modbus-server.ts";
import {
  createPlcOpcuaServer,
  type PlcOpcuaStart,
} from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { createPlcRegisters } from "../../simulators/devices/sorter/plc-registers.ts";
import { annunciatorJsonMap, annunciatorNodes, annunciatorRegisters } from "../kit/annunciator.ts";
import type { CellId } from "./cells.ts";
import {
  agentWires,
  freePort,
  realTime,
  startBroker,
  temporaryFolder,
  type TimeRig,
} from "./device-rig.ts";
import { openRelay } from "./relay.ts";

/** A light and the shipped driver, with a real wire between them. */
export interface AnnunciatorRig extends TimeRig {
  readonly port: AnnunciatorPort;
  readonly device: SimulatedAnnunciator;
  /** Pulls the agent's plug, which is all that the other end sees of an agent that died. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

interface AnnunciatorCell {
  readonly cell: CellId;
  readonly wire: string;
  /** It tells what its horn and red lamp show. */
  readonly tellsSignals: boolean;
  /** What it shows without an agent: a controller by its own program, whatever its map can say. */
  readonly rests: Annunciation;
  readonly open: (folder: (name: string) => string, as?: PlcOpcuaStart) => Promise<AnnunciatorRig>;
}

const ages = { staleAfterMs: 700, downAfterMs: 1_400 };

const configOf = (reach: object, dialect: object) =>
  zAnnunciatorConfig.parse({ id: "light-1", reach, dialect, ...ages });

const overMqtt = (dialect: "sortline-json" | "json-map") => async (): Promise<AnnunciatorRig> => {
  const time = realTime();
  const { clock } = time;
  const broker = await startBroker();
  const relay = await openRelay(Number(new URL(broker.url).port));
  const base = "site/L1/light";
  const map = dialect === "json-map" ? annunciatorJsonMap() : null;
  const bus = openDeviceBus(broker.url, base);
  const device = startMessageLight({ bus, base, clock, map, statePeriodMs: 100 });
  const reach = { kind: "mqtt", brokerUrl: `mqtt://127.0.0.1:${relay.port}`, base };
  const config = configOf(reach, map ?? { kind: dialect });
  const port = createAnnunciator(config, { wires: agentWires(clock), clock });
  return {
    ...time,
    port,
    device,
    cut: () => relay.pull(),
    restore: () => relay.plugIn(),
    async close() {
      await port.stop();
      await device.stop();
      await relay.pull();
      await broker.stop();
    },
  };
};

async function overOpcua(
  folder: (name: string) => string,
  as: PlcOpcuaStart = {},
): Promise<AnnunciatorRig> {
  const time = realTime();
  const { clock } = time;
  const map = annunciatorNodes();
  const { variables, device } = createOutputMemory(map, clock);
  const { nodes, misfits } = nodesOfMap(map, variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  const server = createPlcOpcuaServer({ nodes, port: 0, certificatesFolder: folder("server") });
  await server.start(as);
  const relay = await openRelay(Number(new URL(server.endpointUrl()).port));
  const reach = { kind: "opcua", endpointUrl: `opc.tcp://127.0.0.1:${relay.port}` };
  const wires = agentWires(clock, folder("client"));
  const port = createAnnunciator(configOf(reach, map), { wires, clock });
  return {
    ...time,
    port,
    device,
    cut: () => relay.pull(),
    restore: () => relay.plugIn(),
    async close() {
      await port.stop();
      await device.stop();
      await relay.pull();
      await server.stop();
    },
  };
}

function slaveOf(memory: OutputMemory, framing: "tcp" | "rtu", { clock }: TimeRig) {
  const map = annunciatorRegisters();
  const { placed, misfits } = registersOfMap(map, memory.variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  const { unitId } = map;
  return createModbusSlave({ registers: createPlcRegisters(placed), unitId, framing, clock });
}

async function overModbusTcp(): Promise<AnnunciatorRig> {
  const time = realTime();
  const { clock } = time;
  const map = annunciatorRegisters();
  const memory = createOutputMemory(map, clock);
  const server = createPlcModbusServer(slaveOf(memory, "tcp", time));
  await server.start();
  const relay = await openRelay(server.port());
  const reach = { kind: "tcp", host: "127.0.0.1", port: relay.port };
  const port = createAnnunciator(configOf(reach, map), { wires: agentWires(clock), clock });
  return {
    ...time,
    port,
    device: memory.device,
    cut: () => relay.pull(),
    restore: () => relay.plugIn(),
    async close() {
      await port.stop();
      await memory.device.stop();
      await relay.pull();
      await server.stop();
    },
  };
}

interface Line {
  readonly link: ByteLink;
  unplug(): void;
  replug(): void;
  remove?(): void;
}

function rigOnLine(time: TimeRig, line: Line, reach: object, framing: "tcp" | "rtu") {
  const { clock } = time;
  const map = annunciatorRegisters();
  const memory = createOutputMemory(map, clock);
  attachSlave(slaveOf(memory, framing, time), line.link);
  const port = createAnnunciator(configOf(reach, map), { wires: agentWires(clock), clock });
  return {
    ...time,
    port,
    device: memory.device,
    cut: async () => line.unplug(),
    restore: async () => line.replug(),
    async close() {
      await port.stop();
      await memory.device.stop();
      await line.link.close();
      line.remove?.();
    },
  };
}

async function overSerial(): Promise<AnnunciatorRig> {
  const folder = temporaryFolder();
  const path = folder.path("light");
  const line = { ...openPtyLine(path), remove: () => folder.remove() };
  return rigOnLine(realTime(), line, { kind: "serial", path, baudRate: 115_200 }, "rtu");
}

async function overCall(): Promise<AnnunciatorRig> {
  const [host, port] = ["127.0.0.1", await freePort()];
  const line = callTcpLine(host, port);
  const reach = { kind: "tcp-listen", host, port, from: host };
  return rigOnLine(realTime(), line, reach, "tcp");
}

const ofOutputs = { tellsSignals: false, rests: restingAnnunciation } as const;

export const annunciatorCells: readonly AnnunciatorCell[] = [
  {
    cell: "annunciator/sortline-json/mqtt",
    wire: "our messages over MQTT",
    tellsSignals: true,
    rests: restingAnnunciation,
    open: overMqtt("sortline-json"),
  },
  {
    cell: "annunciator/json-map/mqtt",
    wire: "another maker's JSON over MQTT",
    tellsSignals: true,
    rests: { ...restingAnnunciation, white: "steady" },
    open: overMqtt("json-map"),
  },
  {
    cell: "annunciator/outputs/opcua",
    wire: "outputs at nodes of OPC UA",
    ...ofOutputs,
    open: overOpcua,
  },
  {
    cell: "annunciator/outputs-modbus/tcp",
    wire: "coils over Modbus TCP",
    ...ofOutputs,
    open: overModbusTcp,
  },
  {
    cell: "annunciator/outputs-modbus/serial",
    wire: "coils over Modbus RTU",
    ...ofOutputs,
    open: overSerial,
  },
  {
    cell: "annunciator/outputs-modbus/tcp-listen",
    wire: "coils of a controller that calls",
    ...ofOutputs,
    open: overCall,
  },
];
