import type { claimRefusals } from "../../../protocols/link.ts";

/**
 * A pass's exclusive right to a waybill, for the whole site (law 1). The centre asks and
 * answers in one thread, so that judging and taking are one step; its journal keeps every grant
 * and every end in that order, and replaying them after a restart gives the same claims.
 *
 * A claim ends when its line's facts say that its pass has ended: it left the belt, was lost, or
 * the line began a new session after it was inducted. Silence ends nothing: a waybill whose pass
 * is never accounted for stays refused, and its parcels go to inspection.
 *
 * When a second pass asks for a waybill whose first pass is still open, both are doubtful, since
 * nobody can say which of the two parcels is the declared one. The second is refused and the
 * waybill is contested until every pass that asked for it has ended.
 */
export interface Claims {
  readonly openByPass: Map<string, ClaimRequest>;
  readonly openByWaybill: Map<string, ClaimRequest>;
  /** Waybill to the passes that asked for it and have not ended, the holder among them. */
  readonly contested: Map<string, Set<string>>;
  /** The same the other way round. */
  readonly contestedByPass: Map<string, Set<string>>;
}

export interface ClaimRequest {
  readonly lineId: string;
  readonly passId: string;
  readonly waybill: string;
}

type ClaimRefusal = (typeof claimRefusals)[number];

/** What the documents say of the waybill apart from any pass. */
export type WaybillState = "unknown" | "open" | "released";

export type ClaimOutcome =
  /** `isRepeat`: the pass holds it already, and nothing changes. */
  | { readonly kind: "granted"; readonly isRepeat: boolean }
  | { readonly kind: "refused"; readonly why: ClaimRefusal };

export const noClaims = (): Claims => ({
  openByPass: new Map(),
  openByWaybill: new Map(),
  contested: new Map(),
  contestedByPass: new Map(),
});

/** Says what a request gets, and changes nothing. */
export function judgeClaim(
  claims: Claims,
  request: ClaimRequest,
  state: WaybillState,
): ClaimOutcome {
  if (state === "unknown") return { kind: "refused", why: "unknownWaybill" };
  const claimedElsewhere: ClaimOutcome = { kind: "refused", why: "claimedElsewhere" };
  if (isContested(claims, request.waybill)) return claimedElsewhere;
  const own = claims.openByPass.get(request.passId);
  const isReleased = state === "released";
  if (own?.waybill === request.waybill && !isReleased) return { kind: "granted", isRepeat: true };
  // One pass is one parcel: a second waybill for it is as doubtful as a second pass.
  if (own !== undefined && own.waybill !== request.waybill) return claimedElsewhere;
  // Also where the holder is released already: as long as it is on its belt it can be doubted.
  if (own === undefined && claims.openByWaybill.has(request.waybill)) return claimedElsewhere;
  if (isReleased) return { kind: "refused", why: "alreadyReleased" };
  return { kind: "granted", isRepeat: false };
}

/** Called for a granted request, at once and in the order of the journal. */
export function openClaim(claims: Claims, request: ClaimRequest): void {
  claims.openByPass.set(request.passId, request);
  claims.openByWaybill.set(request.waybill, request);
}

/**
 * Called for a request refused as `claimedElsewhere`. True when the waybill was not contested
 * before, so that the lines have to be told.
 */
export function contestClaim(claims: Claims, request: ClaimRequest): boolean {
  const { waybill } = request;
  const holder = claims.openByWaybill.get(waybill);
  const isKnown = claims.contested.has(waybill);
  if (holder !== undefined) addContender(claims, waybill, holder.passId);
  if (holder !== undefined || isKnown) addContender(claims, waybill, request.passId);
  return !isKnown && claims.contested.has(waybill);
}

/**
 * Ends what a pass holds and contests. Answers the waybills whose contest is over with it, so that
 * the lines can be told.
 */
export function endPass(claims: Claims, passId: string): readonly string[] {
  const claim = claims.openByPass.get(passId);
  if (claim !== undefined) {
    claims.openByPass.delete(passId);
    claims.openByWaybill.delete(claim.waybill);
  }
  const freed: string[] = [];
  for (const waybill of claims.contestedByPass.get(passId) ?? []) {
    const passes = claims.contested.get(waybill);
    passes?.delete(passId);
    if (passes !== undefined && passes.size > 0) continue;
    claims.contested.delete(waybill);
    freed.push(waybill);
  }
  claims.contestedByPass.delete(passId);
  return freed;
}

export const isContested = (claims: Claims, waybill: string): boolean =>
  claims.contested.has(waybill);

function addContender(claims: Claims, waybill: string, passId: string): void {
  addTo(claims.contested, waybill, passId);
  addTo(claims.contestedByPass, passId, waybill);
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([member]));
  else known.add(member);
}
