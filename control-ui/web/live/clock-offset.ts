/**
 * The centre's clock as this page knows it. The page never trusts its own calendar: every "now" it
 * compares with a message's stamp is its monotonic clock plus this offset.
 *
 * A round trip (hello, then its answer) bounds the offset from both sides; the one with the
 * smallest round-trip time is the tightest and wins (HMI W5). A message that merely arrives
 * bounds it from one side: the centre's clock reads at least what the message says.
 */
export interface ClockOffset {
  readonly offsetMs: number;
  /** Of the round trip that won; infinite until the first one. */
  readonly rttMs: number;
  /** Monotonic time of that round trip, to let it grow old. */
  readonly measuredAtMs: number;
}

export const noOffset: ClockOffset = { offsetMs: 0, rttMs: Infinity, measuredAtMs: 0 };

/** A round trip older than this no longer beats a newer one: clocks drift. */
const sampleAgeMsMax = 300_000;

export interface RoundTrip {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** The centre's clock in the answer. */
  readonly serverNow: number;
}

export function withRoundTrip(known: ClockOffset, trip: RoundTrip): ClockOffset {
  const rttMs = Math.max(0, trip.receivedAtMs - trip.sentAtMs);
  const isOld = trip.receivedAtMs - known.measuredAtMs > sampleAgeMsMax;
  if (rttMs > known.rttMs && !isOld) return known;
  const middleMs = (trip.sentAtMs + trip.receivedAtMs) / 2;
  return { offsetMs: trip.serverNow - middleMs, rttMs, measuredAtMs: trip.receivedAtMs };
}

export function withStamp(
  known: ClockOffset,
  receivedAtMs: number,
  serverNow: number,
): ClockOffset {
  const least = serverNow - receivedAtMs;
  return least > known.offsetMs ? { ...known, offsetMs: least } : known;
}
