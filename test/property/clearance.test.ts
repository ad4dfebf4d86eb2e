// Goal: what the documents say depends on what is known, never on the order in which it became
// known, and reasons only ever add up. Method: shuffled, repeated and split histories of parcels.
import { person } from "../../protocols/actor.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endOf } from "../../edge/clearance/state.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { exitOfReason, reasonTable } from "../../protocols/reasons.ts";
import { epochMs } from "../../protocols/units.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { parcelCategories } from "../../simulators/documents/declaration.ts";
import { contradictions } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  Documents,
  documentsOf,
  eventsOf,
  later,
  minuteMs,
  startAt,
  testConfig,
  testParameters,
} from "../unit/clearance-kit.ts";

const category = fc.constantFrom(...parcelCategories);
const contradiction = fc.option(fc.constantFrom(...contradictions));
const status = fc.constantFrom(
  1,
  2,
  3,
  4,
  100,
  120,
  300,
  399,
  500,
  501,
  700,
  800,
  899,
  77,
  -621004,
);
const authority = fc.constantFrom("site" as const, "customs" as const);

const waybill = "PR0001";
/** Records without what counts changes on the way. */
const said = (record: ClearanceRecord) => ({ ...record, version: 0 });

/** Everything that may be said of one parcel. */
const history = fc
  .record({
    category,
    contradiction,
    receipts: fc.array(fc.record({ status, minute: fc.integer({ min: 0, max: 6 }) }), {
      maxLength: 5,
    }),
    hasControl: fc.boolean(),
  })
  .map(({ category, contradiction, receipts, hasControl }) => {
    const documents = documentsOf(waybill, category, contradiction);
    const entropy = createSeededEntropy(3, "receipts");
    return [
      ...eventsOf(documents),
      ...receipts.map(({ status, minute }) => ({
        kind: "manifestReturn" as const,
        receipt: manifestReturn(documents.manifest, { status, at: later(minute) }, entropy),
      })),
      ...(hasControl
        ? [
            {
              kind: "control" as const,
              control: {
                controlId: "C1",
                waybill,
                reason: "risk",
                by: person("O1", "risk", "S1"),
              },
            },
          ]
        : []),
    ];
  });

describe("arrival order", () => {
  test("ZJG-17, ZJG-19: the same documents in any order, with repeats, give the same record", () => {
    fc.assert(
      fc.property(
        history.chain((events) =>
          fc.record({
            events: fc.constant(events),
            shuffled: fc.shuffledSubarray([...events, ...events.slice(0, 3)], {
              minLength: events.length + Math.min(3, events.length),
            }),
          }),
        ),
        authority,
        ({ events, shuffled }, authority) => {
          const config = testConfig({ authority });
          const [inOrder, anyOrder] = [new Documents(config), new Documents(config)];
          for (const event of events) inOrder.apply(event);
          for (const event of shuffled) anyOrder.apply(event);
          expect(said(anyOrder.recordOf(waybill))).toEqual(said(inOrder.recordOf(waybill)));
          expect(anyOrder.caseOf(waybill).state).toBe(inOrder.caseOf(waybill).state);
          expect(anyOrder.state.parkedReceipts.size).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a record's version grows by one at each change and never repeats", () => {
    fc.assert(
      fc.property(history, (events) => {
        const documents = new Documents();
        const versions = events
          .flatMap((event) => documents.apply(event).changed)
          .map(({ version }) => version);
        expect(versions).toEqual(versions.map((_, index) => index + 1));
      }),
      { numRuns: 50 },
    );
  });
});

const severity = { green: 0, red: 1, inspection: 2 } as const;
const severityOf = (record: ClearanceRecord): number =>
  Math.max(0, ...record.reasons.map(({ code }) => severity[exitOfReason(code)]));

describe("reasons are a join", () => {
  test("INV-03, ZJG-25: one more control or monitor transfer is never milder", () => {
    fc.assert(
      fc.property(history, fc.boolean(), (events, isControl) => {
        const documents = new Documents();
        for (const event of events) documents.apply(event);
        const before = documents.recordOf(waybill);
        const by = person("O9", "risk", "S9");
        documents.apply(
          isControl
            ? {
                kind: "control",
                control: { controlId: "C9", waybill, reason: "late", by },
              }
            : {
                kind: "officerAct",
                act: { act: "monitorTransfer", actId: "A9", waybill, note: "", by },
              },
        );
        const after = documents.recordOf(waybill);
        expect(severityOf(after)).toBeGreaterThanOrEqual(severityOf(before));
        const codes = after.reasons.map(({ code }) => code);
        for (const { code } of before.reasons) expect(codes).toContain(code);
        if (isControl) expect(after.standing).toBe("notReleasable");
      }),
      { numRuns: 100 },
    );
  });

  test("an inspection's NO_ERROR discharges only what is discharged by inspection", () => {
    fc.assert(
      fc.property(history, (events) => {
        const documents = new Documents();
        for (const event of events) documents.apply(event);
        const before = documents.recordOf(waybill);
        const end = endOf(documents.caseOf(waybill));
        const effects = documents.apply({
          kind: "officerAct",
          act: {
            act: "inspectionResult",
            actId: "A1",
            waybill,
            by: person("O1", "inspector", "S1"),
            result: "NO_ERROR",
            note: "",
          },
        });
        expect(effects.outcome.accepted).toBe(end === null);
        const kept = before.reasons.filter(
          ({ code }) => end !== null || reasonTable[code].act !== "inspectionResult",
        );
        expect(documents.recordOf(waybill).reasons).toEqual(kept);
      }),
      { numRuns: 100 },
    );
  });
});

describe("ZJG-18, INV-04: activated content is frozen", () => {
  test("no message, event or act changes the hash of an activated manifest", () => {
    const original = documentsOf(waybill);
    const other = documentsOf("PR0002");
    const change = fc.record({
      appType: fc.constantFrom("1" as const, "2" as const, "3" as const),
      guid: fc.constantFrom(original.manifest.head.guid, other.manifest.head.guid),
      copNo: fc.constantFrom(original.manifest.head.copNo, "OTHER"),
      packNo: fc.integer({ min: 1, max: 3 }),
      appTime: fc.constantFrom("20260101000000", "20270101000000"),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), status, (changes, status) => {
        const documents = new Documents().take(original);
        const { hash } = documents.caseOf(waybill).manifest;
        for (const head of changes) {
          const manifest = { ...original.manifest, head: { ...original.manifest.head, ...head } };
          const { outcome } = documents.apply({ kind: "manifest", manifest });
          expect(outcome.accepted).toBe(false);
          expect(["frozen", "nothingToDelete"]).toContain(outcome.code);
        }
        const entropy = createSeededEntropy(5, "frozen");
        const receipt = manifestReturn(original.manifest, { status, at: startAt }, entropy);
        documents.apply({ kind: "manifestReturn", receipt });
        documents.apply({ kind: "timePassed" }, later(10_000));
        expect(documents.caseOf(waybill).manifest.hash).toBe(hash);
        expect(documents.recordOf(waybill).manifestHash).toBe(hash);
      }),
      { numRuns: 60 },
    );
  });
});

describe("ZJG-24: random control", () => {
  const shareOf = (rate: number, secret: string): readonly boolean[] => {
    const config = testConfig({
      documentsMax: 10_000,
      parameters: [testParameters({ inspectionRate: rate, drawSecretHex: secret.repeat(32) })],
    });
    const documents = new Documents(config);
    return Array.from({ length: 1_500 }, (_, index) => {
      const name = `RC${String(index).padStart(4, "0")}`;
      documents.take(documentsOf(name));
      return documents.codesOf(name).includes("randomControl");
    });
  };

  test("the observed rate is within five standard deviations of the set one", () => {
    for (const rate of [0.025, 0.3]) {
      const drawn = shareOf(rate, "11").filter(Boolean).length;
      const deviation = Math.sqrt(1_500 * rate * (1 - rate));
      expect(Math.abs(drawn - 1_500 * rate)).toBeLessThan(5 * deviation);
    }
  });

  test("the same secret gives the same draw, another secret another one", () => {
    expect(shareOf(0.3, "11")).toEqual(shareOf(0.3, "11"));
    expect(shareOf(0.3, "11")).not.toEqual(shareOf(0.3, "22"));
  });

  test("a higher rate draws everything that a lower rate draws", () => {
    const [low, high] = [shareOf(0.1, "33"), shareOf(0.4, "33")];
    for (const [index, isDrawn] of low.entries()) if (isDrawn) expect(high[index]).toBe(true);
  });
});

describe("INV-09: parameters count from their date", () => {
  test("a manifest keeps the version in force when it was activated", () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 60 }), (minute) => {
        const config = testConfig({
          parameters: [
            testParameters(),
            testParameters({
              version: "rules-2",
              validFrom: epochMs(startAt + minute * minuteMs),
              inspectionRate: 1,
            }),
          ],
        });
        const documents = new Documents(config).take(documentsOf(waybill));
        documents.apply({ kind: "timePassed" }, later(120));
        const isNew = minute <= 0;
        expect(documents.recordOf(waybill).rulesVersion).toBe(isNew ? "rules-2" : "rules-1");
        expect(documents.codesOf(waybill)).toEqual(isNew ? ["randomControl"] : []);
      }),
    );
  });
});
