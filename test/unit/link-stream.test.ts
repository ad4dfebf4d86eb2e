// Goal: one agent's clearance stream numbers what went, repeats what was missed, and never renews a
// lease over what is untold. Method: the pure machine, given one event after the other by hand, and
// by chance with a wire that refuses whenever it likes.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pendingTotal, perMessageMax } from "../../edge/link/clearance-pending.ts";
import {
  newClearanceStream,
  nextMessage,
  pendingMax,
  resendMessagesMax,
  stepStream,
  type ClearanceStream,
} from "../../edge/link/clearance-stream.ts";
import type { StreamEffect, StreamEvent } from "../../edge/link/stream-events.ts";
import { holdClaim } from "../../edge/line/held-claims.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { record } from "../centre/kit/records.ts";

const leaseMs = 15_000;
const at = (ms: number): MonotonicMs => monotonicMs(ms);
const changed = (...waybills: string[]): StreamEvent => ({
  kind: "changed",
  records: waybills.map((waybill) => record(waybill)),
});
const claimOn = (waybill: string) => ({ passId: `p-${waybill}`, waybill });
const answered = (waybill: string, granted = true): StreamEvent => ({
  kind: "answered",
  answer: {
    kind: "claimAnswer",
    lineId: "L1",
    ...claimOn(waybill),
    granted,
    why: granted ? null : "claimedElsewhere",
  },
  isHeld: true,
  record: record(waybill),
});
const hello = (stream: string | null, seq: number, ms = 0): StreamEvent => ({
  kind: "hello",
  stream,
  seq,
  heardAt: 7,
  at: at(ms),
});

/**
 * The machine on a wire that takes as many messages as the test allows. `waybills` are asked for
 * before; whatever changes is held by some pass.
 */
function bench(waybills: readonly string[] = []) {
  const state: ClearanceStream = newClearanceStream("s0", leaseMs);
  const hold = (waybill: string): void =>
    holdClaim(state.held, { ...claimOn(waybill), record: record(waybill) });
  for (const waybill of waybills) {
    stepStream(state, {
      kind: "restored",
      claim: { ...claimOn(waybill), record: record(waybill) },
    });
  }
  const went: ClearanceMessage[] = [];
  const effects: StreamEffect[] = [];
  /** Whether what has changed is told, so that the stream may lease. */
  const disk = { isTold: true };
  let streams = 0;
  let room = Number.POSITIVE_INFINITY;
  let now = at(0);
  const step = (event: StreamEvent): void => {
    if (event.kind === "changed") for (const { waybill } of event.records) hold(waybill);
    for (const effect of stepStream(state, event)) {
      effects.push(effect);
      const stream = `s${streams + 1}`;
      if (effect.kind === "takeSnapshot") {
        streams += 1;
        step({ kind: "snapshotTaken", stream, at: now });
      } else if (effect.kind === "renameStream") {
        streams += 1;
        step({ kind: "streamRenamed", stream });
      } else if (effect.kind === "askBeat" && disk.isTold) step({ kind: "beat" });
    }
  };
  /** What this event made go; its effects are in `effects`. */
  const tell = (event: StreamEvent): readonly ClearanceMessage[] => {
    if ("at" in event) now = event.at;
    const from = went.length;
    effects.length = 0;
    step(event);
    for (let next = nextMessage(state); next !== null; next = nextMessage(state)) {
      if (room > 0) {
        room -= 1;
        went.push(next);
        step({ kind: "sent", message: next });
      } else step({ kind: "refused" });
    }
    return went.slice(from);
  };
  const kindsOf = (event: StreamEvent): readonly string[] => tell(event).map(({ kind }) => kind);
  const refuseAfter = (messages: number): void => {
    room = messages;
  };
  return { state, effects, went, disk, tell, kindsOf, refuseAfter };
}

/** In the stream `s1`, with an empty snapshot behind it and no lease yet. */
function current() {
  const made = bench();
  made.disk.isTold = false;
  made.tell(hello(null, 0));
  made.tell({ kind: "woken" });
  made.disk.isTold = true;
  return made;
}

describe("a clearance stream (law 12)", () => {
  test("begins with a snapshot, one part at a time, and leases behind its end", () => {
    const waybills = Array.from({ length: perMessageMax + 1 }, (_, n) => `W${n}`);
    const { kindsOf, effects, state } = bench(waybills);
    expect(kindsOf(hello(null, 0))).toEqual(["snapshotBegin", "snapshotPart"]);
    expect(effects.at(-1)).toEqual({ kind: "wake", afterMs: 10 });
    expect(kindsOf({ kind: "woken" })).toEqual(["snapshotPart"]);
    expect(kindsOf({ kind: "woken" })).toEqual(["snapshotEnd", "heartbeat"]);
    expect(state).toMatchObject({ phase: "current", seq: 4, resend: [{ seq: 4, leaseMs }] });
  });

  test("ends a snapshot without a lease while something that changed is untold", () => {
    const { tell } = bench(["W1"]);
    tell(hello(null, 0));
    expect(tell(changed("W1"))).toEqual([]);
    expect(tell({ kind: "woken" })).toMatchObject([
      { kind: "snapshotEnd", seq: 2, leaseMs: 0, heardAt: 7 },
      { kind: "change", seq: 3 },
      { kind: "heartbeat", seq: 4, leaseMs, heardAt: 7 },
    ]);
  });

  test("leases nothing to an agent that begins or returns before all that has changed is told", () => {
    const { tell, effects, disk } = bench(["W1"]);
    disk.isTold = false;
    tell(hello(null, 0));
    expect(tell({ kind: "woken" })).toMatchObject([{ kind: "snapshotEnd", leaseMs: 0 }]);
    expect(effects).toEqual([{ kind: "askBeat" }]);
    expect(tell(hello("s1", 2))).toEqual([]);
    expect(effects).toEqual([{ kind: "sleep" }, { kind: "askBeat" }]);
    expect(tell({ kind: "beat" })).toMatchObject([{ kind: "heartbeat", seq: 3, leaseMs }]);
  });

  test("a lease that is granted after the snapshot waits for no heartbeat's time, only for what is untold", () => {
    const { tell, effects, disk } = bench(["W1"]);
    tell({ kind: "leaseRight", lease: "withheld" });
    tell(hello(null, 0));
    expect(tell({ kind: "woken" })).toMatchObject([{ kind: "snapshotEnd", leaseMs: 0 }]);
    disk.isTold = false;
    expect(tell({ kind: "leaseRight", lease: "granted" })).toEqual([]);
    expect(effects).toEqual([{ kind: "askBeat" }]);
    expect(tell({ kind: "beat" })).toMatchObject([{ kind: "heartbeat", seq: 3, leaseMs }]);
    tell({ kind: "leaseRight", lease: "granted" });
    expect(effects).toEqual([]);
  });

  test("an agent that returns while changes wait is told later ones, too", () => {
    const { tell, effects, disk } = current();
    disk.isTold = false;
    tell(changed("W1"));
    expect(tell(hello("s1", 1))).toMatchObject([{ kind: "change", records: [{ waybill: "W1" }] }]);
    tell(changed("W2"));
    expect(effects).toEqual([{ kind: "wake", afterMs: 0 }]);
  });

  test("asks for one flush, however many changes come before it", () => {
    const { tell, effects } = current();
    expect(tell(changed("W1"))).toEqual([]);
    expect(effects).toEqual([{ kind: "wake", afterMs: 0 }]);
    tell(changed("W2"));
    expect(effects).toEqual([]);
    expect(tell({ kind: "woken" })).toMatchObject([{ kind: "change", records: [{}, {}] }]);
    tell(changed("W3"));
    expect(effects).toEqual([{ kind: "wake", afterMs: 0 }]);
  });

  test("tells exactly as many changes in a message as the wire takes", () => {
    const waybills = Array.from({ length: perMessageMax }, (_, n) => `W${n}`);
    const { kindsOf, tell } = current();
    tell(changed(...waybills));
    expect(kindsOf({ kind: "woken" })).toEqual(["change"]);
    tell(changed(...waybills, "one more"));
    expect(kindsOf({ kind: "woken" })).toEqual(["change", "change"]);
  });

  test("answers at once, behind what has changed, with the record as it is then", () => {
    const { tell, effects } = current();
    expect(tell(answered("W1"))).toMatchObject([
      {
        kind: "claimAnswer",
        seq: 2,
        isHeld: true,
        answer: { granted: true },
        record: { version: 1 },
      },
    ]);
    expect(effects).toEqual([]);
    const controlled = record("W1", { version: 2, reasons: [{ code: "manualControl" }] });
    tell({ kind: "changed", records: [controlled] });
    expect(tell({ ...answered("W1"), record: controlled } as StreamEvent)).toMatchObject([
      { kind: "change", seq: 3, records: [{ version: 2 }] },
      { kind: "claimAnswer", seq: 4, record: { version: 2 } },
    ]);
  });

  test("an answer that waits tells the record as it is when it goes", () => {
    const { tell, refuseAfter } = current();
    refuseAfter(0);
    tell(answered("W1"));
    const controlled = record("W1", { version: 2, reasons: [{ code: "manualControl" }] });
    tell({ kind: "changed", records: [controlled] });
    refuseAfter(9);
    expect(tell({ kind: "beat" })).toMatchObject([
      { kind: "change", records: [{ version: 2 }] },
      { kind: "claimAnswer", record: { version: 2 } },
      { kind: "heartbeat", claims: 1 },
    ]);
  });

  test("ends wait for a change or for the heartbeat that compares, and no answer waits for them", () => {
    const { tell } = current();
    for (const waybill of ["W1", "W2", "W3"]) tell(answered(waybill));
    tell({ kind: "ended", passId: "p-W1" });
    tell({ kind: "ended", passId: "p-W2" });
    expect(tell(answered("W4"))).toMatchObject([{ kind: "claimAnswer" }]);
    expect(tell({ kind: "beat" })).toMatchObject([
      { kind: "change", records: [], ended: ["p-W1", "p-W2"] },
      { kind: "heartbeat", claims: 2 },
    ]);
    tell({ kind: "ended", passId: "p-W3" });
    tell(changed("W4"));
    expect(tell({ kind: "woken" })).toMatchObject([
      { kind: "change", records: [{ waybill: "W4" }], ended: ["p-W3"] },
    ]);
  });

  test("as many ends as one message takes wait for no heartbeat", () => {
    const { tell } = current();
    const waybills = Array.from({ length: perMessageMax }, (_, index) => `W${index}`);
    for (const waybill of waybills) tell(answered(waybill));
    for (const waybill of waybills.slice(1)) tell({ kind: "ended", passId: `p-${waybill}` });
    expect(tell(answered("X1"))).toMatchObject([{ kind: "claimAnswer" }]);
    tell({ kind: "ended", passId: "p-W0" });
    const [change, answer, ...more] = tell(answered("X2"));
    expect(change).toMatchObject({ kind: "change", records: [] });
    expect(change).toHaveProperty("ended.length", perMessageMax);
    expect(answer).toMatchObject({ kind: "claimAnswer" });
    expect(more).toEqual([]);
  });

  test("an end makes nothing go, and nobody is answered who is gone", () => {
    const { tell, refuseAfter, effects } = current();
    tell(answered("W1"));
    expect(tell({ kind: "ended", passId: "p-W1" })).toEqual([]);
    expect(effects).toEqual([]);
    refuseAfter(0);
    tell(answered("W2"));
    tell({ kind: "ended", passId: "p-W2" });
    refuseAfter(9);
    expect(tell({ kind: "beat" })).toMatchObject([
      { kind: "change", records: [], ended: ["p-W1", "p-W2"] },
      { kind: "heartbeat", claims: 0, claimsHash: "0".repeat(64) },
    ]);
  });

  test("an answer does not outlive its pass while the agent is in no stream", () => {
    const { tell, state } = bench();
    tell(answered("W1"));
    tell({ kind: "ended", passId: "p-W1" });
    tell({ kind: "ended", passId: "never held" });
    expect(pendingTotal(state.pending)).toBe(0);
    tell(hello(null, 0));
    expect(tell({ kind: "woken" }).map(({ kind }) => kind)).not.toContain("claimAnswer");
  });

  test("what nobody here has asked for is not told", () => {
    const { tell, effects, state } = bench(["W1"]);
    tell(hello(null, 0));
    tell({ kind: "woken" });
    stepStream(state, { kind: "changed", records: [record("W2")] });
    expect(effects.filter(({ kind }) => kind === "wake")).toEqual([]);
    expect(tell({ kind: "beat" })).toMatchObject([{ kind: "heartbeat", claims: 1 }]);
  });

  test("answers outlive a snapshot, which holds what they brought", () => {
    const { tell, refuseAfter } = current();
    refuseAfter(0);
    tell(answered("W1"));
    refuseAfter(9);
    expect(tell(hello(null, 0, 5_000))).toMatchObject([
      { kind: "snapshotBegin", claimsTotal: 1 },
      { kind: "snapshotPart", claims: [{ passId: "p-W1", waybill: "W1", record: { version: 1 } }] },
    ]);
    expect(tell({ kind: "woken" })).toMatchObject([
      { kind: "snapshotEnd" },
      { kind: "claimAnswer", record: { version: 1 } },
      { kind: "heartbeat" },
    ]);
  });

  test("says what has changed before it renews the lease", () => {
    const { kindsOf, tell } = current();
    tell(changed("W1"));
    expect(kindsOf({ kind: "beat" })).toEqual(["change", "heartbeat"]);
    expect(kindsOf({ kind: "woken" })).toEqual([]);
  });

  test("a refused message takes no number, and what it told is told later", () => {
    const { tell, state, refuseAfter } = current();
    tell(changed("W1"));
    refuseAfter(0);
    expect(tell({ kind: "beat" })).toEqual([]);
    expect(state).toMatchObject({ phase: "away", seq: 1 });
    refuseAfter(2);
    expect(tell({ kind: "beat" })).toMatchObject([
      { kind: "change", seq: 2 },
      { kind: "heartbeat", seq: 3 },
    ]);
  });

  test("repeats to an agent that returns exactly what it missed", () => {
    const { tell, went } = current();
    for (let n = 0; n < 3; n += 1) tell({ kind: "beat" });
    const missed = went.slice(-2);
    expect(tell(hello("s1", 2))).toMatchObject([...missed, { kind: "heartbeat", seq: 5 }]);
  });

  test.each([
    { place: "of another stream", stream: "s0", seq: 1 },
    { place: "beyond the last message", stream: "s1", seq: 2 },
    { place: "inside the snapshot", stream: "s1", seq: 0 },
  ])("a place $place is answered with a snapshot", ({ stream, seq }) => {
    const { kindsOf } = current();
    expect(kindsOf(hello(stream, seq, 1_000))[0]).toBe("snapshotBegin");
  });

  test("resumes from as far back as messages are held, and no further", () => {
    const { tell, kindsOf, state } = current();
    for (let n = 0; n < resendMessagesMax; n += 1) tell({ kind: "beat" });
    expect(tell(hello("s1", 1, 2_000))).toHaveLength(resendMessagesMax + 1);
    expect(state.totals.resumesTotal).toBe(1);
    expect(kindsOf(hello("s1", 1, 2_000))[0]).toBe("snapshotBegin");
  });

  test("a snapshot that came too soon waits a second, and no heartbeat goes meanwhile", () => {
    const { kindsOf } = current();
    expect(kindsOf({ kind: "snapshotWanted", at: at(999) })).toEqual([]);
    expect(kindsOf({ kind: "beat" })).toEqual([]);
    expect(kindsOf({ kind: "snapshotDue", at: at(999) })).toEqual([]);
    expect(kindsOf({ kind: "snapshotDue", at: at(1_000) })[0]).toBe("snapshotBegin");
  });

  test("half a snapshot is given up under another name, and the agent is knocked", () => {
    const { tell, state, refuseAfter, effects } = bench(["W1"]);
    refuseAfter(1);
    expect(tell(hello(null, 0))).toHaveLength(1);
    expect(state).toMatchObject({ phase: "away", stream: "s2", isResumable: false });
    expect(effects.at(-1)).toEqual({ kind: "renameStream" });
    refuseAfter(1);
    expect(tell({ kind: "beat" })).toMatchObject([
      { kind: "heartbeat", stream: "s2", seq: 0, leaseMs: 0 },
    ]);
  });

  test("holds as many changes for a refusing wire as it may, and gives the stream up for one more", () => {
    const { tell, state, refuseAfter } = current();
    refuseAfter(0);
    tell({ kind: "beat" });
    for (let n = 0; n < pendingMax; n += 1) tell(changed(`W${n}`));
    expect(state).toMatchObject({ isResumable: true, pending: { records: { size: pendingMax } } });
    tell(changed("one more"));
    expect(state).toMatchObject({ isResumable: false, pending: { records: { size: 0 } } });
  });

  test("whatever the wire refuses, each number is one message and no lease covers an untold change", () => {
    const event = fc.oneof(
      fc.nat(9).map((n) => changed(`W${n}`)),
      fc.constantFrom<StreamEvent>({ kind: "beat" }, { kind: "woken" }),
      fc.record({ back: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(4)), { maxLength: 60 }), (steps) => {
        const { tell, state, refuseAfter } = bench();
        let told: ClearanceMessage[] = [];
        let ms = 0;
        for (const [one, room] of steps) {
          refuseAfter(room);
          const place = "kind" in one ? null : Math.max(0, state.seq - one.back);
          const messages = tell("kind" in one ? one : hello(state.stream, place ?? 0, (ms += 999)));
          for (const message of messages) {
            if (message.kind === "snapshotBegin") told = [message];
            else if (message.seq === 0) expect(message).toMatchObject({ leaseMs: 0 });
            else if (message.seq < told.length) expect(message).toBe(told[message.seq]);
            else {
              expect(told.push(message)).toBe(message.seq + 1);
              const isRenewed = message.kind === "heartbeat" && message.leaseMs > 0;
              if (isRenewed) expect(pendingTotal(state.pending)).toBe(0);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
