import { casesByNumber } from "./by-number.ts";
import {
  errorClassOf,
  errorIn,
  holdsParcel,
  isOfEport,
  isStatusKnown,
  isTransmissionError,
  joinReceipt,
  withEnds,
  withUnread,
  wordOf,
} from "./customs-status.ts";
import {
  aheadDoubtOf,
  digestReturn,
  digestUnread,
  doubtOf,
  isOfSameCompany,
  manifestNamesOf,
  numberKeysOf,
  type ManifestNames,
  type ReturnDigest,
  type UnreadDigest,
} from "./digests.ts";
import type { DocumentEvent } from "./events.ts";
import { isPast, withLateDoubt, withLateWord, withoutDoubtOf } from "./findings.ts";
import { lostFor } from "./lost-receipts.ts";
import type { FormerDoubt } from "./open-reason.ts";
import { aheadRefused, refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { park, parkedFor, unpark, type Waiting } from "./parked-receipts.ts";
import { keysMaxOf, sizesOf } from "./room.ts";
import { casesOf, type ManifestCase, type ReceiptContent } from "./state.ts";
import {
  arrivalOf,
  comingOf,
  isAhead,
  settle,
  surroundingsOf,
  tell,
  timingOf,
  wasAhead,
  type Arrival,
  type Workspace,
} from "./workspace.ts";

/** The receipt names, by its own number, a manifest that the waybill had before this one. */
const namesFormer = ({ legacy, manifest }: ManifestCase, { copKey }: ManifestNames): boolean =>
  copKey !== null && copKey !== manifest.copKey && legacy.copKeys.includes(copKey);

/**
 * The waybill has had another manifest before this one, and the receipt speaks of that: by its
 * number, or because it is older than this one, or no newer than what was said of that one.
 */
function isOfFormer(each: ManifestCase, names: ManifestNames, { time }: ReturnDigest): boolean {
  const { copKey } = names;
  const { generation, legacy, manifest, since } = each;
  if (generation === 0) return false;
  // By a number that no former one had, whenever customs' clock says that it was.
  if (copKey === manifest.copKey && !legacy.copKeys.includes(copKey)) return false;
  if (time.slice(0, 14) < since || time <= legacy.saidUntil) return true;
  return namesFormer(each, names);
}

/**
 * Every number of the receipt is this manifest's. Without a `copNo` it might as well speak of one
 * that the waybill had before.
 */
function isNamedWholly({ state }: Workspace, each: ManifestCase, names: ManifestNames): boolean {
  const { manifest, generation } = each;
  const { copKey, invtKey, orderKey } = names;
  const holder = invtKey === null ? undefined : state.waybillByKey.get(invtKey);
  return (
    (copKey === null ? generation === 0 : copKey === manifest.copKey) &&
    (orderKey === null || orderKey === manifest.orderKey) &&
    (holder === undefined || holder === manifest.waybill)
  );
}

/** Every number by which a receipt names its manifest has one by now. */
const isKnownWholly = ({ state }: Workspace, { copKey, orderKey }: ManifestNames): boolean =>
  [copKey, orderKey].every((key) => key === null || state.waybillByKey.has(key));

interface Joined {
  readonly each: ManifestCase;
  readonly outcome: Outcome;
}

/** What customs said is told, whatever it changes. */
function tellOf(work: Workspace, { manifest }: ManifestCase, { status, time }: ReturnDigest): void {
  const { waybill } = manifest;
  if (isTransmissionError(status)) {
    tell(work, "transmissionFailed", waybill, { status, time, about: errorClassOf(status) });
  } else tell(work, "customsStatus", waybill, { status, time });
}

/**
 * Times by which a receipt is older, and which cannot be right: nobody speaks of a manifest before it
 * is declared, and what was here already was not said after this or after now.
 */
function contradictsTimes(
  work: Workspace,
  { since, customs: { latest, hasReached } }: ManifestCase,
  receipt: ReturnDigest,
): boolean {
  if (receipt.time.slice(0, 14) < since) return true;
  if (latest === null) return false;
  const word = wordOf(receipt);
  // An error that only a newer error hides holds the parcel no more than that one, and none does once
  // customs has the manifest.
  const isHeldAgainst = latest.time >= word.time && !hasReached;
  if (isTransmissionError(word.status) && !isHeldAgainst) return false;
  return latest.time > arrivalOf(work) || latest.saidBy < word.saidBy;
}

function withRead(work: Workspace, each: ManifestCase, receipt: ReturnDigest): Joined {
  const { status } = receipt;
  const { waybill } = each.manifest;
  if (!isStatusKnown(status)) tell(work, "customsStatusUnknown", waybill, { status });
  const { said, effect } = joinReceipt(each.customs, receipt);
  if (surroundingsOf(work, each).isReleased) tell(work, "receiptAfterRelease", waybill, { status });
  const next: ManifestCase = {
    ...each,
    customs: said,
    legacy: withoutDoubtOf(each.legacy, receipt),
  };
  if (effect === "applied") {
    tellOf(work, each, receipt);
    return { each: next, outcome: taken };
  }
  const isHidden = effect === "older" && contradictsTimes(work, each, receipt);
  // What the e-port says on the way is hidden by customs' word at any time.
  if (isHidden && holdsParcel(receipt) && !isOfEport(status)) {
    return withUnreadReceipt(work, next, aheadDoubtOf(receipt));
  }
  const words = effect === "repeated" ? "already held, nothing changed" : "a newer receipt is held";
  return { each: next, outcome: takenWith(effect, words) };
}

function withUnreadReceipt(work: Workspace, each: ManifestCase, receipt: UnreadDigest): Joined {
  const held = each.customs.unread.filter((doubt) => !isPast(each, doubt));
  const { unread, isNew } = withUnread(held, receipt);
  if (!isNew) return { each, outcome: takenWith("repeated", "already held, nothing changed") };
  tellUnread(work, each, receipt);
  return { each: { ...each, customs: { ...each.customs, unread } }, outcome: taken };
}

function tellUnread(work: Workspace, { manifest }: ManifestCase, receipt: UnreadDigest): void {
  const { field, status } = receipt;
  const known = { field: field ?? "", status: status ?? "" };
  tell(work, "receiptUnread", manifest.waybill, known);
}

/** One on a manifest that the waybill had before; what is said of this one does not settle it. */
function withFormersUnread(
  work: Workspace,
  each: ManifestCase,
  { copKey, doubt }: FormerDoubt,
): Joined {
  const held = each.legacy.unread.flatMap((former) =>
    former.copKey === copKey && !isPast(each, former.doubt) ? [former.doubt] : [],
  );
  if (!withUnread(held, doubt).isNew) {
    return { each, outcome: takenWith("repeated", "already held, nothing changed") };
  }
  tellUnread(work, each, doubt);
  return {
    each: { ...each, legacy: withLateDoubt(each.legacy, { copKey, doubt }) },
    outcome: taken,
  };
}

/**
 * Joins a receipt into a manifest's case; the caller settles the case. One that names the manifest
 * by some of its numbers only may speak of another, so it is doubt and never relieves.
 */
function withReceipt(work: Workspace, each: ManifestCase, { names, content }: Waiting): Joined {
  if (content.kind === "unread") {
    const { copKey } = names;
    if (copKey !== null && namesFormer(each, names)) {
      return withFormersUnread(work, each, { copKey, doubt: content.receipt });
    }
    const joined = withUnreadReceipt(work, each, content.receipt);
    if (each.generation > 0 || !isNamedWholly(work, each, names)) return joined;
    const customs = withEnds(joined.each.customs, content.receipt);
    return { ...joined, each: { ...joined.each, customs } };
  }
  const { receipt } = content;
  if (wasAhead(work, each.customs.unread, receipt)) {
    return { each, outcome: takenWith("repeated", "already held, nothing changed") };
  }
  if (isOfFormer(each, names, receipt)) {
    const legacy = withLateWord(each.legacy, wordOf(receipt), names.copKey);
    const words = "speaks of the manifest before this one";
    return { each: { ...each, legacy }, outcome: takenWith("olderVersion", words) };
  }
  if (!isNamedWholly(work, each, names)) {
    return withUnreadReceipt(work, each, doubtOf(receipt, "copNo"));
  }
  if (!noteInvtKey(work, each, names)) {
    const joined = withUnreadReceipt(work, each, doubtOf(receipt, "invtNo"));
    const words = "is one number more than the centre may hold";
    return { each: joined.each, outcome: refused("storeFull", "invtNo", words) };
  }
  return withRead(work, each, receipt);
}

/** By customs' number alone a later receipt may name the manifest. False when there is no room. */
function noteInvtKey(
  { state, rules }: Workspace,
  { manifest }: ManifestCase,
  { invtKey }: ManifestNames,
): boolean {
  const { waybillByKey } = state;
  if (invtKey === null || waybillByKey.has(invtKey)) return true;
  if (waybillByKey.size >= keysMaxOf(sizesOf(state), rules.config)) return false;
  waybillByKey.set(invtKey, manifest.waybill);
  return true;
}

/**
 * A receipt of no manifest here names one of this one's numbers, and no company or another one, or
 * spells the number in another way. It may mean this one, so what it says against it is doubt; what it says for it counts for nothing.
 */
function withDoubt(work: Workspace, each: ManifestCase, { names, content }: Waiting): ManifestCase {
  const { kind, receipt } = content;
  if (kind === "unread") return withUnreadReceipt(work, each, receipt).each;
  if (!holdsParcel(receipt) || isOfFormer(each, names, receipt)) return each;
  const { copKey } = names;
  const isSpelling = copKey !== null && isOfSameCompany(copKey, each.manifest.copKey);
  const field = isSpelling ? "copNo" : "agentCode";
  return withUnreadReceipt(work, each, doubtOf(receipt, field)).each;
}

/**
 * Joins every receipt that has waited for this manifest, and the doubts that others have left: those
 * that name another one wait on, and there was no room for some.
 */
export function withParked(
  work: Workspace,
  stored: ManifestCase,
  keys: readonly string[],
): ManifestCase {
  let each = stored;
  const named = parkedFor(work, keys);
  for (const [id, parked] of named) {
    const { names } = parked;
    if (isNamedWholly(work, each, names) || isKnownWholly(work, names)) unpark(work, id, parked);
    each = withReceipt(work, each, parked).each;
  }
  for (const doubt of lostFor(work, keys)) each = withUnreadReceipt(work, each, doubt).each;
  for (const [id, parked] of parkedFor(work, numberKeysOf(keys))) {
    if (!named.has(id)) each = withDoubt(work, each, parked);
  }
  return each;
}

/** Every manifest that one of a receipt's numbers names. */
const casesNamed = ({ state }: Workspace, { keys }: ManifestNames): readonly ManifestCase[] =>
  casesOf(
    state,
    keys.flatMap((key) => state.waybillByKey.get(key) ?? []),
  );

/**
 * A receipt whose numbers are not all of one manifest speaks of one of those that it names; until
 * it is clear which, of each. It waits for the one that has not come.
 */
function doubtAll(
  work: Workspace,
  cases: readonly ManifestCase[],
  waiting: { readonly names: ManifestNames; readonly receipt: ReturnDigest },
): Outcome {
  const { names, receipt } = waiting;
  const doubt = doubtOf(receipt, "copNo");
  for (const each of cases) settle(work, withUnreadReceipt(work, each, doubt).each);
  if (!isKnownWholly(work, names)) return park(work, { names, content: { kind: "read", receipt } });
  const words = "names one manifest, another number of the receipt names a different one";
  return refused("correlationConflict", "copNo", words);
}

/**
 * What a receipt says of a manifest, as it would wait for one. A time that has not come yet is none,
 * but an error speaks of one transmission whatever its time.
 */
export function waitingOf(times: Arrival, event: ReceiptEvent): Waiting & { isAhead: boolean } {
  if (event.kind === "manifestReturn") {
    const { head } = event.receipt;
    const names = manifestNamesOf({ ...head, invtNo: head.invtNo ?? "" });
    const receipt = digestReturn(event.receipt, timingOf(times, head.returnTime));
    if (isTransmissionError(receipt.status) || !isAhead(times, receipt.time)) {
      return { names, content: { kind: "read", receipt }, isAhead: false };
    }
    const content = { kind: "unread", receipt: aheadDoubtOf(receipt) } as const;
    return { names, content, isAhead: true };
  }
  const names = manifestNamesOf(event.receipt.names);
  const unread = digestUnread(event.receipt, {
    coming: comingOf(times),
    isAhead: (time) => isAhead(times, time),
  });
  const error = event.receipt.type === "CEB604" ? errorIn(unread) : null;
  const content: ReceiptContent =
    error === null ? { kind: "unread", receipt: unread } : { kind: "read", receipt: error };
  return { names, content, isAhead: false };
}

export type ReceiptEvent = Extract<DocumentEvent, { kind: "manifestReturn" | "unreadReceipt" }>;

/** Customs' receipt (CEB604, CEB606) for the manifest that one of its numbers names. */
export function takeReceipt(work: Workspace, event: ReceiptEvent): Outcome {
  const { names, content, isAhead } = waitingOf(work, event);
  if (content.kind === "read") return takeRead(work, names, content.receipt);
  const taken = takeUnread(work, { names, content });
  return isAhead && taken.accepted ? aheadRefused : taken;
}

function takeRead(work: Workspace, names: ManifestNames, receipt: ReturnDigest): Outcome {
  const named = casesNamed(work, names);
  const cases = named.filter(isHere);
  const [each] = cases;
  const waiting: Waiting = { names, content: { kind: "read", receipt } };
  if (each === undefined) {
    return named.length > 0 ? ofLeft(work, named, waiting) : parkWithDoubt(work, waiting);
  }
  const isOfIt = isOfFormer(each, names, receipt) || isNamedWholly(work, each, names);
  if (named.length > 1 || !isOfIt) return doubtAll(work, cases, { names, receipt });
  const joined = withReceipt(work, each, waiting);
  settle(work, joined.each);
  return joined.outcome;
}

/** A receipt that cannot be read whole makes every manifest that it names doubtful. */
function takeUnread(work: Workspace, waiting: Waiting): Outcome {
  const { names } = waiting;
  const named = casesNamed(work, names);
  const joined = named.filter(isHere).map((each) => withReceipt(work, each, waiting));
  for (const { each } of joined) settle(work, each);
  const [first] = joined;
  if (first === undefined) {
    return named.length > 0 ? ofLeft(work, named, waiting) : parkWithDoubt(work, waiting);
  }
  return isKnownWholly(work, names) ? first.outcome : park(work, waiting);
}

const isHere = ({ left }: ManifestCase): boolean => left === undefined;

/**
 * Of manifests whose cases are in the archive: nothing is to be changed there, and it is told. What
 * names another one as well waits for that.
 */
function ofLeft(work: Workspace, named: readonly ManifestCase[], waiting: Waiting): Outcome {
  const { names, content } = waiting;
  const [each, other] = named;
  const isOfOne = each !== undefined && other === undefined && isNamedWholly(work, each, names);
  if (!isOfOne && !isKnownWholly(work, names)) return park(work, waiting);
  for (const { manifest } of named) {
    const status = content.receipt.status ?? "unread";
    tell(work, "receiptAfterLeaving", manifest.waybill, { status });
  }
  // Its number stays taken, like all others.
  if (isOfOne) noteInvtKey(work, each, names);
  return takenWith("archived", "speaks of a manifest whose case is in the archive");
}

/** No manifest here has one of its keys; those that have one of its numbers are doubtful. */
function parkWithDoubt(work: Workspace, waiting: Waiting): Outcome {
  for (const each of casesByNumber(work.state, waiting.names.keys)) {
    settle(work, withDoubt(work, each, waiting));
  }
  return park(work, waiting);
}
