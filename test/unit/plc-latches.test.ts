/**
 * Goal: an eye's number that has grown is explained by its latches or is missed, one or the other, and
 * nothing is told before it stands still. Method: the reader by hand, request by request.
 */
import { beforeEach, describe, expect, it } from "vitest";
import {
  createLatchReader,
  latchSpecs,
  type LatchReader,
  type LatchSeen,
  type LatchesTaken,
} from "../../edge/devices/sorter/plc-map/latches.ts";
import { monotonicMs } from "../../protocols/units.ts";

const times = { bits: 16 } as const;
const specs = latchSpecs({
  eyes: { e0: { edges: times, isBlocked: { isActiveLow: false } } },
  fired: { red: { times } },
  cancelled: { times },
  resets: { times },
  inputs: { good: { times } },
  guards: { door: { edges: times, isOpen: { isActiveLow: true } } },
  lost: { times },
});
const keys = ["eye", "door", "good", "red", "reset", "cancelled", "lost"] as const;
type Key = (typeof keys)[number];

let reader: LatchReader;
let seen: Record<Key, LatchSeen>;
let at = 0;
let belt = 0;

const zero: LatchSeen = { times: 0, on: 0, off: 0, isOn: false, seq: 0, track: 0 };
const list = (): LatchSeen[] => keys.map((key) => seen[key]);

beforeEach(() => {
  reader = createLatchReader(specs);
  seen = {
    eye: zero,
    door: zero,
    good: zero,
    red: zero,
    reset: zero,
    cancelled: zero,
    lost: zero,
  };
  at = 0;
  belt = 100;
});
const begin = () => reader.begin(list(), belt);

/** One request, 20 ms after the last. */
const poll = (key?: Key, next: Partial<LatchSeen> = {}): LatchesTaken | null => {
  if (key !== undefined) seen = { ...seen, [key]: { ...seen[key], ...next } };
  at += 20;
  belt += 10;
  return reader.take(list(), monotonicMs(at), belt - 10);
};
/** So many requests in which nothing changes; what the last one has told. */
const still = (requests: number): LatchesTaken | null => {
  let last: LatchesTaken | null = null;
  for (let request = 0; request < requests; request += 1) last = poll();
  return last;
};
const nothing = { missed: 0, wasCancelled: false, occurrences: [] };
const eye = (isBlocked: boolean, count: number) => ({ kind: "eye", eyeId: "e0", isBlocked, count });

describe("an eye's latch with the controller's own number", () => {
  const tracked = latchSpecs({
    eyes: { e0: { edges: times, isBlocked: { isActiveLow: false }, track: {} } },
    fired: {},
    cancelled: { times },
    inputs: {},
    guards: {},
  });
  const take = (...all: readonly Partial<LatchSeen>[]) => {
    const own = createLatchReader(tracked);
    own.begin([zero, zero], belt);
    let now = zero;
    const polls = all.flatMap((next) => Array.from({ length: 4 }, () => next));
    return polls.flatMap((next, index) => {
      now = { ...now, ...next };
      return own.take([now, zero], monotonicMs(20 * (index + 1)), belt)?.occurrences ?? [];
    });
  };

  it("tells it with the front that it is of, and no rear has one", () => {
    expect(
      take({ times: 1, on: 105, isOn: true, track: 7 }, { times: 2, off: 405, isOn: false }),
    ).toEqual([{ ...eye(true, 105), track: 7 }, eye(false, 405)]);
  });

  it("tells it with the newest front of two edges, whichever came first", () => {
    const both = { times: 2, on: 105, off: 405, track: 7 };
    expect(take({ ...both, isOn: false })).toEqual([
      { ...eye(true, 105), track: 7 },
      eye(false, 405),
    ]);
  });

  it("tells 0 where it has none, and where it shows what is none", () => {
    for (const track of [0, -1]) {
      expect(take({ times: 1, on: 105, isOn: true, track })).toEqual([
        { ...eye(true, 105), track: 0 },
      ]);
    }
  });
});

describe("a latch", () => {
  it("is told when four requests in a row have shown its number, not before, and once", () => {
    begin();
    expect(poll("eye", { times: 1, on: 105, isOn: true })).toEqual(nothing);
    expect(still(2)).toEqual(nothing);
    expect(still(1)).toEqual({ ...nothing, occurrences: [eye(true, 105)] });
    expect(still(5)).toEqual(nothing);
  });

  it("is told with the count of its number, though the next one is latched already", () => {
    begin();
    poll("red", { times: 1, seq: 20, on: 105 });
    still(1);
    expect(poll("red", { seq: 21, on: 190 })).toEqual(nothing);
    const first = { kind: "ended", seq: 20, end: "fired", count: 105 };
    expect(still(1)).toEqual({ ...nothing, occurrences: [first] });
  });

  it("with two ways is told of both where both have happened", () => {
    begin();
    poll("eye", { times: 2, on: 105, off: 107, isOn: false });
    expect(still(3)?.occurrences).toEqual([eye(true, 105), eye(false, 107)]);
    poll("eye", { times: 4, on: 120, off: 123, isOn: false });
    expect(still(3)?.occurrences).toEqual([eye(true, 120), eye(false, 123)]);
  });

  it("that has grown by more than its counts explain tells the newest, and how many are missed", () => {
    begin();
    poll("eye", { times: 5, on: 125, off: 120, isOn: true });
    expect(still(3)).toEqual({
      ...nothing,
      missed: 3,
      occurrences: [eye(false, 120), eye(true, 125)],
    });
    poll("good", { times: 3, on: 130 });
    expect(still(3)).toEqual({
      ...nothing,
      missed: 2,
      occurrences: [{ kind: "pulse", inputId: "good", count: 130 }],
    });
  });

  it("whose way does not fit its number tells nothing, and all of it is missed", () => {
    begin();
    poll("eye", { times: 1, on: 105, isOn: false });
    expect(still(3)).toEqual({ ...nothing, missed: 1 });
    poll("eye", { times: 2, on: 110, isOn: true });
    expect(still(3)).toEqual({ ...nothing, occurrences: [eye(true, 110)] });
  });

  it("that never stands still is missed after half a second, and told again once it does", () => {
    begin();
    let missed = 0;
    for (let turn = 1; turn <= 51; turn += 1) {
      const taken = poll("eye", { times: turn, on: turn, off: turn, isOn: turn % 2 === 1 });
      expect(taken?.occurrences).toEqual([]);
      missed += taken?.missed ?? 0;
    }
    expect(missed).toBe(26);
    for (let request = 0; request < 4; request += 1) missed += poll()?.missed ?? 0;
    expect(missed).toBe(51);
    poll("eye", { times: 52, off: 130, isOn: false });
    expect(still(3)?.occurrences).toEqual([eye(false, 130)]);
  });

  it("wraps", () => {
    seen.eye = { ...zero, times: 65_535 };
    begin();
    poll("eye", { times: 0, on: 105, isOn: true });
    expect(still(3)?.occurrences).toEqual([eye(true, 105)]);
  });

  it("whose number goes back is another controller's", () => {
    seen.red = { ...zero, times: 7 };
    begin();
    expect(poll("red", { times: 6 })).toBe(null);
  });
});

describe("what latches tell", () => {
  it.each<[Key, Partial<LatchSeen>, object]>([
    ["red", { times: 1, seq: 20, on: 105 }, { kind: "ended", seq: 20, end: "fired", count: 105 }],
    ["reset", { times: 1, on: 105 }, { kind: "localReset", count: 105 }],
    ["good", { times: 1, on: 105 }, { kind: "pulse", inputId: "good", count: 105 }],
    [
      "door",
      { times: 1, on: 105, isOn: true },
      { kind: "guard", guardId: "door", isOpen: true, count: 105 },
    ],
  ])("%s", (key, next, occurrence) => {
    begin();
    poll(key, next);
    expect(still(3)).toEqual({ ...nothing, occurrences: [occurrence] });
  });

  it("that commands were cancelled, and that something was lost", () => {
    begin();
    poll("cancelled", { times: 1 });
    expect(still(3)).toEqual({ ...nothing, wasCancelled: true });
    poll("lost", { times: 2 });
    expect(still(3)).toEqual({ ...nothing, missed: 2 });
  });

  it("law 6: how far the belt is told waits for what is still to be told", () => {
    begin();
    still(1);
    expect(reader.toldUpTo()).toBe(belt - 10);
    still(1);
    const upTo = belt - 10;
    poll("eye", { times: 1, on: belt, isOn: true });
    expect(reader.toldUpTo()).toBe(upTo);
    still(2);
    expect(reader.toldUpTo()).toBe(upTo);
    still(1);
    expect(reader.toldUpTo()).toBe(belt - 10);
  });
});
