import type { Exit } from "../../../protocols/sorting.ts";

/** What can be wrong with a sorter I/O controller. All off by default; combined at will. */
export interface SorterFaults {
  /** Commands other than `life` vanish although the device looks healthy. */
  readonly dropCommand: boolean;
  /** `fired` is never said; the diverter does move. */
  readonly dropConfirm: boolean;
  /** Every event is sent twice, with one number. */
  readonly duplicateEvent: boolean;
  /** Connected, but silent: events are numbered and never sent. */
  readonly freezeEvents: boolean;
  /** Eyes that hang, and the level they hang at (true: blocked). */
  readonly stuckEye: Readonly<Record<string, boolean>>;
  /** Eyes whose edges are seen three times. */
  readonly bouncingEye: readonly string[];
  /** Diverters that get their signal, and are confirmed, but do not move. */
  readonly deadDiverter: readonly Exit[];
  /** Share of the belt's movement that the encoder does not see, 0 to 1. */
  readonly slipEncoder: number;
}

export const noFaults: SorterFaults = {
  dropCommand: false,
  dropConfirm: false,
  duplicateEvent: false,
  freezeEvents: false,
  stuckEye: {},
  bouncingEye: [],
  deadDiverter: [],
  slipEncoder: 0,
};
