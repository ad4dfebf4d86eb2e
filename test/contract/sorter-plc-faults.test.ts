/**
 * Goal: a controller whose variables are not what the map takes them for costs its sorter alone and
 * is named by key and node, and one that starts anew, with its namespaces in another order, is found
 * again by itself. Method: real servers on loopback, reached through the configuration schema and
 * the factory that the agent uses.
 */
import { expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterGap, SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { DeviceHealthChanged } from "../../edge/devices/port.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { notConnected } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createPlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcNodesOf } from "../../simulators/devices/sorter/plc-nodes.ts";
import {
  createPlcOpcuaServer,
  type PlcOpcuaStart,
} from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { plcMapInput, plcNamespaceUri, plcRingSize } from "../kit/plc-map.ts";
import { describeFaults } from "./cell-suite.ts";
import { agentWires } from "./device-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("sorter-plc-faults-");
const { atEnd } = stand;

const other = "http://plc.example/drive";
/** Where the counter is, by its browse names; its id is another one at each start. */
const path = [
  { namespaceUri: plcNamespaceUri, name: "Line 1" },
  { namespaceUri: other, name: "Enc" },
];
const byPath = { count: { node: ["Line 1", `nsu=${other};Enc`], bits: 32 } };

async function startPlc(as: PlcOpcuaStart = {}) {
  const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
  const { model, encoder } = createSorterByHand(clock, "sorter", memory.wire);
  const server = createPlcOpcuaServer({
    nodes: plcNodesOf(memory, plcNamespaceUri).flatMap((node) =>
      node.name === "Enc"
        ? [node, { ...node, name: "Enc by path", namespaceUri: other, at: path }]
        : [node],
    ),
    port: 0,
    certificatesFolder: stand.path("server"),
  });
  await server.start(as);
  model.powerOn();
  atEnd.push(async () => {
    model.powerOff();
    await server.stop();
  });
  return { memory, model, encoder, server };
}

function openSorter(endpointUrl: string, change: object = {}) {
  const config = zSorterConfig.parse({
    id: "L1-sorter",
    reach: { kind: "opcua", endpointUrl },
    dialect: { ...plcMapInput(["eye1"]), ...change },
  });
  const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
  const wires = agentWires(clock, stand.path("client"));
  const driver = createSorter(config, belt, { wires, clock });
  const told: (SorterEvent | SorterGap | DeviceHealthChanged)[] = [];
  driver.start((event) => told.push(event));
  atEnd.push(() => driver.stop());
  return { driver, told };
}

const isReceiving = (driver: SorterPort) => () => driver.health().state === "receiving";
const named = async (driver: SorterPort, code: string): Promise<string> => {
  await untilReal(() => driver.health().reason?.code === code, code, 15_000);
  expect(driver.health().state).toBe("down");
  expect(driver.send({ kind: "cancelAll" })).toEqual(notConnected);
  return driver.health().reason?.detail ?? "";
};

const divert = (commandId: string) =>
  ({
    kind: "divert",
    commandId,
    passId: `pass-of-${commandId}`,
    exit: "red",
    fireAtCount: beltCount(100),
    releaseAtCount: beltCount(150),
    notAfterCount: beltCount(90),
  }) as const;

const here = [{ cell: "sorter/plc-map ring/opcua" }] as const;

describeFaults("a controller's variables over OPC UA", here, () => {
  test.each<[string, PlcOpcuaStart, object, string, RegExp]>([
    [
      "rule 2: a variable that nobody may write",
      { readOnly: ["Cmd.FireAt"] },
      {},
      "mapMisfit",
      /^command\.fireAt: s=Cmd\.FireAt is read-only$/,
    ],
    [
      "rule 2: types that do not fit, all of them",
      { types: { Run: "UInt16", "Cmd.NotAfter": "Int16", Enc: "UInt16" } },
      {},
      "mapMisfit",
      /^count: s=Enc is UInt16, which does not hold 0 to 4294967295; belt\.running: s=Run is UInt16, not Boolean; command\.notAfter: s=Cmd\.NotAfter is Int16, which does not hold/,
    ],
    [
      "rule 2: a ring of another size",
      {},
      { events: { ...(plcMapInput(["eye1"]).events as object), size: 32 } },
      "mapMisfit",
      /^events\.kind: s=Ev\.Kind has 64 elements, not 32/,
    ],
    [
      "rule 1: a variable that is not there",
      { missing: ["LifePlc"] },
      {},
      "unknownThere",
      /BadNodeIdUnknown: life\.fromPlc, s=LifePlc/,
    ],
    [
      "rule 1: a path that leads nowhere",
      { missing: ["Enc by path"], namespacesBefore: [other] },
      byPath,
      "mapMisfit",
      /^count: \/Line 1\/nsu=http:\/\/plc\.example\/drive;Enc finds nothing \(BadNoMatch\)$/,
    ],
    [
      "rule 1: a path that leads to two",
      { twice: ["Enc by path"] },
      byPath,
      "mapMisfit",
      /^count: \/Line 1\/.*;Enc finds 2 nodes$/,
    ],
    [
      "rule 1: a path to what is another variable already",
      {},
      { ...byPath, boot: { node: "s=start 1Enc by path", namespaceUri: other } },
      "mapMisfit",
      /^boot: s=start 1Enc by path is count already$/,
    ],
    [
      "rule 1: a namespace of a path that is not there",
      {},
      { count: { node: ["nsu=urn:none;Line 1", "Enc"], bits: 32 } },
      "unknownThere",
      /count: there is no namespace urn:none/,
    ],
    [
      "rule 1: a namespace that is not there",
      {},
      { namespaceUri: "http://plc.example/db" },
      "unknownThere",
      /count: there is no namespace http:\/\/plc\.example\/db/,
    ],
  ])("%s is named, and nothing is sent", async (_, as, change, code, detail) => {
    const { server } = await startPlc(as);
    const { driver } = openSorter(server.endpointUrl(), change);
    expect(await named(driver, code)).toMatch(detail);
  });

  test.each([
    ["ids", {}],
    ["a path, whose node has another id then", byPath],
  ])(
    "DEV1-41: rules 1 and 9: a start with the namespaces in another order is a new session, found by itself, by %s",
    async (_, change) => {
      const { server, model } = await startPlc();
      const { driver, told } = openSorter(server.endpointUrl(), change);
      await untilReal(isReceiving(driver), "receiving", 15_000);
      const sessions = () => told.filter(({ kind }) => kind === "session").length;
      expect(sessions()).toBe(1);
      await server.stop();
      model.powerOff();
      await server.start({ namespacesBefore: ["urn:another", "urn:third"] });
      model.powerOn();
      await untilReal(() => sessions() === 2, "the new session", 30_000);
      await untilReal(isReceiving(driver), "receiving again", 15_000);
      driver.send({ kind: "induction", isPermitted: true });
      driver.send(divert("c1"));
      const isAnswered = () =>
        told.some((event) => event.kind === "accepted" || event.kind === "refused");
      await untilReal(isAnswered, "an answer");
    },
  );

  test("rule 11: a variable of bad quality is named, and the sorter is silent until it is good", async () => {
    const { server, memory } = await startPlc();
    const { driver } = openSorter(server.endpointUrl());
    await untilReal(isReceiving(driver), "receiving", 15_000);
    memory.spoil("Enc", true);
    // On a busy machine an answer may also come too late, and is named for that.
    const isNamed = () => driver.health().reason?.detail === "count: BadSensorFailure";
    await untilReal(() => driver.health().state === "stale" && isNamed(), "stale, and why");
    expect(driver.health().reason?.code).toBe("badMessage");
    memory.spoil("Enc", false);
    await untilReal(isReceiving(driver), "receiving again");
    expect(driver.health().counters["reconnectsTotal"]).toBe(0);
  });

  test("rule 5: a ring that is written faster than it is read is a gap, and goes on", async () => {
    const { server, model } = await startPlc();
    const { driver, told } = openSorter(server.endpointUrl());
    await untilReal(isReceiving(driver), "receiving", 15_000);
    for (let press = 0; press < plcRingSize + 20; press += 1) model.localReset();
    await untilReal(() => told.some(({ kind }) => kind === "localReset"), "the newest of them");
    const missed = told.reduce((sum, event) => sum + (event.kind === "gap" ? event.missed : 0), 0);
    const presses = told.filter(({ kind }) => kind === "localReset").length;
    expect(missed + presses).toBe(plcRingSize + 20);
    // An eighth of the ring counts as overwritten while it is read.
    expect(presses).toBe((plcRingSize * 7) / 8);
  });

  test("rule 7: the controller refuses a count that is past, and one of another session", async () => {
    const { server, model, encoder, memory } = await startPlc();
    const { driver, told } = openSorter(server.endpointUrl());
    await untilReal(isReceiving(driver), "receiving", 15_000);
    driver.send({ kind: "induction", isPermitted: true });
    const isTold = (commandId: string) => () =>
      told.some((event) => event.kind === "refused" && event.commandId === commandId);
    // Life has to be heard before counts are looked at.
    await untilReal(() => Number(memory.read("LifePc")) > 0, "life at the controller");
    encoder.turnTo(91);
    driver.send(divert("late"));
    await untilReal(isTold("late"), "the late one");
    expect(memory.read("Ack.Code")).toBe(2);
    model.powerOff();
    model.powerOn();
    driver.send(divert("old"));
    await untilReal(isTold("old"), "the old one");
    expect(told.filter(({ kind }) => kind === "refused")).toMatchObject([
      { commandId: "late", why: "staleCount" },
      { commandId: "old", why: "staleEpoch" },
    ]);
  });

  test.each(["none", "oneTooMany"] as const)(
    "rule 7: writes that are answered with %s are told within 5 s, and hold up nothing after that",
    async (answers) => {
      const { server, memory } = await startPlc();
      const { driver, told } = openSorter(server.endpointUrl());
      await untilReal(isReceiving(driver), "receiving", 15_000);
      server.answer(answers);
      // On a busy machine a connection may end meanwhile, and what waited on it is told as that.
      const isNamed = () => driver.health().reason?.detail === "no answer within 5 s";
      await untilReal(isNamed, "told, and why", 30_000);
      expect(driver.health().reason?.code).toBe("commandRefused");
      server.answer("whole");
      const before = Number(memory.read("LifePc"));
      await untilReal(() => Number(memory.read("LifePc")) > before, "life again");
      driver.send(divert("c1"));
      await untilReal(
        () => told.some((event) => event.kind === "accepted" && event.commandId === "c1"),
        "a divert",
        15_000,
      );
    },
  );

  test("rule 13: an aborted machine is an emergency stop, and is named; an unknown state is silence", async () => {
    const { server, memory } = await startPlc();
    const { driver, told } = openSorter(server.endpointUrl(), {
      packml: { state: { node: "s=PackML.State" } },
    });
    await untilReal(isReceiving(driver), "receiving", 15_000);
    const belts = () => told.filter((event) => event.kind === "belt");
    memory.pack({ state: "Execute" });
    await untilReal(() => driver.health().reason === null, "nothing to say");
    expect(belts().at(-1)?.emergencyStop).toBe(false);
    memory.pack({ state: "Aborted" });
    await untilReal(() => belts().at(-1)?.emergencyStop === true, "an emergency stop");
    expect(driver.health().reason).toMatchObject({
      code: "notExecuting",
      params: { state: "Aborted" },
    });
    memory.pack({ state: 18 });
    await untilReal(() => driver.health().state === "stale", "silence");
    expect(driver.health().reason).toMatchObject({
      code: "badMessage",
      detail: "packml.state: 18 is no state that the map names",
    });
  });
});
