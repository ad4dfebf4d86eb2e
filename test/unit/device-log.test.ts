// Goal: a newcomer's first start is quiet where nothing is wrong, and a device that stays silent is
// told of all the same. Method: the log of devices on a virtual clock.
import { expect, test } from "vitest";
import { createDeviceLog, firstWordMs } from "../../edge/runtime/device-log.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { createCollectingLog } from "../../protocols/log.ts";
import type { HealthState } from "../../protocols/sorting.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

function rig() {
  const clock = createVirtualClock();
  const { log, lines } = createCollectingLog();
  const devices = createDeviceLog(log, clock);
  return {
    clock,
    devices,
    told: () => lines.map(({ level, message }) => `${level} ${message}`),
    tell: (state: HealthState, reason: DeviceReason | null) =>
      devices.tell("scanner", { state, reason, counters: {} }),
  };
}

const silent = deviceReason("nothingHeardOn", { address: "/dev/ttyUSB0" });

test("a device that speaks within its first ten seconds is never told as down", () => {
  const { clock, tell, told } = rig();
  tell("down", silent);
  clock.runFor(firstWordMs - 1);
  tell("receiving", null);
  clock.runFor(firstWordMs);
  expect(told()).toEqual(["info device receiving"]);
});

test("one that does not is told then, once", () => {
  const { clock, tell, told } = rig();
  tell("down", deviceReason("neverHeard"));
  tell("down", silent);
  clock.runFor(firstWordMs - 1);
  expect(told()).toEqual([]);
  clock.runFor(firstWordMs);
  expect(told()).toEqual(["warn device down"]);
});

test("what is wrong with its wire is told at once, and so is silence later on", () => {
  const early = rig();
  early.tell("down", deviceReason("cannotOpen", { address: "/dev/ttyUSB0" }));
  expect(early.told()).toEqual(["warn device down"]);
  const late = rig();
  late.clock.runFor(10 * firstWordMs);
  late.tell("down", silent);
  late.tell("receiving", null);
  late.clock.runFor(firstWordMs);
  late.tell("down", silent);
  expect(late.told()).toEqual(["info device receiving", "warn device down"]);
});

test("after the end nothing is told", () => {
  const { clock, devices, tell, told } = rig();
  tell("down", silent);
  devices.stop();
  clock.runFor(2 * firstWordMs);
  expect(told()).toEqual([]);
});
