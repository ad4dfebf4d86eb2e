import { describe, type TaskMeta } from "vitest";
import type { CellId } from "./cells.ts";

declare module "vitest" {
  interface TaskMeta {
    /** The cell of the matrix that a test is of; its suites hand it down to their tests. */
    readonly cell?: CellId;
    /** Of the contract, where nothing is said. */
    readonly suite?: "faults";
  }
}

/** For a test, or a suite of them, of what is wrong with the machine or with its wire. */
export const withFault = { meta: { suite: "faults" } } as const;

/** Where suites run: on a real wire, in a cell of the matrix; or in memory, in none. */
export interface InCell {
  readonly cell: CellId | null;
}

export const inCell = ({ cell }: InCell): { readonly meta: Partial<TaskMeta> } => ({
  meta: cell === null ? {} : { cell },
});

/** The same suite on each of these; the title may name what they have, as in `$wire`. */
export function describeRigs<Rig extends InCell>(
  title: string,
  rigs: readonly Rig[],
  suite: (rig: Rig) => void,
): void {
  for (const rig of rigs) describe.each([rig])(title, inCell(rig), suite);
}

/** The same, and all of it is about faults. */
export const describeFaults: typeof describeRigs = (title, rigs, suite) => {
  for (const rig of rigs) {
    describe.each([rig])(title, { meta: { ...inCell(rig).meta, ...withFault.meta } }, suite);
  }
};
