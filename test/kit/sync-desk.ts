import {
  createDocumentDesk,
  type ActAnswer,
  type DeskInput,
  type DeskOptions,
  type DocumentDesk,
  type IntakeAnswer,
  type Seen,
  type Then,
  type UntakenMessage,
  type WaybillStory,
} from "../../edge/centre/documents/desk.ts";
import type { Judged } from "../../edge/centre/documents/desk-input.ts";
import {
  isReleasedIn,
  recordIn,
  type WaybillView,
} from "../../edge/centre/documents/waybill-view.ts";
import type { ManualControl } from "../../edge/clearance/events.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createDocumentStore } from "../../edge/store/document-store.ts";
import type { StoreJournal, StoreOutcome } from "../../edge/store/port.ts";
import type { Actor } from "../../protocols/actor.ts";
import type { Acceptance, AcceptanceAnswer } from "../../protocols/ceb/answers.ts";
import type { CebRefusal } from "../../protocols/ceb/refusals.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Reason } from "../../protocols/reasons.ts";
import type { ManifestView, Papers } from "../../protocols/ui/http.ts";
import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";

export interface SyncDeskOptions extends Omit<DeskOptions, "store" | "entriesOf" | "clock"> {
  readonly clock: VirtualClock;
  readonly onInput?: (input: DeskInput, by: Actor, judged: Judged) => void;
  /** On which its rows are kept, by the same clock. Default: one of its own. */
  readonly journal?: StoreJournal;
}

/**
 * A document desk on rows in memory whose answers are there at once: whatever it waits for happens at
 * the same moment of its clock. For tests of what it answers, not of when.
 */
export class SyncDesk {
  readonly desk: DocumentDesk;
  readonly store;
  readonly #clock: VirtualClock;
  readonly #bugs: unknown[] = [];
  #applied = 0;

  constructor({ clock, onInput = () => {}, journal, ...options }: SyncDeskOptions) {
    this.#clock = clock;
    const own = new MemoryJournal({ chain: "centre", clock, hashing: "never" });
    this.store = createDocumentStore({ journal: journal ?? own });
    this.desk = createDocumentDesk({
      onBug: (thrown) => this.#bugs.push(thrown),
      ...options,
      clock,
      store: this.store,
      entriesOf: (input, by, judged) => {
        onInput(input, by, judged);
        return [stepEntry("documents", null, { commands: [], facts: [] })];
      },
    });
  }

  takeCustomsMessage(
    bytes: Uint8Array,
    by: Actor,
    onUntaken: (untaken: UntakenMessage) => void = () => {},
  ): IntakeAnswer {
    return this.#answer((then) => this.desk.takeCustomsMessage({ bytes, by, onUntaken }, then));
  }

  refuseCustomsMessage(
    bytes: Uint8Array,
    refusal: CebRefusal,
    { by, keep }: { readonly by: Actor; readonly keep: (untaken: UntakenMessage) => void },
  ): IntakeAnswer {
    const message = { bytes, by, onUntaken: keep };
    return this.#answer((then) => this.desk.refuseCustomsMessage(message, refusal, then));
  }

  takeAcceptance(
    acceptance: Acceptance,
    by: Actor,
    onUntaken: (untaken: UntakenMessage) => void = () => {},
  ): AcceptanceAnswer {
    const { answer, untaken } = this.#answer<{
      readonly answer: AcceptanceAnswer;
      readonly untaken: UntakenMessage | null;
    }>((then) => this.desk.takeAcceptance(acceptance, by, then));
    if (untaken !== null) onUntaken(untaken);
    return answer;
  }

  placeControl(control: ManualControl): ActAnswer {
    return this.#answer((then) => this.desk.placeControl(control, then));
  }

  applyRelease(json: unknown, by: Actor): ActAnswer {
    return this.#answer((then) => this.desk.applyRelease(json, { by }, then));
  }

  takeOfficerAct(json: unknown): ActAnswer {
    return this.#answer((then) => this.desk.takeOfficerAct(json, then));
  }

  confirmCalendar(by: Actor): boolean {
    return this.#answer<boolean>((then) => this.desk.confirmCalendar(by, then));
  }

  controls(): readonly ManualControl[] {
    return this.#answer<readonly ManualControl[]>((then) => this.desk.controls(then));
  }

  controlsOn(waybill: string): readonly ManualControl[] {
    return this.#story(waybill).controls;
  }

  papers(waybill: string, isHidden?: (reason: Reason) => boolean): Papers {
    return this.#story(waybill).papers(isHidden);
  }

  manifestView(waybill: string, isHidden?: (reason: Reason) => boolean): ManifestView | null {
    return this.papers(waybill, isHidden).manifest;
  }

  recordOf(waybill: string): ClearanceRecord | null {
    return recordIn(this.view(waybill));
  }

  isKnown(waybill: string): boolean {
    return this.view(waybill).manifest !== null;
  }

  isReleased(waybill: string): boolean {
    return isReleasedIn(this.view(waybill));
  }

  view(waybill: string): WaybillView {
    return this.#told<WaybillView | null>((then) => this.desk.look(waybill, then)) ?? failed();
  }

  recordsTotal(): number {
    return this.desk.recordsTotal();
  }

  onRecordsChanged(listener: (records: readonly ClearanceRecord[]) => void): () => void {
    return this.desk.onRecordsChanged((records) => {
      listener(records);
      return () => {};
    });
  }

  /** An input of an earlier run, as a restart tells it to rows that do not have it. */
  apply(input: DeskInput, judged?: Judged): void {
    this.desk.restoreTime(input);
    this.#applied += 1;
    const appliedSeq = this.#applied;
    const outcome = this.#told<StoreOutcome<null>>((then) =>
      this.store.transact({ ...this.desk.workOf(input, judged), appliedSeq }, then),
    );
    if (outcome.kind === "bug") throw outcome.thrown;
    if (outcome.kind !== "kept") throw new Error(outcome.why);
  }

  judgeBy(...given: Parameters<DocumentDesk["judgeBy"]>): void {
    this.desk.judgeBy(...given);
  }

  ownParameters(): ReturnType<DocumentDesk["ownParameters"]> {
    return this.desk.ownParameters();
  }

  isFull(): boolean {
    return this.desk.isFull();
  }

  counters(): Readonly<Record<string, number>> {
    return this.desk.counters();
  }

  calendarDoubt(): ReturnType<DocumentDesk["calendarDoubt"]> {
    return this.desk.calendarDoubt();
  }

  start(): void {
    this.desk.start();
  }

  stop(): void {
    this.desk.stop();
  }

  #story(waybill: string): WaybillStory {
    const seen = this.#told<Seen<WaybillStory>>((then) => this.desk.story(waybill, then));
    return seen.kind === "seen" ? seen.value : failed();
  }

  #answer<T>(ask: (then: Then<T>) => void): T {
    const outcome = this.#told(ask);
    if (outcome.kind === "bug") throw outcome.thrown;
    if (outcome.kind === "notKept") throw new Error(outcome.why);
    return outcome.answer;
  }

  #told<T>(ask: (then: (told: T) => void) => void): T {
    const told: T[] = [];
    ask((one) => told.push(one));
    this.#clock.runFor(0);
    const [bug] = this.#bugs;
    if (bug !== undefined) throw bug;
    const [first] = told;
    if (first === undefined) throw new Error("nothing was answered at once");
    return first;
  }
}

function failed(): never {
  throw new Error("the rows in memory have failed");
}
