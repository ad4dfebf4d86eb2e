// Goal: goods find the conditions that hold for them, in their direction, and draws are what the
// specification says. Method: small rule tables and single manifests; draws against node's HMAC.
import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { HsRule } from "../../edge/clearance/config.ts";
import { digestManifest } from "../../edge/clearance/digests.ts";
import { createDraw } from "../../edge/clearance/draws.ts";
import { compileRules, goodsReasons } from "../../edge/clearance/licence-rules.ts";
import { documentsOf } from "./clearance-kit.ts";

const rule = (prefix: string, licences: string, taxable: HsRule["taxable"] = []): HsRule => ({
  prefix,
  licences,
  taxable,
  source: "test",
});

interface Goods {
  readonly codes: readonly string[];
  readonly flag?: "A" | "B";
  readonly ieFlag?: "E" | "I";
}

function codesFor(rules: readonly HsRule[], { codes, flag = "B", ieFlag = "E" }: Goods): string[] {
  const { manifest } = documentsOf("RU0001");
  const list = codes.map((gcode, index) => ({ ...manifest.list[0]!, gnum: index + 1, gcode }));
  const head = { ...manifest.head, statisticsFlag: flag, ieFlag };
  const digest = digestManifest({ ...manifest, head, list });
  return goodsReasons(digest, compileRules(rules)).map(({ code }) => code);
}

describe("ZJG-20: licence rules by HS prefix", () => {
  test("the longest prefix speaks alone", () => {
    const rules = [rule("81", "4"), rule("8105", ""), rule("8105202000", "8")];
    expect(codesFor(rules, { codes: ["8101000000"] })).toEqual(["licenceRequired"]);
    expect(codesFor(rules, { codes: ["8105909000"] })).toEqual([]);
    expect(codesFor(rules, { codes: ["8105202000"] })).toEqual(["prohibitedGoods"]);
  });

  test("one red line of goods makes the manifest red", () => {
    const rules = [rule("8105", "4")];
    expect(codesFor(rules, { codes: ["6115299000", "8105202000"] })).toEqual(["licenceRequired"]);
  });

  test.each([
    ["8", "E", ["prohibitedGoods"]],
    ["8", "I", []],
    ["9", "E", []],
    ["9", "I", ["prohibitedGoods"]],
    ["B", "E", ["quarantineLedgerRequired"]],
    ["B", "I", []],
    ["A", "E", []],
    ["A", "I", ["quarantineLedgerRequired"]],
    ["4", "E", ["licenceRequired"]],
    ["4", "I", []],
    ["1", "E", []],
    ["1", "I", ["licenceRequired"]],
    ["W", "E", ["licenceRequired"]],
    ["W", "I", ["licenceRequired"]],
  ] as const)("code %s in direction %s", (licences, ieFlag, reasons) => {
    expect(codesFor([rule("8105", licences)], { codes: ["8105202000"], ieFlag })).toEqual(reasons);
  });

  test("case matters: F is endangered species on import, f is media", () => {
    for (const licences of ["b", "B"]) {
      const found = codesFor([rule("8105", licences)], { codes: ["8105202000"] });
      expect(found).toEqual(licences === "B" ? ["quarantineLedgerRequired"] : []);
    }
  });

  test("a code that nobody knows is a demand", () => {
    expect(codesFor([rule("8105", "2N")], { codes: ["8105202000"] })).toEqual(["licenceRequired"]);
  });

  test("ZJG-22: duty counts in its direction only", () => {
    const rules = [rule("7202", "", ["export"])];
    expect(codesFor(rules, { codes: ["7202600000"] })).toEqual(["taxRelated"]);
    expect(codesFor(rules, { codes: ["7202600000"], ieFlag: "I" })).toEqual([]);
  });

  test("flag A with NNNN000000 inherits every condition below its heading", () => {
    const rules = [
      rule("81", ""),
      rule("8105202000", "4"),
      rule("81053000", "8"),
      rule("8106", "B"),
    ];
    const padded = { codes: ["8105000000"] };
    expect(codesFor(rules, { ...padded, flag: "A" })).toEqual([
      "prohibitedGoods",
      "licenceRequired",
    ]);
    expect(codesFor(rules, { ...padded, flag: "B" })).toEqual([]);
    expect(codesFor(rules, { codes: ["8105900000"], flag: "A" })).toEqual([]);
  });

  test("a true code that ends in zeros keeps its own rule beside the inherited ones", () => {
    const rules = [rule("0409000000", "B"), rule("04090010", "4")];
    expect(codesFor(rules, { codes: ["0409000000"], flag: "A" })).toEqual([
      "licenceRequired",
      "quarantineLedgerRequired",
    ]);
    expect(codesFor(rules, { codes: ["0409000000"], flag: "B" })).toEqual([
      "quarantineLedgerRequired",
    ]);
  });
});

describe("ZJG-24: draws", () => {
  test("HMAC-SHA256(secret, manifestNo) / 2^256 < rate", () => {
    for (const secretHex of ["ab".repeat(32), "01".repeat(64), "7f".repeat(100)]) {
      const draw = createDraw(secretHex);
      for (let index = 0; index < 200; index += 1) {
        const manifestNo = `M${index}`;
        const digest = createHmac("sha256", Buffer.from(secretHex, "hex")).update(manifestNo);
        const share = Number(BigInt(`0x${digest.digest("hex")}`)) / 2 ** 256;
        expect(draw(manifestNo, share * 1.000001)).toBe(true);
        expect(draw(manifestNo, share * 0.999999)).toBe(false);
      }
    }
  });

  test("rate 0 draws nobody, rate 1 everybody", () => {
    const draw = createDraw("cd".repeat(32));
    const numbers = Array.from({ length: 100 }, (_, index) => `M${index}`);
    expect(numbers.filter((each) => draw(each, 0))).toEqual([]);
    expect(numbers.filter((each) => draw(each, 1))).toEqual(numbers);
  });
});
