/**
 * Goal: a simulated controller that is laid out by a map does what the sorters' page asks of a
 * controller, in the map's own numbers and widths; and a map that cannot be served is refused by its
 * keys. Method: what its sorter says and hears, its variables by their keys, and maps with one fault.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { zPlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import { zPlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount } from "../../protocols/units.ts";
import { readMapFile } from "../../simulators/alone/map-file.ts";
import { nodesOfMap } from "../../simulators/devices/sorter/plc-map-nodes.ts";
import { registersOfMap } from "../../simulators/devices/sorter/plc-map-registers.ts";
import type { AnyPlcMap } from "../../simulators/devices/sorter/plc-mapped.ts";
import { beltMisfits, createPlcOfMap } from "../../simulators/devices/sorter/plc-of-map.ts";
import type { SorterAnswer } from "../../simulators/devices/sorter/sorter-model.ts";
import { defaultLayout, eyeIdsOf } from "../../simulators/world/layout.ts";
import { lineText } from "../../simulators/lab/agent-files.ts";
import { mapOfPage, oddMap, oddMapModbus, pageMap } from "../kit/site-maps.ts";

type Body = SorterEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, "epoch" | "seq">
    : never
  : never;

/** A controller whose sorter says what the test has it say, and answers each command the same. */
function plcBy(map: AnyPlcMap, answer: SorterAnswer = "accepted") {
  const belt = { eyeIds: ["eye1"], diverters: ["red", "green"] as const };
  const { memory, variables } = createPlcOfMap(map, belt, 40);
  const heard: Readonly<Record<string, unknown>>[] = [];
  memory.wire.onCommand((payload) => {
    heard.push(JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>);
    return answer;
  });
  let epoch = "e0";
  let seq = 0;
  const variable = (key: string) => {
    const found = variables.find((each) => each.key === key);
    if (found === undefined) throw new Error(`no ${key}`);
    return found;
  };
  return {
    heard,
    variables,
    start(next: string) {
      epoch = next;
      seq = 0;
      this.say({ kind: "session", count: beltCount(0) });
    },
    say(body: Body) {
      memory.wire.publish({ ...body, epoch, seq });
      seq += 1;
    },
    runTo(count: number) {
      const belt = { speedMmPerS: 1_000, isRunning: true, emergencyStop: false };
      this.say({ kind: "belt", count: beltCount(count), ...belt });
    },
    show: (key: string) => variable(key).show(),
    write: (key: string, value: number | boolean) => variable(key).take?.(value),
    divert(change: Readonly<Record<string, number>>) {
      const wanted = { op: map.command.op.values.divert, exit: 0, fireAt: 0, releaseAt: 0 };
      const whole = { ...wanted, notAfter: 0, target: 0, boot: 0, seq: 1, ...change };
      for (const [key, value] of Object.entries(whole)) this.write(`command.${key}`, value);
    },
  };
}

describe("a controller that was programmed after a map", () => {
  it("rule 4: shows a counter of its width, and takes a command's count as the nearest one", () => {
    const plc = plcBy(oddMap());
    plc.start("e1");
    plc.write("echo.toPlc", 77);
    plc.runTo(98_300);
    expect(plc.show("count")).toBe(98_300 - 65_536);
    plc.divert({
      boot: 77,
      fireAt: 98_900 - 131_072,
      releaseAt: 99_400 - 131_072,
      notAfter: 32_767,
    });
    expect(plc.heard).toMatchObject([
      { kind: "divert", fireAtCount: 98_900, releaseAtCount: 99_400, notAfterCount: 98_303 },
    ]);
  });

  it("rule 8: takes a word that changes for life, and none that stands still", () => {
    const plc = plcBy(pageMap());
    plc.start("e1");
    for (const life of [5, 5, 5, 6, 6]) plc.write("life.toPlc", life);
    expect(plc.heard.map(({ kind }) => kind)).toEqual(["life", "life"]);
  });

  it("rule 9: has another boot word after each start, and refuses a command of the one before", () => {
    const plc = plcBy(pageMap());
    plc.start("e1");
    const boot = Number(plc.show("boot"));
    plc.divert({ boot, seq: 1 });
    expect(plc.show("ack.code")).toBe(1);
    plc.start("e2");
    expect(plc.show("boot")).not.toBe(boot);
    plc.divert({ boot, seq: 2 });
    expect([plc.show("ack.seq"), plc.show("ack.code")]).toEqual([2, 3]);
    expect(plc.heard).toHaveLength(1);
  });

  it("rule 9: sends a word back until it starts anew, and knows no session without one", () => {
    const plc = plcBy(oddMap());
    plc.start("e1");
    plc.divert({ boot: 0, seq: 1 });
    expect(plc.show("ack.code")).toBe(52);
    plc.write("echo.toPlc", 4_711);
    expect(plc.show("echo.fromPlc")).toBe(4_711);
    plc.divert({ boot: 4_711, seq: 2 });
    expect(plc.show("ack.code")).toBe(0);
    plc.start("e2");
    expect(plc.show("echo.fromPlc")).toBe(0);
  });

  it("rule 7: judges a number once, and answers what the map has no number for by none of its numbers", () => {
    const map = pageMap();
    const plc = plcBy(map, "overlap");
    plc.start("e1");
    const boot = Number(plc.show("boot"));
    plc.divert({ boot, seq: 9 });
    plc.write("command.seq", 9);
    expect(plc.show("ack.seq")).toBe(9);
    expect(Object.keys(map.ack.code.codes)).not.toContain(String(plc.show("ack.code")));
    expect(plc.heard).toHaveLength(1);
  });

  it("rule 7: judges a command with the arguments that came with its number", () => {
    const plc = plcBy(oddMap());
    plc.start("e1");
    plc.write("echo.toPlc", 77);
    const { nodes } = nodesOfMap(oddMap(), plc.variables);
    const slot = nodes.find(({ at }) => at === "s=Cmd");
    slot?.write([10, 5, 100, 200, 90, 0, 77, 1], null);
    expect(plc.heard).toMatchObject([{ kind: "divert", exit: "green", fireAtCount: 100 }]);
  });

  it("rule 5: tells of eyes in the map's numbers, and counts as the counter shows them", () => {
    const plc = plcBy(oddMapModbus());
    plc.start("e1");
    plc.say({ kind: "eye", eyeId: "eye1", isBlocked: true, count: beltCount(70_000) });
    plc.say({ kind: "eye", eyeId: "eye1", isBlocked: false, count: beltCount(70_250) });
    const entry = (key: string) => [plc.show(`events.${key}`)].flat().slice(0, 2);
    expect(plc.show("events.written")).toBe(2);
    expect([entry("kind"), entry("what"), entry("count")]).toEqual([
      [0, 9],
      [7, 7],
      [4_464, 4_714],
    ]);
  });

  it("shows flags and speeds as the map means them", () => {
    const plc = plcBy(oddMap());
    plc.start("e1");
    plc.runTo(10);
    expect(plc.show("belt.emergencyStop")).toBe(true);
    expect(plc.show("belt.speed")).toBe(2_000);
    expect([plc.show("packml.state"), plc.show("packml.mode")]).toEqual([3, 12]);
    plc.say({ kind: "chute", exit: "red", state: "full", fillPct: 100 });
    expect(plc.show("chutes.red.full")).toBe(false);
    expect(plc.show("chutes.green.full")).toBe(false);
  });
});

const belt = {
  eyeIds: eyeIdsOf(defaultLayout),
  diverters: defaultLayout.diverters.map(({ exit }) => exit),
};

function refusals(map: AnyPlcMap): string[] {
  const { variables } = createPlcOfMap(map, belt, 1);
  const { misfits } =
    map.kind === "plc-map" ? nodesOfMap(map, variables) : registersOfMap(map, variables);
  return [...beltMisfits(map, belt), ...misfits].map(({ key, why }) => `${key}: ${why}`);
}

describe("a map that cannot be served is refused by its keys", () => {
  const opcua = mapOfPage("## A worked example");
  const modbus = mapOfPage("### A worked example");

  test("the page's maps are served", () => {
    expect(refusals(zPlcMap.parse(opcua))).toEqual([]);
    expect(refusals(zPlcMapModbus.parse(modbus))).toEqual([]);
  });

  const node = 's="DB_Sort"."Enc"';
  test.each<[string, object]>([
    [`boot: ${node} is count already`, { boot: { node } }],
    [`boot: ${node} is no array for count`, { boot: { node, element: 1 } }],
    [
      `induction: ${node} cannot be Boolean and a number: it is count, too`,
      { induction: { node } },
    ],
    [
      "boot: i=2256 is a node of OPC UA itself: namespaceUri is the controller's",
      { boot: { node: "i=2256", namespaceUri: "http://opcfoundation.org/UA/" } },
    ],
    [
      "boot: /nsu=http://opcfoundation.org/UA/;Server/Boot is a node of OPC UA itself: namespaceUri is the controller's",
      { boot: { node: ["nsu=http://opcfoundation.org/UA/;Server", "Boot"] } },
    ],
    [
      "events.eyes: this belt has an eye end, too",
      { events: { ...opcua.events, eyes: { ...eyesBut("end") } } },
    ],
    [
      `events.eyes: this belt has no eye e9; it has ${belt.eyeIds.join(", ")}`,
      { events: { ...opcua.events, eyes: { ...eyesBut(), 9: "e9" } } },
    ],
  ])("%s", (sentence, change) => {
    expect(refusals(zPlcMap.parse({ ...opcua, ...change }))).toEqual([sentence]);
  });

  const count = { area: "input", at: 0, type: "u32", bits: 32 };
  const long = { area: "input", type: "u32", wordOrder: "highFirst" };
  test.each<[string, object]>([
    ["count: wordOrder is missing: u32 is two registers", { count }],
    ["boot: input 1 is count already", { boot: { area: "input", at: 1, type: "u16" } }],
    ["count: u16 does not hold 4294967295", { count: { ...count, type: "u16" } }],
    ["induction: nobody can write discrete", { induction: { area: "discrete", at: 0 } }],
    ["boot: it ends at 65536, and addresses at 65535", { boot: { ...long, at: 65_535 } }],
    ["induction: a coil is a bool, and whole", { induction: { area: "coil", at: 0, type: "u16" } }],
  ])("%s", (sentence, change) => {
    expect(refusals(zPlcMapModbus.parse({ ...modbus, ...change }))).toEqual([sentence]);
  });
});

function eyesBut(...left: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    belt.eyeIds
      .map((eyeId, index) => [String(index), eyeId] as const)
      .filter(([, eyeId]) => !left.includes(eyeId)),
  );
}

describe("the file of a map", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plc-map-file-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const dialect = mapOfPage("## A worked example");
  function read(content: unknown, sorterId: string | null = null) {
    const path = join(folder, "map.yaml");
    writeFileSync(path, stringify(content, { aliasDuplicateObjects: false }));
    return readMapFile({ path, sorterId, speed: 2 });
  }
  const role = (id: string, line: object, of: object = dialect) => ({
    line,
    devices: { sorter: { id, reach: {}, dialect: of } },
  });
  const line = lineText("L1", 2);

  it("is the map alone, or the sorter that has it, on the default belt", () => {
    expect(read(dialect)).toMatchObject({ kind: "map", file: { keyOfMap: "", layout: null } });
    const sorter = { id: "S1", reach: {}, dialect };
    expect(read(sorter)).toMatchObject({
      kind: "map",
      file: { keyOfMap: "dialect.", layout: null },
    });
  });

  it("is an agent's configuration, and then the belt is its line's", () => {
    const json = { kind: "sortline-json" };
    const config = { lines: [role("S1", line, json), role("S2", line)] };
    const found = read(config);
    expect(found.kind === "map" && found.file.keyOfMap).toBe("lines.1.devices.sorter.dialect.");
    expect(found.kind === "map" && found.file.layout).toEqual({
      ...defaultLayout,
      scale: { centreMm: 3_000, platformMm: 800, stepG: 5 },
    });
  });

  it("says which of several sorters is meant by --id", () => {
    const config = { lines: [role("S1", line), role("S2", line)] };
    expect(read(config, "S2")).toMatchObject({ kind: "map" });
    expect(read(config)).toEqual({
      kind: "refused",
      sentences: [`${join(folder, "map.yaml")}: --id says which of its sorters is meant: S1, S2`],
    });
    expect(read(config, "S3")).toMatchObject({
      sentences: [`${join(folder, "map.yaml")}: there is no sorter S3 in it`],
    });
  });

  test.each<[string, unknown]>([
    ["ack: is missing", { ...dialect, ack: undefined }],
    ["events.size: must be at least 8", { ...dialect, events: { ...dialect.events, size: 2 } }],
    ["dialect.cuont: there is no such key", { dialect: { ...dialect, cuont: 1 } }],
    ["boot: exactly one of boot and echo tells a restart of the controller", without("boot")],
  ])("refuses %s", (sentence, content) => {
    const found = read(content);
    expect(found.kind === "refused" && found.sentences).toContain(sentence);
  });

  function without(key: string): object {
    return Object.fromEntries(
      Object.entries(mapOfPage("## A worked example")).filter(([each]) => each !== key),
    );
  }

  it("names a belt that cannot be built by the key of the line", () => {
    const { layout } = line as { layout: object };
    const end = { eyeId: "end", atMm: 100, exit: "inspection" };
    const bad = { ...line, layout: { ...layout, end } };
    expect(read({ lines: [role("S1", bad)] })).toEqual({
      kind: "refused",
      sentences: ["lines.0.line.layout: eyes[4].positionMm: eyes are listed in belt order"],
    });
  });

  it("is read without aliases, as an agent reads it", () => {
    const path = join(folder, "alias.yaml");
    writeFileSync(path, "count: &count { node: i=1 }\nboot: *count\n");
    expect(readMapFile({ path, sorterId: null, speed: 1 })).toMatchObject({
      sentences: [`${path}: it has aliases, which no agent reads`],
    });
  });

  it("that is not there is named", () => {
    const path = join(folder, "nowhere.yaml");
    expect(readMapFile({ path, sorterId: null, speed: 1 })).toEqual({
      kind: "refused",
      sentences: [`${path}: there is no such file or folder`],
    });
  });
});
