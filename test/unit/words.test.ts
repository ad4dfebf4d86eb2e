// Goal: both languages say the same things, and every code that can arrive has words (S8).
// Method: the dictionaries are compared key by key; codes are read from contracts and sources.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { archivedStory } from "../../control-ui/fixtures/stories.ts";
import { alarmPriority } from "../../protocols/alarms.ts";
import { deviceReason, deviceReasonCodes } from "../../protocols/device-reasons.ts";
import type { Fact } from "../../protocols/facts.ts";
import { reasonCodes, reasonTable } from "../../protocols/reasons.ts";
import {
  exits,
  healthStates,
  machineStates,
  packmlStates,
  type Exit,
} from "../../protocols/sorting.ts";
import type { Story } from "../../protocols/ui/http.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import {
  deviceReasonClause,
  deviceReasonLabel,
  deviceReasonLogText,
} from "../../protocols/words/device-reason.ts";
import { heldBackText } from "../../protocols/words/held-back-text.ts";
import { problemText } from "../../protocols/words/problem-text.ts";
import { reasonClause, reasonsClause, sentenceOf } from "../../protocols/words/sentence.ts";
import { fill, placeholdersOf } from "../../protocols/words/template.ts";
import { dictionaries, languages, voices, type Section } from "../../protocols/words/words.ts";

const sections = Object.keys(dictionaries.en) as Section[];
const entries = (language: (typeof languages)[number], section: Section): [string, string][] =>
  Object.entries(dictionaries[language][section]);

describe("dictionaries", () => {
  test.each(sections)("%s: same keys and placeholders in both languages", (section) => {
    const en = new Map(entries("en", section));
    const zh = new Map(entries("zh-CN", section));
    expect([...zh.keys()].toSorted()).toEqual([...en.keys()].toSorted());
    for (const [key, template] of en) {
      const of = (text: string): string[] => placeholdersOf(text).toSorted();
      expect(of(zh.get(key) ?? ""), key).toEqual(of(template));
      expect(template.trim(), key).not.toBe("");
    }
  });

  test("no English word was left in Chinese and no Chinese one in English", () => {
    const han = /\p{Script=Han}/u;
    const spared = new Set(["languageOther", "product", "weakMode"]);
    for (const section of sections) {
      for (const [key, text] of entries("en", section)) {
        if (!spared.has(key)) expect(han.test(text), `${section}.${key}`).toBe(false);
      }
      for (const [key, text] of entries("zh-CN", section)) {
        const plain = text.replaceAll(/\{\w+\}/g, "");
        const isSign = !/[a-z]{3,}/i.test(plain);
        if (!spared.has(key)) expect(han.test(plain) || isSign, `${section}.${key}`).toBe(true);
      }
    }
  });

  test("glance words are short: 6 characters or 14 letters", () => {
    for (const section of ["lineState", "health", "exit", "chute"] as const) {
      for (const [, text] of entries("zh-CN", section)) expect(text.length).toBeLessThanOrEqual(6);
      for (const [, text] of entries("en", section)) expect(text.length).toBeLessThanOrEqual(14);
    }
  });
});

describe("templates", () => {
  test("a bracketed part goes with the values it names", () => {
    expect(fill("a[ ({x})]", { x: 1 })).toBe("a (1)");
    expect(fill("a[ ({x})]")).toBe("a");
    expect(fill("a[: {x}]", { x: "" })).toBe("a");
    expect(fill("a[: {x}]", { x: 0 })).toBe("a: 0");
    expect(fill("{a}[, {b}][; {c}]", { a: 1, c: 3 })).toBe("1; 3");
  });

  test("a value that looks like a template stays what it is", () => {
    expect(fill("{a} {b}", { a: "{b}", b: "[x]" })).toBe("{b} [x]");
  });
});

describe.each(languages)("S8 in %s: one sentence says why", (language) => {
  const voice = voices[language];
  const isWhole = (text: string): void => {
    expect(text).not.toMatch(/[{}[\]]|undefined|NaN/);
    expect(text.length).toBeGreaterThan(1);
  };
  const storyOf = (outcome: Partial<Story["passes"][number]["outcome"]>): Story => ({
    waybill: "YT1234567890",
    manifest: null,
    controls: [],
    passes: [
      {
        passId: "p1",
        lineId: "L1",
        outcome: { exit: null, expected: null, reasons: [], officer: null, ...outcome },
        imageHash: null,
        timeline: [],
      },
    ],
  });

  test.each(reasonCodes)("%s", (code) => {
    const exit: Exit = reasonTable[code].class === "documentary" ? "red" : "inspection";
    const reasons = [{ code }];
    const clause = reasonClause({ code }, voice);
    isWhole(clause);
    isWhole(voice.say("reasonShort", code));
    const went = sentenceOf(storyOf({ exit, expected: exit, reasons }), voice);
    isWhole(went);
    expect(went).toContain(clause);
    expect(went).toContain(voice.say("exitPlace", exit));
    const onBelt = sentenceOf(storyOf({ reasons }), voice);
    expect(onBelt).toContain(voice.say("exitPlace", exit));
  });

  test.each(reasonCodes)("%s with details", (code) => {
    const names = placeholdersOf(dictionaries[language].reason[code]);
    const params = Object.fromEntries(names.slice(0, 8).map((name) => [name, "V"]));
    const clause = reasonClause({ code, params }, voice);
    isWhole(clause);
    for (const _ of names) expect(clause).toContain("V");
  });

  test("a doubt is named before a paper, and what has no room is counted", () => {
    const reasons = [
      { code: "licenceRequired" as const },
      { code: "randomControl" as const },
      { code: "noRead" as const },
    ];
    const clause = reasonsClause(reasons, voice);
    expect(clause).toContain(voice.say("reason", "noRead"));
    expect(clause).not.toContain(voice.find("reason", "licenceRequired"));
    expect(clause).toContain("1");
  });

  test("codes inside params are said in words", () => {
    const reason = { code: "chuteNotReady" as const, params: { exit: "green" } };
    expect(reasonClause(reason, voice)).toContain(voice.say("exit", "green"));
    const failed = { code: "divertRefused" as const, params: { why: "noLife" } };
    expect(reasonClause(failed, voice)).toContain(voice.say("why", "noLife"));
  });

  test("green, an officer's part, mis-sorts and the wrong green", () => {
    isWhole(sentenceOf(storyOf({ exit: "green", expected: "green" }), voice));
    const judged = sentenceOf(storyOf({ exit: "green", expected: "green", officer: "Li" }), voice);
    expect(judged).toContain("Li");
    for (const exit of exits) {
      for (const expected of exits.filter((other) => other !== exit)) {
        const text = sentenceOf(storyOf({ exit, expected }), voice);
        isWhole(text);
        expect(text).toContain(voice.say("exitPlace", expected));
      }
    }
    isWhole(sentenceOf(storyOf({ exit: "inspection" }), voice));
  });

  test("lost, restarted, decided on the belt, and not seen yet", () => {
    const base = storyOf({ reasons: [{ code: "trackingLost" }] });
    const stamp = { lineId: "L1", wallAt: epochMs(1), count: beltCount(1) };
    const lost = { kind: "lost", passId: "p1", lastSeenMm: 12_400 } as const;
    const opened = {
      kind: "sessionOpened",
      epoch: "e2",
      configHash: "0".repeat(64),
      logicVersion: "1",
    } as const;
    const commanded = {
      kind: "commanded",
      passId: "p1",
      commandId: "c1",
      exit: "red",
      fireAtCount: beltCount(9),
    } as const;
    const aborted = {
      kind: "aborted",
      passId: "p1",
      commandId: "c1",
      reason: { code: "restart" },
    } as const;
    const after = (...facts: Fact[]): string => {
      const timeline = facts.map((fact) => ({ ...stamp, fact }));
      return sentenceOf(
        { ...base, passes: base.passes.map((pass) => ({ ...pass, timeline })) },
        voice,
      );
    };
    expect(after(lost)).toContain("12.4");
    isWhole(after(opened));
    const where = voice.say("exitPlace", "red");
    expect(after(commanded, opened)).toContain(where);
    isWhole(after(commanded, opened));
    expect(after(commanded, aborted, opened)).toBe(after(opened));
    expect(after(opened)).not.toContain(where);
    const decided = sentenceOf(storyOf({ expected: "green" }), voice);
    expect(decided).toContain(voice.say("exitPlace", "green"));
    isWhole(sentenceOf({ waybill: "YT1", manifest: null, controls: [], passes: [] }, voice));
  });

  test("a case in the archive is told with how it ended", () => {
    const text = sentenceOf(archivedStory(), voice);
    isWhole(text);
    expect(text).toContain(voice.say("manifestState", "RELEASED"));
  });

  test("a control holds a parcel that nobody has declared", () => {
    const story: Story = { waybill: "YT1", manifest: null, controls: [], passes: [] };
    const control = { placedBy: "zhao", station: "risk-1", reason: "tip" };
    const held = sentenceOf({ ...story, controls: [control] }, voice);
    isWhole(held);
    expect(held).toContain(voice.say("exitPlace", "inspection"));
    expect(sentenceOf(story, voice)).not.toContain(voice.say("exitPlace", "inspection"));
  });
});

describe.each(languages)("a device's reason in %s", (language) => {
  const voice = voices[language];
  /** What a tile of four in a row has room for; see the pictures `lines-agent-lost`. */
  const labelCharsMax = language === "en" ? 32 : 12;
  const address = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0";

  test("there are words and an action for exactly the codes of the table", () => {
    for (const section of ["deviceReason", "deviceAction"] as const) {
      expect(Object.keys(dictionaries[language][section])).toEqual([...deviceReasonCodes]);
    }
  });

  test.each(deviceReasonCodes)("%s: short on a tile, with its address elsewhere", (code) => {
    const reason = deviceReason(code, { seconds: 2.5, address, detail: "errno 5" });
    const label = deviceReasonLabel(reason, voice);
    expect(label).not.toMatch(/[{}[\]]|undefined/);
    expect(label.length).toBeLessThanOrEqual(labelCharsMax);
    expect(label).not.toContain(address);
    const names = placeholdersOf(dictionaries[language].deviceReason[code]);
    const clause = deviceReasonClause(reason, voice);
    expect(clause.includes(address)).toBe(names.includes("address"));
    expect(clause.includes("2.5")).toBe(names.includes("seconds"));
    expect(clause).not.toContain("errno");
    expect(deviceReasonClause({ code, params: { seconds: 2 } }, voice)).not.toMatch(/[{}[\]]/);
  });

  test.each(machineStates)(
    "a machine in %s is named so on a tile, which has room for it",
    (state) => {
      const reason = deviceReason("notExecuting", { state });
      const label = deviceReasonLabel(reason, voice);
      expect(label).toContain(dictionaries[language].machineState[state]);
      expect(label.length).toBeLessThanOrEqual(labelCharsMax);
      expect(deviceReasonClause(reason, voice)).toBe(label);
    },
  );
});

test("logs say a device's reason in English, with all that is known", () => {
  const reason = deviceReason("refused", { address: "scale:4001", detail: "ECONNREFUSED" });
  expect(deviceReasonLogText(reason)).toBe(
    "the connection is refused at scale:4001 (ECONNREFUSED)",
  );
  expect(deviceReasonLogText({ code: "neverHeard" })).toBe("nothing heard yet");
});

describe.each(languages)("a refused request in %s", (language) => {
  const voice = voices[language];

  test.each(Object.keys(dictionaries[language].problem))("%s", (error) => {
    const told = problemText({ error, field: "reason" }, voice);
    expect(told).not.toMatch(/[{}[\]]|undefined/);
    expect(told.includes("reason")).toBe(error === "badField");
    expect(problemText({ error, field: null }, voice)).not.toMatch(/[{}[\]]|null/);
  });

  test("a code that is not known is shown as it is", () => {
    expect(problemText({ error: "constructor", field: null }, voice)).toContain("constructor");
  });
});

describe.each(languages)("who holds a controlled parcel back, in %s", (language) => {
  const voice = voices[language];
  const nobody = { confirmed: [], unconfirmed: [], cannotRelease: [] };
  const said = (key: keyof typeof nobody, lines: string): string =>
    voice.say("controlHeldBack", key, { lines });

  test("what a person has to do is said first, and each line once", () => {
    const loose = (passId: string) => ({ lineId: "L2", passId });
    const unconfirmed = [loose("p1"), loose("p2")];
    const comma = voice.say("ui", "listComma");
    expect(
      heldBackText({ confirmed: ["L1", "L4"], unconfirmed, cannotRelease: ["L3"] }, voice),
    ).toBe(
      [
        said("unconfirmed", "L2"),
        said("cannotRelease", "L3"),
        said("confirmed", `L1${comma}L4`),
      ].join(" "),
    );
  });

  test("where nobody holds it there is nothing to say", () => {
    expect(heldBackText(nobody, voice)).toBe("");
  });
});

describe("codes that arrive over a wire", () => {
  test("PackML states and health states have words", () => {
    for (const { find } of Object.values(voices)) {
      for (const state of packmlStates) expect(find("lineState", state)).not.toBeNull();
      for (const state of healthStates) expect(find("health", state)).not.toBeNull();
    }
  });

  test("a name from Object's prototype is no word", () => {
    expect(voices.en.find("alarm", "toString")).toBeNull();
    expect(alarmPriority("constructor")).toBe(2);
  });

  const line = fileURLToPath(new URL("../../edge/line/", import.meta.url));
  const sources = readdirSync(line)
    .map((name) => readFileSync(line + name, "utf8"))
    .join("\n");
  const codesOf = (pattern: RegExp): string[] => [
    ...new Set([...sources.matchAll(pattern)].map((match) => match[1] ?? "")),
  ];

  test("everything that says why the line no longer trusts a station has words", () => {
    const codes = [
      ...codesOf(/\bconfuseTunnel\(turn, "(\w+)"/g),
      ...codesOf(/\boweProof\(turn, reader, "(\w+)"/g),
      ...codesOf(/\bwhy: "(\w+)"/g),
      ...codesOf(/\bunboundWhy = "(\w+)"/g),
      ...codesOf(/\bhandle\(turn, "(\w+)"/g),
      ...codesOf(/"(item\w+)"/g),
    ];
    expect(codes).toEqual(
      expect.arrayContaining([
        "pictureRepeated",
        "tokenOfAnother",
        "notTested",
        "emergencyStop",
        "itemTwice",
      ]),
    );
    for (const { find } of Object.values(voices)) {
      for (const code of codes) expect(find("why", code), code).not.toBeNull();
    }
  });

  test("every condition that withholds induction has words", () => {
    const codes = codesOf(/conditions\.push\(["`](\w+)/g);
    expect(codes.length).toBeGreaterThan(5);
    for (const { find } of Object.values(voices)) {
      for (const code of codes) expect(find("condition", code), code).not.toBeNull();
    }
  });
});
