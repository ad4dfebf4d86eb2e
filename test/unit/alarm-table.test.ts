/**
 * Goal: what is in no table is no alarm and no reason: it does not compile (tsc checks every
 * `@ts-expect-error` here), no journal and no page takes it; and what is in the table has words.
 * Method: one statement for each way to be wrong, and the table row by row.
 */
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  alarmCodes,
  alarmPriority,
  alarmTable,
  conditionCodes,
  noticeCodes,
  type AlarmCode,
  type AlarmParams,
  type Condition,
  type ConditionCode,
  type Notice,
  type NoticeCode,
} from "../../protocols/alarms.ts";
import { zFact } from "../../protocols/facts.ts";
import { zReason, type Reason } from "../../protocols/reasons.ts";
import { placeholdersOf, type PlaceholderOf } from "../../protocols/words/template.ts";
import { dictionaries, languages, voices } from "../../protocols/words/words.ts";
import type * as enAlarms from "../../protocols/words/en/alarms.ts";

describe("what does not compile", () => {
  const jam: Condition = { code: "jam", key: "e1", passId: null, params: { eyeId: "e1" } };
  const missort: Notice = { code: "missort", passId: null, params: { exit: "red" } };

  test("a code that is in no table", () => {
    // @ts-expect-error: misspelt.
    const misspelt: AlarmCode = "jamm";
    // @ts-expect-error: misspelt, as a condition.
    const condition: Condition = { ...jam, code: "jamm" };
    // @ts-expect-error: misspelt, as a notice.
    const notice: Notice = { ...missort, code: "mis-sort" };
    // @ts-expect-error: misspelt, as a reason.
    const reason: Reason = { code: "noReed" };
    expect([misspelt, condition, notice, reason]).toHaveLength(4);
  });

  test("a condition told as a notice, and the other way round", () => {
    // @ts-expect-error: a jam lasts.
    const notice: NoticeCode = "jam";
    // @ts-expect-error: a missort is of a moment.
    const condition: ConditionCode = "missort";
    // @ts-expect-error: without a key nobody could say which one is gone.
    const keyless: Condition = { code: "jam", passId: null, params: { eyeId: "e1" } };
    expect([notice, condition, keyless]).toHaveLength(3);
  });

  test("a parameter that is missing, misspelt, of another type or of another code", () => {
    // @ts-expect-error: the eye is missing.
    const missing: AlarmParams<"jam"> = {};
    // @ts-expect-error: misspelt.
    const misspelt: AlarmParams<"jam"> = { eyeID: "e1" };
    // @ts-expect-error: a weight is a number.
    const text: AlarmParams<"strayWeight"> = { weightG: "12" };
    // @ts-expect-error: an emergency stop has none.
    const needless: AlarmParams<"emergencyStop"> = { eyeId: "e1" };
    // @ts-expect-error: what belongs to another code.
    const other: Condition = { code: "jam", key: "e1", passId: null, params: { exit: "red" } };
    expect([missing, misspelt, text, needless, other]).toHaveLength(5);
  });

  test("words that name what the code's row does not promise", () => {
    type Unpromised = {
      [Code in AlarmCode]: PlaceholderOf<
        (typeof enAlarms.alarm)[Code]
      > extends keyof (typeof alarmTable)[Code]["params"]
        ? never
        : Code;
    }[AlarmCode];
    expectTypeOf<Unpromised>().toBeNever();
  });
});

describe("what nobody takes", () => {
  const condition = { kind: "condition", key: "k", holds: true, passId: null, params: {} };
  const notice = { kind: "notice", passId: null, params: {} };

  test.each([
    { ...condition, code: "jamm" },
    { ...condition, code: "missort" },
    { ...notice, code: "jam" },
    { ...condition, code: "toString" },
    { ...condition, code: "jam", key: "" },
    { ...condition, code: "jam", holds: undefined },
  ])("the fact %j", (fact) => {
    expect(zFact.safeParse(fact).success).toBe(false);
  });

  test("but the alarm of an earlier build is read, whatever its code was", () => {
    const fact = { kind: "alarm", code: "wasOnce", passId: null, params: {} };
    expect(zFact.safeParse(fact).success).toBe(true);
    expect(alarmPriority("wasOnce")).toBe(2);
  });

  test("a reason in no table", () => {
    expect(zReason.safeParse({ code: "noReed" }).success).toBe(false);
  });
});

describe("the table", () => {
  test("every code is a condition or a notice, and there are few of priority 1 (ISA-18.2)", () => {
    expect([...conditionCodes, ...noticeCodes].toSorted()).toEqual([...alarmCodes].toSorted());
    const danger = alarmCodes.filter((code) => alarmPriority(code) === 1);
    expect(danger.length).toBeLessThan(alarmCodes.length / 4);
  });

  test.each(languages)("in %s there are words for exactly its codes", (language) => {
    for (const section of ["alarm", "alarmConsequence", "alarmAction"] as const) {
      const words = dictionaries[language][section];
      expect(Object.keys(words).toSorted(), section).toEqual([...alarmCodes].toSorted());
    }
  });

  test.each(alarmCodes)("A10: %s says what it means, what follows and what to do", (code) => {
    for (const language of languages) {
      const { find } = voices[language];
      const params = Object.fromEntries(
        Object.keys(alarmTable[code].params).map((name) => [name, "V"]),
      );
      for (const section of ["alarm", "alarmConsequence", "alarmAction"] as const) {
        const text = find(section, code, params) ?? "";
        expect(text.trim(), section).not.toBe("");
        expect(text, section).not.toMatch(/[{}[\]]/);
      }
      expect(placeholdersOf(dictionaries[language].alarm[code])).toEqual(
        placeholdersOf(dictionaries["en"].alarm[code]),
      );
    }
  });
});
