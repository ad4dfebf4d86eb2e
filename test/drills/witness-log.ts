import { readFileSync } from "node:fs";
import type { WitnessRecord } from "../../simulators/site/witness.ts";
import type { Exit } from "../../protocols/sorting.ts";

/** One body's journey, as the world knows it. */
export interface Journey {
  readonly truthId: string;
  readonly lineId: string;
  readonly labels: readonly string[];
  readonly inductedAt: number;
  /** Null while it is on the belt. */
  end: { readonly at: number; readonly exit: Exit | null } | null;
}

/** What became of one command at the sorter, and when. */
export interface SorterAnswer {
  readonly lineId: string;
  readonly commandId: string;
  readonly at: number;
}

export interface WitnessLog {
  readonly journeys: readonly Journey[];
  readonly accepted: readonly SorterAnswer[];
  readonly fired: readonly SorterAnswer[];
}

/** Everything that the world has written down so far. */
export function readWitness(file: string): WitnessLog {
  const text = readFileSync(file, "utf8");
  // What the world is just writing is not a line yet.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const journeys = new Map<string, Journey>();
  // A repeat is answered with what became of the command before, so only first answers count.
  const accepted = new Map<string, SorterAnswer>();
  const fired = new Map<string, SorterAnswer>();
  for (const line of lines) {
    if (line === "") continue;
    const record = JSON.parse(line) as WitnessRecord;
    const { at, lineId } = record;
    if (record.kind === "inducted") {
      const { truthId, labels } = record;
      journeys.set(truthId, { truthId, lineId, labels, inductedAt: at, end: null });
    } else if (record.kind === "ended") {
      const journey = journeys.get(record.truthId);
      if (journey !== undefined) journey.end = { at, exit: record.exit };
    } else {
      const { kind, commandId } = record.event;
      const answers = kind === "accepted" ? accepted : kind === "fired" ? fired : null;
      if (answers?.has(commandId) === false) answers.set(commandId, { lineId, commandId, at });
    }
  }
  return {
    journeys: [...journeys.values()],
    accepted: [...accepted.values()],
    fired: [...fired.values()],
  };
}

/** Who was on this line's belt at that time. */
export const onBeltAt = (witness: WitnessLog, lineId: string, at: number): readonly Journey[] =>
  witness.journeys.filter(
    (journey) =>
      journey.lineId === lineId &&
      journey.inductedAt <= at &&
      (journey.end === null || journey.end.at > at),
  );
