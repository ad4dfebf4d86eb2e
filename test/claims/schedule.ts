import { createSeededEntropy, happens, integer, pick } from "../../simulators/world/chance.ts";

/**
 * What befalls a site of two lines within a minute and a half, drawn from one integer: parcels and
 * their papers, controls and inspections ordered by customs, and how the links carry.
 */
export interface Schedule {
  readonly seed: number;
  /** Nothing is held and each link carries, but for one word of a claim that may be lost. */
  readonly isQuiet: boolean;
  /**
   * Papers come shortly before the last word on green, and what is against the parcel right behind
   * them; much of what is told comes twice.
   */
  readonly isTight: boolean;
  readonly parcels: readonly Parcel[];
  readonly holds: readonly Hold[];
  readonly weather: readonly Weather[];
  /** Of the centre's journal. */
  readonly syncMs: { readonly least: number; readonly most: number };
}

export interface Parcel {
  readonly lineId: string;
  /** When its front is at the induction eye. */
  readonly atMs: number;
  readonly waybill: string;
  /** When its papers reach the centre. */
  readonly papersAtMs: number;
  /** Which word of its first claim is lost; in quiet schedules only. */
  readonly loses: "claim" | "answer" | null;
}

export interface Hold {
  readonly atMs: number;
  readonly waybill: string;
  /** A control by hand, or customs' order to inspect (CEB604 with status 500). */
  readonly by: "control" | "customs";
}

/**
 * From when to when an agent's link is cut, or loses, doubles and delays what it carries, or brings
 * nothing down while it seems to.
 */
export interface Weather {
  readonly lineId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: "cut" | "lossy" | "deaf";
}

export const lineIds = ["L1", "L2"] as const;
/**
 * Until every parcel has left and everything has been told: the last links carry again at 60 s, and
 * a hello that was lost is said again after 30.
 */
export const scheduleMs = 97_000;
const firstAtMs = 8_000;
const lastAtMs = 40_000;
const gapMs = 3_000;
/** One of so many schedules is quiet, another is tight, and in another each hold meets a dead link. */
const kinds = 4;

export function drawSchedule(seed: number): Schedule {
  const entropy = createSeededEntropy(seed, "claims");
  const isQuiet = seed % kinds === 0;
  const isTight = seed % kinds === 1;
  const parcels: Parcel[] = [];
  for (const lineId of lineIds) {
    let atMs = firstAtMs + integer(entropy, 0, 2_000);
    while (atMs < lastAtMs && parcels.length < 8) {
      const [other, ...others] = parcels.filter((each) => each.lineId !== lineId);
      // Two parcels may bear one label: nobody can say which of them is the declared one.
      const twin = isQuiet || !happens(entropy, 0.2) ? undefined : other;
      const waybill =
        twin === undefined || other === undefined
          ? `WB${seed}N${parcels.length}`
          : pick(entropy, [other, ...others]).waybill;
      const isLate = happens(entropy, 0.25);
      parcels.push({
        lineId,
        atMs,
        waybill,
        papersAtMs: isTight
          ? atMs + integer(entropy, 22_000, 30_000)
          : isLate
            ? atMs + integer(entropy, 500, 12_000)
            : integer(entropy, 0, 3_000),
        loses: isQuiet ? pick(entropy, ["claim", "answer", null]) : null,
      });
      atMs += gapMs + integer(entropy, 0, 14_000);
    }
  }
  const quick = { least: 1, most: 5 };
  if (isQuiet) return { seed, isQuiet, isTight, parcels, holds: [], weather: [], syncMs: quick };
  const [first, ...rest] = parcels;
  const isSevered = seed % kinds === 2;
  const severed: Weather[] = [];
  const holds = Array.from(
    { length: first === undefined ? 0 : integer(entropy, 1, 4) },
    (): Hold => {
      const { lineId, waybill, atMs, papersAtMs } = pick(entropy, [first as Parcel, ...rest]);
      const by: Hold["by"] = pick(entropy, ["control", "customs"]);
      if (isSevered) {
        // So late that a line that does not hear of it may still hold a lease at its last word on green.
        const holdAtMs = atMs + integer(entropy, 27_000, 30_400);
        const fromMs = holdAtMs - integer(entropy, 0, 400);
        const toMs = fromMs + integer(entropy, 2_000, 6_000);
        severed.push({ lineId, fromMs, toMs, kind: pick(entropy, ["cut", "deaf"]) });
        return { atMs: holdAtMs, waybill, by };
      }
      if (isTight) return { atMs: papersAtMs + integer(entropy, 1, 3_000), waybill, by };
      // Most come while the parcel is on its belt: that is when they are hard.
      return {
        atMs: Math.max(3_500, atMs + integer(entropy, -6_000, 32_000)),
        waybill,
        by,
      };
    },
  );
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
  const syncMs = { least: 1, most: integer(entropy, 2, 400) };
  return { seed, isQuiet, isTight, parcels, holds, weather: [...weather, ...severed], syncMs };
}
