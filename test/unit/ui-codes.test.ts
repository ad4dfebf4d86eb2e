// Goal: customs' codes come with words in both languages, and an unknown one is shown as it is.
// Method: the dictionaries against the tables that the centre reads messages with.
import { describe, expect, test } from "vitest";
import { isStatusKnown } from "../../edge/clearance/customs-status.ts";
import { tradeModes } from "../../protocols/ceb/tables/manifest.ts";
import { codeText, reasonClause } from "../../protocols/words/sentence.ts";
import { dictionaries, languages, voices } from "../../protocols/words/words.ts";

describe.each(languages)("customs' codes in %s", (language) => {
  const voice = voices[language];

  test("exactly the statuses and trade modes that messages can bear have words", () => {
    const known = Array.from({ length: 2_000 }, (_, status) => String(status));
    expect(Object.keys(dictionaries[language].customsStatus)).toEqual(known.filter(isStatusKnown));
    expect(Object.keys(dictionaries[language].tradeMode).toSorted()).toEqual(
      [...tradeModes].toSorted(),
    );
  });

  test("a code keeps its number beside its word; an unknown one stands alone", () => {
    const accepted = codeText("customsStatus", "120", voice);
    expect(accepted).toBe(`120 ${voice.say("customsStatus", "120")}`);
    expect(codeText("customsStatus", "1399", voice)).toBe("1399");
    expect(codeText("tradeMode", "constructor", voice)).toBe("constructor");
  });

  test("a reason that names a status says what it means", () => {
    const held = reasonClause({ code: "customsHold", params: { status: "501" } }, voice);
    expect(held).toContain(`501 ${voice.say("customsStatus", "501")}`);
    const strange = reasonClause({ code: "unknownStatus", params: { status: "1399" } }, voice);
    expect(strange).toContain("1399");
  });
});
