/**
 * Goal: what CubiScan and SICK's Master Data Analyzer tell becomes exact grams and whole millimetres,
 * or a reason why there are none; and a scale that is not measuring well tells no edges.
 * Method: literal bytes as the manuals' tables have them, with one field changed at a time; then the
 * shipped driver on a wire in memory and virtual time, with the other end played by hand.
 */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, test } from "vitest";
import { createScale, zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import {
  createCubiscanParser,
  cubiscanQuestion,
  encodeCubiscan,
} from "../../protocols/scale/cubiscan.ts";
import { millimetresOf } from "../../protocols/scale/length-unit.ts";
import { createSickMdaParser, encodeSickMda } from "../../protocols/scale/sick-mda.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { listen, onlyWires } from "../contract/device-rig.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

describe("lengths", () => {
  it.each([
    [123, -1, "cm", 123],
    [123, -1, "in", 312],
    [1, 0, "in", 25],
    [39_370, -3, "in", 1_000],
    [5, -1, "mm", 1],
    [4, -1, "mm", 0],
    [3, 1, "cm", 300],
  ] as const)("%i times ten to the %i %s are %i mm", (digits, exponent, unit, mm) => {
    expect(millimetresOf(digits, exponent, unit)).toBe(mm);
  });
});

/** The document's example, with what is to differ. */
function cubiscan(changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    head: "MAC000000",
    length: "L012.3",
    width: "W008.0",
    height: "H004.5",
    lengthUnit: "M",
    weight: "K001.25",
    dimWeight: "D000.45",
    weightUnit: "M",
    factor: "F0366",
    shipping: "D",
    ...changes,
  };
  return `\u0002${Object.values(fields).join(",")}\u0003\r\n`;
}

const measured = {
  kind: "measurement",
  dimensionsMm: { length: 123, width: 80, height: 45 },
  edgeFlaw: null,
  grams: 1_250,
  dimensional: { grams: 450, factor: 366, shipping: "domestic" },
};

describe("CubiScan", () => {
  const parse = (frame: string) => createCubiscanParser().push(bytes(frame));

  it("PR3.4-1: asks with five bytes", () => {
    expect([...cubiscanQuestion]).toEqual([0x02, 0x4d, 0x03, 0x0d, 0x0a]);
  });

  it("PR3.4-1: 62 bytes are three edges and a weight, in centimetres and kilograms", () => {
    expect(cubiscan()).toHaveLength(62);
    expect(parse(cubiscan())).toEqual([measured]);
  });

  it("PR3.4-1: in inches and pounds the same digits are others, each unit for itself", () => {
    expect(parse(cubiscan({ lengthUnit: "E" }))).toEqual([
      { ...measured, dimensionsMm: { length: 312, width: 203, height: 114 } },
    ]);
    expect(parse(cubiscan({ weightUnit: "E" }))).toEqual([
      { ...measured, grams: 567, dimensional: { ...measured.dimensional, grams: 204 } },
    ]);
  });

  it("PR3.4-1: the weight is what lies there, and never the one that is charged for", () => {
    const said = parse(cubiscan({ dimWeight: "D999.99", factor: "F0001", shipping: "I" }));
    const dimensional = { grams: 999_990, factor: 1, shipping: "international" };
    expect(said).toEqual([{ ...measured, dimensional }]);
  });

  it("is written as it is read", () => {
    const shown = { kind: "measurement", length: 123, width: 80, height: 45, weight: 125 } as const;
    const written = encodeCubiscan({
      ...shown,
      lengthUnit: "cm",
      weightUnit: "kg",
      dimWeight: 45,
      factor: 366,
      shipping: "domestic",
    });
    expect(text(written)).toBe(cubiscan({ head: "MAH000000" }));
  });

  it.each([
    ["MNCM", { kind: "refusal", why: "notMeasured" }],
    ["MNHC", { kind: "refusal", why: "cornerSensor" }],
    ["MNHZ", { kind: "refusal", why: "notZeroed" }],
    ["MN", { kind: "refusal", why: null }],
    ["MNX9", { kind: "refusal", why: null }],
    ["?N", { kind: "unknownCommand" }],
  ])("PR3.4-2: %s is no measurement, and is named", (body, said) => {
    expect(parse(`\u0002${body}\u0003\r\n`)).toEqual([said]);
  });

  it.each([
    ["nothing of an edge", { height: "H_____" }, { edgeFlaw: "under" }],
    ["an edge that moves", { height: "H-----" }, { edgeFlaw: "unstable" }],
    ["an edge beyond it", { length: "L~~~~~" }, { edgeFlaw: "over" }],
    [
      "one of each",
      { length: "L~~~~~", width: "W-----", height: "H_____" },
      { edgeFlaw: "unstable" },
    ],
    ["an edge of nothing", { width: "W000.0" }, {}],
  ])("of %s it tells no edges, and the weight all the same", (_what, changes, said) => {
    expect(parse(cubiscan(changes))).toEqual([{ ...measured, dimensionsMm: null, ...said }]);
  });

  it.each([
    ["K______", "under"],
    ["K------", "unstable"],
    ["K~~~~~~", "over"],
    ["K 1.250", 1_250],
  ])("a weight of %j is %s", (weight, grams) => {
    expect(parse(cubiscan({ weight }))).toEqual([{ ...measured, grams }]);
  });

  it.each([
    ["a field too short", cubiscan({ length: "L12.3" })],
    ["a field too long", cubiscan({ weight: "K0001.25" })],
    ["no point", cubiscan({ weight: "K001250" })],
    ["two points", cubiscan({ length: "L01.2." })],
    ["a letter for a digit", cubiscan({ weight: "K0O1.25" })],
    ["a minus", cubiscan({ weight: "K-01.25" })],
    ["signs among digits", cubiscan({ length: "L0_2.3" })],
    ["two kinds of signs", cubiscan({ length: "L__~~~" })],
    ["blanks alone", cubiscan({ length: "L     " })],
    ["another unit", cubiscan({ lengthUnit: "X" })],
    ["edges in another order", cubiscan({ length: "W012.3" })],
    ["no factor", cubiscan({ factor: "F036" })],
    ["another command", cubiscan({ head: "VAC000000" })],
    ["nothing at all", "\u0002\u0003\r\n"],
    ["a refusal that goes on", "\u0002MNCM0123456\u0003\r\n"],
  ])("is no frame: %s", (_what, frame) => {
    const why = frame.length > 62 ? "tooLong" : "malformed";
    expect(parse(frame)[0]).toMatchObject({ kind: "discarded", why });
    expect(parse(frame + cubiscan()).at(-1)).toEqual(measured);
  });

  it("parity in bit 7 is dropped, and a line's end alone is nothing", () => {
    const parity = bytes(`\r\n${cubiscan()}\r\n`).map((byte) => byte | 0x80);
    expect(createCubiscanParser().push(parity)).toEqual([measured]);
  });

  it("a frame that is cut off costs only itself, and a silence ends it", () => {
    expect(parse(cubiscan().slice(0, 40) + cubiscan())).toMatchObject([
      { why: "restarted" },
      { kind: "measurement" },
    ]);
    const parser = createCubiscanParser();
    parser.push(bytes(cubiscan().slice(0, 40)));
    expect(parser.isInsideFrame()).toBe(true);
    expect(parser.timeOut()).toMatchObject([{ why: "timedOut" }]);
    expect(parser.isInsideFrame()).toBe(false);
  });
});

const mda = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    objectNumber: "0145",
    code: "1JVGL0012345",
    weight: "000081212",
    weightUnit: "g",
    scaleError: "0",
    length: "0321",
    width: "0150",
    height: "0087",
    lengthUnit: "mm",
    status: "0000",
    volume: "4189050",
    ...changes,
  };
  return `\u0002${Object.values(fields).join(";")}\u0003`;
};

const item = {
  kind: "measurement",
  objectNumber: 145,
  code: "1JVGL0012345",
  isScaleConnected: true,
  grams: 81_212,
  status: 0,
  dimensionsMm: { length: 321, width: 150, height: 87 },
};

describe("SICK Master Data Analyzer", () => {
  const parse = (frame: string) => createSickMdaParser("HB").push(bytes(frame));

  it("PR3.4-3: eleven fields are an item's number, label, weight and edges", () => {
    expect(mda().split(";")).toHaveLength(11);
    expect(parse(mda())).toEqual([item]);
    const { objectNumber, code, isScaleConnected, grams, status, dimensionsMm } = item;
    const said = { objectNumber, code, isScaleConnected, grams, status, dimensionsMm };
    expect(text(encodeSickMda(said))).toBe(mda());
  });

  it.each([
    ["status 0001, outside the field", { status: "0001" }, { status: 1, dimensionsMm: null }],
    ["any other status", { status: "00A0" }, { status: 0xa0, dimensionsMm: null }],
    ["an edge of zeros", { height: "0000" }, { dimensionsMm: null }],
    ["1, no scale", { scaleError: "1" }, { isScaleConnected: false, grams: null }],
    ["zeros for a weight", { weight: "000000000" }, { grams: null }],
    ["no label", { code: "NoRead" }, { code: null }],
    ["a label that holds a separator", { code: "]d2011;7" }, { code: "]d2011;7" }],
    [
      "pounds and inches",
      {
        weight: "000000002",
        weightUnit: "lb",
        lengthUnit: "in",
        length: "0010",
        width: "0006",
        height: "0004",
      },
      { grams: 907, dimensionsMm: { length: 254, width: 152, height: 102 } },
    ],
  ])("PR3.4-3: %s", (_what, changes, said) => {
    expect(parse(mda(changes))).toEqual([{ ...item, ...said }]);
  });

  it.each([
    ["no scale error but 0 and 1", { scaleError: "2" }],
    ["a field too short", { weight: "00081212" }],
    ["a letter for a digit", { length: "03Z1" }],
    ["no hexadecimal status", { status: "000G" }],
    ["a minus", { weight: "-00081212" }],
  ])("is no telegram: %s", (_what, changes) => {
    expect(parse(mda(changes))).toMatchObject([{ kind: "discarded", why: "malformed" }]);
  });

  it("names a unit that it does not take", () => {
    expect(parse(mda({ weightUnit: "ct" }))).toEqual([{ kind: "otherUnit", unit: "ct" }]);
    expect(parse(mda({ lengthUnit: "dm" }))).toEqual([{ kind: "otherUnit", unit: "dm" }]);
  });

  it("its sign of life is no item, and a label of the same text is none", () => {
    expect(parse(`\u0002HB\u0003\r\n${mda({ code: "HB" })}`)).toEqual([
      { kind: "heartbeat" },
      { ...item, code: "HB" },
    ]);
    expect(createSickMdaParser(null).push(bytes("\u0002HB\u0003"))).toMatchObject([
      { why: "malformed" },
    ]);
  });
});

test("the scales' page has bytes that are read as it says", () => {
  const page = readFileSync("edge/devices/scale/README.md", "utf8");
  const [asked = [], measures = [], tells = []] = [...page.matchAll(/^[<>] ([0-9a-f ]+)$/gm)].map(
    ([, hex = ""]) => hex.split(" ").map((byte) => Number.parseInt(byte, 16)),
  );
  expect(asked).toEqual([...cubiscanQuestion]);
  const dimensional = { grams: 70, factor: 6_000, shipping: "international" };
  expect(createCubiscanParser().push(Uint8Array.from(measures))).toEqual([
    { ...measured, dimensional },
  ]);
  expect(createSickMdaParser(null).push(Uint8Array.from(tells))).toEqual([item]);
});

let close = async (): Promise<void> => {};
afterEach(() => close());

/** The driver of one scale, with the other end played by hand. */
function scaleOf(dialect: object, settledReadings = 1) {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 9 });
  const config = zScaleConfig.parse({
    id: "scale-1",
    reach: { kind: "tcp", host: "device", port: 1 },
    dialect,
    settling: { thresholdG: 10, toleranceG: 5, settledReadings },
  });
  const port = createScale(config, { wires: onlyWires({ byteLink: () => wire.a }), clock });
  let asked = "";
  wire.b.open({
    onOpen() {},
    onBytes: (chunk) => {
      asked += text(chunk);
    },
    onClose() {},
  });
  const events = listen(port);
  close = () => port.stop();
  clock.runFor(5);
  return {
    clock,
    asked: () => asked,
    said: () => events.said().map(({ kind: _kind, ...reading }) => reading),
    health: () => port.health(),
    counter: (name: string) => port.health().counters[name] ?? 0,
    say(frame: string) {
      wire.b.write(bytes(frame));
      clock.runFor(20);
    },
  };
}

describe("a CubiScan that is asked", () => {
  const dialect = { kind: "cubiscan", everyMs: 100, answerWithinMs: 300 };
  const weighs = (scale: ReturnType<typeof scaleOf>, changes = {}) => {
    scale.say(cubiscan(changes));
    scale.clock.runFor(100);
  };

  it("DEV1-33: tells its edges with the weight that settles, and its length as what speaks of whose", () => {
    const scale = scaleOf(dialect, 2);
    expect(scale.asked()).toBe("\u0002M\u0003\r\n");
    weighs(scale);
    expect(scale.said()).toEqual([]);
    weighs(scale, { length: "L012.4" });
    const dimensionsMm = { length: 124, width: 80, height: 45 };
    expect(scale.said()).toEqual([{ weightG: 1_250, proof: { lengthMm: 124 }, dimensionsMm }]);
  });

  it("a parcel of which an edge still moves has not settled, whatever it weighs", () => {
    const scale = scaleOf(dialect);
    weighs(scale, { width: "W-----" });
    expect([scale.said(), scale.counter("inMotionTotal")]).toEqual([[], 1]);
    weighs(scale);
    expect(scale.said()).toHaveLength(1);
  });

  it("a weight beside edges that it could not see is one without them", () => {
    const scale = scaleOf(dialect);
    weighs(scale, { height: "H_____" });
    expect(scale.said()).toEqual([{ weightG: 1_250, proof: {} }]);
    expect(scale.counter("unmeasuredTotal")).toBe(1);
  });

  it.each([
    ["over its range", cubiscan({ weight: "K~~~~~~" }), "outOfRangeTotal"],
    ["under it", cubiscan({ weight: "K______" }), "outOfRangeTotal"],
    ["in motion", cubiscan({ weight: "K------" }), "inMotionTotal"],
    ["that it refuses", "\u0002MNHM\u0003\r\n", "notReadyTotal"],
    ["that it does not know the word for", "\u0002?N\u0003\r\n", "commandRefusedTotal"],
  ])("PR3.4-2: a weight %s is counted, never told", (_what, frame, total) => {
    const scale = scaleOf(dialect);
    scale.say(frame);
    expect([scale.said(), scale.counter(total)]).toEqual([[], 1]);
    scale.clock.runFor(100);
    expect(scale.asked()).toBe("\u0002M\u0003\r\n".repeat(2));
  });

  it("law 16: what comes while no question is open is nobody's", () => {
    const scale = scaleOf(dialect);
    scale.say(cubiscan() + cubiscan({ weight: "K009.00" }));
    expect(scale.said()).toHaveLength(1);
    expect(scale.counter("unaskedTotal")).toBe(1);
  });

  it.each([
    ["mt-sics", cubiscan(), "CubiScan"],
    ["toledo-8213", "\u0002?N\u0003\r\n", "CubiScan"],
    ["cubiscan", mda(), "SICK Master Data Analyzer"],
    ["sick-mda", cubiscan(), "CubiScan"],
  ])("where %s is configured it is named", (kind, frame, detail) => {
    const more = kind === "toledo-8213" ? { unit: "kg", decimals: 3 } : {};
    const scale = scaleOf({ kind, ...more });
    for (let said = 0; said < 3; said += 1) scale.say(frame);
    scale.clock.runFor(10_000);
    const { reason } = scale.health();
    if (kind === "sick-mda") expect(scale.counter("discardedTotal")).toBe(3);
    else expect(reason).toMatchObject({ code: "otherDialect", detail });
  });
});

describe("a Master Data Analyzer", () => {
  it("DEV1-34: tells each item once, with its edges; neither its number nor its label proves anything", () => {
    const scale = scaleOf({ kind: "sick-mda" });
    scale.say(mda());
    scale.say(mda({ objectNumber: "0146", status: "0001" }));
    const { dimensionsMm } = item;
    expect(scale.said()).toEqual([
      { weightG: 81_212, proof: { lengthMm: 321 }, dimensionsMm },
      { weightG: 81_212, proof: {} },
    ]);
  });

  it("PR3.4-3: without its scale it tells no weight", () => {
    const scale = scaleOf({ kind: "sick-mda" });
    scale.say(mda({ scaleError: "1" }));
    scale.say(mda({ weight: "000000000" }));
    expect([scale.said(), scale.counter("notReadyTotal")]).toEqual([[], 2]);
  });

  it("that sends no sign of life is not called silent between two items; one that does, is", () => {
    const still = scaleOf({ kind: "sick-mda" });
    still.say(mda());
    still.clock.runFor(3_600_000);
    expect(still.health().state).toBe("receiving");
    const living = scaleOf({ kind: "sick-mda", heartbeat: "HB" });
    living.say("\u0002HB\u0003");
    expect(living.health().state).toBe("receiving");
    living.clock.runFor(2_600);
    expect(living.health().state).toBe("stale");
  });
});

describe("frames of a scale that can be programmed", () => {
  const dialect = { kind: "frames", preset: "sick", codeFields: [], heartbeat: null };

  it("DEV1-34: bring three edges behind the grams, or none of them", () => {
    const scale = scaleOf(dialect);
    scale.say("\u00021230;420;310;95\u0003");
    scale.say("\u00021230\u0003");
    scale.say("\u00021230;0;0;0\u0003");
    const dimensionsMm = { length: 420, width: 310, height: 95 };
    expect(scale.said()).toEqual([
      { weightG: 1_230, proof: { lengthMm: 420 }, dimensionsMm },
      { weightG: 1_230, proof: {} },
      { weightG: 1_230, proof: {} },
    ]);
    expect(scale.counter("unmeasuredTotal")).toBe(1);
  });

  it("all three edges may be of one length", () => {
    const scale = scaleOf(dialect);
    scale.say("\u00021230;300;300;300\u0003");
    expect(scale.said()).toMatchObject([
      { dimensionsMm: { length: 300, width: 300, height: 300 } },
    ]);
  });

  it.each(["1230;420", "1230;420;310", "1230;420;310;95;1", "1230;420;310;9x", "12345678"])(
    "%s is no weight",
    (body) => {
      const scale = scaleOf(dialect);
      scale.say(`\u0002${body}\u0003`);
      expect([scale.said(), scale.counter("discardedTotal")]).toEqual([[], 1]);
    },
  );
});
