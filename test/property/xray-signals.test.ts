/**
 * Goal: whatever a machine of discrete signals does with its verdicts, and however requests and the
 * controller's cycle fall together, no parcel is cleared whose own verdict was not clear (laws 9 and
 * 16). Method: machines that keep the number with the item or give the newest, that answer in any
 * order, lose verdicts or say them twice; a controller whose variables each request sees at moments of
 * their own; and ledgers that believe too much, each of which has to be caught.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTracks } from "../../edge/devices/xray/tracks.ts";
import { SignalLedger, type StrobeSeen } from "../../edge/devices/xray/signals/ledger.ts";
import { SignalMachine, trackMaxOf } from "../../edge/devices/xray/signals/machine.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import type { VariableValue } from "../../edge/devices/variables.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { signalMap, stillSignals } from "../kit/xray-signals.ts";

/** What a ledger is to a test. */
type Ledger = Pick<SignalLedger, "enter" | "take">;
type LedgerMaker = (passOf: (track: number) => string | null) => Ledger;

interface Plan {
  readonly isClear: readonly boolean[];
  /** What happens next; a pick says to which of those in the machine. */
  readonly acts: readonly (
    | { readonly kind: "enter" }
    | { readonly kind: "answer" | "lose" | "answerTwice"; readonly pick: number }
  )[];
}

const planOf = (kinds: readonly ("answer" | "lose" | "answerTwice")[]): fc.Arbitrary<Plan> =>
  fc.record({
    isClear: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    acts: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant({ kind: "enter" as const }) },
        ...kinds.map((kind) => ({
          weight: kind === "answer" ? 3 : 1,
          arbitrary: fc.record({ kind: fc.constant(kind), pick: fc.nat(9) }),
        })),
      ),
      { maxLength: 30 },
    ),
  });

/** Parcels are numbered as they enter, and so are their tracks; the ledger's word on each. */
function play(plan: Plan, givesNewest: boolean, make: LedgerMaker) {
  const ledger = make((track) => `pass-${track}`);
  const unanswered: number[] = [];
  let entered = 0;
  const cleared: string[] = [];
  const suspected: string[] = [];
  const answered: number[] = [];
  const strobe = (item: number): void => {
    const isClear = plan.isClear[item] ?? false;
    const track = givesNewest ? entered : item;
    for (const { passId, verdict } of ledger.take(strobeOf(track, isClear))) {
      if (verdict === "clear") cleared.push(passId ?? "");
      if (verdict === "suspect") suspected.push(passId ?? "");
    }
  };
  for (const act of plan.acts) {
    if (act.kind === "enter") {
      if (entered === plan.isClear.length - 1) continue;
      entered += 1;
      ledger.enter(1, entered);
      unanswered.push(entered);
      continue;
    }
    const [item] = unanswered.splice(act.pick % Math.max(1, unanswered.length), 1);
    if (item === undefined || act.kind === "lose") continue;
    answered.push(item);
    strobe(item);
    if (act.kind === "answerTwice") strobe(item);
  }
  const wrongly = cleared.filter((passId) => plan.isClear[Number(passId.slice(5))] !== true);
  return { cleared, suspected, wrongly, answered };
}

const strobeOf = (track: number, isClear: boolean): StrobeSeen => ({
  by: 1,
  strobe: { track, clear: isClear, suspect: !isClear },
  isUnsteady: false,
  suspected: isClear ? null : track,
});

const real: LedgerMaker = (passOf) => new SignalLedger(passOf);

describe("law 16: no parcel is cleared on another's verdict", () => {
  test("by a machine that keeps the number, in any order, with verdicts lost and said twice", () => {
    fc.assert(
      fc.property(planOf(["answer", "lose", "answerTwice"]), (plan) => {
        const { cleared, wrongly } = play(plan, false, real);
        expect(wrongly).toEqual([]);
        expect(new Set(cleared).size).toBe(cleared.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test("by a machine that gives the newest number, in any order, with verdicts lost", () => {
    fc.assert(
      fc.property(planOf(["answer", "lose"]), (plan) => {
        expect(play(plan, true, real).wrongly).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("and one that answers in order and loses nothing has each of its words heard", () => {
    fc.assert(
      fc.property(planOf(["answer"]), (plan) => {
        const inOrder = plan.acts.map((act) => (act.kind === "enter" ? act : { ...act, pick: 0 }));
        const { cleared, suspected, answered } = play({ ...plan, acts: inOrder }, false, real);
        const [clear, suspect] = [true, false].map((isClear) =>
          answered.filter((item) => plan.isClear[item] === isClear).map((item) => `pass-${item}`),
        );
        expect([cleared, suspected]).toEqual([clear, suspect]);
      }),
      { numRuns: 200 },
    );
  });
});

/** The number with which it comes says whose it is. */
const byNumberAlone: LedgerMaker = (passOf) => {
  const ledger = new SignalLedger(passOf);
  return {
    enter: (by, track) => ledger.enter(by, track),
    take: ({ strobe }) => [
      {
        passId: passOf(strobe?.track ?? 0),
        itemSequence: 1,
        verdict: strobe?.clear === true ? "clear" : "suspect",
        why: null,
      },
    ],
  };
};

/** Its turn says whose it is. */
const byTurnAlone: LedgerMaker = (passOf) => {
  const waiting: number[] = [];
  return {
    enter(_by, track) {
      waiting.push(track);
      return { itemSequence: 1, passId: passOf(track) };
    },
    take({ strobe }) {
      const track = waiting.shift();
      if (track === undefined) return [];
      const verdict = strobe?.clear === true ? "clear" : "suspect";
      return [{ passId: passOf(track), itemSequence: 1, verdict, why: null }];
    },
  };
};

/** Both, and what did not fit is forgotten: those beside it are cleared as if nothing had been. */
const withoutDoubt: LedgerMaker = (passOf) => {
  const tracks = new Map<number, number>();
  let [entered, answered] = [0, 0];
  return {
    enter(_by, track) {
      entered += 1;
      tracks.set(entered, track);
      return { itemSequence: entered, passId: passOf(track) };
    },
    take({ strobe }) {
      answered += 1;
      if (strobe === null || tracks.get(answered) !== strobe.track) return [];
      const verdict = strobe.clear ? "clear" : "suspect";
      return [{ passId: passOf(strobe.track), itemSequence: answered, verdict, why: null }];
    },
  };
};

/** The oldest in the machine, if it bears its number; what is owed is forgiven. */
const withoutDebt: LedgerMaker = (passOf) => {
  let waiting: number[] = [];
  return {
    enter(_by, track) {
      waiting.push(track);
      return { itemSequence: 1, passId: passOf(track) };
    },
    take({ strobe }) {
      const [track] = waiting;
      const fits = track !== undefined && track === strobe?.track;
      waiting = fits ? waiting.slice(1) : [];
      if (!fits) return [];
      const verdict = strobe.clear ? "clear" : "suspect";
      return [{ passId: passOf(track), itemSequence: 1, verdict, why: null }];
    },
  };
};

describe("a ledger that believes too much is caught", () => {
  test.each<[string, LedgerMaker]>([
    ["the number alone", byNumberAlone],
    ["the turn alone", byTurnAlone],
    ["both, without doubt in what is beside", withoutDoubt],
    ["the oldest, without debt", withoutDebt],
  ])("%s", (_name, make) => {
    const holds = (givesNewest: boolean) =>
      fc.check(
        fc.property(
          planOf(["answer", "lose"]),
          (plan) => play(plan, givesNewest, make).wrongly.length === 0,
        ),
        { numRuns: 5_000 },
      );
    expect([holds(false), holds(true)].some(({ failed }) => failed)).toBe(true);
  });
});

interface Happening {
  readonly afterMs: number;
  readonly kind: "enter" | "strobe";
  readonly isClear: boolean;
}

interface Written {
  readonly atMs: number;
  readonly values: Readonly<Record<string, VariableValue>>;
}

/** What stands in the controller: each group is latched in one cycle, and its number in the next. */
function historyOf(happenings: readonly Happening[], trackOf: (item: number) => number) {
  const written: Written[] = [];
  const waiting: { readonly item: number }[] = [];
  const isClear: boolean[] = [];
  let [atMs, entered, judged] = [1_000, 0, 0];
  for (const { afterMs, kind, isClear: clear } of happenings) {
    atMs += afterMs;
    if (kind === "enter") {
      entered += 1;
      waiting.push({ item: entered });
      const track = trackOf(entered);
      written.push({ atMs, values: { "entry.track": track, "entry.length": 300 } });
      written.push({ atMs: atMs + 4, values: { "entry.times": entered } });
      continue;
    }
    const next = waiting.shift();
    if (next === undefined) continue;
    judged += 1;
    isClear[next.item] = clear;
    const track = trackOf(next.item);
    const bits = { "verdict.clear": clear, "verdict.suspect": !clear };
    written.push({ atMs, values: { "verdict.track": track, ...bits } });
    written.push({ atMs: atMs + 4, values: { "verdict.times": judged } });
  }
  return { written, isClear, endMs: atMs + 1_000 };
}

const still: Readonly<Record<string, VariableValue>> = stillSignals;
const keys = Object.keys(still);

test("law 16: nothing is cleared wrongly whatever each request sees of the controller's cycles", () => {
  const zHappenings = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 12, max: 300 }),
      kind: fc.constantFrom("enter" as const, "strobe" as const),
      isClear: fc.boolean(),
    }),
    { minLength: 2, maxLength: 24 },
  );
  let clearedInAll = 0;
  fc.assert(
    fc.property(
      zHappenings,
      fc.array(fc.nat(10), { minLength: 97, maxLength: 97 }),
      (happenings, skews) => {
        const map = signalMap();
        const tracks = createTracks(trackMaxOf(map));
        const machine = new SignalMachine({ map, tracks });
        const trackOf = (item: number) => tracks.announce(`pass-${item}`);
        const { written, isClear, endMs } = historyOf(happenings, trackOf);
        const told: XrayHeard[] = [];
        const out = { tell: (heard: XrayHeard) => void told.push(heard), answer: () => {} };
        let drawn = 0;
        for (let askedAt = 0; askedAt < endMs; askedAt += 20) {
          const values = new Map<string, VariableValue>();
          for (const key of keys) {
            const seenAt = askedAt + (skews[drawn++ % skews.length] ?? 0);
            const last = written.findLast(({ atMs, values: v }) => atMs <= seenAt && key in v);
            values.set(key, last?.values[key] ?? still[key]!);
          }
          values.set("machine.heartbeat", Math.floor(askedAt / 100) % 2 === 0);
          const readings = { askedAt: monotonicMs(askedAt), serverStart: "1", values };
          machine.read({ kind: "readings", ...readings }, monotonicMs(askedAt + 12), out);
        }
        const cleared = told.flatMap((heard) =>
          heard.kind === "signal" && heard.verdict === "clear" ? [heard.passId ?? ""] : [],
        );
        clearedInAll += cleared.length;
        for (const passId of cleared) expect(isClear[Number(passId.slice(5))]).toBe(true);
        expect(new Set(cleared).size).toBe(cleared.length);
      },
    ),
    { numRuns: 300 },
  );
  // It would be no wonder that nothing is wrong where nothing is cleared.
  expect(clearedInAll).toBeGreaterThan(50);
});

test("a pass is announced under one number, however often", () => {
  const machine = new SignalMachine({ map: signalMap(), tracks: createTracks(2 ** 31 - 1) });
  const announce = () =>
    machine.write({
      passId: "pass-1",
      entryFromCount: beltCount(0),
      entryToCount: beltCount(0),
      lengthMm: 300,
    }).steps[0];
  expect(announce()).toEqual(announce());
});
