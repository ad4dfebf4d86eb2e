/**
 * Goal: the measured offset of a device's clock is the true one within its bound, whatever wires and
 * programs do to single messages, and a clock that was set is believed before long.
 * Method: a device with a known offset, asked and heard over a wire that delays at random.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createClockWatch,
  messageLateMsMax,
  sampleOfAnswer,
  sampleOfMessage,
  samplesMax,
  samplesMin,
} from "../../edge/devices/clock-offset.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";

const offset = fc.integer({ min: -100_000, max: 100_000 });
const delay = fc.integer({ min: 0, max: 400 });

/** Asked at 1,000 of our clocks, which began together. */
const answerOf = (offsetMs: number, thereMs: number, backMs: number) =>
  sampleOfAnswer({
    askedAt: monotonicMs(1_000),
    answeredAt: monotonicMs(1_000 + thereMs + backMs),
    wallAt: epochMs(1_000 + thereMs + backMs),
    deviceAtMs: 1_000 + thereMs + offsetMs,
  });
const messageOf = (offsetMs: number, lateMs: number) =>
  sampleOfMessage({ wallAt: epochMs(5_000 + lateMs), deviceAtMs: 5_000 + offsetMs });

describe("one sample", () => {
  test("of an answer holds the true offset, however the way there and the way back differ", () => {
    const property = fc.property(offset, delay, delay, (trueMs, thereMs, backMs) => {
      const { offsetMs, boundMs } = answerOf(trueMs, thereMs, backMs);
      expect(Math.abs(offsetMs - trueMs)).toBeLessThanOrEqual(boundMs);
    });
    fc.assert(property);
  });

  test("of a message holds it as long as the message is no later than may be", () => {
    const late = fc.integer({ min: 0, max: messageLateMsMax });
    const property = fc.property(offset, late, (trueMs, lateMs) => {
      const { offsetMs, boundMs } = messageOf(trueMs, lateMs);
      expect(Math.abs(offsetMs - trueMs)).toBeLessThanOrEqual(boundMs);
    });
    fc.assert(property);
  });
});

describe("the estimate", () => {
  test("is within a little of its bound, though fewer than half of the messages come far too late", () => {
    const lates = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 0, max: messageLateMsMax }) },
        { weight: 1, arbitrary: fc.integer({ min: messageLateMsMax, max: 600_000 }) },
      ),
      { minLength: samplesMin, maxLength: samplesMax },
    );
    const property = fc.property(offset, lates, (trueMs, delays) => {
      const tooLate = delays.filter((lateMs) => lateMs > messageLateMsMax).length;
      fc.pre(tooLate < delays.length / 2);
      // The newest say it last, so that no earlier estimate stands in the way.
      const watch = createClockWatch(2_000);
      for (const lateMs of delays.toSorted((one, other) => other - one)) {
        watch.take(messageOf(trueMs, lateMs));
      }
      const { offsetMs, boundMs } = watch.now()!;
      // What has not moved by its own bound is no news.
      expect(Math.abs(offsetMs - trueMs)).toBeLessThanOrEqual(2 * boundMs + 1);
    });
    fc.assert(property);
  });

  test("one answer of a busy machine moves nothing", () => {
    const watch = createClockWatch(100);
    for (let time = 0; time < samplesMax; time += 1) watch.take(answerOf(20, 1, 1));
    expect(watch.take(answerOf(20, 0, 5_000))).toBe(false);
    expect(watch.now()).toEqual({ offsetMs: 20, boundMs: 1 });
    expect(watch.isOff()).toBe(false);
  });

  test("a clock that was set is believed once most of the newest say so", () => {
    const watch = createClockWatch(1_000);
    for (let time = 0; time < samplesMax; time += 1) watch.take(answerOf(0, 1, 1));
    const news = Array.from({ length: samplesMax }, () => watch.take(answerOf(60_000, 1, 1)));
    expect(news.indexOf(true)).toBe(Math.floor(samplesMax / 2));
    expect(watch.isOff()).toBe(true);
  });

  test("what cannot be told exactly is not called off", () => {
    const watch = createClockWatch(2_000);
    for (let time = 0; time < samplesMin; time += 1) watch.take(messageOf(2_400, 0));
    expect(watch.now()).toEqual({ offsetMs: 2_900, boundMs: 500 });
    expect(watch.isOff()).toBe(true);
    const near = createClockWatch(2_400);
    for (let time = 0; time < samplesMin; time += 1) near.take(messageOf(2_400, 0));
    expect(near.isOff()).toBe(false);
  });
});
