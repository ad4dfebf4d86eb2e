// Goal: stories that are read back while the centre works come to the same book as if all had been told
// in order, however the disk and what the lines tell meanwhile fall together, and nobody sees half a book.
// Method: a line's journal of passes one behind the other, cut where a restart would cut it; what is behind
// the cut is told at once, and some of it while pages are read, against a book that was told all in order.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  endUntold,
  newPassBook,
  orderPasses,
  takeFact,
  takeOldFact,
  type PassBook,
} from "../../edge/centre/lines/passes.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import { readFacts } from "../../edge/centre/lines/record-facts.ts";
import { changesMax, createStoryReader, waitingMax } from "../../edge/centre/lines/story-reader.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const chain = "agent-L1";

function recordOf(seq: number, fact: Fact, lineId = "L1", wallAt = seq): JournalRecord {
  const event = { kind: "countReached", at: seq, wallAt: 1_700_000_000_000 + wallAt, count: seq };
  const entry = stepEntry(lineId, event, { commands: [], facts: [fact] });
  return { chain: `agent-${lineId}`, seq, prevHash: "", hash: "", body: JSON.stringify(entry) };
}

/** Passes that overlap: each begins before the one three places before it leaves. */
function journalOf(passesTotal: number): readonly JournalRecord[] {
  const facts: Fact[] = [];
  for (let n = 0; n < passesTotal + 3; n += 1) {
    const passId = `p${n}`;
    if (n < passesTotal) {
      facts.push({ kind: "inducted", passId, frontCount: beltCount(n) });
      facts.push({ kind: "identified", passId, waybill: `W${n % 5}`, deviceId: "s" });
    }
    const count = beltCount(n);
    const green = { exit: "green", expected: "green", count } as const;
    if (n >= 3) facts.push({ kind: "left", passId: `p${n - 3}`, ...green });
  }
  return facts.map((fact, index) => recordOf(index + 1, fact));
}

const shown = ({ byId, byWaybill, ended, openByLine }: PassBook) => ({
  byId: Object.fromEntries(byId),
  byWaybill: Object.fromEntries(byWaybill),
  ended: [...ended],
  open: [...(openByLine.get("L1") ?? [])],
});

/** A reader over a disk whose answers the test gives one by one. */
function stand(records: readonly JournalRecord[]) {
  const clock = createVirtualClock();
  const book = newPassBook();
  const asked: { afterSeq: number; answer: (works: boolean) => void }[] = [];
  const bugs: unknown[] = [];
  const toldSeqs = new Map<string, number>();
  const closed = new Set<string>();
  const reader = createStoryReader({
    book,
    clock,
    toldSeqs: () => new Map(toldSeqs),
    isClosed: (name) => closed.has(name),
    isLineOf: (agentId, lineId) => agentId === `agent-${lineId}`,
    onBug: (thrown) => bugs.push(thrown),
    copies: {
      readAfter: (of, afterSeq, recordsMax) =>
        new Promise((resolve, reject) =>
          asked.push({
            afterSeq,
            answer: (works) =>
              works
                ? resolve(
                    records
                      .filter((record) => record.chain === of)
                      .slice(afterSeq, afterSeq + recordsMax),
                  )
                : reject(new Error("the disk is gone")),
          }),
        ),
    },
  });
  const tell = (record: JournalRecord): void => {
    toldSeqs.set(chain, record.seq);
    for (const stamped of readFacts(record.body).facts) {
      reader.change((each) => takeFact(each, stamped, { chain, seq: record.seq }));
    }
  };
  const answerNext = async (works: boolean): Promise<void> => {
    asked.shift()?.answer(works);
    await settle();
  };
  /** Ten seconds later it is tried again. */
  const tryAgain = async (): Promise<void> => {
    clock.runFor(10_000);
    await settle();
  };
  return { clock, book, reader, asked, bugs, closed, tell, answerNext, tryAgain };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** All in order, as before a restart. */
function toldInOrder(
  records: readonly JournalRecord[],
  fromSeq: number,
  beforeSeq: number,
): PassBook {
  const book = newPassBook();
  for (const { seq, body } of records) {
    if (seq < fromSeq) continue;
    const take = seq < beforeSeq ? takeOldFact : takeFact;
    for (const stamped of readFacts(body).facts) take(book, stamped, { chain, seq });
  }
  orderPasses(book);
  return book;
}

describe("stories read back after a restart (S8)", () => {
  test("come to the same book, whatever is told meanwhile and however often the disk fails", async () => {
    const plan = fc.record({
      passesTotal: fc.integer({ min: 1, max: 150 }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      /** Of what is behind the cut, told before reading begins. */
      known: fc.double({ min: 0, max: 1, noNaN: true }),
      works: fc.array(fc.boolean(), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ passesTotal, cut, from, known, works }) => {
        const records = journalOf(passesTotal);
        const beforeSeq = 1 + Math.floor(cut * records.length);
        const fromSeq = 1 + Math.floor(from * (beforeSeq - 1));
        const live = records.slice(beforeSeq - 1);
        const { book, reader, asked, bugs, tell, answerNext, tryAgain } = stand(records);
        for (const record of live.splice(0, Math.floor(known * live.length))) tell(record);
        reader.begin([{ chain, fromSeq, beforeSeq }]);
        const isToRead = fromSeq < beforeSeq;
        expect(reader.unreadFrom().get(chain)).toBe(isToRead ? fromSeq : undefined);
        const isRead = reader.whenRead();
        let hasFailed = false;
        for (let page = 0; asked.length > 0; page += 1) {
          for (const record of live.splice(0, 7)) tell(record);
          const before = shown(book);
          const isWorking = works[page] ?? true;
          await answerNext(isWorking);
          if (reader.unreadFrom().size > 0) expect(shown(book)).toEqual(before);
          if (isWorking) continue;
          hasFailed = true;
          expect(reader.warnings()).toEqual([
            "the stories of before the restart are not read yet: the disk is gone",
          ]);
          expect(await reader.whenRead()).toBe(false);
          await tryAgain();
        }
        await answerNext(true);
        expect(await isRead).toBe(!hasFailed);
        expect(await reader.whenRead()).toBe(true);
        for (const record of live) tell(record);
        const wanted = toldInOrder(records, fromSeq, beforeSeq);
        expect(shown(book)).toEqual(shown(wanted));
        // So that two empty books are not taken for the same.
        if (fromSeq === 1) expect(book.byId.size).toBe(passesTotal);
        expect({ warnings: reader.warnings(), unread: reader.unreadFrom().size, bugs }).toEqual({
          warnings: [],
          unread: 0,
          bugs: [],
        });
      }),
      { numRuns: 60 },
    );
  });

  test("of two lines stand in the order of their times, though one journal is read before the other", async () => {
    const passOf = (lineId: string, passId: string, beganAt: number) => [
      recordOf(1, { kind: "inducted", passId, frontCount: beltCount(1) }, lineId, beganAt),
      recordOf(2, { kind: "identified", passId, waybill: "W", deviceId: "s" }, lineId, beganAt + 1),
      recordOf(3, { kind: "lost", passId, lastSeenMm: 1 }, lineId, beganAt + 2),
    ];
    const { book, reader, answerNext } = stand([
      ...passOf("L1", "later", 20),
      ...passOf("L2", "earlier", 10),
    ]);
    const place = { fromSeq: 1, beforeSeq: 4 };
    reader.begin([
      { chain, ...place },
      { chain: "agent-L2", ...place },
    ]);
    for (let page = 0; page < 2; page += 1) await answerNext(true);
    expect(shown(book)).toMatchObject({
      byWaybill: { W: ["earlier", "later"] },
      ended: ["earlier", "later"],
    });
  });

  test("keep nothing of what comes while the disk fails, and have it all the same", async () => {
    const records = journalOf(50);
    const { book, reader, asked, tell, answerNext, tryAgain } = stand(records);
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 110 }]);
    await answerNext(true);
    await answerNext(false);
    let calls = 0;
    reader.change(() => {
      calls += 1;
    });
    for (const record of records.slice(109, 130)) tell(record);
    await tryAgain();
    // Not from the beginning: what was read is not read once more.
    expect(asked[0]?.afterSeq).toBe(100);
    expect(reader.unreadFrom()).toEqual(new Map([[chain, 1]]));
    while (asked.length > 0) await answerNext(true);
    expect(calls).toBe(1);
    for (const record of records.slice(130)) tell(record);
    expect(shown(book)).toEqual(shown(toldInOrder(records, 1, 110)));
    expect(await reader.whenRead()).toBe(true);
  });

  test.each([
    ["before", 0],
    ["while they are read", 1],
    ["while the rest is read", 2],
  ])("find no end in how much comes %s", async (_when, pages) => {
    const records = journalOf(100);
    const { book, reader, asked, bugs, tell, answerNext } = stand(records);
    const live = records.slice(109);
    const tellMuch = (): void => {
      for (let total = 0; total < changesMax; total += 1) reader.change(() => {});
    };
    for (const record of live.splice(0, 50)) tell(record);
    if (pages !== 1) tellMuch();
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 110 }]);
    for (let page = 0; asked.length > 0; page += 1) {
      for (const record of live.splice(0, 30)) tell(record);
      if (page === pages && pages > 0) tellMuch();
      await answerNext(true);
    }
    for (const record of live) tell(record);
    expect(shown(book)).toEqual(shown(toldInOrder(records, 1, 110)));
    expect(await reader.whenRead()).toBe(true);
    expect({ warnings: reader.warnings(), bugs }).toEqual({ warnings: [], bugs: [] });
  });

  test("end passes of a chain that was closed while its journal was read once more", async () => {
    const records = journalOf(50);
    const { book, reader, asked, closed, tell, answerNext, tryAgain } = stand(records);
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 110 }]);
    await answerNext(false);
    for (const record of records.slice(109, 120)) tell(record);
    closed.add(chain);
    reader.change((each) => endUntold(each, () => true));
    await tryAgain();
    while (asked.length > 0) await answerNext(true);
    expect(await reader.whenRead()).toBe(true);
    expect(book.byId.size).toBeGreaterThan(30);
    expect([...book.openByLine.values()].flatMap((passIds) => [...passIds])).toEqual([]);
  });

  test("leave the book as it is where there are none, however much the restart has told", async () => {
    const records = journalOf(10);
    const { book, reader, tell, answerNext } = stand(records);
    for (const record of records) tell(record);
    const told = shown(book);
    for (let total = 0; total < changesMax; total += 1) reader.change(() => {});
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 1 }]);
    await answerNext(true);
    expect(shown(book)).toEqual(told);
    expect(await reader.whenRead()).toBe(true);
    expect(reader.warnings()).toEqual([]);
  });

  test("stand in the order of their times also where none is to be read", () => {
    const { book, reader } = stand([]);
    for (const [passId, wallAt] of [
      ["later", 20],
      ["earlier", 10],
    ] as const) {
      const fact = { kind: "lost", passId, lastSeenMm: 1 } as const;
      const [stamped] = readFacts(recordOf(1, fact, "L1", wallAt).body).facts;
      reader.change((each) => takeFact(each, stamped!, { chain, seq: 1 }));
    }
    reader.begin([]);
    expect([...book.ended]).toEqual(["earlier", "later"]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "lose nothing of what has come where too much of it comes %i turns behind the last page",
    async (turns) => {
      const before = journalOf(5);
      const beforeSeq = before.length + 1;
      const begun = { kind: "inducted", passId: "open", frontCount: beltCount(1) } as const;
      const goesOn = { kind: "measured", passId: "open", lengthMm: 1, gapMm: null } as const;
      const live = [recordOf(beforeSeq, begun), recordOf(beforeSeq + 1, goesOn)] as const;
      const { book, reader, asked, tell, answerNext } = stand([...before, ...live]);
      for (let total = 0; total < changesMax - 2; total += 1) reader.change(() => {});
      tell(live[0]);
      reader.begin([{ chain, fromSeq: 1, beforeSeq }]);
      asked.shift()?.answer(true);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      tell(live[1]);
      do await answerNext(true);
      while (asked.length > 0);
      expect(book.byId.get("open")?.facts).toHaveLength(2);
    },
  );

  test("stay wanted after a bug of ours, which is told, and nobody waits for them", async () => {
    const records = journalOf(5);
    const { book, reader, bugs, answerNext } = stand(records);
    const bug = new Error("planted");
    let calls = 0;
    reader.change(() => {
      calls += 1;
      if (calls > 1) throw bug;
    });
    reader.begin([{ chain, fromSeq: 1, beforeSeq: records.length + 1 }]);
    const isRead = reader.whenRead();
    await answerNext(true);
    expect(await isRead).toBe(false);
    expect(await reader.whenRead()).toBe(false);
    expect(bugs).toEqual([bug]);
    expect(reader.warnings()).toHaveLength(1);
    expect(reader.unreadFrom()).toEqual(new Map([[chain, 1]]));
    expect(book.byId.size).toBe(0);
  });

  test.each([true, false])("end with the centre (works: %s), and nobody waits", async (works) => {
    const { clock, book, reader, asked, answerNext } = stand(journalOf(50));
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 120 }]);
    const isRead = reader.whenRead();
    reader.stop();
    expect(await isRead).toBe(false);
    await answerNext(works);
    clock.runFor(60_000);
    expect(asked).toHaveLength(0);
    expect(book.byId.size).toBe(0);
  });

  test("are waited for a moment, by so many, and by nobody once the centre stops", async () => {
    const { clock, reader, answerNext } = stand(journalOf(5));
    reader.begin([{ chain, fromSeq: 1, beforeSeq: 16 }]);
    const waiting = Array.from({ length: waitingMax }, () => reader.whenRead());
    expect(await reader.whenRead()).toBe(false);
    clock.runFor(1_000);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([false]));
    const isRead = reader.whenRead();
    expect(clock.pendingCount()).toBe(1);
    await answerNext(true);
    expect(await isRead).toBe(true);
    expect(clock.pendingCount()).toBe(0);
    const stopped = stand(journalOf(5));
    stopped.reader.begin([{ chain, fromSeq: 1, beforeSeq: 16 }]);
    stopped.reader.stop();
    expect(await stopped.reader.whenRead()).toBe(false);
  });
});
