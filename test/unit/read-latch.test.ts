/**
 * Goal: simulated readers and scales latch at their triggers, and go wrong exactly as they are told.
 * Method: the latch alone, and a scale of frames on a wire in memory.
 */
import { expect, it } from "vitest";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startFrameScale } from "../../simulators/devices/frame-scale.ts";
import { labScaleFormat } from "../../simulators/devices/lab-formats.ts";
import { createReadLatch, type LatchFaults } from "../../simulators/devices/read-latch.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";

/** What two triggers, each after its own token, are answered with. */
function twoTriggers(faults: Partial<LatchFaults>) {
  const latch = createReadLatch({ ticks: () => 0 });
  latch.setFaults(faults);
  return ["0001", "0002"].flatMap((token, index) => {
    latch.takeToken(token);
    const due = latch.trigger([`label ${index + 1}`]);
    return due.map((each) => {
      const { seen, proof } = latch.answer(each);
      return `${seen.join()} ${proof.token} ${proof.counter}`;
    });
  });
}

it.each([
  ["healthy", {}, ["label 1 0001 1", "label 2 0002 2"]],
  ["one behind", { lag: "silenceFirst" }, ["label 1 0001 1"]],
  ["one behind, the newest token", { lag: "silenceFirst", echoesLatest: true }, ["label 1 0002 1"]],
  [
    "one behind, numbering its answers",
    { lag: "noReadFirst", countsOutputs: true },
    [" 0001 1", "label 1 0001 2"],
  ],
  ["the newest token, and prompt", { echoesLatest: true }, ["label 1 0001 1", "label 2 0002 2"]],
] as const)("a reader that is %s", (_what, faults, answers) => {
  expect(twoTriggers(faults)).toEqual(answers);
});

it("a scale that falls silent for a while goes on lagging", () => {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 64 });
  let said = "";
  wire.a.open({
    onOpen() {},
    onBytes: (chunk) => {
      said += String.fromCharCode(...chunk);
    },
    onClose() {},
  });
  const scale = startFrameScale({
    link: wire.b,
    clock,
    format: { ...labScaleFormat, heartbeat: null },
  });
  const settle = (weightG: number): string => {
    said = "";
    scale.settled(weightG);
    clock.runFor(100);
    return said.replace(/[^0-9]/g, "");
  };
  clock.runFor(100);
  scale.setFaults({ lag: "silenceFirst" });
  expect([settle(100), settle(200)]).toEqual(["", "100"]);
  scale.setFaults({ isSilent: true });
  expect(settle(300)).toBe("");
  scale.setFaults({ isSilent: false });
  expect(settle(400)).toBe("200");
  scale.setFaults({ lag: null });
  expect(settle(500)).toBe("500");
});
