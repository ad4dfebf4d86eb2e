import { createScale, zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import type { ScalePort } from "../../edge/devices/scale/scale.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { defaultToledoFormat } from "../../protocols/scale/toledo.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { startScale, type SimulatedScale } from "../../simulators/devices/scale.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import {
  agentWires,
  onlyWires,
  realTime,
  temporaryFolder,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

/** One scale and one driver at the two ends of a wire. */
export interface ScaleRig extends TimeRig {
  readonly port: ScalePort;
  readonly device: SimulatedScale;
  sendRaw(bytes: Uint8Array): void;
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

const dialect = { kind: "toledo" };
const ages = { staleAfterMs: 250, downAfterMs: 500 };

function rigOf(
  time: TimeRig,
  wires: Wires,
  reach: object,
  line: { link: ByteLink; cut: () => void; restore: () => void; remove?: () => void },
): ScaleRig {
  const config = zScaleConfig.parse({ id: "scale-1", reach, dialect, ...ages });
  const port = createScale(config, { wires, clock: time.clock });
  const device = startScale({
    link: line.link,
    clock: time.clock,
    format: defaultToledoFormat,
    framePeriodMs: 10,
    idlePeriodMs: 50,
  });
  return {
    ...time,
    port,
    device,
    sendRaw: (bytes) => line.link.write(bytes),
    cut: line.cut,
    restore: line.restore,
    async close() {
      await port.stop();
      await device.stop();
      line.remove?.();
    },
  };
}

async function overMemory(): Promise<ScaleRig> {
  const time = virtualTime();
  const wire = createMemoryWire({ clock: time.clock, latencyMs: () => 1, chunkBytes: () => 5 });
  const wires = onlyWires({ byteLink: () => wire.a });
  return rigOf(
    time,
    wires,
    { kind: "tcp", host: "device", port: 1 },
    {
      link: wire.b,
      cut: () => wire.cut("cut"),
      restore: () => wire.restore(),
    },
  );
}

async function overSerial(): Promise<ScaleRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scale");
  const line = openPtyLine(path);
  const wires = agentWires(time.clock);
  return rigOf(
    time,
    wires,
    { kind: "serial", path },
    {
      link: line.link,
      cut: () => line.unplug(),
      restore: () => line.replug(),
      remove: () => folder.remove(),
    },
  );
}

async function overTcp(): Promise<ScaleRig> {
  const time = realTime();
  const line = listenTcpLine();
  const reach = { kind: "tcp", host: "127.0.0.1", port: await line.listening };
  const wires = agentWires(time.clock);
  return rigOf(time, wires, reach, {
    link: line.link,
    cut: () => line.unplug(),
    restore: () => line.replug(),
  });
}

export const scaleRigs = [
  { wire: "in memory", open: overMemory },
  { wire: "on a serial line", open: overSerial },
  { wire: "over TCP", open: overTcp },
] as const;
