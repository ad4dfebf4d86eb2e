import type { JournalRecord } from "../../protocols/link.ts";
import type { ParameterAct } from "../centre/acts/parameter-book.ts";
import { documentsLogicVersion } from "../clearance/apply.ts";
import { canonicalJson } from "../journal/canonical-json.ts";
import {
  parseEntry,
  stepEntry,
  type KeptEntry,
  type OpenEntry,
  type StepEntry,
  type StepOutputs,
} from "../journal/entries.ts";
import { textOf, type ActReplay, type DocumentCore, type DrawsUnderived } from "./document-core.ts";

/** A line's core, fresh, as its `open` entry configures it. `step` is called in journal order. */
interface ReplayMachine {
  readonly kind: "machine";
  /** Of the core that replays. Differences are to be expected when the journal has another. */
  readonly logicVersion: string;
  step(event: unknown): StepOutputs;
}

interface MachineRefused {
  readonly kind: "refused";
  /** Why this configuration cannot be replayed, for people. */
  readonly why: string;
}

export type MachineOf = (open: OpenEntry) => ReplayMachine | MachineRefused;

export interface ReplayReport {
  readonly recordsTotal: number;
  readonly sessionsTotal: number;
  readonly stepsTotal: number;
  /** Acts are kept, not derived, but for judgments of documents. */
  readonly actsTotal: number;
  readonly judgmentsTotal: number;
  /** Inputs of documents whose judgment the journal does not hold: it was written before that. */
  readonly unjudgedTotal: number;
  readonly drawsUnderived: readonly DrawsUnderived[];
  readonly differencesTotal: number;
  /** The first of them. */
  readonly differences: readonly ReplayDifference[];
  /** Sessions whose journal and core do not have the same logic version. */
  readonly otherVersions: readonly OtherVersion[];
  /** Sessions and records that could not be replayed; the first of them. */
  readonly unreplayedTotal: number;
  readonly unreplayed: readonly Unreplayed[];
}

interface ReplayDifference {
  readonly seq: number;
  readonly lineId: string;
  /** As journalled, and as derived now: canonical JSON of commands and facts, or of a judgment. */
  readonly expected: string;
  readonly actual: string;
}

interface OtherVersion {
  readonly seq: number;
  readonly lineId: string;
  readonly journalled: string;
  readonly current: string;
}

interface Unreplayed {
  readonly seq: number;
  readonly why: string;
}

/** Differences are told by line; those of documents are told under this name instead of a line's id. */
const documentsId = "documents";

/** So many differences are kept; all are counted. */
export const differencesKeptMax = 100;

type Records = Iterable<JournalRecord> | AsyncIterable<JournalRecord>;

export interface ReplayOptions {
  readonly onRecord?: (record: JournalRecord) => void;
  /** Records 1 to this one have left and are not read. Default: 0. */
  readonly leftSeq?: number;
  /** Judges the documents of a centre's journal again; without it their judgments are not derived. */
  readonly documents?: {
    readonly core: DocumentCore;
    /** Looks through the whole journal. */
    readonly firstParameters: () => Promise<readonly ParameterAct[] | null>;
  };
}

/**
 * Derives every output of a journal again from its inputs and compares byte for byte (law 11): of
 * the lines' steps, by the core that is handed in, and of the documents' judgments.
 */
export async function replay(
  records: Records,
  machineOf: MachineOf,
  { onRecord = () => {}, documents, leftSeq = 0 }: ReplayOptions = {},
): Promise<ReplayReport> {
  const run = new ReplayRun(machineOf, leftSeq);
  for await (const record of records) {
    const entry = run.take(record);
    if (entry?.kind === "act" && documents !== undefined) {
      const { core, firstParameters } = documents;
      const judged = core.take(entry.act);
      const isWanting = judged.kind === "parametersWanted";
      run.takeAct(record.seq, isWanting ? core.beginWith(await firstParameters()) : judged);
    }
    onRecord(record);
  }
  return { ...run.report(), drawsUnderived: documents?.core.drawsUnderived() ?? [] };
}

class ReplayRun {
  readonly #machineOf: MachineOf;
  readonly #leftSeq: number;
  /** By line; a line whose session was refused has null until its next one. */
  readonly #machines = new Map<string, ReplayMachine | null>();
  readonly #totals = {
    recordsTotal: 0,
    sessionsTotal: 0,
    stepsTotal: 0,
    actsTotal: 0,
    judgmentsTotal: 0,
    unjudgedTotal: 0,
    differencesTotal: 0,
    unreplayedTotal: 0,
  };
  readonly #differences: ReplayDifference[] = [];
  readonly #otherVersions: OtherVersion[] = [];
  readonly #unreplayed: Unreplayed[] = [];

  constructor(machineOf: MachineOf, leftSeq: number) {
    this.#machineOf = machineOf;
    this.#leftSeq = leftSeq;
  }

  /** The entry, if it could be read. */
  take(record: JournalRecord): KeptEntry | null {
    this.#totals.recordsTotal += 1;
    const parsed = parseEntry(record.body);
    if (parsed.kind === "unreadable") {
      this.#skip(record.seq, parsed.why);
      return null;
    }
    const { entry } = parsed;
    if (entry.kind === "open") this.#open(record.seq, entry);
    else if (entry.kind === "step") this.#step(record, entry);
    else this.#totals.actsTotal += 1;
    return entry;
  }

  takeAct(seq: number, replayed: ActReplay): void {
    switch (replayed.kind) {
      case "kept":
      case "parametersWanted":
        return;
      case "unjudged":
        this.#totals.unjudgedTotal += 1;
        return;
      case "unreadable":
        return this.#skip(seq, `documents: ${replayed.why}`);
      case "parameters":
        return this.#noteVersion(seq, documentsId, [replayed.logicVersion, documentsLogicVersion]);
      case "judged": {
        this.#totals.judgmentsTotal += 1;
        const { expected, actual } = replayed;
        if (expected === actual) return;
        return this.#differ({ seq, lineId: documentsId, expected, actual });
      }
    }
  }

  report(): Omit<ReplayReport, "drawsUnderived"> {
    return {
      ...this.#totals,
      differences: this.#differences,
      otherVersions: this.#otherVersions,
      unreplayed: this.#unreplayed,
    };
  }

  #open(seq: number, entry: OpenEntry): void {
    this.#totals.sessionsTotal += 1;
    const { lineId } = entry;
    const machine = machineFor(entry, this.#machineOf);
    if (machine.kind === "refused") {
      this.#machines.set(lineId, null);
      return this.#skip(seq, `line ${lineId}: ${machine.why}`);
    }
    this.#machines.set(lineId, machine);
    this.#noteVersion(seq, lineId, [entry.logicVersion, machine.logicVersion]);
  }

  #step(record: JournalRecord, entry: StepEntry): void {
    this.#totals.stepsTotal += 1;
    const machine = this.#machines.get(entry.lineId);
    if (machine === null) return this.#skip(record.seq, `line ${entry.lineId}: session refused`);
    if (machine === undefined) {
      const why =
        this.#leftSeq === 0
          ? "no session was opened"
          : `its session began in records 1 to ${this.#leftSeq}, which have left`;
      return this.#skip(record.seq, `line ${entry.lineId}: ${why}`);
    }
    const derived = derive(machine, entry);
    if (derived.kind === "derived" && derived.body === record.body) return;
    this.#differ({
      seq: record.seq,
      lineId: entry.lineId,
      expected: textOf(outputsOf(entry)),
      actual: derived.kind === "fault" ? derived.why : textOf(outputsOf(derived.entry)),
    });
  }

  #differ(difference: ReplayDifference): void {
    this.#totals.differencesTotal += 1;
    if (this.#differences.length < differencesKeptMax) this.#differences.push(difference);
  }

  #noteVersion(
    seq: number,
    lineId: string,
    [journalled, current]: readonly [journalled: string, current: string],
  ): void {
    if (journalled !== current) this.#otherVersions.push({ seq, lineId, journalled, current });
  }

  #skip(seq: number, why: string): void {
    this.#totals.unreplayedTotal += 1;
    if (this.#unreplayed.length < differencesKeptMax) this.#unreplayed.push({ seq, why });
  }
}

/**
 * When one session's configuration cannot be taken by the core, the other sessions are still
 * replayed.
 */
function machineFor(entry: OpenEntry, machineOf: MachineOf): ReplayMachine | MachineRefused {
  try {
    return machineOf(entry);
  } catch (error) {
    return { kind: "refused", why: `threw ${String(error)}` };
  }
}

type Derived =
  | { readonly kind: "derived"; readonly entry: StepEntry; readonly body: string }
  | { readonly kind: "fault"; readonly why: string };

/** A core that throws has not made what the journal says it made: that is a difference too. */
function derive(machine: ReplayMachine, journalled: StepEntry): Derived {
  try {
    const { lineId, event } = journalled;
    const entry = stepEntry(lineId, event, machine.step(event));
    const body = canonicalJson(entry);
    return body.kind === "text"
      ? { kind: "derived", entry, body: body.text }
      : { kind: "fault", why: `not canonical, ${body.path}: ${body.why}` };
  } catch (error) {
    return { kind: "fault", why: `threw ${String(error)}` };
  }
}

const outputsOf = ({ commands = [], facts = [] }: StepEntry): StepOutputs => ({ commands, facts });
