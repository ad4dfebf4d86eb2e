// Goal: who has to be heard before a centre with older records grants anything, and when that is over
// (law 1). Method: the pure book by hand, each reason to wait alone.
import { describe, expect, test } from "vitest";
import {
  awaitedAgents,
  nameMissing,
  newOlderBook,
  noteAlive,
  noteHello,
  noteLostSeen,
  noteOlder,
  noteOver,
} from "../../edge/centre/records/older-book.ts";
import { monotonicMs } from "../../protocols/units.ts";

const leasesOverAt = monotonicMs(1_000);

function bench() {
  const book = newOlderBook(["a1", "a2"]);
  const held = new Map<string, number>();
  const unwhole = new Set<string>();
  const holdings = {
    toldSeqOf: (chain: string) => held.get(chain) ?? 0,
    isWhole: (agentId: string) => !unwhole.has(agentId),
  };
  const hello = (agentId: string, seq: number, chain = agentId): void => {
    noteHello(book, agentId, { chain, seq, isTakenHere: chain === agentId });
    book.agents.get(agentId)!.isJudged = true;
  };
  const alive = (agentId: string, seq: number, ms = 1_000): void =>
    noteAlive(book, agentId, { seq, at: monotonicMs(ms) });
  const find = (toldSeq = 7, lostActs = 3, agentId: string | null = "a1"): boolean =>
    noteOlder(book, { agentId, chain: agentId ?? "centre", toldSeq, lostActs }, leasesOverAt);
  const awaited = (): readonly string[] => awaitedAgents(book, holdings).map((one) => one.agentId);
  /** Both are here, and all that they have told is held. */
  const settle = (): void => {
    for (const agentId of ["a1", "a2"]) {
      hello(agentId, 7);
      held.set(agentId, 7);
      alive(agentId, 7);
    }
  };
  return { book, held, unwhole, hello, alive, find, awaited, settle };
}

test("nobody is awaited while nothing shows that the records are older", () => {
  const { awaited, hello } = bench();
  hello("a1", 5);
  expect(awaited()).toEqual([]);
});

describe("an agent is awaited", () => {
  test("until it has said hello, and that is judged", () => {
    const { book, find, settle, awaited } = bench();
    find();
    expect(awaited()).toEqual(["a1", "a2"]);
    settle();
    expect(awaited()).toEqual([]);
    book.agents.get("a2")!.isJudged = false;
    expect(awaited()).toEqual(["a2"]);
  });

  test("until it has told how far it is when the last leases are over", () => {
    const { find, settle, alive, awaited } = bench();
    settle();
    find();
    alive("a1", 7, 999);
    expect(awaited()).toEqual(["a1"]);
    alive("a1", 7, 1_000);
    expect(awaited()).toEqual([]);
  });

  test("until all that it has told of is here, and all that it was acknowledged", () => {
    const { find, settle, alive, held, awaited } = bench();
    settle();
    find(9);
    expect(awaited()).toEqual(["a1"]);
    held.set("a1", 9);
    expect(awaited()).toEqual([]);
    alive("a2", 8);
    expect(awaited()).toEqual(["a2"]);
  });

  test("while its journal is not whole", () => {
    const { find, settle, unwhole, awaited } = bench();
    settle();
    find();
    unwhole.add("a2");
    expect(awaited()).toEqual(["a2"]);
  });

  test("for a chain of it that nobody here knew, also when it writes the next one", () => {
    const { find, settle, hello, alive, held, awaited } = bench();
    settle();
    find();
    hello("a1", 4, "a1.g2");
    hello("a1", 1);
    alive("a1", 1);
    expect(awaited()).toEqual(["a1"]);
    held.set("a1.g2", 4);
    expect(awaited()).toEqual([]);
  });
});

describe("an agent that a person has named", () => {
  test("is awaited no more, whatever it was told", () => {
    const { book, find, settle, awaited } = bench();
    settle();
    find(9);
    nameMissing(book, "a1");
    expect(awaited()).toEqual([]);
  });

  test("is awaited again when it comes with the journal that is taken here, not with another", () => {
    const { book, find, settle, hello, awaited } = bench();
    settle();
    find(9);
    nameMissing(book, "a1");
    hello("a1", 9, "a1.g2");
    expect(awaited()).toEqual([]);
    hello("a1", 9);
    expect(awaited()).toEqual(["a1"]);
  });
});

test("each chain of which an agent was told more is news once, and again after it is over", () => {
  const { book, find, awaited } = bench();
  expect([find(), find(), find(9, 1, null), find(9, 1, null)]).toEqual([true, false, true, false]);
  noteOver(book);
  expect(awaited()).toEqual([]);
  expect(find()).toBe(true);
});

test("the most that is known to be lost stands until a person has seen to it", () => {
  const { book, find } = bench();
  find(7, 3);
  find(7, 8, "a2");
  find(7, 5);
  expect(book.lostActs).toBe(8);
  noteOver(book);
  expect(book.lostActs).toBe(8);
  noteLostSeen(book);
  expect(book.lostActs).toBe(0);
});
