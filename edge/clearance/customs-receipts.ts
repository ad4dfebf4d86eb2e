import type { CebManifestReturn } from "../../protocols/ceb/messages.ts";
import type { UnreadReceipt } from "../../protocols/ceb/unread-receipts.ts";
import { epochMs } from "../../protocols/units.ts";
import { casesByNumber } from "./by-number.ts";
import {
  errorClassOf,
  errorIn,
  holdsParcel,
  isOfEport,
  isStatusKnown,
  isTransmissionError,
  joinReceipt,
  mayBeAnother,
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
  withNumberKeys,
  type ManifestNames,
  type ReturnDigest,
  type UnreadDigest,
} from "./digests.ts";
import { isPast, withLateDoubt, withLateWord, withoutDoubtOf } from "./findings.ts";
import { lostFor, noteLost } from "./lost-receipts.ts";
import type { FormerDoubt } from "./open-reason.ts";
import { aheadRefused, refused, taken, takenWith, type Outcome } from "./outcome.ts";
import { keysMaxOf } from "./room.ts";
import { casesOf, type ManifestCase, type ParkedReceipt, type ReceiptContent } from "./state.ts";
import {
  arrivalOf,
  comingOf,
  isAhead,
  settle,
  surroundingsOf,
  tell,
  timingOf,
  wasAhead,
  type Workspace,
} from "./workspace.ts";

type Waiting = Pick<ParkedReceipt, "names" | "content">;

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
  { since, customs: { latest } }: ManifestCase,
  receipt: ReturnDigest,
): boolean {
  if (receipt.time.slice(0, 14) < since) return true;
  if (latest === null) return false;
  return latest.time > arrivalOf(work) || latest.saidBy < wordOf(receipt).saidBy;
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
  { state: { waybillByKey }, rules }: Workspace,
  { manifest }: ManifestCase,
  { invtKey }: ManifestNames,
): boolean {
  if (invtKey === null || waybillByKey.has(invtKey)) return true;
  if (waybillByKey.size >= keysMaxOf(rules.config)) return false;
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
  for (const parked of named) {
    const { names } = parked;
    if (isNamedWholly(work, each, names) || isKnownWholly(work, names)) unpark(work, parked);
    each = withReceipt(work, each, parked).each;
  }
  for (const doubt of lostFor(work, keys)) each = withUnreadReceipt(work, each, doubt).each;
  for (const parked of parkedFor(work, numberKeysOf(keys))) {
    if (!named.has(parked)) each = withDoubt(work, each, parked);
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

/** Customs' receipt (CEB604) for the manifest that one of its numbers names. */
export function takeManifestReturn(work: Workspace, document: CebManifestReturn): Outcome {
  const { head } = document;
  const names = manifestNamesOf({ ...head, invtNo: head.invtNo ?? "" });
  return takeReceipt(work, names, digestReturn(document, timingOf(work, head.returnTime)));
}

function takeReceipt(work: Workspace, names: ManifestNames, receipt: ReturnDigest): Outcome {
  if (!isTransmissionError(receipt.status) && isAhead(work, receipt.time)) {
    const taken = takeUnread(work, names, aheadDoubtOf(receipt));
    return taken.accepted ? aheadRefused : taken;
  }
  const cases = casesNamed(work, names);
  const [each, other] = cases;
  const waiting: Waiting = { names, content: { kind: "read", receipt } };
  if (each === undefined) return parkWithDoubt(work, waiting);
  const isOfIt = isOfFormer(each, names, receipt) || isNamedWholly(work, each, names);
  if (other !== undefined || !isOfIt) return doubtAll(work, cases, { names, receipt });
  const joined = withReceipt(work, each, waiting);
  settle(work, joined.each);
  return joined.outcome;
}

/** A receipt that cannot be read whole makes every manifest that it names doubtful. */
export function takeUnreadManifestReturn(work: Workspace, receipt: UnreadReceipt): Outcome {
  const names = manifestNamesOf(receipt.names);
  const unread = digestUnread(receipt, {
    coming: comingOf(work),
    isAhead: (time) => isAhead(work, time),
  });
  const error = receipt.type === "CEB604" ? errorIn(unread) : null;
  return error === null ? takeUnread(work, names, unread) : takeReceipt(work, names, error);
}

function takeUnread(work: Workspace, names: ManifestNames, unread: UnreadDigest): Outcome {
  const content: ReceiptContent = { kind: "unread", receipt: unread };
  const waiting: Waiting = { names, content };
  const joined = casesNamed(work, names).map((each) => withReceipt(work, each, waiting));
  for (const { each } of joined) settle(work, each);
  const [first] = joined;
  if (first === undefined) return parkWithDoubt(work, waiting);
  return isKnownWholly(work, names) ? first.outcome : park(work, waiting);
}

/** No manifest here has one of its keys; those that have one of its numbers are doubtful. */
function parkWithDoubt(work: Workspace, waiting: Waiting): Outcome {
  for (const each of casesByNumber(work.state, waiting.names.keys)) {
    settle(work, withDoubt(work, each, waiting));
  }
  return park(work, waiting);
}

const noTiming = { cameAt: null, unprovedAt: null, passedTime: null };

/** What a receipt says, whatever guid it came under this time. */
const textOf = ({ names, content }: Waiting): string =>
  JSON.stringify([names.keys, content.kind, { ...content.receipt, guid: null, ...noTiming }]);

/** Receipts that wait under one number. A manifest gets a handful. */
const parkedPerNumberMax = 50;

/** The doubt in place of a receipt that is not kept, without what people write in it. */
function lostDoubtOf({ content }: Waiting): UnreadDigest {
  const doubt = content.kind === "unread" ? content.receipt : doubtOf(content.receipt, null);
  return { ...doubt, info: null };
}

function park(work: Workspace, receipt: Waiting): Outcome {
  const { state, rules, passedAt } = work;
  const { keys } = receipt.names;
  if (keys.length === 0) {
    return refused("correlationConflict", "copNo", "is empty, and so are invtNo and orderNo");
  }
  const text = textOf(receipt);
  const parkedHere = [...(state.parkedReceiptsByKey.get(keys[0] ?? "") ?? [])];
  const same = parkedHere.find((held) => textOf(held) === text);
  const isRenewed = same !== undefined && mayBeAnother(receipt.content.receipt);
  if (same !== undefined && !isRenewed) {
    return takenWith("repeated", "waits for its manifest already");
  }
  if (isRenewed) unpark(work, same);
  const waiting = parkedHere.filter((held) => held !== same);
  if (waiting.length >= parkedPerNumberMax) {
    noteLost(work, keys, lostDoubtOf(receipt));
    return refused("storeFull", null, `${waiting.length} receipts wait for this manifest already`);
  }
  if (state.parkedReceipts.size >= rules.config.parkedMax) {
    noteLost(work, keys, lostDoubtOf(receipt));
    return refused("storeFull", null, `${rules.config.parkedMax} receipts wait already`);
  }
  const parked = { ...receipt, dueAt: epochMs(passedAt + rules.config.storedWaitMs) };
  state.parkedReceipts.add(parked);
  for (const key of withNumberKeys(keys)) {
    const atKey = state.parkedReceiptsByKey.get(key);
    if (atKey === undefined) state.parkedReceiptsByKey.set(key, new Set([parked]));
    else atKey.add(parked);
  }
  tell(work, "receiptUnmatched", null, { receipt: receipt.content.receipt.guid ?? "" });
  return takenWith("parked", "no manifest with its copNo or orderNo yet");
}

/** Ends a receipt's wait. */
export function unpark({ state }: Workspace, parked: ParkedReceipt): void {
  state.parkedReceipts.delete(parked);
  for (const key of withNumberKeys(parked.names.keys)) {
    const atKey = state.parkedReceiptsByKey.get(key);
    atKey?.delete(parked);
    if (atKey?.size === 0) state.parkedReceiptsByKey.delete(key);
  }
}

/** Receipts that wait for a manifest with one of these keys. */
function parkedFor({ state }: Workspace, keys: readonly string[]): ReadonlySet<ParkedReceipt> {
  return new Set(keys.flatMap((key) => [...(state.parkedReceiptsByKey.get(key) ?? [])]));
}
