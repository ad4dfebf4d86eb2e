import { buildDayAt } from "../../protocols/build-day.ts";
import { chinaTimeOfEpoch, epochOfChinaTime } from "../../protocols/ceb/calendar.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";
import { evenTimeOf, provedComing } from "./calendar-proofs.ts";
import type { EventTimes } from "./events.ts";
import { compareDocuments, joinComparisons, type Documents } from "./compare.ts";
import {
  carriageKey,
  type Coming,
  type ReturnDigest,
  type Timing,
  type UnreadDigest,
} from "./digests.ts";
import { refusalOf, refusalOfMoney } from "./document-refusals.ts";
import type { DocumentFact } from "./outcome.ts";
import type { LeftCase } from "./left-case.ts";
import { parametersAt, type ClearanceRules } from "./parameters.ts";
import { watchEnd, withEndedAt } from "./retention.ts";
import { standingOf, type Surroundings } from "./standing.ts";
import { endOf, type DocumentState, type ManifestCase } from "./state.ts";

/** When the event at work came; see `EventTimes`. */
export interface Arrival {
  readonly at: EpochMs;
  readonly passedAt: EpochMs;
  readonly datesAt: EpochMs;
  readonly movedMs: number;
  readonly isCalendarProved: boolean;
}

export function timesOfArrival({ at, passedAt = at, datesAt, movedMs = 0 }: EventTimes): Arrival {
  const isCalendarProved = datesAt === undefined;
  return { at, passedAt, datesAt: datesAt ?? at, movedMs, isCalendarProved };
}

/** One event at work: the state it writes, the rules it follows, and what comes of it. */
export interface Workspace extends Arrival {
  readonly state: DocumentState;
  readonly rules: ClearanceRules;
  readonly changed: Map<string, ClearanceRecord>;
  readonly facts: DocumentFact[];
  readonly left: LeftCase[];
  readonly unnamedEnded: string[];
}

/**
 * When something came, in 17 digits. Time that passed lags behind a calendar that was put right or
 * has slept; a calendar that was set back lags behind the time that passed.
 */
export const arrivalOf = ({ at, passedAt }: Pick<Workspace, "at" | "passedAt">): string =>
  chinaTimeOfEpoch(epochMs(Math.max(at, passedAt)));

export const comingOf = (work: Arrival): Coming => ({
  cameAt: arrivalOf(work),
  unprovedAt: work.isCalendarProved ? null : chinaTimeOfEpoch(evenTimeOf(work)),
});

/** Calendar and time that passed are one where they are no further apart. */
const apartMsMax = 2_000;

/**
 * A time of the proved calendar, by time that passed: so it can be held against what came while the
 * calendar was another, or while nobody knew how long the centre had been away. Null while it is not
 * proved.
 */
function passedTimeOf(work: Arrival, time: string): string | null {
  const { at, passedAt, movedMs, isCalendarProved } = work;
  if (!isCalendarProved) return null;
  const saidAt = epochOfChinaTime(time);
  const apartMs = Math.abs(passedAt - at) < apartMsMax ? 0 : passedAt - at;
  if (saidAt === null || apartMs === movedMs) return time;
  return chinaTimeOfEpoch(epochMs(saidAt + apartMs - movedMs));
}

export const timingOf = (work: Arrival, time: string): Timing => ({
  ...comingOf(work),
  passedTime: passedTimeOf(work, time),
});

/** Clocks of customs and of the centre differ by less. */
const aheadMsMax = 2 * 3_600_000;

/**
 * A time of customs' that has not come yet: it cannot be right, and whatever is said before it comes
 * would seem older. A calendar of ours that was never right tells nothing of that.
 */
export function isAhead({ at, passedAt, isCalendarProved }: Arrival, time: string): boolean {
  if (!isCalendarProved && at < buildDayAt) return false;
  return time > chinaTimeOfEpoch(epochMs(Math.max(at, passedAt) + aheadMsMax));
}

/**
 * The same receipt came before its time, and is doubt: that time is no truer when it has come. But
 * where it was our calendar that was wrong, that shows once it is proved.
 */
export const wasAhead = (
  { state, isCalendarProved }: Workspace,
  unread: readonly UnreadDigest[],
  { status, time }: ReturnDigest,
): boolean =>
  unread.some((each) => {
    if (each.isTimed || each.status !== status || each.time !== time) return false;
    const cameAt = isCalendarProved ? provedComing(state.calendar, each) : null;
    return cameAt === null || time > chinaTimeOfEpoch(epochMs(cameAt + aheadMsMax));
  });

export function surroundingsOf(
  { state, rules }: Pick<Workspace, "state" | "rules">,
  { manifest }: Pick<ManifestCase, "manifest">,
): Surroundings {
  return {
    authority: rules.config.authority,
    controls: state.controlsByWaybill.get(manifest.waybill) ?? [],
    isReleased: (state.releases.get(manifest.waybill)?.length ?? 0) >= manifest.pieces,
  };
}

export const tell = (
  work: Workspace,
  code: string,
  waybill: string | null,
  params: DocumentFact["params"] = {},
): void => {
  work.facts.push({ code, waybill, params });
};

/** The documents of a manifest, without those that customs has refused. */
function documentsFor(
  { state }: Workspace,
  { manifest }: ManifestCase,
  acceptance: Documents["acceptance"],
): Documents {
  const { orderKey, carrierCode, waybill, orderNo } = manifest;
  const carriage = carriageKey(carrierCode, waybill);
  const receipt = state.moneyReceipts.get(orderKey) ?? null;
  const order = refusalOf(state, orderKey);
  const money = receipt === null ? null : refusalOfMoney(state, receipt, orderNo);
  const carried = refusalOf(state, carriage);
  return {
    order: order === null ? (state.orders.get(orderKey) ?? null) : null,
    receipt: money === null ? receipt : null,
    waybill: carried === null ? (state.waybills.get(carriage) ?? null) : null,
    acceptance,
    refused: {
      ...(order === null ? {} : { order }),
      ...(money === null ? {} : { receipt: money }),
      ...(carried === null ? {} : { waybill: carried }),
    },
  };
}

/**
 * Compares anew with the documents that are there now. Nothing more is compared once a manifest has
 * ended or its parcel has left.
 */
function compared(work: Workspace, each: ManifestCase, around: Surroundings): ManifestCase {
  const { activation, end, manifest } = each;
  if (activation === null || end !== null || around.isReleased || each.left !== undefined) {
    return each;
  }
  const documents = documentsFor(work, each, activation.acceptance);
  const comparison = compareDocuments(manifest, documents, work.rules.config);
  const joined = joinComparisons(activation.comparison, comparison);
  return { ...each, activation: { ...activation, comparison: joined } };
}

/**
 * A manifest that was returned because documents did not come in time is so only until they have
 * come: what a wait alone has ended is undone by what it waited for. Null where that is not so.
 */
function revived(work: Workspace, each: ManifestCase, around: Surroundings): ManifestCase | null {
  if (each.end?.kind !== "returned" || each.left !== undefined) return null;
  if (!holdsItsNumbers(work, each)) return null;
  const next = compared(work, { ...each, end: null }, around);
  if (next.activation?.comparison.outcome === "waiting") return null;
  if (endOf(next) === null) tellRevived(work, each);
  return next;
}

/** Nobody else has been given one of its numbers since it ended. */
export const holdsItsNumbers = ({ state }: Workspace, { manifest }: ManifestCase): boolean =>
  [manifest.copKey, manifest.orderKey].every(
    (key) => state.waybillByKey.get(key) === manifest.waybill,
  );

export const tellRevived = (work: Workspace, { manifest }: ManifestCase): void =>
  tell(work, "manifestRevived", manifest.waybill, { guid: manifest.guid });

/** Keeps the list of manifests that wait for documents in agreement with this case. */
function watchWaiting({ state, rules, passedAt }: Workspace, each: ManifestCase): void {
  const { waybill } = each.manifest;
  const mayEnd = endOf(each) === null && each.left === undefined;
  const isWaiting = mayEnd && each.activation?.comparison.outcome === "waiting";
  if (!isWaiting) state.waitingUntil.delete(waybill);
  else if (!state.waitingUntil.has(waybill)) {
    state.waitingUntil.set(waybill, epochMs(passedAt + rules.config.documentWaitMs));
  }
  if (each.activation !== null || !mayEnd) state.storedUntil.delete(waybill);
}

/**
 * Puts a changed case in its place: compares, derives its record anew and notes what changed. The
 * only way a case enters the state.
 */
export function settle(work: Workspace, next: ManifestCase): void {
  const { state, rules, at, datesAt, passedAt } = work;
  const { waybill, guid } = next.manifest;
  const around = surroundingsOf(work, next);
  const settled = revived(work, next, around) ?? compared(work, next, around);
  const standing = standingOf(settled, around, parametersAt(rules, datesAt).version);
  if (standing.record !== settled.record) work.changed.set(waybill, standing.record);
  if (standing.state !== settled.state) {
    tell(work, "manifestState", waybill, { state: standing.state, guid });
  }
  const former = state.cases.get(waybill);
  const placed = withEndedAt(former, { ...settled, ...standing }, at);
  watchEnd(state, rules.config, { former, placed, passedAt });
  state.cases.set(waybill, placed);
  watchWaiting(work, placed);
}
