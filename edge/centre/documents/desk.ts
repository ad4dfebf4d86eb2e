import { z } from "zod";
import { system, type Actor } from "../../../protocols/actor.ts";
import {
  zAcceptance,
  type Acceptance,
  type AcceptanceAnswer,
} from "../../../protocols/ceb/answers.ts";
import { zUnreadReceipt } from "../../../protocols/ceb/unread-receipts.ts";
import { checkJson, type InvalidJson } from "../../../protocols/json-message.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import { monotonicMs, zEpochMs, type MonotonicMs } from "../../../protocols/units.ts";
import { applyDocumentEvent } from "../../clearance/apply.ts";
import type { ClearanceConfig } from "../../clearance/config.ts";
import {
  zOfficerAct,
  zRelease,
  type DocumentEvent,
  type ManualControl,
} from "../../clearance/events.ts";
import { nextDueAt } from "../../clearance/expiry.ts";
import {
  taken,
  type DocumentFact,
  type Outcome,
  type OutcomeCode,
} from "../../clearance/outcome.ts";
import { prepareClearance, type ClearanceRules } from "../../clearance/parameters.ts";
import { createDocumentState, type DocumentState } from "../../clearance/state.ts";
import {
  actorOfMessage,
  applyElements,
  changesSomething,
  outcomeText,
  readCustomsBody,
  type IntakeAnswer,
} from "./customs-intake.ts";
import { createDeskTime, timesOf, type CalendarDoubt, type DeskTime } from "./desk-time.ts";
import { zKeptControl, zKeptOfficerAct } from "./kept-inputs.ts";
import { manifestViewOf } from "./manifest-view.ts";

export type { IntakeAnswer } from "./customs-intake.ts";
export type { CalendarDoubt } from "./desk-time.ts";

/**
 * The document desk: the centre's one place where documents, carriers' events, controls and acts
 * come in and clearance records go out. Everything is synchronous; durability is the caller's, who
 * journals each input (`onInput`) before it answers its own client.
 */
export interface DocumentDesk {
  /** `POST /api/customs/messages`: the raw body. Never throws; a body of any bytes is answered. */
  takeCustomsMessage(bytes: Uint8Array, by: Actor): IntakeAnswer;
  /** `POST /api/carrier/acceptances`. */
  takeAcceptance(acceptance: Acceptance, by: Actor): AcceptanceAnswer;
  /** Manual control by waybill; effective at once. A repeated `controlId` changes nothing. */
  placeControl(control: ManualControl): ActAnswer;
  controls(): Iterable<ManualControl>;
  /** Oldest first. */
  controlsOn(waybill: string): readonly ManualControl[];
  /** The line's green decision, in the order of its journal. A repeated pass changes nothing. */
  applyRelease(json: unknown, by: Actor): ActAnswer;
  /** Second activation, inspection result, transfer by the monitoring post. */
  takeOfficerAct(json: unknown): ActAnswer;

  recordsSnapshot(): Iterable<ClearanceRecord>;
  recordsTotal(): number;
  recordOf(waybill: string): ClearanceRecord | null;
  /** Called once per input with every record it changed. Returns the way to stop listening. */
  onRecordsChanged(listener: (records: readonly ClearanceRecord[]) => void): () => void;
  /** What an officer compares; null for an unknown waybill. */
  manifestView(waybill: string): ManifestView | null;
  /** For claims: the waybill has a record, and all its pieces have been released. */
  isKnown(waybill: string): boolean;
  isReleased(waybill: string): boolean;

  /** Feeds a journalled input again: deterministic, answers nobody, is not journalled again. */
  apply(input: DeskInput): void;
  /** Totals since start, by name, for `/metrics` and people. */
  counters(): Readonly<Record<string, number>>;
  /** Why dates only add doubt at present; null while the calendar is proved. */
  calendarDoubt(): CalendarDoubt | null;
  /** A person has looked at the calendar. False: it needed nobody. Journalled as an input. */
  confirmCalendar(by: Actor): boolean;
  /** Starts and stops watching for what has waited too long. */
  start(): void;
  stop(): void;
}

export interface DeskOptions {
  readonly config: ClearanceConfig;
  readonly clock: Clock;
  /** Called before an input is applied, with all that `apply` needs to repeat it. */
  readonly onInput?: (input: DeskInput, by: Actor) => void;
  /** What people should know of: the desk's facts, as they happen; on `apply` they happen again. */
  readonly onFact?: (fact: DocumentFact) => void;
}

export interface ActAnswer {
  readonly accepted: boolean;
  /** `bodyInvalid` for JSON that is no act. */
  readonly code: OutcomeCode | "bodyInvalid" | null;
  /** In the sender's own document; null when none is wrong. */
  readonly field: string | null;
  /** What is said of that field, or of the whole. */
  readonly message: string | null;
  /** `code: field words` when refused; may say more when accepted. */
  readonly reason: string | null;
}

/** See `EventTimes`. Journals of earlier builds have the calendar only. */
const zTimes = {
  at: zEpochMs,
  passedAt: zEpochMs.exactOptional(),
  datesAt: zEpochMs.exactOptional(),
};

/** Receipts in one input, so that a record stays far below the largest that a journal takes. */
const unreadReceiptsMax = 500;

/** One journalled input. `xml` keeps a byte order mark, so its UTF-8 is the body byte for byte. */
export const zDeskInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("customsMessage"), ...zTimes, xml: z.string() }),
  /** Receipts of customs out of a message that was refused as a whole. */
  z.strictObject({
    kind: z.literal("unreadReceipts"),
    ...zTimes,
    receipts: z.array(zUnreadReceipt).max(unreadReceiptsMax),
  }),
  z.strictObject({ kind: z.literal("acceptance"), ...zTimes, acceptance: zAcceptance }),
  z.strictObject({ kind: z.literal("control"), ...zTimes, control: zKeptControl }),
  z.strictObject({ kind: z.literal("release"), ...zTimes, release: zRelease }),
  z.strictObject({ kind: z.literal("officerAct"), ...zTimes, act: zKeptOfficerAct }),
  z.strictObject({ kind: z.literal("timePassed"), ...zTimes }),
  z.strictObject({ kind: z.literal("calendarConfirmed"), ...zTimes }),
]);
export type DeskInput = z.infer<typeof zDeskInput>;
/** Those that documents hear of as they stand. */
type EventInput = Exclude<DeskInput, { kind: "customsMessage" | "calendarConfirmed" }>;

/** Whose act it is that a wait has ended. */
const passing = system("centre", "calendar");
/** How often time is looked at for waits that have ended. */
const expiryCheckMs = 1_000;
/** How often it is journalled, so that a restart knows how far it had come. */
const timeNoteMs = 300_000;
/** A byte order mark is kept in the text, so that the body's bytes can be had back from it. */
const bodyText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const actAnswer = (outcome: Outcome): ActAnswer => ({
  accepted: outcome.accepted,
  code: outcome.code,
  field: outcome.field,
  message: outcome.message,
  reason: outcomeText(outcome),
});

const unreadAct = ({ field, message }: InvalidJson): ActAnswer => ({
  accepted: false,
  code: "bodyInvalid",
  field: field ?? "body",
  message,
  reason: `bodyInvalid: ${field ?? "body"} ${message}`,
});

/** Makes an empty desk. Feed it its journal with `apply`, then `start` it. */
export const createDocumentDesk = (options: DeskOptions): DocumentDesk => new Desk(options);

class Desk implements DocumentDesk {
  private readonly options: DeskOptions;
  private readonly rules: ClearanceRules;
  private readonly state: DocumentState = createDocumentState();
  private readonly listeners = new Set<(records: readonly ClearanceRecord[]) => void>();
  private readonly totals: Record<string, number> = {};
  private readonly time: DeskTime;
  private timer: Timer | null = null;
  private timeNotedAt: MonotonicMs;
  /** Records changed by the input at work, newest of each waybill. */
  private changed = new Map<string, ClearanceRecord>();

  constructor(options: DeskOptions) {
    this.options = options;
    this.rules = prepareClearance(options.config);
    this.time = createDeskTime(options.clock);
    this.timeNotedAt = options.clock.monotonic();
  }

  takeCustomsMessage(bytes: Uint8Array, by: Actor): IntakeAnswer {
    const body = readCustomsBody(bytes);
    const actor = actorOfMessage(body.sender, by);
    const times = this.time.now();
    if (body.kind === "refused") {
      this.count("messagesRefused");
      this.count(`refused_${body.refusal.code}`);
      for (let first = 0; first < body.unread.length; first += unreadReceiptsMax) {
        const receipts = body.unread.slice(first, first + unreadReceiptsMax);
        this.run({ kind: "unreadReceipts", ...times, receipts }, actor);
      }
      return { kind: "refused", refusal: body.refusal };
    }
    this.count("messagesRead");
    // A message that changes nothing need not be repeated.
    if (changesSomething(body.elements)) {
      this.input({ kind: "customsMessage", ...times, xml: bodyText.decode(bytes) }, actor);
    }
    const results = this.inOneGo(() =>
      applyElements(body.elements, times.at, (event) => this.applyEvent({ ...event, ...times })),
    );
    for (const { accepted, code } of results) {
      this.count(accepted ? "elementsAccepted" : "elementsRefused");
      if (code !== null) this.count(`element_${code}`);
    }
    return { kind: "results", results };
  }

  takeAcceptance(acceptance: Acceptance, by: Actor): AcceptanceAnswer {
    const outcome = this.run({ kind: "acceptance", ...this.time.now(), acceptance }, by);
    const { accepted, reason } = actAnswer(outcome);
    const { acceptanceId } = acceptance;
    this.count(accepted ? "acceptancesTaken" : "acceptancesRefused");
    if (!accepted) return { acceptanceId, accepted, outcome: "refused", reason };
    const isWaiting = outcome.code === "parked" || outcome.code === "repeated";
    return { acceptanceId, accepted, outcome: isWaiting ? outcome.code : "activated", reason };
  }

  placeControl(control: ManualControl): ActAnswer {
    return actAnswer(this.run({ kind: "control", ...this.time.now(), control }, control.by));
  }

  controls(): Iterable<ManualControl> {
    return this.state.controls.values();
  }

  controlsOn(waybill: string): readonly ManualControl[] {
    return this.state.controlsByWaybill.get(waybill) ?? [];
  }

  applyRelease(json: unknown, by: Actor): ActAnswer {
    const read = checkJson(zRelease, json);
    if (read.kind === "invalid") return unreadAct(read);
    return actAnswer(this.run({ kind: "release", ...this.time.now(), release: read.value }, by));
  }

  takeOfficerAct(json: unknown): ActAnswer {
    const read = checkJson(zOfficerAct, json);
    if (read.kind === "invalid") return unreadAct(read);
    const act = read.value;
    return actAnswer(this.run({ kind: "officerAct", ...this.time.now(), act }, act.by));
  }

  *recordsSnapshot(): Iterable<ClearanceRecord> {
    for (const { record } of this.state.cases.values()) if (record !== null) yield record;
  }

  recordsTotal(): number {
    return this.state.cases.size;
  }

  recordOf(waybill: string): ClearanceRecord | null {
    return this.state.cases.get(waybill)?.record ?? null;
  }

  onRecordsChanged(listener: (records: readonly ClearanceRecord[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  manifestView(waybill: string): ManifestView | null {
    const each = this.state.cases.get(waybill);
    return each === undefined ? null : manifestViewOf(each);
  }

  isKnown(waybill: string): boolean {
    return this.state.cases.has(waybill);
  }

  isReleased(waybill: string): boolean {
    const passes = this.state.releases.get(waybill)?.length ?? 0;
    return passes >= (this.state.cases.get(waybill)?.manifest.pieces ?? 1);
  }

  apply(input: DeskInput): void {
    const times = timesOf(input);
    this.time.restore(times);
    if (input.kind === "calendarConfirmed") return;
    if (input.kind === "customsMessage") {
      const body = readCustomsBody(new TextEncoder().encode(input.xml));
      if (body.kind === "refused") return;
      this.inOneGo(() =>
        applyElements(body.elements, times.at, (each) => this.applyEvent({ ...each, ...times })),
      );
    } else this.inOneGo(() => this.applyInput(input));
  }

  calendarDoubt(): CalendarDoubt | null {
    return this.time.doubt();
  }

  confirmCalendar(by: Actor): boolean {
    if (this.time.doubt() === null) return false;
    this.time.confirm();
    this.input({ kind: "calendarConfirmed", ...this.time.now() }, by);
    return true;
  }

  counters(): Readonly<Record<string, number>> {
    const { cases, parkedAcceptances, parkedReceipts, controls } = this.state;
    return {
      ...this.totals,
      manifestsHeld: cases.size,
      acceptancesParked: parkedAcceptances.size,
      receiptsParked: parkedReceipts.size,
      controlsHeld: controls.size,
    };
  }

  start(): void {
    if (this.timer !== null) return;
    const { clock } = this.options;
    this.time.start();
    const watch = (): void => {
      const now = clock.monotonic();
      this.timer = clock.schedule(monotonicMs(now + expiryCheckMs), watch);
      const times = this.time.now();
      const dueAt = nextDueAt(this.state);
      // Until the calendar is proved nothing ends, however long it has waited.
      const isDue = dueAt !== null && dueAt <= times.passedAt && this.time.doubt() === null;
      if (!isDue && now - this.timeNotedAt < timeNoteMs) return;
      this.timeNotedAt = now;
      this.run({ kind: "timePassed", ...times }, passing);
    };
    this.timer = clock.schedule(monotonicMs(clock.monotonic() + expiryCheckMs), watch);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  /** Journals an input, then applies it. */
  private run(input: EventInput, by: Actor): Outcome {
    this.input(input, by);
    return this.inOneGo(() => this.applyInput(input));
  }

  private applyInput(input: EventInput): Outcome {
    if (input.kind !== "unreadReceipts") return this.applyEvent(input);
    const times = timesOf(input);
    for (const receipt of input.receipts) {
      this.applyEvent({ kind: "unreadReceipt", ...times, receipt });
    }
    return taken;
  }

  private input(input: DeskInput, by: Actor): void {
    this.options.onInput?.(input, by);
  }

  private applyEvent(event: DocumentEvent): Outcome {
    const effects = applyDocumentEvent(this.state, event, this.rules);
    for (const record of effects.changed) this.changed.set(record.waybill, record);
    for (const fact of effects.facts) {
      this.count(`fact_${fact.code}`);
      this.options.onFact?.(fact);
    }
    return effects.outcome;
  }

  /** Listeners hear of all that one input changed, once, when it is complete. */
  private inOneGo<T>(work: () => T): T {
    this.changed = new Map();
    const result = work();
    const records = [...this.changed.values()];
    if (records.length > 0) for (const listener of this.listeners) listener(records);
    return result;
  }

  private count(name: string): void {
    this.totals[name] = (this.totals[name] ?? 0) + 1;
  }
}
