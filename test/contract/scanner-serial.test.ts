/**
 * Goal: a real serial line has traps that other wires have not: what was sent before anyone
 * listened, a line that nobody reads, a second reader, and bytes that a terminal would change.
 * Method: the agent's serial link and the simulated cable, without a driver between.
 */
import { silentLog } from "../../protocols/log.ts";
import { readlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { zSerialReach } from "../../edge/devices/reach.ts";
import { openSerialLink } from "../../edge/devices/wires/serial-link.ts";
import { sent, type ByteLink } from "../../protocols/transport.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import { openPtyLine, type PtyLine } from "../../simulators/devices/pty.ts";
import { evenEntropy, realTime, temporaryFolder } from "./device-rig.ts";

const { clock, until } = realTime();
let folder: ReturnType<typeof temporaryFolder>;
let line: PtyLine;
let path = "";
const open: ByteLink[] = [];

const openLink = (at = path) => {
  const heard: number[] = [];
  const told: string[] = [];
  const reach = zSerialReach.parse({ kind: "serial", path: at });
  const link = openSerialLink({ log: silentLog, reach, clock, entropy: evenEntropy });
  open.push(link);
  link.open({
    onOpen: () => told.push("open"),
    onBytes: (chunk) => heard.push(...chunk),
    onClose: (reason) => told.push(deviceReasonLogText(reason)),
  });
  return { link, heard, told };
};

beforeEach(() => {
  folder = temporaryFolder();
  path = folder.path("tty");
  line = openPtyLine(path);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.close()));
  await line.link.close();
  folder.remove();
});

it("carries every byte value both ways, unchanged", async () => {
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const back: number[] = [];
  line.link.open({ onOpen() {}, onBytes: (chunk) => back.push(...chunk), onClose() {} });
  const { link, heard, told } = openLink();
  await until(() => told.length > 0, "open");
  line.link.write(every);
  expect(link.write(every)).toEqual(sent);
  await until(() => heard.length >= 256 && back.length >= 256, "all bytes");
  expect(heard).toEqual([...every]);
  expect(back).toEqual([...every]);
});

it("law 6: what was said before the line was opened is not heard later", async () => {
  expect(line.link.write(Uint8Array.from([1, 2, 3]))).toEqual(sent);
  const { heard, told } = openLink();
  await until(() => told.length > 0, "open");
  line.link.write(Uint8Array.from([9]));
  await until(() => heard.length > 0, "the byte after it");
  expect(heard).toEqual([9]);
});

it("a line that nobody reads refuses bytes at last, without blocking or growing", () => {
  const frame = new Uint8Array(1_000);
  // The kernel moves bytes on while we write, the more the slower we are: how many is its business.
  let framesSent = 0;
  while (framesSent < 20_000 && line.link.write(frame).kind === "sent") framesSent += 1;
  expect(framesSent).toBeGreaterThan(0);
  expect(framesSent).toBeLessThan(20_000);
});

it("is held exclusively: a second reader is told that it is taken", async () => {
  const first = openLink();
  await until(() => first.told.length > 0, "open");
  const second = openLink();
  await until(() => second.told.length > 0, "refused");
  expect(second.told[0]).toMatch(/lock/i);
  await first.link.close();
  await until(() => second.told.includes("open"), "the second has it");
});

it("a replugged device is found under its old name, on another terminal", async () => {
  const { heard, told } = openLink();
  await until(() => told.includes("open"), "open");
  const before = readlinkSync(path);
  line.unplug();
  await until(() => told.length > 1, "told of it");
  const other = openPtyLine(folder.path("other"));
  line.replug();
  await until(() => told.at(-1) === "open", "open again");
  expect(readlinkSync(path)).not.toBe(before);
  line.link.write(Uint8Array.from([7]));
  await until(() => heard.length > 0, "a byte");
  expect(heard).toEqual([7]);
  await other.link.close();
});

it("a device that vanishes in the middle of its words is told of", async () => {
  const told: string[] = [];
  const reach = zSerialReach.parse({ kind: "serial", path });
  const link = openSerialLink({ log: silentLog, reach, clock, entropy: evenEntropy });
  open.push(link);
  link.open({
    onOpen: () => line.link.write(Uint8Array.from([1])),
    // The next read finds a line that has hung up already.
    onBytes: () => line.unplug(),
    onClose: (reason) => told.push(deviceReasonLogText(reason)),
  });
  await until(() => told.length > 0, "told of it");
  expect(told[0]).toMatch(/^the connection is lost/);
});

it("says which file is missing, again and again, and does not give up", async () => {
  const { told } = openLink(folder.path("nothing"));
  await until(() => told.length >= 2, "two attempts");
  expect(told[0]).toMatch(/^its port cannot be opened: \/.*\/nothing \(.*no such file/i);
});
