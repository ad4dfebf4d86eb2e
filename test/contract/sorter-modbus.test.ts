/**
 * Goal: a controller with registers keeps the sorter's contract over Modbus TCP, with a ring and laid
 * out by the map that reads it, and over a serial line, with latches. Method: the contract suite
 * against a server on loopback, through a relay whose plug can be pulled, and over pseudo-terminals
 * that are unplugged, with the links that the agent uses.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import {
  attachSlave,
  createPlcModbusServer,
} from "../../simulators/devices/sorter/plc-modbus-server.ts";
import { openPtyLine, type PtyLine } from "../../simulators/devices/pty.ts";
import { plcModbusLatches } from "../kit/plc-map-modbus.ts";
import { oddMapModbus } from "../kit/site-maps.ts";
import { agentWires, temporaryFolder } from "./device-rig.ts";
import {
  agentEndsOf,
  createAgentEnds,
  createPlcSlave,
  createPlcSlaveOf,
  serialReach,
  tcpReach,
} from "./modbus-rig.ts";
import { openRelay } from "./relay.ts";
import { untilReal } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const clock = createSystemClock();
const options = { hasSubscriptions: false, isPolled: true };

describeSorterPort(
  "registers of Modbus TCP with a ring, laid out by an odd map (DEV1-42)",
  async () => {
    const map = oddMapModbus();
    const { memory, slave } = createPlcSlaveOf(map, "tcp", clock);
    const server = createPlcModbusServer(slave);
    await server.start();
    const relay = await openRelay(server.port());
    const agents = agentEndsOf(map, clock);
    const wires = agentWires(clock);
    return {
      clock,
      wire: memory.wire,
      openAgentEnd() {
        const reach = tcpReach(relay.port);
        if (reach.kind !== "tcp") throw new Error("no TCP");
        return agents.open(wires.byteLink(reach), reach);
      },
      injectEvent: (event) => agents.say(event),
      cut: () => relay.pull(),
      restore: () => relay.plugIn(),
      until: untilReal,
      async close() {
        await relay.pull();
        await server.stop();
      },
    };
  },
  { ...options, cell: "sorter/plc-map-modbus ring/tcp", isExclusive: true, tellsTracks: true },
);

describeSorterPort(
  "registers of Modbus RTU with latches (DEV1-42)",
  async () => {
    const folder = temporaryFolder();
    const { memory, slave } = createPlcSlave("rtu", clock);
    const agents = createAgentEnds(clock, plcModbusLatches(["eye1"]));
    const wires = agentWires(clock);
    const lines: PtyLine[] = [];
    return {
      clock,
      wire: memory.wire,
      /** A serial line has one master, so each agent has a line of its own to the controller. */
      openAgentEnd() {
        const path = folder.path(`tty${lines.length}`);
        const line = openPtyLine(path);
        lines.push(line);
        attachSlave(slave, line.link);
        const reach = serialReach(path);
        if (reach.kind !== "serial") throw new Error("no serial line");
        return agents.open(wires.byteLink(reach), reach);
      },
      injectEvent: (event) => agents.say(event),
      cut: async () => lines.forEach((line) => line.unplug()),
      restore: async () => lines.forEach((line) => line.replug()),
      until: untilReal,
      async close() {
        await Promise.all(lines.map((line) => line.link.close()));
        folder.remove();
      },
    };
  },
  { ...options, cell: "sorter/plc-map-modbus latches/serial" },
);

const atEnd: (() => void)[] = [];
afterEach(() => {
  for (const end of atEnd.splice(0)) end();
});

test("a connection that is open and dead is given up, told, and made anew", async () => {
  const { slave } = createPlcSlave("tcp", clock);
  const sockets: Socket[] = [];
  // The controller lost its power and came back: its first connection is one that nobody knows of.
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    if (sockets.push(socket) === 1) return;
    socket.on(
      "data",
      slave.connect((bytes) => socket.write(bytes)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const reach = tcpReach((server.address() as AddressInfo).port);
  if (reach.kind !== "tcp") throw new Error("no TCP");
  const wire = createAgentEnds(clock).open(agentWires(clock).byteLink(reach), reach);
  const told: string[] = [];
  wire.open({
    onState: (isConnected, reason) => told.push(isConnected ? "up" : (reason?.code ?? "")),
    onMessage: () => {},
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: () => {},
  });
  atEnd.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await untilReal(() => told.includes("up"), "up");
  expect(told).toEqual(["noAnswer", "up"]);
  expect(sockets).toHaveLength(2);
  await wire.close();
});
