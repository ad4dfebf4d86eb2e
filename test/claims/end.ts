import { commitMm } from "../kit/line-bench.ts";
import { beltMs, type Parcel, type Schedule } from "./schedule.ts";
import type { ClaimSite } from "./site.ts";
import type { Watch } from "./watch.ts";

interface Ended {
  readonly schedule: Schedule;
  readonly site: ClaimSite;
  readonly greens: Watch["greens"];
  readonly now: number;
}

/** What is not as it should be when all passes are over and all links carry. */
export function lacksAtEnd({ schedule, site, greens, now }: Ended): readonly string[] {
  const lacks: string[] = [];
  for (const [waybill, { size }] of greens) {
    if (size > 1) lacks.push(`${size} parcels were sent to green as ${waybill}`);
  }
  for (const lineId of site.lines.keys()) {
    const hosts = site.agentOf(lineId)?.hosts ?? [];
    const host = hosts.find(({ config }) => config.lineId === lineId);
    if (host === undefined) {
      lacks.push(`${lineId}: no agent runs at the end`);
      continue;
    }
    const { mirror, passes } = host.state;
    // The last heartbeat may wait for a slow disk still.
    const leasedUntilMs = mirror.leaseEndsAt + schedule.syncMs.most;
    const isFollowed = mirror.phase === "current" && now < leasedUntilMs;
    if (!isFollowed) lacks.push(`${lineId}: the stream is not followed at the end`);
    if (passes.length > 0) lacks.push(`${lineId}: ${passes.length} passes are left on its belt`);
    const left = mirror.held.claimsTotal;
    if (left > 0) lacks.push(`${lineId}: ${left} claims are held when all passes are over`);
  }
  lacks.push(...lacksOfCentre(site));
  if (!schedule.isQuiet) return lacks;
  for (const parcel of schedule.parcels) {
    const { waybill, loses } = parcel;
    if (greens.has(waybill) || isExcused(parcel, schedule)) continue;
    lacks.push(`${waybill} did not go to green, though only its first ${loses} was lost`);
  }
  return lacks;
}

function lacksOfCentre(site: ClaimSite): readonly string[] {
  const centre = site.centre();
  if (centre === null) return ["no centre runs at the end"];
  const { scene, claims } = centre.site;
  const alarms = [...scene.alarms.values()].filter(({ code }) => code === "doubtUnconfirmed");
  const asked = claims.asked().length;
  return [
    ...(alarms.length === 0 ? [] : [`${alarms.length} alarms stand when all passes are over`]),
    ...(asked === 0 ? [] : [`the centre holds ${asked} claims of passes that are over`]),
  ];
}

const isExcused = (parcel: Parcel, schedule: Schedule): boolean =>
  isBesideGap(parcel, schedule) ||
  isUnfounded(parcel, schedule) ||
  isBesideRestart(parcel, schedule);

/** When the last word on green is said. */
const lastWordMs = ({ atMs }: Parcel): number => atMs + commitMm.green;

/** From induction until the first claim is made, and from a gap until a lease runs again, at most. */
const claimedAfterMs = 1_700;
const gapMsMax = 4_000;

/**
 * Another parcel's answer that was lost is a gap in the stream: nobody who follows that stream is
 * released until the snapshot behind it, and this one met its last word on green then.
 */
const isBesideGap = (parcel: Parcel, { parcels, isJoined }: Schedule): boolean =>
  parcels.some((other) => {
    const sinceGapMs = lastWordMs(parcel) - (other.atMs + claimedAfterMs);
    const isGap = (isJoined || other.lineId === parcel.lineId) && other.loses === "answer";
    return isGap && sinceGapMs >= 0 && sinceGapMs <= gapMsMax;
  });

const papersMsMax = 2_000;

const isUnfounded = (parcel: Parcel, { papers }: Schedule): boolean =>
  papers.some(
    ({ waybill, receiptAtMs }) =>
      waybill === parcel.waybill &&
      (receiptAtMs === null || receiptAtMs + papersMsMax > lastWordMs(parcel)),
  );

/** A centre that was killed leases again so long after it runs. */
const backMsMax = 6_000;

/** A line whose agent was killed knows nothing of what lies on its belt. */
const isBesideRestart = (parcel: Parcel, { restarts, isJoined }: Schedule): boolean =>
  restarts.some(({ of, fromMs, toMs }) => {
    const wordMs = lastWordMs(parcel);
    if (of === "centre") return wordMs > fromMs && wordMs < toMs + backMsMax;
    const isOfAgent = isJoined || of === parcel.lineId;
    return isOfAgent && parcel.atMs > fromMs - beltMs && parcel.atMs < toMs + backMsMax;
  });
