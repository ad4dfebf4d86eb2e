// Goal: an agent's records are copied, told once each and in order, and only then acknowledged.
// Method: the pure machine given each answer of the disk by hand; then by chance, beside a model of
// copies that fail, repeat and run ahead.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  messagesPendingMax,
  newChainIntake,
  stepChain,
  type ChainEvent,
  type ChainIntake,
} from "../../edge/centre/lines/chain-intake.ts";
import type { TakeOutcome } from "../../edge/journal/copies.ts";
import type { JournalRecord } from "../../protocols/link.ts";

const record = (seq: number, chain = "L1"): JournalRecord => ({
  chain,
  seq,
  body: "{}",
  prevHash: "0".repeat(64),
  hash: "0".repeat(64),
});
const upTo = (last: number, first = 1): JournalRecord[] =>
  Array.from({ length: last - first + 1 }, (_, n) => record(first + n));
const taken = (heldSeq: number): TakeOutcome => ({ kind: "taken", heldSeq, added: 0, repeated: 0 });

function chain() {
  const totals = {
    recordsTotal: 0,
    repeatedTotal: 0,
    refusedTotal: 0,
    failedTotal: 0,
    overflowTotal: 0,
  };
  const state = newChainIntake("L1", totals);
  const step = (event: ChainEvent) => stepChain(state, event);
  step({ kind: "hello", agentId: "a", heldSeq: 0 });
  return { state, totals, step };
}

describe("the intake of one chain (law 14)", () => {
  test("copies first, tells what is held, and acknowledges last", () => {
    const { step } = chain();
    const records = upTo(2);
    expect(step({ kind: "records", records })).toEqual({
      effects: [],
      work: { kind: "copy", records },
    });
    expect(step({ kind: "copied", outcome: taken(2) })).toEqual({
      effects: [
        { kind: "tell", record: record(1), age: "new" },
        { kind: "tell", record: record(2), age: "new" },
        { kind: "acknowledge", agentId: "a", seq: 2, isProof: true },
      ],
      work: null,
    });
  });

  test("tells nothing and acknowledges nothing when the disk failed", () => {
    const { step, totals } = chain();
    step({ kind: "records", records: upTo(2) });
    const failed = { kind: "failed", code: "diskFull", why: "full" } as const;
    const outcome = { ...failed, heldSeq: 0, added: 0, repeated: 0 };
    expect(step({ kind: "copied", outcome })).toEqual({ effects: [], work: null });
    expect(totals.failedTotal).toBe(1);
  });

  test("reads what is held and was not told before it acknowledges", () => {
    const { step } = chain();
    step({ kind: "records", records: [record(3)] });
    const { effects, work } = step({ kind: "copied", outcome: taken(3) });
    expect(effects).toEqual([]);
    expect(work).toMatchObject({ kind: "read", afterSeq: 0 });
    expect(step({ kind: "read", records: upTo(2) }).work).toMatchObject({ afterSeq: 2 });
    const last = step({ kind: "read", records: [record(3)] });
    expect(last.effects.map(({ kind }) => kind)).toEqual(["tell", "acknowledge"]);
  });

  test("a disk that cannot be read, or that lacks what it said, holds up no acknowledgement", () => {
    for (const answer of [{ kind: "readFailed" }, { kind: "read", records: [] }] as const) {
      const { step } = chain();
      step({ kind: "records", records: [record(3)] });
      step({ kind: "copied", outcome: taken(3) });
      expect(step(answer)).toEqual({
        effects: [{ kind: "acknowledge", agentId: "a", seq: 3, isProof: true }],
        work: null,
      });
    }
  });

  test("asks for what is missing, and refuses another history", () => {
    const { step } = chain();
    const refused = (code: "gap" | "fork"): TakeOutcome => ({
      kind: "refused",
      heldSeq: 0,
      added: 0,
      repeated: 0,
      code,
      seq: 5,
      why: "another hash",
    });
    const answers = (["gap", "fork"] as const).map((code) => {
      step({ kind: "records", records: [record(5)] });
      return step({ kind: "copied", outcome: refused(code) }).effects;
    });
    expect(answers).toEqual([
      [{ kind: "want", agentId: "a", afterSeq: 0 }],
      [{ kind: "refuse", agentId: "a", code: "journalFork", why: "record 5: another hash" }],
    ]);
  });

  test("another agent's hello is refused, a closed chain's records are told to nobody", () => {
    const { step } = chain();
    expect(step({ kind: "hello", agentId: "b", heldSeq: 0 }).effects).toEqual([
      { kind: "refuse", agentId: "b", code: "journalForeign", why: "a writes it as well" },
    ]);
    expect(step({ kind: "hello", agentId: "a", heldSeq: 5 }).effects).toEqual([
      { kind: "acknowledge", agentId: "a", seq: 5, isProof: false },
    ]);
    step({ kind: "closed" });
    step({ kind: "records", records: upTo(1) });
    expect(step({ kind: "copied", outcome: taken(1) }).effects).toEqual([
      { kind: "tell", record: record(1), age: "new" },
    ]);
  });

  test("an old record that comes again proves nothing of the end", () => {
    const { step } = chain();
    step({ kind: "records", records: upTo(5) });
    step({ kind: "copied", outcome: taken(5) });
    step({ kind: "records", records: upTo(3) });
    expect(step({ kind: "copied", outcome: taken(5) }).effects).toEqual([
      { kind: "acknowledge", agentId: "a", seq: 5, isProof: false },
    ]);
  });

  test("holds as many messages as it may, drops one more, and refuses another chain's", () => {
    const { step, totals } = chain();
    for (let n = 0; n < messagesPendingMax; n += 1) step({ kind: "records", records: upTo(1) });
    expect(totals.overflowTotal).toBe(0);
    step({ kind: "records", records: upTo(1) });
    expect(totals.overflowTotal).toBe(1);
    const foreign = [record(1, "L2")];
    expect(step({ kind: "records", records: foreign })).toEqual({ effects: [], work: null });
    expect(totals.refusedTotal).toBe(1);
  });

  test.each([
    { seq: 9, age: "known" },
    { seq: 20, age: "known" },
    { seq: 21, age: "new" },
  ])("after a restart record $seq is $age", ({ seq, age }) => {
    const { step, state } = chain();
    state.toldSeq = 20;
    expect(step({ kind: "retell", afterSeq: seq - 1, heldSeq: seq }).work).not.toBeNull();
    expect(step({ kind: "read", records: [record(seq)] })).toEqual({
      effects: [{ kind: "tell", record: record(seq), age }],
      work: null,
    });
  });

  test("whatever arrives and fails, each record is told once, in order, and not before it is held", () => {
    const message = fc.record({
      from: fc.nat(6),
      length: fc.nat(4),
      copying: fc.constantFrom("works", "works", "fails"),
      reading: fc.constantFrom("works", "works", "fails"),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        const { step, state } = chain();
        let heldSeq = 0;
        const told: number[] = [];
        for (const { from, length, copying, reading } of messages) {
          const first = Math.max(1, heldSeq - 3 + from);
          const records = upTo(first + length, first);
          let { effects, work } = step({ kind: "records", records });
          while (work !== null) {
            if (work.kind === "copy") heldSeq = heldAfter(heldSeq, records, copying === "works");
            const event = diskAnswer(state, { work, heldSeq, copying, reading });
            ({ effects, work } = step(event));
            for (const effect of effects) {
              if (effect.kind === "tell") told.push(effect.record.seq);
              if (effect.kind === "acknowledge") expect(effect.seq).toBe(heldSeq);
            }
          }
          expect(told).toEqual(upTo(told.length).map(({ seq }) => seq));
          expect(told.length).toBeLessThanOrEqual(heldSeq);
          if (copying === "works" && reading === "works") expect(told.length).toBe(heldSeq);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** What the copies hold after they were given these records. */
const heldAfter = (heldSeq: number, records: readonly JournalRecord[], works: boolean): number =>
  works && (records[0]?.seq ?? 0) <= heldSeq + 1
    ? Math.max(heldSeq, records.at(-1)?.seq ?? 0)
    : heldSeq;

function diskAnswer(
  state: ChainIntake,
  disk: {
    readonly work: NonNullable<ReturnType<typeof stepChain>["work"]>;
    readonly heldSeq: number;
    readonly copying: string;
    readonly reading: string;
  },
): ChainEvent {
  const { work, heldSeq } = disk;
  const counts = { heldSeq, added: 0, repeated: 0 };
  if (work.kind === "read") {
    if (disk.reading === "fails") return { kind: "readFailed" };
    // Fewer than are there, so that one page is not all.
    return {
      kind: "read",
      records: upTo(Math.min(heldSeq, state.appliedSeq + 2), work.afterSeq + 1),
    };
  }
  if (disk.copying === "fails") {
    return {
      kind: "copied",
      outcome: { ...counts, kind: "failed", code: "diskFull", why: "full" },
    };
  }
  const first = work.records[0]?.seq ?? 0;
  if (first <= heldSeq + 1) return { kind: "copied", outcome: { ...counts, kind: "taken" } };
  const gap = { kind: "refused", code: "gap", seq: first, why: "missing" } as const;
  return { kind: "copied", outcome: { ...counts, ...gap } };
}
