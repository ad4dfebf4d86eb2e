/**
 * Goal: canonical JSON has one text for one value and refuses what JSON would lose.
 * Method: texts fixed by hand, among them the number and key samples of RFC 8785, section 3.2.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson, depthMax } from "../../edge/journal/canonical-json.ts";

const textOf = (value: unknown): string => {
  const outcome = canonicalJson(value);
  if (outcome.kind === "refused") throw new Error(`${outcome.path}: ${outcome.why}`);
  return outcome.text;
};

describe("canonical JSON (law 11)", () => {
  it.each<[unknown, string]>([
    [null, "null"],
    [true, "true"],
    [-0, "0"],
    [Number("333333333.33333329"), "333333333.3333333"],
    [1e30, "1e+30"],
    [4.5, "4.5"],
    [2e-3, "0.002"],
    [0.000000000000000000000000001, "1e-27"],
    ['€$\u000F\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    ["\uD800", '"\\ud800"'],
    [[1, [], {}], "[1,[],{}]"],
    [{ b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ])("of %j", (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  it.each([2, 31, 32, 33, 200])("sorts %i keys alike, however they came", (total) => {
    const keys = Array.from({ length: total }, (_, index) => `k${(index * 7_919) % 1_009}`);
    const text = textOf(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(text).toBe(
      `{${[...keys]
        .sort()
        .map((key) => `"${key}":0`)
        .join(",")}}`,
    );
  });

  it("sorts keys by UTF-16 units (RFC 8785, section 3.2.3)", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
    const value = Object.fromEntries(keys.map((key) => [key, 0]));
    expect(Object.keys(JSON.parse(textOf(value)) as object)).toHaveLength(7);
    const order = ['"\\r"', '"1"', '"\u0080"', '"ö"', '"€"', '"😀"', '"\ufb33"'];
    expect(textOf(value)).toBe(`{${order.map((key) => `${key}:0`).join(",")}}`);
  });

  it.each<[string, unknown, string]>([
    ["undefined", { event: { codes: [{}, { text: undefined }] } }, "event.codes[1].text"],
    ["NaN", [Number.NaN], "[0]"],
    ["Infinity", { a: Number.POSITIVE_INFINITY }, "a"],
    ["a function", { a: () => 1 }, "a"],
    ["a symbol", { a: Symbol("s") }, "a"],
    ["a bigint", { a: 1n }, "a"],
    ["a Date", { at: new Date(0) }, "at"],
    ["a Map", { at: new Map() }, "at"],
    ["bytes", { pixels: new Uint8Array(2) }, "pixels"],
    ["a hole", Object.assign([], { 0: 1, length: 2 }), "[1]"],
    ["undefined itself", undefined, ""],
  ])("refuses %s and names where it is", (_, value, path) => {
    expect(canonicalJson(value)).toMatchObject({ kind: "refused", path });
  });

  it("refuses a cycle and what is nested too deeply, at the boundary", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(canonicalJson(cycle)).toMatchObject({ kind: "refused" });
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(canonicalJson(nested(depthMax))).toMatchObject({ kind: "text" });
    expect(canonicalJson(nested(depthMax + 1))).toMatchObject({ kind: "refused" });
  });
});
