/**
 * Goal: a scale that is asked gives a weight only in answer to a question that is open, is asked again
 * when it has forgotten, and whatever another dialect says is named instead of called unreadable.
 * Method: the shipped driver on a wire in memory and virtual time, with the other end played by hand.
 */
import { afterEach, describe, expect, it } from "vitest";
import { createScale, zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import { encodeMtSics } from "../../protocols/scale/mt-sics.ts";
import { defaultToledoFormat, encodeToledo } from "../../protocols/scale/toledo.ts";
import { encodeToledo8213 } from "../../protocols/scale/toledo-8213.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { listen, onlyWires } from "../contract/device-rig.ts";

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

let close = async (): Promise<void> => {};
afterEach(() => close());

/** The driver of one scale, and what it has asked so far. */
function scaleOf(dialect: object, settling: object = { thresholdG: 10, toleranceG: 5 }) {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 4 });
  const config = zScaleConfig.parse({
    id: "scale-1",
    reach: { kind: "tcp", host: "device", port: 1 },
    dialect,
    settling: { settledReadings: 1, ...settling },
  });
  const port = createScale(config, { wires: onlyWires({ byteLink: () => wire.a }), clock });
  let heard = "";
  let onAsked: () => void = () => {};
  wire.b.open({
    onOpen() {},
    onBytes(chunk) {
      heard += text(chunk);
      onAsked();
    },
    onClose() {},
  });
  const events = listen(port);
  close = () => port.stop();
  clock.runFor(5);
  return {
    wire,
    clock,
    weights: () => events.said().map(({ weightG }) => weightG),
    health: () => port.health(),
    counter: (name: string) => port.health().counters[name] ?? 0,
    /** What it has asked since this was last called. */
    asked() {
      const asked = heard;
      heard = "";
      return asked;
    },
    say(bytes: Uint8Array) {
      wire.b.write(bytes);
      clock.runFor(5);
    },
    /** Answers each question from now on. */
    answering(bytes: Uint8Array) {
      onAsked = () => void wire.b.write(bytes);
    },
  };
}

const mtSics = { kind: "mt-sics", everyMs: 100, answerWithinMs: 300 };
const toledo8213 = {
  kind: "toledo-8213",
  unit: "kg",
  decimals: 3,
  everyMs: 100,
  answerWithinMs: 300,
};
const weighs = (grams: number, isInMotion = false) =>
  encodeMtSics({ kind: "weight", grams, isInMotion });
const shows = (shown: number) =>
  encodeToledo8213({ kind: "weight", shown }, { unit: "kg", digits: 5, decimals: 3 });

describe("law 16: an answer is what comes while a question is open", () => {
  it.each([
    ["SI", mtSics, "SI\r\n", weighs(500)],
    ["S", { ...mtSics, ask: "S" }, "S\r\n", weighs(500)],
    ["W", toledo8213, "W", shows(500)],
  ])("%s: asked once, and again everyMs later", (_name, dialect, question, answer) => {
    const scale = scaleOf(dialect);
    expect(scale.asked()).toBe(question);
    scale.say(answer);
    expect(scale.weights()).toEqual([500]);
    scale.clock.runFor(88);
    expect(scale.asked()).toBe("");
    scale.clock.runFor(10);
    expect(scale.asked()).toBe(question);
  });

  it.each([
    ["MT-SICS", mtSics, weighs(500), weighs(800)],
    ["8213", toledo8213, shows(500), shows(800)],
  ])(
    "%s: a weight that nobody asked for is counted, never told",
    (_name, dialect, first, second) => {
      const scale = scaleOf(dialect);
      scale.say(first);
      scale.say(second);
      expect(scale.weights()).toEqual([500]);
      expect(scale.counter("unaskedTotal")).toBe(1);
      expect(scale.health().state).toBe("receiving");
    },
  );

  it("what a gateway has kept of a wire that was away is no answer beyond the first", () => {
    const scale = scaleOf(mtSics);
    scale.say(weighs(500));
    scale.wire.cut("cut");
    scale.clock.runFor(50);
    scale.asked();
    scale.wire.restore();
    scale.say(bytes(text(weighs(0)) + text(weighs(800)) + text(weighs(900))));
    expect(scale.asked()).toBe("SI\r\n");
    expect(scale.weights()).toEqual([500]);
    expect(scale.counter("unaskedTotal")).toBe(2);
  });

  it("is asked again when no answer comes within answerWithinMs", () => {
    const scale = scaleOf(mtSics);
    scale.asked();
    scale.clock.runFor(290);
    expect(scale.asked()).toBe("");
    scale.clock.runFor(10);
    expect(scale.asked()).toBe("SI\r\n");
    scale.clock.runFor(900);
    expect(scale.asked()).toBe("SI\r\n".repeat(3));
  });

  it("is not asked after stop, nor while the wire is away", async () => {
    const scale = scaleOf(mtSics);
    scale.wire.cut("cut");
    scale.asked();
    scale.clock.runFor(10_000);
    expect(scale.asked()).toBe("");
    expect(scale.clock.pendingCount()).toBe(0);
    scale.wire.restore();
    scale.clock.runFor(5);
    expect(scale.asked()).toBe("SI\r\n");
    await close();
    scale.clock.runFor(1_000);
    expect(scale.asked()).toBe("");
  });
});

describe("a scale that repeats", () => {
  it("is asked once, and again after a silence and after it was switched on", () => {
    const scale = scaleOf({ kind: "mt-sics", ask: "SIR", answerWithinMs: 300 });
    expect(scale.asked()).toBe("SIR\r\n");
    for (let turn = 0; turn < 20; turn += 1) {
      scale.say(weighs(turn < 10 ? 500 : 0));
      scale.clock.runFor(95);
    }
    expect(scale.asked()).toBe("");
    expect(scale.weights()).toEqual([500]);
    scale.say(encodeMtSics({ kind: "started", serialNumber: "12" }));
    expect(scale.asked()).toBe("SIR\r\n");
    scale.clock.runFor(300);
    expect(scale.asked()).toBe("SIR\r\n");
  });
});

describe("no weight", () => {
  it.each([
    ["in motion", weighs(500, true), "inMotionTotal"],
    ["overload", encodeMtSics({ kind: "refusal", why: "overload" }), "outOfRangeTotal"],
    ["underload", encodeMtSics({ kind: "refusal", why: "underload" }), "outOfRangeTotal"],
    ["not executable", encodeMtSics({ kind: "refusal", why: "notExecutable" }), "notReadyTotal"],
    ["below nothing", bytes("S S      -3.00 g\r\n"), "negativeTotal"],
  ])("PR3.3-2, PR3.3-3: MT-SICS, %s", (_name, answer, total) => {
    const scale = scaleOf(mtSics);
    scale.say(answer);
    expect(scale.counter(total)).toBe(1);
    expect(scale.weights()).toEqual([]);
    expect(scale.health()).toMatchObject({ state: "receiving", reason: null });
  });

  it.each([
    ["in motion", { isInMotion: true }, "inMotionTotal"],
    ["out of range", { isOutOfRange: true, isInMotion: true }, "outOfRangeTotal"],
    ["below nothing", { isUnderZero: true }, "negativeTotal"],
    ["for no reason it tells", {}, "notReadyTotal"],
  ])("PR3.2-2: 8213, %s", (_name, status, total) => {
    const scale = scaleOf(toledo8213);
    const format = { unit: "kg", digits: 5, decimals: 3 } as const;
    scale.say(encodeToledo8213({ kind: "refusal", ...status }, format));
    expect(scale.counter(total)).toBe(1);
    expect(scale.weights()).toEqual([]);
    expect(scale.health()).toMatchObject({ state: "receiving", reason: null });
  });

  it.each([
    ["ES", "ES: syntax error"],
    ["ET", "ET: transmission error"],
    ["EL", "EL: logical error"],
  ] as const)("PR3.3-4: %s is refused by name, and the scale is not received", (code, detail) => {
    const scale = scaleOf(mtSics);
    scale.answering(encodeMtSics({ kind: "error", code }));
    scale.clock.runFor(3_000);
    const { state, reason } = scale.health();
    expect(state).toBe("down");
    expect(reason).toMatchObject({ code: "commandRefused", detail });
    expect(scale.weights()).toEqual([]);
  });

  it("a unit that is none of weight here is named", () => {
    const scale = scaleOf(mtSics);
    scale.say(bytes("S S     500.00 ct\r\n"));
    expect(scale.health().reason).toMatchObject({
      code: "badMessage",
      detail: "the unit ct is none of g, kg, lb, oz",
    });
    expect(scale.weights()).toEqual([]);
  });

  it("motion between two readings breaks the row", () => {
    const scale = scaleOf(mtSics, { thresholdG: 10, toleranceG: 5, settledReadings: 2 });
    for (const answer of [weighs(500), weighs(500, true), weighs(500)]) {
      scale.say(answer);
      scale.clock.runFor(100);
    }
    expect(scale.weights()).toEqual([]);
    scale.say(weighs(500));
    expect(scale.weights()).toEqual([500]);
  });
});

describe("another dialect than the configured one is named", () => {
  const said = {
    "Toledo continuous": encodeToledo({ grams: 1_234, isInMotion: false }, defaultToledoFormat),
    "Toledo 8213": shows(1_234),
    "MT-SICS": weighs(1_234),
  };
  const toledo = { kind: "toledo" };
  const frames = { kind: "frames", preset: "sick", codeFields: [] };
  it.each([
    ["Toledo continuous", toledo8213],
    ["Toledo continuous", mtSics],
    ["Toledo continuous", frames],
    ["Toledo 8213", toledo],
    ["Toledo 8213", mtSics],
    ["MT-SICS", toledo],
    ["MT-SICS", toledo8213],
    ["MT-SICS", frames],
  ] as const)("%s, where %j is configured", (name, dialect) => {
    const scale = scaleOf(dialect);
    for (let turn = 0; turn < 10; turn += 1) {
      scale.say(said[name]);
      scale.clock.runFor(250);
    }
    expect(scale.health().reason).toMatchObject({ code: "otherDialect", detail: name });
    expect(scale.weights()).toEqual([]);
  });

  it("a Toledo frame is known with its tare digits left out, and 8213 by its refusals", () => {
    const short = { ...defaultToledoFormat, hasTare: false };
    const inShort = scaleOf(mtSics);
    inShort.say(encodeToledo({ grams: 35, isInMotion: true }, short));
    expect(inShort.health().reason?.detail).toBe("Toledo continuous");
    const refusing = scaleOf(mtSics);
    refusing.say(bytes("\x02?A\r"));
    expect(refusing.health().reason?.detail).toBe("Toledo 8213");
  });

  it("bytes that are nobody's are not", () => {
    const scale = scaleOf(toledo8213);
    scale.say(bytes("\x02hello\r S S is what it said\r\n"));
    expect(scale.health().reason?.code).toBe("badFrames");
  });

  it("and a good frame ends it: what comes damaged then is only that", () => {
    const scale = scaleOf(toledo);
    scale.say(said["MT-SICS"]);
    expect(scale.health().reason?.code).toBe("otherDialect");
    scale.say(said["Toledo continuous"]);
    scale.say(bytes("zz"));
    expect(scale.health().reason?.code).toBe("badFrames");
  });
});

describe("configuration", () => {
  const parse = (dialect: object) =>
    zScaleConfig.safeParse({
      id: "scale-1",
      reach: { kind: "serial", path: "/dev/scale" },
      dialect,
    });
  const issueOf = (dialect: object) => {
    const [issue] = parse(dialect).error?.issues ?? [];
    return `${issue?.path.join(".")}: ${issue?.message}`;
  };

  it("8213 says its unit and decimals, or is refused", () => {
    expect(parse({ kind: "toledo-8213", unit: "kg", decimals: 3 }).success).toBe(true);
    expect(issueOf({ kind: "toledo-8213", decimals: 3 })).toMatch(/^dialect\.unit: /);
    expect(issueOf({ kind: "toledo-8213", unit: "kg" })).toMatch(/^dialect\.decimals: /);
    expect(issueOf({ kind: "toledo-8213", unit: "kg", digits: 4, decimals: 5 })).toMatch(
      /^dialect\.decimals: must be less than digits/,
    );
  });

  it("a pace belongs to questions, not to a scale that repeats", () => {
    expect(parse({ kind: "mt-sics" }).success).toBe(true);
    expect(issueOf({ kind: "mt-sics", ask: "SIR", everyMs: 50 })).toMatch(/^dialect\.everyMs: /);
  });

  it("one lost answer is no silence: 2,499 ms yes, 2,500 no", () => {
    expect(parse({ ...mtSics, answerWithinMs: 2_499 }).success).toBe(true);
    expect(issueOf({ ...mtSics, answerWithinMs: 2_500 })).toMatch(
      /^dialect\.answerWithinMs: must be less than staleAfterMs/,
    );
  });

  it("is carried by bytes alone", () => {
    const reach = { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1:1883", base: "L1/scale" };
    const { error } = zScaleConfig.safeParse({ id: "scale-1", reach, dialect: mtSics });
    expect(error?.issues[0]?.message).toMatch(/mt-sics cannot be carried by MQTT/);
  });
});
