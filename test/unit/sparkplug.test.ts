/**
 * Goal: what a gateway publishes as Sparkplug B is shown by name, type and value, signed numbers right,
 * and no bytes are taken for what they are not. Method: a payload of another encoder, random ones of an
 * encoder of the test's own, cut and damaged; and the lines that a probe prints of them.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { hintsOf } from "../../edge/probe/hints.ts";
import { SparkplugWatch } from "../../edge/probe/sparkplug-watch.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { readSparkplug, sparkplugValue } from "../../protocols/sparkplug.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** Four metrics: bdSeq 3, Node Control/Rebirth false, t with alias 7 and -5, n and -5 in 64 bits. */
const another = bytes(
  "0880d095ffbc3112120a0562645365711880d095ffbc3120045803121a0a144e6f646520436f6e74726f6c2f526562697274" +
    "68200b7000120d0a01741007200350fbffffff0f12100a016e200458fbffffffffffffffff011800",
);

const varint = (value: bigint): number[] => {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return out;
};
const number = (field: number, value: bigint): number[] =>
  [field << 3, ...varint(value)].flatMap((each, index) =>
    index === 0 ? varint(BigInt(each)) : [each],
  );
const sized = (field: number, content: Iterable<number>): number[] => {
  const held = [...content];
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(held.length)), ...held];
};
const text = (field: number, value: string): number[] => sized(field, Buffer.from(value));
function double(field: number, value: number): number[] {
  const held = Buffer.alloc(8);
  held.writeDoubleLE(value);
  return [...varint(BigInt((field << 3) | 1)), ...held];
}
function float(field: number, value: number): number[] {
  const held = Buffer.alloc(4);
  held.writeFloatLE(value);
  return [...varint(BigInt((field << 3) | 5)), ...held];
}
const payload = (...metrics: readonly number[][]): Uint8Array =>
  Uint8Array.from([...metrics.flatMap((metric) => sized(2, metric)), ...number(3, 9n)]);

const metricsOf = (message: Uint8Array) => {
  const read = readSparkplug(message);
  if (read.kind === "invalid") throw new Error(read.why);
  return read.metrics;
};

describe("PR5.4-1: another encoder's payload", () => {
  it("is read whole", () => {
    const read = readSparkplug(another);
    expect(read).toMatchObject({ kind: "payload", seq: 0n });
    expect(metricsOf(another)).toEqual([
      { name: "bdSeq", alias: null, datatype: 4, value: { kind: "long", value: 3n } },
      {
        name: "Node Control/Rebirth",
        alias: null,
        datatype: 11,
        value: { kind: "boolean", value: false },
      },
      { name: "t", alias: 7n, datatype: 3, value: { kind: "int", value: 4_294_967_291n } },
      { name: "n", alias: null, datatype: 4, value: { kind: "long", value: 2n ** 64n - 5n } },
    ]);
  });

  it("is shown by name, type and value", () => {
    expect(new SparkplugWatch().take("spBv1.0/hall/NBIRTH/edge-1", another)).toEqual([
      "~ spBv1.0/hall/NBIRTH/edge-1 seq 0",
      '~   "bdSeq" Int64 = 3',
      '~   "Node Control/Rebirth" Boolean = false',
      '~   "t" Int32 = -5',
      '~   "n" Int64 = -5',
    ]);
  });

  it("cut anywhere is never read as more than it says", () => {
    const whole = metricsOf(another);
    for (let length = 0; length < another.length; length += 1) {
      const read = readSparkplug(another.subarray(0, length));
      if (read.kind === "invalid") continue;
      expect(whole.slice(0, read.metrics.length)).toEqual(read.metrics);
    }
  });
});

describe("PR5.4-2: signed integers", () => {
  const signed = [
    [1, 8],
    [2, 16],
    [3, 32],
    [4, 64],
  ] as const;

  it.each(signed)("type %i, %i bits: -5, the least and the largest come back", (datatype, bits) => {
    const half = 2n ** BigInt(bits - 1);
    for (const value of [-5n, -half, half - 1n, 0n, -1n]) {
      const field = datatype === 4 ? 11 : 10;
      const wire = datatype === 4 ? value : BigInt.asUintN(32, value);
      const [metric] = metricsOf(
        payload([...text(1, "x"), ...number(4, BigInt(datatype)), ...number(field, wire)]),
      );
      expect(sparkplugValue(metric!.value!, datatype)).toBe(value);
    }
  });

  it("an Int32 that was widened to ten bytes is the same", () => {
    const [metric] = metricsOf(payload([...text(1, "x"), ...number(10, -5n)]));
    expect(metric!.value).toEqual({ kind: "int", value: 4_294_967_291n });
    expect(sparkplugValue(metric!.value!, 3)).toBe(-5n);
  });

  it("an unsigned one stays as large as it is", () => {
    const [metric] = metricsOf(payload([...text(1, "x"), ...number(11, 2n ** 64n - 5n)]));
    expect(sparkplugValue(metric!.value!, 8)).toBe(2n ** 64n - 5n);
    expect(sparkplugValue(metric!.value!, null)).toBe(2n ** 64n - 5n);
  });
});

test("whatever is written is read", () => {
  const value = fc.oneof(
    fc.bigInt(0n, 2n ** 32n - 1n).map((each) => [number(10, each), "int", each] as const),
    fc.bigInt(0n, 2n ** 64n - 1n).map((each) => [number(11, each), "long", each] as const),
    fc.float({ noNaN: true }).map((each) => [float(12, each), "number", each] as const),
    fc.double({ noNaN: true }).map((each) => [double(13, each), "number", each] as const),
    fc.boolean().map((each) => [number(14, each ? 1n : 0n), "boolean", each] as const),
    fc.string({ unit: "grapheme" }).map((each) => [text(15, each), "text", each] as const),
    fc.uint8Array().map((each) => [sized(16, each), "bytes", each] as const),
  );
  const metric = fc.record({
    name: fc.option(fc.string({ unit: "grapheme" })),
    alias: fc.option(fc.bigInt(0n, 2n ** 64n - 1n)),
    value,
  });
  fc.assert(
    fc.property(fc.array(metric, { maxLength: 8 }), (metrics) => {
      const message = payload(
        ...metrics.map(({ name, alias, value: [field] }) => [
          ...(name === null ? [] : text(1, name)),
          ...(alias === null ? [] : number(2, alias)),
          // A field of tomorrow is passed over.
          ...sized(200, [1, 2, 3]),
          ...field,
        ]),
      );
      const wanted = metrics.map(({ name, alias, value: [, kind, said] }) => ({
        name,
        alias,
        datatype: null,
        value: { kind, value: said },
      }));
      expect(metricsOf(message)).toEqual(wanted);
    }),
  );
});

test("any bytes at all are read or refused, and never throw", () => {
  const watch = new SparkplugWatch();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(["payload", "invalid"]).toContain(readSparkplug(noise).kind);
      watch.take("spBv1.0/g/DDATA/n/d", noise);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["a text that is none", payload(sized(1, [0xff]))],
  ["a number where a text belongs", payload(number(1, 1n))],
  ["a text where a number belongs", payload(text(10, "5"))],
  ["a length beyond the end", bytes("12ff01")],
  ["a group, which nobody writes any more", bytes("13")],
  ["field 0", bytes("0001")],
  ["a varint without an end", bytes(`08${"ff".repeat(11)}`)],
])("%s is refused", (_name, message) => {
  expect(readSparkplug(message).kind).toBe("invalid");
});

describe("what a probe prints", () => {
  const birth = payload([
    ...text(1, "belt/count"),
    ...number(2, 7n),
    ...number(4, 3n),
    ...number(10, 1n),
  ]);
  const data = payload([...number(2, 7n), ...number(10, 4_294_967_291n)]);

  it("an alias is shown by the name and type of its birth, on the devices of that node too", () => {
    const watch = new SparkplugWatch();
    expect(watch.take("spBv1.0/g/DDATA/n/d", data)[1]).toBe("~   alias 7 = 4294967291");
    watch.take("spBv1.0/g/DBIRTH/n/d", birth);
    expect(watch.take("spBv1.0/g/DDATA/n/d", data)[1]).toBe('~   "belt/count" Int32 = -5');
    expect(watch.take("spBv1.0/g/DDATA/other/d", data)[1]).toBe("~   alias 7 = 4294967291");
    watch.take("spBv1.0/g/NBIRTH/n", payload());
    expect(watch.take("spBv1.0/g/DDATA/n/d", data)[1]).toBe("~   alias 7 = 4294967291");
  });

  it("null, moments, bytes and what nobody looks into", () => {
    const [, ...lines] = new SparkplugWatch().take(
      "spBv1.0/g/NDATA/n",
      payload(
        [...text(1, "a"), ...number(7, 1n), ...number(10, 4n)],
        [...text(1, "b"), ...number(4, 13n), ...number(11, 1_700_000_000_000n)],
        [...text(1, "c"), ...number(4, 17n), ...sized(16, [1, 254])],
        [...text(1, "d"), ...number(4, 16n), ...sized(17, [1, 2])],
        [...text(1, "e"), ...double(13, 1.5)],
      ),
    );
    expect(lines).toEqual([
      '~   "a" = null',
      '~   "b" DateTime = 2023-11-14T22:13:20.000Z',
      '~   "c" Bytes = 01 fe',
      '~   "d" DataSet = (2 bytes that are not looked into)',
      '~   "e" = 1.5',
    ]);
  });

  it("twenty metrics, and how many more there are", () => {
    const many = payload(...Array.from({ length: 23 }, (_, at) => number(2, BigInt(at))));
    expect(new SparkplugWatch().take("spBv1.0/g/NDATA/n", many)).toHaveLength(22);
    expect(new SparkplugWatch().take("spBv1.0/g/NDATA/n", many).at(-1)).toBe("~   and 3 more");
  });

  it("nothing of other topics, and nothing of a host's word", () => {
    const watch = new SparkplugWatch();
    expect(watch.take("hall/read", another)).toEqual([]);
    expect(watch.take("spBv1.0/STATE/host", Buffer.from('{"online":true}'))).toEqual([]);
    expect(watch.topics()).toEqual(["spBv1.0/STATE/host"]);
  });
});

describe("the hint", () => {
  const probed = (base: string) =>
    ({
      kind: "scanner",
      reach: { kind: "mqtt", brokerUrl: "mqtt://h", base },
      dialect: { kind: "json-map" },
    }) as unknown as Parameters<typeof hintsOf>[0];
  const seen = (messagesTotal: number, sparkplugTopics: readonly string[]) =>
    ({
      seconds: 5,
      health: { state: "down", reason: deviceReason("neverHeard"), counters: {} },
      wasOpen: true,
      sample: new Uint8Array(0),
      bytesTotal: 0,
      messagesTotal,
      retainedTotal: 0,
      refused: null,
      variables: { turnedKeys: [], stoodLife: null, isEchoMissing: false },
      beside: {
        topics: { elsewhere: sparkplugTopics, unread: [], silent: [] },
        sparkplugTopics,
        serialPaths: null,
        lineErrors: null,
      },
    }) as unknown as Parameters<typeof hintsOf>[1];
  const topic = "spBv1.0/g/DDATA/n/reader";

  it("is given where it is all that comes, and where the base lies in it", () => {
    const sparkplug = [{ code: "sparkplug", params: { topics: topic } }];
    expect(hintsOf(probed("hall/reader"), seen(0, [topic]))).toEqual(sparkplug);
    expect(hintsOf(probed("spBv1.0/g/DDATA/n"), seen(3, [topic]))).toEqual(sparkplug);
  });

  it("is not given where the device's own messages come", () => {
    expect(hintsOf(probed("hall/reader"), seen(3, [topic]))).toEqual([]);
    expect(hintsOf(probed("hall/reader"), seen(0, []))).toMatchObject([{ code: "silentBroker" }]);
  });
});
