// Goal: the core that runs on the rows an event has named does the same as on all of them, also with
// several writers at once; a key that was not named and a missing lock are noticed.
// Method: random events that collide in everything, on memory and on rows that are loaded, run and
// written back; outcomes, records, facts and every row are compared as text.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { rowTables, type RowTable } from "../../edge/clearance/rows.ts";
import { createDocumentState, type DocumentState } from "../../edge/clearance/state.ts";
import { touchesOf } from "../../edge/clearance/touched-keys.ts";
import { createWorkingSet } from "../../edge/clearance/working-set.ts";
import { later } from "../unit/clearance-kit.ts";
import { randomConfig, randomEvents } from "../kit/document-events.ts";
import { rowsOfState, transact, writing, type Writing } from "../kit/document-rows.ts";

interface Counts {
  readonly kinds: Map<string, number>;
  readonly codes: Map<string, number>;
}
const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

interface Case {
  readonly config: ClearanceConfig;
  readonly events: readonly (readonly DocumentEvent[])[];
  /** Which writer has the next turn; over and over again. */
  readonly turns: readonly number[];
}

/** Runs the writers, each with its share of the events, against memory in the order of their runs. */
function compare(
  { config, events, turns }: Case,
  changed: Partial<Writing>,
  counts?: Counts,
): void {
  const rules = prepareClearance(config);
  const memory = createDocumentState();
  const parts = writing({
    rules,
    onRun: (events, effects) => {
      for (const [index, event] of events.entries()) {
        const expected = applyDocumentEvent(memory, event, rules);
        expect(JSON.stringify(effects[index])).toBe(JSON.stringify(expected));
        if (counts === undefined) continue;
        count(counts.kinds, event.kind);
        count(counts.codes, expected.outcome.code ?? "taken");
      }
    },
    ...changed,
  });
  const writersTotal = Math.max(1, ...turns.map((turn) => turn + 1));
  const left = events.map((each) => each);
  const next = (owner: number) => {
    const each = left.shift();
    return each === undefined ? null : transact(parts, owner, each);
  };
  const writers = Array.from({ length: writersTotal }, (_, owner) => next(owner));
  for (let turn = 0; writers.some((writer) => writer !== null); turn += 1) {
    // Everybody's turn comes, whatever the order says.
    const owner = turn % 7 === 6 ? turn % writersTotal : (turns[turn % turns.length] ?? 0);
    const writer = writers[owner];
    if (writer?.next().done === true) writers[owner] = next(owner);
  }
  expect(parts.rows.all()).toEqual(rowsOfState(memory));
}

const singly = (events: readonly DocumentEvent[]) => events.map((event) => [event]);

const alone = fc
  .record({ config: randomConfig, events: randomEvents({ minLength: 20, maxLength: 60 }) })
  .map(({ config, events }): Case => ({ config, events: singly(events), turns: [0] }));

const several = fc
  .record({
    config: randomConfig,
    events: randomEvents({ minLength: 20, maxLength: 60 }),
    turns: fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 40 }),
  })
  .map((each): Case => ({ ...each, events: singly(each.events) }));

/** Those of a dozen neighbours that are of one kind, as the elements of one message. */
function messagesOf(events: readonly DocumentEvent[]): readonly (readonly DocumentEvent[])[] {
  const dozens = Map.groupBy(events, (event) => Math.floor(events.indexOf(event) / 12));
  return [...dozens.values()].flatMap((dozen) => [
    ...dozen.flatMap((event) => (event.kind === "timePassed" ? [[event]] : [])),
    ...Map.groupBy(
      dozen.filter(({ kind }) => kind !== "timePassed"),
      ({ kind }) => kind,
    ).values(),
  ]);
}

describe("the working set", () => {
  test("gives the same as memory, for every kind of event in any order", () => {
    const counts: Counts = { kinds: new Map(), codes: new Map() };
    fc.assert(
      fc.property(alone, (each) => compare(each, {}, counts)),
      { numRuns: 400 },
    );
    expect(counts.kinds.size).toBe(12);
    // Nearly all that may come of an event.
    expect(counts.codes.size).toBeGreaterThanOrEqual(20);
    for (const code of ["taken", "parked", "repeated", "storeFull", "frozen", "timeAhead"]) {
      expect(counts.codes.get(code) ?? 0, code).toBeGreaterThan(20);
    }
  });

  test("gives the same with several writers that lock their rows", () => {
    fc.assert(
      fc.property(several, (each) => compare(each, {})),
      { numRuns: 300 },
    );
  });

  test("the elements of one message touch what all of them name before the first", () => {
    const inMessages = several.map((each) => ({ ...each, events: messagesOf(each.events.flat()) }));
    fc.assert(
      fc.property(inMessages, (each) => compare(each, {})),
      { numRuns: 300 },
    );
  });

  test("mutant no-lock: without locks rows get lost", () => {
    const locks = { take: () => true, release: () => {} };
    const run = fc.check(
      fc.property(several, (each) => compare(each, { locks })),
      { numRuns: 300, endOnFailure: true },
    );
    expect(run.failed).toBe(true);
  });

  test.each(rowTables)("mutant undeclared-key: %s is not named", (table: RowTable) => {
    const touches: Writing["touches"] = (event) => (touch, due) =>
      touchesOf(event)(
        (name, key, known) => (name === table ? null : touch(name, key, known)),
        due,
      );
    const run = fc.check(
      fc.property(alone, (each) => compare(each, { touches })),
      { numRuns: 300, endOnFailure: true },
    );
    expect(String(run.errorInstance)).toMatch(
      new RegExp(`Bug: documents: ${table} ".*" was not declared`),
    );
  });
});

const byId = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : 1;

describe("time that passes", () => {
  test("ends the same waits a few at a time as all at once", () => {
    const isNoWait = ({ kind }: DocumentEvent): boolean => kind !== "timePassed";
    fc.assert(
      fc.property(
        randomConfig,
        randomEvents({ minLength: 20, maxLength: 60 }),
        (config, events) => {
          const rules = prepareClearance(config);
          const [atOnce, bitByBit] = [createDocumentState(), createDocumentState()];
          for (const event of events.filter(isNoWait)) {
            for (const state of [atOnce, bitByBit]) applyDocumentEvent(state, event, rules);
          }
          const times = { kind: "timePassed", at: later(100_000) } as const;
          applyDocumentEvent(atOnce, times, rules);
          for (let round = 0; round < events.length; round += 1) {
            applyDocumentEvent(bitByBit, { ...times, atMost: 1 }, rules);
          }
          // What ends at one moment is due at one moment later, in any order.
          const rowsOf = (state: DocumentState) => rowsOfState(state).toSorted(byId);
          expect(rowsOf(bitByBit)).toEqual(rowsOf(atOnce));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("what is not loaded", () => {
  const set = createWorkingSet(() => 0);
  set.load("cases", "W1", null);

  test("is neither read nor written nor gone through", () => {
    const { state } = set;
    expect(state.cases.get("W1")).toBeUndefined();
    expect(() => state.cases.get("W2")).toThrow('documents: cases "W2" was not declared');
    expect(() => state.cases.has("W2")).toThrow("was not declared");
    expect(() => state.releases.set("W1", [])).toThrow('documents: releases "W1" was not declared');
    expect(() => state.storedUntil.delete("W1")).toThrow("was not declared");
    expect(() => [...state.cases]).toThrow("cases has no order");
    expect(() => [...state.cases.values()]).toThrow("not all of cases is loaded");
    expect(() => state.calendar).toThrow("the calendar was not loaded");
  });
});
