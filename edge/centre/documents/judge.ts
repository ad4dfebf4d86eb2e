import { hash } from "node:crypto";
import { invariant } from "../../../protocols/bug.ts";
import type { ElementAnswer } from "../../../protocols/ceb/answers.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import { applyDocumentEvent } from "../../clearance/apply.ts";
import { noteProof } from "../../clearance/calendar-proofs.ts";
import type { KeptClearance, KeptParameters } from "../../clearance/config.ts";
import type { DocumentEvent, EventTimes } from "../../clearance/events.ts";
import type { LeftCase } from "../../clearance/left-case.ts";
import { taken, type DocumentFact, type Outcome } from "../../clearance/outcome.ts";
import { parametersAt, prepareKept, type ClearanceRules } from "../../clearance/parameters.ts";
import { rowText } from "../../clearance/rows.ts";
import type { DocumentState } from "../../clearance/state.ts";
import {
  applyElements,
  eventsOfElements,
  readCustomsText,
  withoutElements,
  type JudgedElement,
} from "./customs-intake.ts";
import { timesOf } from "./desk-time.ts";
import type { DeskEvent, DeskInput, Judged } from "./desk-input.ts";

/**
 * Judges inputs one after the other, for the desk and for those who repeat what a desk has done.
 * The same inputs under the same parameters, with the same lots, give the same judgments.
 */
export interface DocumentJudge {
  /** By what the next inputs are judged; what is judged already stays as it is. */
  judgeBy(kept: KeptClearance): void;
  judgeElements(
    state: DocumentState,
    elements: readonly JudgedElement[],
    times: EventTimes,
  ): Judgment<ElementAnswers>;
  judgeEvent(state: DocumentState, event: DeskEvent): Judgment<Outcome>;
  /** An input as `readInput` has read it. `known`: the lots that the journal has with it. */
  judgeInput(state: DocumentState, input: ReadInput, known: KnownDraws): InputJudgment;
}

/** An input as a journal holds it, its message read. */
export type ReadInput =
  | {
      readonly kind: "elements";
      readonly elements: readonly JudgedElement[];
      readonly times: EventTimes;
    }
  | { readonly kind: "event"; readonly event: DeskEvent };

export function readInput(input: DeskInput): ReadInput {
  if (input.kind !== "customsMessage") return { kind: "event", event: input };
  const body = readCustomsText(input.xml);
  const times = timesOf(input);
  if (body.kind !== "refused") {
    const elements = withoutElements(body.elements, input.leftOut ?? []);
    return { kind: "elements", elements, times };
  }
  // An earlier build took what is refused by now; what customs says in it is doubt.
  const receipts = [...body.unread];
  return { kind: "event", event: { kind: "unreadReceipts", ...times, receipts } };
}

/** All that an input does to documents, in order. */
export function eventsOf(input: ReadInput): readonly DocumentEvent[] {
  if (input.kind === "elements") return eventsOfElements(input.elements, input.times);
  const { event } = input;
  if (event.kind === "calendarConfirmed") return [];
  if (event.kind !== "unreadReceipts") return [event];
  const times = timesOf(event);
  return event.receipts.map((receipt) => ({ kind: "unreadReceipt", ...times, receipt }));
}

type ElementAnswers = readonly ElementAnswer[];

export interface Judgment<T> {
  readonly answer: T;
  /** Newest of each waybill. */
  readonly changed: readonly ClearanceRecord[];
  readonly judged: Judged;
  /** Cases that have left, one a text: for the archive, which alone has them from now on. */
  readonly left: readonly string[];
}

type InputJudgment = Pick<Judgment<unknown>, "judged" | "left">;

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
  readonly #options: DocumentJudgeOptions;
  #rules: ClearanceRules | null = null;
  /** Of the input at work. */
  #changed = new Map<string, ClearanceRecord>();
  #left: LeftCase[] = [];
  #unnamedEnded: string[] = [];
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
    state: DocumentState,
    elements: readonly JudgedElement[],
    times: EventTimes,
  ): Judgment<ElementAnswers> {
    return this.#inOneGo(times, () => {
      const answer = applyElements(elements, times, (event) => this.#apply(state, event));
      return { answer, outcomes: answer.map(outcomeName) };
    });
  }

  judgeEvent(state: DocumentState, event: DeskEvent): Judgment<Outcome> {
    return this.#inOneGo(event, () => {
      const answer = this.#applyEach(state, event);
      return { answer, outcomes: [outcomeName(answer)] };
    });
  }

  judgeInput(state: DocumentState, input: ReadInput, known: KnownDraws): InputJudgment {
    this.#known = known;
    try {
      return input.kind === "elements"
        ? this.judgeElements(state, input.elements, input.times)
        : this.judgeEvent(state, input.event);
    } finally {
      this.#known = noDraws;
    }
  }

  #applyEach(state: DocumentState, event: DeskEvent): Outcome {
    if (event.kind === "calendarConfirmed") {
      noteProof(state.calendar, event);
      return taken;
    }
    if (event.kind !== "unreadReceipts") return this.#apply(state, event);
    for (const each of eventsOf({ kind: "event", event })) this.#apply(state, each);
    return taken;
  }

  #apply(state: DocumentState, event: DocumentEvent): Outcome {
    const effects = applyDocumentEvent(state, event, this.#rulesNow());
    for (const record of effects.changed) this.#changed.set(record.waybill, record);
    this.#left.push(...effects.left);
    this.#unnamedEnded.push(...effects.unnamedEnded);
    for (const fact of effects.facts) this.#options.onFact(fact);
    return effects.outcome;
  }

  #inOneGo<T>(
    times: EventTimes,
    work: () => { readonly answer: T; readonly outcomes: string[] },
  ): Judgment<T> {
    this.#changed = new Map();
    this.#left = [];
    this.#unnamedEnded = [];
    this.#draws = {};
    const { answer, outcomes } = work();
    const changed = [...this.#changed.values()];
    const rules = parametersAt(this.#rulesNow(), times.datesAt ?? times.at).version;
    const left = this.#left.map((each) => ({ waybill: each.waybill, text: rowText(each) }));
    const named = left.map(({ waybill, text }) => ({
      waybill,
      sha256: hash("sha256", text, "hex"),
    }));
    const judged: Judged = {
      rules,
      outcomes,
      draws: this.#draws,
      records: changed,
      ...(named.length === 0 ? {} : { left: named }),
      ...(this.#unnamedEnded.length === 0 ? {} : { unnamedEnded: this.#unnamedEnded }),
    };
    return { answer, changed, judged, left: left.map(({ text }) => text) };
  }

  #rulesNow(): ClearanceRules {
    invariant(this.#rules !== null, "documents are judged by no parameters");
    return this.#rules;
  }
}

const outcomeName = ({ accepted, code }: Pick<ElementAnswer, "accepted" | "code">): string =>
  `${accepted ? "taken" : "refused"}${code === null || code === undefined ? "" : `:${code}`}`;
