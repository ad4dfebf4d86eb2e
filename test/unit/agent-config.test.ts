import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { agentFileSchema } from "../../edge/runtime/config/agent-schema.ts";
import { checkLine, parcelsPerHour } from "../../edge/runtime/config/check-line.ts";
import { zLine, type LineFile } from "../../edge/runtime/config/line-file.ts";
import { lineConfigOf, readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";

/**
 * The agent's configuration file: what is wrong is refused in a sentence that names the key. Each
 * case changes the shipped example in one place and reads it as an agent would.
 */
const example = readFileSync("edge/examples/line-agent.yaml", "utf8");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-config-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readText(text: string): ReturnType<typeof readAgentFile> {
  const path = join(folder, "agent.yaml");
  writeFileSync(path, text);
  return readAgentFile(path);
}

interface DevicesFile {
  readonly lines: readonly {
    readonly line: { readonly layout: Record<"scanner" | "scale", { binding: object }> };
    readonly devices: Readonly<Record<string, object>>;
  }[];
}

type Path = readonly (string | number)[];

const none = { binding: { kind: "none" } };

/** The example with another scale, and what the layout says of it. */
function withScale(dialect: object, layout: object): string {
  const content = parse(example) as DevicesFile;
  Object.assign(content.lines[0]!.devices["scale"]!, { dialect });
  Object.assign(content.lines[0]!.line.layout.scale, layout);
  return stringify(content);
}

/** The example with one value changed; `undefined` removes the key. */
function changed(path: Path, value: unknown): string {
  const content = parse(example) as Record<string, unknown>;
  let at: Record<string | number, unknown> = content;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return stringify(content);
}

const sentencesOf = (text: string): readonly string[] => {
  const read = readText(text);
  return read.kind === "refused" ? read.sentences : [];
};

const line: Path = ["lines", 0, "line"];
const cameraCalled = (id: string) => ({
  id,
  reach: { kind: "http", url: "http://192.0.2.14/still" },
  dialect: { kind: "snapshot" },
  moments: ["left"],
});
const lightAt = (port: number) => ({
  id: "L1-light",
  reach: { kind: "mqtt", brokerUrl: `mqtt://127.0.0.1:${port}`, base: "site/light" },
  dialect: { kind: "sortline-json" },
});

describe("the agent's file", () => {
  it("takes the shipped example and says what its verdicts have time for", () => {
    const read = readText(example);
    expect(read.kind).toBe("config");
    const notes = read.kind === "config" ? read.findings : [];
    expect(notes.map(({ sentence }) => sentence).join("\n")).toMatch(
      /officers get, 19\.\d s before the red divert/,
    );
  });

  it("keeps the written schema in step with the code", () => {
    const written: unknown = JSON.parse(
      readFileSync("edge/runtime/config/agent.schema.json", "utf8"),
    );
    expect(JSON.parse(JSON.stringify(agentFileSchema()))).toEqual(written);
  });

  it.each<[string, Path, unknown, RegExp]>([
    ["an unknown key", ["speed"], 1, /^speed: there is no such key/],
    ["an unknown key within", [...line, "belt", "speed"], 1, /belt\.speed: there is no such key/],
    ["a missing key", [...line, "rules", "authority"], undefined, /rules\.authority: /],
    ["a journal that keeps nothing", ["journal"], { keepMs: 0 }, /^journal\.keepMs: /],
    ["segments of a record", ["journal"], { segmentRecords: 1 }, /^journal\.segmentRecords: /],
    ["a journal's unknown key", ["journal"], { keepDays: 3 }, /^journal\.keepDays: there is no/],
    [
      "a light that the layout names and no device is",
      [...line, "layout", "annunciatorId"],
      "L1-light",
      /devices\.annunciator: the layout says L1-light, the devices say none/,
    ],
    [
      "a light that the layout does not name",
      ["lines", 0, "devices", "annunciator"],
      lightAt(1883),
      /devices\.annunciator: the layout says none, the devices say L1-light/,
    ],
    [
      "a light that is called as another device",
      ["lines", 0, "devices", "annunciator"],
      { ...lightAt(1883), id: "L1-scale" },
      /devices\.annunciator\.id: another device is called L1-scale already/,
    ],
    [
      "a camera that the layout names and no device is",
      [...line, "layout", "cameraIds"],
      ["L1-top"],
      /devices\.cameras: the layout says L1-top, the devices say none/,
    ],
    [
      "a camera that is called as another device",
      ["lines", 0, "devices", "cameras"],
      [cameraCalled("L1-scale")],
      /devices\.cameras\.0\.id: another device is called L1-scale already/,
    ],
    ["a wrong unit", [...line, "belt", "speedMmPerS"], 0.001, /belt\.speedMmPerS: /],
    [
      "law 4: an un-commanded exit that is green",
      [...line, "layout", "end", "exit"],
      "green",
      /layout\.end\.exit: a parcel that nothing is commanded for would be released/,
    ],
    [
      "a scanner behind its commit point",
      [...line, "layout", "scanner", "atMm"],
      29_000,
      /layout\.scanner\.atMm: .*always comes too late/,
    ],
    [
      "an X-ray whose verdict cannot arrive",
      [...line, "layout", "xray", "toMm"],
      30_900,
      /layout\.xray: .*always comes too late/,
    ],
    [
      "windows wider than half the gap",
      [...line, "tracking"],
      { earlyMm: 200 },
      /tracking\.earlyMm: windows wider than half the gap/,
    ],
    [
      "a read window that reaches over the gap",
      [...line, "tracking"],
      { readLateMm: 250 },
      /tracking\.readLateMm: with earlyMm it reaches over the gap/,
    ],
    [
      "diverters out of order",
      [...line, "layout", "diverters", 1, "atMm"],
      27_500,
      /layout\.diverters\.1\.atMm: diverters stand in belt order/,
    ],
    [
      "diverters between which no parcel can be turned",
      [...line, "layout", "diverters", 0, "atMm"],
      30_950,
      /layout\.diverters\.1\.atMm: it must stand at least tracking\.lengthMmMin, 80 mm, beyond/,
    ],
    [
      "a scale without length",
      [...line, "layout", "scale", "toMm"],
      2_600,
      /layout\.scale\.toMm: must lie beyond fromMm/,
    ],
    [
      "two devices of one name",
      ["lines", 0, "devices", "scale", "id"],
      "L1-scanner",
      /devices\.scale\.id: another device is called L1-scanner already/,
    ],
    [
      "two ways to one exit",
      [...line, "layout", "diverters", 1, "exit"],
      "red",
      /layout\.diverters: two ways lead to red/,
    ],
    [
      "a device that the layout does not know",
      ["lines", 0, "devices", "scanner", "id"],
      "other",
      /devices\.scanner: the layout says L1-scanner, the devices say other/,
    ],
    [
      "a weight judged without a scale",
      ["lines", 0, "line", "rules", "weight"],
      null,
      /rules\.weight: weight is judged exactly where a scale is fitted/,
    ],
    [
      "a scale that reaches into the X-ray's tunnel",
      [...line, "layout", "scale", "toMm"],
      5_001,
      /layout\.scale: it would reach into the X-ray's tunnel, from 5000 to 7000 mm/,
    ],
    [
      "a scale beyond the belt's end",
      [...line, "layout", "scale"],
      {
        deviceId: "L1-scale",
        fromMm: 34_000,
        toMm: 34_800,
        binding: { kind: "track" },
      },
      /layout\.scale: it would stand outside the belt, which ends at 34000 mm/,
    ],
    [
      "a chute eye that every parcel would pass",
      [...line, "layout", "diverters", 0, "chuteTravelMm"],
      0,
      /layout\.diverters\.0\.chuteTravelMm: it must be more than 0: at its diverter/,
    ],
    [
      "an end eye whose window begins in that of the last chute's eye",
      [...line, "layout", "end", "atMm"],
      31_420,
      /layout\.end\.atMm: its window overlaps that of green-chute: it must stand beyond 31420 mm/,
    ],
    [
      "a tracking eye beside a chute's eye",
      [...line, "layout", "diverters", 0, "chuteTravelMm"],
      1_900,
      /layout\.trackingEyes\.2\.atMm: its window overlaps that of red-chute/,
    ],
    [
      "an end eye closer to the last tracking eye than a parcel is long",
      [...line, "layout", "trackingEyes", 2, "atMm"],
      33_100,
      /layout\.end\.atMm: eyes stand further apart than the longest parcel, 900 mm/,
    ],
    ["nothing to do", ["lines"], [], /lines: an agent without lines and without centre/],
  ])("refuses %s", (_what, path, value, expected) => {
    expect(sentencesOf(changed(path, value)).join("\n")).toMatch(expected);
  });

  describe("a camera that waits for what never happens on its line", () => {
    const sentences = (change: object, spoil: (role: Role) => void): readonly string[] => {
      const content = parse(example) as { lines: Role[] };
      const [role] = content.lines as [Role];
      role.line.layout["cameraIds"] = ["L1-top"];
      role.devices["cameras"] = [{ ...cameraCalled("L1-top"), ...change }];
      spoil(role);
      return sentencesOf(stringify(content)).filter((text) => text.includes("cameras"));
    };
    interface Role {
      readonly line: { readonly layout: Record<string, unknown>; rules: Record<string, unknown> };
      readonly devices: Record<string, unknown>;
    }
    const moments = ["inducted", "weighed", "imaged"];

    it("is refused where the line has no scale, and where it has no X-ray machine", () => {
      expect(sentences({ moments }, () => {})).toEqual([]);
      const without = (machine: "scale" | "xray") => (role: Role) => {
        role.line.layout[machine] = null;
        role.devices[machine] = null;
        if (machine === "scale") role.line.rules["weight"] = null;
      };
      expect(sentences({ moments }, without("scale"))).toEqual([
        "line L1, devices.cameras.0.moments.1: weighed is told of no parcel here: the line has no scale",
      ]);
      expect(sentences({ moments }, without("xray"))).toEqual([
        "line L1, devices.cameras.0.moments.2: imaged is told of no parcel here: the line has no X-ray machine",
      ]);
    });

    it("is refused where no way leads to its exit", () => {
      const exits = ["inspection", "red"];
      expect(sentences({ exits }, () => {})).toEqual([]);
      const noRed = ({ line: { layout } }: Role): void => {
        const diverters = layout["diverters"] as { exit: string }[];
        layout["diverters"] = diverters.filter(({ exit }) => exit !== "red");
      };
      expect(sentences({ exits }, noRed)).toEqual([
        "line L1, devices.cameras.0.exits.1: no way of this line leads to red",
      ]);
    });
  });

  const device = (kind: string, key: string): Path => ["lines", 0, "devices", kind, key];
  const broker = { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1:1883", base: "L1/device" };
  const serial = { kind: "serial", path: "/dev/ttyUSB0" };
  const carried = "cannot be carried by";
  it.each<[string, object, string]>([
    ["scale", broker, `frames ${carried} MQTT; it goes over a serial line or TCP`],
    ["scanner", broker, `frames ${carried} MQTT; it goes over a serial line or TCP`],
    ["xray", serial, `sortline-json ${carried} a serial line; it goes over MQTT`],
    ["sorter", serial, `sortline-opcua ${carried} a serial line; it goes over OPC UA`],
    ["sorter", broker, `sortline-opcua ${carried} MQTT; it goes over OPC UA`],
  ])("refuses a %s whose dialect cannot go over its reach", (kind, reach, why) => {
    expect(sentencesOf(changed(device(kind, "reach"), reach))).toEqual([
      `lines.0.devices.${kind}.dialect.kind: the dialect ${why}`,
    ]);
  });

  describe("as whom an MQTT broker is spoken to", () => {
    const user = { name: "line", passwordFile: "broker.password" };
    const linked = (change: object) =>
      readText(changed(["link"], { brokerUrl: "mqtt://127.0.0.1:1883", ...change }));
    const notes = (change: object): readonly string[] => {
      const read = linked(change);
      if (read.kind !== "config") throw new Error(read.sentences.join());
      return read.findings.flatMap(({ key }) => (key.startsWith("link.") ? [key] : []));
    };

    it.each<[object, string]>([
      [
        { tls: { caFile: "ca.pem" } },
        "link.tls: there is no TLS in this brokerUrl; it begins with mqtts: or wss: where there is",
      ],
      [
        { brokerUrl: "mqtts://b", tls: { keyFile: "k" } },
        "link.tls: certificateFile and keyFile go together",
      ],
      [
        { user: { name: "line", password: "p", passwordFile: "f" } },
        "link.user.password: there is no such key",
      ],
    ])("refuses %j", (change, why) => {
      const read = linked(change);
      expect(read.kind === "refused" ? read.sentences : []).toEqual([why]);
    });

    it("says where others could read a password", () => {
      expect(notes({ user })).toEqual([]);
      expect(notes({ brokerUrl: "mqtts://broker", user })).toEqual([]);
      expect(notes({ brokerUrl: "mqtt://broker", user })).toEqual(["link.user"]);
      expect(notes({ brokerUrl: "ws://127.0.0.1@broker", user })).toEqual(["link.user"]);
      expect(notes({ brokerUrl: "MQTT://broker", user })).toEqual(["link.user"]);
      expect(notes({ brokerUrl: "MQTTS://broker", user, tls: { caFile: "ca.pem" } })).toEqual([]);
      for (const own of ["127.1", "127.9.9.9", "[::1]", "LocalHost"]) {
        expect(notes({ brokerUrl: `mqtt://${own}:1883`, user })).toEqual([]);
      }
      for (const other of ["127.0.0.1.example", "[::2]", "128.0.0.1"]) {
        expect(notes({ brokerUrl: `mqtt://${other}:1883`, user })).toEqual(["link.user"]);
      }
      expect(notes({ brokerUrl: "mqtts://a:b@broker" })).toEqual(["link.brokerUrl"]);
      expect(notes({ brokerUrl: "mqtt://a:b@broker" })).toEqual(["link.brokerUrl", "link.user"]);
    });

    it("files start at the folder of the configuration", () => {
      const tls = { caFile: "ca.pem", certificateFile: "a/own.pem", keyFile: "/etc/own.key" };
      const read = linked({ brokerUrl: "mqtts://broker", tls, user });
      expect(read.kind === "config" ? read.file.link : null).toMatchObject({
        tls: {
          caFile: join(folder, "ca.pem"),
          certificateFile: join(folder, "a/own.pem"),
          keyFile: "/etc/own.key",
        },
        user: { passwordFile: join(folder, "broker.password") },
      });
    });
  });

  describe("as whom an OPC UA server is spoken to", () => {
    const security = { mode: "signAndEncrypt" };
    const opcua = { kind: "opcua", endpointUrl: "opc.tcp://127.0.0.1:4840", security };
    const either = "either name and passwordFile, or certificateFile and keyFile";
    it.each<[string, object, string]>([
      ["a name alone", { user: { name: "a" } }, `reach.user: ${either}`],
      [
        "both",
        { user: { name: "a", passwordFile: "p", certificateFile: "c", keyFile: "k" } },
        `reach.user: ${either}`,
      ],
      ["a key alone", { user: { keyFile: "k" } }, `reach.user: ${either}`],
      [
        "a password itself",
        { user: { name: "a", password: "p", passwordFile: "f" } },
        "reach.user.password: there is no such key",
      ],
      [
        "an unsecured server",
        { security: { mode: "none" }, user: { name: "a", passwordFile: "p" } },
        "reach.user: who we are is told to a server that has shown who it is; set mode signAndEncrypt",
      ],
    ])("refuses %s", (_what, change, why) => {
      expect(sentencesOf(changed(device("sorter", "reach"), { ...opcua, ...change }))).toEqual([
        `lines.0.devices.sorter.${why}`,
      ]);
    });

    it("files start at the folder of the configuration", () => {
      const user = { certificateFile: "keys/user.pem", keyFile: "/etc/user.key" };
      const read = readText(changed(device("sorter", "reach"), { ...opcua, user }));
      const reach = read.kind === "config" ? read.file.lines[0]?.devices.sorter.reach : null;
      expect(reach).toMatchObject({
        user: { certificateFile: join(folder, "keys/user.pem"), keyFile: "/etc/user.key" },
      });
    });
  });

  it.each<[string, string, object, object]>([
    [
      "frames over TCP",
      "scanner",
      { kind: "tcp", host: "a", port: 1 },
      { kind: "frames", preset: "keyence" },
    ],
    ["a scanner's messages over MQTT", "scanner", broker, { kind: "sortline-json" }],
    ["toledo over a serial line", "scale", serial, { kind: "toledo", unit: "kg" }],
    [
      "an 8213 over a serial line",
      "scale",
      { ...serial, dataBits: 7, parity: "even" },
      { kind: "toledo-8213", unit: "kg", decimals: 3 },
    ],
    ["MT-SICS over TCP", "scale", { kind: "tcp", host: "a", port: 1 }, { kind: "mt-sics" }],
    ["a sorter's messages over MQTT", "sorter", broker, { kind: "sortline-json" }],
  ])("takes %s", (_what, kind, reach, dialect) => {
    const content = parse(changed(device(kind, "reach"), reach)) as DevicesFile;
    Object.assign(content.lines[0]!.devices[kind]!, { dialect });
    // What such a device can prove of a parcel is another matter.
    const { layout } = content.lines[0]!.line;
    for (const place of [layout.scanner, layout.scale]) place.binding = { kind: "none" };
    expect(readText(stringify(content)).kind).toBe("config");
  });

  it.each<[string, string, unknown, RegExp]>([
    ["a device without a dialect", "sorter", undefined, /sorter\.dialect: /],
    ["a dialect that does not exist", "scale", { kind: "mettler" }, /scale\.dialect\.kind: /],
    ["another device's dialect", "xray", { kind: "toledo" }, /xray\.dialect\.kind: /],
    [
      "an unknown key of a dialect",
      "sorter",
      { kind: "sortline-opcua", node: "x" },
      /sorter\.dialect\.node: there is no such key/,
    ],
    [
      "frames that contradict themselves",
      "scanner",
      { kind: "frames", preset: "sick", endHex: ["02"] },
      /scanner\.dialect\.endHex: an end cannot contain the start byte/,
    ],
  ])("refuses %s", (_what, kind, dialect, expected) => {
    expect(sentencesOf(changed(device(kind, "dialect"), dialect)).join("\n")).toMatch(expected);
  });

  it.each(["toledo", "mt-sics", "cubiscan", "sick-mda"])(
    "law 16: refuses to bind weights by a token that %s has no place for",
    (kind) => {
      const content = parse(changed(device("scale", "dialect"), { kind })) as DevicesFile;
      expect(sentencesOf(stringify(content)).join("\n")).toMatch(
        new RegExp(`scale\\.dialect: the binding track needs .* ${kind} has no place for one`),
      );
    },
  );

  it.each<[string, object]>([
    ["the binding extent", { binding: { kind: "extent" } }],
    ["lengthToleranceMm", { binding: { kind: "none" }, lengthToleranceMm: 25 }],
  ])("law 16: %s needs a scale that measures too", (want, changes) => {
    const refused = new RegExp(`scale\\.dialect: ${want} needs a scale that measures too, and `);
    expect(sentencesOf(withScale({ kind: "mt-sics" }, changes)).join("\n")).toMatch(refused);
    for (const kind of ["cubiscan", "sick-mda"]) {
      expect(readText(withScale({ kind }, changes)).kind).toBe("config");
    }
  });

  it("refuses a length tolerance that is none", () => {
    const text = withScale({ kind: "cubiscan" }, { ...none, lengthToleranceMm: 0 });
    expect(sentencesOf(text).join("\n")).toMatch(/layout\.scale\.lengthToleranceMm: /);
  });

  const ssi = { kind: "zebra-ssi" };
  it("takes SSI with a binding that needs no room in its packets, and refuses any other", () => {
    const content = parse(changed(device("scanner", "dialect"), ssi)) as DevicesFile;
    expect(sentencesOf(stringify(content)).join("\n")).toMatch(
      /scanner\.dialect: the binding echo needs a proof in the telegram, and zebra-ssi has no place/,
    );
    content.lines[0]!.line.layout.scanner.binding = { kind: "none", canTest: true };
    expect(sentencesOf(stringify(content)).join("\n")).toMatch(/canTest needs a proof/);
    content.lines[0]!.line.layout.scanner.binding = { kind: "none" };
    expect(readText(stringify(content)).kind).toBe("config");
  });

  it("refuses ages of a scanner that has no sign of life", () => {
    const content = parse(changed(device("scanner", "staleAfterMs"), 1_000)) as DevicesFile;
    Object.assign(content.lines[0]!.devices["scanner"]!, { dialect: ssi });
    expect(sentencesOf(stringify(content))[0]).toBe(
      "lines.0.devices.scanner.staleAfterMs: zebra-ssi has no sign of life: leave it out",
    );
  });

  it("refuses ages of a scanner whose frames bring their own heartbeat", () => {
    expect(sentencesOf(changed(device("scanner", "staleAfterMs"), 1_000))).toEqual([
      "lines.0.devices.scanner.staleAfterMs: set the dialect's heartbeat instead",
    ]);
  });

  it("refuses what is no YAML, and a file that is not there, without a stack", () => {
    expect(sentencesOf("agentId: [")).not.toEqual([]);
    const read = readAgentFile(join(folder, "none.yaml"));
    expect(read).toMatchObject({ kind: "refused", sentences: [/no such file/i] });
  });

  it.each<[string, string, RegExp]>([
    ["a key given twice", `${example}\nagentId: other\n`, /agent\.yaml, line \d+: agentId stands/],
    ["one within", "a:\n  b: 1\n  c: 2\n  b: 3\n", /agent\.yaml, line 4: b stands here a second/],
    ["a bracket left open", "a: [1, 2\nb: 3\n", /agent\.yaml, line 2: /],
    ["two documents", "a: 1\n---\nb: 2\n", /agent\.yaml, line 2: a second document begins/],
  ])("refuses %s in one sentence with the line's number", (_what, text, expected) => {
    const [first = "", ...others] = sentencesOf(text);
    expect(first).toMatch(expected);
    for (const sentence of [first, ...others]) expect(sentence).not.toContain("\n");
  });

  const host: Path = ["lines", 0, "devices", "scale", "reach"];
  const tcp = (name: string) => ({ kind: "tcp", host: name, port: 4_001 });
  it.each(["scale-1", "scale.zjg.example", "192.0.2.10", "2001:db8::1", "scale-1.", "a"])(
    "takes the host %s",
    (name) => expect(readText(changed(host, tcp(name))).kind).toBe("config"),
  );
  it.each(["not a host!", "scale_1", "-scale", "192.0.2.999", "10.0.0", "a..b", "http://a", ":1"])(
    "refuses the host %j",
    (name) => {
      const sentences = sentencesOf(changed(host, tcp(name)));
      expect(sentences).toEqual([expect.stringMatching(/reach\.host: a host name or an IP/)]);
    },
  );

  it("refuses aliases, so that a small file cannot become a large one", () => {
    const bomb = `a: &a [x]\nb: &b [*a, *a]\n${example}`;
    expect(sentencesOf(bomb)).not.toEqual([]);
  });
});

describe("bindings (law 16)", () => {
  const scanner: Path = ["lines", 0, "line", "layout", "scanner", "binding"];
  const lab = (path: Path, value: unknown): string => {
    const content = parse(changed(path, value)) as Record<string, unknown>;
    const [first] = content["lines"] as {
      line: { mode: string };
      devices: Record<string, { dialect: object }>;
    }[];
    first!.line.mode = "lab";
    const head = { end: "|", separator: ",", token: "T", test: "X", counter: "C" };
    Object.assign(first!.devices["scanner"]!.dialect, { proofHead: head });
    return stringify(content);
  };
  const findingsOf = (text: string): string[] => {
    const read = readText(text);
    if (read.kind === "refused") return [...read.sentences];
    return read.findings.map(({ key, sentence }) => `${key}: ${sentence}`);
  };

  it("a reader without one is refused by its key", () => {
    expect(sentencesOf(changed(scanner, undefined)).join()).toMatch(/layout\.scanner\.binding: /);
  });

  it.each<[string, object, RegExp]>([
    [
      "ticks that no frame brings",
      { kind: "ticks", bits: 32 },
      /binding ticks needs ticks in proofHead/,
    ],
    [
      "a counter without a test",
      { kind: "counter", bits: 16, canTest: false },
      /canTest: where it/,
    ],
    ["a token that meets the parcel before", { kind: "echo", sendMm: 241 }, /sendMm: a token sent/],
    [
      "outputs on one input",
      { kind: "pulse", goodInputId: "a", noReadInputId: "a" },
      /noReadInputId: good read and no-read need an input each/,
    ],
    [
      "a witness behind the first diverter",
      {
        kind: "witness",
        reader: { deviceId: "L1-witness", atMm: 28_000, binding: { kind: "echo" } },
      },
      /the devices say none/,
    ],
  ])("refuses %s", (_what, binding, expected) => {
    const binds = lab(scanner, binding);
    expect(findingsOf(binds).join("\n")).toMatch(expected);
  });

  it("a token that just misses the parcel before is taken", () => {
    expect(findingsOf(lab(scanner, { kind: "echo", sendMm: 240 })).join()).not.toMatch(/sendMm/);
  });

  const testOf = (device: string, binding: string) => ({
    device,
    binding,
    by: "wang",
    on: "2026-11-20",
  });

  it.each([
    [
      "another binding",
      {
        kind: "pulse",
        goodInputId: "good",
        noReadInputId: "bad",
        tested: testOf("L1-scanner", "echo"),
      },
    ],
    ["another device", { kind: "echo", tested: testOf("L1-scanner-before", "echo") }],
  ])("a test of %s is refused, and says what was tested", (_what, binding) => {
    expect(findingsOf(changed(scanner, binding)).join("\n")).toMatch(
      /\.tested: what was tested is L1-scanner(-before)? with the binding echo, not L1-scanner with /,
    );
  });

  it.each(["device", "binding"] as const)("a test that names no %s is refused", (key) => {
    const { [key]: _left, ...rest } = testOf("L1-scanner", "echo");
    const read = readText(changed(scanner, { kind: "echo", tested: rest }));
    expect(read).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(read)).toMatch(new RegExp(`tested.${key}`));
  });

  it("what nobody has tested is believed in a lab only", () => {
    const tested = { kind: "echo", tested: testOf("L1-scanner", "echo") };
    const bindingOf = (text: string) => {
      const read = readText(text);
      if (read.kind === "refused") throw new Error(read.sentences.join());
      return lineConfigOf(read.file.lines[0]!.line).config.layout.scanner.binding;
    };
    expect(bindingOf(example)).toEqual({ kind: "none" });
    expect(findingsOf(example).join("\n")).toMatch(/binding\.tested: its binding test is not kept/);
    expect(bindingOf(lab(scanner, { kind: "echo" }))).toEqual({ kind: "echo", sendMm: 150 });
    expect(bindingOf(changed(scanner, tested))).toEqual({ kind: "echo", sendMm: 150 });
  });

  it("says what a pulse asks of a reader that sends several frames", () => {
    const pulse = { kind: "pulse", goodInputId: "good", noReadInputId: "bad" };
    expect(findingsOf(lab(scanner, pulse)).join("\n")).toMatch(/must fire with each of them/);
  });

  it("says what none costs", () => {
    const text = lab(scanner, { kind: "none" });
    expect(findingsOf(text).join("\n")).toMatch(
      /so no parcel is released: a weight that fits the papers is no proof/,
    );
    const scale: Path = ["lines", 0, "line", "layout", "scale", "binding"];
    expect(findingsOf(lab(scale, { kind: "none" })).join("\n")).toMatch(
      /speaks against a parcel and never for it/,
    );
    const extent = withScale({ kind: "cubiscan" }, { binding: { kind: "extent" } });
    expect(findingsOf(extent).join("\n")).toMatch(/boxes of one length are many, so a weight/);
    const xray: Path = ["lines", 0, "line", "layout", "xray", "binding"];
    expect(findingsOf(lab(xray, { kind: "extent" })).join("\n")).toMatch(
      /until a person has emptied the machine of its pictures/,
    );
  });
});

describe("a sorter's counter that wraps", () => {
  interface Given {
    readonly bits: number;
    readonly mmPerCount?: number;
    readonly windowMm?: number;
  }
  const findingsWith = ({ bits, mmPerCount = 1, windowMm = 0 }: Given): readonly string[] => {
    const content = parse(example) as {
      lines: {
        line: { belt: object; commit?: object };
        devices: { sorter: { dialect: object } };
      }[];
    };
    const { line: lineText, devices } = content.lines[0]!;
    Object.assign(lineText.belt, { mmPerCount });
    lineText.commit = { ...lineText.commit, windowMm };
    Object.assign(devices.sorter.dialect, { counter: { bits, isSigned: false } });
    const read = readText(stringify(content));
    return read.kind === "refused"
      ? read.sentences
      : read.findings.map(({ key, sentence }) => `${key}: ${sentence}`);
  };

  it.each<[string, Given, RegExp]>([
    [
      "a fine encoder turns it faster than the line gives the sorter up",
      { bits: 16, mmPerCount: 0.05 },
      /devices\.sorter\.staleAfterMs: a counter of 16 bits at 0\.05 mm a count may turn by half within 819 ms/,
    ],
    [
      "commands would reach beyond half a turn of it",
      { bits: 16, windowMm: 32_000 },
      /commit\.windowMm: commands would name counts up to 33500 mm ahead/,
    ],
    [
      "an image may be of the turn before the last parcel announced",
      { bits: 16, mmPerCount: 0.1 },
      /layout\.xray\.toMm: an image may be told of a parcel that entered the X-ray up to \d+ mm before the last one announced, and beyond 3277 mm/,
    ],
    [
      "it is narrower than what a delayed message may hide",
      { bits: 16 },
      /devices\.sorter\.dialect\.counter: .* silences of up to 16\.4 s; .*no count is ever refused/,
    ],
    [
      "24 bits of it are wide enough for a millimetre a count",
      { bits: 24 },
      /devices\.sorter\.dialect\.counter: .* silences of up to 4194\.3 s; after a longer one the belt is unknown$/m,
    ],
  ])("says in a sentence by its key that %s", (_what, given, expected) => {
    expect(findingsWith(given).join("\n")).toMatch(expected);
  });

  it("tells the turn of every image's count where half of one spans all that are awaited", () => {
    const sentences = (mmPerCount: number) => findingsWith({ bits: 16, mmPerCount }).join("\n");
    const [, behind] = /entered the X-ray up to (\d+) mm/.exec(sentences(0.1)) ?? [];
    const halfTurn = 2 ** 15 - 1;
    const fitting = Number(behind) / halfTurn;
    expect(sentences(fitting)).not.toMatch(/the last one announced/);
    expect(sentences(fitting * 0.999)).toMatch(/the last one announced/);
  });

  it("ticks that come round within the length of the belt are refused", () => {
    const content = parse(example) as { lines: { line: object }[] };
    const given = zLine.parse(content.lines[0]?.line);
    const scanner = zLine.shape.layout.shape.scanner.parse({
      ...given.layout.scanner,
      binding: { kind: "ticks", bits: 16 },
    });
    const sentences = (mmPerCount: number): string =>
      checkLine({
        ...given,
        belt: { ...given.belt, mmPerCount },
        layout: { ...given.layout, scanner },
      })
        .map(({ level, key, sentence }) => `${level} ${key}: ${sentence}`)
        .join("\n");
    expect(sentences(0.5)).toMatch(
      /error layout\.scanner\.binding\.bits: a counter of 16 bits begins anew every 32768 mm/,
    );
    expect(sentences(1)).not.toMatch(/binding\.bits/);
  });
});

describe("what a line has time for", () => {
  const base = (): LineFile => {
    const content = parse(example) as { lines: { line: unknown }[] };
    return zLine.parse(content.lines[0]?.line);
  };

  /** The example with the end of its X-ray, its scanner and whose word counts changed. */
  const changedLine = (
    toMm: number,
    imageVerdictBy: LineFile["rules"]["imageVerdictBy"],
    scannerMm = 1_500,
  ): LineFile => {
    const given = base();
    const { layout, rules } = given;
    return {
      ...given,
      rules: { ...rules, imageVerdictBy },
      layout: {
        ...layout,
        xray: { deviceId: "L1-xray", fromMm: 5_000, toMm, binding: { kind: "header" } },
        scanner: { ...layout.scanner, atMm: scannerMm },
      },
    };
  };
  const told = (line: LineFile, level: "error" | "note"): string[] =>
    checkLine(line)
      .filter((finding) => finding.level === level)
      .map(({ key, sentence }) => `${key}: ${sentence}`);

  it.each(["officer", "both"] as const)(
    "refuses word by %s that comes too late for red, though it might for green",
    (by) => {
      expect(told(changedLine(26_000, by), "error")).toEqual([
        expect.stringMatching(/^rules\.imageVerdictBy: officers would get 0\.6 s before the red/),
        expect.stringMatching(/^rules\.imageVerdictBy: officers would get 3\.6 s before the green/),
      ]);
      expect(told(changedLine(22_561, by), "error")).toEqual([
        expect.stringMatching(/officers would get 4\.0 s before the red divert; nobody/),
      ]);
      expect(told(changedLine(22_560, by), "error")).toEqual([]);
    },
  );

  it("says it when officers can add reasons but never send a parcel to red", () => {
    expect(told(changedLine(26_000, "algorithm"), "error")).toEqual([]);
    expect(told(changedLine(26_000, "algorithm"), "note")).toContain(
      "layout.xray.toMm: an algorithm has, and officers get, 0.6 s before the red divert: officers take 4 s, so they can add reasons but never send a parcel there",
    );
  });

  it("refuses an X-ray from which no long parcel's verdict comes in time for red", () => {
    expect(told(changedLine(26_600, "algorithm"), "error")).toEqual([
      expect.stringMatching(/^layout\.xray\.toMm: a long parcel's verdict would come 0\.0 s after/),
    ]);
  });

  it("says what a scanner behind the X-ray means, and counts officers' time from there", () => {
    const late = changedLine(7_000, "officer", 22_000);
    expect(told(late, "note")).toContainEqual(
      expect.stringMatching(/^layout\.scanner\.atMm: it stands behind the X-ray: officers see/),
    );
    expect(told(late, "error")).toEqual([]);
    expect(told(changedLine(7_000, "officer", 23_000), "error")).toEqual([
      expect.stringMatching(/^rules\.imageVerdictBy: officers would get 3\.6 s before the red/),
    ]);
  });

  it("takes a scale that ends where the tunnel begins, and an end eye just clear of the chute's", () => {
    const { layout, ...rest } = base();
    const binding = { kind: "track", sendMm: 150 } as const;
    const scale = { deviceId: "L1-scale", fromMm: 4_200, toMm: 5_000, binding };
    const end = { ...layout.end, atMm: 31_421 };
    expect(told({ ...rest, layout: { ...layout, scale, end } }, "error")).toEqual([]);
  });

  it("says what a line without tracking eyes cannot notice", () => {
    const { layout, ...rest } = base();
    const blind = { ...rest, layout: { ...layout, trackingEyes: [] } };
    expect(told(blind, "error")).toEqual([]);
    expect(told(blind, "note")).toContain(
      "layout.trackingEyes: there are none, so from induction on a parcel's place is only reckoned; what slips or is lost shows no sooner than at a chute or at the end",
    );
    expect(told(base(), "note").join()).not.toContain("layout.trackingEyes");
  });

  it.each([
    [1_000, 400, 300, 5_143],
    [2_000, 400, 300, 10_286],
    [2_100, 300, 250, 13_745],
  ])("PR8.1-2: at %i mm/s, %i mm long and %i mm apart, %i pass in an hour", (...given) => {
    const [speedMmPerS, lengthMm, gapMm, parcels] = given;
    expect(parcelsPerHour(speedMmPerS, lengthMm, gapMm)).toBe(parcels);
  });

  it("says what the belt can carry", () => {
    expect(told(base(), "note")).toContain(
      "belt.speedMmPerS: at most 5143 parcels of 400 mm pass in an hour, 300 mm apart, or 3000 of 900 mm",
    );
  });

  it("notes a diverter that swings in no time", () => {
    const { layout, ...rest } = base();
    const [red, ...others] = layout.diverters;
    const quick = {
      ...rest,
      layout: { ...layout, diverters: [{ ...red!, swingMs: 0 }, ...others] },
    };
    expect(told(quick, "error")).toEqual([]);
    expect(told(quick, "note")).toContainEqual(
      expect.stringMatching(/^layout\.diverters\.0\.swingMs: no diverter swings in no time/),
    );
    expect(told(base(), "note").join()).not.toContain("swingMs");
  });

  it.each([
    [49.9, false],
    [50, true],
    [100, true],
  ])("a weight that may be %d %% off is noted: %s", (tolerancePct, isNoted) => {
    const { rules, ...rest } = base();
    const line = { ...rest, rules: { ...rules, weight: { toleranceG: 50, tolerancePct } } };
    expect(told(line, "error")).toEqual([]);
    expect(told(line, "note").join().includes("rules.weight.tolerancePct: with")).toBe(isNoted);
  });

  it.each([5_000, 7_000])("refuses a scanner inside the tunnel, at %i mm", (scannerMm) => {
    expect(told(changedLine(7_000, "algorithm", scannerMm), "error")).toEqual([
      "layout.scanner.atMm: it would stand inside the X-ray's tunnel",
    ]);
  });
});
