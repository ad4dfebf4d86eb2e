/**
 * Goal: whatever answers come late, and however late, no answer is ever taken for that to another
 * question, nor an old one for a new one. Method: a device that answers in order, each answer by
 * chance in time, late, or lost, and shows in every register the moment at which it was asked; on a
 * serial line, where nothing but its length tells one answer from another, and behind a gateway that
 * hands late answers on under the newest transaction.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ModbusFraming } from "../../edge/devices/wires/modbus/framing.ts";
import { ModbusLine } from "../../edge/devices/wires/modbus/line.ts";
import { rtuFrame, createRtuFraming } from "../../edge/devices/wires/modbus/rtu-framing.ts";
import { createTcpFraming } from "../../edge/devices/wires/modbus/tcp-framing.ts";
import type { ModbusRead } from "../../edge/devices/wires/modbus/pdu.ts";
import { sent } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";

const unitId = 7;
const timeoutMs = 50;

/** What becomes of each question: its answer comes so late, or never. */
type Fate = number | "lost";
const fates = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 2, arbitrary: fc.integer({ min: 60, max: 400 }) },
    { weight: 1, arbitrary: fc.constant("lost" as const) },
  ),
  { minLength: 1, maxLength: 60 },
);

interface Bench {
  readonly framing: ModbusFraming;
  /** Of the question in the frame, where its size stands. */
  readonly sizeAt: number;
  readonly answer: (newest: Uint8Array, pdu: Uint8Array) => Uint8Array;
}

const serial = (): Bench => ({
  framing: createRtuFraming({ unitId, characters: { baudRate: 115_200, bits: 11 } }),
  sizeAt: 4,
  answer: (_, pdu) => rtuFrame(unitId, pdu),
});

const gateway = (): Bench => ({
  framing: createTcpFraming(unitId),
  sizeAt: 10,
  answer: (newest, pdu) =>
    Uint8Array.of(...newest.subarray(0, 4), 0, pdu.length + 1, unitId, ...pdu),
});

const asks: readonly ModbusRead[] = [3, 3, 12].map((size) => ({
  kind: "read",
  area: "input",
  at: 100,
  size,
}));

/** Asks all of them in turn, and gives back when each was asked and what its answer shows. */
function run({ framing, sizeAt, answer }: Bench, drawn: readonly Fate[], clock: VirtualClock) {
  let asked = 0;
  let freeAt = 0;
  let newest = new Uint8Array();
  const line = new ModbusLine({
    link: {
      write(question) {
        const now = clock.monotonic();
        newest = Uint8Array.from(question);
        const fate = drawn[asked % drawn.length] ?? 1;
        asked += 1;
        if (fate === "lost") return sent;
        const size = question[sizeAt + 1] ?? 0;
        const moment = [now >> 8, now & 0xff];
        const words = Array.from({ length: size }, () => moment).flat();
        const pdu = Uint8Array.of(4, 2 * size, ...words);
        freeAt = Math.max(freeAt, now + fate);
        clock.schedule(monotonicMs(freeAt), () => line.take(answer(newest, pdu)));
        return sent;
      },
    },
    framing,
    clock,
    timeoutMs,
    asks,
    onStray: () => {},
    onBroken(why) {
      throw new Error(why);
    },
  });

  const answered: { readonly askedAt: number; readonly shown: readonly number[] }[] = [];
  const failed: number[] = [];
  const next = (turn: number): void => {
    const ask = asks[turn % asks.length];
    if (ask === undefined || clock.monotonic() > 20_000) return;
    const askedAt = clock.monotonic();
    line.ask(ask, (outcome) => {
      if (outcome.kind === "words") {
        expect(outcome.words).toHaveLength(ask.size);
        answered.push({ askedAt, shown: outcome.words });
      } else failed.push(askedAt);
      clock.schedule(clock.monotonic(), () => next(turn + 1));
    });
  };
  next(0);
  clock.runFor(21_000);
  return { answered, failed };
}

it.each([
  ["a serial line", serial],
  ["a gateway", gateway],
])("over %s every answer is to the question that was asked, and newer than it", (_, bench) => {
  let seen = 0;
  fc.assert(
    fc.property(fates, (drawn) => {
      const { answered } = run(bench(), drawn, createVirtualClock());
      for (const { askedAt, shown } of answered) {
        seen += 1;
        for (const moment of shown) expect(moment).toBeGreaterThanOrEqual(Math.floor(askedAt));
      }
    }),
    { numRuns: 15 },
  );
  expect(seen).toBeGreaterThan(1_000);
});

it("a device that is in time again is heard again", () => {
  const inTime = Array.from({ length: 400 }, () => 5);
  const { answered, failed } = run(serial(), ["lost", 300, ...inTime], createVirtualClock());
  expect(failed.length).toBeGreaterThan(10);
  expect(answered.length).toBeGreaterThan(10 * failed.length);
});
