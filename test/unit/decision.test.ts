import { describe, expect, expectTypeOf, it } from "vitest";
import { decide, type GreenDecision, type GreenProofs } from "../../edge/decision/decide.ts";
import type { Evidence } from "../../edge/decision/evidence.ts";
import type { DecisionRules } from "../../edge/decision/rules.ts";
import {
  exitOfReason,
  reasonCodes,
  reasonTable,
  type ReasonCode,
} from "../../protocols/reasons.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { completeEvidence, decidedAt, isAllThere, strictRules } from "../kit/evidence.ts";
import { hashNo, recordOf, waybillNo } from "../kit/line-bench.ts";

/**
 * Goal: `decide` says green for complete evidence only, and the right other exit with the right
 * reason for everything else. Method: one complete parcel, changed in one thing at a time, beside
 * a predicate that knows nothing but law 1.
 */
const codesOf = (evidence: Evidence, rules: DecisionRules = strictRules): ReasonCode[] =>
  decide(evidence, rules, decidedAt).reasons.map(({ code }) => code);
const exitOf = (evidence: Evidence, rules: DecisionRules = strictRules): string =>
  decide(evidence, rules, decidedAt).exit;
const held = (overrides: Parameters<typeof recordOf>[1]): Evidence["clearance"] => ({
  kind: "held",
  record: recordOf(waybillNo(1), overrides),
});

describe("law 1: green needs evidence", () => {
  it("complete evidence is green, with every proof bound to this pass", () => {
    const decision = decide(completeEvidence(), strictRules, decidedAt);
    expect(decision).toEqual({
      exit: "green",
      reasons: [],
      proofs: {
        identity: { waybill: waybillNo(1), by: "echo" },
        claim: { passId: "L1-e1-1" },
        clearance: { record: recordOf(waybillNo(1)) },
        inspection: { imageHash: hashNo(1) },
        weight: { weightG: 1_000 },
        tracking: { passId: "L1-e1-1" },
        chute: { exit: "green" },
      },
    });
  });

  /** Each takes one piece of evidence away, or turns it against the parcel. */
  const missing: readonly (readonly [string, Partial<Evidence>, ReasonCode])[] = [
    ["no read", { identity: { kind: "none" } }, "noRead"],
    ["nothing says that the label is its own", { identityProof: null }, "identityUnproved"],
    ["nothing says that the weight is its own", { isWeightProven: false }, "weightUnsure"],
    ["several reads", { identity: { kind: "several", waybills: ["A", "B"] } }, "multiRead"],
    ["claim not asked", { claim: "notAsked" }, "claimMissing"],
    ["claim not answered", { claim: "asked" }, "claimMissing"],
    ["claimed by another pass", { claim: "claimedElsewhere" }, "claimedElsewhere"],
    ["released before", { claim: "alreadyReleased" }, "alreadyReleased"],
    ["claim on an unknown waybill", { claim: "unknown" }, "unknownWaybill"],
    ["no record behind a grant", { clearance: { kind: "absent" } }, "clearanceStale"],
    ["no record and no answer", { clearance: { kind: "absent" }, claim: "asked" }, "claimMissing"],
    ["PF-21 stale record", { clearance: { kind: "stale" } }, "clearanceStale"],
    [
      "another parcel's record",
      { clearance: { kind: "held", record: recordOf(waybillNo(2)) } },
      "coreFault",
    ],
    ["not releasable, no reason", { clearance: held({ standing: "notReleasable" }) }, "coreFault"],
    ["law 13: closed already", { clearance: held({ customsStatus: 899 }) }, "alreadyClosed"],
    ["PF-04 no image", { imageHash: null, algorithm: null, officer: null }, "imageMissing"],
    ["PF-06 no algorithm verdict", { algorithm: null }, "verdictMissing"],
    [
      "algorithm verdict on another image",
      { algorithm: { imageHash: hashNo(2), verdict: "clear" } },
      "verdictMissing",
    ],
    ["no officer verdict", { officer: null }, "verdictMissing"],
    [
      "officer release of another image",
      { officer: { imageHash: hashNo(2), decision: "release", officer: "wang" } },
      "verdictMissing",
    ],
    [
      "officer says open",
      { officer: { imageHash: hashNo(1), decision: "open", officer: "wang" } },
      "officerOpen",
    ],
    [
      "officer says open, of whatever image",
      { officer: { imageHash: hashNo(2), decision: "open", officer: "wang" } },
      "officerOpen",
    ],
    [
      "officer sends to on-site review",
      { officer: { imageHash: hashNo(1), decision: "review", officer: "wang" } },
      "onsiteReview",
    ],
    ["no weight", { weightG: null }, "weightMissing"],
    ["weight that is no number", { weightG: Number.NaN }, "weightImplausible"],
    ["too heavy", { weightG: 1_051 }, "weightImplausible"],
    ["too light", { weightG: 949 }, "weightImplausible"],
    ["tracking broken", { isTracked: false }, "trackingLost"],
    ["law 7: too old", { inductedAt: monotonicMs(decidedAt - 300_001) }, "evidenceStale"],
    ["from the future", { inductedAt: monotonicMs(decidedAt + 1) }, "evidenceStale"],
    ["of an age that is no number", { inductedAt: monotonicMs(Number.NaN) }, "evidenceStale"],
    ["PF-17 green full", { chutes: { green: "full", red: "ready" } }, "chuteNotReady"],
    ["green blocked", { chutes: { green: "blocked", red: "ready" } }, "chuteNotReady"],
    ["green unknown", { chutes: { green: "unknown", red: "ready" } }, "chuteNotReady"],
  ];

  it.each(missing)("%s is never green, and says why", (_what, overrides, code) => {
    const evidence = completeEvidence(overrides);
    expect(isAllThere(evidence, strictRules, decidedAt)).toBe(false);
    expect(exitOf(evidence)).not.toBe("green");
    expect(codesOf(evidence)).toContain(code);
  });

  it("every reason that the line can raise is enough against green", () => {
    for (const code of reasonCodes) {
      expect(exitOf(completeEvidence({ raised: [{ code }] }))).not.toBe("green");
    }
  });

  it.each([
    ["weight at its upper bound", { weightG: 1_050 }],
    ["weight at its lower bound", { weightG: 950 }],
    ["age at its bound", { inductedAt: monotonicMs(decidedAt - 300_000) }],
    ["age zero", { inductedAt: decidedAt }],
  ] satisfies [string, Partial<Evidence>][])("%s is still green", (_what, overrides) => {
    expect(exitOf(completeEvidence(overrides))).toBe("green");
  });

  it("a green decision cannot be built without its proofs", () => {
    // @ts-expect-error: no proofs.
    const bare: GreenDecision = { exit: "green", reasons: [] };
    // @ts-expect-error: a proof is more than its facts.
    const forged: GreenProofs["claim"] = { passId: "L1-e1-1" };
    const decision = decide(completeEvidence(), strictRules, decidedAt);
    // @ts-expect-error: the proofs are there only once the exit is known to be green.
    expect(decision.proofs).toBeDefined();
    if (decision.exit === "green") {
      // @ts-expect-error: the proof of one thing is no proof of another.
      const swapped: GreenProofs["claim"] = decision.proofs.tracking;
      expect(swapped).toEqual({ passId: "L1-e1-1" });
    }
    expectTypeOf<GreenDecision["reasons"]>().toEqualTypeOf<readonly []>();
    expect([bare.exit, forged.passId]).toEqual(["green", "L1-e1-1"]);
  });
});

describe("law 1: whose word an image needs", () => {
  const by = (imageVerdictBy: DecisionRules["imageVerdictBy"]): DecisionRules => ({
    ...strictRules,
    imageVerdictBy,
  });
  const algorithm = (verdict: "clear" | "suspect" | "unknown"): Partial<Evidence> => ({
    algorithm: { imageHash: hashNo(1), verdict },
  });

  it("the algorithm's clear is enough where the site says so, and not elsewhere", () => {
    const evidence = completeEvidence({ officer: null });
    expect(exitOf(evidence, by("algorithm"))).toBe("green");
    expect(exitOf(evidence, by("officer"))).toBe("inspection");
    expect(exitOf(evidence, by("both"))).toBe("inspection");
  });

  it("an officer's release is enough where the site says so, and not where both must speak", () => {
    const evidence = completeEvidence({ algorithm: null });
    expect(exitOf(evidence, by("officer"))).toBe("green");
    expect(exitOf(evidence, by("both"))).toBe("inspection");
  });

  it("the algorithm's unknown is not clear", () => {
    const evidence = completeEvidence({ ...algorithm("unknown"), officer: null });
    expect(codesOf(evidence, by("algorithm"))).toEqual(["verdictUnknown"]);
  });

  it("law 3: an officer's release discharges suspect and unknown", () => {
    for (const verdict of ["suspect", "unknown"] as const) {
      expect(exitOf(completeEvidence(algorithm(verdict)))).toBe("green");
      expect(exitOf(completeEvidence({ ...algorithm(verdict), officer: null }))).toBe("inspection");
    }
  });

  it("an image is not needed where machine inspection is not required", () => {
    const clearance = held({ standing: "releasable", machineInspectionRequired: false });
    const blind = { clearance, imageHash: null, algorithm: null, officer: null };
    expect(exitOf(completeEvidence(blind))).toBe("green");
  });

  it("but a suspect image stands against the parcel even there", () => {
    const clearance = held({ standing: "releasable", machineInspectionRequired: false });
    const evidence = completeEvidence({ clearance, ...algorithm("suspect"), officer: null });
    expect(codesOf(evidence)).toEqual(["suspectImage"]);
  });

  it("law 13: releasable only after its machine pass needs the image, whatever the flag says", () => {
    const clearance = held({
      standing: "releasableIfMachinePassOk",
      machineInspectionRequired: false,
    });
    const blind = { clearance, imageHash: null, algorithm: null, officer: null };
    expect(codesOf(completeEvidence(blind))).toEqual(["imageMissing"]);
  });

  it("and so does a record that is releasable and demands the inspection", () => {
    const clearance = held({ standing: "releasable", machineInspectionRequired: true });
    const blind = { clearance, imageHash: null, algorithm: null, officer: null };
    expect(codesOf(completeEvidence(blind))).toEqual(["imageMissing"]);
  });
});

describe("law 13: whose release", () => {
  const customs: DecisionRules = { ...strictRules, authority: "customs" };

  it.each([
    [800, "green"],
    [null, "red"],
    [300, "red"],
    [399, "red"],
    [-1, "red"],
    [899, "inspection"],
  ] as const)("authority customs, status %s: %s (PF-20, PF-21)", (customsStatus, exit) => {
    expect(exitOf(completeEvidence({ clearance: held({ customsStatus }) }), customs)).toBe(exit);
  });

  it("a closed manifest is opened, whatever papers it lacks as well", () => {
    const reasons = [{ code: "licenceRequired" as const }];
    const evidence = completeEvidence({ clearance: held({ customsStatus: 899, reasons }) });
    expect(exitOf(evidence)).toBe("inspection");
    expect(codesOf(evidence)).toEqual(["licenceRequired", "alreadyClosed"]);
  });

  it("authority site does not wait for a status", () => {
    expect(exitOf(completeEvidence())).toBe("green");
  });
});

describe("weight", () => {
  const withTolerance = (toleranceG: number, tolerancePct: number): DecisionRules => ({
    ...strictRules,
    weight: { toleranceG, tolerancePct },
  });

  it("the wider of the two tolerances counts", () => {
    const evidence = completeEvidence({ weightG: 1_080 });
    expect(exitOf(evidence, withTolerance(80, 1))).toBe("green");
    expect(exitOf(evidence, withTolerance(10, 8))).toBe("green");
    expect(exitOf(evidence, withTolerance(79, 7.9))).toBe("inspection");
  });

  it("proves nothing, and is not asked for, where no scale is fitted", () => {
    const evidence = completeEvidence({ weightG: null });
    expect(exitOf(evidence, { ...strictRules, weight: null })).toBe("green");
  });
});

describe("law 3: every reason, its class and its exit", () => {
  it.each(reasonCodes)("%s alone", (code) => {
    const exit = { doubt: "inspection", physical: "inspection", documentary: "red" } as const;
    expect(exitOfReason(code)).toBe(exit[reasonTable[code].class]);
    expect(exitOf(completeEvidence({ raised: [{ code }] }))).toBe(exit[reasonTable[code].class]);
    expect(exitOf(completeEvidence({ clearance: held({ reasons: [{ code }] }) }))).toBe(
      exit[reasonTable[code].class],
    );
  });

  it("law 2: red only if every open reason is documentary", () => {
    const both = held({ reasons: [{ code: "licenceRequired" }, { code: "randomControl" }] });
    expect(exitOf(completeEvidence({ clearance: both }))).toBe("inspection");
    const papers = held({ reasons: [{ code: "licenceRequired" }, { code: "taxRelated" }] });
    expect(exitOf(completeEvidence({ clearance: papers }))).toBe("red");
  });

  it("law 2: doubt overrides a licence that is missing", () => {
    const clearance = held({ reasons: [{ code: "licenceRequired" }] });
    expect(exitOf(completeEvidence({ clearance, isTracked: false }))).toBe("inspection");
  });

  it("PF-17: a full red chute sends to inspection and keeps the reason", () => {
    const evidence = completeEvidence({
      clearance: held({ reasons: [{ code: "licenceRequired" }] }),
      chutes: { green: "ready", red: "full" },
    });
    expect(exitOf(evidence)).toBe("inspection");
    expect(codesOf(evidence)).toEqual(["licenceRequired", "chuteNotReady"]);
  });

  it("a full green chute is no reason against a parcel that goes to red anyway", () => {
    const evidence = completeEvidence({
      clearance: held({ reasons: [{ code: "licenceRequired" }] }),
      chutes: { green: "full", red: "ready" },
    });
    expect(exitOf(evidence)).toBe("red");
  });

  it("names each reason once, the line's own first", () => {
    const evidence = completeEvidence({
      raised: [{ code: "tooClose" }, { code: "noRead" }],
      identity: { kind: "none" },
      claim: "notAsked",
    });
    expect(codesOf(evidence)).toEqual(["tooClose", "noRead"]);
  });
});
