import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, isGreenOpen } from "../../edge/decision/decide.ts";
import type { Evidence } from "../../edge/decision/evidence.ts";
import type { DecisionRules } from "../../edge/decision/rules.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { reasonCodes, type Reason } from "../../protocols/reasons.ts";
import { chuteStates } from "../../protocols/sorting.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { OfficerDecision } from "../../protocols/verdicts.ts";
import { completeEvidence, decidedAt, isAllThere, strictRules } from "../kit/evidence.ts";
import { hashNo, recordOf, waybillNo } from "../kit/line-bench.ts";

/**
 * Goal: green exactly when everything is there, and reasons that only add up. Method: evidence
 * drawn at random around the complete one, against a predicate that is one long conjunction.
 */
const arbReasons: fc.Arbitrary<Reason[]> = fc.array(
  fc.constantFrom(...reasonCodes).map((code) => ({ code })),
  { maxLength: 3 },
);

/** Mostly what is good, so that the interesting combinations are met. */
const mostly = <T>(good: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: other });

const arbHash = mostly<string>(hashNo(1), fc.constantFrom(hashNo(2), hashNo(3)));
const arbWaybill = mostly(waybillNo(1), fc.constantFrom(waybillNo(2), ""));
const complete = completeEvidence();

const arbRecord: fc.Arbitrary<ClearanceRecord> = fc
  .record({
    waybill: arbWaybill,
    standing: fc.constantFrom("releasable", "releasableIfMachinePassOk", "notReleasable"),
    machineInspectionRequired: fc.boolean(),
    reasons: mostly<Reason[]>([], arbReasons),
    customsStatus: fc.constantFrom(null, 800, 899, 300, -5),
  })
  .map(({ waybill, ...overrides }) => recordOf(waybill, overrides));

const arbEvidence: fc.Arbitrary<Evidence> = fc.record({
  passId: fc.constant("L1-e1-1"),
  inductedAt: mostly(
    complete.inductedAt,
    fc.constantFrom(-300_000, -299_999, 50_001, Number.NaN).map((ms) => monotonicMs(ms)),
  ),
  identity: mostly<Evidence["identity"]>(
    complete.identity,
    fc.constantFrom(
      { kind: "none" as const },
      { kind: "several" as const, waybills: [waybillNo(1), waybillNo(2)] },
      { kind: "one" as const, waybill: waybillNo(2) },
    ),
  ),
  claim: mostly<Evidence["claim"]>(
    "granted",
    fc.constantFrom("notAsked", "asked", "claimedElsewhere", "alreadyReleased", "unknown"),
  ),
  clearance: mostly<Evidence["clearance"]>(
    complete.clearance,
    fc.oneof(
      fc.constantFrom({ kind: "absent" as const }, { kind: "stale" as const }),
      arbRecord.map((record) => ({ kind: "held" as const, record })),
    ),
  ),
  imageHash: mostly<string | null>(hashNo(1), fc.constantFrom(null, hashNo(2))),
  algorithm: fc.option(
    fc.record({
      imageHash: arbHash,
      verdict: fc.constantFrom("clear" as const, "suspect" as const, "unknown" as const),
    }),
  ),
  officer: fc.option(
    fc.record({
      imageHash: arbHash,
      decision: mostly<OfficerDecision>(
        "release",
        fc.constantFrom("open" as const, "review" as const),
      ),
      officer: fc.constant("wang"),
    }),
  ),
  identityProof: mostly<Evidence["identityProof"]>("echo", fc.constantFrom(null, "secondReader")),
  isWeightProven: mostly(true, fc.constant(false)),
  weightG: mostly<number | null>(1_000, fc.constantFrom(null, 0, 949, 950, 1_050, 1_051)),
  isTracked: mostly(true, fc.constant(false)),
  raised: mostly<Reason[]>([], arbReasons),
  chutes: fc.record({
    green: mostly<(typeof chuteStates)[number]>("ready", fc.constantFrom(...chuteStates)),
    red: fc.constantFrom(...chuteStates),
  }),
});

const arbRules: fc.Arbitrary<DecisionRules> = fc.record({
  version: fc.constant("r"),
  imageVerdictBy: fc.constantFrom("algorithm", "officer", "both"),
  authority: fc.constantFrom("site", "customs"),
  weight: fc.constantFrom(null, strictRules.weight),
  passAgeMsMax: fc.constantFrom(300_000, 39_999),
});

const severity = { green: 0, red: 1, inspection: 2 } as const;

const isUnfounded = ({ standing, reasons }: ClearanceRecord): boolean =>
  standing === "notReleasable" && reasons.length === 0;

describe("decide", () => {
  it("law 1: says green exactly when the dumb predicate says that all is there", () => {
    let green = 0;
    fc.assert(
      fc.property(arbEvidence, arbRules, (evidence, rules) => {
        const isGreen = decide(evidence, rules, decidedAt).exit === "green";
        if (isGreen) green += 1;
        expect(isGreen).toBe(isAllThere(evidence, rules, decidedAt));
        // What is looked at first must not keep back what may go.
        if (isGreen) expect(isGreenOpen(evidence)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    // A property over parcels that are all hopeless would prove nothing.
    expect(green).toBeGreaterThan(50);
  });

  it("law 3: a decision that is not green names at least one reason, each code once", () => {
    fc.assert(
      fc.property(arbEvidence, arbRules, (evidence, rules) => {
        const { exit, reasons } = decide(evidence, rules, decidedAt);
        expect(reasons.length > 0).toBe(exit !== "green");
        const codes = reasons.map(({ code, params }) => `${code} ${params?.["exit"] ?? ""}`);
        expect(new Set(codes).size).toBe(codes.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("INV-03: adding a reason never makes the outcome milder", () => {
    fc.assert(
      fc.property(
        arbEvidence,
        arbRules,
        arbReasons,
        fc.boolean(),
        (evidence, rules, more, inRecord) => {
          // The one exception has a test of its own below.
          fc.pre(evidence.chutes.green === "ready");
          const { clearance } = evidence;
          const isHeld = inRecord && clearance.kind === "held";
          // Held without a reason is a fault of our own, which ends when there is one.
          fc.pre(!isHeld || !isUnfounded(clearance.record));
          const worse: Evidence = isHeld
            ? {
                ...evidence,
                clearance: {
                  kind: "held",
                  record: {
                    ...clearance.record,
                    reasons: [...clearance.record.reasons, ...more],
                  },
                },
              }
            : { ...evidence, raised: [...evidence.raised, ...more] };
          const before = decide(evidence, rules, decidedAt).exit;
          const after = decide(worse, rules, decidedAt).exit;
          expect(severity[after]).toBeGreaterThanOrEqual(severity[before]);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("law 3: a full green chute never turns anything green, nor a parcel with a reason elsewhere", () => {
    fc.assert(
      fc.property(arbEvidence, arbRules, (evidence, rules) => {
        const withGreen = (green: "ready" | "full") =>
          decide({ ...evidence, chutes: { ...evidence.chutes, green } }, rules, decidedAt).exit;
        if (withGreen("ready") === "green") expect(withGreen("full")).toBe("inspection");
        else expect(withGreen("full")).toBe(withGreen("ready"));
      }),
      { numRuns: 1_000 },
    );
  });

  it("law 11: the same evidence always gives the same decision, and is left as it was", () => {
    fc.assert(
      fc.property(arbEvidence, arbRules, (evidence, rules) => {
        const before = JSON.stringify(evidence);
        const first = JSON.stringify(decide(evidence, rules, decidedAt));
        expect(JSON.stringify(decide(evidence, rules, decidedAt))).toBe(first);
        expect(JSON.stringify(evidence)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});
