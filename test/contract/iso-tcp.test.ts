/**
 * Goal: a reach with `isoTcp` is a connection of RFC 1006 on real sockets, whoever calls; between
 * other TSAPs there is none, and both ends' reasons say so.
 * Method: the agent's own wires and a simulated controller's line on loopback.
 */
import { expect, onTestFinished, test } from "vitest";
import { zReach } from "../../edge/devices/reach.ts";
import { tsapOf } from "../../protocols/iso-tcp.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { callTcpLine, listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { isoTcpLine } from "../../simulators/devices/iso-tcp-line.ts";
import { agentWires, freePort, realTime } from "./device-rig.ts";

const { clock, until } = realTime();
const host = "127.0.0.1";
const [ours, theirs] = ["PC", "02.02"];

function opened(link: ByteLink) {
  const heard: number[] = [];
  const told: string[] = [];
  link.open({
    onOpen: () => told.push("open"),
    onBytes: (bytes) => heard.push(...bytes),
    onClose: ({ code, detail = "" }) => told.push(`${code} ${detail}`),
  });
  onTestFinished(() => link.close());
  return { link, heard, told };
}

function agentEnd(reach: object, device = theirs) {
  const parsed = zReach.parse({ ...reach, host, isoTcp: { own: ours, device } });
  if (parsed.kind !== "tcp" && parsed.kind !== "tcp-listen") throw new Error("another reach");
  return opened(agentWires(clock).byteLink(parsed));
}

async function listening() {
  const line = listenTcpLine();
  const port = await line.listening;
  const tsaps = { calling: tsapOf(ours), called: tsapOf(theirs) };
  return { port, device: opened(isoTcpLine(line.link, tsaps, false)) };
}

async function calling() {
  const port = await freePort();
  const tsaps = { calling: tsapOf(theirs), called: tsapOf(ours) };
  return { port, device: opened(isoTcpLine(callTcpLine(host, port).link, tsaps, true)) };
}

test.each([
  ["tcp", listening, {}],
  ["tcp-listen", calling, { from: host }],
] as const)("PR7.3-1: %s carries bytes both ways", async (kind, devicesEnd, more) => {
  const { port, device } = await devicesEnd();
  const agent = agentEnd({ kind, port, ...more });
  await until(() => agent.told.includes("open") && device.told.includes("open"), "both are open");
  const long = Uint8Array.from({ length: 5_000 }, (_, at) => at % 256);
  expect(agent.link.write(long)).toEqual({ kind: "sent" });
  expect(device.link.write(Uint8Array.of(1, 2, 3))).toEqual({ kind: "sent" });
  await until(() => device.heard.length === long.length && agent.heard.length === 3, "all bytes");
  expect(device.heard).toEqual([...long]);
  expect(agent.heard).toEqual([1, 2, 3]);
});

test("PR7.3-1: a controller that calls by another TSAP is refused by name", async () => {
  const { port } = await calling();
  const agent = agentEnd({ kind: "tcp-listen", port, from: host }, "02.03");
  const asked = "requestRefused TSAP 02.02 asks for PC; 02.03 and PC are configured";
  await until(() => agent.told.includes(asked), "the reason");
  expect(agent.told).not.toContain("open");
});
