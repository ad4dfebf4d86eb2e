// Goal: whether a pass is over is told right for ever, from the newest session and the highest number
// told (law 1). Method: random sessions, generations, ends, restarts from old and new checkpoints and
// journals brought in late, beside a plain model that remembers every pass there ever was.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zCentreAct } from "../../edge/centre/acts/acts.ts";
import { createCheckpoints, type Checkpoints } from "../../edge/centre/checkpoint.ts";
import {
  newLineSessions,
  noteFact,
  restoreSessions,
  standingOf,
  toldSessions,
  type LineSessions,
  type ToldSession,
} from "../../edge/centre/lines/line-sessions.ts";
import {
  newPassBook,
  openPassesPerLineMax,
  type JournalPlace,
} from "../../edge/centre/lines/passes.ts";
import { newScene } from "../../edge/centre/page/scene.ts";
import { chainOf, nameOfChain } from "../../protocols/chain-name.ts";
import type { Fact, StampedFact } from "../../protocols/facts.ts";
import { epochOf, isEarlierEpoch, passIdOf, readPassId } from "../../protocols/pass-id.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { centreConfig } from "../centre/kit/config.ts";

const checkpointsOf = (sessions: LineSessions): Checkpoints => {
  const passes = newPassBook();
  const scene = newScene(centreConfig(), passes, new Map(), epochMs(0));
  return createCheckpoints({ passes, sessions, scene, storiesUnreadFrom: () => new Map() });
};

const lineId = "L-1";
const startS = 1_790_000_000;
const epochAt = (second: number, chance = 0): string =>
  epochOf(startS + second, chance.toString(16).padStart(8, "0"));
const stamped = (fact: Fact): StampedFact => ({
  lineId,
  wallAt: epochMs(1),
  count: beltCount(0),
  fact,
});
const opened = (epoch: string): Fact => ({
  kind: "sessionOpened",
  epoch,
  configHash: "0".repeat(64),
  logicVersion: "8",
});
const inducted = (passId: string): Fact => ({
  kind: "inducted",
  passId,
  frontCount: beltCount(0),
});
const weighed = (passId: string): Fact => ({ kind: "weighed", passId, weightG: 1 });
const lost = (passId: string): Fact => ({ kind: "lost", passId, lastSeenMm: 0 });

interface Written extends JournalPlace {
  readonly fact: Fact;
  readonly session: number;
}

interface Pass {
  readonly passId: string;
  readonly session: number;
  readonly induction: Written;
  end: Written | null;
}

interface Checkpoint {
  readonly sessions: readonly ToldSession[];
  /** Of each chain where the passes begin that were open. */
  readonly openFrom: ReadonlyMap<string, number>;
}

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("induct" as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("weigh" as const), pass: fc.nat(9) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("end" as const), pass: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("session" as const), stepS: fc.integer({ min: -9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("generation" as const) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("tell" as const), max: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("bringIn" as const), max: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("checkpoint" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("restart" as const),
      before: fc.nat(5),
      isReversed: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A line, its journal, and a centre that is told of it with delay. */
class Line {
  readonly isCalendarRight: boolean;
  readonly epochs: string[] = [];
  readonly passes: Pass[] = [];
  readonly chains: Written[][] = [];
  /** How much of each chain has been told. */
  readonly told: number[] = [];
  sessions: LineSessions = newLineSessions();
  checkpoint: Checkpoint | null = null;
  second = 0;
  numbers = 0;

  constructor(isCalendarRight: boolean) {
    this.isCalendarRight = isCalendarRight;
    this.begin();
  }

  /** A journal, and with it a session. */
  begin(): void {
    this.chains.push([]);
    this.told.push(0);
    this.open(1);
  }

  open(stepS: number): void {
    this.second += this.isCalendarRight ? 1 : (stepS % 10) + 1;
    this.epochs.push(epochAt(this.second, this.epochs.length));
    this.numbers = 0;
    this.write(opened(this.epochs.at(-1)!));
  }

  write(fact: Fact): Written {
    const chain = this.chains.at(-1)!;
    const name = chainOf("agent", this.chains.length);
    const written = { chain: name, seq: chain.length + 1, fact, session: this.epochs.length - 1 };
    chain.push(written);
    return written;
  }

  take(one: Step): void {
    const session = this.epochs.length - 1;
    const onBelt = this.passes.filter((pass) => pass.session === session && pass.end === null);
    const chosen = "pass" in one ? onBelt[one.pass % Math.max(1, onBelt.length)] : undefined;
    switch (one.kind) {
      case "induct": {
        const epoch = this.epochs.at(-1)!;
        const passId = passIdOf({ lineId, epoch, number: (this.numbers += 1) });
        const induction = this.write(inducted(passId));
        this.passes.push({ passId, session, induction, end: null });
        return;
      }
      case "weigh":
        if (chosen !== undefined) this.write(weighed(chosen.passId));
        return;
      case "end":
        if (chosen !== undefined) chosen.end = this.write(lost(chosen.passId));
        return;
      case "session":
        return this.open(one.stepS);
      case "generation":
        return this.begin();
      case "tell":
        return this.tell(this.chains.length - 1, one.max);
      case "bringIn":
        for (let index = 0; index < this.chains.length - 1; index += 1) this.tell(index, one.max);
        return;
      case "checkpoint":
        this.checkpoint = { sessions: toldSessions(this.sessions), openFrom: this.openFrom() };
        return;
      case "restart":
        return this.restart(one.before, one.isReversed);
    }
  }

  tell(index: number, max: number): void {
    const next = this.chains[index]!.slice(this.told[index], this.told[index]! + max);
    for (const written of next) this.note(written);
    this.told[index]! += next.length;
  }

  note({ fact, chain, seq }: Written): void {
    noteFact(this.sessions, stamped(fact), { chain, seq });
  }

  isTold(written: Written | null): boolean {
    if (written === null) return false;
    return written.seq <= this.told[nameOfChain(written.chain).generation - 1]!;
  }

  openFrom(): ReadonlyMap<string, number> {
    return new Map(
      this.chains.map((chain, index) => {
        const toldOf = chain.slice(0, this.told[index]);
        const open = this.passes.filter(
          ({ induction, end, session }) =>
            toldOf.includes(induction) &&
            !this.isTold(end) &&
            !toldOf.some((later) => later.session > session),
        );
        const name = chainOf("agent", index + 1);
        return [name, Math.min(toldOf.length + 1, ...open.map(({ induction }) => induction.seq))];
      }),
    );
  }

  restart(before: number, isReversed: boolean): void {
    this.sessions = newLineSessions();
    if (this.checkpoint !== null) restoreSessions(this.sessions, this.checkpoint.sessions);
    const chains = this.chains.map((chain, index) => {
      const from = this.checkpoint?.openFrom.get(chainOf("agent", index + 1)) ?? 1;
      return chain.slice(Math.max(0, from - 1 - before), this.told[index]);
    });
    if (isReversed) chains.reverse();
    for (const written of chains.flat()) this.note(written);
  }

  judge(): void {
    const isClosed = (chain: string): boolean => nameOfChain(chain).generation < this.chains.length;
    const told = this.chains.flatMap((chain, index) => chain.slice(0, this.told[index]));
    const newest = told.at(-1)?.session ?? -1;
    const isNewestClosed = isClosed(told.at(-1)?.chain ?? "agent");
    for (const { passId, session, end } of this.passes) {
      const standing = standingOf(this.sessions, { lineId, passId }, isClosed);
      if (session === newest) {
        expect(standing, passId).toBe(isNewestClosed || this.isTold(end) ? "over" : "open");
      } else if (newest === -1 || !this.isCalendarRight) {
        expect(standing, passId).not.toBe("open");
      } else expect(standing, passId).toBe(session < newest ? "over" : "untold");
    }
  }
}

describe("law 1: whether a pass is over", () => {
  test.each([true, false])("is told right for ever, the calendar being right: %s", (isRight) => {
    const seen = { passes: 0, sessions: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const line = new Line(isRight);
        for (const one of steps) {
          line.take(one);
          line.judge();
        }
        seen.passes += line.passes.length;
        seen.sessions += line.epochs.length;
      }),
      { numRuns: 300 },
    );
    expect(seen.passes).toBeGreaterThan(1_000);
    expect(seen.sessions).toBeGreaterThan(500);
  });

  const never = (): boolean => false;
  const at = (seq: number, chain = "agent"): JournalPlace => ({ chain, seq });
  const pass = (number: number, epoch = "e2"): string => passIdOf({ lineId, epoch, number });
  const judged = (sessions: LineSessions, passId: string): string =>
    standingOf(sessions, { lineId, passId }, never);

  test("where telling begins in the middle, the first fact says the session and the number", () => {
    const sessions = newLineSessions();
    expect(judged(sessions, pass(7))).toBe("untold");
    expect(noteFact(sessions, stamped(lost(pass(7))), at(100))).toBe(true);
    expect([6, 7, 8].map((number) => judged(sessions, pass(number)))).toEqual([
      "over",
      "over",
      "open",
    ]);
  });

  test("a claim that is further than the journal is judged, and a session nobody knows waits", () => {
    const sessions = newLineSessions();
    noteFact(sessions, stamped(opened("e2")), at(1));
    expect(judged(sessions, pass(1))).toBe("open");
    expect(judged(sessions, pass(1, "e3"))).toBe("untold");
  });

  test.each([
    "p1",
    "L1-e2-1",
    `${lineId}-1`,
    `${lineId}-e2-`,
    `${lineId}-e2-01`,
    `${lineId}-e2-1x`,
  ])("%s is no pass of this line, and is over", (passId) => {
    const sessions = newLineSessions();
    noteFact(sessions, stamped(opened("e2")), at(1));
    expect(judged(sessions, passId)).toBe("over");
  });

  test("a line that another agent has now is told by that agent's journal", () => {
    const sessions = newLineSessions();
    noteFact(sessions, stamped(inducted(pass(5, "e1"))), at(900, "former"));
    noteFact(sessions, stamped(opened("e2")), at(1));
    expect([judged(sessions, pass(5, "e1")), judged(sessions, pass(1))]).toEqual([
      "untold",
      "open",
    ]);
  });

  test("a checkpoint keeps it, also where the journal tells nothing again", () => {
    const sessions = newLineSessions();
    noteFact(sessions, stamped(inducted(pass(3))), at(8));
    noteFact(sessions, stamped(lost(pass(3))), at(9));
    const restored = newLineSessions();
    const act = checkpointsOf(sessions).make(new Map([["agent", 9]]));
    expect(act.chains).toMatchObject([{ openFromSeq: 10, storiesFromSeq: 10 }]);
    const kept = zCentreAct.parse(JSON.parse(JSON.stringify(act)));
    if (kept.kind === "checkpoint") checkpointsOf(restored).restore(kept);
    expect([3, 4].map((number) => judged(restored, pass(number)))).toEqual(["over", "open"]);
    expect(judged(newLineSessions(), pass(3))).toBe("untold");
  });

  test("passes that never end fill no memory: the oldest are over", () => {
    const sessions = newLineSessions();
    for (let number = 1; number <= openPassesPerLineMax + 3; number += 1) {
      noteFact(sessions, stamped(inducted(pass(number))), at(number));
    }
    expect(sessions.get(lineId)?.open.size).toBe(openPassesPerLineMax);
    expect([3, 4].map((number) => judged(sessions, pass(number)))).toEqual(["over", "open"]);
  });
});

describe("a pass's name", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
  test("says line, session and number", () => {
    fc.assert(
      fc.property(id, id, fc.integer({ min: 1 }), (line, epoch, number) => {
        const name = { lineId: line, epoch, number };
        expect(readPassId(passIdOf(name), line)).toEqual(name);
      }),
    );
  });

  test("sessions are earlier only by a date of both", () => {
    expect(isEarlierEpoch(epochAt(1), epochAt(2))).toBe(true);
    expect(isEarlierEpoch(epochAt(2), epochAt(1))).toBe(false);
    expect(isEarlierEpoch(epochAt(1, 1), epochAt(1, 2))).toBe(false);
    expect(isEarlierEpoch("e1", epochAt(1))).toBe(false);
    expect(isEarlierEpoch("e1", "e2")).toBe(false);
  });
});
