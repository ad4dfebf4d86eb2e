/**
 * Goal: both journals keep the contract of the `Journal` port, line by line.
 * Method: one suite over makers; the memory journal's clock is run by hand, SQLite's file is real.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyChain } from "../../edge/audit/verify.ts";
import { inPassingMsMax, type AppendOutcome, type Journal } from "../../edge/journal/journal.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { entries, entry, opened, recordsOf, temporaryFolder } from "./support.ts";

interface Subject {
  readonly journal: Journal;
  /** Lets the outcomes of the appends happen. */
  readonly settle: () => void;
}

interface Maker {
  readonly name: string;
  readonly make: (options: { entriesPendingMax?: number }) => Promise<Subject>;
}

const makers: readonly Maker[] = [
  {
    name: "on SQLite",
    async make(options) {
      const clock = createVirtualClock();
      const journal = await opened({ file: join(temporaryFolder(), "j.db"), clock, ...options });
      return { journal, settle: () => clock.runFor(inPassingMsMax) };
    },
  },
  ...(["onAppend", "onRead"] as const).map((hashing) => ({
    name: `in memory, hashed ${hashing}`,
    make(options: { entriesPendingMax?: number }) {
      const clock = createVirtualClock();
      const syncMs = (): number => 3;
      const journal = new MemoryJournal({ chain: "L1", clock, hashing, syncMs, ...options });
      return Promise.resolve({ journal, settle: () => clock.runFor(1_000) });
    },
  })),
];

const appendAll = (
  { journal, settle }: Subject,
  batches: readonly (readonly JournalEntry[])[],
): Promise<readonly AppendOutcome[]> => {
  const outcomes = batches.map(
    (batch) => new Promise<AppendOutcome>((resolve) => journal.append(batch, resolve)),
  );
  settle();
  return Promise.all(outcomes);
};

describe.each(makers)("the journal $name (laws 5, 14)", ({ make }) => {
  it("numbers records from 1 without gaps and chains them", async () => {
    const subject = await make({});
    const outcomes = await appendAll(subject, [entries(2), [entry(3)]]);
    expect(outcomes).toEqual([
      { kind: "durable", firstSeq: 1, lastSeq: 2 },
      { kind: "durable", firstSeq: 3, lastSeq: 3 },
    ]);
    const records = await recordsOf(subject.journal);
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(records.map(({ body }) => JSON.parse(body))).toEqual(entries(3));
    expect(verifyChain("L1", records).finding).toBeNull();
  });

  it("never answers from inside append, and answers once", async () => {
    const subject = await make({});
    let answers = 0;
    const answered = new Promise<void>((resolve) => {
      subject.journal.append([entry(1)], () => {
        answers += 1;
        resolve();
      });
    });
    expect(answers).toBe(0);
    expect(subject.journal.lastSeq()).toBe(0);
    subject.settle();
    await answered;
    await appendAll(subject, [[entry(2)]]);
    expect(answers).toBe(1);
  });

  it("keeps the order of appends made while others are being synced", async () => {
    const subject = await make({});
    const batches = Array.from({ length: 300 }, (_, index) => [entry(index + 1)]);
    const order: number[] = [];
    const done = Promise.all(
      batches.map(
        (batch, index) =>
          new Promise<void>((resolve) => {
            setImmediate(() => {
              subject.journal.append(batch, () => {
                order.push(index);
                resolve();
              });
              subject.settle();
            });
          }),
      ),
    );
    await done;
    expect(order).toEqual(batches.map((_, index) => index));
    const records = await recordsOf(subject.journal);
    expect(records.map(({ body }) => JSON.parse(body))).toEqual(entries(300));
  });

  it("gathers what waits into fewer commits than appends", async () => {
    const subject = await make({});
    await appendAll(
      subject,
      entries(200).map((one) => [one]),
    );
    const { entriesTotal, commitsTotal, entriesPending } = subject.journal.health().counters;
    expect(entriesTotal).toBe(200);
    expect(commitsTotal).toBeLessThan(50);
    expect(entriesPending).toBe(0);
  });

  it("takes what nobody waits for along with what is awaited, in its order", async () => {
    const subject = await make({});
    const order: number[] = [];
    for (const number of [1, 2, 3]) {
      subject.journal.append([entry(number)], () => order.push(number), "inPassing");
    }
    await appendAll(subject, [[entry(4)]]);
    expect(order).toEqual([1, 2, 3]);
    const records = await recordsOf(subject.journal);
    expect(records.map(({ body }) => JSON.parse(body))).toEqual(entries(4));
    expect(subject.journal.health().counters.commitsTotal).toBe(1);
  });

  it("makes durable what nobody waits for, by itself", async () => {
    const subject = await make({});
    const settled = new Promise<AppendOutcome>((resolve) => {
      subject.journal.append([entry(1)], resolve, "inPassing");
    });
    subject.settle();
    expect(await settled).toEqual({ kind: "durable", firstSeq: 1, lastSeq: 1 });
  });

  it("settles an empty append behind everything before it", async () => {
    const subject = await make({});
    const outcomes = await appendAll(subject, [entries(2), []]);
    expect(outcomes[1]).toEqual({ kind: "durable", firstSeq: 3, lastSeq: 2 });
    expect(subject.journal.lastSeq()).toBe(2);
  });

  it("says overflow beyond entriesPendingMax and keeps what it took", async () => {
    const subject = await make({ entriesPendingMax: 5 });
    const outcomes = await appendAll(subject, [entries(5), [entry(6)]]);
    expect(outcomes[0]).toEqual({ kind: "durable", firstSeq: 1, lastSeq: 5 });
    expect(outcomes[1]).toMatchObject({ kind: "failed", code: "overflow" });
    expect(subject.journal.health().counters).toMatchObject({ overflowsTotal: 1, failedTotal: 1 });
    const [after] = await appendAll(subject, [[entry(6)]]);
    expect(after).toEqual({ kind: "durable", firstSeq: 6, lastSeq: 6 });
  });

  it("reads only what is behind afterSeq, and no more than asked for", async () => {
    const subject = await make({});
    await appendAll(subject, [entries(10)]);
    const page = await subject.journal.readAfter(3, 4);
    expect(page.map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
    expect(await subject.journal.readAfter(10, 4)).toEqual([]);
  });

  it("tells when something became durable", async () => {
    const subject = await make({});
    const seen: number[] = [];
    subject.journal.onSynced(() => seen.push(subject.journal.lastSeq()));
    await appendAll(subject, [entries(3)]);
    expect(seen.at(-1)).toBe(3);
  });

  it("remembers what the centre holds, and doubts more than there is", async () => {
    const subject = await make({});
    await appendAll(subject, [entries(3)]);
    expect(subject.journal.acknowledge(2)).toBe(true);
    expect(subject.journal.acknowledge(1)).toBe(true);
    expect(subject.journal.acknowledge(4)).toBe(false);
    expect(subject.journal.acknowledgedSeq()).toBe(2);
  });

  it("remembers where the centre's own journal ended, by its latest word", async () => {
    const { journal } = await make({});
    expect(journal.notedCentre()).toBeNull();
    const end = { chain: "centre", seq: 7, hash: "a".repeat(64) };
    journal.noteCentre({ ...end, seq: 9 });
    journal.noteCentre(end);
    expect(journal.notedCentre()).toEqual(end);
  });

  it("finishes what it took before it closes, and then says closed", async () => {
    const subject = await make({});
    const taken = appendAll({ ...subject, settle: () => {} }, [entries(3)]);
    const closed = subject.journal.close();
    const late = appendAll(subject, [[entry(4)]]);
    await closed;
    expect(await taken).toEqual([{ kind: "durable", firstSeq: 1, lastSeq: 3 }]);
    expect(await late).toMatchObject([{ kind: "failed", code: "closed" }]);
    expect(subject.journal.health().state).toBe("closed");
  });
});

const refusing = makers.filter(({ name }) => !name.includes("onRead"));

describe.each(refusing)("the journal $name, given what is no JSON", ({ make }) => {
  it("finishes what nobody waited for before it closes", async () => {
    const subject = await make({});
    const outcomes: AppendOutcome["kind"][] = [];
    subject.journal.append([entry(1)], ({ kind }) => outcomes.push(kind), "inPassing");
    const closed = subject.journal.close();
    subject.settle();
    await closed;
    expect(outcomes).toEqual(["durable"]);
  });

  it("refuses an entry that JSON would change", async () => {
    const subject = await make({});
    const bad = { ...entry(2), event: { weightG: Number.NaN } };
    const outcomes = await appendAll(subject, [[entry(1), bad], [entry(3)]]);
    expect(outcomes[0]).toMatchObject({
      kind: "failed",
      code: "entryRefused",
      why: expect.stringContaining("entry 1, event.weightG") as string,
    });
    expect(outcomes[1]).toEqual({ kind: "durable", firstSeq: 1, lastSeq: 1 });
  });
});

describe("the journal in memory (law 11)", () => {
  it("costs no hashing when told never to, and still counts", async () => {
    const clock = createVirtualClock();
    const journal = new MemoryJournal({ chain: "L1", clock, hashing: "never", recordsKeptMax: 8 });
    journal.append(entries(20), () => {});
    clock.runFor(1);
    expect(journal.lastSeq()).toBe(20);
    const kept = await journal.readAfter(0, 100);
    expect(kept.at(-1)).toMatchObject({ seq: 20, hash: "0".repeat(64) });
    expect(kept.length).toBeLessThanOrEqual(8);
    expect(kept[0]?.seq).toBe(20 - kept.length + 1);
  });

  it("keeps its chain over records it has forgotten", async () => {
    const clock = createVirtualClock();
    const all = new MemoryJournal({ chain: "L1", clock, hashing: "onRead" });
    const few = new MemoryJournal({ chain: "L1", clock, hashing: "onRead", recordsKeptMax: 8 });
    for (const journal of [all, few]) journal.append(entries(50), () => {});
    clock.runFor(1);
    expect((await few.readAfter(0, 100)).at(-1)).toEqual((await all.readAfter(49, 1))[0]);
  });

  it("fails a batch when its disk is made to fail, and goes on after", async () => {
    const clock = createVirtualClock();
    let isFull = true;
    const failure = () => (isFull ? ({ code: "diskFull", why: "made full" } as const) : null);
    const journal = new MemoryJournal({ chain: "L1", clock, failure });
    const outcomes: AppendOutcome[] = [];
    journal.append([entry(1)], (outcome) => outcomes.push(outcome));
    clock.runFor(1);
    expect(journal.health()).toMatchObject({ state: "failed", why: "made full" });
    isFull = false;
    journal.append([entry(2)], (outcome) => outcomes.push(outcome));
    clock.runFor(1);
    expect(outcomes).toEqual([
      { kind: "failed", code: "diskFull", why: "made full" },
      { kind: "durable", firstSeq: 1, lastSeq: 1 },
    ]);
    expect(journal.health().state).toBe("writing");
  });
});
