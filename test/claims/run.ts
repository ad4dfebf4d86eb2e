import { person, sender } from "../../protocols/actor.ts";
import { isDoubt, type ClearanceRecord } from "../../protocols/clearance.ts";
import type { DownMessage } from "../../protocols/link.ts";
import type { HeldBack } from "../../protocols/ui/http.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy, happens, integer, uniform } from "../../simulators/world/chance.ts";
import { confirmMsMax } from "../../edge/centre/doubt-watch.ts";
import { clearanceMachineId, type ClearanceCommand } from "../../edge/line/clearance-step.ts";
import type { Trip } from "../../edge/link/memory-link.ts";
import { recordsToldBy } from "../centre/kit/records.ts";
import { xmlOf } from "../kit/customs-post.ts";
import { commitMm } from "../kit/line-bench.ts";
import { documentsOf, later, startAt } from "../unit/clearance-kit.ts";
import {
  drawSchedule,
  lineIds,
  scheduleMs,
  type Hold,
  type Parcel,
  type Schedule,
  type Weather,
} from "./schedule.ts";
import type { ScheduleResult } from "./result.ts";
import { leaseMs, startClaimSite, type ClaimSite } from "./site.ts";

const fairMs = [2];
const lossyShare = 0.12;
const doubledShare = 0.2;

export async function runSchedule(seed: number): Promise<ScheduleResult> {
  const schedule = drawSchedule(seed);
  const clock = createVirtualClock({ wallStartAt: startAt });
  const watch = createWatch(schedule, () => clock.monotonic());
  const syncs = createSeededEntropy(seed, "syncs");
  const { least, most } = schedule.syncMs;
  const site: ClaimSite = await startClaimSite({
    seed,
    clock,
    syncMs: () => integer(syncs, least, most),
    carry: createCarrier(schedule, () => clock.monotonic()),
    onGreen: (lineId, passId) => {
      const identity = site.agents.get(lineId)?.hosts[0]?.state.byId.get(passId)?.identity;
      const waybill = identity?.kind === "one" ? identity.waybill : null;
      watch.green({ lineId, passId, waybill, isAlarmed: isAlarmed(site, lineId, passId) });
    },
    lineIds,
    onEntry: (lineId, entry) => {
      if (entry.kind !== "step" || entry.lineId !== clearanceMachineId) return;
      for (const command of (entry.commands ?? []) as ClearanceCommand[]) {
        if (command.kind === "snapshotWanted") watch.gap(lineId, command.why);
      }
    },
    onDown: (lineId, message) => watch.down(lineId, message),
  });
  for (const { atMs, act } of happenings(schedule, site, watch)) {
    await site.runFor(atMs - clock.monotonic());
    act();
  }
  await site.runFor(scheduleMs - clock.monotonic());
  watch.close(site);
  return {
    seed,
    wrong: watch.wrong,
    greens: watch.greens(),
    parcels: schedule.parcels.length,
    holds: schedule.holds.length,
    ...watch.named(),
  };
}

/** An alarm says that this pass may be released, and what to do. */
const isAlarmed = ({ centre }: ClaimSite, lineId: string, passId: string): boolean =>
  alarmsOf(centre).some((alarm) => alarm.lineId === lineId && alarm.passId === passId);

const alarmsOf = ({ site }: ClaimSite["centre"]) =>
  [...site.scene.alarms.values()].filter(({ code }) => code === "doubtUnconfirmed");

interface Happening {
  readonly atMs: number;
  readonly act: () => void;
}

function happenings(schedule: Schedule, site: ClaimSite, watch: Watch): readonly Happening[] {
  const { parcels, holds, weather } = schedule;
  const told = new Set<string>();
  return [
    ...parcels.flatMap(({ lineId, atMs, waybill, papersAtMs }): Happening[] => [
      { atMs, act: () => site.lines.get(lineId)?.put(waybill) },
      {
        atMs: papersAtMs,
        act: () => {
          if (told.has(waybill)) return;
          told.add(waybill);
          bringPapers(site, waybill);
        },
      },
    ]),
    ...holds.map((hold, index) => ({
      atMs: hold.atMs,
      act: () => placeHold(site, hold, { index, watch }),
    })),
    ...weather.flatMap(({ lineId, fromMs, toMs, kind }): Happening[] =>
      kind !== "cut"
        ? []
        : [
            { atMs: fromMs, act: () => site.link.cut(`agent-${lineId}`) },
            { atMs: toMs, act: () => site.link.restore(`agent-${lineId}`) },
          ],
    ),
  ].toSorted((one, other) => one.atMs - other.atMs);
}

export function bringPapers({ centre }: ClaimSite, waybill: string): void {
  const { desk } = centre.site;
  const { order, receipt, waybill: carriage, manifest, acceptance } = documentsOf(waybill);
  for (const element of [order, receipt, carriage, manifest]) {
    desk.takeCustomsMessage(new TextEncoder().encode(xmlOf(element)), sender("customs", "http"));
  }
  desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"));
}

/**
 * As the routes do it: effective at once, acknowledged when it is durable; whoever controls is told
 * then which lines have confirmed, and for customs' orders nobody waits.
 */
function placeHold(
  { centre }: ClaimSite,
  { waybill, by }: Hold,
  { index, watch }: { readonly index: number; readonly watch: Watch },
): void {
  const { desk } = centre.site;
  if (by === "control") {
    const actor = person("li", "risk", "desk-1");
    desk.placeControl({ controlId: `C${index}`, waybill, reason: "tip", by: actor });
  } else {
    if (!desk.isKnown(waybill)) return;
    const entropy = createSeededEntropy(index, waybill);
    const said = manifestReturn(
      documentsOf(waybill).manifest,
      { status: 500, at: later(5) },
      entropy,
    );
    desk.takeCustomsMessage(new TextEncoder().encode(xmlOf(said)), sender("customs", "http"));
  }
  centre.acts.settle((isDurable) => {
    if (!isDurable) return;
    watch.held(waybill, by);
    if (by === "control") {
      void centre.doubts.heldBack(waybill).then((heldBack) => watch.answered(waybill, heldBack));
    }
  });
}

/** A broker repeats what it carries down after seconds; up the agent's own client does, and sooner. */
function createCarrier(
  { seed, isQuiet, isTight, parcels, weather }: Schedule,
  now: () => number,
): (trip: Trip) => readonly number[] {
  const entropy = createSeededEntropy(seed, "carrier");
  const losing = new Map(parcels.map(({ waybill, loses }) => [waybill, loses]));
  return ({ agentId, direction, message }) => {
    if (isQuiet) {
      const waybill = claimedIn(message);
      const word = message.kind === "claim" ? "claim" : "answer";
      if (waybill === null || losing.get(waybill) !== word) return fairMs;
      losing.delete(waybill);
      return [];
    }
    const isNow = (what: Weather["kind"]): boolean =>
      weather.some(
        ({ lineId, kind, fromMs, toMs }) =>
          kind === what && agentId === `agent-${lineId}` && now() >= fromMs && now() < toMs,
      );
    if (direction === "down" && isNow("deaf")) return [];
    if (isTight) {
      const isDoubled = direction === "down" && happens(entropy, 0.5);
      return isDoubled ? [2, uniform(entropy, 3, 1_500)] : fairMs;
    }
    if (!isNow("lossy")) return fairMs;
    const draw = entropy.next();
    const lateMs = (): number => uniform(entropy, 1, direction === "up" ? 20 : 300);
    if (draw < lossyShare) return [];
    if (draw >= lossyShare + doubledShare) return [lateMs()];
    return [lateMs(), direction === "up" ? lateMs() : uniform(entropy, 1, 2_000)];
  };
}

function claimedIn(message: Trip["message"]): string | null {
  if (message.kind === "claim") return message.waybill;
  if (message.kind !== "clearance" || message.message.kind !== "claimAnswer") return null;
  return message.message.answer.waybill;
}

interface Watch {
  readonly wrong: string[];
  down(lineId: string, message: DownMessage): void;
  gap(lineId: string, why: string): void;
  /** A hold on it is durable. */
  held(waybill: string, by: Hold["by"]): void;
  /** Whoever placed it is told who holds it back. */
  answered(waybill: string, heldBack: HeldBack): void;
  green(sent: SentToGreen): void;
  greens(): number;
  named(): Pick<ScheduleResult, "confirmed" | "unconfirmed">;
  close(site: ClaimSite): void;
}

interface SentToGreen {
  readonly lineId: string;
  readonly passId: string;
  readonly waybill: string | null;
  readonly isAlarmed: boolean;
}

/** A second to confirm in, and until somebody looks. */
const alarmedMsMax = confirmMsMax + 150;

/** Judges by what has crossed the wires, and by what people are told. */
function createWatch(schedule: Schedule, now: () => number): Watch {
  const wrong: string[] = [];
  /** By line and waybill: the newest version of the record that has reached it, if that is doubt. */
  const newest = new Map<string, { readonly version: number; readonly isDoubt: boolean }>();
  const acknowledgedAt = new Map<string, number>();
  /** From when on a pass that may still be released is named by an alarm. */
  const namedFrom = new Map<string, number>();
  const named = { confirmed: 0, unconfirmed: 0 };
  const nameFrom = (waybill: string, at: number): void =>
    void namedFrom.set(waybill, Math.min(at, namedFrom.get(waybill) ?? at));
  /** The passes that were sent to green, by waybill. */
  const greens = new Map<string, Set<string>>();
  const learn = (lineId: string, record: ClearanceRecord): void => {
    const key = `${lineId} ${record.waybill}`;
    const known = newest.get(key);
    if (known !== undefined && known.version > record.version) return;
    if (known === undefined || known.version < record.version || isDoubt(record)) {
      const isKnownDoubt = isDoubt(record) && isOfDocuments(record);
      newest.set(key, { version: record.version, isDoubt: isKnownDoubt });
    }
  };
  return {
    wrong,
    down: (lineId, message) => {
      if (message.kind !== "clearance") return;
      for (const record of recordsToldBy(message.message)) learn(lineId, record);
    },
    gap: (lineId, why) => {
      // What a link does shows in the numbers, before anybody compares what is held.
      if (why.includes("claims held")) wrong.push(`${lineId}: ${why}`);
    },
    held: (waybill, by) => {
      if (!acknowledgedAt.has(waybill)) acknowledgedAt.set(waybill, now());
      if (by === "customs") nameFrom(waybill, now() + alarmedMsMax);
    },
    answered: (waybill, { confirmed, unconfirmed }) => {
      named.confirmed += confirmed.length;
      named.unconfirmed += unconfirmed.length;
      nameFrom(waybill, now());
    },
    named: () => named,
    green: ({ lineId, passId, waybill, isAlarmed: isNamed }) => {
      if (waybill === null) return void wrong.push(`${lineId}: a green without a waybill`);
      greens.set(waybill, (greens.get(waybill) ?? new Set()).add(passId));
      if (newest.get(`${lineId} ${waybill}`)?.isDoubt === true) {
        wrong.push(`${lineId} sent ${waybill} to green after it had the change`);
      }
      if (now() >= (namedFrom.get(waybill) ?? Number.POSITIVE_INFINITY) && !isNamed) {
        wrong.push(`${lineId} sent ${waybill} to green, and nobody was told that it may`);
      }
      const at = acknowledgedAt.get(waybill);
      if (at !== undefined && now() > at + leaseMs) {
        wrong.push(`${lineId} sent ${waybill} to green ${now() - at} ms after the acknowledgement`);
      }
    },
    greens: () => greens.size,
    close: (site) => {
      for (const [waybill, { size }] of greens) {
        if (size > 1) wrong.push(`${size} parcels were sent to green as ${waybill}`);
      }
      for (const [lineId, agent] of site.agents) {
        const { mirror, passes } = agent.hosts[0]!.state;
        const isFollowed = mirror.phase === "current" && now() < mirror.leaseEndsAt;
        if (!isFollowed) wrong.push(`${lineId}: the stream is not followed at the end`);
        if (passes.length > 0)
          wrong.push(`${lineId}: ${passes.length} passes are left on its belt`);
        const left = mirror.held.claimsTotal;
        if (left > 0) wrong.push(`${lineId}: ${left} claims are held when all passes are over`);
      }
      const alarms = alarmsOf(site.centre).length;
      if (alarms > 0) wrong.push(`${alarms} alarms stand when all passes are over`);
      const asked = site.centre.site.claims.asked().length;
      if (asked > 0) wrong.push(`the centre holds ${asked} claims of passes that are over`);
      if (!schedule.isQuiet) return;
      const missing = schedule.parcels.filter(
        (parcel) => !greens.has(parcel.waybill) && !isBesideGap(parcel, schedule),
      );
      for (const { waybill, loses } of missing) {
        wrong.push(`${waybill} did not go to green, though only its first ${loses} was lost`);
      }
    },
  };
}

/** From induction until the first claim is made, and from a gap until a lease runs again, at most. */
const claimedAfterMs = 1_700;
const gapMsMax = 4_000;

/**
 * Another parcel's answer that was lost is a gap in the stream: nobody on that line is released until
 * the snapshot behind it, and this one met its last word on green then.
 */
const isBesideGap = ({ lineId, atMs }: Parcel, { parcels }: Schedule): boolean =>
  parcels.some((other) => {
    const sinceGapMs = atMs + commitMm.green - (other.atMs + claimedAfterMs);
    const isGap = other.lineId === lineId && other.loses === "answer";
    return isGap && sinceGapMs >= 0 && sinceGapMs <= gapMsMax;
  });

/** Doubt of the claims comes and goes under one version, and has a judge of its own: sent twice. */
const isOfDocuments = ({ reasons }: ClearanceRecord): boolean =>
  reasons.some(({ code }) => code !== "claimedElsewhere" && code !== "alreadyReleased");
