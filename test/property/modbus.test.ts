/**
 * Goal: values keep their registers, frames are the same however the stream is cut, and nothing that
 * comes over a line makes an answer of what is none. Method: properties over drawn places, values,
 * answers, cuts and noise.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModbusFraming } from "../../edge/devices/wires/modbus/framing.ts";
import {
  answerLength,
  askBytes,
  readAnswer,
  type ModbusRead,
} from "../../edge/devices/wires/modbus/pdu.ts";
import {
  encodeAt,
  shownAt,
  spansOf,
  type ModbusPlace,
} from "../../edge/devices/wires/modbus/places.ts";
import { createReadPlan } from "../../edge/devices/wires/modbus/read-plan.ts";
import { createRtuFraming, rtuFrame } from "../../edge/devices/wires/modbus/rtu-framing.ts";
import { createTcpFraming } from "../../edge/devices/wires/modbus/tcp-framing.ts";
import { modbusOrders } from "../../protocols/modbus.ts";

const order = fc.constantFrom(...modbusOrders);
const placed = (type: ModbusPlace["type"]) =>
  fc.record({
    area: fc.constant("holding" as const),
    at: fc.integer({ min: 0, max: 1_000 }),
    type: fc.constant(type),
    wordOrder: order,
    byteOrder: order,
  });
const valued = fc.oneof(
  fc.tuple(placed("u16"), fc.integer({ min: 0, max: 65_535 })),
  fc.tuple(placed("i16"), fc.integer({ min: -32_768, max: 32_767 })),
  fc.tuple(placed("u32"), fc.integer({ min: 0, max: 4_294_967_295 })),
  fc.tuple(placed("i32"), fc.integer({ min: -2_147_483_648, max: 2_147_483_647 })),
  fc.tuple(placed("f32"), fc.integer({ min: -16_777_216, max: 16_777_216 })),
);

describe("a value in registers", () => {
  it("is what was put there, in every type and order", () => {
    fc.assert(
      fc.property(valued, ([place, value]) => {
        const encoded = encodeAt(place, value);
        expect(encoded.kind).toBe("words");
        if (encoded.kind === "words") expect(shownAt(place, encoded.words)).toBe(value);
      }),
    );
  });

  it("beyond its type is not put there", () => {
    const beyond = fc.oneof(
      fc.tuple(placed("u16"), fc.constantFrom(-1, 65_536, 0.5)),
      fc.tuple(placed("i16"), fc.constantFrom(-32_769, 32_768)),
      fc.tuple(placed("u32"), fc.constantFrom(-1, 2 ** 32)),
      fc.tuple(placed("i32"), fc.constantFrom(-(2 ** 31) - 1, 2 ** 31)),
      fc.tuple(placed("f32"), fc.constantFrom(2 ** 24 + 1, Number.NaN)),
    );
    fc.assert(
      fc.property(beyond, ([place, value]) => {
        expect(encodeAt(place, value).kind).toBe("unwritable");
      }),
    );
  });

  it.each([
    ["highFirst", "highFirst", [0x0002, 0x05a3]],
    ["lowFirst", "highFirst", [0x05a3, 0x0002]],
    ["highFirst", "lowFirst", [0x0200, 0xa305]],
    ["lowFirst", "lowFirst", [0xa305, 0x0200]],
  ] as const)("stands as its maker has it: words %s, bytes %s", (wordOrder, byteOrder, words) => {
    const place = { area: "holding", at: 0, type: "u32", wordOrder, byteOrder } as const;
    expect(shownAt(place, words)).toBe(132_515);
    expect(encodeAt(place, 132_515)).toEqual({ kind: "words", words });
  });
});

describe("questions for a map", () => {
  const variable = fc
    .record({
      at: fc.integer({ min: 0, max: 600 }),
      type: fc.constantFrom("u16" as const, "u32" as const),
      size: fc.integer({ min: 1, max: 40 }),
      gap: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ at, type, size, gap }) => ({
      key: `at ${at}`,
      place: {
        area: "input" as const,
        at,
        type,
        wordOrder: "highFirst" as const,
        stride: (type === "u32" ? 2 : 1) + gap,
      },
      need: { kind: "integers" as const, size },
      isRead: true,
      isWritten: false,
    }));

  it("show each variable as it is, ask for no more than may be, and never for half a value", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(variable, { minLength: 1, maxLength: 8, selector: ({ key }) => key }),
        fc.integer({ min: 8, max: 125 }),
        (variables, registersMax) => {
          const plan = createReadPlan(variables, registersMax);
          // Each register shows its own address.
          const shown = plan.asks.map(({ at, size }) =>
            Array.from({ length: size }, (_, index) => at + index),
          );
          expect(Math.max(...plan.asks.map(({ size }) => size))).toBeLessThanOrEqual(registersMax);
          for (const { key, place, need } of variables) {
            const expected = spansOf(place, need).map(({ at, size }) =>
              size === 1 ? at : at * 65_536 + at + 1,
            );
            expect(plan.values(shown).get(key)).toEqual(expected);
          }
        },
      ),
    );
  });
});

const ask: ModbusRead = { kind: "read", area: "holding", at: 10, size: 4 };
const words = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 4, maxLength: 4 });
const answerOf = (list: readonly number[]): Uint8Array =>
  Uint8Array.of(3, 8, ...list.flatMap((word) => [word >> 8, word & 0xff]));
const rtu = (): ModbusFraming =>
  createRtuFraming({ unitId: 7, characters: { baudRate: 19_200, bits: 11 } });
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });

function* inPieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const answersOf = (framing: ModbusFraming, bytes: Uint8Array, sizes: readonly number[]) =>
  [...inPieces(bytes, sizes)]
    .flatMap((piece) => framing.take(piece))
    .flatMap((arrival) => (arrival.kind === "answer" ? [readAnswer(ask, arrival.pdu)] : []));

describe("a stream of bytes", () => {
  it("gives the same answer however it is cut, on TCP", () => {
    fc.assert(
      fc.property(words, cuts, fc.nat(255), (list, sizes, older) => {
        const framing = createTcpFraming(7);
        framing.ask(ask);
        const question = framing.ask(ask);
        const body = answerOf(list);
        const head = [0, 0, 0, body.length + 1, 7];
        const late = Uint8Array.of(0, 1, ...head, ...answerOf([older, older, older, older]));
        const good = Uint8Array.of(question[0] ?? 0, question[1] ?? 0, ...head, ...body);
        const stream = Uint8Array.of(...late, ...good);
        expect(answersOf(framing, stream, sizes)).toEqual([{ kind: "words", words: list }]);
      }),
    );
  });

  it("gives the same answer however it is cut, behind whatever noise, on a serial line", () => {
    fc.assert(
      fc.property(words, cuts, fc.uint8Array({ maxLength: 60 }), (list, sizes, noise) => {
        const framing = rtu();
        framing.ask(ask);
        const stream = Uint8Array.of(...noise, ...rtuFrame(7, answerOf(list)));
        expect(answersOf(framing, stream, sizes)).toEqual([{ kind: "words", words: list }]);
      }),
    );
  });

  it("of noise, and of good frames with bytes turned over, gives no answer", () => {
    const broken = fc
      .tuple(words, fc.nat(12), fc.integer({ min: 1, max: 255 }))
      .map(([list, at, by]) => {
        const frame = rtuFrame(7, answerOf(list));
        const place = at % frame.length;
        frame[place] = (frame[place] ?? 0) ^ by;
        return frame;
      });
    const noise = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), broken), { maxLength: 20 });
    fc.assert(
      fc.property(noise, (chunks) => {
        const framing = rtu();
        framing.ask(ask);
        expect(chunks.flatMap((chunk) => answersOf(framing, chunk, [300]))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("on TCP never makes a reader fail, and never an answer of another transaction", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
        const framing = createTcpFraming(7);
        framing.ask(ask);
        for (const chunk of chunks) {
          for (const arrival of framing.take(chunk)) {
            if (arrival.kind === "answer") expect(chunks.flatMap((each) => [...each])).toContain(7);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("that is a question of its own is one that another end reads", () => {
    fc.assert(
      fc.property(fc.nat(65_000), fc.integer({ min: 1, max: 125 }), (at, size) => {
        const question = askBytes({ kind: "read", area: "input", at, size });
        expect([...question]).toEqual([4, at >> 8, at & 255, size >> 8, size & 255]);
        expect(answerLength({ kind: "read", area: "input", at, size })).toBe(2 + 2 * size);
      }),
    );
  });
});
