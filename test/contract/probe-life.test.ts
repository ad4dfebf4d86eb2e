/**
 * Goal: `npm run probe -- --life` sees a controller with plain variables cancel and rest as the page of
 * sorters asks, over its real wire. Method: the simulated controller behind an OPC UA server, and one to
 * whose life variable nothing comes.
 */
import { expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { testLife } from "../../edge/probe/life.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { voices } from "../../protocols/words/words.ts";
import { createPlcMemory, type PlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcNodesOf } from "../../simulators/devices/sorter/plc-nodes.ts";
import { createPlcOpcuaServer } from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { plcMapInput, plcNamespaceUri, plcRingSize } from "../kit/plc-map.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { agentWires } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("probe-life-");

/** So many of our signs of life reach the controller. */
async function lifeOf({ lifesMax }: { readonly lifesMax: number }) {
  const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
  const { model } = createSorterByHand(clock, "P1-sorter", memory.wire);
  let lifes = 0;
  const write = (name: string, value: Parameters<typeof memory.write>[1]): void => {
    if (name === "LifePc") lifes += 1;
    if (name !== "LifePc" || lifes <= lifesMax) memory.write(name, value);
  };
  const seen: PlcMemory = {
    wire: memory.wire,
    variables: memory.variables,
    read: (name) => memory.read(name),
    write,
    spoil: (name, isBad) => memory.spoil(name, isBad),
    pack: (state) => memory.pack(state),
  };
  const server = createPlcOpcuaServer({
    nodes: plcNodesOf(seen, plcNamespaceUri),
    port: 0,
    certificatesFolder: stand.path("server"),
  });
  await server.start();
  model.powerOn();
  stand.atEnd.push(async () => {
    model.powerOff();
    await server.stop();
  });
  const config = zSorterConfig.parse({
    id: "P1-sorter",
    reach: { kind: "opcua", endpointUrl: server.endpointUrl() },
    dialect: plcMapInput(["eye1"]),
  });
  const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
  const lines: string[] = [];
  const isRight = await testLife({
    sorter: {
      config,
      open: (deps) => createSorter(config, belt, deps),
      exit: "red",
      countsPerMs: 1,
      countsAheadMax: 1_000_000,
    },
    deps: { wires: agentWires(clock, stand.path("client")), clock },
    clock,
    seconds: 20,
    voice: voices.en,
    out: (line) => lines.push(line),
    enough: new Promise(() => {}),
  });
  return { isRight, lines };
}

test("3.2-8: a controller that cancels and rests without our life", async () => {
  const { isRight, lines } = await lifeOf({ lifesMax: Number.POSITIVE_INFINITY });
  expect(lines).toEqual([
    expect.stringMatching(/^- With our life a divert is accepted;/),
    expect.stringMatching(/^- Our life was stopped, and \d+ ms later the divert was cancelled/),
    "- Without our life a divert is refused for want of it.",
    "- With our life again a divert is accepted again.",
    expect.stringMatching(/^- All of it is as it must be/),
  ]);
  expect(isRight).toBe(true);
});

test("3.2-8: one that does not hear of our life is not in order", async () => {
  const { isRight, lines } = await lifeOf({ lifesMax: 0 });
  expect(isRight).toBe(false);
  expect(lines.join("\n")).toMatch(/With our life a divert is not accepted \(noLife\)/);
});
