import { Bug } from "../../protocols/bug.ts";
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import type { PlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import type { Clock } from "../../protocols/time.ts";
import { createModbusSlave, type ModbusSlave } from "../devices/sorter/modbus-slave.ts";
import { nodesOfMap } from "../devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../devices/sorter/plc-map-registers.ts";
import type { MappedVariable, PlcMisfit } from "../devices/sorter/plc-mapped.ts";
import { attachSlave, createPlcModbusServer } from "../devices/sorter/plc-modbus-server.ts";
import { beltMisfits, createPlcOfMap } from "../devices/sorter/plc-of-map.ts";
import { createPlcOpcuaServer } from "../devices/sorter/plc-opcua-server.ts";
import { createPlcRegisters } from "../devices/sorter/plc-registers.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import { defaultLayout, eyeIdsOf, type WorldLayout } from "../world/layout.ts";
import { openByteWire } from "./device-wires.ts";
import { readMapFile, type MapFile } from "./map-file.ts";
import type { AloneOptions, AloneWire } from "./options.ts";
import { servedAs } from "./served-as.ts";

/** A controller laid out by a map, on its wire, before its belt is there. */
export interface OpenPlc {
  readonly wire: SorterWire;
  /** Where its wire is. */
  readonly at: string;
  readonly layout: WorldLayout;
  readonly outputs: MapFile["outputs"];
  close(): Promise<void>;
}

export interface PlcParts {
  readonly clock: Clock;
  readonly certificatesFolder: string;
}

/** Rejects where the map cannot be served, by its keys, and where a port is taken. */
export async function openPlc(
  options: AloneOptions,
  { path, sorterId }: NonNullable<AloneOptions["map"]>,
  parts: PlcParts,
): Promise<OpenPlc> {
  const read = readMapFile({ path, sorterId, speed: options.speed });
  if (read.kind === "refused") throw new Error(read.sentences.join("\n"));
  const { map, keyOfMap, outputs } = read.file;
  const layout = read.file.layout ?? defaultLayout;
  const belt = { eyeIds: eyeIdsOf(layout), diverters: layout.diverters.map(({ exit }) => exit) };
  const { memory, variables } = createPlcOfMap(map, belt, firstBoot(parts.clock));
  const { misfits, serve } =
    map.kind === "plc-map"
      ? opcuaOf(map, variables, options)
      : modbusOf(map, variables, options.wire);
  const all = [...beltMisfits(map, belt), ...misfits];
  if (all.length > 0) {
    throw new Error(all.map(({ key, why }) => `${keyOfMap}${key}: ${why}`).join("\n"));
  }
  return { wire: memory.wire, layout, outputs, ...(await serve(parts)) };
}

type Served = Pick<OpenPlc, "at" | "close">;

/** A controller's variables where the map has them, or what is wrong with that. */
interface Laid {
  readonly misfits: readonly PlcMisfit[];
  /** Not called where anything is wrong. */
  readonly serve: (parts: PlcParts) => Promise<Served>;
}

function opcuaOf(map: PlcMap, variables: readonly MappedVariable[], options: AloneOptions): Laid {
  const { wire } = options;
  if (wire.kind !== "opcua") return onOtherWire("plc-map is served at --opcua");
  const { nodes, misfits } = nodesOfMap(map, variables);
  return {
    misfits,
    async serve({ clock, certificatesFolder }) {
      const as = servedAs(options, clock.wall());
      const server = createPlcOpcuaServer({ nodes, port: wire.port, certificatesFolder, ...as });
      await server.start();
      return { at: server.endpointUrl(), close: () => server.stop() };
    },
  };
}

function modbusOf(map: PlcMapModbus, variables: readonly MappedVariable[], wire: AloneWire): Laid {
  if (wire.kind === "opcua") {
    return onOtherWire("plc-map-modbus is served at --tcp, --serial or --call");
  }
  const { placed, misfits } = registersOfMap(map, variables);
  const { unitId, framing = wire.kind === "serial" ? "rtu" : "tcp" } = map;
  return {
    misfits,
    serve({ clock }) {
      const registers = createPlcRegisters(placed);
      return serveModbus(createModbusSlave({ registers, unitId, framing, clock }), wire);
    },
  };
}

const onOtherWire = (why: string): Laid => ({
  misfits: [{ key: "kind", why }],
  serve: () => Promise.reject(new Bug(why)),
});

async function serveModbus(slave: ModbusSlave, wire: AloneWire): Promise<Served> {
  if (wire.kind !== "tcp") {
    const { link, at } = await openByteWire(wire);
    attachSlave(slave, link);
    return { at, close: () => link.close() };
  }
  const server = createPlcModbusServer(slave, wire.port);
  await server.start();
  return { at: `127.0.0.1:${server.port()}`, close: () => server.stop() };
}

/**
 * Another one than at the start before, as long as a start takes a tenth of a second; and small enough
 * for any type that a map may give it.
 */
const firstBoot = (clock: Clock): number => 1_000 + (Math.floor(clock.wall() / 100) % 31_000);
