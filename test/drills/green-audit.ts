import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { FactOf } from "../../protocols/facts.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import type { LoggedStep } from "./journal-log.ts";

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
      if (event.kind === "clearance") learnClearance(run, event.message, event.at);
      else run.leaseEndsAt = Number.NEGATIVE_INFINITY;
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
  stream: string | null;
  /** By pass and waybill. */
  records: Map<string, ClearanceRecord | null>;
  incoming: Map<string, ClearanceRecord | null>;
  leaseEndsAt: number;
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
  stream: null,
  records: new Map(),
  incoming: new Map(),
  leaseEndsAt: Number.NEGATIVE_INFINITY,
});

const key = (...parts: readonly string[]): string => parts.join(" ");

function learn(run: Run, event: LineEvent): void {
  // A standstill of the program alone costs only those at the readers.
  if (event.kind === "timeBreak" && event.why !== "stalled") {
    for (const passId of run.inducted) run.outOfTime.add(passId);
  } else if (event.kind === "read") {
    for (const { text } of event.codes) run.reads.add(text);
  } else if (event.kind === "claimAnswer") {
    const { passId, waybill, granted } = event.answer;
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

/** The stream is in order here: a gap shows as a snapshot, and until its end nothing is leased. */
function learnClearance(run: Run, message: ClearanceMessage, at: number): void {
  if (message.kind === "snapshotBegin") {
    if (message.stream === run.stream) return;
    run.stream = message.stream;
    run.incoming = new Map();
    run.leaseEndsAt = Number.NEGATIVE_INFINITY;
    return;
  }
  if (message.stream !== run.stream) return;
  switch (message.kind) {
    case "snapshotPart":
      for (const { passId, waybill, record } of message.claims) {
        run.incoming.set(key(passId, waybill), record);
      }
      return;
    case "snapshotEnd":
      run.records = run.incoming;
      run.leaseEndsAt = Math.min(at, message.heardAt) + message.leaseMs;
      return;
    case "claimAnswer": {
      const { passId, waybill } = message.answer;
      if (message.isHeld) run.records.set(key(passId, waybill), message.record);
      return;
    }
    case "change":
      for (const passId of message.ended) {
        for (const held of run.records.keys()) {
          if (held.startsWith(key(passId, ""))) run.records.delete(held);
        }
      }
      for (const record of message.records) {
        for (const held of run.records.keys()) {
          if (held.endsWith(key("", record.waybill))) run.records.set(held, record);
        }
      }
      return;
    case "heartbeat":
      run.leaseEndsAt = Math.min(at, message.heardAt) + message.leaseMs;
  }
}

/** Belongs to a green decision and is not there. */
function lacking(run: Run, fact: FactOf<"decided">, event: LineEvent): string[] {
  const { passId, waybill, imageHash, recordVersion, reasons } = fact;
  const record = waybill === null ? null : (run.records.get(key(passId, waybill)) ?? null);
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
    ["a running lease", event.at < run.leaseEndsAt],
    ["an image", !isImageNeeded || (imageHash !== null && run.images.has(key(passId, imageHash)))],
    [
      "a clear verdict",
      !isImageNeeded || (imageHash !== null && run.clear.has(key(passId, imageHash))),
    ],
  ];
  return demands.flatMap(([what, isThere]) => (isThere ? [] : [what]));
}
