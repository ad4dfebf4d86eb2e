import { createSeededEntropy, happens, integer, pick } from "../../simulators/world/chance.ts";
import type { Entropy } from "../../protocols/time.ts";

/**
 * What befalls a site of two lines within two minutes, drawn from one integer: parcels and their
 * papers, controls and what customs says, waits that end, how the links carry, how long a disk takes,
 * and programs that are killed and come back.
 */
export interface Schedule {
  readonly seed: number;
  /**
   * Nothing is held and each link carries, but for one word of a claim that may be lost and one program
   * that may be killed.
   */
  readonly isQuiet: boolean;
  /**
   * Papers come shortly before the last word on green, and what is against the parcel right behind
   * them; much of what is told comes twice.
   */
  readonly isTight: boolean;
  /** Both lines belong to one agent. */
  readonly isJoined: boolean;
  readonly parcels: readonly Parcel[];
  readonly papers: readonly Papers[];
  readonly holds: readonly Hold[];
  readonly weather: readonly Weather[];
  /** In the order of time; none of one program begins before the one before it is over. */
  readonly restarts: readonly Restart[];
  /** Of the centre's journal. */
  readonly syncMs: { readonly least: number; readonly most: number };
  /** What the centre's documents take to be read, and how many of their rows are at hand. */
  readonly reads: { readonly msMost: number; readonly rowsHeldMax: number };
  /** Of the agents' journals. */
  readonly agentSyncMsMost: number;
  /** When everything is over and has been told. */
  readonly endMs: number;
}

export interface Parcel {
  readonly lineId: LineId;
  /** When its front is at the induction eye. */
  readonly atMs: number;
  readonly waybill: string;
  /** Which word of its first claim is lost; in quiet schedules only. */
  readonly loses: "claim" | "answer" | null;
}

export interface Papers {
  readonly waybill: string;
  /** When they are sent to the centre. */
  readonly atMs: number;
  /** When the receipt of money is sent, if not with the others; null for never. */
  readonly receiptAtMs: number | null;
}

export interface Hold {
  readonly atMs: number;
  readonly waybill: string;
  /**
   * A control by hand, customs' order to inspect (CEB604 with status 500), or customs' word that they
   * do not take the order of goods (CEB304): then the manifest waits for them to take it.
   */
  readonly by: "control" | "customs" | "refusal";
  /** When customs take the order after all; null for never, and for other holds. */
  readonly takenAtMs: number | null;
}

/**
 * From when to when an agent's link is cut, or loses, doubles and delays what it carries, or brings
 * nothing down while it seems to.
 */
export interface Weather {
  readonly lineId: LineId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: "cut" | "lossy" | "deaf";
}

export interface Restart {
  readonly of: "centre" | LineId;
  /** When it is killed. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A sync under way was through, though nobody was told. */
  readonly isSyncThrough: boolean;
}

export const lineIds = ["L1", "L2"] as const;
export type LineId = (typeof lineIds)[number];
/**
 * Until every parcel has left and everything has been told: the last links carry again at 60 s, and
 * a hello that was lost is said again after 30.
 */
const endMsUsual = 97_000;
const firstAtMs = 8_000;
const lastAtMs = 40_000;
const gapMs = 3_000;
/** From induction until a parcel that nobody commands has left. */
export const beltMs = 35_000;
/** One of so many schedules is quiet, another is tight, and in another each hold meets a dead link. */
const kinds = 4;

export function drawSchedule(seed: number): Schedule {
  const entropy = createSeededEntropy(seed, "claims");
  const isQuiet = seed % kinds === 0;
  const isTight = seed % kinds === 1;
  const isSevered = seed % kinds === 2;
  const how = { seed, isQuiet, isTight };
  const drawn = drawParcels(entropy, how);
  const { holds, weather } = isQuiet
    ? { holds: [], weather: [] }
    : drawTroubles(entropy, { isTight, isSevered }, drawn);
  const quick = { least: 1, most: 5 };
  const syncMs = isQuiet ? quick : { least: 1, most: integer(entropy, 2, 400) };
  // Drawn apart, so that one ingredient more changes nothing of the others.
  const more = createSeededEntropy(seed, "more");
  const reads = createSeededEntropy(seed, "reads");
  const parcels = [...drawn.parcels, ...drawReturns(more, drawn)];
  const lastMs = Math.max(...parcels.map(({ atMs }) => atMs));
  return {
    ...how,
    isJoined: happens(more, 0.3),
    parcels,
    papers: drawn.papers.map((each) => (happens(more, 0.2) ? withLateReceipt(more, each) : each)),
    holds,
    weather,
    restarts: drawRestarts(more, { isQuiet, holds }),
    syncMs:
      !isQuiet && happens(more, isTight ? 0.6 : 0.25)
        ? { ...syncMs, most: integer(more, 500, 3_000) }
        : syncMs,
    reads:
      !isQuiet && happens(reads, 0.4)
        ? { msMost: integer(reads, 1, 40), rowsHeldMax: integer(reads, 0, 8) }
        : { msMost: 0, rowsHeldMax: 1_000 },
    agentSyncMsMost: !isQuiet && happens(more, 0.25) ? integer(more, 10, 500) : 2,
    endMs: Math.max(endMsUsual, lastMs + beltMs + 35_000),
  };
}

interface Drawn {
  readonly parcels: readonly Parcel[];
  readonly papers: readonly Papers[];
}

type How = Pick<Schedule, "seed" | "isQuiet" | "isTight">;

function drawParcels(entropy: Entropy, { seed, isQuiet, isTight }: How): Drawn {
  const parcels: Parcel[] = [];
  const papers: Papers[] = [];
  for (const lineId of lineIds) {
    let atMs = firstAtMs + integer(entropy, 0, 2_000);
    while (atMs < lastAtMs && parcels.length < 8) {
      const [other, ...others] = parcels.filter((each) => each.lineId !== lineId);
      // Two parcels may bear one label: nobody can say which of them is the declared one.
      const isTwin = !isQuiet && other !== undefined && happens(entropy, 0.2);
      const waybill = isTwin
        ? pick(entropy, [other, ...others]).waybill
        : `WB${seed}N${parcels.length}`;
      const isLate = happens(entropy, 0.25);
      const papersAtMs = isTight
        ? atMs + integer(entropy, 24_000, 30_400)
        : isLate
          ? atMs + integer(entropy, 500, 12_000)
          : integer(entropy, 0, 3_000);
      parcels.push({
        lineId,
        atMs,
        waybill,
        loses: isQuiet ? pick(entropy, ["claim", "answer", null]) : null,
      });
      if (!isTwin) papers.push({ waybill, atMs: papersAtMs, receiptAtMs: papersAtMs });
      atMs += gapMs + integer(entropy, 0, 14_000);
    }
  }
  return { parcels, papers };
}

function drawTroubles(
  entropy: Entropy,
  { isTight, isSevered }: { readonly isTight: boolean; readonly isSevered: boolean },
  { parcels, papers }: Drawn,
): Pick<Schedule, "holds" | "weather"> {
  const [first, ...rest] = parcels;
  const severed: Weather[] = [];
  const drawAt = ({ lineId, waybill, atMs }: Parcel): number => {
    if (isSevered) {
      // So late that a line that does not hear of it may still hold a lease at its last word on green.
      const holdAtMs = atMs + integer(entropy, 27_000, 30_400);
      const fromMs = holdAtMs - integer(entropy, 0, 400);
      const toMs = fromMs + integer(entropy, 2_000, 6_000);
      severed.push({ lineId, fromMs, toMs, kind: pick(entropy, ["cut", "deaf"]) });
      return holdAtMs;
    }
    const papersAtMs = papers.find((each) => each.waybill === waybill)?.atMs ?? atMs;
    if (isTight) return papersAtMs + integer(entropy, 1, 3_000);
    // Between the last word on green and the diverter it can only be taken back.
    if (happens(entropy, 0.25)) return atMs + integer(entropy, 30_300, 31_000);
    // Most come while the parcel is on its belt: that is when they are hard.
    return Math.max(3_500, atMs + integer(entropy, -6_000, 32_000));
  };
  const holds: Hold[] = [];
  for (let left = first === undefined ? 0 : integer(entropy, 1, 4); left > 0; left -= 1) {
    const parcel = pick(entropy, [first as Parcel, ...rest]);
    const { waybill } = parcel;
    // Customs refuse an order once: what they say of it a second time would be older than the rest.
    const isRefused = holds.some((each) => each.waybill === waybill && each.by === "refusal");
    const by = pick<Hold["by"]>(entropy, ["control", "customs", isRefused ? "control" : "refusal"]);
    const atMs = drawAt(parcel);
    const isTaken = by === "refusal" && happens(entropy, 0.5);
    holds.push({
      atMs,
      waybill,
      by,
      takenAtMs: isTaken ? atMs + integer(entropy, 200, 20_000) : null,
    });
  }
  const weather = lineIds.flatMap((lineId) =>
    Array.from({ length: isTight || isSevered ? 0 : integer(entropy, 0, 3) }, (): Weather => {
      const fromMs = integer(entropy, 4_000, 46_000);
      return {
        lineId,
        fromMs,
        toMs: fromMs + integer(entropy, 200, 14_000),
        kind: pick(entropy, ["cut", "lossy", "lossy"]),
      };
    }),
  );
  return { holds, weather: [...weather, ...severed] };
}

/** Somebody puts a parcel that has left onto a belt again: its own or the other one. */
function drawReturns(entropy: Entropy, { parcels }: Drawn): readonly Parcel[] {
  const [first, ...rest] = parcels;
  if (first === undefined || !happens(entropy, 0.3)) return [];
  const { waybill, atMs } = pick(entropy, [first, ...rest]);
  const lastMs = Math.max(...parcels.map((each) => each.atMs));
  const againMs = Math.max(atMs + beltMs, lastMs + gapMs) + integer(entropy, 0, 4_000);
  return [{ lineId: pick(entropy, [...lineIds]), atMs: againMs, waybill, loses: null }];
}

/** Sent before its wait has ended, about then, after it, or never. */
const withLateReceipt = (entropy: Entropy, papers: Papers): Papers => ({
  ...papers,
  receiptAtMs: happens(entropy, 0.3) ? null : papers.atMs + integer(entropy, 1_000, 24_000),
});

function drawRestarts(
  entropy: Entropy,
  { isQuiet, holds }: Pick<Schedule, "isQuiet" | "holds">,
): readonly Restart[] {
  const restarts: Restart[] = [];
  const add = (of: Restart["of"], fromMs: number, downMs: number): number => {
    const isSyncThrough = happens(entropy, 0.5);
    restarts.push({ of, fromMs, toMs: fromMs + downMs, isSyncThrough });
    return fromMs + downMs;
  };
  if (happens(entropy, 0.35)) {
    const [hold, ...others] = holds;
    // Half of them right behind a hold, which may not be durable by then.
    let fromMs =
      hold === undefined || happens(entropy, 0.5)
        ? integer(entropy, 4_000, 50_000)
        : pick(entropy, [hold, ...others]).atMs + integer(entropy, 0, 1_000);
    for (let times = isQuiet ? 1 : integer(entropy, 1, 2); times > 0; times -= 1) {
      const upMs = add("centre", fromMs, integer(entropy, 100, isQuiet ? 1_500 : 6_000));
      fromMs = upMs + integer(entropy, 500, 12_000);
    }
  }
  if (happens(entropy, isQuiet ? 0.15 : 0.25)) {
    const lineId = pick(entropy, [...lineIds]);
    add(lineId, integer(entropy, 4_000, 50_000), integer(entropy, 100, 4_000));
  }
  return restarts.toSorted((one, other) => one.fromMs - other.fromMs);
}
