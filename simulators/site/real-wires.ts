import { isAbsolute, resolve } from "node:path";
import { startHttpCamera } from "../devices/camera/http-camera.ts";
import { openDeviceBus } from "../devices/mqtt-bus.ts";
import { openPtyLine } from "../devices/pty.ts";
import { createSorterMqttWire } from "../devices/sorter/mqtt-wire.ts";
import { createSorterOpcuaServer, type SorterOpcuaServer } from "../devices/sorter/opcua-server.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import type { WorldFile } from "../config.ts";
import type { LineWires } from "./lab-line-options.ts";

/** The real wires of a lab site: serial pairs, one broker, one OPC UA server. */
export interface SiteWires {
  /** In the order of the file's lines. */
  readonly lines: readonly LineWires[];
  /** Null where sorters speak MQTT. */
  readonly opcua: SorterOpcuaServer | null;
  close(): Promise<void>;
}

export async function openSiteWires(file: WorldFile, folder: string): Promise<SiteWires> {
  const pathOf = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));
  const opcua =
    file.sorters === "mqtt"
      ? null
      : createSorterOpcuaServer({
          sorterIds: file.lines.map(({ sorterId }) => sorterId),
          port: file.opcuaPort,
          certificatesFolder: pathOf(file.certificatesDir),
        });
  await opcua?.start();
  const lines: LineWires[] = [];
  for (const line of file.lines) {
    const scanner = openPtyLine(pathOf(line.scannerPath));
    const scale = openPtyLine(pathOf(line.scalePath));
    lines.push({
      scanner: scanner.link,
      scale: scale.link,
      xray: { bus: openDeviceBus(file.brokerUrl, line.xrayBase), base: line.xrayBase },
      sorter: openSorterWire(file, line, opcua),
      ...(line.cameraPort === undefined
        ? {}
        : { camera: await startHttpCamera({ port: line.cameraPort, user: null }) }),
      switches: {
        scannerWireCut: (isCut) => (isCut ? scanner.unplug() : scanner.replug()),
        scaleWireCut: (isCut) => (isCut ? scale.unplug() : scale.replug()),
      },
    });
  }
  return {
    lines,
    opcua,
    // Devices close their own ends; the server is shared.
    close: async () => opcua?.stop(),
  };
}

function openSorterWire(
  file: WorldFile,
  line: WorldFile["lines"][number],
  opcua: SorterOpcuaServer | null,
): SorterWire {
  if (opcua !== null) return opcua.wire(line.sorterId);
  const base = line.sorterBase ?? line.sorterId;
  return createSorterMqttWire(openDeviceBus(file.brokerUrl, base), base);
}
