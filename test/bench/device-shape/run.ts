import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realWires } from "../../../edge/devices/wires/wires.ts";
import { createSystemClock } from "../../../edge/runtime/system-clock.ts";
import { silentLog } from "../../../protocols/log.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import { benchCells, type CellStand, type OpenCell } from "./cells.ts";
import { runNodeMap, type NodeMapRun } from "./node-map.ts";
import { pause } from "./turns.ts";

export interface CellRun {
  /** As in the matrix: machine, form and wire. */
  readonly cell: string;
  readonly messageMs: Percentiles;
  readonly rawMs: Percentiles;
}

export interface DeviceShapeRun {
  readonly cells: readonly CellRun[];
  /** Of a plain ring, and of one whose entries prove themselves. */
  readonly nodeMaps: readonly NodeMapRun[];
}

export interface DeviceShapeOptions {
  readonly brokerUrl: string;
  readonly seed: number;
  readonly isQuick: boolean;
  readonly measureS: number | null;
  readonly tell: (text: string) => void;
}

const turnEveryMs = 10;
const warmUpTurns = 50;

/** Each machine's message over each wire beside the wire alone, in turns; then one server of eight lines. */
export async function runDeviceShape(options: DeviceShapeOptions): Promise<DeviceShapeRun> {
  const { brokerUrl, isQuick, tell } = options;
  const measureS = options.measureS ?? (isQuick ? 1 : 8);
  const folder = await mkdtemp(join(tmpdir(), "sortline-devices-"));
  const clock = createSystemClock();
  const entropy = createSeededEntropy(options.seed, "bench of devices");
  const wires = realWires({
    clientIdOf: (deviceId) => `bench:${deviceId}`,
    clock,
    entropy,
    certificatesFolder: join(folder, "client"),
    log: silentLog,
  });
  const stand: CellStand = { clock, entropy, wires, brokerUrl, folder };
  try {
    const cells: CellRun[] = [];
    for (const [cell, open] of Object.entries(benchCells)) {
      tell(`device ${cell}`);
      cells.push(await measureCell(cell, await open(stand), measureS));
    }
    const nodeMaps: NodeMapRun[] = [];
    for (const isSealed of [false, true]) {
      tell(`eight lines of one server with ${isSealed ? "sealed entries" : "plain variables"}`);
      nodeMaps.push(await runNodeMap(stand, { isSealed, measureS }));
    }
    return { cells, nodeMaps };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureCell(cell: string, opened: OpenCell, measureS: number): Promise<CellRun> {
  const messages: number[] = [];
  const raws: number[] = [];
  try {
    const turns = warmUpTurns + (measureS * 1_000) / turnEveryMs;
    for (let turn = 0; turn < turns; turn += 1) {
      const { messageMs, rawMs } = await opened.turn();
      if (turn >= warmUpTurns) {
        messages.push(messageMs);
        raws.push(rawMs);
      }
      await pause(turnEveryMs);
    }
  } finally {
    await opened.close();
  }
  return { cell, messageMs: percentilesOf(messages), rawMs: percentilesOf(raws) };
}
