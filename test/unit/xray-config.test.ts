/**
 * Goal: an X-ray machine's dialect stands in the configuration with a wire that can carry it, and what
 * cannot work is refused by its key. Method: each pair of dialect and wire.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { zAgentFile } from "../../edge/runtime/config/agent-file.ts";
import { checkBindings } from "../../edge/runtime/config/check-binding.ts";
import { checkSignals } from "../../edge/runtime/config/check-signals.ts";
import { checkDicos } from "../../edge/runtime/config/check-dicos.ts";
import type { Finding } from "../../edge/runtime/config/finding.ts";
import { zLine } from "../../edge/runtime/config/line-file.ts";
import { agentFileSchema } from "../../edge/runtime/config/agent-schema.ts";
import { zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { signalMapInput, signalRegistersInput } from "../kit/xray-signals.ts";

const reaches = {
  serial: { kind: "serial", path: "/dev/ttyUSB0" },
  tcp: { kind: "tcp", host: "192.0.2.1", port: 4_001 },
  "tcp-listen": { kind: "tcp-listen", host: "0.0.0.0", port: 4_001, from: "192.0.2.1" },
  mqtt: { kind: "mqtt", brokerUrl: "mqtt://broker", base: "site/xray" },
  opcua: { kind: "opcua", endpointUrl: "opc.tcp://127.0.0.1:4840" },
  folder: { kind: "folder", path: "/srv/xray/from", tellPath: "/srv/xray/to" },
  http: { kind: "http", url: "http://192.0.2.1/still" },
} as const;
const carrying = {
  "sortline-json": ["mqtt"],
  "sortline-telegrams": ["serial", "tcp", "tcp-listen"],
  "sortline-opcua": ["opcua"],
  dicos: ["folder"],
  signals: ["opcua"],
  "signals-modbus": ["serial", "tcp", "tcp-listen"],
} as const;

/** What a dialect cannot do without. */
const needs: Readonly<Record<string, object>> = {
  dicos: { mmPerPixel: 1.5 },
  signals: signalMapInput(),
  "signals-modbus": signalRegistersInput(),
};

const config = (kind: string, reach: object, more: object = {}) =>
  zXrayConfig.safeParse({ id: "xray-1", reach, dialect: { kind, ...needs[kind] }, ...more });
const issueOf = (parsed: ReturnType<typeof config>) => parsed.error?.issues[0];

const pairs = Object.entries(carrying).flatMap(([dialect, wires]) =>
  Object.entries(reaches).map(
    ([wire, reach]) => [dialect, wire, reach, (wires as readonly string[]).includes(wire)] as const,
  ),
);

describe("dialect and wire", () => {
  it.each(pairs.filter(([, , , can]) => can))("%s goes over %s", (dialect, _wire, reach) => {
    expect(config(dialect, reach).success).toBe(true);
  });

  it.each(pairs.filter(([, , , can]) => !can))("%s over %s is refused", (dialect, _wire, reach) => {
    expect(issueOf(config(dialect, reach))).toMatchObject({
      path: ["dialect", "kind"],
      message: expect.stringMatching(
        `the dialect ${dialect} cannot be carried by .*; it goes over`,
      ),
    });
  });
});

describe("what cannot work is refused by its key", () => {
  it.each<[string, string, object, object, string[]]>([
    [
      "a serial line of 7 data bits",
      "sortline-telegrams",
      { ...reaches.serial, dataBits: 7 },
      {},
      ["reach", "dataBits"],
    ],
    [
      "a server that publishes more seldom than is taken for silence",
      "sortline-opcua",
      { ...reaches.opcua, publishingIntervalMs: 501 },
      { staleAfterMs: 1_000 },
      ["reach", "publishingIntervalMs"],
    ],
    [
      "a folder that is looked at more seldom than is taken for silence",
      "dicos",
      { ...reaches.folder, lookEveryMs: 501 },
      { staleAfterMs: 1_000 },
      ["reach", "lookEveryMs"],
    ],
    [
      "one folder for both ways",
      "dicos",
      { ...reaches.folder, tellPath: reaches.folder.path },
      {},
      ["reach", "tellPath"],
    ],
    [
      "one folder for both ways, written in two ways",
      "dicos",
      { ...reaches.folder, tellPath: "/srv/xray/to/../from/" },
      {},
      ["reach", "tellPath"],
    ],
    [
      "a tag that is none",
      "dicos",
      reaches.folder,
      { dialect: { kind: "dicos", mmPerPixel: 1, trackTag: "00100020" } },
      ["dialect", "trackTag"],
    ],
    [
      "pictures of which nobody knows how long they are",
      "dicos",
      reaches.folder,
      { dialect: { kind: "dicos" } },
      ["dialect", "mmPerPixel"],
    ],
    [
      "down before it is silent",
      "sortline-telegrams",
      reaches.tcp,
      { staleAfterMs: 1_000, downAfterMs: 1_000 },
      ["downAfterMs"],
    ],
  ])("%s", (_name, dialect, reach, more, path) => {
    expect(issueOf(config(dialect, reach, more))?.path).toEqual(path);
  });

  it("a publishing interval that is just short enough is taken", () => {
    const reach = { ...reaches.opcua, publishingIntervalMs: 500 };
    expect(config("sortline-opcua", reach, { staleAfterMs: 1_000 }).success).toBe(true);
  });
});

describe("the schema for editors", () => {
  /** Where a key stands that has nothing to say for itself. */
  function* wordless(schema: unknown, path: string): Generator<string> {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, ...rest } = schema as { properties?: object };
    for (const [key, value] of Object.entries(properties)) {
      if (!("description" in value)) yield `${path}.${key}`;
      yield* wordless(value, `${path}.${key}`);
    }
    for (const value of Object.values(rest)) yield* wordless(value, path);
  }

  it("explains every key of an X-ray machine and of how it is reached", () => {
    const schema = JSON.parse(JSON.stringify(agentFileSchema()));
    const { devices } = schema.properties.lines.items.properties;
    const xray = devices.properties.xray;
    expect([...wordless(xray, "xray")]).toEqual([]);
    expect([...wordless({ properties: { planted: xray, wordless: {} } }, "")]).toContain(
      ".wordless",
    );
  });
});

describe("a machine that knows no counts", () => {
  const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")).lines[0].line;
  const findingsWith = (given: {
    readonly xray?: object;
    readonly tracking?: object;
    readonly eyeMm?: number;
  }) => {
    const { layout, tracking } = example;
    const xray = {
      ...layout.xray,
      binding: { kind: "extent" },
      entryByEye: { announceMm: 150 },
      ...given.xray,
    };
    const trackingEyes = layout.trackingEyes.map((eye: { eyeId: string; atMm: number }) =>
      eye.atMm === layout.xray.fromMm ? { ...eye, atMm: given.eyeMm ?? eye.atMm } : eye,
    );
    const line = zLine.parse({
      ...example,
      layout: { ...layout, xray, trackingEyes },
      tracking: { ...tracking, ...given.tracking },
    });
    return checkBindings(line);
  };
  const errorsWith = (given: Parameters<typeof findingsWith>[0]) =>
    findingsWith(given).flatMap(({ level, key, sentence }) =>
      level === "error" ? [`${key}: ${sentence}`] : [],
    );

  const withPicture = { entryByEye: { announceMm: 150, itemIsTold: "withPicture" } };

  it("may tell of its items with their pictures, as far as no eye stands in its tunnel", () => {
    expect(errorsWith({ xray: { ...withPicture, toMm: 26_999 } })).toEqual([]);
    expect(errorsWith({ xray: withPicture, tracking: { eventLateMs: 260 } })).toEqual([]);
    expect(errorsWith({ xray: { ...withPicture, toMm: 27_000 } })).toEqual([
      expect.stringMatching(/^layout\.xray\.toMm: the eye pre-red stands at 27000 mm within/),
    ]);
  });

  it("law 16: is told from when to when a picture can be one parcel's alone", () => {
    const fromPicture = (pictureFromMm: number) => ({
      entryByEye: { ...withPicture.entryByEye, pictureFromMm },
    });
    const notes = findingsWith({ xray: fromPicture(1_500) }).filter(({ key }) =>
      key.endsWith("pictureFromMm"),
    );
    expect(notes).toMatchObject([
      { level: "note", sentence: expect.stringContaining("is 1500 to 1670 mm behind the entry") },
    ]);
    expect(errorsWith({ xray: fromPicture(1_999) })).toEqual([]);
    expect(errorsWith({ xray: fromPicture(2_000) })).toEqual([
      "layout.xray.entryByEye.pictureFromMm: the beam would stand at 7000 mm, and the tunnel ends at 7000",
    ]);
  });

  it("is taken with an eye at its entry, extent or none", () => {
    expect(errorsWith({})).toEqual([]);
    expect(errorsWith({ xray: { binding: { kind: "none" } } })).toEqual([]);
  });

  it.each([
    ["no eye at its entry", { eyeMm: 4_999 }, /^layout\.xray\.entryByEye: an eye of trackingEyes/],
    [
      "a binding that takes a count",
      { xray: { binding: { kind: "header" } } },
      /^layout\.xray\.binding: header needs/,
    ],
    [
      "a track that nobody has seen latched",
      { xray: { binding: { kind: "track" } } },
      /^layout\.xray\.binding: track needs/,
    ],
    [
      "an announcement before the one ahead is in",
      { xray: { entryByEye: { announceMm: 241 } } },
      /^layout\.xray\.entryByEye\.announceMm: /,
    ],
    [
      "a place of pictures where items are told as they enter",
      { xray: { entryByEye: { announceMm: 150, pictureFromMm: 100 } } },
      /^layout\.xray\.entryByEye\.pictureFromMm: is for itemIsTold withPicture/,
    ],
    [
      "a window in which two rears fit",
      { tracking: { eventLateMs: 260 } },
      /^layout\.xray\.entryByEye: an item may be told over 380 mm/,
    ],
  ])("%s is refused by its key", (_name, given, why) => {
    const errors = errorsWith(given);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(why);
  });
});

describe("a machine of DICOS files on its line", () => {
  const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")).lines[0];
  const fileWith = (xray: object, reach: object = {}) => {
    const { line, devices } = example;
    const layout = { ...line.layout, xray: { ...line.layout.xray, ...xray } };
    return zAgentFile.parse({
      agentId: "agent-L1",
      site: "example",
      dataDir: "data",
      link: { brokerUrl: "mqtt://127.0.0.1" },
      lines: [
        {
          line: { ...line, layout },
          devices: {
            ...devices,
            xray: {
              id: "L1-xray",
              reach: { ...reaches.folder, ...reach },
              dialect: { kind: "dicos", mmPerPixel: 1.5 },
            },
          },
        },
      ],
    });
  };
  const told = ({ level, key, sentence }: Finding) => `${level} ${key}: ${sentence}`;
  const findingsWith = (xray: object, reach: object = {}) =>
    fileWith(xray, reach).lines.flatMap(checkDicos).map(told);
  const extent = { binding: { kind: "extent" } };
  const withPicture = { announceMm: 150, itemIsTold: "withPicture" };

  it.each([
    ["counts", {}],
    ["items as they enter", { entryByEye: { announceMm: 150 } }],
  ])("is refused where the line expects %s", (_name, xray) => {
    expect(findingsWith({ ...extent, ...xray })).toEqual([
      expect.stringMatching(/^error layout\.xray\.entryByEye: /),
    ]);
  });

  it("is told how long it has for a picture", () => {
    expect(findingsWith({ ...extent, entryByEye: withPicture, toMm: 20_000 })).toEqual([
      expect.stringMatching(/^note layout\.xray\.toMm: the machine has 14600 ms /),
    ]);
    const reach = { writes: "renamed" };
    expect(findingsWith({ ...extent, entryByEye: withPicture, toMm: 20_000 }, reach)).toEqual([
      expect.stringMatching(/^note layout\.xray\.toMm: the machine has 14800 ms /),
    ]);
  });

  it("is refused where two looks take longer than the tunnel", () => {
    const slow = (lookEveryMs: number) =>
      findingsWith({ ...extent, entryByEye: withPicture }, { lookEveryMs });
    expect(slow(1_000)).toEqual([
      expect.stringMatching(/^error devices\.xray\.reach\.lookEveryMs: /),
    ]);
    expect(slow(999)).toEqual([expect.stringMatching(/has 2 ms /)]);
  });
});

describe("a machine of signals on its line", () => {
  const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")).lines[0];
  const healthy = { binding: { kind: "none" }, entryByEye: { announceMm: 150 }, hasImages: false };
  const findingsWith = ({
    xray = {},
    device = {},
    tracking = {},
  }: {
    readonly xray?: object;
    readonly device?: object;
    readonly tracking?: object;
  }) => {
    const { line, devices } = example;
    // A key that is undefined is left out.
    const ofXray = JSON.parse(JSON.stringify({ ...line.layout.xray, ...healthy, ...xray }));
    const layout = { ...line.layout, xray: ofXray };
    const parsed = zAgentFile.parse({
      agentId: "agent-L1",
      site: "example",
      dataDir: "data",
      link: { brokerUrl: "mqtt://127.0.0.1" },
      lines: [
        {
          line: { ...line, layout, tracking: { ...line.tracking, ...tracking } },
          devices: {
            ...devices,
            xray: {
              id: "L1-xray",
              reach: reaches.tcp,
              dialect: signalRegistersInput(),
              ...device,
            },
          },
        },
      ],
    });
    return parsed.lines
      .flatMap(checkSignals)
      .map(({ level, key, sentence }) => `${level} ${key}: ${sentence}`);
  };

  it("law 1: is told what no image means, and how long its verdict may take", () => {
    expect(findingsWith({})).toEqual([
      expect.stringMatching(/^note layout\.xray\.toMm: the machine has \d+ ms for its verdict/),
      expect.stringMatching(
        /^note layout\.xray\.hasImages: no image comes .* whatever needs machine inspection is opened/,
      ),
    ]);
  });

  const serial = { ...reaches.serial, baudRate: 9_600, parity: "even" };
  it.each<[string, Parameters<typeof findingsWith>[0], RegExp]>([
    ["an image awaited", { xray: { hasImages: undefined } }, /^error layout\.xray\.hasImages: /],
    ["a binding", { xray: { binding: { kind: "extent" } } }, /^error layout\.xray\.binding: /],
    ["counts", { xray: { entryByEye: undefined } }, /^error layout\.xray\.entryByEye: /],
    [
      "items with pictures",
      { xray: { entryByEye: { announceMm: 150, itemIsTold: "withPicture" } } },
      /^error layout\.xray\.entryByEye: /,
    ],
    ["a short silence", { device: { staleAfterMs: 999 } }, /^error devices\.xray\.staleAfterMs: /],
    [
      "too seldom a look",
      { device: { dialect: signalRegistersInput({ pollMs: 31 }) } },
      /^error devices\.xray\.dialect\.pollMs: .* read every 31 ms, and it must be at most 30/,
    ],
    [
      "a line too slow for its looks",
      { device: { reach: serial } },
      /^error devices\.xray\.dialect\.pollMs: the signals are read every \d+ ms/,
    ],
    [
      "a line too slow for anything",
      { device: { reach: { ...serial, baudRate: 1_200 } } },
      /^error devices\.xray\.reach\.baudRate: the signals take \d+ ms to read/,
    ],
    ["no time for a verdict", { xray: { toMm: 5_100 } }, /^error layout\.xray\.toMm: /],
    [
      "no images of a machine that sends them",
      { device: { reach: reaches.mqtt, dialect: { kind: "sortline-json" } } },
      /^error layout\.xray\.hasImages: sortline-json brings an image/,
    ],
  ])("%s is refused by its key", (_name, given, why) => {
    const errors = findingsWith(given).filter((each) => each.startsWith("error"));
    expect(errors).toEqual([expect.stringMatching(why)]);
  });

  it("takes a look that is just often enough", () => {
    const found = findingsWith({ device: { dialect: signalRegistersInput({ pollMs: 30 }) } });
    expect(found.some((each) => each.startsWith("error"))).toBe(false);
  });

  const map = signalMapInput();
  const registers = signalRegistersInput();
  const { machine, entry, verdict, announce } = registers;
  const register = { area: "input", at: 9 };
  const narrow = { area: "holding", at: 0, type: "u16", bits: 32 };
  const turned = { ...map.verdict.clear, isActiveLow: true };
  it.each<[string, object, object, string[]]>([
    [
      "numbers of two widths",
      { ...map, entry: { ...map.entry, times: { ...map.entry.times, bits: 32 } } },
      reaches.opcua,
      ["verdict", "times", "bits"],
    ],
    [
      "a clear that a broken wire could say",
      { ...map, verdict: { ...map.verdict, clear: turned } },
      reaches.opcua,
      ["verdict", "clear"],
    ],
    [
      "a register without its bit",
      { ...registers, machine: { ...machine, ready: register } },
      reaches.tcp,
      ["machine", "ready"],
    ],
    [
      "two in one register",
      { ...registers, entry: { ...entry, times: { ...entry.times, at: verdict.times.at } } },
      reaches.tcp,
      ["verdict", "times"],
    ],
    [
      "a register that does not hold its number",
      { ...registers, announce: { ...announce, track: narrow } },
      reaches.tcp,
      ["announce", "track"],
    ],
    ["a unit that is none", { ...registers, unitId: 0 }, reaches.serial, ["unitId"]],
  ])("%s: refused by its key", (_name, dialect, reach, path) => {
    const { error } = zXrayConfig.safeParse({ id: "xray-1", reach, dialect });
    expect(error?.issues[0]?.path).toEqual(["dialect", ...path]);
  });
});
