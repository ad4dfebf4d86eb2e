/**
 * Goal: files of a foreign maker are read, and what the tests' own builder makes is what others take
 * for DICOM. Method: DCMTK writes a threat report from its dump in each way of writing it, and dumps
 * one of ours.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadJpegDecoder } from "../../edge/devices/xray/jpeg-decoder.ts";
import { readJpeg } from "../../edge/devices/xray/jpeg-picture.ts";
import { tagOf } from "../../protocols/xray/dicom-file.ts";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import { encodeDicosImage, encodeDicosVerdict } from "../../simulators/devices/xray/dicos-files.ts";
import { temporaryFolder } from "../contract/device-rig.ts";
import {
  clearReport,
  dicomFile,
  digitalXray,
  digitalXrayClass,
  threatReportClass,
  withElements,
} from "../kit/dicom-files.ts";
import { pathOfProgram } from "../kit/programs.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const dcmtk = (program: "dump2dcm" | "dcmdump" | "dcmcjpeg", ...args: readonly string[]): string =>
  execFileSync(pathOfProgram(program)!, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

const dump = (decision: string): string =>
  [
    "(0002,0002) UI [1.2.840.10008.5.1.4.1.1.501.3]",
    "(0002,0003) UI [1.2.3.4]",
    "(0008,0016) UI [1.2.840.10008.5.1.4.1.1.501.3]",
    "(0008,0018) UI [1.2.3.4]",
    "(0010,0020) LO [4711]",
    "(4010,1011) SQ",
    "(fffe,e000) na",
    "(4010,1010) US 1",
    "(4010,1038) SQ",
    "(fffe,e000) na",
    "(4010,1012) CS [LAPTOP]",
    "(4010,1015) CS [NO_THREAT]",
    "(fffe,e00d) na",
    "(fffe,e0dd) na",
    "(fffe,e00d) na",
    "(fffe,e0dd) na",
    "(4010,1024) CS [SUCCESS]",
    "(4010,1027) CS [MACHINE]",
    "(4010,1029) LO [lab 1.0]",
    `(4010,1031) CS [${decision}]`,
    "(4010,1034) US 0",
    "",
  ].join("\n");

function written(text: string, ...how: readonly string[]): ReturnType<typeof readDicosFile> {
  const [from, to] = [folder.path("report.dump"), folder.path("report.dcs")];
  writeFileSync(from, text);
  dcmtk("dump2dcm", ...how, from, to);
  return readDicosFile(new Uint8Array(readFileSync(to)), tagOf(0x0010, 0x0020));
}

describe("PR6.1-2: a report that DCMTK has written", () => {
  it.each([
    ["explicit", ["--write-xfer-little"]],
    ["explicit, with undefined lengths", ["--write-xfer-little", "--length-undefined"]],
    ["explicit, with group lengths", ["--write-xfer-little", "--group-length-create"]],
    ["implicit", ["--write-xfer-implicit"]],
    ["implicit, with undefined lengths", ["--write-xfer-implicit", "--length-undefined"]],
  ])("%s, is read", (_name, how) => {
    const told = { kind: "report", track: 4711, algorithm: "lab 1.0" };
    expect(written(dump("CLEAR"), ...how)).toMatchObject({ ...told, verdict: "clear" });
    expect(written(dump("ALARM"), ...how)).toMatchObject({ ...told, verdict: "suspect" });
  });

  it.each([["--write-xfer-big"], ["--write-xfer-deflated"]])("%s, is refused by name", (how) => {
    const file = written(dump("CLEAR"), how);
    expect(file).toMatchObject({ kind: "invalid" });
    expect(file.kind === "invalid" && file.why).toContain("transfer syntax 1.2.840.10008.1.2");
  });
});

it.each([
  ["explicit", {}],
  ["explicit, with undefined lengths", { isOpen: true }],
  ["implicit", { isImplicit: true }],
])("DCMTK reads what the builder makes, %s", (_name, how) => {
  const file = folder.path("built.dcs");
  writeFileSync(file, dicomFile({ sopClass: threatReportClass, elements: clearReport, ...how }));
  const said = dcmtk("dcmdump", file);
  expect(said).toContain("=DICOS_ThreatDetectionReportStorage");
  expect(said).toMatch(/\(4010,1031\) CS \[CLEAR\] .*AlarmDecision/);
});

it("a picture that DCMTK has compressed as JPEG baseline is read as it was, but for a little", async () => {
  const [plain, compressed] = [folder.path("plain.dcs"), folder.path("compressed.dcs")];
  // From black to white: it spreads what is darker or brighter over these.
  const pixels = Array.from({ length: 64 * 32 }, (_, at) =>
    at % 64 < 20 ? 255 - (at % 7) : at % 64 < 40 ? 40 : 0,
  );
  const elements = withElements(digitalXray({ widthPx: 64, heightPx: 32, pixels: [] }), {
    "0020,000D": ["0020,000D", "UI", "1.2.3.1"],
    "0020,000E": ["0020,000E", "UI", "1.2.3.2"],
    "0028,0100": ["0028,0100", "US", 8],
    "0028,0101": ["0028,0101", "US", 8],
    "0028,0102": ["0028,0102", "US", 7],
    "7FE0,0010": ["7FE0,0010", "OB", Uint8Array.from(pixels)],
  });
  writeFileSync(plain, dicomFile({ sopClass: digitalXrayClass, elements }));
  dcmtk("dcmcjpeg", "+eb", "+q", "100", "+un", plain, compressed);
  const file = readDicosFile(new Uint8Array(readFileSync(compressed)), tagOf(0x0010, 0x0020));
  if (file.kind !== "jpegPicture") throw new Error(JSON.stringify(file));
  const picture = readJpeg(file.jpeg, await loadJpegDecoder());
  if ("why" in picture) throw new Error(picture.why);
  expect(picture).toMatchObject({ widthPx: 64, heightPx: 32, isFromColour: false });
  const off = pixels.map((grey, at) => Math.abs((picture.plane[at] ?? 0) / 257 - grey));
  expect(Math.max(...off)).toBeLessThanOrEqual(3);
});

it.each([["+e1"], ["+el", "+sv", "2"], ["+el", "+sv", "4"], ["+el", "+sv", "7"]])(
  "a picture that DCMTK has compressed without loss, %s %s %s, is read as it was",
  (...how) => {
    const [plain, compressed] = [folder.path("plain.dcs"), folder.path("compressed.dcs")];
    const pixels = Array.from({ length: 64 * 33 }, (_, at) => (at * 7_919) % 65_536);
    const elements = withElements(digitalXray({ widthPx: 64, heightPx: 33, pixels }), {
      "0020,000D": ["0020,000D", "UI", "1.2.3.1"],
      "0020,000E": ["0020,000E", "UI", "1.2.3.2"],
    });
    writeFileSync(plain, dicomFile({ sopClass: digitalXrayClass, elements }));
    dcmtk("dcmcjpeg", "+tl", ...how, plain, compressed);
    const file = readDicosFile(new Uint8Array(readFileSync(compressed)), tagOf(0x0010, 0x0020));
    expect(file).toMatchObject({ kind: "picture", plane: Uint16Array.from(pixels) });
  },
);

it("DCMTK reads what the simulated machine stores", () => {
  const file = folder.path("simulated.dcs");
  const item = { track: "4711", uid: "2.25.7" };
  writeFileSync(
    file,
    encodeDicosVerdict({ ...item, verdict: "suspect", algorithm: "lab-1", imageUid: "2.25.6" }),
  );
  const report = dcmtk("dcmdump", file);
  expect(report).toContain("=DICOS_ThreatDetectionReportStorage");
  expect(report).toMatch(/\(4010,1031\) CS \[ALARM\]/);
  expect(report).toMatch(/\(0008,1155\) UI \[2\.25\.6\]/);
  const picture = { widthPx: 3, heightPx: 1, plane: Uint16Array.of(0, 100, 65_535) };
  writeFileSync(file, encodeDicosImage({ ...item, ...picture }));
  const image = dcmtk("dcmdump", file);
  expect(image).toMatch(/=DICOS_DigitalXRayImageStorageForPresentation/i);
  expect(image).toMatch(/\(7fe0,0010\) OW 0000\\0064\\ffff/);
});
