import type { Exit } from "../../protocols/sorting.ts";
import type { PlannedParcel } from "../../simulators/scenarios/parcel-stream.ts";
import type { BodyRecord } from "./truth.ts";

/** What came, what befell it, and how it ended: counted as the run goes. */
export interface Tally {
  ended: number;
  readonly exits: Record<string, number>;
  /** Whatever else is wrong with the run, in words. */
  readonly broken: string[];
  readonly releasable: { total: number; green: number };
  readonly licence: { total: number; red: number };
  readonly faults: Record<string, number>;
  readonly scenes: Record<string, number>;
  scene(name: string): void;
  comes(parcel: PlannedParcel): void;
  fired(fault: string): void;
  ends(body: BodyRecord, exitByPapers: Exit): void;
}

export function createTally(): Tally {
  const add = (to: Record<string, number>, name: string): void => {
    to[name] = (to[name] ?? 0) + 1;
  };
  const tally: Tally = {
    ended: 0,
    exits: { green: 0, red: 0, inspection: 0, removedByHand: 0, stillOnBelt: 0 },
    broken: [],
    releasable: { total: 0, green: 0 },
    licence: { total: 0, red: 0 },
    faults: {},
    scenes: {},
    scene: (name) => add(tally.scenes, name),
    comes: (parcel) => {
      for (const scene of scenesOf(parcel)) tally.scene(scene);
    },
    fired: (fault) => add(tally.faults, fault),
    ends: ({ end }, exitByPapers) => {
      tally.ended += 1;
      if (end === null) return;
      add(tally.exits, end.kind === "exit" ? end.exit : end.kind);
      if (end.kind !== "exit") return;
      if (exitByPapers === "green") {
        tally.releasable.total += 1;
        if (end.exit === "green") tally.releasable.green += 1;
      } else if (exitByPapers === "red") {
        tally.licence.total += 1;
        if (end.exit === "red") tally.licence.red += 1;
      }
    },
  };
  return tally;
}

/** What is odd about a parcel's papers, labels or contents. */
function scenesOf({ physical, documents, hidden, isWeightWrong }: PlannedParcel): string[] {
  const scenes: string[] = [];
  if (hidden !== null) scenes.push("hiddenContraband");
  if (isWeightWrong) scenes.push("weightWrong");
  if (physical.labels.length === 0) scenes.push("labelUnreadable");
  if (physical.labels.length > 1) scenes.push("doubleLabel");
  if (documents === null) return [...scenes, "documentsMissing"];
  const { declaration, contradiction, lateS, isAccepted, receipt } = documents;
  const [label] = physical.labels;
  if (physical.labels.length === 1 && label !== declaration.waybill) {
    scenes.push("duplicateWaybill");
  }
  if (contradiction !== null) scenes.push("contradiction");
  if (lateS !== null) scenes.push("documentsLate");
  if (!isAccepted) scenes.push("acceptanceMissing");
  if (receipt !== null) scenes.push(receipt.status === 500 ? "inspectionOrdered" : "unknownStatus");
  return scenes;
}
