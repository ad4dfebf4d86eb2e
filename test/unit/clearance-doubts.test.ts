// Goal: the centre knows of each doubt whether its agent has confirmed it, and until when a line may
// release all the same (law 12). Method: the pure machine beside the real stream, given one event
// after the other by hand; the agent's mirror says which messages it confirms.
import { describe, expect, test } from "vitest";
import { applyClearance, emptyClearanceMirror } from "../../edge/line/clearance-mirror.ts";
import { isDoubtTaken } from "../../edge/line/doubt-taken.ts";
import {
  looseAt,
  newClearanceDoubts,
  standingOf,
  stepDoubts,
} from "../../edge/link/clearance-doubts.ts";
import { newClearanceStream, nextMessage, stepStream } from "../../edge/link/clearance-stream.ts";
import type { StreamEvent } from "../../edge/link/stream-events.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { record } from "../centre/kit/records.ts";

const leaseMs = 15_000;
const relief = (waybill = "W001") => record(waybill);
const doubt = (waybill = "W001") => record(waybill, { reasons: [{ code: "inspectionOrdered" }] });
const place = (stream: string, seq: number) => ({ kind: "taken", stream, seq }) as const;

function bench() {
  const stream = newClearanceStream("s0", leaseMs);
  const doubts = newClearanceDoubts(leaseMs, monotonicMs(0));
  const wire = { accepts: true };
  let now = monotonicMs(0);
  let streams = 0;
  const step = (event: StreamEvent): void => {
    stepDoubts(doubts, event, { stream, at: now });
    for (const effect of stepStream(stream, event)) {
      if (effect.kind === "takeSnapshot") {
        step({ kind: "snapshotTaken", stream: `s${(streams += 1)}`, at: now });
      } else if (effect.kind === "renameStream") {
        step({ kind: "streamRenamed", stream: `s${(streams += 1)}` });
      } else if (effect.kind === "askBeat") step({ kind: "beat" });
    }
  };
  /** The messages that this event makes go. */
  const tell = (event: StreamEvent): readonly ClearanceMessage[] => {
    const went: ClearanceMessage[] = [];
    step(event);
    for (let next = nextMessage(stream); next !== null; next = nextMessage(stream)) {
      if (wire.accepts) went.push(next);
      step(wire.accepts ? { kind: "sent", message: next } : { kind: "refused" });
    }
    return went;
  };
  const ask = (passId: string, told = relief()) => {
    const { waybill } = told;
    const answer = { kind: "claimAnswer", lineId: "L1", passId, waybill } as const;
    const granted = { ...answer, granted: true, why: null };
    return tell({ kind: "answered", answer: granted, isHeld: true, record: told });
  };
  const change = (told: ReturnType<typeof record>) => [
    ...tell({ kind: "changed", records: [told] }),
    ...tell({ kind: "woken" }),
  ];
  return {
    tell,
    ask,
    change,
    wire,
    doubts,
    at: (ms: number) => {
      now = monotonicMs(ms);
    },
    hello: (known: string | null = null, seq = 0) => {
      const said = { heardAt: now, at: now };
      return [...tell({ kind: "hello", stream: known, seq, ...said }), ...tell({ kind: "woken" })];
    },
    taken: (stream_: string, seq: number) =>
      stepDoubts(doubts, place(stream_, seq), { stream, at: now }),
    loose: () => looseAt(doubts, now).map(({ waybill }) => waybill),
    standing: (waybill = "W001") => standingOf(doubts, waybill, { held: stream.held, at: now }),
  };
}

/** The agent is in stream `s1` at number 3: a snapshot, its lease, and a claim with a release. */
function released() {
  const made = bench();
  made.hello();
  const [answer] = made.ask("p1");
  expect(answer).toMatchObject({ stream: "s1", seq: 3 });
  return made;
}

describe("a doubt of what an agent may release", () => {
  test("is loose from when it is noted until the agent has applied the message that told it", () => {
    const { change, taken, loose, standing } = released();
    expect(standing()).toBeNull();
    const [message] = change(doubt());
    expect(message).toMatchObject({ kind: "change", seq: 4 });
    taken("s1", 3);
    expect([loose(), standing()]).toEqual([["W001"], "loose"]);
    taken("s1", 4);
    expect([loose(), standing()]).toEqual([[], "confirmed"]);
  });

  test("is confirmed by a hello that names the place, and by no place in another stream", () => {
    const { change, hello, taken, loose } = released();
    change(doubt());
    // It was long under way, and speaks of what was told before the agent's last start.
    taken("s0", 9);
    expect(loose()).toEqual(["W001"]);
    hello("s1", 4);
    expect(loose()).toEqual([]);
  });

  test("that was not told, because the wire refuses, is confirmed by no place before it", () => {
    const { change, hello, taken, loose, standing, wire } = released();
    wire.accepts = false;
    change(doubt());
    taken("s1", 3);
    expect(loose()).toEqual(["W001"]);
    wire.accepts = true;
    hello("s1", 3);
    expect(standing()).toBe("loose");
    taken("s1", 4);
    expect(standing()).toBe("confirmed");
  });

  test("is told anew in a new snapshot, and confirmed there", () => {
    const { change, hello, taken, loose, at } = released();
    change(doubt());
    at(1_000);
    const went = hello();
    expect(went).toMatchObject([{ kind: "snapshotBegin", stream: "s2" }, {}, {}, {}]);
    // A late word on the old stream, and one on the new before the part that tells it.
    taken("s1", 3);
    taken("s2", 0);
    expect(loose()).toEqual(["W001"]);
    taken("s2", 2);
    expect(loose()).toEqual([]);
  });

  test("that is told a second time to an agent that returns is confirmed by the newest only", () => {
    const { change, hello, taken, loose, wire } = released();
    change(doubt());
    change(relief());
    wire.accepts = false;
    change(doubt());
    wire.accepts = true;
    // It has missed the first doubt and the relief, and gets as far as the first.
    const replayed = hello("s1", 3);
    expect(replayed.map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
    taken("s1", 4);
    expect(loose()).toEqual(["W001"]);
    taken("s1", 6);
    expect(loose()).toEqual([]);
  });

  test("ends with a lease after the agent's last word before it, whatever the agent says later", () => {
    const { change, tell, loose, standing, at } = released();
    at(2_000);
    tell({ kind: "alive", heardAt: 2_000 });
    at(3_000);
    change(doubt());
    at(10_000);
    tell({ kind: "alive", heardAt: 10_000 });
    at(16_999);
    expect([loose(), standing()]).toEqual([["W001"], "loose"]);
    at(17_000);
    expect([loose(), standing()]).toEqual([[], "harmless"]);
    // What changes about the doubt does not bring back a lease that knows nothing of it.
    change(doubt());
    expect([loose(), standing()]).toEqual([[], "harmless"]);
    change(relief());
    change(doubt());
    expect(standing()).toBe("loose");
  });

  test("of an agent that holds no lease any more is harmless from the start", () => {
    const { change, loose, standing, at } = released();
    at(20_000);
    change(doubt());
    expect([loose(), standing()]).toEqual([[], "harmless"]);
  });

  test("ends when the record relieves it, and begins anew with the next", () => {
    const { change, taken, loose, standing } = released();
    change(doubt());
    change(relief());
    expect([loose(), standing()]).toEqual([[], null]);
    change(doubt());
    taken("s1", 5);
    expect(loose()).toEqual(["W001"]);
    taken("s1", 6);
    expect(loose()).toEqual([]);
  });

  test("ends with the last pass that holds it", () => {
    const { ask, change, tell, loose, standing } = released();
    ask("p2");
    change(doubt());
    tell({ kind: "ended", passId: "p1" });
    expect(loose()).toEqual(["W001"]);
    tell({ kind: "ended", passId: "p2" });
    expect([loose(), standing()]).toEqual([[], null]);
  });

  test("that a second claim brings counts like one that a change brings", () => {
    const { ask, taken, standing } = released();
    const [answer] = ask("p2", doubt());
    expect(standing()).toBe("loose");
    taken("s1", answer!.seq);
    expect(standing()).toBe("confirmed");
  });
});

describe("a doubt of what an agent never could release", () => {
  test("is harmless until it is confirmed, and again with each change", () => {
    const { hello, ask, change, taken, loose, standing } = bench();
    hello();
    const [answer] = ask("p1", doubt());
    expect([loose(), standing()]).toEqual([[], "harmless"]);
    taken("s1", answer!.seq);
    expect(standing()).toBe("confirmed");
    const [message] = change(doubt());
    expect([loose(), standing()]).toEqual([[], "harmless"]);
    taken("s1", message!.seq);
    expect(standing()).toBe("confirmed");
  });

  test("is of nobody else: waybills that no pass here has asked for are not followed", () => {
    const { change, doubts, loose, standing } = released();
    change(doubt("W002"));
    expect([loose(), standing("W002"), doubts.unconfirmed.size]).toEqual([[], null, 0]);
  });
});

describe("what an earlier run has left", () => {
  const restored = (told: ReturnType<typeof record>): StreamEvent => ({
    kind: "restored",
    claim: { passId: "p1", waybill: "W001", record: told },
  });

  test("is loose until it is confirmed: what that run has told nobody knows", () => {
    const { tell, hello, taken, loose, standing } = bench();
    tell(restored(doubt()));
    expect(loose()).toEqual(["W001"]);
    hello();
    taken("s1", 2);
    expect(standing()).toBe("confirmed");
  });

  test("leaves the agent time to find the centre again before it counts as unsaid", () => {
    const { tell, doubts } = bench();
    tell(restored(doubt()));
    expect(doubts.loose.get("W001")).toMatchObject({ since: 2_000, endsAt: leaseMs });
  });

  test("ends a lease after the start: nobody was heard later by that run", () => {
    const { tell, loose, at } = bench();
    tell(restored(doubt()));
    at(leaseMs - 1);
    expect(loose()).toEqual(["W001"]);
    at(leaseMs);
    expect(loose()).toEqual([]);
  });

  test("may have been told as a release", () => {
    const { tell, change, loose } = bench();
    tell(restored(relief()));
    change(doubt());
    expect(loose()).toEqual(["W001"]);
  });
});

describe("an agent confirms", () => {
  const begin: ClearanceMessage = { kind: "snapshotBegin", stream: "s", seq: 0, claimsTotal: 1 };
  const part = (told: ReturnType<typeof record>): ClearanceMessage => ({
    kind: "snapshotPart",
    stream: "s",
    seq: 1,
    claims: [{ passId: "p1", waybill: "W001", record: told }],
  });
  const end: ClearanceMessage = { kind: "snapshotEnd", stream: "s", seq: 2, leaseMs, heardAt: 0 };
  const change = (seq: number, ...records: ReturnType<typeof record>[]): ClearanceMessage => ({
    kind: "change",
    stream: "s",
    seq,
    records,
    ended: [],
  });
  const answer = (seq: number, told: ReturnType<typeof record>, isHeld = true) => {
    const { waybill } = told;
    const claim = { kind: "claimAnswer", lineId: "L1", passId: "p2", waybill } as const;
    const granted = { ...claim, granted: true, why: null };
    const message = { kind: "claimAnswer", stream: "s", seq, answer: granted } as const;
    return { ...message, isHeld, record: told } satisfies ClearanceMessage;
  };
  const confirmed = (...messages: readonly ClearanceMessage[]): readonly number[] => {
    const mirror = emptyClearanceMirror();
    return messages.flatMap((message) => {
      applyClearance(mirror, message, monotonicMs(0));
      return isDoubtTaken(mirror, message) ? [message.seq] : [];
    });
  };

  test("a snapshot with doubt at its end, and none without", () => {
    expect(confirmed(begin, part(doubt()), end)).toEqual([2]);
    expect(confirmed(begin, part(relief()), end)).toEqual([]);
  });

  test("each change and answer that brings doubt of what it holds, and no other", () => {
    const known = [begin, part(relief()), end] as const;
    expect(confirmed(...known, change(3, doubt()), change(4, relief()))).toEqual([3]);
    expect(confirmed(...known, change(3, doubt("W002")))).toEqual([]);
    expect(confirmed(...known, answer(3, doubt("W002")), answer(4, relief("W002")))).toEqual([3]);
    expect(confirmed(...known, answer(3, doubt("W002"), false))).toEqual([]);
  });

  test("nothing that it has not applied: behind a gap, or of another stream", () => {
    const known = [begin, part(relief()), end] as const;
    expect(confirmed(...known, change(4, doubt()), change(5, doubt()))).toEqual([]);
    expect(confirmed(...known, { ...change(3, doubt()), stream: "t" })).toEqual([]);
    expect(confirmed(...known, change(3, doubt()), change(2, doubt()))).toEqual([3]);
  });
});
