// Goal: the page knows the centre's clock to within half its best round trip (HMI W5).
// Method: pairs of send and receive times around a known true offset.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { noOffset, withRoundTrip, withStamp } from "../../control-ui/web/live/clock-offset.ts";

const trueOffset = 5_000_000;

test("the smallest round trip wins, whatever comes later", () => {
  const good = withRoundTrip(noOffset, { sentAtMs: 0, receivedAtMs: 10, serverNow: 1_005 });
  const later = withRoundTrip(good, { sentAtMs: 100, receivedAtMs: 500, serverNow: 9_000 });
  expect(later).toBe(good);
});

test("an old round trip gives way, because clocks drift", () => {
  const good = withRoundTrip(noOffset, { sentAtMs: 0, receivedAtMs: 10, serverNow: 1_005 });
  const later = { sentAtMs: 400_000, receivedAtMs: 400_100, serverNow: 401_060 };
  expect(withRoundTrip(good, later).offsetMs).toBe(401_060 - 400_050);
});

test("a stamp from the future raises the offset, one from the past does not lower it", () => {
  const known = withRoundTrip(noOffset, { sentAtMs: 0, receivedAtMs: 20, serverNow: 1_000 });
  expect(withStamp(known, 50, 1_100).offsetMs).toBe(1_050);
  expect(withStamp(known, 50, 500).offsetMs).toBe(known.offsetMs);
});

test("the error is never more than half the best round trip", () => {
  const trip = fc.record({
    sentAtMs: fc.integer({ min: 0, max: 200_000 }),
    thereMs: fc.integer({ min: 0, max: 400 }),
    backMs: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(trip, { minLength: 1, maxLength: 20 }), (trips) => {
      let offset = noOffset;
      for (const { sentAtMs, thereMs, backMs } of trips.toSorted(
        (a, b) => a.sentAtMs - b.sentAtMs,
      )) {
        const receivedAtMs = sentAtMs + thereMs + backMs;
        const serverNow = sentAtMs + thereMs + trueOffset;
        offset = withRoundTrip(offset, { sentAtMs, receivedAtMs, serverNow });
      }
      const bestMs = Math.min(...trips.map(({ thereMs, backMs }) => thereMs + backMs));
      expect(Math.abs(offset.offsetMs - trueOffset)).toBeLessThanOrEqual(bestMs / 2);
    }),
  );
});
