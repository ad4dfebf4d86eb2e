// Goal: the lines of an agent look at their commitments when what they rely on has changed, and not at
// each answer to a claim: at 200 parcels a second that would be most of a journal (law 12). Method: the
// real keeper, told messages by hand.
import { expect, test } from "vitest";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { applyClearance } from "../../edge/line/clearance-mirror.ts";
import { digestOfClaims } from "../../edge/line/held-claims.ts";
import { startMirrorKeeper } from "../../edge/runtime/mirror-keeper.ts";
import type { ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { record } from "../centre/kit/records.ts";

/** A line of another agent, or one that has stopped. */
const goneLineId = "L9";

function rig() {
  const clock = createVirtualClock();
  const heard = {
    looks: 0,
    told: [] as ClaimAnswer[],
    answers: [] as ClaimAnswer[],
    wanted: [] as string[],
    entries: [] as JournalEntry[],
  };
  const keeper = startMirrorKeeper({
    clock,
    lookAtTime: () => {},
    recorder: { record: (entry) => heard.entries.push(entry) },
    onSnapshotWanted: (why) => heard.wanted.push(why),
    onAnswerTold: (message) => {
      heard.told.push(message.answer);
      if (message.answer.lineId === goneLineId) return;
      applyClearance(keeper.mirror, message, clock.monotonic());
    },
    onClaimAnswered: (answer) => heard.answers.push(answer),
    onLearned: () => (heard.looks += 1),
    onDoubtTaken: () => {},
  });
  let seq = 1;
  const learn = (body: Record<string, unknown>): number => {
    const before = heard.looks;
    seq += 1;
    keeper.learn({ stream: "s", seq, ...body } as unknown as ClearanceMessage);
    return heard.looks - before;
  };
  keeper.learn({ kind: "snapshotBegin", stream: "s", seq: 0, claimsTotal: 0 });
  keeper.learn({ kind: "snapshotEnd", stream: "s", seq: 1, leaseMs: 5_000, heardAt: 0 });
  const answered = (passId: string, waybill: string, lineId = "L1"): Record<string, unknown> => ({
    kind: "claimAnswer",
    answer: { kind: "claimAnswer", lineId, passId, waybill, granted: true, why: null },
    isHeld: true,
    record: record(waybill),
  });
  /** Heard now, for five seconds. */
  const heartbeat = () => ({
    kind: "heartbeat",
    leaseMs: 5_000,
    heardAt: clock.monotonic(),
    ...digestOfClaims(keeper.mirror.held),
  });
  return { clock, keeper, heard, learn, answered, heartbeat };
}

test("an answer is for its own pass, and no line looks at the others for it", () => {
  const { heard, learn, answered } = rig();
  expect(learn(answered("p1", "W001"))).toBe(0);
  expect(learn(answered("p2", "W002"))).toBe(0);
  expect(heard.told.map(({ passId }) => passId)).toEqual(["p1", "p2"]);
  expect(heard.answers).toEqual([]);
});

test("the line that takes an answer journals it, and the keeper does not once more", () => {
  const { heard, learn, answered } = rig();
  const before = heard.entries.length;
  learn(answered("p1", "W001"));
  expect(heard.entries).toHaveLength(before);
});

test("an answer to a line that takes nothing is journalled all the same, and leaves no gap", () => {
  const { keeper, heard, learn, answered } = rig();
  const before = heard.entries.length;
  learn(answered("p1", "W001", goneLineId));
  expect(heard.entries).toHaveLength(before + 1);
  learn(answered("p2", "W002"));
  expect([...keeper.mirror.held.waybillsOf.keys()]).toEqual(["p1", "p2"]);
  expect(heard.wanted).toEqual([]);
});

test("an answer that was seen is told to no line, and is journalled", () => {
  const { heard, learn, answered } = rig();
  learn(answered("p1", "W001"));
  const before = heard.entries.length;
  learn({ ...answered("p1", "W001"), seq: 2 });
  expect(heard.told).toHaveLength(1);
  expect(heard.answers).toEqual([]);
  expect(heard.entries).toHaveLength(before + 1);
});

test("an answer on a label that another pass bears concerns that pass, too", () => {
  const { learn, answered } = rig();
  learn(answered("p1", "W001"));
  expect(learn(answered("p2", "W001"))).toBe(1);
});

test("changes and gaps concern every pass, also a gap that an answer shows", () => {
  const { heard, learn, answered, heartbeat } = rig();
  learn(answered("p1", "W001"));
  expect(learn({ kind: "change", records: [record("W001", { version: 2 })], ended: [] })).toBe(1);
  expect(learn({ ...heartbeat(), claims: 2 })).toBe(1);
  expect(heard.wanted).toEqual(["1 claims held, 2 told"]);
  expect(learn({ ...answered("p2", "W002"), seq: 99 })).toBe(1);
});

test("a lease that runs and goes on running concerns nobody; one that comes back or ends, everybody", () => {
  const { clock, keeper, learn, answered, heartbeat } = rig();
  learn(answered("p1", "W001"));
  clock.runFor(4_999);
  expect(learn(heartbeat())).toBe(0);
  clock.runFor(4_999);
  expect(learn(heartbeat())).toBe(0);
  clock.runFor(5_000);
  expect(learn(heartbeat())).toBe(1);
  keeper.breakTime({ why: "slept", byMs: 60_000 });
  clock.runFor(1);
  expect(learn(heartbeat())).toBe(1);
  expect(learn(heartbeat())).toBe(0);
  expect(learn({ ...heartbeat(), heardAt: 0 })).toBe(1);
});
