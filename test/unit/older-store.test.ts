// Goal: what an agent remembers is compared before it is taken, whatever the disk does meanwhile, and
// is not overwritten before what it has shown is kept (laws 1 and 17). Method: the real keeper in
// virtual time over a journal of made-up records, a log of acts that the test makes durable, and two
// agents.
import { expect, test } from "vitest";
import type { CentreAct } from "../../edge/centre/acts/acts.ts";
import { createOlderStore } from "../../edge/centre/records/older-store.ts";
import { system } from "../../protocols/actor.ts";
import type { ChainEnd } from "../../protocols/generation.ts";
import type { DownMessage, UpMessage } from "../../protocols/link.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const hashOf = (seq: number): string => String(seq).padStart(64, "0");
const endAt = (seq: number, chain = "centre"): ChainEnd => ({ chain, seq, hash: hashOf(seq) });

function rig(ownSeq: number) {
  const clock = createVirtualClock();
  const state = { ownSeq, isUnreadable: false, heldSeq: 5 };
  const acts: CentreAct[] = [];
  const failures: (readonly [string, unknown])[] = [];
  const unkept: (() => void)[] = [];
  const sent: (readonly [string, DownMessage])[] = [];
  const store = createOlderStore({
    clock,
    acts: {
      write: (act) => acts.push(act),
      offer: (act, _by, then) => {
        acts.push(act);
        then(true);
      },
      whenKept: (then) => unkept.push(then),
    },
    agentIds: ["a1", "a2"],
    journal: {
      tail: () => endAt(state.ownSeq),
      readAfter: (afterSeq) =>
        state.isUnreadable
          ? Promise.reject(new Error("the disk"))
          : Promise.resolve([{ ...endAt(afterSeq + 1), body: "", prevHash: hashOf(afterSeq) }]),
    },
    copies: { held: (chain) => endAt(state.heldSeq, chain) },
    holdings: { toldSeqOf: () => state.heldSeq, isWhole: () => true },
    leaseMs: 2_000,
    send: (agentId, message) => {
      sent.push([agentId, message]);
      return { kind: "sent" };
    },
    onDiskFailed: (chain, error) => failures.push([chain, error]),
    onChanged: () => {},
  });
  const hello = (agentId: string, centre: ChainEnd | null, seq = 5): Promise<void> => {
    const message: Extract<UpMessage, { kind: "hello" }> = {
      kind: "hello",
      agentId,
      chain: agentId,
      generation: 1,
      lastSeq: 5,
      lastHash: hashOf(5),
      told: { seq, centre },
      lineIds: ["L1"],
      clearanceStream: null,
      clearanceSeq: 0,
      at: 0,
    };
    store.hello(agentId, message, true);
    return settle();
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  const tick = (ms: number): Promise<void> => {
    clock.runFor(ms);
    store.tick();
    return settle();
  };
  const keep = (): void => unkept.splice(0).forEach((then) => then());
  return { state, store, acts, failures, sent, hello, tick, keep };
}

test("whoever remembers what is here is taken, also when the journal has grown", async () => {
  const { store, hello } = rig(10);
  await hello("a1", endAt(10));
  expect(store.mayBeTaken("a1")).toBe(false);
  await hello("a2", endAt(7));
  expect([store.mayBeTaken("a1"), store.mayBeTaken("a2")]).toEqual([true, true]);
  expect(store.view().isOlder).toBe(false);
});

test("nobody is taken before the other has said a word, or three seconds later", async () => {
  const { store, hello, tick } = rig(10);
  await hello("a1", endAt(10));
  await tick(2_999);
  expect(store.mayBeTaken("a1")).toBe(false);
  await tick(1);
  expect(store.mayBeTaken("a1")).toBe(true);
});

test("a centre that holds nothing yet waits for nobody", async () => {
  const { store, hello } = rig(0);
  await hello("a1", null);
  expect(store.mayBeTaken("a1")).toBe(true);
});

test.each([
  ["a later end", endAt(13), 5, 3],
  ["another record with that number", { ...endAt(10), hash: "f".repeat(64) }, 5, 1],
  ["another record further back", { ...endAt(6), hash: "f".repeat(64) }, 5, 1],
  ["another centre", endAt(4, "centre-2"), 5, 1],
  ["more of its own journal", endAt(10), 6, 0],
])("%s shows that the records are older", async (_name, centre, seq, lostActs) => {
  const { store, acts, hello } = rig(10);
  await hello("a2", null);
  await hello("a1", centre, seq);
  expect(store.view()).toMatchObject({ isOlder: true, lostActs });
  expect(acts).toMatchObject([{ kind: "olderFound", agentId: "a1", toldSeq: seq, heldSeq: 5 }]);
  expect([store.mayBeTaken("a1"), store.mayBeTaken("a2")]).toEqual([false, false]);
});

test("while the own journal cannot be read nobody is taken who remembers it, and it is tried again", async () => {
  const { state, store, failures, hello, tick } = rig(10);
  state.isUnreadable = true;
  await hello("a2", null);
  await hello("a1", { ...endAt(7), hash: "f".repeat(64) });
  await tick(4_000);
  expect([store.mayBeTaken("a1"), store.mayBeTaken("a2")]).toEqual([false, true]);
  expect(store.view().isOlder).toBe(false);
  expect(failures[0]).toEqual(["centre", new Error("the disk")]);
  state.isUnreadable = false;
  await tick(100);
  expect(store.view().isOlder).toBe(true);
});

test("an agent is told where the journal ends when it is judged, and then every two seconds", async () => {
  const { state, sent, hello, tick } = rig(10);
  await hello("a1", null);
  expect(sent).toEqual([["a1", { kind: "centreReached", end: endAt(10) }]]);
  state.ownSeq = 11;
  await tick(1_999);
  expect(sent).toHaveLength(1);
  await tick(1);
  expect(sent.at(-1)).toEqual(["a1", { kind: "centreReached", end: endAt(11) }]);
  await tick(10_000);
  expect(sent).toHaveLength(2);
});

test("law 17: what shows it is not told anything else before that is kept", async () => {
  const { sent, hello, tick, keep } = rig(10);
  await hello("a1", endAt(13));
  await tick(5_000);
  expect(sent).toEqual([]);
  keep();
  expect(sent).toEqual([["a1", { kind: "centreReached", end: endAt(10) }]]);
});

test("what shows it while the end is being written is written behind that end", async () => {
  const { store, acts, hello, tick, keep } = rig(10);
  await hello("a1", endAt(13));
  await hello("a2", null);
  keep();
  // The last leases are not over before.
  for (const ms of [1_999, 1]) {
    expect(acts).toHaveLength(1);
    await tick(ms);
    for (const agentId of ["a1", "a2"]) store.alive(agentId, 5);
    await tick(0);
  }
  expect(acts.map(({ kind }) => kind)).toEqual(["olderFound", "olderOver"]);
  await hello("a1", endAt(13));
  keep();
  expect(acts.map(({ kind }) => kind)).toEqual(["olderFound", "olderOver", "olderFound"]);
  expect(store.view().isOlder).toBe(true);
});

test("nobody is named whom nobody awaits, and nothing is seen to that is not lost", async () => {
  const { store } = rig(10);
  const by = system("test", "test");
  const notAwaited = { kind: "refused", why: "notAwaited" };
  expect(await store.nameMissing("a1", by, "gone")).toEqual(notAwaited);
  const unknown = { kind: "refused", why: "unknownAgent" };
  expect(await store.nameMissing("a9", by, "gone")).toEqual(unknown);
  expect(await store.seeLost(by, "sent")).toEqual({ kind: "refused", why: "nothingLost" });
});
