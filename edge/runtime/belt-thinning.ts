import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { MonotonicMs } from "../../protocols/units.ts";

export type BeltReport = Extract<SorterEvent, { kind: "belt" }>;

/** The core sees a moving belt once a second; every change of its motion at once. */
const beltReportEveryMs = 1_000;

/**
 * Which of the sorter's reports of the belt the core is shown. `isAwaited` is asked last, of a report
 * that is no news by itself: whether the core waits for its count.
 */
export function createBeltThinning(
  isAwaited: (report: BeltReport) => boolean,
): (report: BeltReport, at: MonotonicMs) => boolean {
  let last: BeltReport | null = null;
  let lastAt = 0;
  return (report, at) => {
    const isNews =
      last === null ||
      at - lastAt >= beltReportEveryMs ||
      report.epoch !== last.epoch ||
      report.isRunning !== last.isRunning ||
      report.emergencyStop !== last.emergencyStop ||
      report.speedMmPerS !== last.speedMmPerS ||
      isAwaited(report);
    if (!isNews) return false;
    last = report;
    lastAt = at;
    return true;
  };
}
