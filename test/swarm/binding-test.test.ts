/**
 * Goal: the binding test, as an integrator runs it on a whole line, proves the lab's reader and
 * refuses one that deceives; and what such a reader does to a line that trusts it is known. Method:
 * whole lines in virtual time whose reader answers late or one trigger behind, judged by their
 * journals' entries and by the labels in the order of the belt.
 */
import { describe, expect, it } from "vitest";
import { createBindingListener } from "../../edge/audit/binding-command.ts";
import { judgeBinding } from "../../edge/audit/binding-test/judge.ts";
import type { BindingVerdict } from "../../edge/audit/binding-test/verdict.ts";
import { readerNatures } from "../../simulators/faults/plan.ts";
import type { ScannerFaults } from "../../simulators/devices/scanner.ts";
import type { SwarmBinding } from "./bindings.ts";
import { drawRun, quietRun, stormRun } from "./options.ts";
import { runSeed } from "./run.ts";
import { runTestParcels } from "./test-parcels.ts";

const timeout = 240_000;
/** Long enough for the token of the next parcel, and for the parcel to be past the reader. */
const lateMs = 4_000;

async function testOf(
  binding: SwarmBinding,
  setUp: Partial<ScannerFaults>,
  always: Partial<ScannerFaults> = {},
): Promise<BindingVerdict> {
  const { entries, labels } = await runTestParcels({ binding, setUp, always });
  const listener = createBindingListener("L1-scanner", 0);
  for (const [index, entry] of entries.entries()) {
    listener.take({ seq: index + 1, body: JSON.stringify(entry) });
  }
  const found = listener.found();
  if (found?.kind !== "record") throw new Error(found?.why ?? "nothing found");
  return judgeBinding(found.record, labels);
}

const late = { answersLateMs: lateMs };

describe("law 16: the binding test on a whole line", () => {
  it.each([
    ["echo", {}],
    ["counter", { isSilentOnNoRead: true }],
    ["ticks", {}],
    ["pulse", {}],
  ] as const)(
    "proves the lab's reader when it answers late: %s",
    { timeout },
    async (binding, always) => {
      expect(await testOf(binding, late, always)).toMatchObject({ kind: "proven" });
    },
  );

  it("proves a reader that lags and latches all the same", { timeout }, async () => {
    expect(await testOf("echo", { lag: "silenceFirst" })).toMatchObject({ kind: "proven" });
  });

  it("shows nothing while each answer comes at once", { timeout }, async () => {
    expect(await testOf("echo", {})).toMatchObject({ kind: "unproven" });
  });

  it.each([
    ["scannerEchoesLatest, answering late", "echo", { ...late, echoesLatest: true }],
    ["scannerEchoesLatest, one behind", "echo", { lag: "silenceFirst", echoesLatest: true }],
    ["counterAtOutput, one behind", "counter", { lag: "noReadFirst", countsOutputs: true }],
  ] as const)("refuses %s", { timeout }, async (_what, binding, setUp) => {
    expect(await testOf(binding, setUp)).toMatchObject({ kind: "refused" });
  });
});

/** Nothing else goes wrong, and no scale is there that might notice. */
const deceived = (nature: (typeof readerNatures)[number], binding: SwarmBinding) => ({
  ...quietRun(5, 240),
  faultPlan: stormRun(5, 240, [nature]).faultPlan,
  hasScale: false,
  binding,
});

describe("law 16: a reader that fails its binding test", () => {
  it.each([
    ["scannerEchoesLatest", "echo"],
    ["counterAtOutput", "counter"],
  ] as const)("%s deceives a line that trusts it: %s", { timeout }, async (nature, binding) => {
    const { wrongCommands } = await runSeed(deceived(nature, binding));
    expect(wrongCommands.join("\n")).toContain("anothersLabel");
  });

  it("is drawn by no plan in passing, and is a seed's own fault in its turn", () => {
    const plans = Array.from({ length: 400 }, (_, seed) => drawRun(seed, 1));
    const withNature = plans.filter(({ faultPlan }) =>
      readerNatures.some((nature) => faultPlan[nature] !== undefined),
    );
    expect(withNature.length).toBeGreaterThan(4);
    expect(withNature.length).toBeLessThan(40);
    expect(new Set(withNature.map(({ binding }) => binding))).toEqual(new Set(["none"]));
  });
});
