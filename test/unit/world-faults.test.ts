/**
 * Goal: faults are drawn in two levels, fire at their rate, end, and can be healed; configuration
 * of the lab is refused by name. Method: plans and switches are driven in virtual time.
 */
import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { zWorldFile } from "../../simulators/config.ts";
import { createLineFaults } from "../../simulators/faults/faults.ts";
import { drawFaultPlan, faultNames, readerNatures } from "../../simulators/faults/plan.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout, explainLayout } from "../../simulators/world/layout.ts";

describe("a fault plan", () => {
  test("switches each fault on for a share of the runs, and all or none at the ends", () => {
    const plans = Array.from({ length: 300 }, (_, seed) =>
      drawFaultPlan(createSeededEntropy(seed, "plan"), 0.3),
    );
    // What a reader is by nature comes only where somebody asks for it.
    const drawn = faultNames.filter((name) => !readerNatures.some((each) => each === name));
    expect(plans.filter((plan) => readerNatures.some((name) => name in plan))).toEqual([]);
    for (const name of drawn) {
      const on = plans.filter((plan) => name in plan).length / plans.length;
      expect(on, name).toBeGreaterThan(0.18);
      expect(on, name).toBeLessThan(0.42);
    }
    expect(drawFaultPlan(createSeededEntropy(1, "plan"), 0)).toEqual({});
    expect(Object.keys(drawFaultPlan(createSeededEntropy(1, "plan"), 1))).toHaveLength(
      drawn.length,
    );
  });
});

describe("the faults of a line", () => {
  const create = (plan: Parameters<typeof createLineFaults>[0]["plan"]) => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    const toggles: [boolean, number][] = [];
    const faults = createLineFaults({
      clock,
      entropy: createSeededEntropy(1, "faults"),
      plan,
      onFired: (name) => fired.push(name),
    });
    faults.start({ beltStopped: (isOn) => toggles.push([isOn, clock.monotonic()]) });
    return { clock, faults, fired, toggles };
  };

  test("of the world fire at their rate and never when not planned", () => {
    const { faults } = create({ scanLost: 0.1 });
    let hits = 0;
    for (let index = 0; index < 10_000; index += 1) if (faults.fires("scanLost")) hits += 1;
    expect(hits).toBeGreaterThan(850);
    expect(hits).toBeLessThan(1_150);
    expect(faults.fires("eyeBounce")).toBe(false);
  });

  test("in time begin and end, one after the other", () => {
    const { clock, toggles } = create({ beltStopped: 0.5 });
    clock.runFor(3_600_000);
    expect(toggles.length).toBeGreaterThan(30);
    toggles.forEach(([isOn], index) => expect(isOn).toBe(index % 2 === 0));
    for (let index = 1; index < toggles.length; index += 2) {
      const lastedMs = toggles[index]![1] - toggles[index - 1]![1];
      expect(lastedMs).toBeGreaterThanOrEqual(2_000);
      expect(lastedMs).toBeLessThanOrEqual(45_000);
    }
  });

  test("healed are mended at once and never come back", () => {
    const { clock, faults, toggles } = create({ beltStopped: 1, scanLost: 1 });
    clock.runFor(60_001);
    expect(faults.broken()).toEqual(["beltStopped"]);
    faults.heal();
    expect(toggles.at(-1)).toEqual([false, 60_001]);
    const before = toggles.length;
    clock.runFor(3_600_000);
    expect(toggles).toHaveLength(before);
    expect(faults.fires("scanLost")).toBe(false);
  });

  test("by hand last as long as asked, longer if asked again, and need a switch", () => {
    const { clock, faults, toggles } = create({});
    expect(faults.breakable()).toEqual(["beltStopped"]);
    expect(faults.breakFor("scannerSilent", 1_000)).toBe(false);
    expect(faults.breakFor("beltStopped", 10_000)).toBe(true);
    clock.runFor(5_000);
    expect(faults.breakFor("beltStopped", 10_000)).toBe(true);
    clock.runFor(9_999);
    expect(toggles).toEqual([[true, 0]]);
    clock.runFor(1);
    expect(toggles).toEqual([
      [true, 0],
      [false, 15_000],
    ]);
  });
});

describe("the world's configuration", () => {
  const line = {
    id: "L1",
    scannerPath: "dev/scanner",
    scalePath: "dev/scale",
    xrayBase: "lab/L1/xray",
    sorterId: "L1-sorter",
  };
  const file = {
    seed: 1,
    centreUrl: "http://127.0.0.1:8080",
    brokerUrl: "mqtt://127.0.0.1:1883",
    certificatesDir: "pki",
    lines: [line],
  };
  const refusals = (given: unknown): string[] => {
    const parsed = zWorldFile.safeParse(given);
    if (parsed.success) return [];
    return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  };

  test("needs little, and takes the default line for the rest", () => {
    const parsed = zWorldFile.parse(file);
    expect(parsed.lines[0]?.layout).toEqual(defaultLayout);
    expect(parsed.lines[0]?.scenario.parcelsPerHour).toBe(1_200);
  });

  test.each([
    [{ ...file, sped: 2 }, "sped"],
    [{ ...file, speed: 0.24 }, "speed"],
    [{ ...file, speed: 4.01 }, "speed"],
    [{ ...file, lines: [line, line] }, "lines: line ids are unique"],
    [{ ...file, lines: [{ ...line, faults: { scannerLost: 1 } }] }, "lines.0.faults"],
    [{ ...file, lines: [{ ...line, scenario: { licence: 2 } }] }, "lines.0.scenario.licence"],
    [{ ...file, sorters: "mqtt" }, "sorterBase"],
  ])("refuses %j by name", (given, words) => {
    expect(refusals(given).join("\n")).toContain(words);
  });

  test("takes the ends of the speed's range", () => {
    expect(refusals({ ...file, speed: 0.25 })).toEqual([]);
    expect(refusals({ ...file, speed: 4 })).toEqual([]);
  });

  test("explains a layout that cannot work", () => {
    const [first, ...others] = defaultLayout.eyes;
    expect(explainLayout(defaultLayout)).toBeNull();
    expect(explainLayout({ ...defaultLayout, eyes: others })).toContain("eyes[0]");
    expect(explainLayout({ ...defaultLayout, eyes: [first!, ...others.toReversed()] })).toContain(
      "belt order",
    );
    expect(explainLayout({ ...defaultLayout, endExit: "red" })).toContain("one way");
    const late = defaultLayout.diverters.map((each) => ({ ...each, mouthMm: 33_100 }));
    expect(explainLayout({ ...defaultLayout, diverters: late })).toContain("mouthMm");
  });
});
