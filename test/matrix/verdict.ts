import { allCells, type Cell } from "../contract/cells.ts";
import type { TestResult } from "../vitest-run.ts";

const suites = ["contract", "faults"] as const;
type Suite = (typeof suites)[number];

/** What became of one suite in one cell. */
export interface Outcome {
  readonly cell: Cell;
  readonly suite: Suite;
  /** Missing: not one test of it was there. Whatever neither passed nor failed was skipped. */
  readonly kind: "passed" | "failed" | "skipped" | "missing";
  readonly passed: number;
  /** Titles of those that did not pass. */
  readonly others: readonly string[];
}

/** Both suites of every cell, in the table's order, by the results of tests of any kind. */
export function outcomesOf(results: readonly TestResult[]): readonly Outcome[] {
  return allCells.flatMap((cell) =>
    suites.map((suite) => {
      const own = results.filter(
        ({ meta }) => meta?.cell === cell.id && (meta.suite ?? "contract") === suite,
      );
      return outcomeOf(cell, suite, own);
    }),
  );
}

function outcomeOf(cell: Cell, suite: Suite, results: readonly TestResult[]): Outcome {
  const passed = results.filter(({ status }) => status === "passed").length;
  const failed = results.filter(({ status }) => status === "failed");
  const others = failed.length > 0 ? failed : results.filter(({ status }) => status !== "passed");
  const kind =
    results.length === 0
      ? "missing"
      : failed.length > 0
        ? "failed"
        : others.length > 0
          ? "skipped"
          : "passed";
  return { cell, suite, kind, passed, others: others.map(({ fullName }) => fullName) };
}

/** A sentence for each suite that has not passed. */
export const troubleIn = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes
    .filter(({ kind }) => kind !== "passed")
    .map(({ cell, suite, kind, others }) =>
      [`matrix: ${cell.id}: ${suite} ${kind}`, ...others.slice(0, 1)].join(": "),
    );

/** The table for people, and below it how many suites there are of each kind. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = allCells.map((cell) => [
    cell.machine,
    cell.form,
    cell.wire,
    ...outcomes.filter((outcome) => outcome.cell === cell).map(told),
  ]);
  const all = [["machine", "form", "wire", ...suites], ...rows];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const lines = all.map((row) =>
    row.map((text, column) => text.padEnd(widths?.[column] ?? 0)).join("  "),
  );
  const passed = outcomes.filter(({ kind }) => kind === "passed").length;
  const total = `matrix: ${allCells.length} cells, ${passed} of ${outcomes.length} suites passed`;
  return [...lines.map((line) => line.trimEnd()), total].join("\n");
}

function told({ kind, passed, others }: Outcome): string {
  switch (kind) {
    case "passed":
      return `${passed} passed`;
    case "failed":
    case "skipped":
      return `${others.length} ${kind.toUpperCase()}`;
    case "missing":
      return "MISSING";
  }
}
