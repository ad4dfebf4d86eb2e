// Goal: no case that leaves for the archive makes a release possible that would not be without it,
// whatever comes before and after, in any order; and it leaves nothing behind that grows.
// Method: random events that collide in everything, on a desk whose cases leave and on one that keeps
// them all; after each event whatever the first would release the second would, too. A paper that the
// first has refused has not happened, and the second is not told of it. The same with faults planted,
// which must show.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import type { LeftCase } from "../../edge/clearance/left-case.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { createDocumentState, type DocumentState } from "../../edge/clearance/state.ts";
import { epochMs } from "../../protocols/units.ts";
import { minuteMs, startAt } from "../unit/clearance-kit.ts";
import { randomConfig, randomEvents } from "../kit/document-events.ts";

/** Room for everything: what is refused for want of room is not what is looked at here. */
const config = randomConfig.map((each): ClearanceConfig => ({
  ...each,
  documentsMax: 1_000,
  parkedMax: 1_000,
  controlsMax: 1_000,
}));
const papers = ["order", "moneyReceipt", "waybill", "manifest", "acceptance"] as const;

const isPaper = ({ kind }: DocumentEvent): boolean => papers.some((each) => each === kind);

/** So much later, whatever it is. */
const after = (event: DocumentEvent, byMs: number): DocumentEvent => ({
  ...event,
  at: epochMs(event.at + byMs),
  ...(event.passedAt === undefined ? {} : { passedAt: epochMs(event.passedAt + byMs) }),
});
const timeOf = ({ at, passedAt = at }: DocumentEvent): number => passedAt;

/** Everything that happens to parcels, then most of what has ended leaves, then it goes on. */
const events = fc
  .tuple(
    randomEvents({ minLength: 5, maxLength: 30 }),
    fc.constantFrom(2, 100, 10_000),
    fc.oneof(
      randomEvents({ minLength: 5, maxLength: 30 }),
      randomEvents({ minLength: 5, maxLength: 30 }, ["papers", "papers", ...papers]),
    ),
  )
  .map(([before, minutes, behind]) => {
    const end = Math.max(startAt, ...before.map(timeOf)) + minutes * minuteMs;
    const passed = { at: epochMs(end), kind: "timePassed", leavesMax: 9, unnamedMax: 9 } as const;
    const later = behind.map((event) => after(event, end - startAt));
    return [...before, { ...passed, leavesMax: 0, unnamedMax: 0 }, passed, ...later];
  });

const keepingAll = (event: DocumentEvent): DocumentEvent => {
  if (event.kind !== "timePassed") return event;
  const { leavesMax: _, unnamedMax: __, ...rest } = event;
  return rest;
};

/** What a pass that asks for it now could be released by. */
function mayBeReleased({ cases, releases }: DocumentState, waybill: string): boolean {
  const each = cases.get(waybill);
  if (each === undefined || each.record === null) return false;
  const isReleased = (releases.get(waybill)?.length ?? 0) >= each.manifest.pieces;
  return !isReleased && each.record.standing !== "notReleasable";
}

interface Fault {
  /** What is done to the desk whose cases leave, after each event. */
  readonly after: (state: DocumentState, left: readonly LeftCase[]) => void;
}
const noFault: Fault = { after: () => {} };

interface Seen {
  left: number;
  readonly answered: Set<string>;
}

function compare(
  each: ClearanceConfig,
  all: readonly DocumentEvent[],
  { after }: Fault = noFault,
  seen: Seen = { left: 0, answered: new Set() },
): void {
  const rules = prepareClearance(each);
  const [leaving, keeping] = [createDocumentState(), createDocumentState()];
  for (const event of all) {
    const { left, outcome } = applyDocumentEvent(leaving, event, rules);
    const hasLeft =
      leaving.leftReleased.size + leaving.leftEnded.size + leaving.endedNumbers.size > 0;
    // What customs and officers say is no paper: it counts in both, whatever is answered.
    const isRefused = hasLeft && !outcome.accepted && isPaper(event);
    if (!isRefused) applyDocumentEvent(keeping, keepingAll(event), rules);
    seen.left += left.length;
    if (hasLeft) seen.answered.add(`${event.kind} ${outcome.code ?? "taken"}`);
    after(leaving, left);
    for (const waybill of leaving.cases.keys()) {
      if (mayBeReleased(leaving, waybill)) {
        expect(mayBeReleased(keeping, waybill), `${waybill} after ${event.kind}`).toBe(true);
      }
    }
  }
}

describe("a case that has left", () => {
  test("makes no release possible, for each order of events", () => {
    const seen: Seen = { left: 0, answered: new Set() };
    fc.assert(
      fc.property(config, events, (each, all) => compare(each, all, noFault, seen)),
      { numRuns: 800 },
    );
    expect(seen.left).toBeGreaterThan(200);
    for (const answer of [
      "order frozen",
      "moneyReceipt frozen",
      "waybill frozen",
      "manifest frozen",
      "manifestReturn archived",
      "release releaseConflict",
      "control taken",
    ]) {
      expect(seen.answered, answer).toContain(answer);
    }
  });

  const faults: Readonly<Record<string, Fault["after"]>> = {
    "case-forgotten": ({ cases }, left) => left.forEach(({ waybill }) => cases.delete(waybill)),
    "end-forgotten": ({ cases, releases }, left) => {
      for (const { waybill, case: each } of left) {
        cases.set(waybill, { ...each, end: null });
        releases.delete(waybill);
      }
    },
    "acceptance-forgotten": ({ acceptances }, left) => {
      for (const { case: each } of left) {
        if (each.activation !== null) acceptances.delete(each.activation.acceptance.acceptanceId);
      }
    },
    "ended-number-forgotten": ({ endedNumbers }) => endedNumbers.clear(),
    "releases-forgotten": ({ cases, releases }, left) => {
      for (const { waybill } of left) {
        cases.delete(waybill);
        releases.delete(waybill);
      }
    },
    "controls-forgotten": ({ cases, controls, controlsByWaybill }, left) => {
      for (const { waybill } of left) {
        cases.delete(waybill);
        controlsByWaybill.delete(waybill);
        for (const [id, each] of controls) if (each.waybill === waybill) controls.delete(id);
      }
    },
  };

  test.each(Object.entries(faults))("mutant %s is caught", (_, after) => {
    const run = fc.check(
      fc.property(config, events, (each, all) => compare(each, all, { after })),
      { numRuns: 20_000, endOnFailure: true },
    );
    expect(run.failed).toBe(true);
  });
});
