/**
 * Goal: what OSIP cannot say is refused by its key with the reason, and the page's own configuration,
 * which says it all, is one that fits.
 * Method: the page's text, put into the shipped example and changed in one place at a time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";
import { createOsipParser } from "../../protocols/sorter/osip.ts";

const agent = readFileSync("edge/examples/line-agent.yaml", "utf8");
const readme = readFileSync("edge/devices/sorter/README.md", "utf8");
const page = readme.slice(readme.indexOf("\n# A sorter that speaks OSIP"));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-osip-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Tree = { [key: string]: Tree };

interface AgentFile {
  readonly lines: { line: { belt: { mmPerCount: number } }; devices: { sorter: Tree } }[];
}

function said(path?: string, value?: unknown, mmPerCount = 1): string {
  const content = parse(agent) as AgentFile;
  content.lines[0]!.line.belt.mmPerCount = mmPerCount;
  const sorter = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "") as Tree;
  if (path !== undefined) {
    const keys = path.split(".");
    const last = keys.pop()!;
    const inside = keys.reduce((tree, key) => tree[key]!, sorter);
    if (value === undefined) delete inside[last];
    else inside[last] = value as Tree;
  }
  content.lines[0]!.devices.sorter = sorter;
  const file = join(folder, "agent.yaml");
  writeFileSync(file, stringify(content));
  const read = readAgentFile(file);
  const findings =
    read.kind === "refused"
      ? read.sentences
      : read.findings.map(({ level, key, sentence }) => `${level} ${key}: ${sentence}`);
  return findings.join("\n");
}

describe("OSIP in a configuration", () => {
  it("as on the page is taken", () => {
    expect(said()).toMatch(/^note /m);
    expect(said()).not.toMatch(/devices\.sorter/);
  });

  it.each<[string, string, unknown, RegExp]>([
    [
      "law 6: eyes without counts",
      "dialect.counts",
      undefined,
      /dialect\.counts: OSIP has no field for a belt count/,
    ],
    [
      "law 6: orders without counts",
      "dialect.orders",
      undefined,
      /dialect\.orders: OSIP names a target/,
    ],
    ["law 6: no session", "dialect.sessions", undefined, /dialect\.sessions: OSIP does not tell/],
    ["counts elsewhere", "dialect.counts", "date", /dialect\.counts: /],
    [
      "a line without a checksum",
      "reach",
      { kind: "serial", path: "/dev/ttyUSB0" },
      /reach\.kind: OSIP has no checksum/,
    ],
    [
      "a reading of the length that is not said",
      "dialect.lengthCounts",
      undefined,
      /dialect\.lengthCounts: /,
    ],
    ["a telegram too short for RES_", "dialect.length", 128, /dialect\.length: /],
    ["a name of another length", "dialect.self", "MFC", /dialect\.self: five capital letters/],
    [
      "an eye without a location",
      "dialect.locations.eyes.FGINEYE7000100000000",
      undefined,
      /dialect\.locations\.eyes: the layout names end, and it has no location/,
    ],
    [
      "an exit without a location",
      "dialect.locations.chutes.inspection",
      undefined,
      /dialect\.locations\.chutes: inspection has no location/,
    ],
    [
      "one location for two exits",
      "dialect.locations.chutes.red",
      "FGINGREN000100000000",
      /dialect\.locations\.chutes: one location is two chutes/,
    ],
    [
      "counts below zero",
      "dialect.counter",
      { bits: 32, isSigned: true },
      /dialect\.counter\.isSigned: RES_ has no room/,
    ],
    [
      "law 10: doubt that has no word",
      "dialect.locations.induction",
      undefined,
      /note .*dialect\.locations\.induction: .*doubt cannot keep parcels off the belt/,
    ],
  ])("%s is said by its key", (_, path, value, expected) => {
    expect(said(path, value)).toMatch(expected);
  });

  it("a window that RES_ has no room for is refused", () => {
    expect(said(undefined, undefined, 0.1)).toMatch(
      /dialect\.orders: a diverter may be out for \d{5} counts, and RES_ has room for 9999/,
    );
  });
});

describe("the page", () => {
  it("shows telegrams that are some", () => {
    const shown = [...page.matchAll(/^(###[^…]*)\*…$/gm)].map(([, text = ""]) =>
      text.padEnd(160, "*"),
    );
    expect(shown).toHaveLength(3);
    const parser = createOsipParser({ length: 160, lengthCounts: "whole" });
    const frames = shown.flatMap((text) => parser.push(new TextEncoder().encode(text)));
    expect(
      frames.map((frame) => (frame.kind === "telegram" ? frame.telegram.type : frame.kind)),
    ).toEqual(["UPD_", "RES_", "UPD_"]);
  });
});
