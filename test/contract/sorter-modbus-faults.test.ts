/**
 * Goal: whatever is wrong with a controller's registers, with its answers or with what stands between
 * costs its sorter alone, is named, and gives neither an event that did not happen nor a command that
 * was not meant. Method: the simulated controller in virtual time, framed as on TCP and as on a serial
 * line, reached through the configuration schema and the factory that the agent uses.
 */
import { afterEach, describe, expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterGap, SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { DeviceHealthChanged } from "../../edge/devices/port.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { notConnected } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { noModbusFaults } from "../../simulators/devices/sorter/modbus-slave.ts";
import { attachSlave } from "../../simulators/devices/sorter/plc-modbus-server.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { plcMapModbusInput } from "../kit/plc-map-modbus.ts";
import { plcRingSize } from "../kit/plc-map.ts";
import { onlyWires } from "./device-rig.ts";
import { createPlcSlave, serialReach, tcpReach, type ModbusKind } from "./modbus-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { untilVirtual } from "./sorter-waiting.ts";

const atEnd: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

type Told = SorterEvent | SorterGap | DeviceHealthChanged;

function startLine(kind: ModbusKind, change: object = {}) {
  const clock = createVirtualClock();
  const plc = createPlcSlave(kind, clock);
  const { model, encoder } = createSorterByHand(clock, "sorter", plc.memory.wire);
  const cable = createMemoryWire({ clock, latencyMs: () => 1 });
  attachSlave(plc.slave, cable.b);
  model.powerOn();
  const open = (): { driver: SorterPort; told: Told[] } => {
    const config = zSorterConfig.parse({
      id: "L1-sorter",
      reach: kind === "tcp" ? tcpReach(502) : serialReach("/dev/ttyS0"),
      dialect: { ...plcMapModbusInput(["eye1"]), ...change },
    });
    const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
    const wires = onlyWires({ byteLink: () => cable.a });
    const driver = createSorter(config, belt, { wires, clock });
    const told: Told[] = [];
    driver.start((event) => told.push(event));
    atEnd.push(() => driver.stop());
    return { driver, told };
  };
  atEnd.push(() => model.powerOff());
  const until = untilVirtual(clock);
  return { ...plc, clock, model, encoder, cable, open, until };
}

const isReceiving = (driver: SorterPort) => () => driver.health().state === "receiving";

async function startReceiving(kind: ModbusKind, change: object = {}) {
  const line = startLine(kind, change);
  const { driver, told } = line.open();
  await line.until(isReceiving(driver), "receiving");
  return { ...line, driver, told };
}

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

const counter = (driver: SorterPort, key: string): number => driver.health().counters[key] ?? 0;
const reasonOf = (driver: SorterPort): string => driver.health().reason?.code ?? "";

describe.each(["tcp", "rtu"] as const)("a controller's registers, framed as %s", (kind) => {
  test("rule 2: registers that are not there are named by key, and nothing is sent", async () => {
    const line = startLine(kind);
    line.registers.remove("LifePlc");
    line.registers.remove("Ev.Kind");
    const { driver } = line.open();
    await line.until(() => reasonOf(driver) === "mapMisfit", "named");
    expect(driver.health()).toMatchObject({
      state: "down",
      reason: {
        detail:
          "life.fromPlc: input 4: illegal data address (exception 2); events.kind: input 200: illegal data address (exception 2)",
      },
    });
    expect(driver.send({ kind: "cancelAll" })).toEqual(notConnected);
  });

  test("rule 2: registers that go away are named, too, and found again", async () => {
    const { driver, registers, until } = await startReceiving(kind);
    registers.remove("LifePlc");
    await until(() => reasonOf(driver) === "mapMisfit", "named");
    expect(driver.health().reason?.detail).toMatch(/^life\.fromPlc: input 4: illegal data address/);
  });

  test("a controller that refuses to be read is named with its exception, and read again", async () => {
    const line = startLine(kind);
    line.slave.setFaults({ exceptions: new Map([[4, 6]]) });
    const { driver } = line.open();
    await line.until(() => reasonOf(driver) === "requestRefused", "named");
    expect(driver.health().reason?.detail).toBe("server device busy (exception 6)");
    line.slave.setFaults({ exceptions: new Map() });
    await line.until(isReceiving(driver), "receiving");
  });

  test("rule 9: another boot word is another session, in which an old command is refused", async () => {
    const { driver, told, model, until } = await startReceiving(kind);
    const sessions = () => told.filter((event) => event.kind === "session").length;
    expect(sessions()).toBe(1);
    model.powerOff();
    model.powerOn();
    driver.send(divert("old"));
    await until(() => sessions() === 2, "the new session");
    await until(() => told.some((event) => event.kind === "refused"), "the old one refused");
    expect(told.find((event) => event.kind === "refused")).toMatchObject({ why: "staleEpoch" });
  });

  test("rule 7: the controller refuses a count that is past", async () => {
    const { driver, told, encoder, memory, until } = await startReceiving(kind);
    driver.send({ kind: "induction", isPermitted: true });
    await until(() => Number(memory.read("LifePc")) > 0, "life at the controller");
    encoder.turnTo(91);
    driver.send(divert("late"));
    await until(() => told.some((event) => event.kind === "refused"), "refused");
    expect(told.find((event) => event.kind === "refused")).toMatchObject({ why: "staleCount" });
    expect(memory.read("Induct")).toBe(true);
    expect(memory.read("Ack.Code")).toBe(2);
  });

  test("rule 4: a counter of one register goes on over its wraps", async () => {
    const input = plcMapModbusInput(["eye1"]);
    const one = { type: "u16", wordOrder: undefined };
    const line = startLine(kind, {
      count: { area: "input", at: 0, type: "u16", bits: 16 },
      events: { ...input.events, count: { ...input.events.count, ...one } },
    });
    const { model, encoder, clock, until } = line;
    encoder.turnTo(65_000);
    // Until the controller has shown it.
    clock.runFor(500);
    const { driver, told } = line.open();
    await until(isReceiving(driver), "receiving");
    const edges = () => told.filter((event) => event.kind === "eye");
    const places = Array.from({ length: 12 }, (_, index) => 65_100 + index * 100);
    for (const [index, at] of places.entries()) {
      encoder.turnTo(at);
      model.eye("eye1", index % 2 === 0, at);
      clock.runFor(60);
    }
    await until(() => edges().length === places.length, "all edges");
    expect(edges().map(({ count }) => count)).toEqual(places);
    expect(counter(driver, "sessionsTotal")).toBe(1);
  });

  test("rule 5: a ring that is written faster than it is read is a gap, and goes on", async () => {
    const { told, model, until } = await startReceiving(kind);
    for (let press = 0; press < plcRingSize + 20; press += 1) model.localReset();
    await until(() => told.some((event) => event.kind === "localReset"), "the newest of them");
    const missed = told.reduce((sum, event) => sum + (event.kind === "gap" ? event.missed : 0), 0);
    const presses = told.filter((event) => event.kind === "localReset").length;
    expect(missed + presses).toBe(plcRingSize + 20);
    // An eighth of the ring counts as overwritten while it is read.
    expect(presses).toBe((plcRingSize * 7) / 8);
  });

  test("rule 8: without our life the controller rests; without its own nothing is told of it", async () => {
    const { driver, told, model, memory, clock, until } = await startReceiving(kind);
    driver.send({ kind: "induction", isPermitted: true });
    driver.send(divert("c1"));
    await until(() => told.some((event) => event.kind === "accepted"), "accepted");
    model.setFaults({ freezeEvents: true });
    await until(() => driver.health().state === "stale", "stale");
    model.setFaults({ freezeEvents: false });
    await until(isReceiving(driver), "receiving again");
    const life = memory.read("LifePc");
    await driver.stop();
    clock.runFor(2_000);
    expect(memory.read("LifePc")).toBe(life);
    const rested = memory.read("Ev.Kind");
    expect(rested).toContain(5);
  });

  test("rule 11: a variable of bad quality is named, and the sorter is silent until it is good", async () => {
    const { driver, memory, until } = await startReceiving(kind);
    memory.spoil("Enc", true);
    await until(() => driver.health().state === "stale", "stale");
    expect(driver.health().reason).toMatchObject({
      code: "badMessage",
      detail: expect.stringMatching(/^[a-z]+.*: server device failure \(exception 4\)$/),
    });
    memory.spoil("Enc", false);
    await until(isReceiving(driver), "receiving again");
  });

  test("an answer that is late is dropped and counted, and nothing is told that did not happen", async () => {
    const { driver, told, slave, model, clock, until } = await startReceiving(kind);
    const before = counter(driver, "sessionsTotal");
    model.localReset();
    await until(() => told.some((event) => event.kind === "localReset"), "before");
    slave.setFaults({ lateByMs: [400] });
    await until(() => reasonOf(driver) === "otherAnswer", "the late answer dropped");
    clock.runFor(500);
    expect(driver.health().state).toBe("receiving");
    model.localReset();
    await until(
      () => told.filter((event) => event.kind === "localReset").length === 2,
      "the next event",
    );
    clock.runFor(2_000);
    expect(told.filter((event) => event.kind === "localReset")).toHaveLength(2);
    expect(counter(driver, "sessionsTotal")).toBe(before);
    expect(counter(driver, "reconnectsTotal")).toBe(0);
  });

  test("a gateway that is one answer behind is never believed", async () => {
    const { driver, told, slave, clock, until } = await startReceiving(kind);
    slave.setFaults({ isOneBehind: true });
    await until(() => driver.health().state !== "receiving", "silent");
    const heard = told.length;
    clock.runFor(10_000);
    expect(told.slice(heard).filter((event) => event.kind !== "healthChanged")).toEqual([]);
    slave.setFaults({ isOneBehind: false });
    await until(isReceiving(driver), "receiving again", 20_000);
  });

  test("an adapter that gives back what it is sent is no controller", async () => {
    const line = startLine(kind);
    line.slave.setFaults({ isEcho: true });
    const { driver, told } = line.open();
    await line.until(() => reasonOf(driver) === "echoes", "named");
    line.clock.runFor(5_000);
    expect(told.every((event) => event.kind === "healthChanged")).toBe(true);
    expect(driver.send({ kind: "cancelAll" })).toEqual(notConnected);
    line.slave.setFaults({ isEcho: false });
    await line.until(isReceiving(driver), "receiving");
  });

  test("a write that was answered and not done is read back, and named", async () => {
    const { driver, told, slave, memory, until } = await startReceiving(kind);
    await until(() => Number(memory.read("LifePc")) > 0, "life at the controller");
    slave.setFaults({ forgetsWrites: true });
    driver.send(divert("c1"));
    await until(() => told.some((event) => event.kind === "refused"), "refused");
    expect(told.find((event) => event.kind === "refused")).toMatchObject({ why: "invalid" });
    expect(driver.health().reason).toMatchObject({
      code: "commandRefused",
      detail: expect.stringMatching(
        /^command\.op, .*, command\.boot: 1 2 100 .* was written, 0 0 /,
      ),
    });
    expect(memory.read("Cmd.Seq")).toBe(0);
  });

  test("a write that is refused is named with its exception, and no number follows it", async () => {
    const { driver, told, slave, memory, until } = await startReceiving(kind);
    slave.setFaults({ exceptions: new Map([[16, 3]]) });
    driver.send(divert("c1"));
    await until(() => told.some((event) => event.kind === "refused"), "refused");
    expect(driver.health().reason?.detail).toMatch(/command\.boot: illegal data value/);
    expect(memory.read("Cmd.Seq")).toBe(0);
  });

  test("a controller that is busy is asked again", async () => {
    const { driver, told, slave, clock, until } = await startReceiving(kind);
    slave.setFaults({ exceptions: new Map([[16, 6]]) });
    driver.send(divert("c1"));
    clock.runFor(6);
    slave.setFaults(noModbusFaults);
    const isAnswered = () =>
      told.some((event) => event.kind === "accepted" || event.kind === "refused");
    await until(isAnswered, "an answer");
  });

  test.each([
    ["in another's name", { answersAs: 18 }],
    ["not at all", { isSilent: true }],
  ])("a controller that answers %s is not there, and is looked for for ever", async (_, faults) => {
    const { driver, slave, until, clock } = await startReceiving(kind);
    slave.setFaults(faults);
    await until(() => driver.health().state === "down", "down", 8_000);
    expect(["noAnswer", "otherAnswer"]).toContain(reasonOf(driver));
    expect(driver.send({ kind: "cancelAll" })).toEqual(notConnected);
    clock.runFor(60_000);
    slave.setFaults(noModbusFaults);
    await until(isReceiving(driver), "receiving again", 10_000);
  });

  test("a cut in the middle of a command is told, and nothing is written after it", async () => {
    const { driver, told, cable, memory, encoder, until, clock } = await startReceiving(kind);
    driver.send({ kind: "induction", isPermitted: true });
    await until(() => memory.read("Induct") === true, "life at the controller");
    driver.send(divert("c1"));
    clock.runFor(1);
    cable.cut("pulled");
    clock.runFor(3_000);
    expect(memory.read("Cmd.Seq")).toBe(0);
    expect(counter(driver, "commandsFailedTotal")).toBe(1);
    cable.restore();
    await until(isReceiving(driver), "receiving again", 10_000);
    await until(() => told.some((event) => event.kind === "refused"), "told");
    expect(told.find((event) => event.kind === "refused")).toMatchObject({ why: "noAnswer" });
    encoder.turnTo(400);
    clock.runFor(2_000);
    expect(told.some((event) => event.kind === "fired")).toBe(false);
  });
});

test("a serial line whose bits turn over gives no answer, and is heard again when they do not", async () => {
  const { driver, slave, until } = await startReceiving("rtu");
  slave.setFaults({ isNoisy: true });
  await until(() => driver.health().state === "down", "down", 8_000);
  slave.setFaults({ isNoisy: false });
  await until(isReceiving(driver), "receiving again", 10_000);
});
