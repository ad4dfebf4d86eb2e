import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { forgetNumbers } from "./by-number.ts";
import { retentionDefaults, type ClearanceSettings } from "./config.ts";
import { carriageKey, keysOfManifest, moneyKeyOf } from "./digests.ts";
import type { DocumentWord } from "./document-refusals.ts";
import type { LeftCase } from "./left-case.ts";
import { refused, type Outcome } from "./outcome.ts";
import { endOf, type DocumentState, type LeaveTable, type ManifestCase } from "./state.ts";

const waitOf = {
  releasedUntil: "releasedMs",
  endedUntil: "endedMs",
  handedOverUntil: "handedOverMs",
} as const satisfies Record<LeaveTable, keyof typeof retentionDefaults>;

/**
 * In which table a case stands that waits to leave; null for one that has not ended, or has left. The
 * rows of these tables follow from the cases alone.
 */
export function leaveTableOf(each: ManifestCase | null | undefined): LeaveTable | null {
  if (each === null || each === undefined || each.left !== undefined) return null;
  const { state } = each;
  if (state === "RELEASED") return endOf(each) === null ? "releasedUntil" : "endedUntil";
  if (state === "TRANSFERRED") return "handedOverUntil";
  return state === "RETURNED" || state === "VOID" || state === "CLOSED" ? "endedUntil" : null;
}

/** Notes when a case ended as it has; `at`: now. One in the archive keeps what it has. */
export function withEndedAt(
  former: ManifestCase | undefined,
  next: ManifestCase,
  at: EpochMs,
): ManifestCase {
  if (next.left !== undefined) return next;
  const now = leaveTableOf(next);
  if (now === null) {
    if (next.endedAt === undefined) return next;
    const { endedAt: _, ...open } = next;
    return open;
  }
  const isKnown = now === leaveTableOf(former) && former?.generation === next.generation;
  return isKnown ? next : { ...next, endedAt: at };
}

interface Watched {
  readonly former: ManifestCase | undefined;
  readonly placed: ManifestCase;
  readonly passedAt: EpochMs;
}

/** Keeps the tables in agreement with a case that is put in its place. */
export function watchEnd(
  state: DocumentState,
  config: Pick<ClearanceSettings, "retention">,
  { former, placed, passedAt }: Watched,
): void {
  const { waybill } = placed.manifest;
  // Where a journal of before says nothing, cases are watched all the same, and none leaves.
  const retention = config.retention ?? retentionDefaults;
  const [before, now] = [leaveTableOf(former), leaveTableOf(placed)];
  if (before === now) return;
  if (before !== null) state[before].delete(waybill);
  if (now !== null) state[now].set(waybill, epochMs(passedAt + retention[waitOf[now]]));
}

/** By what its waybill is answered from then on. */
export const leftRefused = (field: string, each: ManifestCase): Outcome =>
  refused("frozen", field, `belongs to ${each.manifest.waybill}, whose case is in the archive`);

/** Without goods, and without what is written for people. */
function whatStays(each: ManifestCase, at: EpochMs): ManifestCase {
  const { manifest } = each;
  const { code } = manifest.merchant;
  const bare = { ...manifest, merchant: { code, name: "" }, platform: "", items: [] };
  return { ...each, manifest: bare, left: { at } };
}

/** Nothing in it stands against a document. */
const isHarmless = ({ refusal, error, unread }: DocumentWord): boolean =>
  refusal === null && error === null && unread.length === 0;

function takeOut<V>(map: Map<string, V>, key: string): V | null {
  const value = map.get(key) ?? null;
  map.delete(key);
  return value;
}

function takeAnswers(
  { documentWords }: DocumentState,
  keys: readonly string[],
  isTaken: (word: DocumentWord) => boolean,
): LeftCase["answers"] {
  return [...new Set(keys)].flatMap((key): LeftCase["answers"] => {
    const word = documentWords.get(key);
    if (word === undefined) return [];
    if (isTaken(word)) documentWords.delete(key);
    return [[key, word]];
  });
}

/**
 * Lets one case leave. An order number that another waybill has by now keeps its documents; which
 * orders are paid stays, and so does what customs said against a payment, since the same payment may
 * be named for another order.
 */
export function letLeave(state: DocumentState, each: ManifestCase, at: EpochMs): LeftCase {
  const { manifest } = each;
  const { waybill, orderKey, orderNo, carrierCode } = manifest;
  const isOwnOrder = state.waybillByKey.get(orderKey) === waybill;
  const order = isOwnOrder ? takeOut(state.orders, orderKey) : null;
  const moneyReceipt = isOwnOrder ? takeOut(state.moneyReceipts, orderKey) : null;
  const carriage = carriageKey(carrierCode, waybill);
  const own = [carriage, ...(isOwnOrder ? [orderKey] : [])];
  const payment = moneyReceipt?.merchant.code ?? null;
  const ofMoney =
    payment === null || moneyReceipt === null
      ? []
      : [moneyKeyOf(payment, orderNo, moneyReceipt.payNo), moneyKeyOf(payment, orderNo, "")];
  const releases = state.releases.get(waybill) ?? [];
  const left: LeftCase = {
    waybill,
    at,
    case: each,
    order,
    moneyReceipt,
    carriage: takeOut(state.waybills, carriage),
    answers: [...takeAnswers(state, own, () => true), ...takeAnswers(state, ofMoney, isHarmless)],
    controls: state.controlsByWaybill.get(waybill) ?? [],
    releases,
  };
  forgetNumbers(state, keysOfManifest(manifest), waybill);
  const table = leaveTableOf(each);
  if (table !== null) state[table].delete(waybill);
  state.waitingUntil.delete(waybill);
  state.cases.set(waybill, whatStays(each, at));
  state[table === "releasedUntil" ? "leftReleased" : "leftEnded"].set(waybill, at);
  return left;
}
