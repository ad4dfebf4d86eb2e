/**
 * Goal: only what a threat report says outright is clear, a picture is a picture of one energy, and
 * what is neither is refused by name. Method: files of the tests' own builder, with one thing changed.
 */
import { describe, expect, it } from "vitest";
import { readDicomFile, tagOf, tagText } from "../../protocols/xray/dicom-file.ts";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import {
  clearReport,
  dicomFile,
  digitalXray,
  digitalXrayClass,
  element,
  join,
  latin,
  tagBytes,
  threatReportClass,
  u32,
  withElements,
  type TestElement,
  type TestFile,
} from "../kit/dicom-files.ts";

const trackTag = tagOf(0x0010, 0x0020);
const explicit = { isImplicit: false, isOpen: false };

const read = (file: Partial<TestFile> = {}) =>
  readDicosFile(
    dicomFile({ sopClass: threatReportClass, elements: clearReport, ...file }),
    trackTag,
  );

const reportWith = (...changed: readonly TestElement[]) =>
  read({
    elements: withElements(clearReport, Object.fromEntries(changed.map((each) => [each[0], each]))),
  });
const reportWithout = (tag: string) =>
  read({ elements: withElements(clearReport, { [tag]: null }) });
const verdictOf = (file: ReturnType<typeof read>) => (file.kind === "report" ? file.verdict : file);

const objects = (...flags: readonly string[]): TestElement => [
  "4010,1011",
  "SQ",
  flags.map((flag, index): readonly TestElement[] => [
    ["4010,1010", "US", index + 1],
    ["4010,1038", "SQ", [[["4010,1015", "CS", flag]]]],
  ]),
];

/** As who does not know a tag hands it on: of an unknown representation, and coded implicitly. */
function asUnknown(sequence: TestElement): TestElement {
  const coded = element(sequence, { isImplicit: true, isOpen: false });
  return [sequence[0], "UN", coded.subarray(8)];
}

describe("PR6.1-1: a threat report", () => {
  it.each([
    ["in both syntaxes", {}],
    ["implicit", { isImplicit: true }],
    ["with sequences of undefined length", { isOpen: true }],
    ["implicit, with undefined lengths", { isImplicit: true, isOpen: true }],
  ])("that says CLEAR and SUCCESS is clear, %s", (_name, how) => {
    const elements = withElements(clearReport, { "4010,1011": objects("NO_THREAT") });
    expect(read({ elements, ...how })).toEqual({
      kind: "report",
      track: 4711,
      verdict: "clear",
      algorithm: "lab 1.0",
      pictureUids: [],
    });
  });

  it.each([
    ["ALARM", "suspect"],
    ["UNKNOWN", "unknown"],
    ["NO_ALARM", "unknown"],
    ["clear", "unknown"],
    ["CLEAR\\CLEAR", "unknown"],
    ["CLEAR\r\n", "unknown"],
    ["", "unknown"],
  ])("whose decision is %j is %s", (decision, verdict) => {
    expect(verdictOf(reportWith(["4010,1031", "CS", decision]))).toBe(verdict);
  });

  it.each([["ABORT"], ["success"], [""]])(
    "that is CLEAR with the abort flag %j is unknown",
    (flag) => {
      expect(verdictOf(reportWith(["4010,1024", "CS", flag]))).toBe("unknown");
    },
  );

  it("that was aborted with an alarm is suspect", () => {
    const aborted = reportWith(["4010,1024", "CS", "ABORT"], ["4010,1031", "CS", "ALARM"]);
    expect(verdictOf(aborted)).toBe("suspect");
  });

  it.each([["4010,1031"], ["4010,1024"]])("without (%s) is unknown", (tag) => {
    expect(verdictOf(reportWithout(tag))).toBe("unknown");
  });

  it.each([
    ["a ground truth", ["4010,1027", "CS", "GROUND_TRUTH"]],
    ["a person's word", ["4010,1027", "CS", "OPERATOR"]],
    ["an object that alarms", ["4010,1034", "US", 1]],
    ["objects in another form", ["4010,1034", "UL", 0]],
    ["a threat among its objects", objects("NO_THREAT", "HIGH_THREAT")],
    ["an object that is not known", objects("UNKNOWN")],
    ["an object that nobody has judged", ["4010,1011", "SQ", [[["4010,1010", "US", 1]]]]],
    ["a reason to have aborted", ["4010,1021", "CS", "OUT_OF_RESOURCES"]],
    ["a reason that is a sequence", ["4010,1021", "SQ", []]],
    ["a threat in what its writer did not know", asUnknown(objects("HIGH_THREAT"))],
    ["a decision that is a sequence", ["4010,1031", "SQ", []]],
  ] as const)("that says CLEAR, with %s, is unknown", (_name, changed) => {
    expect(verdictOf(reportWith(changed as TestElement))).toBe("unknown");
  });

  it("that says CLEAR and holds no threat in what its writer did not know is clear", () => {
    expect(verdictOf(reportWith(asUnknown(objects("NO_THREAT"))))).toBe("clear");
    expect(verdictOf(reportWith(["4010,1021", "CS", ""]))).toBe("clear");
  });

  it("whose objects come as anything but a sequence is refused", () => {
    const [tag, , items] = asUnknown(objects("HIGH_THREAT"));
    expect(reportWith([tag, "OB", items])).toEqual({
      kind: "invalid",
      why: "(4010,1011) is a sequence, and comes as OB",
    });
  });

  it("needs neither its type nor a count of objects", () => {
    const elements = withElements(clearReport, { "4010,1027": null, "4010,1034": null });
    expect(verdictOf(read({ elements }))).toBe("clear");
  });

  it("is not believed in one of two words of a tag", () => {
    const elements = [...clearReport, ["4010,1031", "CS", "ALARM"] as const];
    expect(read({ elements })).toEqual({ kind: "invalid", why: "(4010,1031) comes twice" });
  });
});

describe("PR6.1-2: the tags of a report", () => {
  it("tell which pictures it is on, however deep", () => {
    const referenced = (uid: string): TestElement => [
      "0008,1140",
      "SQ",
      [[["0008,1155", "UI", uid]]],
    ];
    const elements = withElements(clearReport, {
      "0008,1115": ["0008,1115", "SQ", [[referenced("1.2.3")], [referenced("1.2.4")]]],
    });
    for (const isImplicit of [false, true]) {
      expect(read({ elements, isImplicit })).toMatchObject({ pictureUids: ["1.2.3", "1.2.4"] });
    }
  });

  it.each([
    ["4711", 4711],
    ["4294967295", 4_294_967_295],
    ["4294967296", null],
    ["0", null],
    ["04711", null],
    ["-1", null],
    ["47 11", null],
    ["4711\\4712", null],
    ["L1-4711", null],
    ["4711\u00b9", null],
  ])("track number %j is %j", (text, track) => {
    expect(reportWith(["0010,0020", "LO", text])).toMatchObject({ kind: "report", track });
  });

  it("is read where the site has configured it", () => {
    const elements = withElements(clearReport, { "0010,0010": ["0010,0010", "PN", "815"] });
    const bytes = dicomFile({ sopClass: threatReportClass, elements });
    expect(readDicosFile(bytes, tagOf(0x0010, 0x0010))).toMatchObject({ track: 815 });
  });

  it("an algorithm's name is cut, and has a name where it has none", () => {
    const named = reportWith(["4010,1029", "LO", "x".repeat(80)]);
    expect(named).toMatchObject({ algorithm: "x".repeat(64) });
    expect(reportWithout("4010,1029")).toMatchObject({ algorithm: "DICOS" });
  });

  it("are written as people write them", () => {
    expect(tagText(trackTag)).toBe("(0010,0020)");
    expect(tagText(tagOf(0x7fe0, 0xabcd))).toBe("(7FE0,ABCD)");
  });
});

describe("a digital X-ray", () => {
  const three = { widthPx: 3, heightPx: 1, pixels: [0, 100, 65_535] };
  const picture = (...changed: readonly TestElement[]) =>
    read({
      sopClass: digitalXrayClass,
      elements: withElements(
        digitalXray(three),
        Object.fromEntries(changed.map((each) => [each[0], each])),
      ),
    });

  it("is a plane in which air is bright", () => {
    expect(picture()).toEqual({
      kind: "picture",
      track: 4711,
      uid: "1.2.3.4",
      widthPx: 3,
      heightPx: 1,
      plane: Uint16Array.of(0, 100, 65_535),
    });
  });

  it("in which air is dark is turned round, by its sign or without one by its shades", () => {
    const turned = Uint16Array.of(65_535, 65_435, 0);
    expect(picture(["0028,1041", "SS", 0xffff])).toMatchObject({ plane: turned });
    const elements = withElements(digitalXray(three), {
      "0028,1041": null,
      "0028,0004": ["0028,0004", "CS", "MONOCHROME1"],
    });
    expect(read({ sopClass: digitalXrayClass, elements })).toMatchObject({ plane: turned });
  });

  it("of 8 bits is spread over the whole range, and its padding is none of it", () => {
    const shown = picture(
      ["0028,0100", "US", 8],
      ["0028,0101", "US", 8],
      ["0028,0102", "US", 7],
      ["7FE0,0010", "OB", Uint8Array.of(0, 51, 255, 9)],
    );
    expect(shown).toMatchObject({ plane: Uint16Array.of(0, 13_107, 65_535) });
  });

  it.each([
    ["4 frames", ["0028,0008", "IS", "4"], "a picture of 4 frames"],
    ["32 bits", ["0028,0100", "US", 32], "32 bits a pixel"],
    ["colours", ["0028,0002", "US", 3], "its pixels are not one unsigned grey from bit 0"],
    ["signed pixels", ["0028,0103", "US", 1], "its pixels are not one unsigned grey from bit 0"],
    [
      "a shifted sample",
      ["0028,0102", "US", 14],
      "its pixels are not one unsigned grey from bit 0",
    ],
    ["no rows", ["0028,0010", "US", 0], "a picture of 3 x 0 pixels"],
    ["more rows than pixels", ["0028,0010", "US", 2], "pixels of 6 bytes instead of 12"],
    ["too many columns", ["0028,0011", "US", 4_097], "a picture of 4097 x 1 pixels"],
    ["a sign of 0", ["0028,1041", "SS", 0], "nothing says whether air is bright or dark"],
    ["no pixels", ["7FE0,0010", "OW", new Uint8Array(0)], "pixels of 0 bytes instead of 6"],
  ] as const)("with %s is refused", (_name, changed, why) => {
    expect(picture(changed as unknown as TestElement)).toEqual({ kind: "invalid", why });
  });

  it("that would be too long as an image message is refused", () => {
    const shown = picture(["0028,0010", "US", 2_048], ["0028,0011", "US", 4_096]);
    expect(shown).toEqual({ kind: "invalid", why: "a picture of 4096 x 2048 pixels is too large" });
  });

  it("with a pixel beyond its bits is refused", () => {
    const shown = picture(["0028,0101", "US", 12], ["0028,0102", "US", 11]);
    expect(shown).toEqual({ kind: "invalid", why: "a pixel beyond its 12 bits" });
  });
});

describe("what is no such file is refused by name", () => {
  const whole = dicomFile({ sopClass: threatReportClass, elements: clearReport });
  const open = (count: number): Uint8Array =>
    join(
      ...Array.from({ length: count }, () => [
        element(["4010,1011", "SQ", []], { ...explicit, isOpen: true }).subarray(0, 12),
        join(tagBytes("FFFE,E000"), u32(0xffff_ffff)),
      ]).flat(),
    );

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "not a DICOM file"],
    ["JSON", latin(JSON.stringify({ verdict: "clear" }).padEnd(200)), "not a DICOM file"],
    ["a tail", join(whole, Uint8Array.of(0)), `cut at byte ${whole.length}`],
    ["a cut value", whole.subarray(0, -1), "(4010,1034) at byte"],
    ["sequences that nest too deep", join(whole, open(9)), "sequences nest deeper than 8"],
    ["sequences without an end", join(whole, open(3)), "cut at byte"],
    [
      "an item that is longer than its sequence",
      join(
        whole,
        element(["4010,1038", "SQ", join(tagBytes("FFFE,E000"), u32(8))], explicit),
        element(["4011,0010", "CS", ""], explicit),
      ),
      "an item at byte",
    ],
    [
      "data within the meta information",
      dicomFile({
        sopClass: threatReportClass,
        elements: clearReport,
        meta: [["0010,0020", "LO", "1"]],
      }),
      "(0010,0020) within the meta information",
    ],
    [
      "an end of nothing",
      join(
        dicomFile({ sopClass: threatReportClass, elements: clearReport, isImplicit: true }),
        tagBytes("FFFE,E00D"),
        u32(0),
      ),
      "(FFFE,E00D) out of place",
    ],
    [
      "an item out of place",
      join(whole, tagBytes("FFFE,E000"), u32(0)),
      "has no known representation",
    ],
    [
      "a computed tomograph",
      dicomFile({ sopClass: "1.2.840.10008.5.1.4.1.1.501.1", elements: clearReport }),
      "neither a threat report nor a digital X-ray",
    ],
    [
      "compressed pixels",
      dicomFile({
        sopClass: digitalXrayClass,
        elements: clearReport,
        syntax: "1.2.840.10008.1.2.4.80",
      }),
      "transfer syntax 1.2.840.10008.1.2.4.80",
    ],
    [
      "big-endian numbers",
      dicomFile({
        sopClass: threatReportClass,
        elements: clearReport,
        syntax: "1.2.840.10008.1.2.2",
      }),
      "transfer syntax 1.2.840.10008.1.2.2",
    ],
    [
      "two opinions of what it is",
      dicomFile({
        sopClass: threatReportClass,
        elements: withElements(clearReport, {}),
        mediaClass: digitalXrayClass,
      }),
      "what it is (0008,0016)",
    ],
  ])("%s", (_name, bytes, why) => {
    const file = readDicosFile(bytes, trackTag);
    expect(file).toMatchObject({ kind: "invalid" });
    expect(file.kind === "invalid" && file.why).toContain(why);
  });

  it("more elements than any machine sends", () => {
    const many = Array.from({ length: 20_001 }, (_, index): TestElement => [
      `00${(0x11 + 2 * Math.floor(index / 0x8000)).toString(16)},${(index % 0x8000).toString(16)}`,
      "CS",
      "",
    ]);
    const file = readDicomFile(dicomFile({ sopClass: threatReportClass, elements: many }));
    expect(file).toEqual({ kind: "invalid", why: "more than 20000 elements" });
  });
});
