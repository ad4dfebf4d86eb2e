/**
 * Goal: the binding test tells readers apart on a real wire (law 16), with the shipped driver. Method:
 * simulated readers on a pseudo-terminal, one trigger behind; the test plays the line: a token for
 * each parcel, its trigger, and what the driver hears of it.
 */
import { describe, expect, it } from "vitest";
import { judgeBinding } from "../../edge/audit/binding-test/judge.ts";
import type { RecordedAnswer, RecordedToken } from "../../edge/audit/binding-test/record.ts";
import type { BindingVerdict } from "../../edge/audit/binding-test/verdict.ts";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { ScannerRead } from "../../edge/devices/scanner/scanner.ts";
import { labProofKeys, labScannerFormat } from "../../simulators/devices/lab-formats.ts";
import { openPtyLine } from "../../simulators/devices/pty.ts";
import type { LatchFaults } from "../../simulators/devices/read-latch.ts";
import { startFrameScanner } from "../../simulators/devices/scanner-frames.ts";
import { configWith } from "../kit/line-reader.ts";
import { agentWires, realTime, temporaryFolder } from "./device-rig.ts";

const labels = ["A1", "A2", "A3", "A4", "A5", "A6"];
const pitchMm = 1_000;

async function testOf(faults: Partial<LatchFaults>): Promise<BindingVerdict> {
  const time = realTime();
  const folder = temporaryFolder();
  const path = folder.path("scanner");
  const line = openPtyLine(path);
  const dialect = { kind: "frames", preset: "sick", ...labProofKeys };
  const reach = { kind: "serial", path };
  const scanner = createScanner(zScannerConfig.parse({ id: "scanner-1", reach, dialect }), {
    wires: agentWires(time.clock),
    clock: time.clock,
  });
  let toldText = "";
  const device = startFrameScanner({
    link: {
      ...line.link,
      open: (handlers) =>
        line.link.open({
          ...handlers,
          onBytes(chunk) {
            handlers.onBytes(chunk);
            toldText += String.fromCharCode(...chunk);
          },
        }),
    },
    clock: time.clock,
    format: labScannerFormat,
  });
  const heard: ScannerRead[] = [];
  scanner.start((event) => {
    if (event.kind === "read") heard.push(event);
  });
  await time.until(() => scanner.health().state === "receiving", "the first sign of life");
  const config = configWith({ kind: "echo", sendMm: 150 });
  const { scanner: reader } = config.layout;
  const tokens: RecordedToken[] = [];
  const answers: RecordedAnswer[] = [];
  device.setFaults(faults);
  for (const [index, label] of labels.entries()) {
    const token = String(index).padStart(4, "0");
    scanner.tell({ kind: "token", token });
    tokens.push({ token, at: index * pitchMm - 150 });
    await time.until(() => toldText.includes(`token ${token}`), `token ${token} at the reader`);
    const before = heard.length;
    device.read([label]);
    const isDue = index > 0 || faults.lag === undefined;
    if (isDue) await time.until(() => heard.length > before, `an answer to trigger ${index}`);
    for (const { codes, proof } of heard.slice(before)) {
      const texts = codes.map(({ text }) => text);
      answers.push({ seq: index, at: index * pitchMm, count: index * pitchMm, texts, proof });
    }
  }
  await scanner.stop();
  await device.stop();
  folder.remove();
  const frontOf = (index: number): number => index * pitchMm - reader.atMm;
  return judgeBinding(
    {
      lineId: "L1",
      reader,
      config,
      passes: labels.map((_, index) => ({
        passId: `p${index}`,
        frontCount: frontOf(index),
        lengthMm: 300,
        token: String(index).padStart(4, "0"),
      })),
      tests: [],
      tokens,
      answers,
      pulses: [],
      span: { fromSeq: 1, toSeq: labels.length, endedAt: 0 },
    },
    labels,
  );
}

describe("law 16: the binding test on a serial line", () => {
  it("proves a reader that holds its answer back and latches at its trigger", async () => {
    expect(await testOf({ lag: "silenceFirst" })).toEqual({
      kind: "proven",
      answers: 5,
      telling: 5,
    });
  });

  it("refuses one that sends back the newest token", async () => {
    expect(await testOf({ lag: "silenceFirst", echoesLatest: true })).toMatchObject({
      kind: "refused",
      sentence: expect.stringMatching(
        /A1, for which 0000 was sent, came with 0001, which was sent/,
      ),
    });
  });

  it("cannot tell them apart while each answer comes at once", async () => {
    for (const echoesLatest of [false, true]) {
      expect(await testOf({ echoesLatest })).toMatchObject({ kind: "unproven" });
    }
  });
});
