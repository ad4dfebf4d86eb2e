/**
 * Goal: whoever wires a device up and gets nothing hears from `npm run probe` what is wrong, in eight
 * cases in eight different sentences, and in both languages; and of a device in order that it is.
 * Method: each device is set up wrongly in one way, on real sockets, a pseudo-terminal, a broker and
 * OPC UA servers; the probe ends when it has seen what it needs.
 */
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { DriverDeps } from "../../edge/devices/wires/wires.ts";
import type { NamedDevice } from "../../edge/runtime/open-devices.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { openDeviceBus } from "../../simulators/devices/mqtt-bus.ts";
import type { ServerSecurity } from "../../simulators/devices/opcua-security.ts";
import { createPlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcNodesOf } from "../../simulators/devices/sorter/plc-nodes.ts";
import {
  createPlcOpcuaServer,
  type PlcOpcuaStart,
} from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { plcMapInput, plcNamespaceUri, plcRingSize } from "../kit/plc-map.ts";
import { misread, withParity } from "../kit/uart.ts";
import { freePort, startBroker } from "./device-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { probed as probedAnywhere, type Probed, type ProbedOptions } from "./probed.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("probe-");
const { atEnd } = stand;

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const label = "\x02]C0RB123456785CN\x03";

function scanner(reach: object, dialect: object = { kind: "frames", preset: "sick" }): NamedDevice {
  const config = zScannerConfig.parse({ id: "P1-scanner", reach, dialect });
  return { kind: "scanner", config, open: (deps: DriverDeps) => createScanner(config, deps) };
}

function sorter(endpointUrl: string, change: object = {}, reach: object = {}): NamedDevice {
  const config = zSorterConfig.parse({
    id: "P1-sorter",
    reach: { kind: "opcua", endpointUrl, ...reach },
    dialect: { ...plcMapInput(["eye1"]), ...change },
  });
  const belt = { speedMmPerS: 1_000, mmPerCount: 1 };
  return { kind: "sorter", config, open: (deps: DriverDeps) => createSorter(config, belt, deps) };
}

const probed = (device: NamedDevice, options: ProbedOptions = {}): Promise<Probed> =>
  probedAnywhere(device, { ...options, certificatesFolder: stand.path("client") });

/** A device that says this to whoever connects, and no more. */
async function listening(bytes: Uint8Array): Promise<{ kind: "tcp"; host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    atEnd.push(() => void socket.destroy());
    if (bytes.length > 0) socket.write(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd.push(() => void server.close());
  return { kind: "tcp", host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** A serial line on which this comes once somebody has opened it. */
function speaking(name: string, bytes: Uint8Array): { kind: "serial"; path: string } {
  const path = stand.path(name);
  const line = openPtyLine(path);
  line.link.open({ onOpen() {}, onBytes() {}, onClose() {} });
  const timer = setInterval(() => line.link.write(bytes), 50);
  atEnd.push(async () => {
    clearInterval(timer);
    await line.link.close();
  });
  return { kind: "serial", path };
}

async function startPlc(as: PlcOpcuaStart = {}, security?: ServerSecurity): Promise<string> {
  const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
  const { model } = createSorterByHand(clock, "P1-sorter", memory.wire);
  const server = createPlcOpcuaServer({
    nodes: plcNodesOf(memory, plcNamespaceUri),
    port: 0,
    certificatesFolder: stand.path("server"),
    ...(security === undefined ? {} : { security }),
  });
  await server.start(as);
  model.powerOn();
  atEnd.push(async () => {
    model.powerOff();
    await server.stop();
  });
  return server.endpointUrl();
}

test("a device in order: what it said, what that means, and no hint", async () => {
  const found = await probed(scanner(await listening(ascii(label))), {
    until: /= \{"kind":"read"/,
  });
  expect(found.text).toContain("02 5d 43 30 52 42");
  expect(found.text).toContain("␂]C0RB123456785CN␃");
  expect(found.text).toContain('"text":"RB123456785CN"');
  expect(found.hints).toEqual([]);
});

test("a closed port", async () => {
  const port = await freePort();
  const { hints, isInOrder } = await probed(scanner({ kind: "tcp", host: "127.0.0.1", port }), {
    until: /\* .*refused/,
  });
  expect(hints).toEqual([expect.stringMatching(`^Nobody listens there: 127.0.0.1:${port}\\.`)]);
  expect(isInOrder).toBe(false);
});

test("a silent device", async () => {
  const { hints } = await probed(scanner(await listening(ascii(""))), { seconds: 1 });
  expect(hints).toEqual([expect.stringMatching(/not one byte came in 1 s\. Does the device send/)]);
});

test("DEV1-B10: a wrong baud rate", async () => {
  const { taken } = misread(ascii(label.repeat(3)), { sentBaud: 9_600, readBaud: 38_400 });
  const reach = { ...speaking("baud", taken), baudRate: 38_400 };
  const { hints } = await probed(scanner(reach), { until: /= \{"kind":"discarded"/ });
  expect(hints).toEqual([expect.stringMatching(/most of them are no text: the baud rate/)]);
});

test("DEV1-B11: a parity that only the device has", async () => {
  const reach = speaking("parity", withParity(label, "even"));
  const { hints } = await probed(scanner(reach), { until: /= \{"kind":"discarded"/ });
  expect(hints).toEqual([expect.stringMatching(/Set dataBits 7 and parity even\.$/)]);
});

test("DEV1-23: an unknown dialect, and with it the wrong end", async () => {
  const reach = await listening(ascii("]C0RB123456785CN\r".repeat(3)));
  const { hints } = await probed(scanner(reach), { until: /= \{"kind":"discarded"/, seconds: 2 });
  expect(hints).toEqual([
    expect.stringMatching(/^No frame begins with 02/),
    expect.stringMatching(/^No frame ends with 03; what comes has 0D: /),
    "What comes can be read whole with keyence, honeywell: set preset or dialect.",
  ]);
});

test("a serial line that is not there", async () => {
  const path = stand.path("no-such-line");
  const { hints } = await probed(scanner({ kind: "serial", path }), { until: /\* .*opened/ });
  expect(hints).toEqual([expect.stringContaining(`There is no ${path}.`)]);
});

test("DEV1-5: a wrong topic, and a wrong key", async () => {
  const broker = await startBroker();
  atEnd.push(() => broker.stop());
  const device = openDeviceBus(broker.url, "reader");
  atEnd.push(() => device.close());
  const publish = setInterval(() => device.publish("site/scan-1/read", ascii('{"seq":1}')), 50);
  atEnd.push(() => clearInterval(publish));
  const at = (base: string): NamedDevice =>
    scanner({ kind: "mqtt", brokerUrl: broker.url, base }, { kind: "sortline-json" });
  const elsewhere = await probed(at("site/scan1"), { seconds: 2 });
  expect(elsewhere.hints).toEqual([
    "Nothing came below site/scan1, but there are messages on site/scan-1/read: is one of them the device's?",
  ]);
  const there = await probed(at("site/scan-1"), { until: /= \{"kind":"discarded"/ });
  expect(there.hints).toEqual([
    expect.stringMatching(/^A message came that cannot be taken: read codes: /),
  ]);
});

describe("Must show 8: a topic below the base that nobody reads", () => {
  async function publishing(...topics: readonly string[]): Promise<NamedDevice> {
    const broker = await startBroker();
    atEnd.push(() => broker.stop());
    const device = openDeviceBus(broker.url, "reader");
    atEnd.push(() => device.close());
    const publish = setInterval(() => {
      for (const topic of topics) device.publish(topic, ascii('{"session":"a","seq":1}'));
    }, 50);
    atEnd.push(() => clearInterval(publish));
    const reach = { kind: "mqtt", brokerUrl: broker.url, base: "hand/L1-scanner" };
    return scanner(reach, { kind: "sortline-json" });
  }
  const wrong =
    "There are messages on hand/L1-scanner/reads, which is not read, and none on hand/L1-scanner/life, hand/L1-scanner/read, which is: have the device publish there, or, where the dialect is a map, write its topic into that.";

  test("is named, with what is read, and not told as silence", async () => {
    const found = await probed(await publishing("hand/L1-scanner/reads"), { seconds: 2 });
    expect(found.hints).toEqual([wrong]);
    expect(found.isInOrder).toBe(false);
  });

  test("is named also where other devices have bases of their own, in Chinese as well", async () => {
    const device = await publishing("hand/L1-scanner/reads", "hand/L2-scanner/read");
    expect((await probed(device, { seconds: 2 })).hints).toEqual([wrong]);
    const chinese = await probed(device, { seconds: 2, language: "zh-CN" });
    expect(chinese.hints).toEqual([
      expect.stringMatching(
        /^有消息发布在不被读取的主题 hand\/L1-scanner\/reads 上，而被读取的主题 hand\/L1-scanner\/life, hand\/L1-scanner\/read 上没有消息/,
      ),
    ]);
  });
});

test("a missing namespace, and a node that nobody may write", async () => {
  const there = await startPlc();
  const unknown = await probed(sorter(there, { namespaceUri: "http://plc.example/db" }), {
    until: /\* .*namespace/,
  });
  expect(unknown.hints).toEqual([
    expect.stringMatching(
      /^The server does not have the namespace: .*db; there is .*plc\.example\/DB/,
    ),
  ]);
  const readOnly = await probed(sorter(await startPlc({ readOnly: ["Cmd.FireAt"] })), {
    until: /\* .*fit/,
  });
  expect(readOnly.hints).toEqual([
    expect.stringMatching(
      /^The server does not let us write: command\.fireAt: s=Cmd\.FireAt is read-only/,
    ),
  ]);
});

test("variables of a controller are shown by their keys, and once a second at most", async () => {
  const { text, isInOrder } = await probed(sorter(await startPlc()), { until: /\* Receiving/ });
  expect(text).toMatch(/@ belt\.emergencyStop: ns=\d+;s=EStop, Boolean = false$/m);
  expect(text).toMatch(/@ chutes\.green\.blocked: ns=\d+;s=ChuteWord bit 8, UInt16 = false$/m);
  expect(text).toMatch(/@ chutes\.green\.fillPct: ns=\d+;s=Fill\[0\], UInt16 = 0$/m);
  expect(text).toMatch(/@ command\.op: ns=\d+;s=Cmd\.Op, Int16 = 0$/m);
  expect(text).toMatch(/@ events\.kind: ns=\d+;s=Ev\.Kind, UInt32\[64\] = \[0,/);
  expect(text.match(/[@<] count/g)).toEqual(["@ count"]);
  expect(isInOrder).toBe(true);
});

test("in Chinese", async () => {
  const { hints } = await probed(scanner(await listening(ascii(""))), {
    seconds: 1,
    language: "zh-CN",
  });
  expect(hints).toEqual([expect.stringMatching(/^已连接，1 秒内一个字节也没有收到/)]);
});

const signAndEncrypt = { security: { mode: "signAndEncrypt" } };

test("a server that nobody has trusted, and the command that does", async () => {
  const endpointUrl = await startPlc({}, { mode: "signAndEncrypt" });
  const found = await probed(sorter(endpointUrl, {}, signAndEncrypt), {
    until: /to trust it: npm run trust -- --config agent\.yaml --device P1-sorter/,
  });
  expect(found.hints).toEqual([
    "Nobody has trusted this server yet. Run the command, compare the SHA-256 that it shows with the device's own, and say yes.",
  ]);
});

test("a server with less security than is wanted", async () => {
  const found = await probed(sorter(await startPlc(), {}, signAndEncrypt), {
    until: /所需的安全方式/,
    language: "zh-CN",
  });
  expect(found.hints).toEqual([
    "配置要求的安全方式对方没有：it offers None。请在服务器上启用；不会自动改用较弱的方式。",
  ]);
});

test("a broker without TLS where the configuration speaks it", async () => {
  const broker = await startBroker();
  atEnd.push(() => broker.stop());
  const brokerUrl = broker.url.replace("mqtt:", "mqtts:");
  const reach = { kind: "mqtt", brokerUrl, base: "P1/scanner" };
  const found = await probed(scanner(reach, { kind: "sortline-json" }), {
    until: /it lacks the security we want/,
  });
  expect(found.hints).toHaveLength(1);
  expect(found.hints[0]).toMatch(/^No TLS is spoken there: .*often 8883\.$/);
});
