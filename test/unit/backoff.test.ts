/**
 * Goal: delays between attempts grow, stay bounded, and differ between devices.
 * Method: the iterator with chance held at its ends.
 */
import { describe, expect, it } from "vitest";
import { backoffDelaysMs } from "../../edge/devices/backoff.ts";

const take = (count: number, options: Parameters<typeof backoffDelaysMs>[0]) => {
  const delays = backoffDelaysMs(options);
  return Array.from({ length: count }, () => delays.next().value);
};

describe("back-off", () => {
  it("doubles up to its bound and goes on for ever", () => {
    const entropy = { next: () => 0 };
    expect(take(7, { entropy })).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(take(5_000, { entropy }).at(-1)).toBe(5_000);
  });

  it("chance takes away at most its share", () => {
    const entropy = { next: () => 1 };
    expect(take(3, { entropy, firstMs: 100, jitterShare: 0.3 })).toEqual([70, 140, 280]);
  });

  it("keeps to the bound even when it starts above it", () => {
    expect(take(2, { entropy: { next: () => 0 }, firstMs: 900, delayMsMax: 500 })).toEqual([
      500, 500,
    ]);
  });
});
