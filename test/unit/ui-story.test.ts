// Goal: a story says lengths as a person does, and which device a reason is about.
// Method: facts and reasons as lines and centres send them, in both languages.
import { describe, expect, test } from "vitest";
import { shownStills } from "../../control-ui/web/story/shown-stills.ts";
import { factText } from "../../control-ui/web/story/fact-text.ts";
import { lengthText } from "../../protocols/words/length-text.ts";
import { inWords, reasonClause, reasonLabel } from "../../protocols/words/sentence.ts";
import { epochMs, beltCount } from "../../protocols/units.ts";
import type { Fact, StampedFact } from "../../protocols/facts.ts";
import { languages, voices } from "../../protocols/words/words.ts";

test("lengths are millimetres, and metres with one decimal from a metre on", () => {
  const said = [0, 320.4, 999.4, 999.6, 1_000, 13_164, -40].map(lengthText);
  expect(said).toEqual(["0 mm", "320 mm", "999 mm", "1.0 m", "1.0 m", "13.2 m", "-40 mm"]);
});

test("ZJG-44: a still's time is that of the moment it was asked for, however late it was kept", () => {
  const passId = "p1";
  const at = (ms: number, fact: Fact): StampedFact => ({
    lineId: "L1",
    wallAt: epochMs(ms),
    count: beltCount(0),
    fact,
  });
  const still = { kind: "pictured", passId, deviceId: "c", imageHash: "a".repeat(64) } as const;
  const facts = [
    at(1_000, { kind: "inducted", passId, frontCount: beltCount(0) }),
    at(2_000, { kind: "identified", passId, waybill: "W1", deviceId: "s" }),
    at(4_000, { kind: "identified", passId, waybill: "W1", deviceId: "s" }),
    // Stored 900 ms after it came.
    at(3_300, { ...still, moment: "identified", lateMs: 400 }),
    at(4_500, { ...still, moment: "identified", lateMs: 500 }),
    // The fact itself is not in the story any more.
    at(9_000, { ...still, moment: "left", lateMs: 60 }),
  ];
  expect(shownStills(facts).map(({ askedAt }) => askedAt)).toEqual([2_000, 4_000, 8_940]);
});

describe.each(languages)("in %s", (language) => {
  const voice = voices[language];

  test("a parcel's length and its distance from the one before", () => {
    const measured = { kind: "measured", passId: "p1", lengthMm: 320, gapMm: 13_164 } as const;
    const { what } = factText(measured, voice);
    expect(what).toContain("320 mm");
    expect(what).toContain("13.2 m");
    expect(factText({ ...measured, gapMm: null }, voice).what).not.toMatch(/[{}[\]]|undefined/);
  });

  test("a parcel's size stands beside its weight, where the scale has measured it", () => {
    const weighed = { kind: "weighed", passId: "p1", weightG: 1_250 } as const;
    const dimensionsMm = { length: 420, width: 310, height: 95 };
    expect(factText({ ...weighed, dimensionsMm }, voice).what).toMatch(
      /1\.250 kg.*420 × 310 × 95 mm$/,
    );
    expect(factText(weighed, voice).what).toMatch(/1\.250 kg$/);
  });

  test("a weight that came with another length names both", () => {
    const params = { lengthMm: 420, seenMm: 300 };
    const reason = reasonClause({ code: "weightUnsure", params }, voice);
    expect(reason).toMatch(/420 mm.*300 mm(?! mm)/);
    expect(reasonClause({ code: "weightUnsure" }, voice)).not.toMatch(/[{}[\]]|undefined/);
    const told = inWords({ ...params, weightG: 7 }, voice);
    expect(voice.find("alarm", "weighedLengthDiffers", told)).toMatch(/420 mm.*300 mm.*7 g/);
  });

  test("where an alarm is about a place, it is said in metres", () => {
    const params = inWords({ atMm: 12_400 }, voice);
    expect(voice.find("alarm", "trackingLost", params)).toMatch(/12\.4 m(?!m)/);
  });

  test.each(["deviceDown", "eventsLost"] as const)(
    "%s names its device where it is known",
    (code) => {
      const known = { code, params: { deviceId: "L1-scanner" } };
      expect(reasonLabel(known, voice)).toContain("L1-scanner");
      expect(reasonClause(known, voice)).toContain("L1-scanner");
      expect(reasonLabel({ code }, voice)).toBe(voice.say("reasonShort", code));
      expect(reasonClause({ code }, voice)).not.toMatch(/[{}[\]]|undefined/);
    },
  );
});
