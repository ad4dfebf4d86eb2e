// Goal: parcels are drawn where they are, move smoothly, and never jump back (S2).
// Method: belts of known motion, messages that correct them, and a clock of the test's own.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BeltPosition,
  countAt,
  extrapolateMsMax,
  positionMm,
  timeLeft,
  type Motion,
} from "../../control-ui/web/motion/belt-motion.ts";
import { initialFrameWatch, watchFrame } from "../../control-ui/web/motion/weak-mode.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";

const motion = (count: number, at: number, change: Partial<Motion> = {}): Motion => ({
  count: beltCount(count),
  speedMmPerS: 1_000,
  isRunning: true,
  emergencyStop: false,
  at: epochMs(at),
  ...change,
});

describe("where the belt is", () => {
  test("it goes on at its speed, counted in its own counts", () => {
    expect(countAt(motion(500, 10_000), 2, 11_000)).toBe(500 + 500);
  });

  test("a standing belt stands", () => {
    expect(countAt(motion(500, 10_000, { isRunning: false }), 1, 99_000)).toBe(500);
  });

  test("without news it is drawn standing after a while, not running for ever", () => {
    const atEnd = countAt(motion(0, 0), 1, extrapolateMsMax);
    expect(countAt(motion(0, 0), 1, 60_000)).toBe(atEnd);
  });

  test("a front is as far as the belt has run since it was inducted", () => {
    expect(positionMm(1_000, 3_500, 2)).toBe(5_000);
  });
});

describe("S2: corrections are eased", () => {
  test("drawn within 100 mm of the truth once 300 ms have passed", () => {
    const belt = new BeltPosition();
    belt.draw(motion(0, 0), 1, 1_000);
    // The truth was 400 mm further than we thought.
    const corrected = motion(1_400, 1_000);
    const first = belt.draw(corrected, 1, 1_000);
    expect(first).toBeLessThan(1_100);
    expect(Math.abs(belt.draw(corrected, 1, 1_300) - 1_700)).toBeLessThanOrEqual(100);
  });

  test("a running belt is never drawn moving backwards, whatever it is told", () => {
    const news = fc.record({
      afterMs: fc.integer({ min: 1, max: 900 }),
      errorMm: fc.integer({ min: -400, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(news, { maxLength: 20 }), (messages) => {
        const belt = new BeltPosition();
        let known = motion(0, 0);
        let now = 0;
        let drawn = belt.draw(known, 1, now);
        for (const { afterMs, errorMm } of messages) {
          now += afterMs;
          known = motion(Math.max(0, now + errorMm), now);
          for (let frame = 0; frame < 5; frame += 1, now += 16) {
            const next = belt.draw(known, 1, now);
            expect(next).toBeGreaterThanOrEqual(drawn);
            drawn = next;
          }
        }
      }),
    );
  });

  test("a new session's counts are a jump and not eased", () => {
    const belt = new BeltPosition();
    belt.draw(motion(500_000, 0), 1, 10);
    expect(belt.draw(motion(20, 20), 1, 20)).toBe(20);
  });
});

describe("X8: metres and seconds left", () => {
  const line = { motion: motion(0, 0), mmPerCount: 2 };

  test("both come from the belt", () => {
    expect(timeLeft(10_000, 4_000, line)).toEqual({ metres: 12, seconds: 12 });
  });

  test("they end at zero", () => {
    expect(timeLeft(10_000, 10_001, line)).toEqual({ metres: 0, seconds: 0 });
  });

  test("a standing belt has metres and no seconds", () => {
    const standing = { ...line, motion: motion(0, 0, { isRunning: false }) };
    expect(timeLeft(10_000, 4_000, standing)).toEqual({ metres: 12, seconds: null });
  });
});

describe("weak displays", () => {
  const after = (frameMs: number, seconds: number, from = initialFrameWatch): typeof from => {
    let watch = from;
    for (let ms = frameMs; ms <= seconds * 1_000; ms += frameMs) {
      watch = watchFrame(watch, from.windowStartMs + ms, frameMs);
    }
    return watch;
  };

  test("33 ms a frame is fast enough, 34 is not", () => {
    expect(after(33, 6).isWeak).toBe(false);
    expect(after(34, 6).isWeak).toBe(true);
  });

  test("half rate ends after the display has been fast for thirty seconds", () => {
    const weak = after(40, 6);
    expect(after(10, 20, weak).isWeak).toBe(true);
    expect(after(10, 45, weak).isWeak).toBe(false);
  });

  test("the pause of a hidden tab is no slow frame", () => {
    const watch = watchFrame(initialFrameWatch, 60_000, 60_000);
    expect(after(16, 6, watch).isWeak).toBe(false);
  });
});
