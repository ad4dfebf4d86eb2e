import type { DecisionRules } from "../../edge/decision/rules.ts";
import type { Evidence } from "../../edge/decision/evidence.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { benchConfig, hashNo, recordOf, waybillNo } from "./line-bench.ts";

/** The moment at which the evidence below is looked at, 40 s after the parcel's induction. */
export const decidedAt = monotonicMs(50_000);

export const strictRules: DecisionRules = benchConfig.rules;

/** Everything that the strictest site demands, and nothing against the parcel. */
export function completeEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    passId: "L1-e1-1",
    inductedAt: monotonicMs(10_000),
    identity: { kind: "one", waybill: waybillNo(1) },
    identityProof: "echo",
    claim: "granted",
    clearance: { kind: "held", record: recordOf(waybillNo(1)) },
    imageHash: hashNo(1),
    algorithm: { imageHash: hashNo(1), verdict: "clear" },
    officer: { imageHash: hashNo(1), decision: "release", officer: "wang" },
    weightG: 1_000,
    isWeightProven: true,
    isTracked: true,
    raised: [],
    chutes: { green: "ready", red: "ready" },
    ...overrides,
  };
}

/**
 * The dumb answer to "is everything there?", written from law 1 and from nothing else: one
 * long conjunction, no reasons, no order.
 */
export function isAllThere(evidence: Evidence, rules: DecisionRules, at: number): boolean {
  const { identity, clearance, imageHash, algorithm, officer, weightG } = evidence;
  const { identityProof, isWeightProven } = evidence;
  if (identity.kind !== "one" || clearance.kind !== "held") return false;
  const { record } = clearance;
  const declaredG = record.declared.grossWeightG;
  const isImageNeeded = record.machineInspectionRequired || record.standing !== "releasable";
  const isAlgorithmOurs = algorithm !== null && algorithm.imageHash === imageHash;
  const isOfficerOurs = officer !== null && officer.imageHash === imageHash && imageHash !== null;
  const hasOfficerReleased = isOfficerOurs && officer.decision === "release";
  const isSuspect = isAlgorithmOurs && algorithm.verdict === "suspect";
  const isVerdictEnough = {
    algorithm: hasOfficerReleased || (isAlgorithmOurs && algorithm.verdict === "clear"),
    officer: hasOfficerReleased,
    both: hasOfficerReleased && isAlgorithmOurs,
  }[rules.imageVerdictBy];
  const differenceG = weightG === null ? Number.NaN : Math.abs(weightG - declaredG);
  return [
    record.waybill === identity.waybill,
    identityProof !== null,
    evidence.claim === "granted",
    record.reasons.length === 0,
    record.standing === "releasable" || record.standing === "releasableIfMachinePassOk",
    record.customsStatus !== 899,
    rules.authority === "site" || record.customsStatus === 800,
    !isImageNeeded || (imageHash !== null && isVerdictEnough),
    !isSuspect || hasOfficerReleased,
    officer === null || officer.decision === "release",
    rules.weight === null || isWeightProven,
    rules.weight === null ||
      differenceG <= rules.weight.toleranceG ||
      differenceG * 100 <= declaredG * rules.weight.tolerancePct,
    evidence.isTracked,
    at >= evidence.inductedAt,
    at - evidence.inductedAt <= rules.passAgeMsMax,
    evidence.raised.length === 0,
    evidence.chutes.green === "ready",
  ].every(Boolean);
}
