/**
 * Goal: a sorter that speaks telegrams keeps the contract of `SorterPort` on every wire that carries
 * bytes.
 * Method: the contract suite between the shipped dialect and a simulated controller, in memory, bare
 * and within ISO transport, over TCP with either end calling, and on a serial line, with the plug
 * pulled for the cut; and where foreign programs are at hand, on a line of socat.
 */
import {
  sorterTelegramCarriers,
  zSorterTelegramDialect,
} from "../../edge/devices/sorter/sortline-telegrams.ts";
import { overIsoTcp } from "../../edge/devices/wires/iso-tcp-link.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { zReach } from "../../edge/devices/reach.ts";
import { tsapOf } from "../../protocols/iso-tcp.ts";
import { frameTelegram } from "../../protocols/sorter/telegram-frames.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { callTcpLine, listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { isoTcpLine } from "../../simulators/devices/iso-tcp-line.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import { createSorterTelegramWire } from "../../simulators/devices/sorter/telegram-wire.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { openSocatLine, type SocatLine } from "../peers/socat.ts";
import { agentWires, freePort, hasRealPeers, realTime, temporaryFolder } from "./device-rig.ts";
import { untilReal, untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort, type SorterWireUnderTest } from "./sorter.contract.ts";

const carriers = sorterTelegramCarriers(
  zSorterTelegramDialect.parse({ kind: "sortline-telegrams" }),
);

/** What no controller would say, each as one telegram, under a checksum that fits. */
function telegramOf(event: unknown): Uint8Array {
  if (typeof event !== "object" || event === null) return frameTelegram(String(event));
  const { epoch, seq, kind, ...fields }: Record<string, unknown> = { ...event };
  return frameTelegram(["E", epoch, seq, seq, kind, ...Object.values(fields)].join(","));
}

interface Cable {
  readonly clock: Clock;
  readonly until: SorterWireUnderTest["until"];
  /** The controller's end, and a new agent's end. */
  readonly device: ByteLink;
  readonly openAgent: () => ByteLink;
  readonly cut: () => void | Promise<void> | undefined;
  readonly restore: () => void | Promise<void> | undefined;
  readonly remove?: () => void | Promise<void>;
}

function under(cable: Cable): SorterWireUnderTest {
  const { clock, until, device } = cable;
  const wire = createSorterTelegramWire({ link: device, clock });
  return {
    clock,
    wire,
    openAgentEnd: () => carriers.bytes(cable.openAgent(), clock),
    injectEvent: (event) => device.write(telegramOf(event)),
    cut: async () => {
      await cable.cut();
    },
    restore: async () => {
      await cable.restore();
    },
    until,
    async close() {
      await wire.close();
      await cable.remove?.();
    },
  };
}

function inMemory(): Cable {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 4 });
  return {
    clock,
    until: untilVirtual(clock),
    device: wire.b,
    openAgent: () => wire.a,
    cut: () => wire.cut("pulled"),
    restore: () => wire.restore(),
  };
}

/** The same with ISO transport (RFC 1006) between telegrams and wire. */
function inIsoTransport(): Cable {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 4 });
  const tsaps = { calling: tsapOf("02.01"), called: tsapOf("02.02") };
  const options = { clock, address: "192.0.2.11:102", isCalling: true, tsaps };
  return {
    clock,
    until: untilVirtual(clock),
    device: isoTcpLine(wire.b, tsaps, false),
    openAgent: () => overIsoTcp(wire.a, options),
    cut: () => wire.cut("pulled"),
    restore: () => wire.restore(),
  };
}

const opened = (wires: Wires, reach: object): ByteLink => {
  const parsed = zReach.parse(reach);
  switch (parsed.kind) {
    case "serial":
    case "tcp":
    case "tcp-listen":
      return wires.byteLink(parsed);
    case "mqtt":
    case "opcua":
    case "folder":
    case "http":
      throw new Error("carries no bytes");
  }
};

async function overTcp(): Promise<Cable> {
  const { clock } = realTime();
  const line = listenTcpLine();
  const port = await line.listening;
  return {
    clock,
    until: untilReal,
    device: line.link,
    openAgent: () => opened(agentWires(clock), { kind: "tcp", host: "127.0.0.1", port }),
    cut: () => line.unplug(),
    restore: () => line.replug(),
  };
}

async function overTcpThatCalls(): Promise<Cable> {
  const { clock } = realTime();
  const port = await freePort();
  const host = "127.0.0.1";
  const line = callTcpLine(host, port);
  return {
    clock,
    until: untilReal,
    device: line.link,
    openAgent: () => opened(agentWires(clock), { kind: "tcp-listen", host, port, from: host }),
    cut: () => line.unplug(),
    restore: () => line.replug(),
  };
}

function overSerial(): Cable {
  const { clock } = realTime();
  const folder = temporaryFolder();
  const path = folder.path("sorter");
  const line = openPtyLine(path);
  return {
    clock,
    until: untilReal,
    device: line.link,
    openAgent: () => opened(agentWires(clock), { kind: "serial", path, baudRate: 115_200 }),
    cut: () => line.unplug(),
    restore: () => line.replug(),
    remove: () => folder.remove(),
  };
}

/** The controller speaks TCP, and socat makes a serial line of it. */
async function overSocat(): Promise<SorterWireUnderTest> {
  const { clock } = realTime();
  const folder = temporaryFolder();
  const path = folder.path("sorter");
  const device = listenTcpLine();
  const port = await device.listening;
  let line: SocatLine | null = null;
  const rig = under({
    clock,
    until: untilReal,
    device: device.link,
    openAgent: () => opened(agentWires(clock), { kind: "serial", path, baudRate: 115_200 }),
    cut: () => line?.unplug(),
    restore: () => line?.replug(),
    async remove() {
      await line?.unplug();
      folder.remove();
    },
  });
  // Whoever calls a controller that does not run yet is hung up on.
  line = await openSocatLine(path, port);
  return rig;
}

const kind = { cell: null, hasSubscriptions: false, isExclusive: true };

describeSorterPort("telegrams in memory", async () => under(inMemory()), kind);
describeSorterPort("telegrams over TCP", async () => under(await overTcp()), {
  ...kind,
  cell: "sorter/sortline-telegrams/tcp",
});
describeSorterPort(
  "telegrams over TCP, the controller calling",
  async () => under(await overTcpThatCalls()),
  { ...kind, cell: "sorter/sortline-telegrams/tcp-listen" },
);
describeSorterPort("telegrams within ISO transport", async () => under(inIsoTransport()), kind);
describeSorterPort("telegrams on a serial line", async () => under(overSerial()), {
  ...kind,
  cell: "sorter/sortline-telegrams/serial",
});
if (hasRealPeers()) {
  describeSorterPort("telegrams on a serial line of socat", overSocat, kind);
}
