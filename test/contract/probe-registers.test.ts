/**
 * Goal: whoever wires a controller with registers hears from `npm run probe` where each variable is and
 * what it shows, and what may be wrong; of 32 bits both readings, since nothing on the wire says which
 * register comes first. Method: the simulated controller in virtual time, on a cable in memory, set up
 * wrongly in one way each.
 */
import { expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { DriverDeps } from "../../edge/devices/wires/wires.ts";
import { probe } from "../../edge/probe/probe.ts";
import { voices, type Language } from "../../protocols/words/words.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { ModbusFaults } from "../../simulators/devices/sorter/modbus-slave.ts";
import { attachSlave } from "../../simulators/devices/sorter/plc-modbus-server.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { plcMapModbusInput } from "../kit/plc-map-modbus.ts";
import { onlyWires } from "./device-rig.ts";
import { createPlcSlave, tcpReach } from "./modbus-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";

interface Wrong {
  /** In the agent's map. */
  readonly change?: object;
  readonly faults?: Partial<ModbusFaults>;
  /** The controller's program stands. */
  readonly isHalted?: boolean;
  readonly language?: Language;
}

const seconds = 3;
const countsPerStep = 100;
const stepMs = 100;

/** Three seconds of a belt that runs. */
async function probed({ change = {}, faults = {}, isHalted = false, language = "en" }: Wrong) {
  const clock = createVirtualClock();
  const { memory, slave } = createPlcSlave("tcp", clock);
  const { model, encoder } = createSorterByHand(clock, "sorter", memory.wire);
  const cable = createMemoryWire({ clock, latencyMs: () => 1 });
  attachSlave(slave, cable.b);
  slave.setFaults(faults);
  if (!isHalted) model.powerOn();
  encoder.turnTo(132_515);
  // Until the controller has shown it.
  clock.runFor(500);
  const config = zSorterConfig.parse({
    id: "L1-sorter",
    reach: tcpReach(502),
    dialect: { ...plcMapModbusInput(["eye1"]), ...change },
  });
  const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
  const lines: string[] = [];
  const ending = probe({
    device: {
      kind: "sorter",
      config,
      open: (deps: DriverDeps) => createSorter(config, belt, deps),
    },
    wires: onlyWires({ byteLink: () => cable.a }),
    clock,
    seconds,
    voice: voices[language],
    out: (line) => lines.push(line),
    enough: new Promise(() => {}),
  });
  for (let atMs = 0; atMs < seconds * 1_000; atMs += stepMs) {
    encoder.turnTo(encoder.count() + countsPerStep);
    clock.runFor(stepMs);
  }
  const isInOrder = await ending;
  model.powerOff();
  const hints = lines.filter((line) => line.startsWith("- ")).map((line) => line.slice(2));
  return { isInOrder, hints, lines, text: lines.join("\n") };
}

test("registers in order: where each is, what it shows, and both readings of 32 bits", async () => {
  const { isInOrder, hints, text } = await probed({});
  expect(text).toContain(
    "@ count: input 0 to 1, u32 lowFirst = 132515, the other way round 94568450",
  );
  expect(text).toContain("@ chutes.green.full: input 7 bit 0, bool = false");
  expect(text).toContain("@ events.kind: input 200 to 452 by 4, u16 = [0,");
  expect(text).toMatch(/@ command\.fireAt: holding 102 to 103, u32 lowFirst$/m);
  expect(text).toMatch(/> life\.toPlc = 1$/m);
  expect({ isInOrder, hints }).toEqual({ isInOrder: true, hints: [] });
});

test("bytes are shown until they are understood, and not each poll's", async () => {
  const { lines } = await probed({});
  const ofBytes = lines.findLastIndex((line) => /[<>] (?:[0-9a-f]{2} ){8}/.test(line));
  const found = lines.findIndex((line) => line.includes("@ count: "));
  expect(ofBytes).toBeGreaterThan(0);
  expect(ofBytes).toBeLessThan(found);
});

const count = { area: "input", at: 0, type: "u32", wordOrder: "highFirst", bits: 32 };
const life = {
  fromPlc: { area: "input", at: 9_000, type: "u16" },
  toPlc: { area: "holding", at: 112, type: "i16" },
};

test.each<[string, Wrong, RegExp]>([
  ["the other register comes first", { change: { count } }, /^count: it changes by nothing but/],
  [
    "another unit answers",
    { change: { unitId: 3 } },
    /^Connected and asked, and not one byte came/,
  ],
  [
    "a register is not there",
    { change: { life } },
    /^What the server has is not what the map says: life\.fromPlc: input 9000: illegal data address/,
  ],
  ["its program stands", { isHalted: true }, /^life\.fromPlc was 0 all the time/],
])("%s, and no other hint", async (_, wrong, hint) => {
  const { hints, isInOrder } = await probed(wrong);
  expect(hints).toEqual([expect.stringMatching(hint)]);
  expect(isInOrder).toBe(false);
});

test("in Chinese", async () => {
  const { hints } = await probed({ change: { count }, language: "zh-CN" });
  expect(hints).toEqual([expect.stringMatching(/^count：其变化总是 65,536 的整数倍/)]);
});
