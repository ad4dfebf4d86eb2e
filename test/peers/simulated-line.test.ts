/**
 * Goal: three simulated devices, each in a process of its own, and one agent make a working line;
 * whichever of the four is killed and started again, parcels leave by green again; also where the sorter is a
 * controller that is laid out by the agent's own map.
 * Method: the real programs on real wires, mosquitto between them, and a belt that runs twice as fast;
 * a device is killed outright and started anew. The maps are those of the sorters' page.
 */
import { describe, test } from "vitest";
import { mapOfPage } from "../kit/site-maps.ts";
import { startLineOfPrograms, type ProgramName, type SorterOfLine } from "./line-of-programs.ts";

/** A belt that runs twice as fast needs a larger ring than the page's. */
function fastMap(heading: Parameters<typeof mapOfPage>[0]): object {
  const map = mapOfPage(heading);
  return { ...map, events: { ...map.events, size: 256 } };
}

const sorters: readonly (readonly [string, readonly ProgramName[], SorterOfLine])[] = [
  [
    "methods and events",
    ["scanner", "agent", "sorter", "xray"],
    {
      config: (port) => ({
        reach: { kind: "opcua", endpointUrl: `opc.tcp://127.0.0.1:${port}` },
        dialect: { kind: "sortline-opcua", sorterId: "L1-sorter" },
      }),
      simulate: (port) => ["sorter", `--opcua=${port}`],
    },
  ],
  [
    "a map of OPC UA",
    ["sorter", "xray", "scanner"],
    {
      config: (port) => ({
        reach: { kind: "opcua", endpointUrl: `opc.tcp://127.0.0.1:${port}` },
        dialect: fastMap("## A worked example"),
      }),
      simulate: (port, config) => ["plc-map", `--map=${config}`, `--opcua=${port}`],
    },
  ],
  [
    "a map of Modbus",
    ["xray", "sorter", "scanner"],
    {
      config: (port) => ({
        reach: { kind: "tcp", host: "127.0.0.1", port },
        dialect: fastMap("### A worked example"),
      }),
      simulate: (port, config) => ["plc-map", `--map=${config}`, `--tcp=${port}`],
    },
  ],
];

describe("three devices and an agent", () => {
  test.each(sorters)(
    "make a working line, the sorter with %s, whichever of them is killed and started again",
    async (_, names, sorter) => {
      const line = await startLineOfPrograms(sorter);
      try {
        await line.kill(names);
      } finally {
        await line.close();
      }
    },
    150_000,
  );
});
