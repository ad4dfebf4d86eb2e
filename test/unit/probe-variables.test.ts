/**
 * Goal: what a probe finds odd in a controller's variables is odd, and what is only seldom is not.
 * Method: readings and writes told by hand.
 */
import { describe, expect, test } from "vitest";
import { VariablesWatch } from "../../edge/probe/variables-seen.ts";
import type { VariableValue } from "../../edge/devices/variables.ts";

function watch(...readings: readonly Readonly<Record<string, VariableValue>>[]): VariablesWatch {
  const variables = new VariablesWatch();
  for (const [key, value] of Object.entries(readings[0] ?? {})) {
    const turned = key === "count" ? 1 : null;
    const found = { key, place: "input 0", type: "u32", value, turned };
    variables.onWire({ kind: "found", variables: [found] });
  }
  for (const values of readings) {
    variables.onWire({ kind: "readings", values: new Map(Object.entries(values)) });
  }
  return variables;
}

const counts = (...shown: readonly number[]) => watch(...shown.map((count) => ({ count })));

describe("registers that are the other way round", () => {
  test("change by whole turns of the low one, three times", () => {
    expect(counts(5, 65_541, 131_077, 196_613).seen().turnedKeys).toEqual(["count"]);
  });

  test("are not told after two, nor when one change was another", () => {
    expect(counts(5, 65_541, 131_077).seen().turnedKeys).toEqual([]);
    expect(counts(5, 65_541, 131_077, 196_613, 196_614).seen().turnedKeys).toEqual([]);
    // Ten turns, and the other register has run over once among them: by one turn and one more.
    const turns = Array.from({ length: 11 }, (_, turn) => turn * 65_536 + (turn > 5 ? 1 : 0));
    expect(counts(...turns).seen().turnedKeys).toEqual(["count"]);
    expect(counts(...turns.slice(0, 8)).seen().turnedKeys).toEqual([]);
  });

  test("are two: what stands in one register is no such number", () => {
    const life = [0, 65_536, 131_072, 196_608].map((fromPlc) => ({ "life.fromPlc": fromPlc }));
    expect(watch(...life).seen().turnedKeys).toEqual([]);
  });
});

describe("a sign of life", () => {
  test("that has never changed is told with what it was", () => {
    expect(watch({ "life.fromPlc": 7 }, { "life.fromPlc": 7 }).seen().stoodLife).toBe(7);
  });

  test("that has changed, if only for once, or was never read is not", () => {
    const back = watch({ "life.fromPlc": 7 }, { "life.fromPlc": 8 }, { "life.fromPlc": 7 });
    expect(back.seen().stoodLife).toBeNull();
    expect(watch({}).seen().stoodLife).toBeNull();
  });
});

describe("our word", () => {
  const write = { kind: "write", values: [["echo.toPlc", 4_711]] } as const;

  test("is missing when it was written and never shown", () => {
    const variables = watch({ "echo.fromPlc": 0 });
    expect(variables.seen().isEchoMissing).toBe(false);
    variables.onWire(write);
    variables.onWire({ kind: "readings", values: new Map([["echo.fromPlc", 0]]) });
    expect(variables.seen().isEchoMissing).toBe(true);
  });

  test("is not once it has come back", () => {
    const variables = watch({ "echo.fromPlc": 0 });
    variables.onWire(write);
    variables.onWire({ kind: "readings", values: new Map([["echo.fromPlc", 4_711]]) });
    expect(variables.seen().isEchoMissing).toBe(false);
  });
});
