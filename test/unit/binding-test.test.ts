/**
 * Goal: the binding test (law 16) proves a reader that latches at its trigger and no other. Method:
 * records of ten parcels whose answers are worked out for each way of misbehaving, one binding after
 * the other; then each way in which a test shows nothing.
 */
import { describe, expect, it } from "vitest";
import { judgeBinding } from "../../edge/audit/binding-test/judge.ts";
import {
  createBindingSession,
  testParcelsMax,
  type BindingRecord,
  type RecordedAnswer,
} from "../../edge/audit/binding-test/record.ts";
import type { ReadBinding } from "../../edge/line/config.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import { beltCount, epochMs, monotonicMs } from "../../protocols/units.ts";
import { configWith } from "../kit/line-reader.ts";

/** Four far apart, so that each is answered before the next comes; then six close together. */
const unevenFronts = [0, 5_000, 10_000, 15_000, 20_000, 20_800, 21_600, 22_400, 23_200, 24_000];
const labels = ["A", "B", "C", "D", "E", null, "F", "G", null, "H"];
const lengthMm = 300;
/** The belt runs a millimetre a count and a millisecond. */
const lateCounts = 2_000;
const firstCounter = 65_530;
const ticksAhead = 4_294_966_000;

interface Way {
  readonly binding: ReadBinding;
  /** Made at the answer instead of the trigger. */
  readonly isAtOutput?: boolean;
  /** Numbers what it answers, and answers no blank. */
  readonly numbersAnswers?: boolean;
  /** Bears the ticks of its newest trigger. */
  readonly ticksOfNewest?: boolean;
  readonly lateBy?: number;
  /** Between parcels at even distances. */
  readonly pitch?: number;
}

const echo = { kind: "echo", sendMm: 150 } as const;
const counter = { kind: "counter", bits: 16 } as const;
const ticks = { kind: "ticks", offsetCounts: null, bits: 32 } as const;
const pulse = { kind: "pulse", goodInputId: "good-read", noReadInputId: "no-read" } as const;

function recordOf({
  binding,
  isAtOutput,
  numbersAnswers,
  ticksOfNewest,
  lateBy = lateCounts,
  pitch,
}: Way): BindingRecord {
  const fronts = pitch === undefined ? unevenFronts : unevenFronts.map((_, index) => index * pitch);
  const config = configWith(binding);
  const { scanner: reader } = config.layout;
  const triggerOf = (index: number): number => (fronts[index] ?? 0) + reader.atMm + 50;
  const sentOf = (index: number): number => (fronts[index] ?? 0) + reader.atMm - 150;
  const answers = fronts.flatMap((_, index): RecordedAnswer[] => {
    const label = labels[index] ?? null;
    if (label === null) return [];
    // The belt stands while the first four are owed.
    const count = triggerOf(index) + (index < 4 ? 0 : lateBy);
    const at = triggerOf(index) + lateBy;
    const seenAt = isAtOutput === true ? count : triggerOf(index);
    const last = fronts.findLastIndex((_front, each) => triggerOf(each) <= seenAt);
    const tokenOf = fronts.findLastIndex(
      (_front, each) => sentOf(each) <= (isAtOutput === true ? at : triggerOf(index)),
    );
    const newest = triggerOf(fronts.findLastIndex((_front, each) => triggerOf(each) <= count));
    const order = labels.slice(0, index).filter((each) => each !== null).length;
    const proof = {
      token: String(tokenOf).padStart(4, "0"),
      counter: (firstCounter + (numbersAnswers === true ? order : last)) % 65_536,
      ticks: ((ticksOfNewest === true ? newest : seenAt) + ticksAhead) % 2 ** 32,
    };
    return [{ seq: 100 + index, at, count, texts: [label], proof }];
  });
  return {
    lineId: "L1",
    reader,
    config,
    passes: fronts.map((frontCount, index) => ({
      passId: `p${index}`,
      frontCount,
      lengthMm,
      token: String(index).padStart(4, "0"),
    })),
    tests: [],
    tokens: fronts.map((_, index) => ({
      token: String(index).padStart(4, "0"),
      at: sentOf(index),
    })),
    answers,
    pulses: fronts.map((_, index) => ({
      inputId: labels[index] === null ? "no-read" : "good-read",
      count: triggerOf(index) + (isAtOutput === true && index >= 4 ? lateBy : 0),
    })),
    span: { fromSeq: 1, toSeq: 200, endedAt: 0 },
  };
}

const judge = (way: Way) => judgeBinding(recordOf(way), labels);
const sentenceOf = (way: Way): string => {
  const verdict = judge(way);
  return verdict.kind === "proven" ? "proven" : `${verdict.kind}: ${verdict.sentence}`;
};

describe("law 16: a reader that latches at its trigger is proven", () => {
  it.each([echo, counter, ticks, pulse])("$kind, by answers that came late", (binding) => {
    const verdict = judge({ binding });
    expect(verdict).toMatchObject({ kind: "proven", answers: 8 });
    expect(verdict.kind === "proven" && verdict.telling).toBeGreaterThanOrEqual(3);
  });

  it("frames of one answer count once, a closing no-read takes nothing back", () => {
    const record = recordOf({ binding: counter });
    const answers = record.answers.flatMap((answer) => [answer, { ...answer, texts: [] }]);
    expect(judgeBinding({ ...record, answers }, labels)).toMatchObject({ kind: "proven" });
  });
});

describe("law 16: a reader that does not is refused, with what it does", () => {
  it.each([
    [
      { binding: echo, isAtOutput: true },
      /refused: record 104: E, for which 0004 was sent, came with 000\d, which was sent after it for another/,
    ],
    [
      { binding: counter, isAtOutput: true },
      /refused: it bears the number of the last trigger before its answer, not of its own/,
    ],
    [
      { binding: counter, numbersAnswers: true },
      /refused: it numbers its answers, not its triggers/,
    ],
    [
      { binding: ticks, isAtOutput: true },
      /refused: it bears the ticks at its answer, not at its trigger/,
    ],
    [
      { binding: ticks, ticksOfNewest: true },
      /refused: it bears the ticks of the last trigger before its answer, not of its own/,
    ],
    [
      { binding: pulse, isAtOutput: true },
      /refused: record 104: E: no output came while it was before the reader, and one came with its answer/,
    ],
  ] as const)("%j", (way, why) => {
    expect(sentenceOf(way)).toMatch(why);
  });

  it.each([
    [
      "a token of nobody",
      echo,
      { token: "9999" },
      /0000 was sent, came with 9999, which was sent for nobody/,
    ],
    ["no token", echo, {}, /A came without a token/],
    ["no counter", counter, {}, /record 100: it came without counter/],
    [
      "a counter that jumps",
      counter,
      { counter: 7 },
      /only 7 of 8 answers fit together as numbers of triggers/,
    ],
  ] as const)("%s", (_what, binding, proof, why) => {
    const record = recordOf({ binding });
    const [first, ...rest] = record.answers;
    const answers = [{ ...first!, proof }, ...rest];
    expect(judgeBinding({ ...record, answers }, labels)).toMatchObject({
      kind: "refused",
      sentence: expect.stringMatching(why),
    });
  });
});

describe("a test that shows nothing proves nothing", () => {
  it("parcels at even distances: the newest trigger's ticks lie as regularly as the own", () => {
    const way = { binding: ticks, ticksOfNewest: true, pitch: 2_000, lateBy: 3_500 };
    expect(sentenceOf(way)).not.toBe("proven");
  });

  it.each([echo, counter, ticks, pulse])("answers that came at once: $kind", (binding) => {
    expect(sentenceOf({ binding, lateBy: 20 })).toMatch(/^unproven: 8 answers fit, and 0 of them/);
    expect(sentenceOf({ binding, lateBy: 20, isAtOutput: true })).toMatch(/^unproven/);
  });

  const record = recordOf({ binding: echo });
  it.each([
    ["one parcel more", record, labels.slice(1), /9 parcels are named and 10 came/],
    ["a label twice", record, ["B", ...labels.slice(1)], /B is named twice/],
    ["a label of no list", record, ["Z", ...labels.slice(1)], /A was read, which is no label/],
    ["no label read", { ...record, answers: [] }, labels, /no label of the list was read/],
    [
      "two labels at once",
      { ...record, answers: record.answers.map((answer) => ({ ...answer, texts: ["A", "B"] })) },
      labels,
      /labels of two parcels are in one answer/,
    ],
    ["a reader taken for none", recordOf({ binding: { kind: "none" } }), labels, /mode lab/],
  ] as const)("%s", (_what, given, names, why) => {
    expect(judgeBinding(given, names)).toMatchObject({
      kind: "unproven",
      sentence: expect.stringMatching(why),
    });
  });
});

describe("what a journal holds of a reader", () => {
  const config = configWith(echo);
  const { scanner } = config.layout;
  const sessionOf = () => createBindingSession("L1", config, scanner);
  const at = (count: number, body: object): LineEvent =>
    ({
      at: monotonicMs(count),
      wallAt: epochMs(count),
      count: beltCount(count),
      ...body,
    }) as LineEvent;

  const induct = (
    session: ReturnType<typeof sessionOf>,
    {
      seq,
      count,
      eyeId = config.layout.inductionEyeId,
    }: { seq: number; count: number; eyeId?: string },
  ): void =>
    session.take({
      seq,
      event: at(count, {
        kind: "sorter",
        event: { kind: "eye", epoch: "e", seq, eyeId, isBlocked: true, count },
      }),
      commands: [],
      facts: [{ kind: "inducted", passId: `p${seq}`, frontCount: beltCount(count) }],
    });

  it("takes no body for a test parcel that was found further on", () => {
    const session = sessionOf();
    induct(session, { seq: 1, count: 100 });
    induct(session, { seq: 2, count: 200, eyeId: "xray-entry" });
    const found = session.found();
    expect(found.kind === "record" && found.record.passes.length).toBe(1);
  });

  it("gives each token to the parcel that is next before the reader", () => {
    const session = sessionOf();
    for (const [seq, count] of [0, 600].entries()) induct(session, { seq, count });
    for (const [token, count] of [
      ["0001", scanner.atMm - 150],
      ["0002", scanner.atMm + 450],
    ] as const) {
      session.take({
        seq: 9,
        event: at(count, { kind: "countReached" }),
        commands: [
          { kind: "readToken", deviceId: "scale-1", token: "7777" },
          { kind: "readToken", deviceId: scanner.deviceId, token },
        ],
        facts: [],
      });
    }
    const found = session.found();
    expect(found.kind === "record" && found.record.passes.map(({ token }) => token)).toEqual([
      "0001",
      "0002",
    ]);
  });

  it("ends where the sorter counts anew, and has a bound", () => {
    const anew = sessionOf();
    const begun = at(5, {
      kind: "sorter",
      event: { kind: "session", epoch: "e", seq: 0, count: 0 },
    });
    anew.take({ seq: 1, event: begun, commands: [], facts: [] });
    expect(anew.found().kind).toBe("record");
    induct(anew, { seq: 2, count: 2 });
    anew.take({ seq: 3, event: begun, commands: [], facts: [] });
    expect(anew.found()).toMatchObject({ kind: "refused", why: expect.stringMatching(/record 3/) });
    const long = sessionOf();
    for (let seq = 1; seq <= testParcelsMax + 2; seq += 1) induct(long, { seq, count: seq });
    expect(long.found()).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/more than/),
    });
  });
});
