import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { exitOfReason, type Reason, type ReasonCode } from "../../protocols/reasons.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { Evidence, IdentityProof } from "./evidence.ts";
import { isPlausibleWeight } from "./weight.ts";
import type { DecisionRules } from "./rules.ts";

/**
 * The one place that can say green.
 *
 * Each question below is answered by a proof or by reasons. A `GreenDecision` takes one proof of
 * every kind, and a proof's brand is known in this file only, so no other code can build one.
 */
declare const proven: unique symbol;
type Proof<Kind extends string, Facts> = Readonly<Facts> & { readonly [proven]: Kind };

export interface GreenProofs {
  readonly identity: Proof<"identity", { waybill: string; by: IdentityProof }>;
  readonly claim: Proof<"claim", { passId: string }>;
  readonly clearance: Proof<"clearance", { record: ClearanceRecord }>;
  readonly inspection: Proof<"inspection", { imageHash: string | null }>;
  readonly weight: Proof<"weight", { weightG: number | null }>;
  readonly tracking: Proof<"tracking", { passId: string }>;
  readonly chute: Proof<"chute", { exit: "green" }>;
}

export interface GreenDecision {
  readonly exit: "green";
  readonly reasons: readonly [];
  readonly proofs: GreenProofs;
}

export interface HeldDecision {
  readonly exit: "red" | "inspection";
  /** At least one; in the order in which the questions are asked, without repeats. */
  readonly reasons: readonly [Reason, ...Reason[]];
}

export type Decision = GreenDecision | HeldDecision;

/**
 * Decides one pass on what is known at `at`. Called at commit points, before a command leaves,
 * and whenever a committed pass learns something new.
 * @see edge/README.md, laws 1 to 3
 */
export function decide(evidence: Evidence, rules: DecisionRules, at: MonotonicMs): Decision {
  const reasons: Reason[] = [];
  const ask = <T>(answer: T | readonly Reason[]): T | null => {
    if (!isReasons(answer)) return answer;
    for (const reason of answer) {
      if (!reasons.some((known) => known.code === reason.code)) reasons.push(reason);
    }
    return null;
  };
  ask(evidence.raised);
  const tracking = ask(proveTracking(evidence, rules, at));
  const identity = ask(proveIdentity(evidence));
  const claim = ask(proveClaim(evidence));
  const clearance = ask(proveClearance(evidence, rules));
  const inspection = ask(proveInspection(evidence, rules));
  const weight = ask(proveWeight(evidence, rules));
  const chute = ask(proveChute(evidence));

  const [first, ...rest] = reasons;
  if (first !== undefined) return held([first, ...rest], evidence);
  // Without reasons every question was answered by a proof; the types want to see it.
  if (tracking && identity && claim && clearance && inspection && weight && chute) {
    return {
      exit: "green",
      reasons: [],
      proofs: { identity, claim, clearance, inspection, weight, tracking, chute },
    };
  }
  return { exit: "inspection", reasons: [{ code: "coreFault" }] };
}

/**
 * Where this is false, `decide` does not say green, whatever else is known; true promises nothing.
 * Called where a pass is looked at again and again before there is anything to decide.
 */
export const isGreenOpen = ({ raised, claim }: Pick<Evidence, "raised" | "claim">): boolean =>
  claim === "granted" && raised.length === 0;

/** Red only if every open reason is documentary (law 2), and red has room. */
function held(reasons: readonly [Reason, ...Reason[]], evidence: Evidence): HeldDecision {
  const documentary = reasons.filter((reason) => !isGreenChuteReason(reason));
  const isRed =
    documentary.length > 0 && documentary.every((reason) => exitOfReason(reason.code) === "red");
  if (!isRed) return { exit: "inspection", reasons };
  const [first, ...rest] = documentary;
  if (first === undefined) return { exit: "inspection", reasons };
  if (evidence.chutes.red === "ready") return { exit: "red", reasons: [first, ...rest] };
  return {
    exit: "inspection",
    reasons: [first, ...rest, { code: "chuteNotReady", params: { exit: "red" } }],
  };
}

/** A green chute that is not ready is no reason against a parcel that will not go there. */
const isGreenChuteReason = (reason: Reason): boolean =>
  reason.code === "chuteNotReady" && reason.params?.["exit"] === "green";

function proveTracking(
  { passId, isTracked, inductedAt }: Evidence,
  { passAgeMsMax }: DecisionRules,
  at: MonotonicMs,
): GreenProofs["tracking"] | readonly Reason[] {
  const ageMs = at - inductedAt;
  // Never plain `>`: an age that is not a number must not pass.
  if (!(ageMs >= 0 && ageMs <= passAgeMsMax)) {
    return because("evidenceStale", { ageS: Math.round(ageMs / 1_000) });
  }
  return isTracked ? prove("tracking", { passId }) : because("trackingLost");
}

function proveIdentity({
  identity,
  identityProof,
}: Evidence): GreenProofs["identity"] | readonly Reason[] {
  switch (identity.kind) {
    case "one":
      // That the read came next proves nothing (law 16).
      return identityProof === null
        ? because("identityUnproved")
        : prove("identity", { waybill: identity.waybill, by: identityProof });
    case "none":
      return because("noRead");
    case "several":
      return because("multiRead", { waybills: identity.waybills.slice(0, 4).join(" ") });
  }
}

function proveClaim({
  claim,
  identity,
  passId,
}: Evidence): GreenProofs["claim"] | readonly Reason[] {
  // Without one waybill there is nothing to claim, and the identity's reason says so.
  if (identity.kind !== "one") return because(identity.kind === "none" ? "noRead" : "multiRead");
  switch (claim) {
    case "granted":
      return prove("claim", { passId });
    case "claimedElsewhere":
    case "alreadyReleased":
    case "outcomeUnknown":
      return because(claim);
    case "unknown":
      return because("unknownWaybill");
    case "notAsked":
    case "asked":
      return because("claimMissing");
  }
}

function proveClearance(
  { claim, clearance, identity }: Evidence,
  rules: DecisionRules,
): GreenProofs["clearance"] | readonly Reason[] {
  if (identity.kind !== "one") return because(identity.kind === "none" ? "noRead" : "multiRead");
  if (clearance.kind === "absent") {
    // The documents are told with the claim: before its answer nobody knows whether there are any,
    // and a grant is given on documents that are told again.
    if (claim === "asked" || claim === "notAsked") return because("claimMissing");
    return because(claim === "granted" ? "clearanceStale" : "unknownWaybill");
  }
  if (clearance.kind === "stale") return because("clearanceStale");
  const { record } = clearance;
  // A mirror that handed out another parcel's record would be our own bug; it must not release.
  if (record.waybill !== identity.waybill) return because("coreFault");
  const reasons = [...record.reasons];
  if (record.standing === "notReleasable" && reasons.length === 0) return because("coreFault");
  // Whatever else stands open: a parcel that customs has closed is opened, not sent to red.
  if (record.customsStatus === 899) reasons.push(...because("alreadyClosed"));
  else if (rules.authority === "customs" && record.customsStatus !== 800) {
    reasons.push(...because("customsReleaseMissing", { status: record.customsStatus ?? "none" }));
  }
  return reasons.length > 0 ? reasons : prove("clearance", { record });
}

function proveInspection(
  evidence: Evidence,
  rules: DecisionRules,
): GreenProofs["inspection"] | readonly Reason[] {
  const { clearance, imageHash, algorithm, officer } = evidence;
  // An officer's word against a parcel counts whatever else is known or required.
  if (officer?.decision === "open") return because("officerOpen", { officer: officer.officer });
  if (officer?.decision === "review") return because("onsiteReview", { officer: officer.officer });
  const isRequired = clearance.kind !== "held" || needsMachinePass(clearance.record);
  if (imageHash === null) {
    return isRequired ? because("imageMissing") : prove("inspection", { imageHash });
  }
  const algorithmWord = algorithm?.imageHash === imageHash ? algorithm.verdict : null;
  const hasOfficerReleased = officer?.imageHash === imageHash;
  if (!hasOfficerReleased) {
    // A suspect image stands against the parcel even where none was required.
    if (algorithmWord === "suspect") return because("suspectImage");
    if (!isRequired) return prove("inspection", { imageHash });
    if (rules.imageVerdictBy !== "algorithm") return because("verdictMissing", { by: "officer" });
    if (algorithmWord === "unknown") return because("verdictUnknown");
    if (algorithmWord !== "clear") return because("verdictMissing", { by: "algorithm" });
  } else if (isRequired && rules.imageVerdictBy === "both" && algorithmWord === null) {
    return because("verdictMissing", { by: "algorithm" });
  }
  return prove("inspection", { imageHash });
}

/** No image is needed only where the record's standing and its flag both say so. */
const needsMachinePass = (record: ClearanceRecord): boolean =>
  record.machineInspectionRequired || record.standing !== "releasable";

function proveWeight(
  { weightG, isWeightProven, clearance }: Evidence,
  rules: DecisionRules,
): GreenProofs["weight"] | readonly Reason[] {
  if (rules.weight === null) return prove("weight", { weightG: null });
  if (weightG === null) return because("weightMissing");
  const declaredG = clearance.kind === "held" ? clearance.record.declared.grossWeightG : weightG;
  if (!isPlausibleWeight(weightG, declaredG, rules.weight)) {
    return because("weightImplausible", { weightG, declaredG });
  }
  return isWeightProven ? prove("weight", { weightG }) : because("weightUnsure");
}

function proveChute({ chutes }: Evidence): GreenProofs["chute"] | readonly Reason[] {
  if (chutes.green === "ready") return prove("chute", { exit: "green" as const });
  return because("chuteNotReady", { exit: "green" });
}

const prove = <Kind extends string, Facts extends object>(
  _kind: Kind,
  facts: Facts,
): Proof<Kind, Facts> => facts as Proof<Kind, Facts>;

const because = (code: ReasonCode, params?: Reason["params"]): readonly Reason[] => [
  params === undefined ? { code } : { code, params },
];

const isReasons = (answer: unknown): answer is readonly Reason[] => Array.isArray(answer);
