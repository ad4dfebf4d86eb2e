/**
 * Goal: a controller whose server grants less than it was asked for, or nothing, loses no event of
 * its ring, says so, and is polled where its subscription is of no use. Method: real servers on
 * loopback with the floors of common ones, 100 ms of publishing and 50 ms of sampling, reached through
 * the configuration schema and the factory that the agent uses.
 */
import { expect, test } from "vitest";
import type { DeviceHealthChanged } from "../../edge/devices/port.ts";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterGap } from "../../edge/devices/sorter/sorter.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import { createPlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcNodesOf } from "../../simulators/devices/sorter/plc-nodes.ts";
import {
  createPlcOpcuaServer,
  type PlcOpcuaStart,
} from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { plcMapInput, plcNamespaceUri, plcRingSize } from "../kit/plc-map.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { describeFaults } from "./cell-suite.ts";
import { agentWires } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("sorter-plc-news-");
const { atEnd } = stand;

async function startPlc(publishingIntervalMsMin: number, as: PlcOpcuaStart = {}) {
  const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
  const { model, encoder } = createSorterByHand(clock, "sorter", memory.wire);
  const server = createPlcOpcuaServer({
    nodes: plcNodesOf(memory, plcNamespaceUri),
    port: 0,
    certificatesFolder: stand.path("server"),
    publishingIntervalMsMin,
  });
  await server.start(as);
  model.powerOn();
  atEnd.push(async () => {
    model.powerOff();
    await server.stop();
  });
  return { memory, model, encoder, server };
}
type Plc = Awaited<ReturnType<typeof startPlc>>;

function openSorter(endpointUrl: string) {
  const config = zSorterConfig.parse({
    id: "L1-sorter",
    reach: { kind: "opcua", endpointUrl },
    dialect: { ...plcMapInput(["eye1"]), subscription: {} },
  });
  const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
  const driver = createSorter(config, belt, {
    wires: agentWires(clock, stand.path("client")),
    clock,
  });
  const told: (SorterEvent | SorterGap | DeviceHealthChanged)[] = [];
  driver.start((event) => told.push(event));
  atEnd.push(() => driver.stop());
  const isSaid = (code: string) => () =>
    driver.health().state === "receiving" && driver.health().reason?.code === code;
  const presses = () => told.flatMap((event) => (event.kind === "localReset" ? event.count : []));
  return { driver, told, presses, isSaid };
}

const pressEveryMs = 25;

/** The belt runs, and its reset key is pressed 40 times a second; resolves with the counts of it. */
function press({ model, encoder }: Plc, total: number, from = 0): Promise<number[]> {
  const counts: number[] = [];
  return new Promise((resolve) => {
    const next = (): void => {
      if (counts.length === total) return resolve(counts);
      const count = from + (counts.length + 1) * pressEveryMs;
      encoder.turnTo(count);
      model.localReset();
      counts.push(count);
      clock.schedule(monotonicMs(clock.monotonic() + pressEveryMs), next);
    };
    next();
  });
}

const divert = (fireAtCount: number) =>
  ({
    kind: "divert",
    commandId: "c1",
    passId: "pass-of-c1",
    exit: "red",
    fireAtCount: beltCount(fireAtCount),
    releaseAtCount: beltCount(fireAtCount + 50),
    notAfterCount: beltCount(fireAtCount - 10),
  }) as const;

const here = [{ cell: "sorter/plc-map ring/opcua" }] as const;

describeFaults("a controller's variables that are read on news", here, () => {
  test("rule 10: nothing of the ring is lost at 40 events/s, and what was granted is told", async () => {
    const plc = await startPlc(100);
    const { driver, told, presses, isSaid } = openSorter(plc.server.endpointUrl());
    await untilReal(isSaid("grantedLess"), "what was granted", 15_000);
    expect(deviceReasonLogText(driver.health().reason!)).toMatch(
      /^grants less than asked: publishes every 100 ms of 10, samples every 50 ms of 10$/,
    );
    const [readsBefore, from] = [plc.server.readsTotal(), clock.monotonic()];
    const counts = await press(plc, 160);
    await untilReal(() => presses().length >= counts.length, "all of them");
    expect(presses()).toEqual(counts);
    expect(told.filter(({ kind }) => kind === "gap")).toEqual([]);
    const polls = (clock.monotonic() - from) / 20;
    expect(plc.server.readsTotal() - readsBefore).toBeLessThan(polls * 0.75);
    expect(driver.health().reason?.code).toBe("grantedLess");
    // A command is answered before it would be written again.
    driver.send({ kind: "induction", isPermitted: true });
    await untilReal(() => Number(plc.memory.read("LifePc")) > 0, "life at the controller");
    driver.send(divert(10_000));
    await untilReal(() => told.some(({ kind }) => kind === "accepted"), "the answer");
    expect(driver.health().counters["reconnectsTotal"]).toBe(0);
  });

  test("a subscription that dies without a word loses nothing, and is found out while the sorter counts as heard", async () => {
    const plc = await startPlc(100);
    const { driver, told, presses, isSaid } = openSorter(plc.server.endpointUrl());
    await untilReal(isSaid("grantedLess"), "what was granted", 15_000);
    const before = await press(plc, 20);
    plc.server.silenceSubscriptions();
    const counts = [...before, ...(await press(plc, 60, before.at(-1)))];
    await untilReal(isSaid("subscriptionSilent"), "that it is silent");
    await untilReal(() => presses().length >= counts.length, "all of them");
    expect(presses()).toEqual(counts);
    const wrong = told.filter(
      (event) =>
        event.kind === "gap" || (event.kind === "healthChanged" && event.health.state === "stale"),
    );
    expect(wrong).toEqual([]);
    expect(driver.health().counters["reconnectsTotal"]).toBe(0);
  });

  test.each<[string, number, PlcOpcuaStart, string, RegExp]>([
    [
      "refuses",
      100,
      { watchedMax: 1 },
      "subscriptionRefused",
      /^polled: no subscription granted \(BadTooManyMonitoredItems: ns=\d+;s=Ev\.Seq\)$/,
    ],
    [
      "publishes every 500 ms",
      500,
      {},
      "subscriptionTooSlow",
      /^polled: subscription too slow, every 500 ms of 10, and 100 is the most that the line can take$/,
    ],
    [
      "publishes every 5 s",
      5_000,
      {},
      "subscriptionTooSlow",
      /^polled: subscription too slow, every 5000 ms, and 100 is the most that the line can take$/,
    ],
  ])("a server that %s is polled, and it is told why", async (_, floorMs, as, code, text) => {
    const plc = await startPlc(floorMs, as);
    const { driver, presses, isSaid } = openSorter(plc.server.endpointUrl());
    await untilReal(isSaid(code), code, 15_000);
    expect(deviceReasonLogText(driver.health().reason!)).toMatch(text);
    const counts = await press(plc, 40);
    await untilReal(() => presses().length >= counts.length, "all of them");
    expect(presses()).toEqual(counts);
    expect(driver.health().counters["reconnectsTotal"]).toBe(0);
  });

  test("each session has a subscription of its own, whatever became of the last one", async () => {
    const plc = await startPlc(100);
    const { driver, isSaid } = openSorter(plc.server.endpointUrl());
    await untilReal(isSaid("grantedLess"), "the first", 15_000);
    await plc.server.stop();
    await plc.server.start({ watchedMax: 1 });
    await untilReal(isSaid("subscriptionRefused"), "a session without", 30_000);
    await untilReal(() => plc.server.watchedTotal() === 0, "nothing is watched by halves");
    await plc.server.stop();
    await plc.server.start();
    await untilReal(isSaid("grantedLess"), "the third", 30_000);
    expect(plc.server.watchedTotal()).toBe(3);
    await driver.stop();
    await untilReal(() => plc.server.watchedTotal() === 0, "nothing is left there");
  });
});
