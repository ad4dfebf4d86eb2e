import { asBug } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { createScale } from "../../edge/devices/scale/open-scale.ts";
import { createScanner } from "../../edge/devices/scanner/open-scanner.ts";
import { counterOf, createSorter } from "../../edge/devices/sorter/open-sorter.ts";
import { createXray } from "../../edge/devices/xray/open-xray.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import type { Journal } from "../../edge/journal/journal.ts";
import type { LinkAgentEnd } from "../../edge/link/port.ts";
import { lineConfigOf } from "../../edge/runtime/config/read-agent-file.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { startLineAgent, type LineAgent } from "../../edge/runtime/line-agent.ts";
import { createRecorder, type Recorder } from "../../edge/runtime/recorder.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import type { MemoryLineWires } from "../../simulators/site/memory-wires.ts";
import type { LineRole } from "./site-files.ts";

export interface VirtualAgentOptions {
  readonly role: LineRole;
  readonly chain: string;
  readonly firstToken: number;
  readonly clock: Clock;
  readonly wires: MemoryLineWires["agent"];
  readonly journal: Journal;
  readonly linkEnd: LinkAgentEnd;
  readonly onEntry: (entry: Parameters<Recorder["record"]>[0]) => void;
}

/** A line agent as `edge/main.ts` composes it, on memory wires. */
export function startVirtualAgent(options: VirtualAgentOptions): LineAgent {
  const { clock, journal, onEntry } = options;
  const { line, devices } = options.role;
  const recorder = createRecorder({
    journal,
    onHole: ({ why }) => {
      throw new Error(`the journal has a hole: ${why}`);
    },
  });
  const deps = { wires: wiresOf(options.wires), clock };
  return startLineAgent({
    lines: [
      {
        ...lineConfigOf(line),
        devices: {
          scanner: createScanner(devices.scanner, deps),
          witness: devices.witness === null ? null : createScanner(devices.witness, deps),
          scale: devices.scale === null ? null : createScale(devices.scale, deps),
          xray:
            devices.xray === null
              ? null
              : createXray(devices.xray, { counter: counterOf(devices.sorter) }, deps),
          sorter: createSorter(devices.sorter, line.belt, deps),
          annunciator: null,
          cameras: [],
        },
      },
    ],
    epoch: "e1",
    firstToken: () => options.firstToken,
    chain: options.chain,
    clock,
    log: silentLog,
    onGeneration: () => {},
    onBug: (thrown, where) => {
      throw asBug(thrown, where);
    },
    recorder: {
      record: (entry, then) => {
        onEntry(entry);
        recorder.record(entry, then);
      },
    },
    journal,
    images: createMemoryImages({ imagesMax: 200, bytesMax: 1e9 }),
    linkEnd: options.linkEnd,
  });
}

/** Serial lines, one broker, and a sorter that is called over TCP. */
const wiresOf = (ends: MemoryLineWires["agent"]): Wires => ({
  byteLink: (reach) => {
    const name = reach.kind === "serial" ? reach.path.split("/").at(-1) : undefined;
    if (reach.kind === "tcp" || name === "sorter") return lineOfSorter(ends);
    if (name === "scale") return ends.scale;
    if (name === "xray") return ends.xrayLine;
    return name === "witness" ? ends.witness : ends.scanner;
  },
  messageBus: ({ base }) => (base === ends.xrayBase ? ends.xray : ends.sorter),
  opcuaEndpoint: () => {
    throw new Error("no OPC UA in virtual time");
  },
  folder: () => {
    throw new Error("no files in virtual time");
  },
  http: () => {
    throw new Error("no requests in virtual time");
  },
});

function lineOfSorter({ sorterLine }: MemoryLineWires["agent"]): ByteLink {
  if (sorterLine === null) throw new Error("this sorter speaks through the broker");
  return sorterLine;
}
