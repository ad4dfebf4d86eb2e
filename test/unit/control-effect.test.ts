import { describe, expect, test } from "vitest";
import { newPassBook, takeFact } from "../../edge/centre/lines/passes.ts";
import { controlEffect } from "../../edge/centre/officers/controls.ts";
import type { Fact } from "../../protocols/facts.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { centreConfig } from "../centre/kit/config.ts";

/**
 * Goal: whoever places a control hears that somebody has to look for its parcel as long as nobody can
 * say that it never was on a belt (PF-22). Method: the answer for books that tell of it or do not.
 */
const waybill = "AN0001";
const passId = "L1-e-1";
const begun: readonly Fact[] = [
  { kind: "inducted", passId, frontCount: beltCount(10) },
  { kind: "identified", passId, waybill, deviceId: "s" },
];
const left = (exit: "green" | "inspection"): Fact => {
  return { kind: "left", passId, exit, expected: exit, count: beltCount(99) };
};
const sessionOpened: Fact = {
  kind: "sessionOpened",
  epoch: "e2",
  configHash: "c".repeat(64),
  logicVersion: "1",
};

const effectAfter = (facts: readonly Fact[], areStoriesRead: boolean, isDocumented = true) => {
  const passes = newPassBook();
  for (const [index, fact] of facts.entries()) {
    const stamped = { lineId: "L1", wallAt: epochMs(index), count: beltCount(index), fact };
    takeFact(passes, stamped, { chain: "agent-L1", seq: index + 1 });
  }
  const config = centreConfig();
  const countNow = () => beltCount(11);
  return controlEffect(waybill, { config, passes, countNow, isDocumented, areStoriesRead });
};

describe("what a control can still do", () => {
  test.each([
    ["a parcel that never came", [], true, "waiting"],
    ["one of which nothing can be said before the stories are read", [], false, "unseen"],
    ["one that is on its belt", begun, false, "onBelt"],
    ["one that left by green", [...begun, left("green")], false, "intercept"],
    ["one that was opened", [...begun, left("inspection")], true, "waiting"],
    ["one of whose later pass may still be told", [...begun, left("inspection")], false, "unseen"],
    ["one that nobody saw leave", [...begun, sessionOpened], true, "unseen"],
  ] as const)("%s", (_name, facts, areStoriesRead, effect) => {
    expect(effectAfter(facts, areStoriesRead)).toBe(effect);
  });

  test("a number of which nobody has told is named as such", () => {
    expect(effectAfter([], true, false)).toBe("undocumented");
    expect(effectAfter([], false, false)).toBe("unseen");
  });
});
