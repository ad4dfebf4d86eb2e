import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { zSorterPlcMapModbusDialect } from "../../edge/devices/sorter/plc-map-modbus.ts";
import type { PlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import { zPlcMap, type PlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import { nodesOfMap } from "../../simulators/devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../../simulators/devices/sorter/plc-map-registers.ts";
import { createPlcOfMap } from "../../simulators/devices/sorter/plc-of-map.ts";

/** Maps as sites have them, and the simulated controller that is laid out by one. */
const page = readFileSync("edge/devices/sorter/README.md", "utf8");

interface MapText {
  readonly [key: string]: unknown;
  readonly events: object;
}

/** The first block of YAML of the sorters' page below that heading. */
function yamlOfPage(heading: string): unknown {
  const text = page.slice(page.indexOf(`\n${heading}\n`));
  return parse(/```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "");
}

/** A worked example of the sorters' page. */
export function mapOfPage(heading: "## A worked example" | "### A worked example"): MapText {
  return (yamlOfPage(heading) as { readonly dialect: MapText }).dialect;
}

const oneEye = { eyes: { 0: "eye1" } };

export const pageMap = (): PlcMap => {
  const map = mapOfPage("## A worked example");
  return zPlcMap.parse({ ...map, events: { ...map.events, ...oneEye } });
};

/** The same of a ring whose entries prove themselves. */
export const sealedPageMap = (): PlcMap => {
  const map = pageMap();
  const { events } = yamlOfPage("## Entries that prove themselves") as Pick<MapText, "events">;
  return zPlcMap.parse({ ...map, events: { ...map.events, ...events } });
};

export const pageMapModbus = (): PlcMapModbus => {
  const map = mapOfPage("### A worked example");
  return zSorterPlcMapModbusDialect.parse({ ...map, events: { ...map.events, ...oneEye } });
};

const kinds = {
  0: "blocked",
  9: "cleared",
  21: "fired",
  22: "cancelledAborted",
  23: "cancelledNoLife",
  24: "cancelledEmergencyStop",
  30: "localReset",
};
const codes = {
  0: "accepted",
  51: "staleCount",
  52: "staleEpoch",
  53: "noLife",
  54: "overlap",
  55: "queueFull",
  56: "invalid",
  57: "fired",
  58: "cancelledAborted",
  59: "cancelledNoLife",
  60: "cancelledEmergencyStop",
};

/** As OPC 30060 begins to number them. */
const states = { 0: "Stopped", 3: "Execute", 4: "Suspended", 8: "Aborted" };

const cmd = (element: number) => ({ node: "s=Cmd", element });
const latch = (element: number) => ({ node: "s=Latches", element });
const wishes = ["Line 1", "Wishes"];
const other = { namespaceUri: "http://site.example/other" };

/**
 * All that a map of OPC UA can say otherwise: ids of every kind, paths, two namespaces, elements of arrays,
 * bits of words, a narrow counter that may be negative, an echo, latches.
 */
export const oddMap = (): PlcMap =>
  zPlcMap.parse({
    kind: "plc-map",
    namespaceUri: "http://site.example/plc",
    count: { node: "i=100", bits: 16, isSigned: true },
    echo: { toPlc: { node: "s=Echo", element: 2 }, fromPlc: { node: "s=Echo", element: 0 } },
    life: {
      fromPlc: { node: "g=6b29fc40-ca47-1067-b31d-00dd010662da", ...other },
      toPlc: { node: "b=TGlmZQ==", ...other },
    },
    belt: {
      running: { node: "s=State", bit: 3 },
      speed: { node: ["Line 1", "nsu=http://site.example/other;Drive", "v/actual"], scale: 0.5 },
      emergencyStop: { node: "s=State", bit: 17, isActiveLow: true },
      stop: { node: wishes, element: 4 },
    },
    packml: {
      state: { node: "s=Packed", element: 1, states },
      mode: { node: "s=Packed", element: 3, produce: 12 },
    },
    induction: { node: wishes, element: 1 },
    latches: {
      eyes: {
        eye1: {
          edges: { ...latch(5), bits: 16 },
          isBlocked: { node: "s=Eyes", bit: 0, isActiveLow: true },
          blockedAt: latch(0),
          clearedAt: latch(1),
          track: latch(9),
        },
      },
      fired: {
        red: { times: { ...latch(2), bits: 32 }, seq: latch(3), at: latch(4) },
        green: { times: { ...latch(6), bits: 16 }, seq: latch(7), at: latch(8) },
      },
      cancelled: { times: { node: "i=7", bits: 16 } },
      resets: { times: { node: "i=8", bits: 16 }, at: { node: "i=9" } },
      lost: { times: { node: "i=10", bits: 32 } },
    },
    chutes: {
      green: { full: { node: "s=State", bit: 0 }, fillPct: { node: "s=Fill", scale: 0.1 } },
      red: { full: { node: "s=State", bit: 1, isActiveLow: true } },
    },
    command: {
      seq: { ...cmd(7), bits: 16 },
      op: { ...cmd(0), values: { divert: 10, abort: 20, cancelAll: 30 } },
      exit: { ...cmd(1), values: { green: 5, red: 0 } },
      fireAt: cmd(2),
      releaseAt: cmd(3),
      notAfter: cmd(4),
      target: cmd(5),
      boot: cmd(6),
    },
    ack: { seq: { node: "s=Ack", element: 1 }, code: { node: "s=Ack", element: 0, codes } },
  });

const swapped = { wordOrder: "lowFirst", byteOrder: "lowFirst" };

/**
 * The same for Modbus: a list with gaps between its entries, every type, either order of words and of
 * bytes, flags of each form, shown values among the written registers.
 */
export const oddMapModbus = (): PlcMapModbus =>
  zSorterPlcMapModbusDialect.parse({
    kind: "plc-map-modbus",
    unitId: 3,
    registersMax: 20,
    count: { area: "holding", at: 0, type: "i16", bits: 16, isSigned: true },
    echo: {
      toPlc: { area: "holding", at: 40, type: "i32", ...swapped },
      fromPlc: { area: "input", at: 40, type: "i32", wordOrder: "highFirst" },
    },
    life: {
      fromPlc: { area: "holding", at: 1, type: "i16", byteOrder: "lowFirst" },
      toPlc: { area: "holding", at: 50, type: "u16", byteOrder: "lowFirst" },
    },
    belt: {
      running: { area: "discrete", at: 3 },
      speed: { area: "input", at: 0, type: "f32", ...swapped, scale: 0.25 },
      emergencyStop: { area: "input", at: 2, type: "u16", isActiveLow: true },
      stop: { area: "holding", at: 51, type: "u16" },
    },
    packml: { state: { area: "holding", at: 7, type: "u16", states } },
    induction: { area: "coil", at: 9 },
    events: {
      written: { area: "input", at: 10, type: "u32", wordOrder: "lowFirst", bits: 32 },
      size: 64,
      kind: { area: "input", at: 100, type: "u16", stride: 6, kinds },
      what: { area: "input", at: 102, type: "u16", byteOrder: "lowFirst", stride: 6 },
      count: { area: "input", at: 103, type: "i32", ...swapped, stride: 6 },
      track: { area: "input", at: 105, type: "u16", stride: 6 },
      seal: { area: "input", at: 600, type: "i32", ...swapped },
      eyes: { 7: "eye1" },
    },
    chutes: {
      green: {
        full: { area: "input", at: 20, bit: 15 },
        blocked: { area: "input", at: 20, bit: 0, isActiveLow: true },
        fillPct: { area: "input", at: 21, type: "u16", scale: 0.1 },
      },
      red: { full: { area: "input", at: 20, bit: 8 } },
    },
    command: {
      op: {
        area: "holding",
        at: 60,
        type: "i16",
        values: { divert: 10, abort: 20, cancelAll: 30 },
      },
      exit: { area: "holding", at: 61, type: "u16", values: { green: 5, red: 0 } },
      fireAt: { area: "holding", at: 62, type: "i16" },
      releaseAt: { area: "holding", at: 63, type: "i16" },
      notAfter: { area: "holding", at: 64, type: "i16" },
      target: { area: "holding", at: 65, type: "u16" },
      boot: { area: "holding", at: 66, type: "i32", wordOrder: "lowFirst" },
      seq: { area: "holding", at: 30, type: "u16", bits: 16 },
    },
    ack: {
      seq: { area: "holding", at: 2, type: "u16" },
      code: { area: "holding", at: 3, type: "i16", codes },
    },
  });

const oneEyeBelt = { eyeIds: ["eye1"], diverters: ["red", "green"] as const };

/** The controller that such a map of OPC UA lays out. Throws, by its keys, what cannot be served. */
export function plcOfMap(map: PlcMap) {
  const { memory, variables } = createPlcOfMap(map, oneEyeBelt, 7);
  const { nodes, misfits } = nodesOfMap(map, variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  return { memory, nodes };
}

export function plcOfMapModbus(map: PlcMapModbus) {
  const { memory, variables } = createPlcOfMap(map, oneEyeBelt, 7);
  const { placed, misfits } = registersOfMap(map, variables);
  if (misfits.length > 0) throw new Error(JSON.stringify(misfits));
  return { memory, placed };
}
