import type { claimRefusals } from "../../../protocols/link.ts";

/**
 * A pass's exclusive right to a waybill, for the whole site (law 1). The centre asks and
 * answers in one thread, so that judging and taking are one step; its journal keeps every grant
 * and every end in that order. A restart takes the claims of its restore point, and those behind it.
 *
 * A claim ends when its line's facts say that its pass has ended: it left the belt, was lost, or
 * the line began a new session after it was inducted. Silence ends nothing: a waybill whose pass
 * is never accounted for stays refused, and its parcels go to inspection.
 *
 * When a second pass asks for a waybill whose first pass is still open, both are doubtful, since
 * nobody can say which of the two parcels is the declared one. The second is refused and the
 * waybill is contested until every pass that asked for it has ended.
 *
 * When a person says that an agent's journal is another one now, nobody will hear how the passes of
 * the old one ended. What they held or asked for is then unsettled: refused to everybody until the
 * old journal is brought in and tells of them, or a person settles the waybill by name.
 */
export interface Claims {
  readonly openByPass: Map<string, ClaimRequest>;
  readonly openByWaybill: Map<string, ClaimRequest>;
  /** Waybill to the passes that asked for it and have not ended, the holder among them. */
  readonly contested: Map<string, Set<string>>;
  /** The same the other way round. */
  readonly contestedByPass: Map<string, Set<string>>;
  /** What passes that have not ended have asked for, granted or not. */
  readonly asked: Map<string, AskedPass>;
  /** Waybill to the passes whose end nobody can tell. */
  readonly unsettled: Map<string, Set<string>>;
  /** The same the other way round. */
  readonly unsettledByPass: Map<string, AskedPass>;
}

export interface AskedPass {
  readonly lineId: string;
  readonly chain: string;
  readonly waybills: Set<string>;
}

export interface ClaimRequest {
  readonly lineId: string;
  readonly passId: string;
  readonly waybill: string;
  /** The journal that tells how the pass ends. */
  readonly chain: string;
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
  asked: new Map(),
  unsettled: new Map(),
  unsettledByPass: new Map(),
});

/** Says what a request gets, and changes nothing. */
export function judgeClaim(
  claims: Claims,
  request: ClaimRequest,
  state: WaybillState,
): ClaimOutcome {
  if (claims.unsettled.has(request.waybill)) return { kind: "refused", why: "outcomeUnknown" };
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

/** Called for every request, before what it gets. True when this pass had not asked for it before. */
export function noteAsked(claims: Claims, request: ClaimRequest): boolean {
  const { passId, waybill, lineId, chain } = request;
  const known = claims.asked.get(passId);
  if (known === undefined) {
    claims.asked.set(passId, { lineId, chain, waybills: new Set([waybill]) });
    return true;
  }
  if (known.waybills.has(waybill)) return false;
  known.waybills.add(waybill);
  return true;
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
 * Ends what a pass holds, contests and has left unsettled. Answers the waybills that somebody may
 * have again with it, so that the lines can be told.
 */
export function endPass(claims: Claims, passId: string): readonly string[] {
  return [...dropPass(claims, passId), ...settlePass(claims, passId)];
}

/** All that is open of these passes is unsettled from now on. Answers the waybills. */
export function leaveUnsettled(
  claims: Claims,
  isOver: (chain: string) => boolean,
): readonly string[] {
  const waybills = new Set<string>();
  for (const [passId, asked] of claims.asked) {
    if (!isOver(asked.chain)) continue;
    for (const waybill of asked.waybills) {
      addTo(claims.unsettled, waybill, passId);
      waybills.add(waybill);
    }
    claims.unsettledByPass.set(passId, asked);
    dropPass(claims, passId);
  }
  return [...waybills];
}

/** Passes of a lost journal that have left something unsettled. */
export const unsettledPassesOf = (claims: Claims, chain: string): readonly string[] =>
  [...claims.unsettledByPass].flatMap(([passId, asked]) => (asked.chain === chain ? [passId] : []));

/** A person knows what became of the parcel. */
export function settleWaybill(claims: Claims, waybill: string): void {
  for (const passId of claims.unsettled.get(waybill) ?? []) {
    const asked = claims.unsettledByPass.get(passId);
    asked?.waybills.delete(waybill);
    if (asked?.waybills.size === 0) claims.unsettledByPass.delete(passId);
  }
  claims.unsettled.delete(waybill);
}

function settlePass(claims: Claims, passId: string): readonly string[] {
  const waybills = [...(claims.unsettledByPass.get(passId)?.waybills ?? [])];
  claims.unsettledByPass.delete(passId);
  return waybills.filter((waybill) => takeFrom(claims.unsettled, waybill, passId));
}

function dropPass(claims: Claims, passId: string): readonly string[] {
  claims.asked.delete(passId);
  const claim = claims.openByPass.get(passId);
  if (claim !== undefined) {
    claims.openByPass.delete(passId);
    claims.openByWaybill.delete(claim.waybill);
  }
  const contested = [...(claims.contestedByPass.get(passId) ?? [])];
  claims.contestedByPass.delete(passId);
  return contested.filter((waybill) => takeFrom(claims.contested, waybill, passId));
}

export const isContested = (claims: Claims, waybill: string): boolean =>
  claims.contested.has(waybill);

export function addContender(claims: Claims, waybill: string, passId: string): void {
  addTo(claims.contested, waybill, passId);
  addTo(claims.contestedByPass, passId, waybill);
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([member]));
  else known.add(member);
}

/** True when the last member went with it. */
function takeFrom(sets: Map<string, Set<string>>, key: string, member: string): boolean {
  const known = sets.get(key);
  known?.delete(member);
  if (known === undefined || known.size > 0) return false;
  sets.delete(key);
  return true;
}
