import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { ScannerFaults } from "../../simulators/devices/scanner.ts";
import type { SwarmBinding } from "./bindings.ts";
import { quietRun } from "./options.ts";
import { startRun } from "./run.ts";

export interface TestParcels {
  /** What the line's journal holds of it. */
  readonly entries: readonly JournalEntry[];
  /** In the order in which they came onto the belt; null for a blank. */
  readonly labels: readonly (string | null)[];
}

const rounds = 4;
const promptMs = 40_000;
const setUpMs = 20_000;

/**
 * Test parcels of a reader (law 16) on a whole line in virtual time, nearly a third of them without
 * a label; the reader is prompt and set up for the test by turns.
 */
export async function runTestParcels(test: {
  readonly binding: SwarmBinding;
  readonly setUp: Partial<ScannerFaults>;
  readonly always: Partial<ScannerFaults>;
}): Promise<TestParcels> {
  const entries: JournalEntry[] = [];
  const labels: (string | null)[] = [];
  const quiet = quietRun(5, 500);
  const scenario = { ...quiet.scenario, labelUnreadable: 0.3, parcelsPerHour: 1_500 };
  const run = await startRun(
    { ...quiet, binding: test.binding, scenario },
    {
      onEntry: (entry) => entries.push(entry),
      onInducted: ([label]) => labels.push(label ?? null),
    },
  );
  const { scanner } = run.line.world.devices;
  scanner.setFaults(test.always);
  for (let round = 0; round < rounds; round += 1) {
    await run.site.runFor(promptMs);
    scanner.setFaults(test.setUp);
    await run.site.runFor(setUpMs);
    scanner.setFaults({ answersLateMs: 0, lag: null });
  }
  return { entries, labels };
}
