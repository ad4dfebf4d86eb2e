/**
 * Goal: a reader without a trigger of its own is triggered by the line in its maker's own words, says
 * what came within its gate, and its answer to the command never becomes a code; a layout that triggers
 * a reader which cannot be is refused by its key.
 * Method: driver and simulated reader on a wire in memory; each maker's bytes; the configuration.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import { zAgentFile } from "../../edge/runtime/config/agent-file.ts";
import { checkBindings } from "../../edge/runtime/config/check-binding.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startFrameScanner } from "../../simulators/devices/scanner-frames.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { onlyWires } from "../contract/device-rig.ts";

const label = "RB123456785GB";

function connect(dialect: object, isTriggered: boolean) {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 4 });
  const said: number[] = [];
  const reach = { kind: "tcp", host: "device", port: 2111 };
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect });
  const port = createScanner(config, { wires: onlyWires({ byteLink: () => wire.a }), clock });
  const reads: string[][] = [];
  port.start((event) => {
    if (event.kind === "read") reads.push(event.codes.map(({ text }) => text));
  });
  return { clock, wire, port, reads, said, isTriggered };
}

describe("DEV1-25: a reader that the line triggers", () => {
  function triggered(preset: string) {
    const dialect = { kind: "frames", preset };
    const rig = connect(dialect, true);
    const { format } = zFramesDialect.parse(dialect);
    const device = startFrameScanner({
      link: rig.wire.b,
      clock: rig.clock,
      format,
      isTriggered: true,
    });
    rig.clock.runFor(50);
    return { ...rig, device };
  }

  it.each(["sick", "sick-cola-b", "keyence", "cognex"])(
    "%s: reads what comes within its gate",
    (preset) => {
      const { port, device, clock, reads } = triggered(preset);
      device.read([label]);
      clock.runFor(20);
      expect(reads).toEqual([]);
      expect(port.tell({ kind: "trigger" }).kind).toBe("sent");
      clock.runFor(20);
      device.read([label]);
      clock.runFor(20);
      expect(reads).toEqual([[label]]);
    },
  );

  it.each(["sick", "keyence"])("%s: says that it saw none when it is told to stop", (preset) => {
    const { port, clock, reads } = triggered(preset);
    port.tell({ kind: "trigger" });
    clock.runFor(100);
    port.tell({ kind: "endTrigger" });
    clock.runFor(20);
    expect(reads).toEqual([[]]);
    clock.runFor(1_500);
    expect(reads).toEqual([[]]);
  });

  it("says that it saw none when nothing comes, once", () => {
    const { port, clock, reads } = triggered("sick");
    port.tell({ kind: "trigger" });
    clock.runFor(1_500);
    expect(reads).toEqual([[]]);
  });
});

test.each([
  ["PR1.1-3", { kind: "frames", preset: "sick" }, "02734d4e206d5443676174656f6e03"],
  [
    "PR1.1-9",
    { kind: "frames", preset: "sick-cola-b" },
    "020202020000000d734d4e206d5443676174656f6e3c",
  ],
  ["PR1.1-18", { kind: "frames", preset: "keyence" }, "4c4f4e0d"],
  ["PR1.1-11", { kind: "frames", preset: "cognex" }, "7c7c3e54524947474552204f4e0d0a"],
  ["PR1.2-5", { kind: "zebra-ssi" }, "04e40400ff14"],
])("%s: %o is triggered by %s", (_id, dialect, hex) => {
  const { wire, port, clock } = connect(dialect, true);
  const heard: string[] = [];
  wire.b.open({
    onOpen() {},
    onBytes: (bytes) => heard.push(Buffer.from(bytes).toString("hex")),
    onClose() {},
  });
  clock.runFor(50);
  port.tell({ kind: "trigger" });
  clock.runFor(50);
  expect(heard.join("")).toBe(hex);
});

test.each([
  ["PR1.1-3", { kind: "frames", preset: "sick" }, "02734d4e206d5443676174656f666603"],
  ["PR1.1-26", { kind: "frames", preset: "keyence" }, "4c4f46460d"],
  ["PR1.2-5", { kind: "zebra-ssi" }, "04e50400ff13"],
])("%s: the trigger of %o is ended by %s", (_id, dialect, hex) => {
  const { wire, port, clock } = connect(dialect, true);
  const heard: string[] = [];
  wire.b.open({
    onOpen() {},
    onBytes: (bytes) => heard.push(Buffer.from(bytes).toString("hex")),
    onClose() {},
  });
  clock.runFor(50);
  port.tell({ kind: "endTrigger" });
  clock.runFor(50);
  expect(heard.join("")).toBe(hex);
});

test.each([
  ["OK,LOFF", { acksTotal: 1 }],
  ["ER,LOFF,00", { refusalsTotal: 1 }],
])("PR1.1-26: %s is no code", (text, counted) => {
  const { wire, port, clock, reads } = connect({ kind: "frames", preset: "keyence" }, true);
  wire.b.open({ onOpen() {}, onBytes() {}, onClose() {} });
  clock.runFor(50);
  wire.b.write(Buffer.from(`${text}\r`));
  clock.runFor(50);
  expect(reads).toEqual([]);
  expect(port.health().counters).toMatchObject(counted);
});

describe("a layout that triggers", () => {
  const issuesOf = (change: object, dialect: object): readonly string[] => {
    const text = readFileSync("edge/examples/line-agent.yaml", "utf8");
    const example = parse(text) as {
      lines: [{ line: { layout: { scanner: object } }; devices: { scanner: object } }];
    };
    const [{ line, devices }] = example.lines;
    Object.assign(line.layout.scanner, { binding: { kind: "none" }, ...change });
    Object.assign(devices.scanner, dialect);
    const parsed = zAgentFile.safeParse(example);
    return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
  };
  const findingsOf = (trigger: object): readonly string[] => {
    const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")) as {
      lines: [{ line: { layout: { scanner: object } }; devices: { scanner: object } }];
    };
    Object.assign(example.lines[0].line.layout.scanner, { binding: { kind: "none" }, trigger });
    Object.assign(example.lines[0].devices.scanner, {
      dialect: { kind: "frames", preset: "sick" },
    });
    const [line] = zAgentFile.parse(example).lines;
    return checkBindings(line!.line)
      .filter(({ level }) => level === "error")
      .map(({ key }) => key);
  };
  const serial = { reach: { kind: "serial", path: "/dev/ttyUSB0" } };

  test("a reader that has a command for it is taken", () => {
    const dialect = { kind: "frames", preset: "sick" };
    expect(issuesOf({ trigger: { sendMm: 80 } }, { dialect })).toEqual([]);
  });

  test.each([
    [{ sendMm: 80, offMm: 40 }, []],
    [{ sendMm: 80, offMm: 160 }, ["layout.scanner.trigger.offMm"]],
    [{ sendMm: 250, offMm: 40 }, ["layout.scanner.trigger.offMm"]],
  ])("PR1.1-26: %j", (trigger, keys) => {
    expect(findingsOf(trigger)).toEqual(keys);
  });

  test("PR1.1-26: one that cannot be told to stop is refused by its key", () => {
    const dialect = { kind: "frames", preset: "cognex" };
    expect(issuesOf({ trigger: { offMm: 40 } }, { dialect })).toEqual([
      "lines.0.devices.scanner.dialect: offMm of the layout's trigger needs triggerOffCommand",
    ]);
    const map = {
      reach: { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1:1883", base: "hall/reader" },
      dialect: {
        kind: "json-map",
        read: { topic: "result", codes: "codes" },
        command: { topic: "set", trigger: "on" },
      },
    };
    expect(issuesOf({ trigger: { offMm: 40 } }, map)).toEqual([
      "lines.0.devices.scanner.dialect: offMm of the layout's trigger needs command.triggerOff",
    ]);
  });

  test("one that has none is refused by its key", () => {
    const dialect = { kind: "frames", preset: "honeywell" };
    expect(issuesOf({ trigger: {} }, { ...serial, dialect })).toEqual([
      "lines.0.devices.scanner.dialect: the layout's trigger needs triggerCommand",
    ]);
    const reach = { kind: "opcua", endpointUrl: "opc.tcp://127.0.0.1:4840" };
    const autoid = { kind: "autoid", namespaceUri: "urn:x", node: "i=1" };
    expect(issuesOf({ trigger: {} }, { reach, dialect: autoid })).toEqual([
      expect.stringContaining("no way to an AutoID reader"),
    ]);
  });
});
