import type { Actor } from "../../../protocols/actor.ts";
import type { ElementAnswer } from "../../../protocols/ceb/answers.ts";
import type { ElementReading } from "../../../protocols/ceb/read-message.ts";
import type { UnreadReceipt } from "../../../protocols/ceb/unread-receipts.ts";
import type { DocumentEvent, EventTimes } from "../../clearance/events.ts";
import type { Outcome } from "../../clearance/outcome.ts";
import type { DocumentState } from "../../clearance/state.ts";
import type { DocumentStore } from "../../store/port.ts";
import { apart, type Together } from "./apart.ts";
import {
  actorOfMessage,
  changesSomething,
  isReceipt,
  readCustomsBody,
  withoutElements,
  type IntakeAnswer,
  type toldOf,
  type UntakenMessage,
} from "./customs-intake.ts";
import { unreadReceiptsMax, type DeskEvent, type DeskInput } from "./desk-input.ts";
import { isDamage, mapped, outcomeOf, type DeskFailure, type Then } from "./desk-outcome.ts";
import { eventsOf, type DocumentJudge, type Judgment } from "./judge.ts";

export interface CustomsMessage {
  readonly bytes: Uint8Array;
  readonly by: Actor;
  /** Called when it is judged, and nothing of it was taken, or not all that customs may say in it. */
  readonly onUntaken?: (untaken: UntakenMessage) => void;
}

/** One input at work. */
export interface Work<T> {
  readonly events: readonly DocumentEvent[];
  readonly judge: (state: DocumentState) => Judgment<T>;
  /** What is journalled; null where nothing changes. */
  readonly input: DeskInput | null;
  readonly by: Actor;
  readonly onJudged?: (answer: T) => void;
}

/**
 * Customs' messages at the document desk: read, judged element by element in one transaction, or
 * refused as a whole.
 */
export interface MessageIntake {
  /** A body of any bytes. */
  take(message: CustomsMessage, then: Then<IntakeAnswer>): void;
  /** Receipts that could be told out of it are doubt. */
  refuse(message: CustomsMessage, told: ReturnType<typeof toldOf>, then: Then<IntakeAnswer>): void;
}

/** What the intake needs of the desk that it is a part of. */
export interface MessageIntakeParts {
  readonly store: Pick<DocumentStore, "transact">;
  readonly judge: Pick<DocumentJudge, "judgeElements">;
  readonly now: () => EventTimes;
  readonly run: <T>(work: Work<T>, then: Then<T>) => void;
  readonly runEvent: (
    event: DeskEvent,
    told: Pick<Work<Outcome>, "by">,
    then: Then<Outcome>,
  ) => void;
  /** Tells an answer for which nothing is journalled. */
  readonly answer: <T>(then: Then<T>, answer: T) => void;
  readonly count: (name: string) => void;
}

export const createMessageIntake = (parts: MessageIntakeParts): MessageIntake => new Intake(parts);

/** A byte order mark is kept in the text, so that the body's bytes can be had back from it. */
const bodyText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A message whose elements could be looked at one by one. */
interface ReadMessage extends CustomsMessage {
  readonly elements: readonly ElementReading[];
  readonly isUnread: boolean;
}

class Intake implements MessageIntake {
  readonly #parts: MessageIntakeParts;

  constructor(parts: MessageIntakeParts) {
    this.#parts = parts;
  }

  take(message: CustomsMessage, then: Then<IntakeAnswer>): void {
    const body = readCustomsBody(message.bytes);
    const by = actorOfMessage(body.sender, message.by);
    if (body.kind === "refused") return this.refuse({ ...message, by }, body, then);
    this.#parts.count("messagesRead");
    const { elements, isUnread } = body;
    const read = { ...message, by, elements, isUnread };
    const answered = mapped(then, (results: readonly ElementAnswer[]): IntakeAnswer => ({
      kind: "results",
      results,
    }));
    this.#takeElements(read, [], (outcome) => {
      if (!isDamage(outcome)) return answered(outcome);
      // One row must not hold up whatever else is in the message, also when it is sent again.
      apart([...elements.keys()], this.#lookingAt(elements), ({ failed, failure }) => {
        if (failure === null) answered(outcome);
        else if (isDamage(failure)) this.#takeElements(read, failed, answered);
        else answered(failure);
      });
    });
  }

  refuse(
    { by, onUntaken }: CustomsMessage,
    { refusal, unread, isUnread }: ReturnType<typeof toldOf>,
    then: Then<IntakeAnswer>,
  ): void {
    const { count, now, answer, runEvent } = this.#parts;
    count("messagesRefused");
    count(`refused_${refusal.code}`);
    const times = now();
    onUntaken?.({ ...refusal, isUnread, by });
    const keep: Together<UnreadReceipt> = (receipts, kept) =>
      runEvent({ kind: "unreadReceipts", ...times, receipts: [...receipts] }, { by }, kept);
    let failure: DeskFailure | null = null;
    const from = (first: number): void => {
      if (first >= unread.length) {
        return failure === null ? answer(then, { kind: "refused", refusal }) : then(failure);
      }
      const some = unread.slice(first, first + unreadReceiptsMax);
      // The doubt of one that needs a damaged row must not take the others' with it.
      apart(some, keep, (ended) => {
        if (ended.failure !== null && !isDamage(ended.failure)) return then(ended.failure);
        failure ??= ended.failure;
        from(first + unreadReceiptsMax);
      });
    };
    from(0);
  }

  /** All elements but those of these places, which are refused. */
  #takeElements(
    { bytes, by, elements, isUnread, onUntaken }: ReadMessage,
    leftOut: readonly number[],
    then: Then<readonly ElementAnswer[]>,
  ): void {
    const { judge, now, run, count } = this.#parts;
    const times = now();
    const judged = withoutElements(elements, leftOut);
    const isUntold =
      isUnread || elements.some((each, place) => leftOut.includes(place) && isReceipt(each));
    const onJudged = (results: readonly ElementAnswer[]): void => {
      const untaken = untakenOf(results, isUntold);
      if (untaken !== null) onUntaken?.({ ...untaken, by });
      for (const { accepted, code } of results) {
        count(accepted ? "elementsAccepted" : "elementsRefused");
        if (code !== null) count(`element_${code}`);
      }
    };
    const kept = leftOut.length === 0 ? {} : { leftOut: [...leftOut] };
    run(
      {
        events: eventsOf({ kind: "elements", elements: judged, times }),
        judge: (state) => judge.judgeElements(state, judged, times),
        // A message that changes nothing need not be repeated.
        input: changesSomething(elements)
          ? { kind: "customsMessage", ...times, xml: bodyText.decode(bytes), ...kept }
          : null,
        by,
        onJudged,
      },
      then,
    );
  }

  /** Reads the rows that the elements of these places need, and does nothing with them. */
  #lookingAt(elements: readonly ElementReading[]): Together<number> {
    const { store, now } = this.#parts;
    const times = now();
    return (places, then) => {
      const some = elements.filter((_, place) => places.includes(place));
      const events = eventsOf({ kind: "elements", elements: some, times });
      const run = () => ({ answer: null, entries: [] });
      store.transact<null>({ events, run }, (outcome) => then(outcomeOf(outcome)));
    };
  }
}

/** What is kept of a message of which nothing was accepted, or not all that customs may have said. */
function untakenOf(
  results: readonly ElementAnswer[],
  isUnread: boolean,
): Omit<UntakenMessage, "by"> | null {
  const isNothing = results.every(({ accepted }) => !accepted);
  const first = results.find(({ accepted }) => !accepted);
  if (!(isNothing || isUnread) || first === undefined || first.code === null) return null;
  const { code, field, reason } = first;
  return { code, field, message: reason ?? code, isUnread };
}
