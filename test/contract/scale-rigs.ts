import { createScale, zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import type { ScalePort } from "../../edge/devices/scale/scale.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { defaultToledoFormat } from "../../protocols/scale/toledo.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { startMtSicsScale } from "../../simulators/devices/mt-sics-scale.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { startScale, type SimulatedScale } from "../../simulators/devices/scale.ts";
import { startToledo8213Scale } from "../../simulators/devices/toledo-8213-scale.ts";
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
  /** How long a load shows, at most. */
  readonly loadMs: number;
  sendRaw(bytes: Uint8Array): void;
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** What the line's configuration and the machine at the other end agree on. */
interface ScaleMake {
  readonly dialect: object;
  readonly start: (link: ByteLink, clock: Clock) => SimulatedScale;
}

const ages = { staleAfterMs: 250, downAfterMs: 500 };
const stillMs = 100;
const movingMs = 20;
const loadMs = stillMs + 2 * movingMs;
const format8213 = { unit: "kg", digits: 5, decimals: 3 } as const;

const makes = {
  "Toledo continuous": {
    dialect: { kind: "toledo" },
    start: (link, clock) =>
      startScale({
        link,
        clock,
        format: defaultToledoFormat,
        framePeriodMs: 10,
        idlePeriodMs: 50,
      }),
  },
  "Toledo 8213": {
    dialect: { kind: "toledo-8213", ...format8213, everyMs: 10, answerWithinMs: 100 },
    start: (link, clock) =>
      startToledo8213Scale({ link, clock, format: format8213, stillMs, movingMs }),
  },
  "MT-SICS, asked": {
    dialect: { kind: "mt-sics", everyMs: 10, answerWithinMs: 100 },
    start: (link, clock) => startMtSicsScale({ link, clock, stillMs, movingMs }),
  },
  "MT-SICS, repeating": {
    dialect: { kind: "mt-sics", ask: "SIR", answerWithinMs: 100 },
    start: (link, clock) => startMtSicsScale({ link, clock, stillMs, movingMs, repeatMs: 10 }),
  },
} as const satisfies Record<string, ScaleMake>;

interface Line {
  readonly link: ByteLink;
  readonly cut: () => void;
  readonly restore: () => void;
  readonly remove?: () => void;
}

function rigOf(
  { dialect, start }: ScaleMake,
  time: TimeRig,
  wires: Wires,
  { reach, line }: { readonly reach: object; readonly line: Line },
): ScaleRig {
  const config = zScaleConfig.parse({ id: "scale-1", reach, dialect, ...ages });
  const port = createScale(config, { wires, clock: time.clock });
  const device = start(line.link, time.clock);
  return {
    ...time,
    port,
    device,
    loadMs,
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

async function scaleOverMemory(make: ScaleMake): Promise<ScaleRig> {
  const time = virtualTime();
  const wire = createMemoryWire({ clock: time.clock, latencyMs: () => 1, chunkBytes: () => 5 });
  return rigOf(make, time, onlyWires({ byteLink: () => wire.a }), {
    reach: { kind: "tcp", host: "device", port: 1 },
    line: { link: wire.b, cut: () => wire.cut("cut"), restore: () => wire.restore() },
  });
}

async function scaleOverSerial(make: ScaleMake): Promise<ScaleRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scale");
  const line = openPtyLine(path);
  return rigOf(make, time, agentWires(time.clock), {
    reach: { kind: "serial", path },
    line: {
      link: line.link,
      cut: () => line.unplug(),
      restore: () => line.replug(),
      remove: () => folder.remove(),
    },
  });
}

async function scaleOverTcp(make: ScaleMake): Promise<ScaleRig> {
  const time = realTime();
  const line = listenTcpLine();
  const reach = { kind: "tcp", host: "127.0.0.1", port: await line.listening };
  return rigOf(make, time, agentWires(time.clock), {
    reach,
    line: { link: line.link, cut: () => line.unplug(), restore: () => line.replug() },
  });
}

const wires = {
  "in memory": scaleOverMemory,
  "on a serial line": scaleOverSerial,
  "over TCP": scaleOverTcp,
} as const;

const rigOn = (name: keyof typeof makes, wire: keyof typeof wires) => ({
  name,
  wire,
  open: () => wires[wire](makes[name]),
});

/** Each dialect in virtual time, and each real wire both ways: told by itself, and asked. */
export const scaleRigs = [
  rigOn("Toledo continuous", "in memory"),
  rigOn("Toledo continuous", "on a serial line"),
  rigOn("Toledo continuous", "over TCP"),
  rigOn("Toledo 8213", "in memory"),
  rigOn("Toledo 8213", "on a serial line"),
  rigOn("MT-SICS, asked", "in memory"),
  rigOn("MT-SICS, asked", "over TCP"),
  rigOn("MT-SICS, repeating", "in memory"),
];
