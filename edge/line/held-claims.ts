import { hash as hashOf } from "node:crypto";
import type { ClearanceRecord } from "../../protocols/clearance.ts";

/**
 * The waybills that open passes have asked for, with what the documents say of each (law 12). The
 * centre keeps one for each agent and the agent keeps its own, and a heartbeat tells by count and
 * hash whether both are the same. Changed in place; nothing here takes longer the more there are.
 */
export interface HeldClaims {
  /** What each pass has asked for: hardly ever more than one. */
  readonly waybillsOf: Map<string, readonly string[]>;
  readonly waybills: Map<string, HeldWaybill>;
  claimsTotal: number;
  /** The hashes of all claims, one added to the other without carry: their order does not matter. */
  readonly hash: Uint8Array;
}

interface HeldWaybill {
  /** The passes that have asked for it, each with the hash of its claim as it is now. */
  readonly hashOfPass: Map<string, ClaimHash>;
  /** Null where there are no documents. */
  record: ClearanceRecord | null;
}

export interface HeldClaim {
  readonly passId: string;
  readonly waybill: string;
  readonly record: ClearanceRecord | null;
}

const hashBytes = 32;

/** SHA-256, a byte a character, which takes far less than an array of its own. */
type ClaimHash = string;

export const noHeldClaims = (): HeldClaims => ({
  waybillsOf: new Map(),
  waybills: new Map(),
  claimsTotal: 0,
  hash: new Uint8Array(hashBytes),
});

/** Called for each claim that was judged, also again: what is newest of its waybill counts. */
export function holdClaim(held: HeldClaims, { passId, waybill, record }: HeldClaim): void {
  const known = held.waybills.get(waybill);
  if (known !== undefined) setRecord(held, waybill, record);
  const { hashOfPass: hashes } = known ?? newWaybill(held, waybill, record);
  if (hashes.has(passId)) return;
  const hash = hashOfClaim({ passId, waybill, record });
  hashes.set(passId, hash);
  held.waybillsOf.set(passId, [...(held.waybillsOf.get(passId) ?? []), waybill]);
  held.claimsTotal += 1;
  addHash(held, hash);
}

/** False for a waybill that no pass here has asked for: nobody needs its record. */
export function replaceRecord(held: HeldClaims, record: ClearanceRecord): boolean {
  if (!held.waybills.has(record.waybill)) return false;
  setRecord(held, record.waybill, record);
  return true;
}

/** The pass is over: its line's journal has told so. */
export function endClaims(held: HeldClaims, passId: string): void {
  for (const waybill of held.waybillsOf.get(passId) ?? []) {
    const hashes = held.waybills.get(waybill)?.hashOfPass;
    const hash = hashes?.get(passId);
    if (hashes === undefined || hash === undefined) continue;
    addHash(held, hash);
    hashes.delete(passId);
    if (hashes.size === 0) held.waybills.delete(waybill);
    held.claimsTotal -= 1;
  }
  held.waybillsOf.delete(passId);
}

/** Null where this pass has asked for no such waybill, or where there are no documents. */
export function recordHeldBy(
  { waybills }: HeldClaims,
  { passId, waybill }: Pick<HeldClaim, "passId" | "waybill">,
): ClearanceRecord | null {
  const known = waybills.get(waybill);
  return known?.hashOfPass.has(passId) === true ? known.record : null;
}

export const recordHeld = ({ waybills }: HeldClaims, waybill: string): ClearanceRecord | null =>
  waybills.get(waybill)?.record ?? null;

export const claimsIn = (held: HeldClaims): readonly HeldClaim[] =>
  [...held.waybillsOf].flatMap(([passId, waybills]) =>
    waybills.map((waybill) => ({ passId, waybill, record: recordHeld(held, waybill) })),
  );

export interface ClaimsDigest {
  readonly claims: number;
  /** In hex, over pass, waybill, version and standing of each. */
  readonly claimsHash: string;
}

export const digestOfClaims = ({ claimsTotal, hash }: HeldClaims): ClaimsDigest => ({
  claims: claimsTotal,
  claimsHash: Buffer.from(hash).toString("hex"),
});

function newWaybill(
  { waybills }: HeldClaims,
  waybill: string,
  record: ClearanceRecord | null,
): HeldWaybill {
  const made: HeldWaybill = { hashOfPass: new Map(), record };
  waybills.set(waybill, made);
  return made;
}

function setRecord(held: HeldClaims, waybill: string, record: ClearanceRecord | null): void {
  const known = held.waybills.get(waybill);
  if (known === undefined) return;
  const before = known.record;
  known.record = record;
  // Told again as it is: the hash is of version and standing.
  if (before?.version === record?.version && before?.standing === record?.standing) return;
  for (const [passId, hash] of known.hashOfPass) {
    const hashNow = hashOfClaim({ passId, waybill, record });
    addHash(held, hash);
    addHash(held, hashNow);
    known.hashOfPass.set(passId, hashNow);
  }
}

const hashOfClaim = ({ passId, waybill, record }: HeldClaim): ClaimHash =>
  hashOf(
    "sha256",
    `${passId} ${waybill} ${record?.version ?? 0} ${record?.standing ?? "unknown"}`,
    "binary",
  );

/** Adds the hash of one claim; once more takes it away again. */
function addHash({ hash }: HeldClaims, one: ClaimHash): void {
  for (let index = 0; index < hashBytes; index += 1) {
    hash[index] = (hash[index] ?? 0) ^ one.charCodeAt(index);
  }
}
