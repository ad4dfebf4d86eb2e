import type { FactOf } from "../../protocols/facts.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import { createToldRecords, type ToldRecords } from "../kit/told-records.ts";
import { answerIn, type LoggedStep } from "./journal-log.ts";

/**
 * Is each green of a journal borne out by what had come in before it? Written from law 1,
 * over the journalled inputs alone, without a look at how the agent decides: one read, a claim
 * granted to this pass, a record that allows release under a running lease, and an image of this
 * pass with a clear verdict.
 */
export function unfoundedGreens(steps: readonly LoggedStep[]): string[] {
  const found: string[] = [];
  let run = newRun(-1);
  for (const step of steps) {
    if (step.run !== run.number) run = newRun(step.run);
    if (step.machine === "clearance") {
      const { event } = step;
      if (event.kind === "clearance") run.told.learn(event.message, event.at);
      else run.told.breakTime(event.at);
      continue;
    }
    learn(run, step.event);
    for (const fact of step.facts) {
      if (fact.kind === "inducted") run.inducted.add(fact.passId);
      if (fact.kind === "identified") run.identified.set(fact.passId, fact.waybill);
      if (fact.kind === "decided" && fact.exit === "green") {
        run.green.add(fact.passId);
        const lacks = lacking(run, fact, step.event);
        if (lacks.length > 0) found.push(`record ${step.seq}, ${fact.passId}: ${lacks.join(", ")}`);
      }
      if (fact.kind === "left" && fact.exit === "green" && !run.green.has(fact.passId)) {
        found.push(`record ${step.seq}, ${fact.passId}: in green, never decided so`);
      }
    }
  }
  return found;
}

/** What the inputs since one start of the agent say. */
interface Run {
  readonly number: number;
  readonly reads: Set<string>;
  readonly inducted: Set<string>;
  readonly identified: Map<string, string>;
  readonly claims: Set<string>;
  readonly images: Set<string>;
  readonly clear: Set<string>;
  readonly green: Set<string>;
  /** Passes that were on a belt when time broke there. */
  readonly outOfTime: Set<string>;
  readonly told: ToldRecords;
}

const newRun = (number: number): Run => ({
  number,
  reads: new Set(),
  inducted: new Set(),
  identified: new Map(),
  claims: new Set(),
  images: new Set(),
  clear: new Set(),
  green: new Set(),
  outOfTime: new Set(),
  told: createToldRecords(),
});

const key = (...parts: readonly string[]): string => parts.join(" ");

function learn(run: Run, event: LineEvent): void {
  // A standstill of the program alone costs only those at the readers.
  if (event.kind === "timeBreak" && event.why !== "stalled") {
    for (const passId of run.inducted) run.outOfTime.add(passId);
  } else if (event.kind === "read") {
    for (const { text } of event.codes) run.reads.add(text);
  } else if (event.kind === "answerTold" || event.kind === "claimAnswer") {
    if (event.kind === "answerTold") run.told.learn(event.message, event.at);
    const { passId, waybill, granted } = answerIn(event);
    if (granted) run.claims.add(key(passId, waybill));
  } else if (event.kind === "xrayImage" && event.passId !== null) {
    run.images.add(key(event.passId, event.imageHash));
  } else if (event.kind === "xrayVerdict") {
    const { passId, imageHash, verdict } = event.verdict;
    if (passId !== null && verdict === "clear") run.clear.add(key(passId, imageHash));
  } else if (event.kind === "officerVerdict") {
    const { passId, imageHash, decision } = event.verdict;
    if (decision === "release") run.clear.add(key(passId, imageHash));
  }
}

/** Belongs to a green decision and is not there. */
function lacking(run: Run, fact: FactOf<"decided">, event: LineEvent): string[] {
  const { passId, waybill, imageHash, recordVersion, reasons } = fact;
  const record = waybill === null ? null : run.told.recordOf(passId, waybill);
  const isImageNeeded =
    record === null ||
    record.machineInspectionRequired ||
    record.standing === "releasableIfMachinePassOk";
  const demands: readonly (readonly [what: string, isThere: boolean])[] = [
    ["induction in this run", run.inducted.has(passId)],
    ["no open reason", reasons.length === 0],
    ["time that passed as it was told", !run.outOfTime.has(passId)],
    ["a waybill", waybill !== null && run.identified.get(passId) === waybill],
    ["a read of it", waybill !== null && run.reads.has(waybill)],
    ["its claim", waybill !== null && run.claims.has(key(passId, waybill))],
    ["a record that allows release", record !== null && record.standing !== "notReleasable"],
    ["that version of the record", record?.version === recordVersion],
    ["a running lease", run.told.isLeased(event.at)],
    ["an image", !isImageNeeded || (imageHash !== null && run.images.has(key(passId, imageHash)))],
    [
      "a clear verdict",
      !isImageNeeded || (imageHash !== null && run.clear.has(key(passId, imageHash))),
    ],
  ];
  return demands.flatMap(([what, isThere]) => (isThere ? [] : [what]));
}
