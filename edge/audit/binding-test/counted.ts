import { modulo } from "../../../protocols/modulo.ts";
import { countsIn, countsOf, type ReadBinding } from "../../line/config.ts";
import { noLabels } from "./echo.ts";
import type { KnownAnswer, Trigger } from "./parcels.ts";
import type { BindingRecord } from "./record.ts";
import { refusal, unproven, weighed, type BindingVerdict } from "./verdict.ts";

type CountedBinding = Extract<ReadBinding, { kind: "counter" | "ticks" }>;

/** From where to where on the reader's own scale an answer would lie, but for where that begins. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a reader might be numbering: each explains as many answers as share one beginning. */
interface Explanation {
  readonly words: string;
  readonly spans: readonly Span[];
}

/**
 * Where a reader counts from nobody knows. But it counts from one beginning: if it numbers its
 * triggers, all its numbers less the places of their triggers are one and the same; if it numbers
 * its answers, or the last trigger at the time of the answer, those differences are.
 */
export function judgeCounted(
  record: BindingRecord,
  {
    triggers,
    answers,
    binding,
  }: {
    readonly triggers: readonly Trigger[];
    readonly answers: readonly KnownAnswer[];
    readonly binding: CountedBinding;
  },
): BindingVerdict {
  const isCounter = binding.kind === "counter";
  const word = isCounter ? "counter" : "ticks";
  const values: number[] = [];
  for (const { answer } of answers) {
    const value = isCounter ? answer.proof.counter : answer.proof.ticks;
    if (value === undefined) return refusal(`record ${answer.seq}: it came without ${word}`);
    values.push(value);
  }
  if (answers.every(({ trigger }) => trigger.label === null)) return unproven(noLabels);
  const width = 2 ** binding.bits;
  const explainedBy = ({ spans }: Explanation): number => sharedBeginning(values, spans, width);
  const [own, ...others] = isCounter
    ? explanationsOfCounter(triggers, answers)
    : explanationsOfTicks(record, triggers, answers);
  const fitting = explainedBy(own);
  if (fitting < answers.length) {
    const rival = others.toSorted((one, other) => explainedBy(other) - explainedBy(one))[0];
    const rivalFits = rival === undefined ? 0 : explainedBy(rival);
    return refusal(
      rival !== undefined && rivalFits > fitting
        ? `${rival.words}: so fit ${rivalFits} of ${answers.length} answers, and as ${own.words} ${fitting}`
        : `only ${fitting} of ${answers.length} answers fit together as ${own.words}: it lost or doubled some, it began anew, or a parcel did not come before it`,
    );
  }
  const telling = Math.min(...others.map((other) => answers.length - explainedBy(other)));
  return weighed(answers.length, telling, isCounter ? counterLacks : ticksLack);
}

function explanationsOfCounter(
  triggers: readonly Trigger[],
  answers: readonly KnownAnswer[],
): readonly [Explanation, ...Explanation[]] {
  const at = (value: number): Span => ({ from: value, to: value });
  return [
    { words: "numbers of triggers", spans: answers.map(({ place }) => at(place)) },
    {
      words: "it numbers its answers, not its triggers",
      spans: answers.map(({ order }) => at(order)),
    },
    {
      words: "it bears the number of the last trigger before its answer, not of its own",
      spans: answers.map(({ answer: { count } }) => ({
        from: triggers.filter(({ toCount }) => toCount <= count).length - 1,
        to: triggers.filter(({ fromCount }) => fromCount <= count).length - 1,
      })),
    },
  ];
}

function explanationsOfTicks(
  { config }: BindingRecord,
  triggers: readonly Trigger[],
  answers: readonly KnownAnswer[],
): readonly [Explanation, ...Explanation[]] {
  const slack =
    countsIn(config.tracking.eventLateMs, config) + countsOf(config.tracking.earlyMm, config);
  return [
    {
      words: "ticks at triggers",
      spans: answers.map(({ trigger: { fromCount, toCount } }) => ({
        from: fromCount,
        to: toCount,
      })),
    },
    {
      words: "it bears the ticks at its answer, not at its trigger",
      spans: answers.map(({ answer: { count } }) => ({ from: count - slack, to: count + slack })),
    },
    {
      words: "it bears the ticks of the last trigger before its answer, not of its own",
      spans: answers.map(({ trigger, answer: { count } }) => {
        const surely = triggers.findLast(({ toCount }) => toCount <= count) ?? trigger;
        const perhaps = triggers.findLast(({ fromCount }) => fromCount <= count) ?? trigger;
        return { from: surely.fromCount, to: perhaps.toCount };
      }),
    },
  ];
}

/** How many of the values can have the same beginning, on a scale that wraps. */
function sharedBeginning(values: readonly number[], spans: readonly Span[], width: number): number {
  const edges: { readonly at: number; readonly by: 1 | -1 }[] = [];
  let first: number | null = null;
  for (const [index, { from, to }] of spans.entries()) {
    const middle = (values[index] ?? 0) - (from + to) / 2;
    first ??= middle;
    const apart = modulo(middle - first + width / 2, width) - width / 2;
    const half = (to - from) / 2;
    edges.push({ at: apart - half, by: 1 }, { at: apart + half, by: -1 });
  }
  // Spans that only touch share their edge.
  edges.sort((one, other) => one.at - other.at || other.by - one.by);
  let open = 0;
  let most = 0;
  for (const { by } of edges) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}

const counterLacks =
  "set the reader up to answer late and to keep silent where it reads nothing, put some parcels so far apart that each is answered before the next comes, and some so close together that it is not, with blanks among them";
const ticksLack =
  "set the reader up to answer late, let the belt stand while some of the answers are owed and run while others are, and let the next parcel have come to the reader before some of them, at distances that differ";
