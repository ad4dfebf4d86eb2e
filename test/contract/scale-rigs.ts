import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { createScale, zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import type { ScalePort } from "../../edge/devices/scale/scale.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { defaultToledoFormat } from "../../protocols/scale/toledo.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { callTcpLine, listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { startCubiscanScale } from "../../simulators/devices/cubiscan-scale.ts";
import { startFrameScale } from "../../simulators/devices/frame-scale.ts";
import { startMtSicsScale } from "../../simulators/devices/mt-sics-scale.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { startScale, type SimulatedScale } from "../../simulators/devices/scale.ts";
import { startSickMda } from "../../simulators/devices/sick-mda-scale.ts";
import { startToledo8213Scale } from "../../simulators/devices/toledo-8213-scale.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import type { Forms } from "./cells.ts";
import {
  agentWires,
  freePort,
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
  readonly name: string;
  readonly dialect: object;
  /** Counts what it shows of a load that does not rest; null where it shows nothing but weights. */
  readonly restless: "inMotionTotal" | "notReadyTotal" | null;
  /** What it shows of a weight is a multiple of this. */
  readonly stepG: number;
  /** It tells edges beside the weight. */
  readonly measures: boolean;
  readonly start: (link: ByteLink, clock: Clock) => SimulatedScale;
}

/** What lies still for less may never be seen where the machine has no time for us. */
const ages = { staleAfterMs: 250, downAfterMs: 800 };
const stillMs = 200;
const movingMs = 20;
const loadMs = stillMs + 2 * movingMs;
const format8213 = { unit: "kg", digits: 5, decimals: 3 } as const;
const heartbeat = { pattern: "HB", periodMs: 100 };
const frames = { kind: "frames", preset: "sick", heartbeat };

const weighsOnly = { stepG: 1, measures: false } as const;

const makes = {
  toledo: {
    name: "Toledo continuous",
    dialect: { kind: "toledo" },
    restless: "inMotionTotal",
    ...weighsOnly,
    start: (link, clock) =>
      startScale({
        link,
        clock,
        format: defaultToledoFormat,
        framePeriodMs: 10,
        idlePeriodMs: 50,
      }),
  },
  "toledo-8213": {
    name: "Toledo 8213",
    dialect: { kind: "toledo-8213", ...format8213, everyMs: 10, answerWithinMs: 100 },
    restless: "inMotionTotal",
    ...weighsOnly,
    start: (link, clock) =>
      startToledo8213Scale({ link, clock, format: format8213, stillMs, movingMs }),
  },
  "mt-sics SI": {
    name: "MT-SICS, asked",
    dialect: { kind: "mt-sics", ask: "SI", everyMs: 10, answerWithinMs: 100 },
    restless: "inMotionTotal",
    ...weighsOnly,
    start: (link, clock) => startMtSicsScale({ link, clock, stillMs, movingMs }),
  },
  "mt-sics S": {
    name: "MT-SICS, asked at rest",
    dialect: { kind: "mt-sics", ask: "S", everyMs: 10, answerWithinMs: 100 },
    restless: "notReadyTotal",
    ...weighsOnly,
    start: (link, clock) =>
      startMtSicsScale({ link, clock, stillMs, movingMs, restMsMax: 2 * movingMs }),
  },
  "mt-sics SIR": {
    name: "MT-SICS, repeating",
    dialect: { kind: "mt-sics", ask: "SIR", answerWithinMs: 100 },
    restless: "inMotionTotal",
    ...weighsOnly,
    start: (link, clock) => startMtSicsScale({ link, clock, stillMs, movingMs, repeatMs: 10 }),
  },
  cubiscan: {
    name: "CubiScan",
    dialect: { kind: "cubiscan", everyMs: 10, answerWithinMs: 100 },
    restless: "inMotionTotal",
    stepG: 10,
    measures: true,
    start: (link, clock) => startCubiscanScale({ link, clock, stillMs, movingMs }),
  },
  "sick-mda": {
    name: "SICK Master Data Analyzer",
    dialect: { kind: "sick-mda", heartbeat: "HB" },
    restless: null,
    stepG: 1,
    measures: true,
    start: (link, clock) => startSickMda({ link, clock, heartbeat: { text: "HB", periodMs: 50 } }),
  },
  frames: {
    name: "a frame a parcel",
    dialect: frames,
    restless: null,
    ...weighsOnly,
    start: (link, clock) =>
      startFrameScale({ link, clock, format: zFramesDialect.parse(frames).format }),
  },
} as const satisfies Readonly<Record<Forms["scale"], ScaleMake>>;

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

/** The scale calls, and the line's agent waits for it. */
async function scaleOverCall(make: ScaleMake): Promise<ScaleRig> {
  const time = realTime();
  const [host, port] = ["127.0.0.1", await freePort()];
  const line = callTcpLine(host, port);
  const reach = { kind: "tcp-listen", host, port, from: host };
  return rigOf(make, time, agentWires(time.clock), {
    reach,
    line: { link: line.link, cut: () => line.unplug(), restore: () => line.replug() },
  });
}

type Form = keyof typeof makes;

const inMemory = (form: Form) => ({
  name: makes[form].name,
  wire: "in memory",
  cell: null,
  restless: makes[form].restless,
  stepG: makes[form].stepG,
  measures: makes[form].measures,
  open: () => scaleOverMemory(makes[form]),
});

const wires = {
  serial: { open: scaleOverSerial, name: "on a serial line" },
  tcp: { open: scaleOverTcp, name: "over TCP" },
  "tcp-listen": { open: scaleOverCall, name: "over TCP, calling" },
} as const;

const rigOn = <F extends Form, W extends keyof typeof wires>(form: F, wire: W) => ({
  ...inMemory(form),
  wire: wires[wire].name,
  cell: `scale/${form}/${wire}` as const,
  open: () => wires[wire].open(makes[form]),
});

/** Each form in virtual time and on a real wire, and each real wire. */
export const scaleRigs = [
  inMemory("toledo"),
  rigOn("toledo", "serial"),
  rigOn("toledo", "tcp"),
  inMemory("toledo-8213"),
  rigOn("toledo-8213", "tcp-listen"),
  inMemory("mt-sics SI"),
  rigOn("mt-sics SI", "tcp"),
  inMemory("mt-sics S"),
  rigOn("mt-sics S", "tcp"),
  inMemory("mt-sics SIR"),
  rigOn("mt-sics SIR", "serial"),
  inMemory("cubiscan"),
  rigOn("cubiscan", "serial"),
  rigOn("cubiscan", "tcp"),
  inMemory("sick-mda"),
  rigOn("sick-mda", "tcp"),
  inMemory("frames"),
  rigOn("frames", "tcp"),
] as const;
