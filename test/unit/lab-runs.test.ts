import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkS10 } from "../../protocols/barcode/s10.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { zWorldFile } from "../../simulators/config.ts";
import { defaultAlgorithm } from "../../simulators/images/algorithm.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createLabLine } from "../../simulators/site/lab-line.ts";
import { createLab } from "../../simulators/lab/lab.ts";
import { openMemoryWires } from "../../simulators/site/memory-wires.ts";
import { countRun } from "../../simulators/lab/run-number.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { defaultScenario } from "../../simulators/scenarios/options.ts";
import { createWaybills } from "../../simulators/scenarios/waybills.ts";
import { createSeededEntropy, seedOfRun } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { deafOracle } from "../../simulators/world/ports.ts";

/**
 * A further start on the same data goes on with new waybills, and one seed still gives a fresh
 * folder the same ones. The folder's count, the files for the world, a line in virtual time and
 * many runs' waybills are looked at, each by itself.
 */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-runs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder counts the starts on it, and a damaged count is refused by name", () => {
  expect([countRun(folder), countRun(folder), countRun(folder)]).toEqual([1, 2, 3]);
  writeFileSync(join(folder, "lab-runs"), "");
  expect(() => countRun(folder)).toThrow(/lab-runs does not hold .* name another --data/);
});

test("the world is told the run, beside the seed as it was given", async () => {
  const lab = { port: 0, seed: 7, speed: 1, lines: 2, officers: 0, rate: 1_200 };
  const worldOf = async (run: object): Promise<unknown> => {
    await createLab({ ...lab, ...run, dataDir: folder, pageDir: null, onLine: () => {} });
    return zWorldFile.parse(JSON.parse(readFileSync(join(folder, "world.yaml"), "utf8")));
  };
  expect(await worldOf({ run: 2 })).toMatchObject({ seed: 7, run: 2 });
  expect(await worldOf({})).toMatchObject({ seed: 7, run: 1 });
});

describe("a line's run", () => {
  const waybillsOf = (run: number | undefined): string[] => {
    const clock = createVirtualClock();
    const sent: string[] = [];
    const line = createLabLine({
      lineId: "L1",
      seed: 1,
      lineIndex: 0,
      ...(run === undefined ? {} : { run }),
      layout: defaultLayout,
      scenario: defaultScenario,
      faultPlan: {},
      worldClock: clock,
      deviceClock: clock,
      speed: 1,
      wires: openMemoryWires({ clock, lineId: "L1" }).devices,
      pictures: createPooledPictures({ widthPx: 8, heightPx: 8 }),
      algorithm: defaultAlgorithm,
      eyesight: createEyesight(),
      post: { send: ({ declaration }) => void sent.push(declaration.waybill), sendReceipt() {} },
      oracle: deafOracle,
      parcelsAhead: 50,
      settleMs: 1_000,
    });
    line.start();
    clock.runFor(5_000);
    line.world.finish();
    return sent;
  };

  test("is the same once more, and has nothing of another run's documents", () => {
    const [first, again, second] = [waybillsOf(1), waybillsOf(1), waybillsOf(2)];
    expect(first.length).toBeGreaterThan(40);
    expect(again).toEqual(first);
    expect(waybillsOf(undefined)).toEqual(first);
    expect(first.slice(0, 3)).toEqual(["YT8032515000000", "HB150000010CN", "HB150000023CN"]);
    expect(second.filter((waybill) => first.includes(waybill))).toEqual([]);
  });
});

test("no waybill comes twice on eight lines in a hundred runs, and each can be read", () => {
  const seen = new Set<string>();
  let issued = 0;
  for (let run = 1; run <= 100; run += 1) {
    for (let lineIndex = 0; lineIndex < 8; lineIndex += 1) {
      const entropy = createSeededEntropy(seedOfRun(5, run), `parcels ${lineIndex}`);
      const next = createWaybills({ seed: 5, run, lineIndex, entropy });
      for (let count = 0; count < 100; count += 1) {
        const waybill = next();
        seen.add(waybill);
        issued += 1;
        if (waybill.startsWith("H")) expect(checkS10(waybill)).toMatchObject({ kind: "valid" });
      }
    }
  }
  expect(seen.size).toBe(issued);
});
