/**
 * Goal: a reader that speaks SSI keeps the contract of `ScannerPort`: each code is told once and
 * acknowledged, a damaged one is asked for again, and one of a moment ago is never told as of now.
 * Method: the shipped driver and a simulated decoder at the two ends of a wire in memory, of a serial
 * line and of TCP, with packets damaged, answers lost and the wire cut.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { ScannerPort, ScannerRead } from "../../edge/devices/scanner/scanner.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { encodeSsiDecoded } from "../../protocols/scanner/ssi.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { startSsiScanner, type SimulatedSsiScanner } from "../../simulators/devices/ssi-scanner.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { describeRigs, withFault } from "./cell-suite.ts";
import {
  agentWires,
  listen,
  onlyWires,
  realTime,
  temporaryFolder,
  virtualTime,
  type TimeRig,
} from "./device-rig.ts";

interface SsiRig extends TimeRig {
  readonly port: ScannerPort;
  readonly device: SimulatedSsiScanner;
  sendRaw(bytes: Uint8Array): void;
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** How long the decoder waits for an answer. */
const answerWithinMs = 60;

function rigOf(
  time: TimeRig,
  wires: Wires,
  reach: object,
  line: {
    link: ByteLink;
    cut: () => void;
    restore: () => void;
    remove?: () => void;
    patienceMs?: number;
  },
): SsiRig {
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect: { kind: "zebra-ssi" } });
  const port = createScanner(config, { wires, clock: time.clock });
  const device = startSsiScanner({
    link: line.link,
    clock: time.clock,
    answerWithinMs: line.patienceMs ?? answerWithinMs,
  });
  return {
    ...time,
    port,
    device,
    sendRaw: (bytes) => line.link.write(bytes),
    cut: line.cut,
    restore: line.restore,
    async close() {
      await port.stop();
      await device.stop();
      line.remove?.();
    },
  };
}

async function overMemory(patienceMs = answerWithinMs): Promise<SsiRig> {
  const time = virtualTime();
  const wire = createMemoryWire({ clock: time.clock, latencyMs: () => 1, chunkBytes: () => 4 });
  const reach = { kind: "tcp", host: "device", port: 1 };
  return rigOf(time, onlyWires({ byteLink: () => wire.a }), reach, {
    link: wire.b,
    patienceMs,
    cut: () => wire.cut("cut"),
    restore: () => wire.restore(),
  });
}

async function overSerial(): Promise<SsiRig> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const line = openPtyLine(path);
  return rigOf(
    time,
    agentWires(time.clock),
    { kind: "serial", path },
    {
      link: line.link,
      cut: () => line.unplug(),
      restore: () => line.replug(),
      remove: () => folder.remove(),
    },
  );
}

async function overTcp(): Promise<SsiRig> {
  const time = realTime();
  const line = listenTcpLine();
  const reach = { kind: "tcp", host: "127.0.0.1", port: await line.listening };
  return rigOf(time, agentWires(time.clock), reach, {
    link: line.link,
    cut: () => line.unplug(),
    restore: () => line.replug(),
  });
}

const first = "RB123456785GB";
const second = "CP473124829CN";

const rigs = [
  { wire: "in memory", cell: null, open: () => overMemory() },
  { wire: "on a serial line", cell: "scanner/zebra-ssi/serial", open: overSerial },
  { wire: "over TCP", cell: "scanner/zebra-ssi/tcp", open: overTcp },
] as const;

describeRigs("SSI, $wire", rigs, ({ open }) => {
  let rig: SsiRig;
  let heard: ReturnType<typeof listen<ScannerRead>>;
  const texts = () => heard.said().map(({ codes }) => codes.map(({ text }) => text).join());
  const counter = (name: string) => rig.port.health().counters[name] ?? 0;
  const state = () => rig.port.health().state;
  const passing = async (ms: number, what: string) => {
    const endsAt = rig.clock.monotonic() + ms;
    await rig.until(() => rig.clock.monotonic() > endsAt, what);
  };

  beforeEach(async () => {
    rig = await open();
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "the wire");
  });
  afterEach(() => rig.close());

  it("law 1, DEV1-26: tells each code once, and acknowledges it", async () => {
    rig.device.read(first);
    rig.device.read(second);
    await rig.until(() => texts().length >= 2, "two reads");
    await passing(4 * answerWithinMs, "the time in which it would be sent again");
    expect(texts()).toEqual([first, second]);
    expect(heard.said()[0]).toEqual({
      kind: "read",
      codes: [{ text: first, aim: "]C0" }],
      proof: {},
    });
    expect(counter("repeatedTotal")).toBe(0);
  });

  describe("with a fault", withFault, () => {
    it("asks again at once for a code that came damaged", async () => {
      rig.device.setFaults({ damages: 1 });
      rig.device.read(first);
      await rig.until(() => texts().length > 0, "the read");
      expect(texts()).toEqual([first]);
      expect(counter("checksumTotal")).toBe(1);
      expect(rig.port.health().reason?.code).toBe("badFrames");
    });

    it("a code whose acknowledgement was lost is told once", async () => {
      rig.device.setFaults({ missesAnswers: 1 });
      rig.device.read(first);
      await rig.until(() => counter("repeatedTotal") > 0, "the packet again");
      rig.device.read(second);
      await rig.until(() => texts().length >= 2, "the next");
      expect(texts()).toEqual([first, second]);
    });

    it("law 16: a code that is sent again unasked is of a moment ago, and is no read", async () => {
      const packet = { symbology: 3, data: second, isContinued: false };
      rig.sendRaw(encodeSsiDecoded({ ...packet, isRetransmit: true }));
      await rig.until(() => counter("discardedTotal") > 0, "the packet");
      rig.device.read(first);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([first]);
    });

    it("of a code in several packets no part is one", async () => {
      const part = { symbology: 3, isRetransmit: false };
      rig.sendRaw(encodeSsiDecoded({ ...part, data: first, isContinued: true }));
      rig.sendRaw(encodeSsiDecoded({ ...part, data: second, isContinued: false }));
      await rig.until(() => counter("discardedTotal") >= 2, "both packets");
      rig.device.read(second);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([second]);
      expect(rig.port.health().reason?.detail).toBe("a code in several packets");
    });

    it("bad input costs only itself", async () => {
      rig.device.setFaults({ isNoisy: true });
      rig.device.read(first);
      await rig.until(() => texts().length > 0, "a read");
      rig.device.read(second);
      await rig.until(() => texts().length >= 2, "two reads");
      expect(texts()).toEqual([first, second]);
      expect(counter("discardedTotal")).toBeGreaterThan(0);
    });
  });

  it("PR1.2-8: says that a command was not taken, and why; one that was is no more than a count", async () => {
    const answers = (...bytes: number[]) => rig.sendRaw(Uint8Array.from(bytes));
    answers(0x04, 0xd0, 0x00, 0x00, 0xff, 0x2c);
    await rig.until(() => counter("acksTotal") > 0, "an answer");
    expect(rig.port.health().reason?.code).not.toBe("commandRefused");
    answers(0x05, 0xd1, 0x00, 0x00, 0x06, 0xff, 0x24);
    await rig.until(() => counter("refusalsTotal") > 0, "a refusal");
    expect(rig.port.health().reason).toMatchObject({
      code: "commandRefused",
      detail: "NAK: denied (6)",
    });
    expect(counter("acksTotal")).toBe(1);
  });

  it("a no-read in words is a read without codes", async () => {
    rig.device.read("NOREAD");
    await rig.until(() => texts().length > 0, "a read");
    expect(heard.said()[0]?.codes).toEqual([]);
  });

  it("reopens a lost wire, and nothing said meanwhile is delivered late", withFault, async () => {
    rig.cut();
    await rig.until(() => state() === "down", "down");
    rig.device.read(second);
    rig.restore();
    await rig.until(() => state() === "receiving", "receiving again");
    rig.device.read(first);
    await rig.until(() => texts().length > 0, "a read");
    expect(texts()).toEqual([first]);
    expect(counter("reconnectsTotal")).toBe(1);
  });

  it("tells nothing after stop", async () => {
    await rig.port.stop();
    const toldBefore = heard.all.length;
    rig.device.read(first);
    await passing(200, "the time of a read");
    expect(heard.all.length).toBe(toldBefore);
  });
});

describe("law 16: when a damaged code comes again", () => {
  const readDamaged = async (patienceMs: number, missesAnswers: number) => {
    const rig = await overMemory(patienceMs);
    const heard = listen(rig.port);
    await rig.until(() => rig.port.health().state === "receiving", "the wire");
    rig.device.setFaults({ damages: 1, missesAnswers });
    const readAt = rig.clock.monotonic();
    rig.device.read(first);
    const counter = (name: string) => rig.port.health().counters[name] ?? 0;
    await rig.until(
      () => heard.said().length > 0 || counter("discardedTotal") > counter("checksumTotal") + 1,
      "the packet again",
    );
    await rig.close();
    return { reads: heard.said().length, afterMs: rig.clock.monotonic() - readAt };
  };

  it("because it was asked for, at once, it is the read", async () => {
    const { reads, afterMs } = await readDamaged(2_000, 0);
    expect(reads).toBe(1);
    expect(afterMs).toBeLessThan(100);
  });

  it("because nobody was heard asking, 400 ms yes, 600 ms no", async () => {
    expect(await readDamaged(400, 1)).toMatchObject({ reads: 1 });
    expect(await readDamaged(600, 1)).toMatchObject({ reads: 0 });
  });
});
