import { describe, expect, test } from "vitest";
import { vectors } from "../claims.ts";
import { requirements } from "../requirements/ids.ts";
import { citationsOf, headingsIn, unknownCitations, type Citable } from "./citations.ts";
import { lawsOf, readLawRows } from "./law-table.ts";
import { read, repositoryFiles } from "./repository.ts";

/**
 * Goal: whoever has only the repository can follow every citation in it, and can trust the table
 * that says what holds each law. Method: the laws and the table are read from edge/README.md, and
 * the citations from every source and document; then each check is shown a planted fault.
 */
const lawsTotal = 18;

/** What the laws ask for and nobody has built: the same words as in the table's last column. */
const notYet = [
  "law 13: proof that a released parcel left elsewhere undoes nothing",
  "law 16: a scale's and an X-ray's binding have no such test: the configuration is believed",
  "law 18: there are no accounts: whoever reaches the loopback address is believed in the role named; an officer's verdict tells the line a name and no role",
  "law 18: every page is told everything: no role has its wire cut to what it may know",
];

const files = repositoryFiles();
const document = read("edge/README.md");
const laws = lawsOf(document.text);
const rows = readLawRows(document.text);
const { scripts } = JSON.parse(read("package.json").text) as { readonly scripts: object };
const citable: Citable = {
  names: new Set([
    ...laws.map((law) => `law ${law}`),
    ...Object.keys({ ...requirements, ...vectors }),
    ...Object.keys(scripts).map((name) => `npm run ${name}`),
  ]),
  headings: new Map(
    files
      .filter((path) => path.endsWith(".md"))
      .map((path) => [path, headingsIn(read(path).text)] as const),
  ),
  files: new Set(files),
};
const citing = files
  .filter((path) => /\.(?:tsx?|js|css|md|yaml|sh)$/.test(path) || path.startsWith(".ci/"))
  .filter((path) => !path.startsWith("test/fixtures/"))
  .map(read);

describe("the laws' table", () => {
  test("there are 18 laws, numbered from 1, and each has its row", () => {
    const numbers = Array.from({ length: lawsTotal }, (_, index) => index + 1);
    expect(laws).toEqual(numbers);
    expect([...new Set(rows.map(({ law }) => law))]).toEqual(numbers);
  });

  test("every file and test in it is there", () => {
    const named = rows.flatMap(({ heldBy, provedBy }) => [...heldBy, ...provedBy]);
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((path) => !citable.files.has(path))).toEqual([]);
  });

  test("every test in it names its law", () => {
    const silent = rows.flatMap(({ law, provedBy }) =>
      provedBy.filter((path) => !citationsOf(read(path)).includes(`law ${law}`)),
    );
    expect(silent).toEqual([]);
  });

  test("a law without files that hold it, or without tests, says what is not yet there", () => {
    const bare = laws.filter((law) => {
      const own = rows.filter((row) => row.law === law);
      const isHeld = own.some(({ heldBy, provedBy }) => heldBy.length > 0 && provedBy.length > 0);
      return !isHeld && !own.some((row) => row.notYet !== "");
    });
    expect(bare).toEqual([]);
  });

  test("what is not yet built is known by name", () => {
    const told = rows.filter((row) => row.notYet !== "");
    expect(told.map((row) => `law ${row.law}: ${row.notYet}`)).toEqual(notYet);
  });

  test("a table whose lines do not fit is refused, not skipped", () => {
    const planted = (line: string): string =>
      document.text.replace("| --- | --- | --- | --- |", `| --- | --- | --- | --- |\n${line}`);
    expect(() => readLawRows(planted("| 1 | `edge/main.ts` | |"))).toThrow("4 cells");
    expect(() => readLawRows(planted("| one | `edge/main.ts` | | |"))).toThrow("no law");
    expect(() => readLawRows("no table at all")).toThrow("no table");
  });
});

describe("the decisions", () => {
  const pages = files.filter((path) => /^edge\/decisions\/(?!README).*\.md$/.test(path));

  test("the index names each page", () => {
    const index = read("edge/decisions/README.md").text;
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter((path) => !index.includes(`(${path.split("/").at(-1)})`))).toEqual([]);
  });

  test("each page says what we met, what we do, what follows, and what would change our mind", () => {
    const headings = ["Context", "Decision", "Consequences", "What would change our mind"];
    const headingsOf = (path: string): string[] =>
      [...read(path).text.matchAll(/^## (.*)$/gm)].map((match) => match[1] ?? "");
    expect(pages.map(headingsOf)).toEqual(pages.map(() => headings));
  });
});

describe("citations", () => {
  test("are found all over the project", () => {
    expect(citing.length).toBeGreaterThan(600);
    const cited = citing.flatMap(citationsOf);
    expect(cited.filter((each) => each.startsWith("law ")).length).toBeGreaterThan(150);
    expect(cited.filter((each) => each.startsWith("PF-")).length).toBeGreaterThan(50);
    expect(cited.filter((each) => /^[SWXHACMT]\d/.test(each)).length).toBeGreaterThan(50);
  });

  test("of laws, requirements, documents and files: each is in the repository", () => {
    expect(unknownCitations(citing, citable)).toEqual([]);
  });

  // The hole keeps this file from citing what it plants.
  test.each([
    ["a law", "/** As law # has it. */", "19", "law #"],
    ["a law in a list", "// laws 1, 5 and #", "20", "law #"],
    ["a law within a range", "// laws 17 to #", "19", "law #"],
    ["a law within a range with a hyphen", "// Laws 17-#", "19", "law #"],
    ["a law behind a dash", "// laws 17–#", "19", "law #"],
    ["a law of two", "// law 17 or #", "19", "law #"],
    ["a law behind its abbreviation", "// Law no. #", "26", "law #"],
    ["a law in Chinese", "// 定律 #", "35", "law #"],
    ["a law in a Chinese list", "// 定律 5、#", "36", "law #"],
    ["a law behind a stroke", "// laws 1/#", "27", "law #"],
    ["a law behind a semicolon", "// laws 1; #", "27", "law #"],
    ["a law in brackets", "// by law (#)", "27", "law #"],
    ["a law by its place", "// the #th law", "27", "law #"],
    ["a Chinese law by its place", "// 第#条定律", "27", "law #"],
    ["a requirement of three digits", "// PF-#", "100", "PF-#"],
    ["a requirement of one", "// ZJG-#", "1", "ZJG-#"],
    ["a script of another kind", "// see test/gone/#.sh", "gone", "test/gone/#.sh"],
    ["a file with a capital", "/** See `#.ts`. */", "Gone", "#.ts"],
    ["a command", "/** By `npm run #`. */", "gone", "npm run #"],
    ["a law over a line's end", "/**\n * So says law\n * #.\n */", "21", "law #"],
    ["a law in a test's title", 'test("law #: nothing", () => {});', "22", "law #"],
    ["a flow requirement", "/** (ZJG-#) */", "99", "ZJG-#"],
    ["a peer's failure", 'test("PF-#: nothing", () => {});', "28", "PF-#"],
    ["a vector", 'test("PR1.2-#: nothing", () => {});', "99", "PR1.2-#"],
    ["a fault of the first try", "// As DEV1-B# has it.", "99", "DEV1-B#"],
    ["a screen", "/** The vault (S#). */", "99", "S#"],
    ["a screen in a title", 'test("X#: nothing", () => {});', "17", "X#"],
    ["a document elsewhere", "/** @see #.md */", "PLAN", "#.md"],
    ["a document by its name", "/** (DES# law 1) */", "IGN", "DES#"],
    ["a file that moved", "/** See edge/line/#.ts. */", "gone", "edge/line/#.ts"],
    ["a file by its name", "/** See `#.ts`. */", "gone", "#.ts"],
  ])("%s that is not there is found, with its file", (_what, planted, hole, cited) => {
    const path = "edge/line/planted.ts";
    const text = planted.replace("#", hole);
    expect(unknownCitations([{ path, text }], citable)).toEqual([
      { path, cited: cited.replace("#", hole) },
    ]);
  });

  test.each([
    ["edge/line/planted.ts", "/** (README.md", "never-was) */", "README.md"],
    ["edge/planted.md", "[there](README.md", "never-was)", "README.md"],
    ["README.md", "[there](", "never-was)", ""],
  ])("in %s a heading that is not there is found", (path, before, after, page) => {
    const text = `${before}#${after}`;
    const cited = `${page}#never-was`;
    expect(unknownCitations([{ path, text }], citable)).toEqual([{ path, cited }]);
  });

  test("a law behind its sign is found", () => {
    const text = ["// As law #", "27 has it."].join("");
    expect(citationsOf({ path: "edge/line/planted.ts", text })).toEqual([["law", 27].join(" ")]);
  });

  test.each([
    ["/** `]C0` and X1-20 are formats, and W1..W6 bytes. */"],
    [`const at = { act: "A77", waybill: "W99" };`],
    ["/** laws 4 to 6 (ZJG-25, PF-03; HMI X6) in edge/README.md and edge/line/step.ts */"],
  ])("%s cites nothing that is not there", (text) => {
    expect(unknownCitations([{ path: "edge/line/planted.ts", text }], citable)).toEqual([]);
  });
});
