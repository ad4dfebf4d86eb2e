import { system, type Actor } from "../../../protocols/actor.ts";
import type { Acceptance, AcceptanceAnswer } from "../../../protocols/ceb/answers.ts";
import type { CebRefusal } from "../../../protocols/ceb/refusals.ts";
import { checkJson, type InvalidJson } from "../../../protocols/json-message.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { Reason } from "../../../protocols/reasons.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { ClearanceConfig, DrawKey, KeptClearance } from "../../clearance/config.ts";
import { zOfficerAct, zRelease, type ManualControl } from "../../clearance/events.ts";
import { nextDueAt } from "../../clearance/expiry.ts";
import type { DocumentFact, Outcome, OutcomeCode } from "../../clearance/outcome.ts";
import { drawsWith, keptClearanceOf } from "../../clearance/parameters.ts";
import { isDocumentStateFull } from "../../clearance/room.ts";
import type { DocumentState } from "../../clearance/state.ts";
import {
  actorOfMessage,
  changesSomething,
  outcomeText,
  readCustomsBody,
  toldOf,
  type IntakeAnswer,
  type UntakenMessage,
} from "./customs-intake.ts";
import { unreadReceiptsMax, type DeskEvent, type DeskInput, type Judged } from "./desk-input.ts";
import { createDeskTime, timesOf, type CalendarDoubt, type DeskTime } from "./desk-time.ts";
import { createDocumentJudge, type DocumentJudge, type Judgment } from "./judge.ts";
import { manifestViewOf } from "./manifest-view.ts";

export { zDeskInput, type DeskInput } from "./desk-input.ts";
export type { IntakeAnswer, UntakenMessage } from "./customs-intake.ts";
export type { CalendarDoubt } from "./desk-time.ts";

/**
 * The document desk: the centre's one place where documents, carriers' events, controls and acts
 * come in and clearance records go out. Everything is synchronous; durability is the caller's, who
 * journals each input (`onInput`) before it answers its own client.
 */
export interface DocumentDesk {
  /** `POST /api/customs/messages`: the raw body. Never throws; a body of any bytes is answered. */
  takeCustomsMessage(
    bytes: Uint8Array,
    by: Actor,
    onNothingTaken?: (untaken: UntakenMessage) => void,
  ): IntakeAnswer;
  /** A message that is not to be read as it says itself; receipts that are in it are doubt. */
  refuseCustomsMessage(
    bytes: Uint8Array,
    refusal: CebRefusal,
    to: { readonly by: Actor; readonly keep: (untaken: UntakenMessage) => void },
  ): IntakeAnswer;
  /** `POST /api/carrier/acceptances`. */
  takeAcceptance(
    acceptance: Acceptance,
    by: Actor,
    onNothingTaken?: (untaken: UntakenMessage) => void,
  ): AcceptanceAnswer;
  /** Manual control by waybill; effective at once. A repeated `controlId` changes nothing. */
  placeControl(control: ManualControl): ActAnswer;
  controls(): Iterable<ManualControl>;
  /** Oldest first. */
  controlsOn(waybill: string): readonly ManualControl[];
  /** The line's green decision, in the order of its journal. A repeated pass changes nothing. */
  applyRelease(json: unknown, by: Actor): ActAnswer;
  /** Second activation, inspection result, transfer by the monitoring post. */
  takeOfficerAct(json: unknown): ActAnswer;

  recordsTotal(): number;
  recordOf(waybill: string): ClearanceRecord | null;
  /** Called once per input with every record it changed. Returns the way to stop listening. */
  onRecordsChanged(listener: (records: readonly ClearanceRecord[]) => void): () => void;
  /**
   * What an officer compares, without the reasons that are hidden and what its state would tell of
   * them; null for an unknown waybill.
   */
  manifestView(waybill: string, isHidden?: (reason: Reason) => boolean): ManifestView | null;
  /** For claims: the waybill has a record, and all its pieces have been released. */
  isKnown(waybill: string): boolean;
  isReleased(waybill: string): boolean;

  /**
   * Feeds a journalled input again, with what it was judged to be if that was journalled, too:
   * deterministic, answers nobody, is not journalled again.
   */
  apply(input: DeskInput, judged?: Judged): void;
  /** Inputs from here on are judged by what a journal holds; null: by the desk's configuration. */
  judgeBy(kept: KeptClearance | null): void;
  /** What its own configuration says, as a journal may hold it. */
  ownParameters(): KeptClearance;
  /** Something is refused for want of room. */
  isFull(): boolean;
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
  /** Of parameters that a journal may hold and the configuration does not. */
  readonly earlierKeys?: readonly DrawKey[];
  /** Called when an input was judged and nobody knows yet, with all that `apply` needs. */
  readonly onInput?: (input: DeskInput, by: Actor, judged: Judged) => void;
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
  private readonly own: KeptClearance;
  private readonly judge: DocumentJudge;
  private readonly state: DocumentState;
  private readonly listeners = new Set<(records: readonly ClearanceRecord[]) => void>();
  private readonly totals: Record<string, number> = {};
  private readonly time: DeskTime;
  private timer: Timer | null = null;
  private timeNotedAt: MonotonicMs;

  constructor(options: DeskOptions) {
    this.options = options;
    const { kept, keys } = keptClearanceOf(options.config);
    const drawOf = drawsWith([...keys, ...(options.earlierKeys ?? [])]);
    this.own = kept;
    this.judge = createDocumentJudge({
      // What was drawn once stays drawn; a lot that nobody can draw counts as drawn.
      drawLot: (parameters, { name, rate, known }) =>
        known ?? drawOf(parameters)?.(name, rate) ?? this.drawWithoutKey(),
      onFact: (fact) => {
        this.count(`fact_${fact.code}`);
        options.onFact?.(fact);
      },
    });
    this.state = this.judge.state;
    this.judge.judgeBy(kept);
    this.time = createDeskTime(options.clock);
    this.timeNotedAt = options.clock.monotonic();
  }

  takeCustomsMessage(
    bytes: Uint8Array,
    by: Actor,
    onNothingTaken: (untaken: UntakenMessage) => void = () => {},
  ): IntakeAnswer {
    const body = readCustomsBody(bytes);
    const actor = actorOfMessage(body.sender, by);
    const times = this.time.now();
    if (body.kind === "refused") return this.refuseWhole(body, actor, onNothingTaken);
    this.count("messagesRead");
    // A message that changes nothing need not be repeated.
    const xml = changesSomething(body.elements) ? bodyText.decode(bytes) : null;
    const judgment = this.judge.judgeElements(body.elements, times);
    if (xml !== null) this.keep({ kind: "customsMessage", ...times, xml }, judgment, actor);
    const results = judgment.answer;
    const isNothing = results.every(({ accepted }) => !accepted);
    const first = results.find(({ accepted }) => !accepted);
    if ((isNothing || body.isUnread) && first !== undefined && first.code !== null) {
      const { code, field, reason } = first;
      const { isUnread } = body;
      onNothingTaken({ code, field, message: reason ?? code, isUnread, by: actor });
    }
    for (const { accepted, code } of results) {
      this.count(accepted ? "elementsAccepted" : "elementsRefused");
      if (code !== null) this.count(`element_${code}`);
    }
    return { kind: "results", results };
  }

  refuseCustomsMessage(
    bytes: Uint8Array,
    refusal: CebRefusal,
    { by, keep }: { readonly by: Actor; readonly keep: (untaken: UntakenMessage) => void },
  ): IntakeAnswer {
    return this.refuseWhole(toldOf(bytes, refusal), by, keep);
  }

  takeAcceptance(
    acceptance: Acceptance,
    by: Actor,
    onNothingTaken: (untaken: UntakenMessage) => void = () => {},
  ): AcceptanceAnswer {
    const outcome = this.run({ kind: "acceptance", ...this.time.now(), acceptance }, by);
    const { accepted, reason } = actAnswer(outcome);
    const { acceptanceId } = acceptance;
    this.count(accepted ? "acceptancesTaken" : "acceptancesRefused");
    if (!accepted) {
      const { code, field, message } = outcome;
      if (code !== null) onNothingTaken({ code, field, message: message ?? code, by });
      return { acceptanceId, accepted, outcome: "refused", reason };
    }
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

  manifestView(waybill: string, isHidden?: (reason: Reason) => boolean): ManifestView | null {
    const each = this.state.cases.get(waybill);
    return each === undefined ? null : manifestViewOf(each, isHidden);
  }

  isKnown(waybill: string): boolean {
    return this.state.cases.has(waybill);
  }

  isReleased(waybill: string): boolean {
    const passes = this.state.releases.get(waybill)?.length ?? 0;
    return passes >= (this.state.cases.get(waybill)?.manifest.pieces ?? 1);
  }

  apply(input: DeskInput, judged?: Judged): void {
    this.time.restore(timesOf(input));
    this.judge.judgeInput(input, judged?.draws ?? {});
  }

  judgeBy(kept: KeptClearance | null): void {
    this.judge.judgeBy(kept ?? this.own);
  }

  ownParameters(): KeptClearance {
    return this.own;
  }

  calendarDoubt(): CalendarDoubt | null {
    return this.time.doubt();
  }

  confirmCalendar(by: Actor): boolean {
    if (this.time.isProved()) return false;
    this.time.confirm();
    this.run({ kind: "calendarConfirmed", ...this.time.now() }, by);
    return true;
  }

  isFull(): boolean {
    return isDocumentStateFull((table) => this.state[table].size, this.own);
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
      const isDue = dueAt !== null && dueAt <= times.passedAt && this.time.isProved();
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

  private refuseWhole(
    { refusal, unread, isUnread }: ReturnType<typeof toldOf>,
    by: Actor,
    onNothingTaken: (untaken: UntakenMessage) => void,
  ): IntakeAnswer {
    this.count("messagesRefused");
    this.count(`refused_${refusal.code}`);
    const times = this.time.now();
    for (let first = 0; first < unread.length; first += unreadReceiptsMax) {
      const receipts = unread.slice(first, first + unreadReceiptsMax);
      this.run({ kind: "unreadReceipts", ...times, receipts }, by);
    }
    onNothingTaken({ ...refusal, isUnread, by });
    return { kind: "refused", refusal };
  }

  private run(event: DeskEvent, by: Actor): Outcome {
    const judgment = this.judge.judgeEvent(event);
    this.keep(event, judgment, by);
    return judgment.answer;
  }

  /** Journals an input with its judgment, then tells of all that it changed, once. */
  private keep(input: DeskInput, { judged, changed }: Judgment<unknown>, by: Actor): void {
    this.options.onInput?.(input, by, judged);
    if (changed.length > 0) for (const listener of this.listeners) listener(changed);
  }

  private drawWithoutKey(): true {
    this.count("drawsWithoutKey");
    return true;
  }

  private count(name: string): void {
    this.totals[name] = (this.totals[name] ?? 0) + 1;
  }
}
