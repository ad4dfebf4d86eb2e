import { Bug } from "../../protocols/bug.ts";
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import type { Clock } from "../../protocols/time.ts";
import { createModbusSlave, type ModbusSlave } from "../devices/sorter/modbus-slave.ts";
import { nodesOfMap } from "../devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../devices/sorter/plc-map-registers.ts";
import type { MappedVariable, PlcMisfit } from "../devices/sorter/plc-mapped.ts";
import { attachSlave, createPlcModbusServer } from "../devices/sorter/plc-modbus-server.ts";
import { createPlcOpcuaServer } from "../devices/sorter/plc-opcua-server.ts";
import { createPlcRegisters } from "../devices/sorter/plc-registers.ts";
import { openByteWire } from "./device-wires.ts";
import type { AloneOptions, AloneWire } from "./options.ts";
import { servedAs } from "./served-as.ts";

export interface ServingParts {
  readonly clock: Clock;
  readonly certificatesFolder: string;
}

interface Served {
  /** Where its wire is. */
  readonly at: string;
  close(): Promise<void>;
}

/** A controller's variables where the map has them, or what is wrong with that. */
export interface Laid {
  readonly misfits: readonly PlcMisfit[];
  /** Not called where anything is wrong. */
  readonly serve: (parts: ServingParts) => Promise<Served>;
}

export function laidAtNodes(
  map: { readonly kind: string; readonly namespaceUri: string },
  variables: readonly MappedVariable[],
  options: AloneOptions,
): Laid {
  const { wire } = options;
  if (wire.kind !== "opcua") return onOtherWire(`${map.kind} is served at --opcua`);
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

export function laidInRegisters(
  map: { readonly kind: string } & Pick<PlcMapModbus, "unitId" | "framing">,
  variables: readonly MappedVariable[],
  wire: AloneWire,
): Laid {
  if (wire.kind === "opcua") {
    return onOtherWire(`${map.kind} is served at --tcp, --serial or --call`);
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
