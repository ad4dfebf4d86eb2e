/**
 * Goal: what is printed on a parcel becomes its waybill number only when it proves itself, and two
 * different numbers become a conflict.
 * Method: public vectors of UPU S10 and of GS1's own engine, and reads as scanners send them.
 */
import { describe, expect, it } from "vitest";
import { aimSymbologies, parseAim } from "../../protocols/barcode/aim.ts";
import { carrierIds, carrierPatterns } from "../../protocols/barcode/carriers.ts";
import { parseGs1 } from "../../protocols/barcode/gs1.ts";
import { checkS10, s10CheckDigit } from "../../protocols/barcode/s10.ts";
import {
  defaultCarriers,
  waybillOf,
  zWaybillCarrier,
  type WaybillRules,
} from "../../protocols/barcode/waybill.ts";
import { compilePattern, patternFault } from "../../protocols/safe-pattern.ts";

describe("UPU S10", () => {
  it.each(["RB123456785GB", "RB123456785US", "RB123456785CV", "RB123456785CF"])(
    "PR2.1-1: %s is valid",
    (text) => {
      expect(checkS10(text)).toEqual({ kind: "valid", service: "RB", country: text.slice(-2) });
    },
  );

  it.each([
    ["RB123456786US", "checkDigit"],
    ["RB123456785XX", "country"],
    ["JB123456785GB", "service"],
    ["KZ123456785GB", "service"],
  ])("PR2.1-2, PR2.1-3, PR2.1-7: %s is invalid: %s", (text, why) => {
    expect(checkS10(text)).toEqual({ kind: "invalid", why });
  });

  it.each([
    "rb123456785gb",
    "RB12345678GB",
    "RB1234567855GB",
    " RB123456785GB",
    "RB123456785G1",
    "",
  ])("%j is no S10 at all", (text) => expect(checkS10(text)).toEqual({ kind: "notS10" }));

  it.each([
    ["47312482", 9],
    // Remainder 1 gives 10, which stands as 0.
    ["10000014", 0],
    ["10000175", 0],
    ["10000245", 0],
    // Remainder 0 gives 11, which stands as 5.
    ["10000021", 5],
    ["10000182", 5],
    ["10000252", 5],
  ])("PR2.1-4, PR2.1-5, PR2.1-6: check digit of %s is %i", (serial, check) =>
    expect(s10CheckDigit(serial)).toBe(check),
  );
});

describe("GS1", () => {
  const sscc = "106141411234567897";
  it.each([
    [`00${sscc}`, [["00", sscc]]],
    [
      `00${sscc}4307US`,
      [
        ["00", sscc],
        ["4307", "US"],
      ],
    ],
    [
      "01095060001343521726123110ABC",
      [
        ["01", "09506000134352"],
        ["17", "261231"],
        ["10", "ABC"],
      ],
    ],
    // FNC1 arrives as GS: needed behind what has no fixed length, allowed behind what has.
    [
      `00${sscc}\u001d420100\u001d403R7`,
      [
        ["00", sscc],
        ["420", "100"],
        ["403", "R7"],
      ],
    ],
    [
      `00${sscc}3300001234`,
      [
        ["00", sscc],
        ["3300", "001234"],
      ],
    ],
    ["40212345678901234560", [["402", "12345678901234560"]]],
  ])("PR2.2-4, PR2.2-5, PR2.2-8: %j", (text, elements) => {
    expect(parseGs1(text)).toEqual({
      kind: "valid",
      elements: elements.map(([ai, value]) => ({ ai, value })),
    });
  });

  it.each([
    ["00106141411234567898", "00", "checkDigit"],
    [`00${sscc}10ABC`, "10", "requiredMissing"],
    ["403R7", "403", "requiredMissing"],
    [`00${sscc}420100\u001d421156100`, "420", "excludedPresent"],
    ["0010614141123456789", "00", "wrongLength"],
    [`00${sscc}4307USA`, "4307", "wrongLength"],
    ["00A06141411234567897", "00", "wrongCharacter"],
    [`00${sscc}400A~B`, "400", "wrongCharacter"],
    [`00${sscc}00006141410000000012`, "00", "repeatedWithOtherValue"],
    [`00${sscc}89X`, null, "unknownIdentifier"],
  ])("PR2.2-2, PR2.2-6, PR2.2-9: %j is refused at %j: %s", (text, ai, why) => {
    expect(parseGs1(text)).toEqual({ kind: "invalid", ai, why });
  });
});

describe("AIM identifiers", () => {
  it("PR2.2-7, PR2.3-2: says what is GS1 data and what is retail", () => {
    const gs1 = ["]C1", "]d2", "]d5", "]Q3", "]Q4", "]J1", "]J4", "]e0"];
    const others = ["]C0", "]C2", "]d1", "]d4", "]Q1", "]Q2", "]Q5", "]A0", "]E0"];
    expect(gs1.map((aim) => parseAim(aim)?.isGs1)).toEqual(gs1.map(() => true));
    expect(others.map((aim) => parseAim(aim)?.isGs1)).toEqual(others.map(() => false));
    expect(parseAim("]E0")?.isRetail).toBe(true);
    expect(parseAim("C1")).toBeNull();
  });

  it.each([
    ["A", "Code 39"],
    ["C", "Code 128"],
    ["d", "Data Matrix"],
    ["E", "EAN/UPC"],
    ["e", "GS1 DataBar"],
    ["F", "Codabar"],
    ["G", "Code 93"],
    ["H", "Code 11"],
    ["h", "Han Xin"],
    ["I", "Interleaved 2 of 5"],
    ["J", "DotCode"],
    ["L", "PDF417"],
    ["M", "MSI"],
    ["Q", "QR Code"],
    ["S", "2 of 5"],
    ["U", "MaxiCode"],
    ["X", "other"],
    ["z", "Aztec"],
  ])("PR2.3-1: %s is %s", (letter, name) => {
    expect(Object.entries(aimSymbologies)).toContainEqual([letter, name]);
    expect(parseAim(`]${letter}0`)?.symbology).toBe(letter);
  });
});

describe("the waybill of a read", () => {
  const rules: WaybillRules = { carriers: [...defaultCarriers] };
  const codes = (...texts: string[]) =>
    texts.map((text) => {
      const aim = /^\]../.exec(text)?.[0] ?? null;
      return { text: aim === null ? text : text.slice(3), aim };
    });
  const one = (waybill: string) => ({ kind: "one", waybill });
  const none = { kind: "none" };

  it.each([
    [codes("RB123456785GB"), one("RB123456785GB")],
    [codes("]C0RB123456785GB"), one("RB123456785GB")],
    [codes("]C100106141411234567897"), one("106141411234567897")],
    [codes("]Q3001061414112345678974307US"), one("106141411234567897")],
    [codes("]d500106141411234567897"), one("106141411234567897")],
    [codes("]Q400106141411234567897"), one("106141411234567897")],
    [codes("]Q4\\00002600106141411234567897"), one("106141411234567897")],
    [codes("]C1(00)106141411234567897"), one("106141411234567897")],
    [codes("]C1(00)106141411234567897(4307)US"), one("106141411234567897")],
    [codes("]C1[00]106141411234567897"), one("106141411234567897")],
    [codes("]C1[00]106141411234567897[4307]US"), one("106141411234567897")],
    [codes("]C1\u001d00106141411234567897"), one("106141411234567897")],
    [codes("]C1 00106141411234567897 "), one("106141411234567897")],
    [codes("  RB123456785GB "), one("RB123456785GB")],
    [codes("YT1234567890123"), one("YT1234567890123")],
    [codes("YT1234567890123456"), one("YT1234567890123456")],
    [codes("SF1234567890123"), one("SF1234567890123")],
  ])("PR2.2-1, PR2.2-3, PR2.4-2: %j", (read, reading) =>
    expect(waybillOf(read, rules)).toEqual(reading),
  );

  it("law 2: nothing that proves itself is none", () => {
    for (const read of [
      codes(),
      codes("RB123456786GB"),
      codes("]C100106141411234567898"),
      codes("]C1(00)106141411234567898"),
      codes("]C1(00)10614141123456789"),
      codes("]C1(00)106141411234567897(00)006141410000000012"),
      codes("]C1((00)106141411234567897"),
      codes("]C1[00)106141411234567897"),
      codes("]C1[00]106141411234567898"),
      codes("]C1000000000000000000000000"),
      codes("]C1 00000000000000000000"),
      codes("RB 123456786GB"),
      codes("]C0(00)106141411234567897"),
      codes("]E06901234567892"),
      codes("123456"),
      codes("YT123456789012"),
      codes("XRB123456785GB"),
    ]) {
      expect(waybillOf(read, rules)).toEqual(none);
    }
  });

  it("law 2, PR1.3-12: two different valid numbers are a conflict, the same twice is one", () => {
    expect(waybillOf(codes("RB123456785GB", "]C0RB123456785GB"), rules)).toEqual(
      one("RB123456785GB"),
    );
    expect(waybillOf(codes("RB123456785GB", "YT1234567890123"), rules)).toEqual({
      kind: "several",
      waybills: ["RB123456785GB", "YT1234567890123"],
    });
  });

  it("what is put between the parts of a number is no part of it", () => {
    for (const text of ["RB-123456785-GB", "RB 123 456 785 GB", "rb/123.456.785/gb"]) {
      expect(waybillOf(codes(text), rules)).toEqual(one("RB123456785GB"));
      expect(waybillOf(codes(text, "RB123456785GB"), rules)).toEqual(one("RB123456785GB"));
    }
    const own = { carrier: "own", pattern: "ab-\\d{4}" };
    expect(waybillOf(codes("ab-1234"), { carriers: [own] })).toEqual(one("AB1234"));
    expect(waybillOf(codes("ab1234"), { carriers: [own] })).toEqual(none);
  });

  it("codes of goods and routes beside the waybill are ignored", () => {
    const read = codes("]E06901234567892", "RB123456785GB", "]C0ROUTE-7", "]C1403R7");
    expect(waybillOf(read, rules)).toEqual(one("RB123456785GB"));
  });

  it("a retail code is no waybill even where a carrier's numbers look the same", () => {
    const ztoToo: WaybillRules = { carriers: ["ems"] };
    expect(waybillOf(codes("9901234567895"), ztoToo)).toEqual(one("9901234567895"));
    expect(waybillOf(codes("]E09901234567895"), ztoToo)).toEqual(none);
  });

  it("what looks like S10 is judged by its check digit, even if a pattern would take it", () => {
    const own = { carrier: "anything", pattern: "[A-Z0-9]{13}" };
    expect(waybillOf(codes("RB123456786GB"), { carriers: ["s10", own] })).toEqual(none);
    expect(waybillOf(codes("RB123456786GB"), { carriers: [own] })).toEqual(one("RB123456786GB"));
  });

  it("a carrier that nobody knows is refused, in configuration and in code", () => {
    expect(zWaybillCarrier.safeParse("yto").success).toBe(true);
    expect(zWaybillCarrier.safeParse("nobody").success).toBe(false);
    expect(zWaybillCarrier.safeParse({ carrier: "x", pattern: "(x" }).success).toBe(false);
    expect(() => waybillOf([], { carriers: ["nobody"] })).toThrow(/nobody/);
  });

  const digits = (count: number) => "1234567890123456789".slice(0, count);
  it.each([
    ["PR2.4-1", "sf", [`SFA${digits(12)}`, `SF1${digits(12)}`], [`SFA${digits(11)}`, digits(12)]],
    ["PR2.4-1", "yto", [`YT${digits(13)}`], [`YT${digits(12)}`, `YT${digits(16)}`]],
    ["PR2.4-1", "jt", [`JT${digits(13)}`], [`JT${digits(14)}`]],
    ["PR2.4-1", "zto", [`73${digits(12)}`, `78${digits(12)}`], [`72${digits(12)}`]],
    ["PR2.4-1", "sto", [`77${digits(12)}`, `43${digits(15)}`], [`77${digits(11)}`]],
    ["PR2.4-1", "yunda", [`3${digits(14)}`, `5${digits(12)}`], [`5${digits(13)}`]],
    ["PR2.4-1", "ems", [`9${digits(12)}`, `PX${digits(11)}`], [`2${digits(12)}`]],
    ["PR2.4-1", "jd", [`JDA1${digits(11)}`], [`JD${digits(11)}`]],
    ["PR2.4-1", "deppon", [`DPK${digits(12)}`], [`DPK${digits(13)}`]],
    ["PR2.4-1", "cainiao", [`621${digits(12)}`], [`622${digits(12)}`]],
    ["PR2.4-2", "yunExpress", [`YT${digits(16)}`], [`YT${digits(13)}`]],
    ["PR2.4-3", "gofo", [`GFUS${digits(14)}`], [`GFUS${digits(13)}`]],
  ] as const)("%s: %s has %j and not %j", (_id, carrier, its, others) => {
    const isIts = (text: string) => compilePattern(carrierPatterns[carrier]).test(text);
    expect(its.map(isIts)).toEqual(its.map(() => true));
    expect(others.map(isIts)).toEqual(others.map(() => false));
  });

  it("every carrier's pattern is a safe pattern that matches whole codes only", () => {
    for (const id of carrierIds) expect(patternFault(carrierPatterns[id])).toBeNull();
    expect(compilePattern(carrierPatterns.yto).test("YT12345678901234")).toBe(false);
  });
});

describe("safe patterns", () => {
  it.each(["(a+)+", "(?:a)", "a**", "a{1,999}", "a*b*c*", "[z-a]", "^a", "a$", "\\1", "a{", "["])(
    "%s is refused",
    (pattern) => {
      const result = zWaybillCarrier.safeParse({ carrier: "x", pattern });
      expect(result.success).toBe(false);
    },
  );

  it.each([
    ["a|b", "b", true],
    ["a|b", "ab", false],
    ["[^A-C]\\d{2}", "D12", true],
    ["\\|\\|.*", "||1[0]", true],
    [".+", "a\nb", true],
    ["a?b+", "bb", true],
  ])("%s on %j: %s", (pattern, text, isMatch) => {
    expect(compilePattern(pattern).test(text)).toBe(isMatch);
  });

  it("the worst allowed pattern is quick on the longest text", () => {
    const worst = compilePattern(".*.*x");
    const startedAt = performance.now();
    expect(worst.test("a".repeat(4_096))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
