import { invariant } from "../../../protocols/bug.ts";
import type { ElementAnswer } from "../../../protocols/ceb/answers.ts";
import type { ElementReading } from "../../../protocols/ceb/read-message.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import { applyDocumentEvent } from "../../clearance/apply.ts";
import { noteProof } from "../../clearance/calendar-proofs.ts";
import type { KeptClearance, KeptParameters } from "../../clearance/config.ts";
import type { DocumentEvent, EventTimes } from "../../clearance/events.ts";
import { taken, type DocumentFact, type Outcome } from "../../clearance/outcome.ts";
import { parametersAt, prepareKept, type ClearanceRules } from "../../clearance/parameters.ts";
import { createDocumentState, type DocumentState } from "../../clearance/state.ts";
import { applyElements, readCustomsText } from "./customs-intake.ts";
import { timesOf } from "./desk-time.ts";
import type { DeskEvent, DeskInput, Judged } from "./desk-input.ts";

/**
 * Judges inputs one after the other, for the desk and for those who repeat what a desk has done.
 * The same inputs under the same parameters, with the same lots, give the same judgments.
 */
export interface DocumentJudge {
  readonly state: DocumentState;
  /** By what the next inputs are judged; what is judged already stays as it is. */
  judgeBy(kept: KeptClearance): void;
  judgeElements(elements: readonly ElementReading[], times: EventTimes): Judgment<ElementAnswers>;
  judgeEvent(event: DeskEvent, known?: KnownDraws): Judgment<Outcome>;
  /** An input as a journal holds it. */
  judgeInput(input: DeskInput, known: KnownDraws): Judged;
}

type ElementAnswers = readonly ElementAnswer[];

export interface Judgment<T> {
  readonly answer: T;
  /** Newest of each waybill. */
  readonly changed: readonly ClearanceRecord[];
  readonly judged: Judged;
}

/** The lots of an input as a journal has them. */
export type KnownDraws = Judged["draws"];

export interface DocumentJudgeOptions {
  /** Draws a lot at a rate between 0 and 1. `known`: what the journal says, if it says anything. */
  readonly drawLot: (
    parameters: KeptParameters,
    lot: { readonly name: string; readonly rate: number; readonly known: boolean | undefined },
  ) => boolean;
  readonly onFact: (fact: DocumentFact) => void;
}

export const createDocumentJudge = (options: DocumentJudgeOptions): DocumentJudge =>
  new Judge(options);

const noDraws: KnownDraws = {};

class Judge implements DocumentJudge {
  readonly state = createDocumentState();
  readonly #options: DocumentJudgeOptions;
  #rules: ClearanceRules | null = null;
  /** Of the input at work. */
  #changed = new Map<string, ClearanceRecord>();
  #draws: Record<string, boolean> = {};
  #known: KnownDraws = noDraws;

  constructor(options: DocumentJudgeOptions) {
    this.#options = options;
  }

  judgeBy(kept: KeptClearance): void {
    this.#rules = prepareKept(kept, (parameters) => (name, rate) => {
      if (rate <= 0) return false;
      if (rate >= 1) return true;
      const isDrawn = this.#options.drawLot(parameters, { name, rate, known: this.#known[name] });
      this.#draws[name] = isDrawn;
      return isDrawn;
    });
  }

  judgeElements(
    elements: readonly ElementReading[],
    times: EventTimes,
    known = noDraws,
  ): Judgment<ElementAnswers> {
    return this.#inOneGo({ times, known }, () => {
      const answer = applyElements(elements, times.at, (event) =>
        this.#apply({ ...event, ...times }),
      );
      return { answer, outcomes: answer.map(outcomeName) };
    });
  }

  judgeEvent(event: DeskEvent, known = noDraws): Judgment<Outcome> {
    return this.#inOneGo({ times: event, known }, () => {
      const answer = this.#applyEach(event);
      return { answer, outcomes: [outcomeName(answer)] };
    });
  }

  judgeInput(input: DeskInput, known: KnownDraws): Judged {
    if (input.kind !== "customsMessage") return this.judgeEvent(input, known).judged;
    const body = readCustomsText(input.xml);
    const times = timesOf(input);
    if (body.kind !== "refused") return this.judgeElements(body.elements, times, known).judged;
    // An earlier build took what is refused by now; what customs says in it is doubt.
    const receipts = [...body.unread];
    return this.judgeEvent({ kind: "unreadReceipts", ...times, receipts }, known).judged;
  }

  #applyEach(event: DeskEvent): Outcome {
    if (event.kind === "calendarConfirmed") {
      noteProof(this.state.calendar, event);
      return taken;
    }
    if (event.kind !== "unreadReceipts") return this.#apply(event);
    const times = timesOf(event);
    for (const receipt of event.receipts) {
      this.#apply({ kind: "unreadReceipt", ...times, receipt });
    }
    return taken;
  }

  #apply(event: DocumentEvent): Outcome {
    const effects = applyDocumentEvent(this.state, event, this.#rulesNow());
    for (const record of effects.changed) this.#changed.set(record.waybill, record);
    for (const fact of effects.facts) this.#options.onFact(fact);
    return effects.outcome;
  }

  #inOneGo<T>(
    { times, known }: { readonly times: EventTimes; readonly known: KnownDraws },
    work: () => { readonly answer: T; readonly outcomes: string[] },
  ): Judgment<T> {
    this.#changed = new Map();
    this.#draws = {};
    this.#known = known;
    const { answer, outcomes } = work();
    const changed = [...this.#changed.values()];
    const rules = parametersAt(this.#rulesNow(), times.datesAt ?? times.at).version;
    const judged: Judged = { rules, outcomes, draws: this.#draws, records: changed };
    return { answer, changed, judged };
  }

  #rulesNow(): ClearanceRules {
    invariant(this.#rules !== null, "documents are judged by no parameters");
    return this.#rules;
  }
}

const outcomeName = ({ accepted, code }: Pick<ElementAnswer, "accepted" | "code">): string =>
  `${accepted ? "taken" : "refused"}${code === null || code === undefined ? "" : `:${code}`}`;
