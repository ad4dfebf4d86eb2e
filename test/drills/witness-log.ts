import { readFileSync } from "node:fs";
import type { WitnessRecord } from "../../simulators/lab/witness.ts";
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
  const accepted: SorterAnswer[] = [];
  const fired: SorterAnswer[] = [];
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
      const answer = { lineId, commandId: record.event.commandId, at };
      if (record.event.kind === "accepted") accepted.push(answer);
      if (record.event.kind === "fired") fired.push(answer);
    }
  }
  return { journeys: [...journeys.values()], accepted, fired };
}

/** Who was on this line's belt at that time. */
export const onBeltAt = (witness: WitnessLog, lineId: string, at: number): readonly Journey[] =>
  witness.journeys.filter(
    (journey) =>
      journey.lineId === lineId &&
      journey.inductedAt <= at &&
      (journey.end === null || journey.end.at > at),
  );
