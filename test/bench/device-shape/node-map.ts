import { performance } from "node:perf_hooks";
import { join } from "node:path";
import { createSorter, zSorterConfig } from "../../../edge/devices/sorter/open-sorter.ts";
import type { SorterPort } from "../../../edge/devices/sorter/sorter.ts";
import { createPlcOpcuaServer } from "../../../simulators/devices/sorter/plc-opcua-server.ts";
import { mapOfPage, pageMap, plcOfMap, sealedPageMap } from "../../kit/site-maps.ts";
import { createSorterByHand } from "../../kit/sorter-by-hand.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import type { CellStand } from "./cells.ts";
import { pause, untilSo } from "./turns.ts";

/** Lines whose controllers share one OPC UA server of plain variables. */
export interface NodeMapRun {
  readonly linesTotal: number;
  /** Of each line. */
  readonly eventsPerS: number;
  readonly pollMs: number;
  /** Whether each entry of the ring proves itself. */
  readonly isSealed: boolean;
  readonly eventsTotal: number;
  readonly heardTotal: number;
  /** From the event at the controller until the driver has told of it. */
  readonly eventToCoreMs: Percentiles;
  /** Requests to read that the server got in the time of one poll; one line alone makes one. */
  readonly readsPerPoll: number;
}

const linesTotal = 8;
const eventsPerS = 40;

interface Line {
  readonly say: () => void;
  readonly port: SorterPort;
  readonly powerOff: () => void;
  /** When each event was said that is not heard yet. */
  readonly waiting: number[];
}

/** `measureS` seconds, after all lines are received. */
export async function runNodeMap(
  stand: CellStand,
  { isSealed, measureS }: { readonly isSealed: boolean; readonly measureS: number },
): Promise<NodeMapRun> {
  const map = isSealed ? sealedPageMap() : pageMap();
  const text = mapOfPage("## A worked example");
  const pollMs = Number(text["pollMs"]);
  const plcs = Array.from({ length: linesTotal }, (_, line) =>
    plcOfMap(inBlock(map, `DB_L${line + 1}`)),
  );
  const server = createPlcOpcuaServer({
    nodes: plcs.flatMap(({ nodes }) => nodes),
    port: 0,
    certificatesFolder: join(stand.folder, isSealed ? "sealed-server" : "plc-server"),
  });
  await server.start();
  const samples: number[] = [];
  const lines = plcs.map(({ memory }, index): Line => {
    const { clock, entropy, wires } = stand;
    const id = `L${index + 1}`;
    const { model } = createSorterByHand(clock, id, memory.wire, entropy);
    model.powerOn();
    const config = zSorterConfig.parse({
      id,
      reach: { kind: "opcua", endpointUrl: server.endpointUrl() },
      dialect: inBlock({ ...text, events: map.events }, `DB_${id}`),
    });
    const port = createSorter(config, { speedMmPerS: 1_000, mmPerCount: 1 }, { wires, clock });
    const waiting: number[] = [];
    port.start((event) => {
      const saidAt = event.kind === "localReset" ? waiting.shift() : undefined;
      if (saidAt !== undefined) samples.push(performance.now() - saidAt);
    });
    return { port, waiting, say: () => model.localReset(), powerOff: () => model.powerOff() };
  });
  for (const { port } of lines) {
    await untilSo(() => port.health().state === "receiving", `${port.deviceId} is received`);
  }
  const readsBefore = server.readsTotal();
  const from = performance.now();
  let eventsTotal = 0;
  for (let turn = 0; turn < measureS * eventsPerS; turn += 1) {
    for (const line of lines) {
      line.waiting.push(performance.now());
      line.say();
      eventsTotal += 1;
    }
    await pause(Math.max(0, from + ((turn + 1) * 1_000) / eventsPerS - performance.now()));
  }
  const reads = server.readsTotal() - readsBefore;
  const polls = (performance.now() - from) / pollMs;
  await untilSo(() => samples.length === eventsTotal, "all events").catch(() => undefined);
  for (const { port, powerOff } of lines) {
    await port.stop();
    powerOff();
  }
  await server.stop();
  return {
    linesTotal,
    eventsPerS,
    pollMs,
    isSealed,
    eventsTotal,
    heardTotal: samples.length,
    eventToCoreMs: percentilesOf(samples),
    readsPerPoll: reads / polls,
  };
}

/** The same map for another data block of the controller. */
const inBlock = <Map extends object>(map: Map, block: string): Map =>
  JSON.parse(JSON.stringify(map).replaceAll('\\"DB_Sort\\"', `\\"${block}\\"`)) as Map;
