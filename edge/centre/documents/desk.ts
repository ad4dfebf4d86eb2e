import { system, type Actor } from "../../../protocols/actor.ts";
import type { Acceptance, AcceptanceAnswer } from "../../../protocols/ceb/answers.ts";
import type { CebRefusal } from "../../../protocols/ceb/refusals.ts";
import { checkJson, type InvalidJson } from "../../../protocols/json-message.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { Reason } from "../../../protocols/reasons.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { Papers } from "../../../protocols/ui/http.ts";
import { monotonicMs, type EpochMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { ClearanceConfig, DrawKey, KeptClearance } from "../../clearance/config.ts";
import {
  zOfficerAct,
  zRelease,
  type EventTimes,
  type ManualControl,
} from "../../clearance/events.ts";
import type { DocumentFact, Outcome, OutcomeCode } from "../../clearance/outcome.ts";
import { drawsWith, keptClearanceOf } from "../../clearance/parameters.ts";
import { isDocumentStateFull } from "../../clearance/room.ts";
import { dueTables, isDueTable, waitTables } from "../../clearance/rows.ts";
import type { DocumentState } from "../../clearance/state.ts";
import type { JournalEntry } from "../../journal/entries.ts";
import type { DocumentStore, StoreWork } from "../../store/port.ts";
import { outcomeText, toldOf, type IntakeAnswer, type UntakenMessage } from "./customs-intake.ts";
import type { DeskEvent, DeskInput, Judged } from "./desk-input.ts";
import { isDamage, mapped, outcomeOf, type Seen, type Then } from "./desk-outcome.ts";
import { createDeskTime, type CalendarDoubt, type DeskTime } from "./desk-time.ts";
import {
  createDocumentJudge,
  eventsOf,
  readInput,
  type DocumentJudge,
  type Judgment,
} from "./judge.ts";
import { papersOf } from "./manifest-view.ts";
import {
  createMessageIntake,
  type CustomsMessage,
  type MessageIntake,
  type Work,
} from "./message-intake.ts";
import { apart, type Apart, type Together } from "./apart.ts";
import { viewOf, type WaybillView } from "./waybill-view.ts";
import {
  createWatchedWaybills,
  readTogetherMax,
  type ReadAgain,
  type WatchedWaybills,
} from "./watched-waybills.ts";

export { zDeskInput, type DeskInput } from "./desk-input.ts";
export type { IntakeAnswer, UntakenMessage } from "./customs-intake.ts";
export type { DeskOutcome, Seen, Then } from "./desk-outcome.ts";
export type { CalendarDoubt } from "./desk-time.ts";
export type { CustomsMessage } from "./message-intake.ts";
export type { WaybillView } from "./waybill-view.ts";
export type { ManualControl } from "../../clearance/events.ts";

/**
 * The document desk: the centre's one place where documents, carriers' events, controls and acts
 * come in and clearance records go out. What it knows is kept as rows (`store`), so each input waits
 * until its rows are at hand, is judged in one go, and is answered when it is durable. What the disk
 * fails has not happened: whoever has sent it hears that and sends it again.
 */
export interface DocumentDesk {
  /** `POST /api/customs/messages`: the raw body. A body of any bytes is answered. */
  takeCustomsMessage(message: CustomsMessage, then: Then<IntakeAnswer>): void;
  /** A message that is not to be read as it says itself; receipts that are in it are doubt. */
  refuseCustomsMessage(
    message: CustomsMessage,
    refusal: CebRefusal,
    then: Then<IntakeAnswer>,
  ): void;
  /** `POST /api/carrier/acceptances`. */
  takeAcceptance(acceptance: Acceptance, by: Actor, then: Then<AcceptanceTaken>): void;
  /**
   * Manual control by waybill; effective as soon as it is judged, before it is durable. A repeated
   * `controlId` changes nothing.
   */
  placeControl(control: ManualControl, then: Then<ActAnswer>): void;
  /** Every control that is held, oldest first. */
  controls(then: Then<readonly ManualControl[]>): void;
  /** The line's green decision. A repeated pass changes nothing. */
  applyRelease(json: unknown, told: ReleaseTold, then: Then<ActAnswer>): void;
  /** Second activation, inspection result, transfer by the monitoring post. */
  takeOfficerAct(json: unknown, then: Then<ActAnswer>): void;

  recordsTotal(): number;
  /** What an officer or a story tells of a waybill, as `look` finds it. May call back from inside. */
  story(waybill: string, then: (story: Seen<WaybillStory>) => void): void;
  /**
   * What is known of a waybill now, with everything that was judged before, durable or not: nothing of
   * it changes before `then` returns. Null where the disk fails. May call back from inside.
   */
  look(waybill: string, then: (view: WaybillView | null) => void): void;
  /**
   * From now on `watched` says what is known of it, as it changes, until `unwatch` was called as often.
   * `view`: what `look` has just said of it.
   */
  watch(waybill: string, view: WaybillView): void;
  /**
   * At a restart: reads and watches each as often as it is named; false where the disk fails. Of one
   * whose rows are damaged nothing is known.
   */
  watchAll(waybills: readonly string[]): Promise<boolean>;
  unwatch(waybill: string): void;
  /** Null also while the disk fails, so that nobody knows. */
  watched(waybill: string): WaybillView | null;
  /** Called once per input with every record it changed. Returns the way to stop listening. */
  onRecordsChanged(listener: RecordsListener): () => void;

  /**
   * An input that the journal has already, with what it was judged to be if that was journalled, too:
   * deterministic, and answers nobody.
   */
  workOf(input: DeskInput, judged?: Judged): Pick<StoreWork<null>, "events" | "run">;
  /** The time of an input of earlier runs, in order, before `start`. */
  restoreTime(times: EventTimes): void;
  /** The time of the last input; null before the first. */
  lastTimes(): EventTimes | null;
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
  confirmCalendar(by: Actor, then: Then<boolean>): void;
  /** Starts and stops watching for what has waited too long. */
  start(): void;
  stop(): void;
}

export interface ReleaseTold {
  readonly by: Actor;
  /** Called when it is judged: from now on whoever looks at the waybill sees it, kept or not. */
  readonly onJudged?: () => void;
}

export interface AcceptanceTaken {
  readonly answer: AcceptanceAnswer;
  readonly untaken: UntakenMessage | null;
}

/** Of one waybill, as people are told. */
export interface WaybillStory {
  /** No manifest: the waybill is unknown, or archived. `isHidden`: not told, nor what a state tells of it. */
  papers(isHidden?: (reason: Reason) => boolean): Papers;
  /** Oldest first. */
  readonly controls: readonly ManualControl[];
}

/** Hears of records when they are judged; what it returns hears whether they became durable. */
export type RecordsListener = (records: readonly ClearanceRecord[]) => (isKept: boolean) => void;

export interface DeskOptions {
  readonly config: ClearanceConfig;
  readonly clock: Clock;
  /** Of parameters that a journal may hold and the configuration does not. */
  readonly earlierKeys?: readonly DrawKey[];
  /** What it knows, beside the journal that gets its inputs. */
  readonly store: DocumentStore;
  /** An input with its judgment, as the journal holds it. */
  readonly entriesOf: (input: DeskInput, by: Actor, judged: Judged) => readonly JournalEntry[];
  /** Ended cases may leave: the archive takes what the store puts out. Absent: none ever leaves. */
  readonly mayLeave?: () => boolean;
  /** What people should know of: the desk's facts, as they happen. */
  readonly onFact?: (fact: DocumentFact) => void;
  /** Something that nobody waits for has failed by a bug of ours. */
  readonly onBug?: (thrown: unknown) => void;
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
/** Waits of each kind that one look ends, so that none holds the others up. */
const endedAtOnceMax = 200;
/** Ended cases of each kind that leave for the archive with it, and numbers that no manifest names. */
const leavesAtOnceMax = 50;
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

/** Makes a desk on what its store holds. Restore its time, then `start` it. */
export const createDocumentDesk = (options: DeskOptions): DocumentDesk => new Desk(options);

class Desk implements DocumentDesk {
  private readonly options: DeskOptions;
  private readonly own: KeptClearance;
  private readonly judge: DocumentJudge;
  private readonly messages: MessageIntake;
  private readonly watchedWaybills: WatchedWaybills;
  private readonly listeners = new Set<RecordsListener>();
  private readonly totals: Record<string, number> = {};
  private readonly time: DeskTime;
  private timer: Timer | null = null;
  private timeNotedAt: MonotonicMs;
  private isPassing = false;
  /** Ended cases could leave when time was looked at last. */
  private isLeaving = false;
  /** When the next wait ends, null for none; undefined while it has to be read again. */
  private nextDueAt: EpochMs | null | undefined = undefined;

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
    this.watchedWaybills = createWatchedWaybills({
      read: (waybills, again) => this.readAgain(waybills, again),
    });
    this.judge.judgeBy(kept);
    this.time = createDeskTime(options.clock);
    this.messages = createMessageIntake({
      store: options.store,
      judge: this.judge,
      now: () => this.time.now(),
      run: (work, then) => this.run(work, then),
      runEvent: (event, told, then) => this.runEvent(event, told, then),
      answer: (then, answer) => this.answer(then, answer),
      count: (name) => this.count(name),
    });
    this.timeNotedAt = options.clock.monotonic();
  }

  takeCustomsMessage(message: CustomsMessage, then: Then<IntakeAnswer>): void {
    this.messages.take(message, then);
  }

  refuseCustomsMessage(
    message: CustomsMessage,
    refusal: CebRefusal,
    then: Then<IntakeAnswer>,
  ): void {
    this.messages.refuse(message, toldOf(message.bytes, refusal), then);
  }

  takeAcceptance(acceptance: Acceptance, by: Actor, then: Then<AcceptanceTaken>): void {
    const event = { kind: "acceptance", ...this.time.now(), acceptance } as const;
    const { acceptanceId } = acceptance;
    this.runEvent(event, { by }, (outcome) => {
      if (outcome.kind !== "kept") return then(outcome);
      const { accepted, code, field, message } = outcome.answer;
      const { reason } = actAnswer(outcome.answer);
      this.count(accepted ? "acceptancesTaken" : "acceptancesRefused");
      const isWaiting = code === "parked" || code === "repeated";
      const answer: AcceptanceAnswer = {
        acceptanceId,
        accepted,
        outcome: accepted ? (isWaiting ? code : "activated") : "refused",
        reason,
      };
      const untaken =
        accepted || code === null ? null : { code, field, message: message ?? code, by };
      then({ kind: "kept", answer: { answer, untaken } });
    });
  }

  placeControl(control: ManualControl, then: Then<ActAnswer>): void {
    const event = { kind: "control", ...this.time.now(), control } as const;
    this.runEvent(event, { by: control.by }, mapped(then, actAnswer));
  }

  controls(then: Then<readonly ManualControl[]>): void {
    this.options.store.readOldest("controls", this.own.controlsMax, (read) =>
      then(
        read.kind === "value"
          ? { kind: "kept", answer: read.value }
          : { kind: "notKept", code: read.code, why: read.why },
      ),
    );
  }

  applyRelease(json: unknown, { by, onJudged }: ReleaseTold, then: Then<ActAnswer>): void {
    const read = checkJson(zRelease, json);
    if (read.kind === "invalid") return this.answer(then, unreadAct(read));
    const event = { kind: "release", ...this.time.now(), release: read.value } as const;
    this.runEvent(event, { by, ...(onJudged && { onJudged }) }, mapped(then, actAnswer));
  }

  takeOfficerAct(json: unknown, then: Then<ActAnswer>): void {
    const read = checkJson(zOfficerAct, json);
    if (read.kind === "invalid") return this.answer(then, unreadAct(read));
    const event = { kind: "officerAct", ...this.time.now(), act: read.value } as const;
    this.runEvent(event, { by: read.value.by }, mapped(then, actAnswer));
  }

  recordsTotal(): number {
    return this.options.store.countOf("cases");
  }

  story(waybill: string, then: (story: Seen<WaybillStory>) => void): void {
    this.peek(
      waybill,
      ({ cases, releases, controlsByWaybill }): WaybillStory => {
        // The rows are at hand now and not later.
        const [each, passes] = [cases.get(waybill), releases.get(waybill)];
        const known = {
          cases: new Map(each === undefined ? [] : [[waybill, each]]),
          releases: new Map(passes === undefined ? [] : [[waybill, passes]]),
        };
        return {
          papers: (isHidden) => papersOf(known, waybill, isHidden),
          controls: controlsByWaybill.get(waybill) ?? [],
        };
      },
      then,
    );
  }

  look(waybill: string, then: (view: WaybillView | null) => void): void {
    this.peek(
      waybill,
      (state) => viewOf(state, waybill),
      (seen) => then(seen.kind === "seen" ? seen.value : null),
    );
  }

  watch(waybill: string, view: WaybillView): void {
    this.watchedWaybills.add(waybill, view);
  }

  async watchAll(waybills: readonly string[]): Promise<boolean> {
    const read: Together<string> = (some, then) => {
      const watch = (state: DocumentState): void => {
        for (const waybill of some) this.watch(waybill, viewOf(state, waybill));
      };
      this.read(some, watch, then);
    };
    for (let first = 0; first < waybills.length; first += readTogetherMax) {
      const some = waybills.slice(first, first + readTogetherMax);
      const { failed, failure } = await new Promise<Apart<string>>((resolve) =>
        apart(some, read, resolve),
      );
      if (failure?.kind === "bug") throw failure.thrown;
      if (failure !== null && !isDamage(failure)) return false;
      for (const waybill of failed) this.watchedWaybills.add(waybill, null);
    }
    return true;
  }

  unwatch(waybill: string): void {
    this.watchedWaybills.remove(waybill);
  }

  watched(waybill: string): WaybillView | null {
    return this.watchedWaybills.at(waybill);
  }

  onRecordsChanged(listener: RecordsListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  workOf(input: DeskInput, judged?: Judged): Pick<StoreWork<null>, "events" | "run"> {
    const read = readInput(input);
    return {
      events: eventsOf(read),
      run: (state) => {
        const { left } = this.judge.judgeInput(state, read, judged?.draws ?? {});
        return { answer: null, entries: [], outgoing: left };
      },
    };
  }

  restoreTime(times: EventTimes): void {
    this.time.restore(times);
  }

  lastTimes(): EventTimes | null {
    return this.time.last();
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

  confirmCalendar(by: Actor, then: Then<boolean>): void {
    if (this.time.isProved()) return this.answer(then, false);
    this.time.confirm();
    const event = { kind: "calendarConfirmed", ...this.time.now() } as const;
    this.runEvent(
      event,
      { by },
      mapped(then, () => true),
    );
  }

  isFull(): boolean {
    const { store } = this.options;
    return isDocumentStateFull((table) => store.countOf(table), this.own);
  }

  counters(): Readonly<Record<string, number>> {
    const { store } = this.options;
    const { rowsHeld, underWay } = store.counters();
    return {
      ...this.totals,
      manifestsHeld: store.countOf("cases"),
      acceptancesParked: store.countOf("parkedAcceptances"),
      receiptsParked: store.countOf("parkedReceipts"),
      controlsHeld: store.countOf("controls"),
      rowsHeld,
      inputsUnderWay: underWay,
    };
  }

  start(): void {
    if (this.timer !== null) return;
    const { clock } = this.options;
    this.time.start();
    const watch = (): void => {
      this.timer = clock.schedule(monotonicMs(clock.monotonic() + expiryCheckMs), watch);
      this.watchedWaybills.lookAgain();
      this.passTime();
    };
    this.timer = clock.schedule(monotonicMs(clock.monotonic() + expiryCheckMs), watch);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  /** Ends what has waited for long enough, some of it at a time. */
  private passTime(): void {
    const { store, clock } = this.options;
    if (this.isPassing) return;
    const isLeaving = this.options.mayLeave?.() === true;
    if (isLeaving !== this.isLeaving) this.nextDueAt = undefined;
    this.isLeaving = isLeaving;
    const { nextDueAt } = this;
    const isDueRead = nextDueAt === null || (nextDueAt ?? 0) > this.time.now().passedAt;
    if (isDueRead && clock.monotonic() - this.timeNotedAt < timeNoteMs) return;
    this.isPassing = true;
    this.nextDueAt = null;
    store.readNextDueAt(isLeaving ? dueTables : waitTables, (read) => {
      const now = clock.monotonic();
      const times = this.time.now();
      const dueAt = read.kind === "value" ? read.value : null;
      // What came meanwhile has it read once more.
      if (this.nextDueAt === null) this.nextDueAt = read.kind === "value" ? dueAt : undefined;
      // Until the calendar is proved nothing ends, however long it has waited.
      const isDue = dueAt !== null && dueAt <= times.passedAt && this.time.isProved();
      const isNoted = now - this.timeNotedAt < timeNoteMs;
      if (this.timer === null || read.kind === "failed" || (!isDue && isNoted)) {
        this.isPassing = false;
        return;
      }
      const event = {
        kind: "timePassed",
        ...times,
        atMost: endedAtOnceMax,
        ...(isDue && isLeaving ? { leavesMax: leavesAtOnceMax } : {}),
        ...(isDue ? { unnamedMax: leavesAtOnceMax } : {}),
      } as const;
      this.runEvent(event, { by: passing }, (outcome) => {
        this.isPassing = false;
        if (outcome.kind === "bug") this.options.onBug?.(outcome.thrown);
        if (outcome.kind !== "kept") return;
        this.timeNotedAt = now;
        // There may be more of it, if something has ended.
        const hasEnded = isDue && this.nextDueAt === undefined;
        if (hasEnded && this.timer !== null) this.passTime();
      });
    });
  }

  private runEvent(
    event: DeskEvent,
    told: Pick<Work<Outcome>, "by" | "onJudged">,
    then: Then<Outcome>,
  ): void {
    const judge = (state: DocumentState): Judgment<Outcome> => this.judge.judgeEvent(state, event);
    this.run({ events: eventsOf({ kind: "event", event }), judge, input: event, ...told }, then);
  }

  /** Judges an input on its rows, journals it, and tells of all that it changed, once. */
  private run<T>(work: Work<T>, then: Then<T>): void {
    let judgment: Judgment<T> | null = null;
    let told: (isKept: boolean) => void = () => {};
    let movesDue = false;
    this.options.store.transact<T>(
      {
        events: work.events,
        run: (state) => {
          judgment = work.judge(state);
          const { answer, judged } = judgment;
          const { input, by } = work;
          const entries = input === null ? [] : this.options.entriesOf(input, by, judged);
          return { answer, entries, outgoing: judgment.left };
        },
        ran: (changes) => {
          if (judgment === null) return;
          movesDue = changes.some(({ table }) => isDueTable(table));
          this.watchedWaybills.change(changes);
          work.onJudged?.(judgment.answer);
          told = this.tell(judgment.changed);
        },
      },
      (outcome) => {
        told(outcome.kind === "kept");
        // What is due is read from what is durable.
        if (movesDue) this.nextDueAt = undefined;
        // What was never judged has changed nothing.
        if (outcome.kind === "failed" && judgment !== null) this.watchedWaybills.distrust();
        then(outcomeOf(outcome));
      },
    );
  }

  private readAgain(waybills: readonly string[], { seen, onEnd }: ReadAgain): void {
    const read: Together<string> = (some, then) => {
      let told: (isKept: boolean) => void = () => {};
      const see = (state: DocumentState): void => {
        const records = some.flatMap((waybill) => seen(waybill, viewOf(state, waybill)) ?? []);
        told = this.tell(records);
      };
      this.read(some, see, (outcome) => {
        told(outcome.kind === "kept");
        then(outcome);
      });
    };
    apart(waybills, read, ({ failed, failure }) => {
      onEnd(failed);
      if (failure?.kind === "bug") this.options.onBug?.(failure.thrown);
    });
  }

  /** Sees a waybill's rows as they are now, whether that becomes durable or not. */
  private peek<T>(
    waybill: string,
    see: (state: DocumentState) => T,
    then: (seen: Seen<T>) => void,
  ): void {
    let isSeen = false;
    const run = (state: DocumentState): null => {
      isSeen = true;
      then({ kind: "seen", value: see(state) });
      return null;
    };
    this.read([waybill], run, (outcome) => {
      if (!isSeen && outcome.kind !== "kept") then(outcome);
      if (outcome.kind === "bug") this.options.onBug?.(outcome.thrown);
    });
  }

  /** Reads the waybills' rows as they are with all that was judged before. */
  private read<T>(
    waybills: readonly string[],
    run: (state: DocumentState) => T,
    then: Then<T>,
  ): void {
    this.options.store.transact<T>(
      { events: [], waybills, run: (state) => ({ answer: run(state), entries: [] }) },
      (outcome) => then(outcomeOf(outcome)),
    );
  }

  private tell(changed: readonly ClearanceRecord[]): (isKept: boolean) => void {
    if (changed.length === 0) return () => {};
    const told = [...this.listeners].map((listener) => listener(changed));
    return (isKept) => {
      for (const then of told) then(isKept);
    };
  }

  /** An answer for which nothing is journalled comes when all before it is durable, as others do. */
  private answer<T>(then: Then<T>, answer: T): void {
    this.options.store.transact<T>(
      { events: [], run: () => ({ answer, entries: [] }) },
      (outcome) => then(outcomeOf(outcome)),
    );
  }

  private drawWithoutKey(): true {
    this.count("drawsWithoutKey");
    return true;
  }

  private count(name: string): void {
    this.totals[name] = (this.totals[name] ?? 0) + 1;
  }
}
