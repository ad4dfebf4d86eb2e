// Goal: an agent is taken for heard only while its journal is, record by record (laws 1 and 12).
// Method: the pure machine by hand, with each way in which a journal is not taken; then by chance,
// beside a plain model of who has written and who holds what.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newJournalStanding, standingAt, stepStanding } from "../../edge/link/journal-standing.ts";
import {
  isLate,
  noteHeld,
  noteWritten,
  nothingUnacknowledged,
  unacknowledgedMsMax,
} from "../../edge/link/unacknowledged.ts";
import { monotonicMs } from "../../protocols/units.ts";

const at = monotonicMs;
const hash = (letter: string): string => letter.repeat(64);

function bench() {
  const state = newJournalStanding();
  const hello = (lastSeq: number, lastHash: string, heldSeq: number, heldHash: string): void =>
    stepStanding(state, {
      kind: "hello",
      lastSeq,
      lastHash,
      held: { seq: heldSeq, hash: heldHash },
      at: at(0),
    });
  const kind = (ms = 0): string => {
    const standing = standingAt(state, at(ms));
    return standing.kind === "refused" ? standing.code : standing.kind;
  };
  return {
    state,
    hello,
    kind,
    step: (event: Parameters<typeof stepStanding>[1]) => stepStanding(state, event),
  };
}

describe("whether an agent's journal is taken", () => {
  test.each([
    ["nothing on either side", 0, "a", 0, "b", "taken"],
    ["the same end", 7, "a", 7, "a", "taken"],
    ["another record at the same end", 7, "a", 7, "b", "journalFork"],
    ["an empty journal", 0, "a", 7, "b", "journalShortened"],
    ["a shorter one", 6, "a", 7, "b", "journalShortened"],
    ["a longer one, which has yet to show that it goes on from there", 8, "a", 7, "b", "awaited"],
  ])("%s", (_name, lastSeq, last, heldSeq, held, expected) => {
    const { hello, kind } = bench();
    hello(lastSeq, hash(last), heldSeq, hash(held));
    expect(kind()).toBe(expected);
  });

  test("one that was another history is not taken because it has grown, but once it continues", () => {
    const { hello, kind, step } = bench();
    hello(3, hash("a"), 7, hash("b"));
    hello(9, hash("a"), 7, hash("b"));
    expect(kind()).toBe("journalShortened");
    step({ kind: "held", seq: 7, isProof: false });
    expect(kind()).toBe("journalShortened");
    step({ kind: "held", seq: 9, isProof: true });
    expect(kind()).toBe("taken");
  });

  test("a gap puts it in doubt until what was missing has come", () => {
    const { hello, kind, step } = bench();
    hello(7, hash("a"), 7, hash("a"));
    step({ kind: "gap" });
    expect(kind()).toBe("awaited");
    step({ kind: "held", seq: 9, isProof: true });
    expect(kind()).toBe("taken");
  });

  test("one that is being closed stays refused, however whole it is", () => {
    const { kind, step } = bench();
    step({ kind: "refused", code: "journalClosed", why: "" });
    step({ kind: "held", seq: 9, isProof: true });
    expect(kind()).toBe("journalClosed");
  });

  test.each([
    [unacknowledgedMsMax - 1, "taken"],
    [unacknowledgedMsMax, "journalLate"],
  ])("a record that is unacknowledged for %d ms: %s", (ms, expected) => {
    const { hello, kind, step } = bench();
    hello(7, hash("a"), 7, hash("a"));
    step({ kind: "written", lastSeq: 8, at: at(0) });
    expect(kind(ms)).toBe(expected);
    // It ends with its cause.
    step({ kind: "held", seq: 8, isProof: true });
    expect(kind(ms)).toBe("taken");
  });

  test("a tail that is lost for good is not waited for", () => {
    const { hello, kind, step } = bench();
    hello(7, hash("a"), 7, hash("a"));
    step({ kind: "written", lastSeq: 9, at: at(0) });
    hello(7, hash("a"), 7, hash("a"));
    expect(kind(unacknowledgedMsMax)).toBe("taken");
  });
});

test("whatever is written and held when, late is exactly what waits for 10 s, or a little earlier", () => {
  const step = fc.record({
    ms: fc.nat(3_000),
    what: fc.constantFrom("write", "write", "hold"),
    n: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const state = nothingUnacknowledged();
      const writtenAt = new Map<number, number>();
      let [now, last, held] = [0, 0, 0];
      for (const { ms, what, n } of steps) {
        now += ms;
        if (what === "write") {
          for (let seq = last + 1; seq <= last + n; seq += 1) writtenAt.set(seq, now);
          last += n;
          noteWritten(state, last, now);
        } else {
          held = Math.min(last, held + n);
          noteHeld(state, held);
        }
        const oldest = writtenAt.get(held + 1);
        const isWaiting = oldest !== undefined && now - oldest >= unacknowledgedMsMax;
        expect(isLate(state, now)).toBe(isWaiting);
      }
    }),
    { numRuns: 300 },
  );
});
