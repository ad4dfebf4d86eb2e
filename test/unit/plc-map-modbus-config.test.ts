/**
 * Goal: a map of a controller's registers that cannot work is refused in a sentence that names its key,
 * before anything is connected, and what stands on the device's page is what goes over the wire.
 * Method: the page's own text, put into the shipped example and changed in one place at a time; and
 * the page's bytes, written and read by the same code.
 */
import { hexText } from "../../edge/devices/hex-text.ts";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { modbusCommandBlock } from "../../edge/devices/sorter/plc-map-modbus-fit.ts";
import {
  modbusVariablesOf,
  zSorterPlcMapModbusDialect,
} from "../../edge/devices/sorter/plc-map-modbus.ts";
import { readAnswer } from "../../edge/devices/wires/modbus/pdu.ts";
import { rtuFrame } from "../../edge/devices/wires/modbus/rtu-framing.ts";
import { createTcpFraming } from "../../edge/devices/wires/modbus/tcp-framing.ts";
import { createWritePlan } from "../../edge/devices/wires/modbus/write-plan.ts";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";

const agent = readFileSync("edge/examples/line-agent.yaml", "utf8");
const page = readFileSync("edge/devices/sorter/README.md", "utf8");
const ofPage = /## Over Modbus[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-plc-modbus-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Tree = { [key: string]: Tree };
const inside = (tree: Tree, keys: readonly string[]): Tree =>
  keys.reduce((at, key) => at[key] ?? {}, tree);

type Change = readonly [path: string, value: unknown];

/** The page's sorter in the shipped agent, with `changes`. */
function readWith(...changes: readonly Change[]) {
  const content = parse(agent) as { lines: { line: Tree; devices: { sorter: Tree } }[] };
  const sorter = parse(ofPage) as Tree;
  for (const [path, value] of changes) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const at = inside(path === "commit" ? content.lines[0]!.line : sorter, keys);
    if (value === undefined) delete at[last];
    else at[last] = structuredClone(value) as Tree;
  }
  content.lines[0]!.devices.sorter = sorter;
  const path = join(folder, "agent.yaml");
  writeFileSync(path, stringify(content));
  return readAgentFile(path);
}

const said = (...changes: readonly Change[]): string => {
  const read = readWith(...changes);
  return read.kind === "refused"
    ? read.sentences.join("\n")
    : read.findings.map(({ level, key, sentence }) => `${level} ${key}: ${sentence}`).join("\n");
};

const serial = (baudRate: number) => ({
  kind: "serial",
  path: "/dev/ttyUSB0",
  baudRate,
  parity: "even",
});

describe("a map of a controller's registers", () => {
  it("as on the page of the device is taken", () => {
    expect(said()).not.toMatch(/dialect\.(?!count)/);
    expect(readWith().kind).toBe("config");
  });

  it.each<[string, Change, RegExp]>([
    [
      "32 bits in no order",
      ["dialect.count.wordOrder", undefined],
      /dialect\.count: wordOrder is missing: u32 has two registers/,
    ],
    [
      "16 bits in some order",
      ["dialect.boot.wordOrder", "lowFirst"],
      /dialect\.boot: u16 is one register, without wordOrder/,
    ],
    ["a type that nobody has", ["dialect.boot.type", "u64"], /dialect\.boot\.type: /],
    ["an address beyond the last", ["dialect.boot.at", 65_536], /dialect\.boot\.at: /],
    [
      "a list that ends beyond the last",
      ["dialect.events.kind.at", 65_400],
      /dialect\.events\.kind: it ends at 65908, and addresses end at 65535/,
    ],
    [
      "a coil with a type",
      ["dialect.induction.type", "u16"],
      /dialect\.induction: a coil is a bool, not u16/,
    ],
    [
      "a flag without its bit",
      ["dialect.belt.running.bit", undefined],
      /dialect\.belt\.running: say which bit of the register is meant/,
    ],
    [
      "a bit that no register has",
      ["dialect.belt.running.bit", 16],
      /dialect\.belt\.running\.bit: /,
    ],
    [
      "writing where nobody can",
      ["dialect.command.op.area", "input"],
      /dialect\.command\.op: input is read-only/,
    ],
    [
      "writing a discrete input",
      ["dialect.induction.area", "discrete"],
      /dialect\.induction: discrete is read-only/,
    ],
    [
      "writing one bit of a register",
      ["dialect.induction", { area: "holding", at: 40, bit: 1 }],
      /dialect\.induction\.bit: there is no such key/,
    ],
    [
      "a counter wider than its registers",
      ["dialect.count.bits", 64],
      /dialect\.count: u32 does not hold 0 to 9007199254740991/,
    ],
    [
      "elements closer than they are long",
      ["dialect.events.count.stride", 1],
      /dialect\.events\.count: stride 1 is less than its own registers/,
    ],
    [
      "an answer in a register that is written",
      ["dialect.ack.seq", { area: "holding", at: 10, type: "u16" }],
      /dialect\.ack\.seq: holding 10 is command\.seq already/,
    ],
    [
      "two meanings of one bit",
      ["dialect.chutes.red.full.bit", 0],
      /dialect\.chutes\.red\.full: input 7 is chutes\.green\.full already/,
    ],
    ["half of another's value", ["dialect.boot.at", 1], /dialect\.boot: input 1 is count already/],
    [
      "arguments that are not side by side",
      ["dialect.command.boot.at", 30],
      /dialect\.command\.boot: .*holding 9 between them is none of them/,
    ],
    [
      "a number that may be seen half written",
      [
        "dialect.command.seq",
        { area: "holding", at: 20, type: "u32", wordOrder: "highFirst", bits: 32 },
      ],
      /dialect\.command\.seq: it must be one register/,
    ],
    [
      "a boot word that no command can hold",
      ["dialect.boot", { area: "input", at: 700, type: "u32", wordOrder: "highFirst" }],
      /dialect\.command\.boot: it is u16, and what it is compared with is u32/,
    ],
    [
      "a word that tells no two starts apart",
      ["dialect.life.fromPlc", { area: "input", at: 700, type: "f32", wordOrder: "highFirst" }],
      /dialect\.life\.fromPlc: f32 tells no two starts apart/,
    ],
    ["no unit", ["dialect.unitId", undefined], /dialect\.unitId: /],
    [
      "a bit of a register that is written",
      ["dialect.induction", { area: "holding", at: 40 }],
      /dialect\.induction: a register that is written is a u16 of its own/,
    ],
    [
      "an unknown key",
      ["dialect.boot.node", "s=Boot"],
      /dialect\.boot\.node: there is no such key/,
    ],
    [
      "a reach without registers",
      ["reach", { kind: "mqtt", brokerUrl: "mqtt://localhost", base: "a" }],
      /dialect\.kind: the dialect plc-map-modbus cannot be carried by MQTT; it goes over a serial line or TCP/,
    ],
    [
      "seven bits a character",
      ["reach", { ...serial(115_200), dataBits: 7 }],
      /reach\.dataBits: must be 8 for Modbus RTU/,
    ],
    [
      "ISO transport, which no registers are within",
      ["reach.isoTcp", { own: "02.01", device: "02.02" }],
      /reach\.isoTcp: Modbus has a head of its own on TCP.*leave it out/,
    ],
    [
      "a ring too small for two seconds",
      ["dialect.events.size", 64],
      /dialect\.events\.size: this line may tell 79 events within 2 s/,
    ],
  ])("is refused for %s", (_, change, expected) => {
    expect(readWith(change).kind).toBe("refused");
    expect(said(change)).toMatch(expected);
  });

  it("on a serial line has a unit from 1 to 247, and no frames of TCP", () => {
    const reach: Change = ["reach", serial(115_200)];
    expect(said(reach, ["dialect.unitId", 248])).toMatch(
      /dialect\.unitId: must be 1 to 247 in rtu/,
    );
    expect(said(reach, ["dialect.framing", "tcp"])).toMatch(
      /dialect\.framing: a serial line carries rtu/,
    );
    expect(readWith(["dialect.unitId", 255]).kind).toBe("config");
    expect(said(["dialect.framing", "rtu"], ["dialect.unitId", 0])).toMatch(
      /must be 1 to 247 in rtu/,
    );
  });
});

it("has words for every key in the schema that editors show", () => {
  const untold: string[] = [];
  const look = (schema: Tree, path: string): void => {
    for (const [key, value] of Object.entries(schema["properties"] ?? {})) {
      if (value["description"] === undefined) untold.push(`${path}${key}`);
      look(value, `${path}${key}.`);
    }
    const more = schema["additionalProperties"];
    if (typeof more === "object") look(more, `${path}*.`);
  };
  look(z.toJSONSchema(zSorterPlcMapModbusDialect, { io: "input" }) as unknown as Tree, "");
  expect(untold).toEqual([]);
});

describe("a map on a serial line", () => {
  it("says how long its bytes take", () => {
    expect(said(["reach", serial(115_200)])).toMatch(
      /note line L1, devices\.sorter\.reach\.baudRate: at 115200 baud the map's registers take 126 ms to read and a command \d+ ms to write, without the time/,
    );
  });

  it("that takes too long to read proves nothing, and is refused", () => {
    expect(said(["reach", serial(19_200)])).toMatch(
      /devices\.sorter\.reach\.baudRate: at 19200 baud the map's registers take \d+ ms to read, and what takes more than 250 ms proves nothing/,
    );
  });

  it("that is too slow for the line's commands is refused, to the millisecond", () => {
    const [, needed] =
      /2 polls and a command are (\d+) ms/.exec(
        said(["reach", serial(115_200)], ["commit", { leadMs: 100 }]),
      ) ?? [];
    // The controller refuses what has less than 20 ms left.
    const enough = Number(needed) + 20;
    expect(enough).toBeGreaterThan(200);
    expect(readWith(["reach", serial(115_200)], ["commit", { leadMs: enough }]).kind).toBe(
      "config",
    );
    expect(said(["reach", serial(115_200)], ["commit", { leadMs: enough - 1 }])).toMatch(
      /commit\.leadMs: .* 2 polls and a command are/,
    );
  });
});

describe("a map with latches instead of a ring", () => {
  const counted = (at: number, more: object = {}) => ({ area: "input", at, type: "u16", ...more });
  const count = (at: number) => ({ area: "input", at, type: "u32", wordOrder: "highFirst" });
  const ids = [
    "induction",
    "xray-entry",
    "pre-red",
    "red-chute",
    "pre-green",
    "green-chute",
    "end",
  ];
  const latches = {
    eyes: Object.fromEntries(
      ids.map((id, index) => [
        id,
        {
          edges: counted(100 + 6 * index, { bits: 16 }),
          isBlocked: { area: "input", at: 101 + 6 * index, bit: 0 },
          blockedAt: count(102 + 6 * index),
          clearedAt: count(104 + 6 * index),
        },
      ]),
    ),
    fired: Object.fromEntries(
      ["red", "green"].map((exit, index) => [
        exit,
        {
          times: counted(142 + 4 * index, { bits: 16 }),
          seq: counted(143 + 4 * index),
          at: count(144 + 4 * index),
        },
      ]),
    ),
    cancelled: { times: counted(150, { bits: 16 }) },
  };
  const noRing: Change = ["dialect.events", undefined];
  const latched: Change = ["dialect.latches", latches];

  it("is taken, and reads so much less that a slow line will do", () => {
    expect(readWith(noRing, latched).kind).toBe("config");
    expect(said(noRing, latched, ["reach", serial(57_600)])).toMatch(
      /at 57600 baud the map's registers take \d\d ms to read/,
    );
  });

  it.each<[string, readonly Change[], RegExp]>([
    ["both", [latched], /dialect\.events: exactly one of events and latches tells what happens/],
    ["neither", [noRing], /dialect\.events: exactly one of events and latches/],
    [
      "an eye without a latch",
      [noRing, ["dialect.latches", { ...latches, eyes: { induction: latches.eyes["induction"] } }]],
      /dialect\.latches\.eyes: the layout names end, and no latch is its own/,
    ],
    [
      "a diverter without a latch",
      [noRing, ["dialect.latches", { ...latches, fired: { red: latches.fired["red"] } }]],
      /dialect\.latches\.fired: nothing tells when green has moved/,
    ],
    [
      "an eye's two halves in one register",
      [noRing, latched, ["dialect.latches.eyes.end.clearedAt.at", 139]],
      /dialect\.latches\.eyes\.end\.clearedAt: input 139 is latches\.eyes\.end\.blockedAt already/,
    ],
    [
      "polls too far apart for the closest parcels",
      [noRing, latched, ["dialect.pollMs", 48]],
      /dialect\.pollMs: it must be at most 47: else latches do not tell the closest parcels apart/,
    ],
    [
      "a line too slow for the closest parcels",
      [noRing, latched, ["reach", serial(19_200)]],
      /reach\.baudRate: .*, and more than 47 ms do not tell the closest parcels apart/,
    ],
  ])("is refused for %s", (_, changes, expected) => {
    expect(readWith(...changes).kind).toBe("refused");
    expect(said(...changes)).toMatch(expected);
  });
});

describe("the page's bytes", () => {
  const lines = [
    ...(/```text\n(> 00 05[\s\S]*?)```/.exec(page)?.[1] ?? "").matchAll(/^([<>]) (.*)$/gm),
  ];
  const { dialect } = zSorterConfig.parse(parse(ofPage));
  if (dialect.kind !== "plc-map-modbus") throw new Error("no map of registers");
  const plan = createWritePlan(modbusVariablesOf(dialect), [modbusCommandBlock]);
  const asksFor = (values: Readonly<Record<string, number>>) => {
    const step = plan.step(Object.entries(values).map(([key, value]) => ({ key, value })));
    if (step.kind !== "asks") throw new Error(step.why);
    return step.asks.flatMap(({ write, check }) => [write, check]);
  };
  const asks = [
    ...asksFor({
      "command.op": 1,
      "command.exit": 1,
      "command.fireAt": 39_660,
      "command.releaseAt": 40_260,
      "command.notAfter": 39_640,
      "command.boot": 7,
    }),
    ...asksFor({ "command.seq": 20 }),
  ];

  it("are those of a divert, and its answers are taken", () => {
    const framing = createTcpFraming(dialect.unitId);
    // The page begins with the fifth question of a connection.
    for (let before = 0; before < 4; before += 1) framing.ask(asks[0]!);
    expect(lines).toHaveLength(2 * asks.length);
    asks.forEach((ask, index) => {
      expect(hexText(framing.ask(ask))).toBe(lines[2 * index]?.[2]);
      const answer = Buffer.from((lines[2 * index + 1]?.[2] ?? "").replaceAll(" ", ""), "hex");
      const [arrival] = framing.take(answer);
      expect(arrival?.kind).toBe("answer");
      if (arrival?.kind !== "answer") return;
      const said = readAnswer(ask, arrival.pdu);
      expect(["written", "words"]).toContain(said.kind);
    });
  });

  it("on a serial line are those of the page, with their checksum", () => {
    const frame = hexText(rtuFrame(dialect.unitId, Uint8Array.of(6, 0, 10, 0, 20)));
    expect(page).toContain(`\`${frame}\``);
  });
});
